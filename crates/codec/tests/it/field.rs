//! What clients in the field get wrong, one test for each behaviour, by its name.

use base64::prelude::{BASE64_STANDARD, Engine};
use outcrop_codec::frame::{self, HeaderValue};
use outcrop_codec::{
    Api, Block, Event, Fault, FaultKind, FaultRetry, Finish, Message, ModelRef, Reasoning, Reply,
    Request, Role, StreamDecoder, StreamError, ThrottleCause, Usage, UsageSource, decode,
    decode_request, encode,
};
use serde_json::{Value, json};

use crate::wire::{self, Run, chunk, tagged};

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const DEEPSEEK: &str = "us.deepseek.r1-v1:0";
const GPT_OSS: &str = "openai.gpt-oss-20b-1:0";
const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";
const NOVA: &str = "us.amazon.nova-lite-v1:0";
const TITAN: &str = "amazon.titan-text-express-v1";

#[test]
fn a_converse_stream_without_message_stop_is_incomplete_with_what_arrived() {
    let run = converse(&[start(), text("Hel"), text("lo"), block_stop()]);
    let Finish::Incomplete { why, partial } = run.finish else { panic!("complete") };
    assert_eq!((why, partial.text()), (StreamError::EndOfStream, "Hello".into()));
    assert_eq!((partial.stop_reason, partial.usage), (None, None));
}

#[test]
fn metadata_without_message_stop_does_not_complete_a_message() {
    let run = converse(&[start(), text("Hel"), metadata()]);
    let Finish::Incomplete { partial, .. } = run.finish else { panic!("complete") };
    assert_eq!((partial.text().as_str(), partial.stop_reason), ("Hel", None));
    assert_eq!(partial.usage, Some(Usage::new(3, 2)));
    let mut stream = decoder(NOVA, Api::Converse);
    stream.push(&frames(Api::Converse, &[start(), text("Hel"), metadata()]).concat());
    while stream.next().unwrap().is_some() {}
    assert!(!stream.is_complete() && !stream.is_over());
}

#[test]
fn an_invoke_stream_without_its_terminal_chunk_is_incomplete_with_what_arrived() {
    let claude = [
        json!({"type": "message_start", "message": {"role": "assistant"}}),
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": "Hi"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
    ];
    let llama = [json!({"generation": "Hi", "stop_reason": null})];
    let titan = [json!({"outputText": "Hi", "index": 0, "completionReason": null})];
    let chat = [json!({"choices": [{"index": 0, "delta": {"content": "Hi"}}]})];
    let nova = [
        json!({"messageStart": {"role": "assistant"}}),
        json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "Hi"}}}),
        json!({"contentBlockStop": {"contentBlockIndex": 0}}),
    ];
    let cases: [(&str, &[Value]); 5] =
        [(CLAUDE, &claude), (LLAMA, &llama), (TITAN, &titan), (GPT_OSS, &chat), (NOVA, &nova)];
    for (model, chunks) in cases {
        match invoke(model, chunks).finish {
            Finish::Incomplete { why, partial } => {
                assert_eq!(why, StreamError::EndOfStream, "{model}");
                assert_eq!((partial.text().as_str(), partial.usage), ("Hi", None), "{model}");
            }
            Finish::Complete(reply) => panic!("{model}: {reply:?}"),
        }
    }
}

#[test]
fn message_stop_without_metadata_is_complete_and_invents_no_usage() {
    let reply = complete(converse(&[start(), text("Hi"), block_stop(), stop("end_turn")]));
    assert_eq!((reply.text().as_str(), reply.usage, reply.latency_ms), ("Hi", None, None));
}

#[test]
fn alternatives_stay_reachable_and_are_never_joined() {
    let cases = [
        (
            "cohere.command-text-v14",
            json!({"generations": [{"text": "one", "finish_reason": "COMPLETE"},
                {"text": "two", "finish_reason": "COMPLETE"}]}),
        ),
        (
            "ai21.j2-mid-v1",
            json!({"completions": [
                {"data": {"text": "one"}, "finishReason": {"reason": "endoftext"}},
                {"data": {"text": "two"}, "finishReason": {"reason": "endoftext"}}]}),
        ),
        (
            TITAN,
            json!({"inputTextTokenCount": 1, "results": [
                {"outputText": "one", "tokenCount": 1, "completionReason": "FINISH"},
                {"outputText": "two", "tokenCount": 1, "completionReason": "FINISH"}]}),
        ),
        (
            "mistral.mistral-7b-instruct-v0:2",
            json!({"outputs": [{"text": "one", "stop_reason": "stop"},
                {"text": "two", "stop_reason": "stop"}]}),
        ),
        (
            GPT_OSS,
            json!({"choices": [
                {"index": 0, "message": {"content": "one"}, "finish_reason": "stop"},
                {"index": 1, "message": {"content": "two"}, "finish_reason": "stop"}]}),
        ),
        (
            DEEPSEEK,
            json!({"choices": [{"text": "why</think>one", "stop_reason": "stop"},
                {"text": "two", "stop_reason": "stop"}]}),
        ),
    ];
    for (model, body) in cases {
        let reply = unary(model, Api::Invoke, &body);
        assert_eq!(reply.text(), "one", "{model}");
        let rest = Value::Object(reply.extra).to_string();
        assert!(rest.contains("\"two\"") && !rest.contains("\"one\""), "{model}: {rest}");
    }
}

#[test]
fn streamed_alternatives_stay_reachable_and_are_never_joined() {
    let piece =
        |index: u32, text: &str| json!({"choices": [{"index": index, "delta": {"content": text}}]});
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let run = invoke(GPT_OSS, &[piece(0, "o"), piece(1, "two"), piece(0, "ne"), end]);
    let kept = run.events.iter().any(|event| {
        matches!(event, Event::Unknown { payload, .. } if payload.to_string().contains("\"two\""))
    });
    assert!(kept, "{:?}", run.events);
    assert_eq!(complete(run).text(), "one");
}

#[test]
fn in_band_reasoning_of_gpt_oss_and_deepseek_is_a_reasoning_block() {
    let whole = [
        (
            GPT_OSS,
            json!({"choices": [{"message": {"content": "<reasoning>Rome?</reasoning>Paris."},
                "finish_reason": "stop"}]}),
        ),
        (DEEPSEEK, json!({"choices": [{"text": "Rome?</think>Paris.", "stop_reason": "stop"}]})),
    ];
    for (model, body) in whole {
        assert_eq!(unary(model, Api::Invoke, &body).message.content, reasoned(), "{model}");
    }
    let chat = |text: &str, stop: Value| json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": stop}]});
    let prompted = |text: &str, stop: Value| json!({"choices": [{"index": 0, "text": text, "stop_reason": stop}]});
    let streams = [
        (
            GPT_OSS,
            [
                chat("<reaso", Value::Null),
                chat("ning>Rome?</reason", Value::Null),
                chat("ing>Paris.", "stop".into()),
            ],
        ),
        (
            DEEPSEEK,
            [
                prompted("Rome", Value::Null),
                prompted("?</th", Value::Null),
                prompted("ink>Paris.", "stop".into()),
            ],
        ),
    ];
    for (model, chunks) in streams {
        assert_eq!(complete(invoke(model, &chunks)).message.content, reasoned(), "{model}");
    }
}

#[test]
fn the_thinking_that_nova_writes_as_text_stays_text() {
    let words = "<thinking>Rome?</thinking>\nParis.";
    let body = json!({"output": {"message": {"role": "assistant", "content": [{"text": words}]}},
        "stopReason": "end_turn"});
    for api in [Api::Converse, Api::Invoke] {
        assert_eq!(unary(NOVA, api, &body).message.content, [Block::text(words)]);
    }
    let events = [start(), text("<think"), text("ing>Rome?</thinking>\nParis."), stop("end_turn")];
    for run in [converse(&events), invoke(NOVA, &events)] {
        assert_eq!(complete(run).message.content, [Block::text(words)]);
    }
}

#[test]
fn tool_arguments_cut_by_the_end_of_the_stream_keep_their_raw_text() {
    for kept in
        [&[][..], &[arguments("{\"city\": \"Ro")], &[arguments("{\"city\":"), arguments("\"")]]
    {
        let run = converse(&[&[start(), tool()], kept].concat());
        let Finish::Incomplete { partial, .. } = run.finish else { panic!("complete") };
        let raw: String = kept
            .iter()
            .filter_map(|delta| delta.pointer("/contentBlockDelta/delta/toolUse/input")?.as_str())
            .collect();
        assert_eq!(partial.message.content, [cut_tool(&raw)]);
    }
}

#[test]
fn tool_arguments_cut_by_max_tokens_keep_their_raw_text() {
    for raw in ["", "{\"city\": \"Ro", "{\"city\": 1"] {
        let events = [start(), tool(), arguments(raw), block_stop(), stop("max_tokens")];
        for run in [converse(&events), invoke(NOVA, &events)] {
            let reply = complete(run);
            assert_eq!(reply.message.content, [cut_tool(raw)]);
            assert_eq!(reply.tool_uses().count(), 0);
        }
    }
}

#[test]
fn a_tool_call_has_no_arguments_only_if_none_came_and_its_block_was_closed() {
    let none =
        Block::from_json(json!({"toolUse": {"toolUseId": "t", "name": "weather", "input": {}}}));
    let none = [none.unwrap()];
    let closed = complete(converse(&[start(), tool(), block_stop(), stop("tool_use")]));
    assert_eq!(closed.message.content, none);
    let open = complete(converse(&[start(), tool(), stop("tool_use")]));
    assert_eq!(open.message.content, [cut_tool("")]);
    let garbled =
        complete(converse(&[start(), tool(), arguments("{]"), block_stop(), stop("tool_use")]));
    assert_eq!(garbled.message.content, [cut_tool("{]")]);
}

#[test]
fn exceptions_are_typed_whatever_their_case_in_invoke_and_converse_streams() {
    use FaultKind::{Internal, ModelStreamError, ModelTimeout, Throttled, Unavailable, Validation};
    let throttled = Throttled(ThrottleCause::Unknown);
    let cases = [
        ("throttlingException", throttled, 429, FaultRetry::Throttle(ThrottleCause::Unknown)),
        ("validationException", Validation, 400, FaultRetry::Never),
        ("internalServerException", Internal, 500, FaultRetry::Soon),
        ("serviceUnavailableException", Unavailable, 503, FaultRetry::Soon),
        ("modelStreamErrorException", ModelStreamError, 424, FaultRetry::Soon),
        ("modelTimeoutException", ModelTimeout, 408, FaultRetry::Soon),
    ];
    for (name, kind, status, retry) in cases {
        let upper = [&name[..1].to_ascii_uppercase(), &name[1..]].concat();
        for name in [name, &upper, &name.to_ascii_lowercase(), &name.to_ascii_uppercase()] {
            for fault in excepted(name) {
                assert_eq!((fault.kind, fault.status, fault.retry()), (kind, status, retry));
                assert_eq!((fault.code, fault.message.as_deref()), (upper.clone(), Some("Sorry.")));
            }
        }
    }
}

#[test]
fn unknown_exceptions_keep_their_name_words_and_members_in_both_kinds_of_stream() {
    for fault in excepted("tooSunnyException") {
        assert_eq!((fault.code.as_str(), fault.kind), ("tooSunnyException", FaultKind::Other));
        assert_eq!(fault.message.as_deref(), Some("Sorry."));
        assert_eq!(Value::Object(fault.extra), json!({"shade": 3}));
    }
}

#[test]
fn usage_has_four_counters_and_says_that_it_came_in_the_body() {
    let body = json!({"role": "assistant", "content": [], "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 3,
            "cache_creation_input_tokens": 4}});
    let usage = unary(CLAUDE, Api::Invoke, &body).usage;
    assert_eq!(counters(usage), Some((1, 2, Some(3), Some(4), UsageSource::Body)));
}

#[test]
fn usage_has_four_counters_and_says_that_it_came_in_headers() {
    let headers = [
        ("x-amzn-bedrock-input-token-count", "1"),
        ("X-Amzn-Bedrock-Output-Token-Count", "2"),
        ("X-AMZN-BEDROCK-CACHE-READ-INPUT-TOKEN-COUNT", "3"),
        ("X-Amzn-Bedrock-Cache-Write-Input-Token-Count", "4"),
    ];
    let body = br#"{"outputs": [{"text": "Hi", "stop_reason": "stop"}]}"#;
    let model = ModelRef::parse("mistral.mistral-7b-instruct-v0:2").unwrap();
    let usage = decode(&model, Api::Invoke, body, &headers).unwrap().usage;
    assert_eq!(counters(usage), Some((1, 2, Some(3), Some(4), UsageSource::Headers)));
    assert_eq!(decode(&model, Api::Invoke, body, &()).unwrap().usage, None);
}

#[test]
fn usage_has_four_counters_and_says_that_it_came_in_the_trailer() {
    let counts = json!({"inputTokenCount": 1, "outputTokenCount": 2,
        "cacheReadInputTokenCount": 3, "cacheWriteInputTokenCount": 4});
    let last = json!({"generation": "Hi", "stop_reason": "stop",
        "amazon-bedrock-invocationMetrics": counts});
    let usage = complete(invoke(LLAMA, &[last])).usage;
    assert_eq!(counters(usage), Some((1, 2, Some(3), Some(4), UsageSource::Trailer)));
    let bare = json!({"generation": "Hi", "stop_reason": "stop"});
    assert_eq!(complete(invoke(LLAMA, &[bare])).usage, None);
}

#[test]
fn unknown_stop_reasons_blocks_and_fields_of_a_reply_survive() {
    let body = json!({
        "output": {"message": {"role": "assistant", "content": [
            {"text": "a", "note": 1}, {"hologram": {"beam": [1, null]}}], "id": "m"}},
        "stopReason": "daydreaming",
        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "dreams": 4},
        "metrics": {"latencyMs": 5, "queueMs": 6},
        "mood": {"calm": true},
    });
    let reply = unary(NOVA, Api::Converse, &body);
    assert_eq!(reply.to_converse(), body);
    assert_eq!(Reply::from_json(reply.to_converse()).unwrap(), reply);
}

#[test]
fn unknown_events_blocks_and_fields_of_a_stream_survive() {
    let events = [
        json!({"messageStart": {"role": "assistant", "mood": "calm"}}),
        json!({"weather": {"sunny": true}}),
        json!({"contentBlockStart": {"contentBlockIndex": 0, "start": {"hologram": {"beam": 1}}}}),
        json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"hologram": {"hue": 2}}}}),
        json!({"contentBlockStop": {"contentBlockIndex": 0, "note": 1}}),
        json!({"messageStop": {"stopReason": "daydreaming", "depth": 7}}),
        json!({"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
            "mood": {"calm": true}}}),
    ];
    let run = converse(&events);
    let written: Vec<Value> = run.events.iter().map(Event::to_json).collect();
    assert_eq!(written, events);
    let read: Vec<Event> =
        written.into_iter().map(|event| Event::from_json(event).unwrap()).collect();
    assert_eq!(read, run.events);
    let reply = complete(run);
    assert_eq!(reply.stop_reason.as_str(), "daydreaming");
    let block = json!({"hologram": {"beam": 1, "hue": 2}});
    assert_eq!(reply.message.content, [Block::from_json(block).unwrap()]);
}

#[test]
fn unknown_blocks_and_fields_of_a_request_survive_for_converse_and_claude() {
    let converse = json!({"messages": [{"role": "user", "content": [
        {"text": "a"}, {"hologram": {"beam": 1}}]}], "mood": {"calm": true}});
    let claude = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "a"}, {"type": "hologram", "beam": 1}]}],
        "mood": {"calm": true}});
    for (model, api, body) in [(NOVA, Api::Converse, converse), (CLAUDE, Api::Invoke, claude)] {
        let model = ModelRef::parse(model).unwrap();
        let request = decode_request(&model, api, body.to_string().as_bytes()).unwrap();
        let written = encode(&model, api, &request).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), body);
    }
}

#[test]
fn reasoning_goes_back_byte_for_byte_with_its_signature() {
    let (thinking, signature) = (" Hm…\n\n\"日\"\u{0} ", "EqQB+/c2ln\u{e9}==\n ");
    let converse = json!([
        {"reasoningContent": {"reasoningText": {"text": thinking, "signature": signature}}},
        {"reasoningContent": {"redactedContent": "AAEC/w=="}},
        {"text": "Hi"},
    ]);
    let claude = json!([
        {"type": "thinking", "thinking": thinking, "signature": signature},
        {"type": "redacted_thinking", "data": "AAEC/w=="},
        {"type": "text", "text": "Hi"},
    ]);
    let whole = json!({"role": "assistant", "content": claude, "stop_reason": "end_turn"});
    let reasoning = |key: &str, value: &str, index: u32| json!({"contentBlockDelta": {"contentBlockIndex": index, "delta": {"reasoningContent": {key: value}}}});
    let streamed = [
        start(),
        reasoning("text", &thinking[..6], 0),
        reasoning("text", &thinking[6..], 0),
        reasoning("signature", &signature[..4], 0),
        reasoning("signature", &signature[4..], 0),
        reasoning("redactedContent", "AAEC/w==", 1),
        json!({"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"text": "Hi"}}}),
        stop("end_turn"),
    ];
    let model = ModelRef::parse(CLAUDE).unwrap();
    let run = wire::run(
        StreamDecoder::new(&model, Api::Converse).unwrap(),
        streamed.map(|event| tagged(&event)).iter().map(Vec::as_slice),
    );
    for reply in [unary(CLAUDE, Api::Invoke, &whole), complete(run)] {
        let request = Request::new(vec![Message::user("a"), reply.message, Message::user("b")])
            .with_max_tokens(9);
        assert_eq!(request.messages[1].role, Role::Assistant);
        for (api, content) in [(Api::Converse, &converse), (Api::Invoke, &claude)] {
            let body = encode(&model, api, &request).unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(&body["messages"][1]["content"], content);
        }
    }
}

#[test]
fn counts_may_be_floats_or_strings() {
    for (input, output) in
        [(json!(28), json!(197)), (json!(28.0), json!(197.0)), (json!("28"), json!("197.0"))]
    {
        let titan = json!({"inputTextTokenCount": input, "results": [
            {"tokenCount": output, "outputText": "Hi", "completionReason": "FINISH"}]});
        let llama = json!({"generation": "Hi", "stop_reason": "stop",
            "prompt_token_count": input, "generation_token_count": output});
        let claude = json!({"role": "assistant", "content": [], "stop_reason": "end_turn",
            "usage": {"input_tokens": input, "output_tokens": output}});
        let chat = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": input, "completion_tokens": output}});
        for (model, body) in
            [(TITAN, titan), (LLAMA, llama.clone()), (CLAUDE, claude), (GPT_OSS, chat)]
        {
            let usage = unary(model, Api::Invoke, &body).usage;
            assert_eq!(usage, Some(Usage::new(28, 197)), "{model} {input}");
        }
        assert_eq!(complete(invoke(LLAMA, &[llama])).usage, Some(Usage::new(28, 197)));
        let end = json!({"metadata": {"usage": {"inputTokens": input, "outputTokens": output}}});
        let reply = complete(converse(&[start(), stop("end_turn"), end]));
        assert_eq!(reply.usage, Some(Usage::new(28, 197)));
    }
}

#[test]
fn characters_cut_by_the_pieces_of_the_wire_stay_whole() {
    let words = "日本🦀é";
    let events = [start(), text(words), block_stop(), stop("end_turn"), metadata()];
    for api in [Api::Converse, Api::Invoke] {
        let bytes = frames(api, &events).concat();
        for size in 1..bytes.len() {
            let reply = complete(wire::run(decoder(NOVA, api), bytes.chunks(size)));
            assert_eq!(reply.text(), words);
        }
    }
}

#[test]
fn characters_cut_between_two_events_stay_whole() {
    let crab = "\u{1f980}";
    let raw = crab.as_bytes();
    let pieces = [
        (b"\\ud83e".to_vec(), b"\\udd80".to_vec()),
        (raw[..1].to_vec(), raw[1..].to_vec()),
        (raw[..2].to_vec(), raw[2..].to_vec()),
        (raw[..3].to_vec(), raw[3..].to_vec()),
    ];
    for (first, second) in pieces {
        let first = [&b"say \\\"hi\\\" "[..], &first].concat();
        let second = [&second, &b"!"[..]].concat();
        let delta = |text: &[u8]| {
            let (before, after) =
                (&b"{\"contentBlockIndex\":0,\"delta\":{\"text\":\""[..], b"\"},\"p\":\"a\"}");
            framed("contentBlockDelta", &[before, text, after].concat())
        };
        let mut stream = decoder(NOVA, Api::Converse);
        stream.push(&[delta(&first), delta(&second)].concat());
        let mut said = String::new();
        while let Some(event) = stream.next().unwrap() {
            said += event.text().unwrap_or_default();
        }
        assert_eq!(said, format!("say \"hi\" {crab}!"));

        let chunk = |text: &[u8]| {
            let (before, after) = (
                &b"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""[..],
                b"\"}}",
            );
            {
                let bytes = BASE64_STANDARD.encode([before, text, after].concat());
                framed("chunk", json!({ "bytes": bytes }).to_string().as_bytes())
            }
        };
        let mut stream = decoder(CLAUDE, Api::Invoke);
        stream.push(&[chunk(&first), chunk(&second)].concat());
        let mut said = String::new();
        while let Some(event) = stream.next().unwrap() {
            said += event.text().unwrap_or_default();
        }
        assert_eq!(said, format!("say \"hi\" {crab}!"));
    }
}

#[test]
fn half_a_character_alone_or_without_its_rest_is_an_error_or_left_out_and_never_replaced() {
    let half = |text: &str| {
        let json = format!("{{\"contentBlockIndex\":0,\"delta\":{{\"text\":\"{text}\"}}}}");
        framed("contentBlockDelta", json.as_bytes())
    };
    let mut stream = decoder(NOVA, Api::Converse);
    stream.push(&half("a\\udd80b"));
    assert!(matches!(stream.next(), Err(StreamError::Payload(_))));

    let mut stream = decoder(NOVA, Api::Converse);
    stream.push(&[half("a\\ud83e"), half("b")].concat());
    let mut said = String::new();
    while let Some(event) = stream.next().unwrap() {
        said += event.text().unwrap_or_default();
    }
    assert_eq!(said, "ab");
}

/// A frame of an event with this payload, which need not be JSON.
fn framed(kind: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [
        (":event-type", HeaderValue::String(kind)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String("event")),
    ];
    frame::encode(&headers, payload).unwrap()
}

fn decoder(model: &str, api: Api) -> StreamDecoder {
    StreamDecoder::new(&ModelRef::parse(model).unwrap(), api).unwrap()
}

fn frames(api: Api, events: &[Value]) -> Vec<Vec<u8>> {
    events.iter().map(if api == Api::Converse { tagged } else { chunk }).collect()
}

fn converse(events: &[Value]) -> Run {
    let frames = frames(Api::Converse, events);
    wire::run(decoder(NOVA, Api::Converse), frames.iter().map(Vec::as_slice))
}

fn invoke(model: &str, chunks: &[Value]) -> Run {
    let frames = frames(Api::Invoke, chunks);
    wire::run(decoder(model, Api::Invoke), frames.iter().map(Vec::as_slice))
}

fn unary(model: &str, api: Api, body: &Value) -> Reply {
    decode(&ModelRef::parse(model).unwrap(), api, body.to_string().as_bytes(), &()).unwrap()
}

fn complete(run: Run) -> Reply {
    match run.finish {
        Finish::Complete(reply) => reply,
        Finish::Incomplete { why, .. } => panic!("incomplete: {why}"),
    }
}

/// The faults of a stream of each kind that ends in an exception of this name.
fn excepted(name: &str) -> Vec<Fault> {
    let headers = [
        (":exception-type", HeaderValue::String(name)),
        (":message-type", HeaderValue::String("exception")),
    ];
    let payload = json!({"message": "Sorry.", "shade": 3}).to_string();
    let exception = frame::encode(&headers, payload.as_bytes()).unwrap();
    let fault = |(model, api): &(&str, Api)| {
        let run = wire::run(decoder(model, *api), [exception.as_slice()]);
        match run.finish {
            Finish::Incomplete { why: StreamError::Fault(fault), .. } => fault,
            other => panic!("{other:?}"),
        }
    };
    [(NOVA, Api::Converse), (NOVA, Api::Invoke), (CLAUDE, Api::Invoke), (LLAMA, Api::Invoke)]
        .iter()
        .map(fault)
        .collect()
}

type Counters = (u64, u64, Option<u64>, Option<u64>, UsageSource);

fn counters(usage: Option<Usage>) -> Option<Counters> {
    let usage = usage?;
    let (read, write) = (usage.cache_read_input_tokens, usage.cache_write_input_tokens);
    Some((usage.input_tokens, usage.output_tokens, read, write, usage.source))
}

fn reasoned() -> [Block; 2] {
    [Block::Reasoning(Reasoning::text("Rome?", None)), Block::text("Paris.")]
}

fn start() -> Value {
    json!({"messageStart": {"role": "assistant"}})
}

fn text(text: &str) -> Value {
    json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": text}}})
}

fn tool() -> Value {
    json!({"contentBlockStart": {"contentBlockIndex": 0,
        "start": {"toolUse": {"toolUseId": "t", "name": "weather"}}}})
}

fn arguments(raw: &str) -> Value {
    json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"toolUse": {"input": raw}}}})
}

fn cut_tool(raw: &str) -> Block {
    let tool = json!({"toolUseId": "t", "name": "weather", "raw": raw});
    Block::from_json(json!({"incompleteToolUse": tool})).unwrap()
}

fn block_stop() -> Value {
    json!({"contentBlockStop": {"contentBlockIndex": 0}})
}

fn stop(reason: &str) -> Value {
    json!({"messageStop": {"stopReason": reason}})
}

fn metadata() -> Value {
    json!({"metadata": {"usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5}}})
}
