//! Embeddings, rerank, images, CountTokens and ApplyGuardrail.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::{Answer, post, quick, send, turn};

async fn ask(path: &str, body: &Value) -> Answer {
    let emulator = quick().start().await.unwrap();
    send(&emulator, post(path, body)).await
}

async fn invoke(model: &str, body: &Value) -> Answer {
    let answer = ask(&format!("/model/{model}/invoke"), body).await;
    assert_eq!(answer.status, 200, "{model}: {:?}", answer.body);
    answer
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn nova(text: &str) -> Value {
    let text = json!({ "value": text, "truncationMode": "END" });
    let params = json!({
        "embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": 384, "text": text,
    });
    json!({ "taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": params })
}

#[tokio::test]
async fn every_model_embeds_in_its_own_shape_with_vectors_of_length_one() {
    let texts = |text: &str| json!({ "texts": [text], "input_type": "search_document" });
    for (model, body, place, length) in [
        ("amazon.titan-embed-text-v1", json!({ "inputText": "Hi there" }), "/embedding", 1536),
        (
            "amazon.titan-embed-text-v2:0",
            json!({ "inputText": "Hi there", "dimensions": 256 }),
            "/embedding",
            256,
        ),
        (
            "amazon.titan-embed-image-v1",
            json!({ "inputText": "Hi there", "inputImage": "AAAA" }),
            "/embedding",
            1024,
        ),
        (
            "amazon.nova-2-multimodal-embeddings-v1:0",
            nova("Hi there"),
            "/embeddings/0/embedding",
            384,
        ),
        ("cohere.embed-english-v3", texts("Hi there"), "/embeddings/0", 1024),
        ("us.cohere.embed-v4:0", texts("Hi there"), "/embeddings/float/0", 1536),
    ] {
        let answer = invoke(model, &body).await;
        let vector = numbers(answer.json().pointer(place).unwrap());
        assert_eq!(vector.len(), length, "{model}");
        assert!((product(&vector, &vector) - 1.0).abs() < 1e-9, "{model}");
        assert_eq!(answer.header("x-amzn-bedrock-input-token-count"), "2", "{model}");
        assert_eq!(answer.header("x-amzn-bedrock-output-token-count"), "", "{model}");
    }
}

#[tokio::test]
async fn near_texts_have_near_vectors() {
    let texts = ["The cat sat on the mat.", "A cat sat on a mat.", "Rates rose in March."];
    let body = json!({ "texts": texts, "input_type": "clustering" });
    let reply = invoke("cohere.embed-multilingual-v3", &body).await.json();
    let vectors: Vec<Vec<f64>> =
        reply["embeddings"].as_array().unwrap().iter().map(numbers).collect();
    let (near, far) = (product(&vectors[0], &vectors[1]), product(&vectors[0], &vectors[2]));
    assert!(near > far + 0.3, "{near} {far}");
    assert_eq!(reply["texts"][0], "the cat sat on the mat.");
}

#[tokio::test]
async fn numbers_come_in_every_type() {
    let types = ["float", "int8", "uint8", "binary", "ubinary"];
    let body = json!({ "texts": ["Hi"], "input_type": "search_query", "embedding_types": types });
    let reply = invoke("cohere.embed-english-v3", &body).await.json();
    assert_eq!(reply["response_type"], "embeddings_by_type");
    for (kind, length, range) in [
        ("float", 1024, -1.0..=1.0),
        ("int8", 1024, -128.0..=127.0),
        ("uint8", 1024, 0.0..=255.0),
        ("binary", 128, -128.0..=127.0),
        ("ubinary", 128, 0.0..=255.0),
    ] {
        let vector = numbers(&reply["embeddings"][kind][0]);
        assert_eq!(vector.len(), length, "{kind}");
        assert!(vector.iter().all(|x| range.contains(x)), "{kind}");
    }
    let body = json!({ "inputText": "Hi", "embeddingTypes": ["binary"] });
    let reply = invoke("amazon.titan-embed-text-v2:0", &body).await.json();
    assert!(reply.get("embedding").is_none());
    assert_eq!(reply["embeddingsByType"]["binary"].as_array().unwrap().len(), 1024);
}

#[tokio::test]
async fn a_text_of_more_characters_than_cohere_takes_is_refused_by_its_place() {
    let embed = async |model, texts: Vec<String>| {
        let body = json!({ "texts": texts, "input_type": "search_document" });
        ask(&format!("/model/{model}/invoke"), &body).await
    };
    let (third, fourth) = ("cohere.embed-english-v3", "us.cohere.embed-v4:0");
    let (full, over) = ("é".repeat(2048), "é".repeat(2049));
    assert_eq!(embed(third, vec![full.clone(); 2]).await.status, 200);
    let mut texts = vec![full; 43];
    texts[41].clone_from(&over);
    let message = "Malformed input request: #/texts/41: expected maxLength: 2048, actual: 2049, \
                   please reformat your input and try again.";
    let expected = (400, "ValidationException".to_owned(), message.to_owned());
    assert_eq!(embed(third, texts).await.refusal(), expected);
    let two = embed(third, vec![over.clone(); 2]).await.refusal().2;
    assert!(two.contains("2 schema violations found"), "{two}");
    assert_eq!(embed(fourth, vec![over]).await.status, 200);
}

#[tokio::test]
async fn models_without_words_refuse_converse_and_streams() {
    let model = "/model/amazon.titan-embed-text-v2:0";
    let body = json!({ "inputText": "Hi" });
    let streamed = ask(&format!("{model}/invoke-with-response-stream"), &body).await.refusal();
    assert_eq!(streamed.2, "The model is unsupported for streaming");
    let conversed = ask(&format!("{model}/converse"), &turn("Hi")).await.refusal();
    assert!(conversed.2.contains("supported text or chat model"), "{conversed:?}");
    let extra = json!({ "inputText": "Hi", "dimensions": 256 });
    let refused = ask("/model/amazon.titan-embed-text-v1/invoke", &extra).await.refusal();
    assert!(refused.2.contains("extraneous key [dimensions]"), "{refused:?}");
}

const DOCUMENTS: [&str; 3] = [
    "Bread is baked from flour and water.",
    "Paris is the capital of France.",
    "The capital of Peru is Lima.",
];

#[tokio::test]
async fn rerank_puts_the_nearest_document_first() {
    let query = "What is the capital of France?";
    let cohere = json!({ "query": query, "documents": DOCUMENTS, "api_version": 2, "top_n": 2 });
    let amazon = json!({ "query": query, "documents": DOCUMENTS, "top_n": 2 });
    for (model, body) in [("cohere.rerank-v3-5:0", &cohere), ("amazon.rerank-v1:0", &amazon)] {
        let answer = invoke(model, body).await;
        let results = &answer.json()["results"];
        assert_eq!([&results[0]["index"], &results[1]["index"]], [&json!(1), &json!(2)]);
        assert!(results[0]["relevance_score"].as_f64() > results[1]["relevance_score"].as_f64());
        assert_eq!(results.as_array().unwrap().len(), 2);
        assert_eq!(answer.header("x-amzn-bedrock-input-token-count"), "");
    }
    let refused = ask("/model/amazon.rerank-v1:0/invoke", &cohere).await.refusal();
    assert!(refused.2.contains("extraneous key [api_version]"), "{refused:?}");
}

#[tokio::test]
async fn the_agent_runtime_reranks_by_the_model_s_arn() {
    let source = |text: &&str| {
        let inline = json!({ "type": "TEXT", "textDocument": { "text": text } });
        json!({ "type": "INLINE", "inlineDocumentSource": inline })
    };
    let arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.rerank-v1:0";
    let config = json!({ "modelConfiguration": { "modelArn": arn }, "numberOfResults": 1 });
    let body = json!({
        "queries": [{ "type": "TEXT", "textQuery": { "text": "capital of France" } }],
        "sources": DOCUMENTS.iter().map(source).collect::<Vec<_>>(),
        "rerankingConfiguration": {
            "type": "BEDROCK_RERANKING_MODEL", "bedrockRerankingConfiguration": config,
        },
    });
    let results = ask("/rerank", &body).await.json()["results"].clone();
    assert_eq!((results.as_array().unwrap().len(), &results[0]["index"]), (1, &json!(1)));
    assert!(results[0]["relevanceScore"].is_f64());
}

#[tokio::test]
async fn images_are_pictures_that_depend_on_the_prompt() {
    let body = |text: &str| {
        json!({
            "taskType": "TEXT_IMAGE",
            "textToImageParams": { "text": text },
            "imageGenerationConfig": { "numberOfImages": 2 },
        })
    };
    let one = invoke("amazon.nova-canvas-v1:0", &body("a rock")).await.json();
    let two = invoke("amazon.nova-canvas-v1:0", &body("a tree")).await.json();
    let picture = STANDARD.decode(one["images"][0].as_str().unwrap()).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(one["images"].as_array().unwrap().len(), 2);
    assert_ne!(one["images"][0], two["images"][0]);
    let reply = invoke("stability.sd3-5-large-v1:0", &json!({ "prompt": "a rock" })).await.json();
    assert_eq!(reply["finish_reasons"], json!([null]));
}

#[tokio::test]
async fn tokens_are_counted_as_a_call_would_count_them() {
    let model = "anthropic.claude-sonnet-4-20250514-v1:0";
    let body = json!({ "input": { "converse": turn("one two three") } });
    let counted = ask(&format!("/model/{model}/count-tokens"), &body).await;
    assert_eq!(counted.json(), json!({ "inputTokens": 3 }));
    let native = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 10,
        "messages": [{ "role": "user", "content": "one two three" }],
    });
    let native = json!({ "invokeModel": { "body": STANDARD.encode(native.to_string()) } });
    let counted = ask(&format!("/model/{model}/count-tokens"), &json!({ "input": native })).await;
    assert_eq!(counted.json(), json!({ "inputTokens": 3 }));

    for (model, message) in [
        (format!("us.{model}"), "The provided model doesn't support counting tokens."),
        ("amazon.nova-lite-v1:0".into(), "The provided model doesn't support counting tokens."),
        ("does-not-exist".into(), "The provided model identifier is invalid."),
    ] {
        let refused = ask(&format!("/model/{model}/count-tokens"), &body).await.refusal();
        assert_eq!(refused, (400, "ValidationException".into(), message.into()), "{model}");
    }
}

#[tokio::test]
async fn a_guardrail_blocks_the_words_of_its_list() {
    let emulator = quick().guarded_words(["lava"]).start().await.unwrap();
    let check = async |text: &str, version: &str| {
        let body = json!({ "source": "INPUT", "content": [{ "text": { "text": text } }] });
        let path = format!("/guardrail/abc123/version/{version}/apply");
        send(&emulator, post(&path, &body)).await
    };
    let passed = check("Tell me of rocks.", "DRAFT").await.json();
    assert_eq!((&passed["action"], &passed["outputs"]), (&json!("NONE"), &json!([])));
    assert_eq!(passed["usage"]["wordPolicyUnits"], 1);
    let blocked = check("Tell me of LAVA.", "1").await.json();
    assert_eq!(blocked["action"], "GUARDRAIL_INTERVENED");
    let words = &blocked["assessments"][0]["wordPolicy"]["customWords"];
    assert_eq!(words[0]["match"], "lava");
    assert!(blocked["outputs"][0]["text"].is_string());
    assert_eq!(check("x", "0").await.status, 400);
}
