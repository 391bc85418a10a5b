//! Calls that the service refuses, and replies in one piece that cannot be read.

use serde_json::json;

use crate::support::run::{Ran, run};
use crate::support::server::{Answer, End, Server};
use crate::support::wire::{APIS, MODEL};

const COMMANDS: [&str; 2] = ["invoke", "stream"];

fn ask(command: &str, server: &Server, more: &[&str]) -> Ran {
    run(&[[command, "-m", MODEL, "hello", "--endpoint-url", server.url()].as_slice(), more]
        .concat())
}

#[test]
fn a_reply_in_one_piece_is_printed() {
    for api in APIS {
        let server = Server::start(vec![Answer::body(200, api.reply("Hello world").to_string())]);
        let ran = ask("invoke", &server, &["--api", api.name()]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Hello world\n"), "{ran:?}");
        let ran = ask("invoke", &server, &["--api", api.name(), "--output", "json"]);
        let [reply] = ran.lines().try_into().unwrap();
        assert_eq!(reply["output"]["message"]["content"], json!([{ "text": "Hello world" }]));
        assert_eq!(reply["stopReason"], "end_turn");
        assert_eq!(reply["usage"]["totalTokens"], 10);
        assert_eq!(reply["requestId"], "id-of-request");
    }
}

#[test]
fn a_reply_that_is_cut_is_no_reply() {
    for api in APIS {
        let body = api.reply("Hello world").to_string();
        let half = &body[..body.len() / 2];
        for answer in [
            Answer::body(200, half),
            Answer::body(200, half).ending(End::Cut),
            Answer::body(200, body.clone()).ending(End::Short),
            Answer::body(200, ""),
            Answer::body(200, "{}"),
            Answer::body(200, "<html>hello</html>"),
        ] {
            let server = Server::start(vec![answer]);
            let ran = ask("invoke", &server, &["--api", api.name(), "--output", "json"]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
            assert!(!ran.error()["message"].as_str().unwrap().is_empty());
        }
    }
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_service() {
    for command in COMMANDS {
        for (status, code, kind) in [
            (400, "ValidationException", "refused"),
            (403, "AccessDeniedException", "refused"),
            (403, "UnrecognizedClientException", "credentials"),
            (404, "ResourceNotFoundException", "refused"),
        ] {
            let answer = Answer::exception(status, code, "This is why.");
            let server = Server::start(vec![answer]);
            let ran = ask(command, &server, &["--output", "json"]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
            let error = ran.error();
            assert_eq!(
                (&error["kind"], &error["requestId"]),
                (&json!(kind), &json!("id-of-request"))
            );
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(code) && message.contains("This is why."), "{message}");
            assert_eq!(server.calls(), 1, "what is refused once is refused again");
        }
    }
}

#[test]
fn a_failure_that_may_pass_is_tried_three_times() {
    for command in COMMANDS {
        let page = Answer::body(503, "<html>\n<h1>Service Unavailable</h1>\n</html>");
        for answer in [Answer::exception(500, "InternalServerException", "Sorry."), page] {
            let server = Server::start(vec![answer]);
            let ran = ask(command, &server, &["--output", "json"]);
            assert_eq!((ran.code, server.calls()), (Some(1), 3), "{ran:?}");
            assert_eq!(ran.error()["kind"], "unavailable");
        }
    }
}

#[test]
fn throttles_of_different_causes_get_different_advice() {
    let advice = |message: &str| {
        let server = Server::start(vec![Answer::exception(429, "ThrottlingException", message)]);
        let ran = ask("invoke", &server, &["--output", "json", "--timeout", "20"]);
        assert_eq!(ran.code, Some(1));
        assert_eq!(ran.error()["kind"], "throttled");
        (ran.error()["advice"].as_str().unwrap().to_owned(), server.calls())
    };
    let (tokens, tries) = advice("Too many tokens, please wait before trying again.");
    assert!(tokens.contains("max_tokens") && tries == 3, "{tokens} {tries}");
    let (requests, _) = advice("Too many requests, please wait before trying again.");
    assert!(requests.contains("requests per minute"), "{requests}");
    let (day, tries) = advice("Too many tokens per day, please wait before trying again.");
    assert!(day.contains("day") && tries == 1, "a day is too long to wait: {day} {tries}");
}

#[test]
fn a_reply_may_hold_what_is_not_known() {
    let reply = json!({
        "output": { "message": { "role": "assistant", "content": [
            { "text": "Hello" }, { "hologram": { "size": 3 } }] } },
        "stopReason": "tired",
        "usage": { "inputTokens": 8.0, "outputTokens": "2", "moonTokens": 1 },
        "weather": "fine",
    });
    let server = Server::start(vec![Answer::body(200, reply.to_string())]);
    let ran = ask("invoke", &server, &["--output", "json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let shown = &ran.lines()[0];
    assert_eq!(shown["output"], reply["output"]);
    assert_eq!((&shown["stopReason"], &shown["weather"]), (&json!("tired"), &json!("fine")));
    assert_eq!(
        (&shown["usage"]["inputTokens"], &shown["usage"]["moonTokens"]),
        (&json!(8), &json!(1))
    );
}
