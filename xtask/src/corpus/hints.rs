//! Which family wrote a body, by its shape, where neither the address nor the recording says it.

use serde_json::Value;

/// The name of the family, if the shape is that of one alone.
pub(crate) fn family(request: &Value, response: &Value) -> Option<&'static str> {
    let has = |place: &str| {
        let (body, pointer) = match place.strip_prefix("request") {
            Some(pointer) => (request, pointer),
            None => (response, place.strip_prefix("response").unwrap_or(place)),
        };
        body.pointer(pointer).is_some()
    };
    let row = SHAPES.iter().find(|(places, _)| places.iter().all(|place| has(place)));
    row.map(|(_, family)| *family)
}

/// The members that must all be there. The first row that fits decides.
const SHAPES: &[(&[&str], &str)] = &[
    (&["request/anthropic_version"], "anthropic"),
    (&["request/max_tokens_to_sample"], "anthropic"),
    (&["request/inputImage"], "titan-embed-image"),
    (&["request/embeddingConfig"], "titan-embed-image"),
    (&["request/inputText", "response/embedding"], "titan-embed"),
    (&["request/inputText", "response/embeddingsByType"], "titan-embed"),
    (&["request/singleEmbeddingParams"], "nova-embed"),
    (&["request/input_type"], "cohere-embed"),
    (&["request/documents", "request/query", "request/api_version"], "cohere-rerank"),
    (&["request/documents", "request/query"], "amazon-rerank"),
    (&["request/taskType"], "titan-image"),
    (&["request/text_prompts"], "stable-diffusion"),
    (&["response/finish_reasons", "response/seeds"], "stability"),
    (&["request/textGenerationConfig"], "titan"),
    (&["response/results/0/outputText"], "titan"),
    (&["request/inferenceConfig"], "nova"),
    (&["response/output/message"], "nova"),
    (&["response/generation"], "llama"),
    (&["response/outputs/0/text"], "mistral"),
    (&["response/generations/0/text"], "command"),
    (&["response/completions/0/data"], "jurassic"),
    (&["request/message"], "command-r"),
    (&["response/choices/0/message"], "openai"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shape_tells_the_family() {
        for (request, response, expected) in [
            (json!({"anthropic_version": "x"}), json!(null), Some("anthropic")),
            (json!({"inputText": "x"}), json!({"embedding": []}), Some("titan-embed")),
            (json!({"inputText": "x"}), json!({"results": [{"outputText": ""}]}), Some("titan")),
            (json!({"query": "x", "documents": []}), json!(null), Some("amazon-rerank")),
            (json!({"prompt": "x"}), json!({"generation": ""}), Some("llama")),
            (json!({"prompt": "x"}), json!({"message": ""}), None),
        ] {
            assert_eq!(family(&request, &response), expected, "{request} {response}");
        }
    }

    #[test]
    fn every_shape_names_a_family_that_exists() {
        for (_, family) in SHAPES {
            let model = codec::ModelRef::parse("hidden").unwrap();
            assert!(model.with_family(family).is_ok(), "{family}");
        }
    }
}
