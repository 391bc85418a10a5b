//! Images: a small picture that depends on the prompt and the seed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Said, Single, png};
use crate::error::Refusal;
use crate::vector;

pub(super) struct Image;

impl Single for Image {
    fn claims(&self, name: &str) -> bool {
        ["amazon.nova-canvas", "amazon.titan-image", "stability."]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    }

    fn answer(&self, name: &str, body: &Map<String, Value>) -> Result<Said, Refusal> {
        let text = |key: &str| body.get(key).and_then(Value::as_str);
        let said = |body| Ok(Said { body, input_tokens: None });
        let seed = body.get("seed").and_then(Value::as_u64).unwrap_or(0);
        if name.starts_with("stability.stable-diffusion-xl") {
            let prompts = body.get("text_prompts").filter(|prompts| prompts.is_array());
            let prompts = prompts.ok_or_else(|| missing("text_prompts"))?;
            let artifact = json!({
                "seed": seed,
                "base64": picture(&prompts.to_string(), seed),
                "finishReason": "SUCCESS",
            });
            return said(json!({ "result": "success", "artifacts": [artifact] }));
        }
        if name.starts_with("stability.") {
            let prompt = text("prompt").or_else(|| text("image"));
            let picture = picture(prompt.ok_or_else(|| missing("prompt"))?, seed);
            return said(json!({
                "images": [picture], "seeds": [seed], "finish_reasons": [null],
            }));
        }
        let task = text("taskType").ok_or_else(|| missing("taskType"))?;
        let config = body.get("imageGenerationConfig").unwrap_or(&Value::Null);
        let count = config["numberOfImages"].as_u64().unwrap_or(1);
        if !(1..=5).contains(&count) {
            return Err(Refusal::validation(format!(
                "Malformed input request: #/imageGenerationConfig/numberOfImages: {count} is not \
                 less or equal to 5, please reformat your input and try again."
            )));
        }
        let seed = config["seed"].as_u64().unwrap_or(0);
        let params = body.iter().filter(|(key, _)| key.ends_with("Params"));
        let prompt = params.fold(task.to_owned(), |prompt, (_, value)| prompt + &value.to_string());
        let pictures: Vec<String> = (0..count).map(|n| picture(&prompt, seed + n)).collect();
        said(json!({ "images": pictures, "error": null }))
    }
}

/// A few words that stand for media: the same for the same bytes.
pub(super) fn gist(media: &str) -> String {
    let letters: Vec<char> = media.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.chunks(8).map(|eight| eight.iter().collect()).collect::<Vec<String>>().join(" ")
}

fn missing(key: &str) -> Refusal {
    Refusal::validation(format!(
        "Malformed input request: #: required key [{key}] not found, please reformat your input \
         and try again."
    ))
}

/// A picture of sixteen by sixteen points, in base64.
fn picture(prompt: &str, seed: u64) -> String {
    let points = vector::raw(&format!("{prompt} {seed}"), 256);
    let grey = |x: &f64| (128.0 + 64.0 * x).clamp(0.0, 255.0) as u8;
    let rows: Vec<Vec<u8>> = points.chunks(16).map(|row| row.iter().map(grey).collect()).collect();
    STANDARD.encode(png::write(16, &rows))
}
