//! Each command with `--local`: the whole way through the AWS SDK, without an AWS account.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::process::Command;

use crate::support::run::{bare, finish, interrupt, outcrop, run, run_with_input};
use crate::support::wire::MODEL;

/// One model of each family.
const MODELS: [&str; 4] = [
    "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "amazon.nova-lite-v1:0",
    "meta.llama3-8b-instruct-v1:0",
    "amazon.titan-text-express-v1",
];

#[test]
fn every_family_answers_over_both_interfaces() {
    for model in MODELS {
        for api in ["auto", "converse", "invoke"] {
            let line = ["--local", "-m", model, "--api", api, "The kettle is on."];
            for command in ["invoke", "stream"] {
                let ran = finish(bare(&[&[command], line.as_slice()].concat()).spawn().unwrap());
                assert_eq!(ran.code, Some(0), "{model} {api}: {ran:?}");
                assert!(ran.stdout.contains("The kettle is on."), "{model} {api}: {ran:?}");
                assert_eq!(ran.stderr, "", "{model} {api}");
            }
        }
    }
}

#[test]
fn a_reply_and_its_stream_agree() {
    for model in MODELS {
        for api in ["converse", "invoke"] {
            let line =
                ["--local", "-m", model, "--api", api, "--output", "json", "One. Two. Three."];
            let whole = run(&[&["invoke"], line.as_slice()].concat());
            let stream = run(&[&["stream"], line.as_slice()].concat());
            let [reply] = whole.lines().try_into().unwrap();
            let text = reply["output"]["message"]["content"][0]["text"].as_str().unwrap();
            assert_eq!(stream.text(), text, "{model} {api}");
            let events = stream.lines();
            let usage = events.iter().find_map(|event| event["metadata"].get("usage")).unwrap();
            assert_eq!(usage["totalTokens"], reply["usage"]["totalTokens"], "{model} {api}");
            assert!(reply["requestId"].is_string(), "{model} {api}");
        }
    }
}

#[test]
fn the_prompt_comes_from_an_argument_a_file_or_standard_input() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "from a file").unwrap();
    let path = file.path().to_str().unwrap();
    let line = ["invoke", "--local", "-m", MODELS[0]];
    let with =
        |more: &[&str]| run_with_input(&[line.as_slice(), more].concat(), "from the pipe").stdout;
    assert!(with(&["from an argument"]).contains("from an argument"));
    assert!(with(&["--file", path]).contains("from a file"));
    for more in [&[][..], &["-"], &["--file", "-"]] {
        assert!(with(more).contains("from the pipe"));
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_wait_for_a_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let path = pipe.to_str().unwrap();
    let child = outcrop(&["invoke", "--local", "-m", MODEL, "--file", path]).spawn().unwrap();
    // A pipe opens for writing when somebody reads from it.
    let _writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    interrupt(&child);
    let ran = finish(child);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(130), "outcrop: interrupted\n"));
}

#[test]
fn a_prompt_that_is_not_utf_8_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prompt.txt");
    fs::write(&path, b"caf\xe9").unwrap();
    let ran = run(&["invoke", "--local", "-m", MODEL, "--file", path.to_str().unwrap()]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("prompt.txt is not UTF-8 at byte 3"), "{ran:?}");
}

#[test]
fn the_limit_of_tokens_and_the_stop_text_are_obeyed() {
    for model in MODELS {
        let line = [
            "invoke",
            "--local",
            "-m",
            model,
            "--output",
            "json",
            "alpha beta gamma delta epsilon",
        ];
        let ran = run(&[line.as_slice(), &["--max-tokens", "3"]].concat());
        assert_eq!(ran.lines()[0]["stopReason"], "max_tokens", "{ran:?}");
        assert_eq!(ran.lines()[0]["usage"]["outputTokens"], 3, "{ran:?}");
    }
    let line = ["invoke", "--local", "-m", MODELS[1], "alpha beta gamma delta epsilon"];
    let ran = run(&[line.as_slice(), &["--max-tokens", "3"]].concat());
    assert!(ran.stderr.contains("--max-tokens"), "{ran:?}");
    let ran = run(&[line.as_slice(), &["--stop", "gamma"]].concat());
    assert!(ran.stdout.contains("beta") && !ran.stdout.contains("gamma"), "{ran:?}");
    let options = ["--system", "Be brief.", "--temperature", "0.2", "--top-p", "0.9"];
    assert_eq!(run(&[line.as_slice(), &options].concat()).code, Some(0));
}

#[test]
fn an_unknown_model_is_refused_in_the_words_of_the_service() {
    for command in ["invoke", "stream"] {
        let ran = run(&[command, "--local", "-m", "nobody.knows-me-v1:0", "hello"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        assert!(ran.stderr.contains("model identifier is invalid"), "{ran:?}");
    }
}

#[test]
fn the_family_of_an_arn_is_given_by_hand() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123def456";
    let ran = run(&["invoke", "--local", "-m", arn, "--api", "invoke", "hello"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("give the family"), "{ran:?}");
    let ran = run(&["invoke", "--local", "-m", arn, "--family", "basalt", "hello"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("nova"), "{ran:?}");
}

#[test]
fn a_stream_arrives_piece_by_piece() {
    let line = ["stream", "--local", "-m", MODELS[1], "one two three four five six seven eight"];
    let mut child = bare(&line).spawn().unwrap();
    let mut pieces = 0;
    let mut buffer = [0; 4096];
    let mut stdout = child.stdout.take().unwrap();
    while stdout.read(&mut buffer).unwrap() > 0 {
        pieces += 1;
    }
    assert!(pieces > 2, "{pieces}");
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_who_goes_away_is_no_failure() {
    let mut child =
        bare(&["stream", "--local", "-m", MODELS[1], &"word ".repeat(300)]).spawn().unwrap();
    drop(child.stdout.take());
    let ran = finish(child);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn the_demo_shows_the_three_modes() {
    let ran = finish(bare(&["demo"]).spawn().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for mode in ["invoke", "stream", "batch"] {
        let mut lines = ran.stdout.lines().map(str::trim_start);
        let said = lines.any(|line| line.starts_with(mode) && line.contains(" tokens "));
        assert!(said, "{mode}: {}", ran.stdout);
    }
    let ran = finish(bare(&["demo", "--output", "json"]).spawn().unwrap());
    let modes: Vec<_> = ran.lines().iter().map(|line| line["mode"].clone()).collect();
    assert_eq!(modes, ["invoke", "stream", "batch"]);
}
