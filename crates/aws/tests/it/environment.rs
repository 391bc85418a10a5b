//! What is read from the environment and from profiles, by a process that has nothing else.

use std::path::PathBuf;
use std::process::Command;

use transport::Operation;
use transport::testing::Exchange;

use crate::server::Server;

/// Runs the example `raw_call` in this environment alone, and gives what it prints.
async fn raw_call(environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(example());
    command.env_clear().envs(environment.iter().copied());
    if !environment.iter().any(|(name, _)| *name == "HOME") {
        command.env("HOME", "/nonexistent");
    }
    // Nobody's credentials are to be found on the machine that runs the tests.
    command.env("AWS_EC2_METADATA_DISABLED", "true").args(["amazon.nova-lite-v1:0", "{}"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Beside the folder that holds this test.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let example = test.parent().unwrap().with_file_name("examples").join("raw_call");
    let example = example.with_extension(std::env::consts::EXE_EXTENSION);
    let advice = "build it first: cargo build -p outcrop-aws --example raw_call";
    assert!(example.exists(), "{} is missing; {advice}", example.display());
    example
}

async fn answering() -> Server {
    Server::start(|_| Exchange::answering(Operation::Converse).chunk(r#"{"ok":1}"#)).await
}

#[tokio::test]
async fn without_a_region_nothing_is_guessed() {
    assert_eq!(
        raw_call(&[]).await,
        "NotSent, Config: no AWS region is set: pass --region, set AWS_REGION, or give the \
         profile a region in ~/.aws/config\n"
    );
}

#[tokio::test]
async fn without_credentials_the_error_says_how_to_give_them() {
    let said = raw_call(&[("AWS_REGION", "us-east-1")]).await;
    let start = "NotSent, Credentials: no AWS credentials were found: set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY, ";
    assert!(said.starts_with(start), "{said}");
}

#[tokio::test]
async fn region_keys_and_endpoint_come_from_the_environment() {
    let server = answering().await;
    let url = server.url();
    for endpoint in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] {
        let said = raw_call(&[
            ("AWS_REGION", "eu-north-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "the-secret-key"),
            ("AWS_SESSION_TOKEN", "the-session-token"),
            (endpoint, &url),
        ])
        .await;
        assert_eq!(said, "{\"ok\":1}\n");
    }
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let authorization = request.header("authorization").unwrap();
        assert!(authorization.contains("=AKIDEXAMPLE/"), "{authorization}");
        assert!(authorization.contains("/eu-north-1/bedrock/"), "{authorization}");
        assert_eq!(request.header("x-amz-security-token"), Some("the-session-token"));
    }
}

#[tokio::test]
async fn the_bearer_token_of_the_environment_needs_no_keys() {
    let server = answering().await;
    let said = raw_call(&[
        ("AWS_REGION", "us-east-1"),
        ("AWS_BEARER_TOKEN_BEDROCK", "the-bearer-token"),
        ("AWS_ENDPOINT_URL", &server.url()),
    ])
    .await;
    assert_eq!(said, "{\"ok\":1}\n");
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer the-bearer-token"));
}

#[tokio::test]
async fn a_profile_gives_all_of_it() {
    let server = answering().await;
    let home = tempfile::tempdir().unwrap();
    let config = format!(
        "[profile mine]\nregion = ap-south-1\nendpoint_url = {}\n\
         aws_access_key_id = AKIDPROFILE\naws_secret_access_key = x\n",
        server.url()
    );
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let home = home.path().to_str().unwrap();
    assert_eq!(raw_call(&[("HOME", home), ("AWS_PROFILE", "mine")]).await, "{\"ok\":1}\n");
    let authorization = server.requests()[0].header("authorization").unwrap().to_owned();
    assert!(authorization.contains("=AKIDPROFILE/"), "{authorization}");
    assert!(authorization.contains("/ap-south-1/bedrock/"), "{authorization}");
}

#[tokio::test]
async fn a_profile_that_is_not_there_is_named() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), "[profile mine]\nregion = a\n").unwrap();
    let home = home.path().to_str().unwrap();
    let said = raw_call(&[("HOME", home), ("AWS_PROFILE", "nime")]).await;
    let start = "NotSent, Config: the AWS configuration files have no profile `nime`: ";
    assert!(said.starts_with(start), "{said}");
    // The one that is read by default need not be there.
    let said = raw_call(&[("HOME", home), ("AWS_PROFILE", "default")]).await;
    assert!(said.contains("no AWS region"), "{said}");
}

#[tokio::test]
async fn an_endpoint_of_the_environment_is_checked_too() {
    let said = raw_call(&[("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", "localhost:1")]).await;
    assert!(said.starts_with("NotSent, Config: the endpoint `localhost:1` is not a URL"), "{said}");
}
