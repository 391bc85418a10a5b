//! `outcrop models`, `outcrop codec lint`, and what is said before a call.

use serde_json::{Value, json};

use crate::support::run::{bare, finish, run, run_with_input};

const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

#[test]
fn the_models_are_listed_for_people_and_for_programs() {
    let table = run(&["models"]);
    assert_eq!((table.code, table.stderr.as_str()), (Some(0), ""), "{table:?}");
    assert!(table.stdout.starts_with("ID "), "{table:?}");
    let models = run(&["models", "--output", "json"]).lines();
    assert_eq!(models.len() + 1, table.stdout.lines().count());
    let sonnet = models.iter().find(|model| model["id"] == SONNET).unwrap();
    assert_eq!(sonnet["profiles"]["required"], true);
    assert_eq!((&sonnet["burndown"], &sonnet["endOfLife"]), (&json!(5), &json!("2027-04-08")));
    assert!(sonnet["sources"]["limits"]["date"].is_string(), "{sonnet}");
}

#[test]
fn a_family_chooses_and_an_unknown_one_is_refused() {
    let nova = run(&["models", "--family", "nova", "--output", "json"]).lines();
    assert!(!nova.is_empty() && nova.iter().all(|model| model["family"] == "nova"));
    let refused = run(&["models", "--family", "supernova", "--output", "json"]);
    assert_eq!((refused.code, &refused.error()["kind"]), (Some(2), &json!("input")));
    assert!(refused.error()["message"].as_str().unwrap().contains("nova"), "{refused:?}");
}

#[test]
fn a_sound_request_has_no_findings_and_a_bad_one_is_told_line_by_line() {
    let model = ["codec", "lint", "-m", "amazon.nova-lite-v1:0"];
    let ask = |texts: Value| json!({"messages": [{"role": "user", "content": texts}]}).to_string();
    let sound = run_with_input(&model, &ask(json!([{"text": "Hi"}])));
    assert_eq!((sound.code, sound.stdout.as_str(), sound.stderr.as_str()), (Some(0), "", ""));

    let bad = run_with_input(&model, &ask(json!([{"text": "Hi"}, {"text": ""}])));
    assert_eq!(bad.code, Some(1), "{bad:?}");
    assert!(bad.stdout.starts_with("messages[0].content[1].text: blank-text: "), "{bad:?}");
    let arguments = [&model[..], &["--output", "json"]].concat();
    let bad = run_with_input(&arguments, &ask(json!([{"text": "Hi"}, {"text": ""}])));
    assert_eq!((bad.code, bad.lines()[0]["rule"].as_str()), (Some(1), Some("blank-text")));

    let wrong = run_with_input(&arguments, &ask(json!([{"text": 5}])));
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""));
    assert_eq!(wrong.error()["path"], "$.messages[0].content[0].text", "{wrong:?}");
}

#[test]
fn what_to_know_is_said_before_the_call_and_does_not_stop_it() {
    for command in ["invoke", "stream"] {
        let jamba = [command, "--local", "-m", "ai21.jamba-1-5-large-v1:0", "Hi"];
        let ran = finish(bare(&jamba).spawn().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.stderr.contains("warning: the model reache"), "{ran:?}");
        assert!(ran.stderr.contains("2026-11-26"), "{ran:?}");
        let sonnet = [command, "--local", "-m", SONNET, "Hi"];
        let ran = finish(bare(&sonnet).spawn().unwrap());
        assert!(ran.stderr.contains(&format!("use us.{SONNET}")), "{ran:?}");
    }
}
