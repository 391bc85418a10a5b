//! Jobs over files of records, at once and in steps.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::emulate::Emulate;
use crate::support::run::{Ran, bare, finish, interrupt, json_lines, run};
use crate::support::server::{Answer, Server};

const MODEL: &str = "amazon.nova-lite-v1:0";
const ROLE: &str = "arn:aws:iam::123456789012:role/batch";

/// A folder with a file of records.
struct Folder(TempDir);

impl Folder {
    fn new(lines: &[String]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path("in.jsonl"), lines.join("\n")).unwrap();
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// The names of the files.
    fn files(&self) -> Vec<String> {
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().to_str().unwrap().to_owned()
        };
        let mut names: Vec<_> = fs::read_dir(self.0.path()).unwrap().map(name).collect();
        names.sort();
        names
    }

    fn run(&self, more: &[&str]) -> Ran {
        self.run_on(MODEL, more)
    }

    fn run_on(&self, model: &str, more: &[&str]) -> Ran {
        let (records, out) = (self.path("in.jsonl"), self.path("out.jsonl"));
        run(&[&["batch", "run", &records, "-m", model, "-o", &out], more].concat())
    }

    fn out(&self) -> Vec<Value> {
        json_lines(&fs::read_to_string(self.path("out.jsonl")).unwrap())
    }

    /// The run is refused for its input, with these words, and leaves nothing.
    #[track_caller]
    fn refused(&self, said: &str) {
        let ran = self.run(&["--local"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(said), "{ran:?}");
        assert_eq!(self.files(), ["in.jsonl"]);
        let error = self.run(&["--local", "--output", "json"]).error();
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
}

fn prompts(count: usize) -> Vec<String> {
    let line = |n| json!({ "recordId": format!("id-{n}"), "prompt": format!("hello {n}") });
    (0..count).map(|n| line(n).to_string()).collect()
}

fn ids(lines: &[Value]) -> Vec<String> {
    lines.iter().map(|line| line["recordId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_thousand_records_come_back_in_their_order() {
    let folder = Folder::new(&prompts(1000));
    let ran = folder.run(&["--local", "--output", "json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let [sum] = ran.lines().try_into().unwrap();
    assert_eq!((&sum["records"], &sum["succeeded"]), (&json!(1000), &json!(1000)));
    let out = folder.out();
    assert_eq!(ids(&out), (0..1000).map(|n| format!("id-{n}")).collect::<Vec<_>>());
    let text = &out[777]["reply"]["output"]["message"]["content"][0]["text"];
    assert!(text.as_str().unwrap().contains("hello 777"), "{text}");
    assert_eq!(folder.files(), ["in.jsonl", "out.jsonl"]);
}

#[test]
fn records_may_be_prompts_or_bodies_with_ids_or_without() {
    for (model, body) in [
        (MODEL, json!({ "messages": [{ "role": "user", "content": [{ "text": "a body" }] }] })),
        (
            "anthropic.claude-3-haiku-20240307-v1:0",
            json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 50,
                "messages": [{ "role": "user", "content": "a body" }] }),
        ),
    ] {
        let mut lines = prompts(98);
        lines.push(json!({ "prompt": "no id" }).to_string());
        lines.push(json!({ "recordId": "raw", "modelInput": body }).to_string());
        for lines in [lines.clone(), lines.into_iter().rev().collect()] {
            let folder = Folder::new(&lines);
            let ran = folder.run_on(model, &["--local"]);
            assert_eq!(ran.code, Some(0), "{ran:?}");
            let out = folder.out();
            let raw = out.iter().find(|line| line["recordId"] == "raw").unwrap();
            let text = &raw["reply"]["output"]["message"]["content"][0]["text"];
            assert!(text.as_str().unwrap().contains("a body"), "{raw}");
            assert_eq!(raw["reply"]["stopReason"], "end_turn", "{raw}");
        }
    }
}

#[test]
fn a_record_that_fails_has_its_error_and_the_others_their_replies() {
    let mut lines = prompts(120);
    lines[7] = json!({ "recordId": "bad", "modelInput": { "nonsense": true } }).to_string();
    let folder = Folder::new(&lines);
    let ran = folder.run(&["--local"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("1 of 120 records have no reply"), "{ran:?}");
    let out = folder.out();
    assert_eq!((out.len(), &out[7]["recordId"]), (120, &json!("bad")));
    assert_eq!(out[7]["error"]["code"], 400, "{}", out[7]);
    assert!(
        out[7]["error"]["message"].as_str().unwrap().len() > 5 && out[7].get("reply").is_none()
    );
    assert_eq!(out.iter().filter(|line| line.get("reply").is_some()).count(), 119);
}

#[test]
fn a_line_that_is_wrong_is_named_and_nothing_is_left() {
    let mut lines = prompts(600);
    lines[499] = "{\"prompt\": \"half".to_owned();
    Folder::new(&lines).refused("line 500: ");
    lines[499] = json!({ "prompt": "  " }).to_string();
    Folder::new(&lines).refused("line 500: ");
    lines[499] = json!({ "recordId": "id-3", "prompt": "again" }).to_string();
    Folder::new(&lines).refused("line 500: ");
    lines[499] = json!({ "modelInput": "text" }).to_string();
    Folder::new(&lines).refused("line 500: ");
    lines[499] = json!({ "recordId": "", "prompt": "x" }).to_string();
    Folder::new(&lines).refused("line 500: ");
}

#[test]
fn too_few_records_are_refused_before_anything_is_sent_with_what_to_do() {
    for (count, said) in [(99, "and there are 99"), (0, "and there are 0")] {
        let folder = Folder::new(&prompts(count));
        folder.refused("at least 100 records");
        folder.refused(said);
    }
    // Nobody listens there: the refusal needs no service.
    let url = ["--endpoint-url", "http://127.0.0.1:9", "--region", "us-east-1"];
    let place = ["--bucket", "my-bucket", "--role-arn", ROLE];
    let ran = Folder::new(&prompts(99)).run(&[&url[..], &place].concat());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    for advice in ["`outcrop map`", "--min-records"] {
        assert!(ran.stderr.contains(advice), "{ran:?}");
    }
}

#[test]
fn a_lower_quota_is_said_by_an_option() {
    let folder = Folder::new(&prompts(3));
    let ran = folder.run(&["--local", "--min-records", "3"]);
    assert_eq!((ran.code, folder.out().len()), (Some(0), 3), "{ran:?}");
    let ran = Folder::new(&prompts(3)).run(&["--local", "--min-records", "4"]);
    assert!(ran.stderr.contains("at least 4 records, and there are 3"), "{ran:?}");
}

#[test]
fn nothing_is_left_in_the_bucket_of_a_batch_that_is_refused() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("my-bucket")).unwrap();
    let emulate = Emulate::start(&["--data", data.path().to_str().unwrap()]);
    let mut lines = prompts(600);
    // Enough for several parts of the upload before the line that is wrong.
    lines[5] = json!({ "prompt": "x".repeat(20 << 20) }).to_string();
    lines[499] = "nonsense".to_owned();
    let folder = Folder::new(&lines);
    let url = ["--endpoint-url", emulate.url()];
    let ran = folder.run(&[&url[..], &["--bucket", "my-bucket", "--role-arn", ROLE]].concat());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("line 500: "), "{ran:?}");
    assert_eq!(files_below(data.path().join("my-bucket")), Vec::<PathBuf>::new());
    assert_eq!(folder.files(), ["in.jsonl"]);
}

fn files_below(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(path) } else { vec![path] }).collect()
}

#[test]
fn a_bucket_that_is_missing_or_not_named_is_said() {
    let folder = Folder::new(&prompts(100));
    let ran = folder.run(&[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("--bucket"), "{ran:?}");
    let ran = folder.run(&["--bucket", "abc", "--region", "us-east-1"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("--role-arn"), "{ran:?}");
    for (bucket, code) in [("no-such-bucket", 1), ("No Bucket", 2)] {
        let ran = folder.run(&["--local", "--bucket", bucket]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
        assert!(ran.stderr.to_lowercase().contains("bucket"), "{ran:?}");
        assert_eq!(folder.files(), ["in.jsonl"]);
    }
}

#[test]
fn files_that_cannot_be_read_or_written_are_named() {
    let folder = Folder::new(&prompts(100));
    let (records, nowhere) = (folder.path("in.jsonl"), folder.path("no/out.jsonl"));
    let ran = run(&["batch", "run", &records, "-m", MODEL, "-o", &nowhere, "--local"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("no/out.jsonl cannot be written"), "{ran:?}");
    let before = fs::read(&records).unwrap();
    let ran = run(&["batch", "run", &records, "-m", MODEL, "-o", &records, "--local"]);
    assert_eq!((ran.code, fs::read(&records).unwrap()), (Some(2), before), "{ran:?}");
    assert!(ran.stderr.contains("in.jsonl is the input"), "{ran:?}");
    let out = folder.path("out.jsonl");
    let ran = run(&["batch", "run", "/no/in.jsonl", "-m", MODEL, "-o", &out, "--local"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("/no/in.jsonl cannot be read"), "{ran:?}");
    assert_eq!(folder.files(), ["in.jsonl"]);
}

#[test]
fn a_job_goes_in_steps_each_in_a_process_of_its_own() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("my-bucket")).unwrap();
    let emulate = Emulate::start(&["--data", data.path().to_str().unwrap()]);
    let folder = Folder::new(&prompts(200));
    let (records, handle, out) =
        (folder.path("in.jsonl"), folder.path("job.json"), folder.path("out.jsonl"));
    let batch = |arguments: &[&str]| {
        let mut command = bare(&[&["batch"], arguments].concat());
        command.envs(emulate.exports.iter().cloned());
        finish(command.spawn().unwrap())
    };
    let json = ["--output", "json"];

    let submit = ["submit", &records, "-m", MODEL, "--bucket", "my-bucket", "--role-arn", ROLE];
    let ran = batch(&[&submit[..], &["-j", &handle, "--name", "first"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let arn = ran.stdout.trim().to_owned();
    assert!(arn.starts_with("arn:aws:bedrock:"), "{arn}");
    let early = batch(&["results", &handle, "-o", &out]);
    assert!(early.code == Some(1) && early.stderr.contains("wait"), "{early:?}");
    assert_eq!(folder.files(), ["in.jsonl", "job.json"]);

    let ran = batch(&[&["status", &handle], &json[..]].concat());
    assert_eq!((ran.code, &ran.lines()[0]["jobArn"]), (Some(0), &json!(arn)), "{ran:?}");
    let ran = batch(&[&["wait", "-j", &handle], &json[..]].concat());
    assert_eq!((ran.code, &ran.lines()[0]["state"]), (Some(0), &json!("Completed")), "{ran:?}");
    assert_eq!(ran.lines()[0]["succeeded"], 200, "{ran:?}");
    let ran = batch(&["results", &handle, "-o", &out]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ids(&folder.out()), (0..200).map(|n| format!("id-{n}")).collect::<Vec<_>>());
    let printed = batch(&["results", &handle]);
    assert_eq!(printed.lines(), folder.out());

    let ran = batch(&["stop", &handle]);
    assert_eq!(ran.code, Some(1), "a job that has ended cannot be stopped: {ran:?}");
    let ran = batch(&submit);
    let second = ran.lines()[0]["jobArn"].clone();
    fs::write(&handle, &ran.stdout).unwrap();
    let ran = batch(&["stop", &handle]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = batch(&["wait", &handle]);
    assert!(ran.code == Some(1) && ran.stderr.contains("was stopped"), "{ran:?}");

    let listed = batch(&[&["list"], &json[..]].concat()).lines();
    let arns: Vec<_> = listed.iter().map(|job| job["jobArn"].clone()).collect();
    assert_eq!(arns, [second, json!(arn)]);
    let named = batch(&["list", "--name", "first"]);
    assert!(named.stdout.contains(&arn) && named.stdout.lines().count() == 1, "{named:?}");
}

#[test]
fn a_handle_that_is_none_is_refused() {
    let folder = Folder::new(&[]);
    let path = folder.path("in.jsonl");
    for text in ["", "{}", "{\"version\": 99}"] {
        fs::write(&path, text).unwrap();
        for step in ["status", "wait", "results", "stop"] {
            let ran = run(&["batch", step, &path, "--local"]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
            assert!(ran.stderr.contains("no job handle"), "{ran:?}");
        }
    }
}

#[test]
fn a_local_job_does_not_outlive_its_command_and_says_so() {
    let folder = Folder::new(&prompts(100));
    let (records, handle) = (folder.path("in.jsonl"), folder.path("job.json"));
    let ran = run(&["batch", "submit", &records, "-m", MODEL, "--local", "-j", &handle]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("outcrop emulate"), "{ran:?}");
    for step in ["status", "wait", "results", "stop"] {
        let ran = run(&["batch", step, &handle, "--local"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains("--endpoint-url"), "{ran:?}");
    }
    let ran = run(&["batch", "list", "--local"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn a_job_that_did_not_do_its_work_is_an_error() {
    let folder = Folder::new(&[]);
    let (handle, out) = (folder.path("in.jsonl"), folder.path("out.jsonl"));
    let arn = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abc123def456";
    let saved = json!({
        "version": 1, "jobArn": arn, "jobName": "first", "model": MODEL, "records": 100,
        "invocationType": "Converse", "inputUri": "s3://abc/in.jsonl", "outputUri": "s3://abc/out/",
        "clientToken": "t", "submittedAt": 1_795_000_000,
    });
    fs::write(&handle, saved.to_string()).unwrap();
    for (status, said) in [("Failed", "failed: No luck."), ("Expired", "ran out of time")] {
        let job = json!({
            "jobArn": arn, "jobName": "first", "modelId": MODEL, "status": status,
            "message": "No luck.", "roleArn": ROLE, "submitTime": "2026-11-20T10:00:00Z",
            "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://abc/in.jsonl" } },
            "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://abc/out/" } },
        });
        let server = Server::start(vec![Answer::body(200, job.to_string())]);
        let url = ["--endpoint-url", server.url()];
        let ran = run(&[&["batch", "wait", &handle], &url[..]].concat());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stdout.starts_with(status) && ran.stderr.contains(said), "{ran:?}");
        let ran = run(&[&["batch", "wait", &handle, "--output", "json"], &url[..]].concat());
        assert_eq!(
            (&ran.lines()[0]["state"], &ran.error()["kind"]),
            (&json!(status), &json!("job"))
        );
        let ran = run(&[&["batch", "results", &handle, "-o", &out], &url[..]].concat());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(folder.files(), ["in.jsonl"]);
    }
}

#[test]
fn a_job_that_outlives_its_command_is_found_again() {
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("my-bucket")).unwrap();
    let emulate = Emulate::start(&["--data", data.path().to_str().unwrap()]);
    let folder = Folder::new(&prompts(100));
    let (records, out) = (folder.path("in.jsonl"), folder.path("out.jsonl"));
    let mut command = bare(&[
        "batch",
        "run",
        &records,
        "-m",
        MODEL,
        "-o",
        &out,
        "--bucket",
        "my-bucket",
        "--role-arn",
        ROLE,
    ]);
    let mut child = command.envs(emulate.exports.iter().cloned()).spawn().unwrap();
    // The first line of progress comes when the job is there.
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut String::new()).unwrap();
    interrupt(&child);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
    assert_eq!(finish(child).code, Some(130), "{said}");
    assert_eq!(folder.files(), ["in.jsonl", "out.jsonl.job.json"]);
    assert!(said.contains("out.jsonl.job.json"), "{said}");

    let handle = folder.path("out.jsonl.job.json");
    for arguments in [["wait", &handle].as_slice(), &["results", &handle, "-o", &out]] {
        let mut command = bare(&[&["batch"], arguments].concat());
        let ran = finish(command.envs(emulate.exports.iter().cloned()).spawn().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    assert_eq!(folder.out().len(), 100);
}
