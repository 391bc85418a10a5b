//! `outcrop codec`: payloads through the binary, without a network.

use serde_json::{Value, json};

use crate::support::run::run_with_input;

const LLAMA: &str = "us.meta.llama3-1-8b-instruct-v1:0";

#[test]
fn a_raw_prompt_comes_through_both_ways() {
    let body = json!({"prompt": "<s>raw \n", "max_gen_len": 9});
    let read = run_with_input(&["codec", "decode-request", "-m", LLAMA], &body.to_string());
    assert_eq!((read.code, read.lines()[0]["prompt"].as_str()), (Some(0), Some("<s>raw \n")));
    let written = run_with_input(&["codec", "encode", "-m", LLAMA], &read.stdout);
    assert_eq!((written.code, written.lines()), (Some(0), vec![body]));
}

#[test]
fn a_reply_takes_its_counts_from_the_headers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headers.json");
    let counts =
        json!({"X-Amzn-Bedrock-Input-Token-Count": "3", "X-Amzn-Bedrock-Output-Token-Count": 2});
    std::fs::write(&file, counts.to_string()).unwrap();
    let body = json!({"outputs": [{"text": "Hi", "stop_reason": "stop"}]}).to_string();
    let model = "mistral.mistral-7b-instruct-v0:2";
    let file = file.to_str().unwrap();
    let ran = run_with_input(&["codec", "decode", "-m", model, "--headers", file], &body);
    let reply = &ran.lines()[0];
    assert_eq!(reply["output"]["message"]["content"], json!([{"text": "Hi"}]), "{ran:?}");
    assert_eq!(reply["usage"]["totalTokens"], 5);
}

#[test]
fn an_error_body_is_told_as_a_fault() {
    let arguments = ["codec", "decode", "-m", LLAMA, "--output", "json"];
    let ran = run_with_input(&arguments, r#"{"__type":"ThrottlingException","message":"Slow"}"#);
    assert_eq!((ran.code, &ran.error()["kind"]), (Some(1), &json!("fault")));
    assert!(ran.error()["message"].as_str().unwrap().contains("ThrottlingException"), "{ran:?}");
}

#[test]
fn input_that_is_wrong_is_refused_with_its_path() {
    let tools = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}],
        "toolConfig": {"tools": []}});
    let wrong = [
        (
            "encode",
            json!({"messages": [{"role": "user", "content": [{"text": 5}]}]}),
            "$.messages[0].content[0].text",
        ),
        ("encode", tools, "$.toolConfig"),
        ("decode", json!({"generation": 1}), "$.generation"),
        ("decode-request", json!({"prompt": []}), "$.prompt"),
    ];
    for (command, input, path) in wrong {
        let arguments = ["codec", command, "-m", LLAMA, "--output", "json"];
        let ran = run_with_input(&arguments, &input.to_string());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert_eq!(ran.error()["path"], path, "{ran:?}");
    }
    let ran = run_with_input(&["codec", "encode", "-m", "no-such-model"], "{}");
    assert!(ran.code == Some(2) && ran.stderr.contains("--family"), "{ran:?}");
}

#[test]
fn a_stream_without_its_end_is_incomplete() {
    for arguments in [&["--fold"][..], &[]] {
        let arguments = [&["codec", "decode-stream", "-m", LLAMA][..], arguments].concat();
        let ran = run_with_input(&arguments, "");
        let last: Value = ran.lines().pop().unwrap();
        assert_eq!((ran.code, &last["outcome"]), (Some(1), &json!("incomplete")), "{ran:?}");
        assert_eq!(last["kind"], "endOfStream");
    }
}

#[test]
fn what_cannot_be_expressed_is_left_out_when_asked_with_a_warning() {
    let image = json!({"image": {"format": "png", "source": {"bytes": "aGk="}}});
    let request = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}, image]}]});
    let arguments = ["codec", "encode", "-m", LLAMA];
    let refused = run_with_input(&arguments, &request.to_string());
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("$.messages[0].content[1].image (images)"), "{refused:?}");
    let written = run_with_input(&[&arguments[..], &["--lossy"]].concat(), &request.to_string());
    assert_eq!(written.code, Some(0), "{written:?}");
    assert!(written.lines()[0]["prompt"].as_str().unwrap().contains("Hi"));
    assert!(written.stderr.contains("warning: $.messages[0].content[1] (images)"), "{written:?}");
}
