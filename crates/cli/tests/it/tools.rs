//! Tool calls: a call that was cut off is never shown as a call.

use serde_json::{Value, json};

use crate::support::run::{Ran, run};
use crate::support::server::{Answer, Server};
use crate::support::wire::{APIS, Api, MODEL};

fn stream(api: Api, frames: Vec<Vec<u8>>, form: &str) -> Ran {
    let server = Server::start(vec![Answer::stream(frames)]);
    let url = server.url();
    run(&[
        "stream",
        "-m",
        MODEL,
        "hi",
        "--endpoint-url",
        url,
        "--api",
        api.name(),
        "--output",
        form,
    ])
}

fn cut_call(api: Api) -> Vec<Vec<u8>> {
    vec![
        api.start(),
        api.text("Let me see."),
        api.block_stop(0),
        api.tool_start(1, "read_file"),
        api.tool_input(1, "{\"path\": \"/et"),
    ]
}

/// The lines that name a call which was cut off.
fn cut(ran: &Ran) -> Vec<Value> {
    ran.lines().iter().filter_map(|line| line.get("incompleteToolUse").cloned()).collect()
}

#[test]
fn a_call_in_a_stream_that_ends_early_is_incomplete() {
    for api in APIS {
        let ran = stream(api, cut_call(api), "json");
        assert_eq!(ran.code, Some(1));
        assert_eq!(ran.text(), "Let me see.");
        assert!(!ran.stdout.contains("toolUse\""), "{ran:?}");
        let [call] = cut(&ran).try_into().unwrap();
        assert_eq!(
            (&call["name"], &call["raw"]),
            (&json!("read_file"), &json!("{\"path\": \"/et"))
        );

        let ran = stream(api, cut_call(api), "text");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "Let me see.\n"));
        assert!(ran.stderr.contains("the tool read_file was cut off"), "{ran:?}");
    }
}

#[test]
fn a_call_that_was_not_closed_is_incomplete_even_if_its_json_is_whole() {
    for api in APIS {
        let frames = [cut_call(api), vec![api.tool_input(1, "c/hosts\"}")]].concat();
        let ran = stream(api, frames, "json");
        assert_eq!((ran.code, cut(&ran).len()), (Some(1), 1));
        assert!(!ran.stdout.contains("toolUse\""), "{ran:?}");
    }
}

#[test]
fn a_call_that_the_limit_of_tokens_cut_is_incomplete_in_a_whole_reply() {
    for api in APIS {
        let end = vec![api.block_stop(1), api.stop_with_usage("max_tokens")];
        let ran = stream(api, [cut_call(api), end].concat(), "json");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(!ran.stdout.contains("toolUse\""), "{ran:?}");
        assert_eq!(cut(&ran).len(), 1);
        assert!(ran.has("messageStop"));
    }
}

#[test]
fn a_whole_call_is_shown_as_events() {
    for api in APIS {
        let end = vec![
            api.tool_input(1, "c/hosts\"}"),
            api.block_stop(1),
            api.stop_with_usage("tool_use"),
        ];
        let ran = stream(api, [cut_call(api), end].concat(), "json");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(cut(&ran), Vec::<Value>::new());
        let lines = ran.lines();
        let start = lines.iter().find_map(|line| line.get("contentBlockStart")).unwrap();
        assert_eq!(start["start"]["toolUse"]["name"], "read_file");
        let inputs =
            lines.iter().map(|line| &line["contentBlockDelta"]["delta"]["toolUse"]["input"]);
        let input: String = inputs.filter_map(Value::as_str).collect();
        assert_eq!(input, "{\"path\": \"/etc/hosts\"}");
    }
}

#[test]
fn a_whole_call_stays_whole_where_the_stream_is_cut_behind_it() {
    for api in APIS {
        let end = vec![api.tool_input(1, "c/hosts\"}"), api.block_stop(1)];
        let ran = stream(api, [cut_call(api), end].concat(), "json");
        assert_eq!((ran.code, cut(&ran).len()), (Some(1), 0), "{ran:?}");
        assert!(ran.stdout.contains("toolUse\""), "{ran:?}");
        assert!(!ran.has("messageStop"), "{ran:?}");
    }
}

#[test]
fn a_reply_in_one_piece_shows_a_cut_call_as_incomplete() {
    let reply = json!({
        "output": { "message": { "role": "assistant", "content": [
            { "toolUse": { "toolUseId": "call-1", "name": "read_file", "input": "{\"pa" } }] } },
        "stopReason": "max_tokens",
    });
    let server = Server::start(vec![Answer::body(200, reply.to_string())]);
    let url = server.url();
    let ran = run(&["invoke", "-m", MODEL, "hi", "--endpoint-url", url, "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let call = &ran.lines()[0]["output"]["message"]["content"][0]["incompleteToolUse"];
    assert_eq!((&call["name"], &call["raw"]), (&json!("read_file"), &json!("{\"pa")));
    assert!(!ran.stdout.contains("\"toolUse\""), "{ran:?}");
}
