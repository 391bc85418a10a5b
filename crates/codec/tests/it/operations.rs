//! The operations beside chat: golden vectors, refusals, and laws over generated and broken input.
//!
//! The vectors' requests are read and written again; what the vocabulary makes of them is said in
//! the tests here, which write requests of the vocabulary.

mod laws;

use outcrop_codec::batch::{InputLine, OutputLine, RawJson};
use outcrop_codec::embed::{self, Encoding, Input, Media, MediaKind, Part, Purpose, Values};
use outcrop_codec::image::{self, Mask, Prompt, Task};
use outcrop_codec::{
    Api, EncodeError, ModelRef, Request, Source, UsageSource, count_tokens, rerank,
};
use serde_json::{Value, json};

use crate::vectors::cases;

#[test]
fn requests_are_written_as_they_were_read() {
    for case in cases("request", &[EMBED, RERANK, IMAGE, &["count-tokens"]].concat()) {
        let body = case.get("body").to_string();
        let written = again(&case.model, case.folder(), body.as_bytes()).unwrap();
        let written: Value = serde_json::from_slice(&written.unwrap()).unwrap();
        assert_eq!(&written, case.get("body"), "{}", case.name);
    }
}

#[test]
fn embeddings_are_read_as_the_vectors_say() {
    for case in cases("reply", EMBED) {
        let headers = case.headers();
        let body = case.get("body").to_string();
        let reply = embed::decode(&case.model, body.as_bytes(), &headers.as_slice()).unwrap();
        let one = |embedding: &embed::Embedding| {
            let values = match &embedding.values {
                Values::Floats(values) => json!(values),
                Values::Integers(values) => json!(values),
                Values::Base64(text) => json!(text),
                other => panic!("{other:?}"),
            };
            let mut told = vec![json!(embedding.input), json!(embedding.encoding.as_str()), values];
            told.extend(embedding.modality.as_deref().map(Value::from));
            told.extend(embedding.truncated_to.map(Value::from));
            Value::from(told)
        };
        let embeddings: Value = reply.embeddings.iter().map(one).collect();
        let expected = case.get("reply");
        assert_eq!(embeddings, expected["embeddings"], "{}", case.name);
        assert_eq!(json!(reply.problem), expected["problem"], "{}", case.name);
        assert_eq!(json!(reply.latency_ms), expected["latency"], "{}", case.name);
        let tokens = reply.usage.as_ref().map(|usage| usage.input_tokens);
        assert_eq!(json!(tokens), expected["tokens"], "{}", case.name);
        let source = reply.usage.map(|usage| match usage.source {
            UsageSource::Body => "body",
            UsageSource::Headers => "headers",
            _ => "another",
        });
        assert_eq!(json!(source), expected["source"], "{}", case.name);
    }
}

#[test]
fn rankings_are_read_as_the_vectors_say() {
    for case in cases("reply", RERANK) {
        let body = case.get("body").to_string();
        let reply = rerank::decode(&case.model, body.as_bytes(), &()).unwrap();
        let results: Value =
            reply.results.iter().map(|result| json!([result.index, result.score])).collect();
        assert_eq!(&results, case.get("reply"), "{}", case.name);
    }
}

#[test]
fn images_are_read_as_the_vectors_say() {
    for case in cases("reply", IMAGE) {
        let body = case.get("body").to_string();
        let reply = image::decode(&case.model, body.as_bytes(), &()).unwrap();
        let expected = case.get("reply");
        let data: Vec<_> =
            reply.pictures.iter().filter_map(|picture| picture.data.as_deref()).collect();
        assert_eq!(json!(data), expected["images"], "{}", case.name);
        assert_eq!(json!(reply.problem()), expected["problem"], "{}", case.name);
        assert_eq!(json!(reply.mask), expected["mask"], "{}", case.name);
        let seeds: Vec<_> = reply.pictures.iter().filter_map(|picture| picture.seed).collect();
        assert_eq!(json!(seeds), *expected.get("seeds").unwrap_or(&json!([])), "{}", case.name);
    }
}

#[test]
fn replies_that_cannot_be_read_say_where_and_why() {
    for case in cases("bad-reply", BAD) {
        let body = case.get("body").to_string();
        let error = read(&case.model, case.folder(), body.as_bytes()).unwrap_err();
        assert_eq!(error, case.get("error").as_str().unwrap(), "{}", case.name);
    }
}

#[test]
fn one_request_is_written_by_each_family_in_its_own_way() {
    let texts = embed::Request::new(vec![Input::Text("a".into())])
        .with_dimensions(512)
        .with_purpose(Purpose::Query);
    let mut plain = texts.clone();
    plain.purpose = None;
    let picture = Media::new(MediaKind::Image, "png".to_owned(), Source::Bytes("AAAA".to_owned()));
    let both = Input::Parts(vec![Part::Text("a".into()), Part::Media(picture.clone())]);
    let both = embed::Request::new(vec![both]).with_purpose(Purpose::Document);
    let mut both_plain = both.clone();
    both_plain.purpose = None;
    let mixed = embed::Request::new(vec![Input::Text("a".into()), Input::Media(picture)])
        .with_purpose(Purpose::Other("later".into()));
    for (model, request, expected) in [
        ("amazon.titan-embed-text-v2:0", &plain, json!({"inputText": "a", "dimensions": 512})),
        (
            "amazon.titan-embed-image-v1",
            &plain,
            json!({"inputText": "a", "embeddingConfig": {"outputEmbeddingLength": 512}}),
        ),
        (
            "amazon.titan-embed-image-v1",
            &both_plain,
            json!({"inputText": "a", "inputImage": "AAAA"}),
        ),
        (
            "cohere.embed-v4:0",
            &texts,
            json!({"texts": ["a"], "output_dimension": 512, "input_type": "search_query"}),
        ),
        (
            "cohere.embed-v4:0",
            &mixed,
            json!({"input_type": "later", "inputs": [
                {"content": [{"type": "text", "text": "a"}]},
                {"content": [{"type": "image_url", "image_url": "data:image/png;base64,AAAA"}]},
            ]}),
        ),
        (
            "amazon.nova-2-multimodal-embeddings-v1:0",
            &texts,
            json!({"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {
                "embeddingPurpose": "GENERIC_RETRIEVAL", "embeddingDimension": 512,
                "text": {"value": "a", "truncationMode": "NONE"},
            }}),
        ),
    ] {
        let written = embed::encode(&model.parse().unwrap(), request).unwrap();
        let written: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(written, expected, "{model}");
    }
    let edit = image::Request::edit(Task::Inpainting, "AAAA")
        .with_prompt(Prompt::new("a dog"))
        .with_prompt(Prompt::against("a cat"))
        .with_mask(Mask::Image("BBBB".into()));
    let params =
        json!({"text": "a dog", "negativeText": "a cat", "image": "AAAA", "maskImage": "BBBB"});
    for (model, expected) in [
        ("amazon.nova-canvas-v1:0", json!({"taskType": "INPAINTING", "inPaintingParams": params})),
        (
            "stability.stable-image-inpaint-v1:0",
            json!({"prompt": "a dog", "negative_prompt": "a cat", "image": "AAAA", "mask": "BBBB"}),
        ),
        (
            "stability.stable-diffusion-xl-v1",
            json!({"init_image": "AAAA", "mask_image": "BBBB", "text_prompts": [
                {"text": "a dog"}, {"text": "a cat", "weight": -1.0},
            ]}),
        ),
    ] {
        let written = image::encode(&model.parse().unwrap(), &edit).unwrap();
        let written: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(written, expected, "{model}");
    }
}

#[test]
fn what_a_family_cannot_express_says_where_and_why() {
    let text = || embed::Request::text("a");
    let image = || Media::new(MediaKind::Image, "png".to_owned(), Source::Bytes("AAAA".into()));
    let two = || embed::Request::new(vec![Input::Text("a".into()), Input::Media(image())]);
    for (model, request, expected) in [
        ("amazon.titan-embed-text-v1", text().with_dimensions(9), "cannot express $.dimensions"),
        ("amazon.titan-embed-text-v2:0", two(), "cannot express $.inputs"),
        ("amazon.titan-embed-text-v2:0", text().with_purpose(Purpose::Query), "express $.purpose"),
        ("amazon.titan-embed-image-v1", two(), "cannot express $.inputs"),
        (
            "amazon.titan-embed-image-v1",
            text().with_encoding(Encoding::Binary),
            "cannot express $.encodings",
        ),
        ("cohere.embed-english-v3", text(), "cohere-embed needs $.purpose"),
        ("cohere.embed-english-v3", two().with_purpose(Purpose::Query), "cannot express $.inputs"),
        (
            "cohere.embed-english-v3",
            text().with_dimensions(9).with_purpose(Purpose::Query),
            "cannot express $.dimensions",
        ),
        ("amazon.nova-2-multimodal-embeddings-v1:0", two(), "nova-embed needs $.purpose"),
        (
            "amazon.nova-2-multimodal-embeddings-v1:0",
            two().with_purpose(Purpose::Query),
            "cannot express $.inputs",
        ),
        ("anthropic.claude-sonnet-4-6", text(), "no family for embedding is known"),
    ] {
        let error = embed::encode(&model.parse().unwrap(), &request).unwrap_err().to_string();
        assert!(error.contains(expected), "{model}: {error}");
    }
    let plain = || image::Request::text("a");
    let with = |change: fn(&mut image::Request)| {
        let mut request = plain();
        change(&mut request);
        request
    };
    for (model, request, expected) in [
        ("amazon.titan-image-generator-v2:0", with(|r| r.task = Task::VirtualTryOn), "$.task"),
        ("amazon.nova-canvas-v1:0", with(|r| r.aspect_ratio = Some("1:1".into())), "$.aspectRatio"),
        ("amazon.nova-canvas-v1:0", with(|r| r.colors.push("#fff".into())), "$.colors"),
        ("amazon.nova-canvas-v1:0", with(|r| r.mask = Some(Mask::Prompt("x".into()))), "$.mask"),
        ("amazon.nova-canvas-v1:0", with(|r| r.cfg_scale = Some(f64::NAN)), "$.cfgScale is not"),
        ("amazon.nova-canvas-v1:0", plain().with_prompt(Prompt::new("b")), "$.prompts[1]"),
        ("stability.sd3-5-large-v1:0", with(|r| r.count = Some(2)), "$.count"),
        ("stability.sd3-5-large-v1:0", with(|r| r.task = Task::Outpainting), "$.task"),
        ("stability.sd3-5-large-v1:0", with(|r| r.mask = Some(Mask::Prompt("x".into()))), "$.mask"),
        ("stability.stable-diffusion-xl-v1", with(|r| r.quality = Some("x".into())), "$.quality"),
    ] {
        let error = image::encode(&model.parse().unwrap(), &request).unwrap_err().to_string();
        assert!(error.contains(expected), "{model}: {error}");
    }
    let mut request = rerank::Request::new("q", ["a"]);
    request.max_tokens_per_document = Some(9);
    let model: ModelRef = "amazon.rerank-v1:0".parse().unwrap();
    let error = rerank::encode(&model, &request).unwrap_err().to_string();
    assert!(error.contains("$.maxTokensPerDocument"), "{error}");
}

#[test]
fn the_escape_hatch_is_merged_last_and_collides_aloud() {
    let model: ModelRef = "amazon.titan-embed-text-v2:0".parse().unwrap();
    let mut request = embed::Request::text("a");
    request.extra.insert("inputText".to_owned(), "b".into());
    let error = embed::encode(&model, &request).unwrap_err();
    assert_eq!(error, EncodeError::Collision { path: ".inputText".to_owned() });
}

#[test]
fn counting_takes_only_what_makes_tokens() {
    let model: ModelRef = "us.anthropic.claude-sonnet-4-20250514-v1:0".parse().unwrap();
    assert_eq!(count_tokens::base_address(&model), "anthropic.claude-sonnet-4-20250514-v1:0");
    let chat =
        Request::user("Hi").with_max_tokens(5).with_field("serviceTier", json!({"type": "flex"}));
    let counted = count_tokens::encode(&model, &count_tokens::Request::converse(&chat)).unwrap();
    let counted: Value = serde_json::from_slice(&counted).unwrap();
    let messages = json!([{"role": "user", "content": [{"text": "Hi"}]}]);
    assert_eq!(counted, json!({"input": {"converse": {"messages": messages}}}));
    let mut strict = count_tokens::Request::converse(&chat);
    strict.input = count_tokens::Input::Converse(Box::new(chat));
    let error = count_tokens::encode(&model, &strict).unwrap_err().to_string();
    assert!(error.contains("count-tokens cannot express $.inferenceConfig"), "{error}");

    let native = br#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"messages":[]}"#;
    let body = count_tokens::encode(&model, &count_tokens::Request::invoke(native)).unwrap();
    let read = count_tokens::decode_request(&body).unwrap();
    assert_eq!(read.input, count_tokens::Input::Invoke(native.to_vec()));
    assert_eq!(read.input.request(&model).unwrap().inference.max_tokens, Some(5));
    assert_eq!(count_tokens::decode(br#"{"inputTokens": "18"}"#).unwrap().input_tokens, 18);
    let error = count_tokens::decode(b"{}").unwrap_err().to_string();
    assert_eq!(error, "$.inputTokens is missing");
    let error = count_tokens::decode_request(br#"{"input":{"invokeModel":{"body":"*"}}}"#);
    assert_eq!(error.unwrap_err().to_string(), "$.input.invokeModel.body is not base64");
}

/// A line of a batch carries what its operation writes, and its output is read as a reply is.
#[test]
fn batch_lines_carry_both_invocation_types_and_embeddings() {
    let titan: ModelRef = "amazon.titan-embed-text-v2:0".parse().unwrap();
    let claude: ModelRef = "anthropic.claude-sonnet-4-20250514-v1:0".parse().unwrap();
    let chat = Request::user("Hi").with_max_tokens(5);
    let said = json!([{"type": "text", "text": "Hello"}]);
    let counts = json!({"input_tokens": 1, "output_tokens": 2});
    let invoked =
        json!({"role": "assistant", "content": said, "stop_reason": "end_turn", "usage": counts});
    let counts = json!({"inputTokens": 1, "outputTokens": 2});
    let message = json!({"role": "assistant", "content": [{"text": "Hello"}]});
    let conversed =
        json!({"output": {"message": message}, "stopReason": "end_turn", "usage": counts});
    for (api, output) in [(Api::Invoke, invoked), (Api::Converse, conversed)] {
        let body = outcrop_codec::encode(&claude, api, &chat).unwrap();
        let (input, output) = through_a_batch(body, &output);
        assert_eq!(outcrop_codec::decode_request(&claude, api, input.as_bytes()).unwrap(), chat);
        let reply = outcrop_codec::decode(&claude, api, output.as_bytes(), &()).unwrap();
        assert_eq!((reply.text().as_str(), reply.usage.unwrap().output_tokens), ("Hello", 2));
    }
    let request = embed::Request::text("Hi").with_dimensions(256);
    let body = embed::encode(&titan, &request).unwrap();
    let (input, output) =
        through_a_batch(body, &json!({"embedding": [0.5], "inputTextTokenCount": 2}));
    assert_eq!(embed::decode_request(&titan, input.as_bytes()).unwrap(), request);
    let reply = embed::decode(&titan, output.as_bytes(), &()).unwrap();
    assert_eq!(reply.embeddings[0].values.floats(), Some(&[0.5][..]));
    assert_eq!(reply.usage.unwrap().input_tokens, 2);
}

/// The input of a line with this body, and the output of the line that answers it.
fn through_a_batch(body: Vec<u8>, output: &Value) -> (RawJson, RawJson) {
    let mut line = Vec::new();
    InputLine::new("r1".to_owned(), RawJson::parse(body).unwrap()).write_to(&mut line);
    let input = InputLine::parse(&line).unwrap().model_input;
    let line =
        json!({"recordId": "r1", "modelInput": input.to_value().unwrap(), "modelOutput": output});
    let read = OutputLine::parse(line.to_string().as_bytes()).unwrap();
    (read.model_input.unwrap(), read.result.unwrap())
}

#[test]
fn a_family_that_was_given_goes_before_the_address() {
    let arn = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl";
    let model = ModelRef::parse(arn).unwrap();
    assert_eq!(embed::family(&model), None);
    let titan = model.clone().with_family("titan-embed").unwrap();
    assert_eq!((embed::family(&titan), rerank::family(&titan)), (Some("titan-embed"), None));
    assert!(titan.family().is_none());
    assert_ne!(titan, model.clone().with_family("cohere-embed").unwrap());
    let error = model.with_family("nothing").unwrap_err().to_string();
    assert!(error.contains("anthropic") && error.contains("nova-canvas"), "{error}");
}

/// Reads a request of a folder's family and writes it again; what cannot be read is an error of the
/// outer result, what cannot be written one of the inner.
fn again(
    model: &ModelRef,
    folder: &str,
    body: &[u8],
) -> Result<Result<Vec<u8>, EncodeError>, outcrop_codec::DecodeError> {
    Ok(if EMBED.contains(&folder) {
        embed::encode(model, &embed::decode_request(model, body)?)
    } else if RERANK.contains(&folder) {
        rerank::encode(model, &rerank::decode_request(model, body)?)
    } else if IMAGE.contains(&folder) {
        image::encode(model, &image::decode_request(model, body)?)
    } else {
        count_tokens::encode(model, &count_tokens::decode_request(body)?)
    })
}

/// Reads a reply; the error as text.
fn read(model: &ModelRef, folder: &str, body: &[u8]) -> Result<(), String> {
    let error = |error: outcrop_codec::DecodeError| error.to_string();
    if EMBED.contains(&folder) {
        embed::decode(model, body, &()).map(drop).map_err(error)
    } else if RERANK.contains(&folder) {
        rerank::decode(model, body, &()).map(drop).map_err(error)
    } else {
        image::decode(model, body, &()).map(drop).map_err(error)
    }
}

const EMBED: &[&str] = &["titan-embed", "titan-embed-image", "cohere-embed", "nova-embed"];
const RERANK: &[&str] = &["cohere-rerank", "amazon-rerank"];
const IMAGE: &[&str] = &["nova-canvas", "titan-image", "stability", "stable-diffusion"];
const BAD: &[&str] = &["titan-embed", "cohere-embed", "nova-embed", "cohere-rerank", "titan-image"];
