//! Command lines and settings that are wrong: exit code 2, one sentence, and what to do.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;

use serde_json::Value;

use crate::support::run::{Ran, bare, finish, run, run_with_input};
use crate::support::wire::MODEL;

/// The command line is refused, with these words.
#[track_caller]
fn wrong(arguments: &[&str], said: &str) {
    let ran = run(arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.starts_with("outcrop: ") && ran.stderr.contains(said), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");

    let ran = run(&[arguments, &["--output", "json"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.error()["message"].is_string() && ran.error()["advice"].is_string(), "{ran:?}");
}

#[test]
fn a_command_line_that_cannot_be_followed_is_refused() {
    wrong(&["invoke", "hello"], "--model");
    wrong(&["invoke", "-m", MODEL, "hello", "--modle", "x"], "--modle");
    wrong(&["dance"], "dance");
    let ran = run(&[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("Usage: outcrop"), "{ran:?}");
    let ran = run(&["--output", "json", "batch"]);
    assert_eq!((ran.code, &ran.error()["message"]), (Some(2), &"no command is given".into()));
    wrong(&["invoke", "-m", MODEL, "hello", "--api", "smoke"], "smoke");
    wrong(&["invoke", "-m", MODEL, "hello", "--timeout", "0"], "more than 0");
    wrong(&["invoke", "-m", MODEL, "hello", "--timeout", "-1"], "more than 0");
    wrong(&["invoke", "-m", MODEL, "hello", "--max-tokens", "0"], "0 is not in");
    wrong(&["invoke", "-m", MODEL, "hello", "--temperature", "-1"], "from 0");
    wrong(&["invoke", "-m", MODEL, "hello", "--top-p", "NaN"], "0 to 1");
    wrong(&["invoke", "-m", MODEL, "hello", "--file", "x"], "cannot be used with");
    wrong(&["invoke", "-m", MODEL, "hello", "--local", "--endpoint-url", "http://x"], "exclude");
}

#[test]
fn input_that_cannot_be_sent_is_refused() {
    wrong(&["invoke", "--local", "-m", MODEL, " \n"], "the prompt is blank");
    wrong(&["stream", "--local", "-m", MODEL], "the prompt is blank");
    wrong(&["invoke", "--local", "-m", " ", "hello"], "model");
    wrong(&["invoke", "--local", "-m", MODEL, "--file", "/no/such/file"], "/no/such/file");
    wrong(&["emulate", "--replay", "/no/such/folder"], "/no/such/folder");
    wrong(&["emulate", "--backend", "http://127.0.0.1:1"], "openai=URL");
    wrong(&["emulate", "--backend", "openai=127.0.0.1:1"], "no address");
    wrong(&["emulate", "--backend-model", "x"], "--backend");
    wrong(&["emulate", "--record", "x"], "--upstream");
    wrong(&["emulate", "--upstream", "http://127.0.0.1:1"], "--record");
    let record = ["emulate", "--record", "x", "--upstream", "http://127.0.0.1:1"];
    wrong(&[&record[..], &["--replay", "x"]].concat(), "cannot be used with");
    wrong(&[&record[..], &["--backend", "openai=http://a"]].concat(), "cannot be used with");
    wrong(&["emulate", "--record", "x", "--upstream", "127.0.0.1"], "no address");
    wrong(&["emulate", "--backend", "openai=http://a", "--replay", "x"], "cannot be used with");
    let ran = run_with_input(&["invoke", "--local", "-m", MODEL], "");
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["--version"], &["batch", "run", "--help"], &["help"]] {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.stdout.contains("outcrop"), "{ran:?}");
    }
}

/// What a call without settings comes to, but for these.
fn unset(settings: &[(&str, &str)], more: &[&str]) -> Ran {
    let mut command = bare(&[&["invoke", "-m", MODEL, "hi", "--output", "json"], more].concat());
    command.envs(settings.iter().copied());
    finish(command.spawn().unwrap())
}

#[test]
fn a_region_that_is_not_set_is_named() {
    let ran = unset(&[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")], &[]);
    assert_eq!((ran.code, &ran.error()["kind"]), (Some(2), &Value::from("config")), "{ran:?}");
    assert!(ran.error()["message"].as_str().unwrap().contains("region"), "{ran:?}");
}

#[test]
fn an_arn_names_the_region_where_nothing_else_does() {
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0";
    for (more, region) in [(&[][..], "eu-west-1"), (&["--region", "eu-north-1"], "eu-north-1")] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let line = ["invoke", "-m", arn, "hi", "--family", "nova", "--endpoint-url", &url];
        let mut command = bare(&[&line[..], more].concat());
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(listener.accept().unwrap().0).lines();
        let mut head = lines.map(Result::unwrap).take_while(|line| !line.is_empty());
        let signature = head.find(|line| line.starts_with("authorization: ")).unwrap();
        assert!(signature.contains(&format!("/{region}/bedrock/")), "{signature}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    let ran = unset(&keys, &["--profile", "nime"]);
    assert_eq!((ran.code, &ran.error()["kind"]), (Some(2), &Value::from("config")), "{ran:?}");
    assert!(ran.error()["message"].as_str().unwrap().contains("no profile `nime`"), "{ran:?}");
}

#[test]
fn credentials_that_are_not_there_are_named() {
    let ran = unset(&[], &["--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9"]);
    assert_eq!((ran.code, &ran.error()["kind"]), (Some(1), &Value::from("credentials")), "{ran:?}");
    let message = &ran.error()["message"];
    assert!(message.as_str().unwrap().contains("AWS_ACCESS_KEY_ID"), "{ran:?}");
}

#[test]
fn a_log_keeps_the_secrets() {
    let secrets = [
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "my-secret-key"),
        ("AWS_SESSION_TOKEN", "my-secret-session"),
        ("AWS_BEARER_TOKEN_BEDROCK", "my-secret-bearer"),
        ("OUTCROP_LOG", "trace"),
    ];
    let ran = unset(&secrets, &["--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9"]);
    assert!(ran.stderr.contains("DEBUG"), "{ran:?}");
    assert!(!ran.stderr.contains("my-secret"), "{ran:?}");
}

#[test]
fn an_endpoint_that_nobody_listens_at_is_named() {
    // A port that was free a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for command in ["invoke", "stream"] {
        let ran = run(&[command, "-m", MODEL, "hi", "--endpoint-url", &url, "--output", "json"]);
        assert_eq!((ran.code, &ran.error()["kind"]), (Some(1), &Value::from("connect")), "{ran:?}");
        assert!(ran.error()["advice"].as_str().unwrap().contains("endpoint"), "{ran:?}");
    }
    let ran = run(&["invoke", "-m", MODEL, "hi", "--endpoint-url", "not a url"]);
    assert!(matches!(ran.code, Some(1 | 2)), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}
