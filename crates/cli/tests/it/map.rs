//! Many prompts on demand: in order, once each, and not lost when the process is.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::emulate::Emulate;
use crate::support::run::{Ran, finish, interrupt, json_lines, outcrop, run};

const MODEL: &str = "amazon.nova-lite-v1:0";

/// A folder with a file of prompts.
struct Folder(TempDir);

impl Folder {
    fn new(prompts: usize) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let line = |n| json!({ "recordId": format!("r{n}"), "prompt": format!("say {n}") });
        folder
            .write("in.jsonl", &(0..prompts).map(|n| format!("{}\n", line(n))).collect::<String>());
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let (records, out) = (self.path("in.jsonl"), self.path("out.jsonl"));
        let own = ["map", &records, "-m", MODEL, "-o", &out, "--output", "json"];
        own.iter().chain(more).map(ToString::to_string).collect()
    }

    fn map(&self, more: &[&str]) -> Ran {
        let arguments = self.arguments(more);
        run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn replies(&self) -> Vec<Value> {
        json_lines(&fs::read_to_string(self.path("out.jsonl")).unwrap())
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Starts a run, and gives the process when this many replies are in the journal.
    fn until(&self, replies: usize, more: &[&str]) -> std::process::Child {
        let arguments = self.arguments(more);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut child = outcrop(&arguments).spawn().unwrap();
        let journal = self.path("out.jsonl.journal");
        loop {
            let noted = fs::read_to_string(&journal).unwrap_or_default();
            if noted.matches(" reply ").count() >= replies {
                return child;
            }
            assert!(child.try_wait().unwrap().is_none(), "it ended too early");
            std::thread::yield_now();
        }
    }
}

/// Whether the replies are those of `prompts` prompts, in order.
fn in_order(replies: &[Value], prompts: usize) {
    assert_eq!(replies.len(), prompts);
    for (n, reply) in replies.iter().enumerate() {
        assert_eq!(reply["recordId"], format!("r{n}"));
        let text = &reply["reply"]["output"]["message"]["content"][0]["text"];
        assert!(text.as_str().unwrap().ends_with(&format!("say {n}")), "{reply}");
    }
}

#[test]
fn replies_are_in_the_order_of_the_prompts_and_nothing_else_is_left() {
    let folder = Folder::new(200);
    let ran = folder.map(&["--local", "--max-tokens", "20"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    in_order(&folder.replies(), 200);
    assert_eq!(folder.files(), ["in.jsonl", "out.jsonl"]);
    let tally = &ran.lines()[0];
    assert_eq!((&tally["succeeded"], &tally["calls"]), (&json!(200), &json!(200)));

    // A loop around the command ends: what is whole is not paid for twice.
    let again = folder.map(&["--local", "--max-tokens", "20", "--resume"]);
    assert_eq!((again.code, &again.lines()[0]["calls"]), (Some(0), &json!(0)));

    // An output that is older than the records is of others.
    let out = fs::File::options().write(true).open(folder.path("out.jsonl")).unwrap();
    out.set_modified(std::time::UNIX_EPOCH).unwrap();
    let again = folder.map(&["--local", "--max-tokens", "20", "--resume"]);
    assert_eq!((again.code, &again.lines()[0]["calls"]), (Some(0), &json!(200)));
}

#[test]
fn bodies_go_as_they_are_beside_prompts() {
    let folder = Folder::new(0);
    let converse = json!({ "messages": [{ "role": "user", "content": [{ "text": "say 0" }] }] });
    let lines = [
        json!({ "recordId": "r0", "modelInput": converse }),
        json!({ "recordId": "r1", "prompt": "say 1" }),
    ];
    folder.write("in.jsonl", &lines.map(|line| format!("{line}\n")).concat());
    assert_eq!(folder.map(&["--local"]).code, Some(0));
    in_order(&folder.replies(), 2);
}

#[test]
fn one_bad_line_and_nothing_is_sent() {
    let emulate = Emulate::start(&[]);
    let folder = Folder::new(3);
    let good = fs::read_to_string(folder.path("in.jsonl")).unwrap();
    folder.write("in.jsonl", &format!("{good}{{\"prompt\":\"\"}}\n"));
    let ran = folder.map(&["--endpoint-url", emulate.url()]);
    assert_eq!((ran.code, &ran.error()["line"]), (Some(2), &json!(4)), "{ran:?}");
    assert_eq!(folder.files(), ["in.jsonl"]);

    folder.write("in.jsonl", "\n");
    let ran = folder.map(&["--endpoint-url", emulate.url()]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[test]
fn all_bad_lines_are_named_at_once() {
    let folder = Folder::new(0);
    let wrong = json!({ "recordId": "odd", "modelInput": { "messages": 3 } });
    let lines = ["{\"prompt\":\"say 0\"}", &wrong.to_string(), "{", "{\"prompt\":\"\"}"];
    folder.write("in.jsonl", &lines.map(|line| format!("{line}\n")).concat());
    let ran = folder.map(&["--local"]);
    assert_eq!((ran.code, &ran.error()["line"]), (Some(2), &json!(2)), "{ran:?}");
    let message = ran.error()["message"].to_string();
    assert!(message.contains("odd") && message.contains("lines 3, 4 are wrong, too"), "{message}");

    folder.write("in.jsonl", &"{\n".repeat(99));
    let message = folder.map(&["--local"]).error()["message"].to_string();
    assert!(message.contains("10, 11 and 88 more are wrong, too"), "{message}");
}

#[test]
fn a_day_s_quota_that_is_used_up_ends_the_run_and_keeps_the_rest() {
    let emulate = Emulate::start(&["--tpd", "900"]);
    let folder = Folder::new(200);
    let ran = folder.map(&["--endpoint-url", emulate.url(), "--max-tokens", "50"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.error()["message"].to_string().contains("day"), "{ran:?}");
    assert_eq!(folder.files(), ["in.jsonl", "out.jsonl.journal"]);
    let journal = fs::read_to_string(folder.path("out.jsonl.journal")).unwrap();
    assert!(journal.contains(" reply ") && !journal.contains(" failed "), "{journal}");
}

#[cfg(unix)]
#[test]
fn a_killed_run_goes_on_with_nothing_lost() {
    let emulate = Emulate::start(&[]);
    let folder = Folder::new(600);
    let endpoint = ["--endpoint-url", emulate.url(), "--concurrency", "4"];
    let mut child = folder.until(50, &endpoint);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(folder.files(), ["in.jsonl", "out.jsonl.journal"]);

    let refused = folder.map(&endpoint);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let journal = fs::read_to_string(folder.path("out.jsonl.journal")).unwrap();
    let noted = journal.matches(" reply ").count() as u64;

    let resumed = folder.map(&[&endpoint[..], &["--resume"]].concat());
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    in_order(&folder.replies(), 600);
    let calls = resumed.lines()[0]["calls"].as_u64().unwrap();
    // The last line may have been torn.
    assert!((600 - noted..=601 - noted).contains(&calls), "{noted} noted, {calls} sent");
    assert_eq!(folder.files(), ["in.jsonl", "out.jsonl"]);
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_comes_back() {
    let emulate = Emulate::start(&[]);
    let folder = Folder::new(600);
    let endpoint = ["--endpoint-url", emulate.url(), "--concurrency", "4"];
    let child = folder.until(20, &endpoint);
    interrupt(&child);
    let ran = finish(child);
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let journal = fs::read_to_string(folder.path("out.jsonl.journal")).unwrap();
    assert_eq!(journal.matches(" sent ").count(), journal.matches(" reply ").count());
    let resumed = folder.map(&[&endpoint[..], &["--resume"]].concat());
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    in_order(&folder.replies(), 600);
}

#[test]
fn records_that_failed_are_sent_again_and_no_others() {
    let folder = Folder::new(0);
    // Bodies that only the service finds wrong.
    let body = |tokens: i64| json!({ "messages": [{ "role": "user", "content": [{ "text": "say 0" }] }], "inferenceConfig": { "temperature": tokens } });
    let line = |n, tokens| {
        format!("{}\n", json!({ "recordId": format!("r{n}"), "modelInput": body(tokens) }))
    };
    folder.write("in.jsonl", &(line(0, 0) + &line(1, 99)));
    for (more, calls) in [(&["--local"][..], 2), (&["--local", "--resume"], 1)] {
        let ran = folder.map(more);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.lines()[0]["calls"], calls);
        let replies = folder.replies();
        assert!(replies[0].get("reply").is_some() && replies[1].get("error").is_some());
        assert_eq!(folder.files(), ["in.jsonl", "out.jsonl", "out.jsonl.journal"]);
    }
}

#[test]
fn no_call_can_succeed_and_the_run_ends_soon() {
    let folder = Folder::new(500);
    let arguments =
        folder.arguments(&["--endpoint-url", "http://127.0.0.1:9", "--concurrency", "2"]);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let ran = finish(outcrop(&arguments).spawn().unwrap());
    assert_eq!((ran.code, &ran.error()["kind"]), (Some(1), &json!("connect")), "{ran:?}");
}
