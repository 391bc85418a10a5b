//! The operations beside chat: embeddings, reranking, images, counting tokens and guardrails.
//!
//! What their replies hold is read here without the codec, and compared with what the codec reads.

use std::fmt::Display;

use codec::embed::Values;
use codec::{ModelRef, count_tokens, embed, guardrail, image, rerank};
use serde_json::{Value, json};

use super::case::Case;
use super::same;

/// One operation: which cases are of it, and what the codec makes of their bodies.
pub(crate) struct Operation {
    covers: fn(&Case, &ModelRef) -> bool,
    /// Reads a request body and writes it again.
    request: fn(&ModelRef, &[u8]) -> Result<Vec<u8>, String>,
    /// Reads a reply, as the facts that [`recorded`](Self::recorded) reads from the raw JSON.
    decoded: fn(&Case, &ModelRef, &[u8]) -> Result<Value, String>,
    recorded: fn(&Case) -> Value,
}

impl Operation {
    /// The operation of a case; `None` where it is chat.
    pub(crate) fn of(case: &Case) -> Option<(&'static Self, ModelRef)> {
        let model = case.model()?;
        let operation = OPERATIONS.iter().find(|operation| (operation.covers)(case, &model))?;
        Some((operation, model))
    }

    /// Where the request that is written differs from the one that was read.
    pub(crate) fn request(&self, case: &Case, model: &ModelRef) -> Result<Option<String>, String> {
        let written = (self.request)(model, case.request.to_string().as_bytes())?;
        let written: Value = serde_json::from_slice(&written).map_err(told)?;
        Ok(same::difference(&case.request, &written))
    }

    /// Where the reply that the codec reads differs from the recording.
    pub(crate) fn reply(&self, case: &Case, model: &ModelRef) -> Result<Option<String>, String> {
        self.compare(case, model, &case.response)
    }

    /// Where what the codec reads in a body differs from what the recording holds.
    pub(crate) fn compare(
        &self,
        case: &Case,
        model: &ModelRef,
        body: &Value,
    ) -> Result<Option<String>, String> {
        let decoded = (self.decoded)(case, model, body.to_string().as_bytes())?;
        Ok(same::difference(&(self.recorded)(case), &decoded))
    }
}

const OPERATIONS: &[Operation] = &[
    Operation {
        covers: |case, model| is_invoke(case) && embed::family(model).is_some(),
        request: |model, body| {
            let request = embed::decode_request(model, body).map_err(told)?;
            embed::encode(model, &request).map_err(told)
        },
        decoded: embeddings,
        recorded: recorded_embeddings,
    },
    Operation {
        covers: |case, model| is_invoke(case) && rerank::family(model).is_some(),
        request: |model, body| {
            let request = rerank::decode_request(model, body).map_err(told)?;
            rerank::encode(model, &request).map_err(told)
        },
        decoded: |case, model, body| {
            let reply = rerank::decode(model, body, &case.headers().as_slice()).map_err(told)?;
            Ok(reply.results.iter().map(|result| json!([result.index, result.score])).collect())
        },
        recorded: |case| {
            let results = case.response["results"].as_array().into_iter().flatten();
            let score = |result: &Value| {
                let scores = [&result["relevance_score"], &result["relevanceScore"]];
                scores.into_iter().find(|score| !score.is_null()).cloned()
            };
            results.map(|result| json!([result["index"], score(result)])).collect()
        },
    },
    Operation {
        covers: |case, model| is_invoke(case) && image::family(model).is_some(),
        request: |model, body| {
            let request = image::decode_request(model, body).map_err(told)?;
            image::encode(model, &request).map_err(told)
        },
        decoded: |case, model, body| {
            let reply = image::decode(model, body, &case.headers().as_slice()).map_err(told)?;
            let data = reply.pictures.iter().filter_map(|picture| picture.data.as_deref());
            Ok(json!({"images": data.collect::<Vec<_>>(), "error": reply.error}))
        },
        recorded: |case| {
            let body = &case.response;
            let images = body["images"].as_array().into_iter().flatten();
            let artifacts = body["artifacts"].as_array().into_iter().flatten();
            let all = images.chain(artifacts.map(|artifact| &artifact["base64"]));
            let all: Vec<_> =
                all.filter(|image| !matches!(image.as_str(), None | Some(""))).collect();
            json!({"images": all, "error": body["error"]})
        },
    },
    Operation {
        covers: |case, _| case.operation == "CountTokens",
        request: count,
        decoded: |_, _, body| Ok(count_tokens::decode(body).map_err(told)?.input_tokens.into()),
        recorded: |case| case.response["inputTokens"].clone(),
    },
    Operation {
        covers: |case, _| case.operation == "ApplyGuardrail",
        request: |_, body| {
            let request = guardrail::decode_request(body).map_err(told)?;
            guardrail::encode(&request).map_err(told)
        },
        decoded: |_, _, body| {
            let reply = guardrail::decode(body).map_err(told)?;
            let matched = reply.findings().filter(|finding| finding.action.is_some()).count();
            Ok(json!({"action": reply.action.as_str(), "outputs": reply.outputs, "found": matched}))
        },
        recorded: |case| {
            let body = &case.response;
            let outputs = body["outputs"].as_array().into_iter().flatten();
            let outputs: Vec<_> = outputs.map(|output| &output["text"]).collect();
            let found = actions(&body["assessments"]);
            json!({"action": body["action"], "outputs": outputs, "found": found})
        },
    },
];

/// A body that is to be counted is read and written too.
fn count(model: &ModelRef, body: &[u8]) -> Result<Vec<u8>, String> {
    let request = count_tokens::decode_request(body).map_err(told)?;
    if let count_tokens::Input::Invoke(inner) = &request.input
        && model.family().is_some()
    {
        let chat = request.input.request(model).map_err(told)?;
        let written = codec::encode(model, codec::Api::Invoke, &chat).map_err(told)?;
        let [read, written]: [Value; 2] = [
            serde_json::from_slice(inner).map_err(told)?,
            serde_json::from_slice(&written).map_err(told)?,
        ];
        if let Some(difference) = same::difference(&read, &written) {
            return Err(difference);
        }
    }
    count_tokens::encode(model, &request).map_err(told)
}

fn embeddings(case: &Case, model: &ModelRef, body: &[u8]) -> Result<Value, String> {
    let reply = embed::decode(model, body, &case.headers().as_slice()).map_err(told)?;
    let one = |embedding: &embed::Embedding| {
        let values = match &embedding.values {
            Values::Floats(values) => json!(values),
            Values::Integers(values) => json!(values),
            Values::Base64(text) => json!(text),
            other => json!(format!("{other:?}")),
        };
        json!({"of": embedding.input, "as": embedding.encoding.as_str(), "values": values})
    };
    let all: Vec<Value> = reply.embeddings.iter().map(one).collect();
    let tokens = reply.usage.map(|usage| usage.input_tokens);
    Ok(json!({"embeddings": all, "tokens": tokens}))
}

/// Every embedding in the body, with its place and its form.
fn recorded_embeddings(case: &Case) -> Value {
    let body = &case.response;
    let one =
        |of: &Value, form: &str, values: &Value| json!({"of": of, "as": form, "values": values});
    let mut all = Vec::new();
    if body["embedding"].is_array() {
        all.push(one(&json!(0), "float", &body["embedding"]));
    }
    for (form, values) in body["embeddingsByType"].as_object().into_iter().flatten() {
        let repeated = one(&json!(0), form, values);
        if !all.contains(&repeated) {
            all.push(repeated);
        }
    }
    let lists = match &body["embeddings"] {
        Value::Object(by_form) => {
            by_form.iter().map(|(form, list)| (form.as_str(), list)).collect()
        }
        list => vec![("float", list)],
    };
    for (form, list) in lists {
        for (at, item) in list.as_array().into_iter().flatten().enumerate() {
            match item.get("embedding") {
                Some(values) => all.push(one(&json!(0), form, values)),
                None => all.push(one(&json!(at), form, item)),
            }
        }
    }
    for item in body["data"].as_array().into_iter().flatten() {
        all.push(one(&item["index"], "float", &item["embedding"]));
    }
    let header = case.header("x-amzn-bedrock-input-token-count");
    let tokens = match &body["inputTextTokenCount"] {
        Value::Null => header.and_then(|text| text.parse::<u64>().ok()).map(Value::from),
        count => Some(count.clone()),
    };
    json!({"embeddings": all, "tokens": tokens})
}

/// How many objects in a value say what was done.
fn actions(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            usize::from(members.contains_key("action"))
                + members.values().map(actions).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(actions).sum(),
        _ => 0,
    }
}

fn is_invoke(case: &Case) -> bool {
    case.operation == "InvokeModel"
}

fn told(error: impl Display) -> String {
    error.to_string()
}
