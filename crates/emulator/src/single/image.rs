//! Images: a small picture that depends on the prompt and the seed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::image;
use serde_json::{Map, Value, json};

use super::{Asked, Said, Single, missing, png, unreadable};
use crate::error::Refusal;
use crate::vector;

pub(super) struct Image;

impl Single for Image {
    fn families(&self) -> &'static [&'static str] {
        &[CANVAS, TITAN, DIFFUSION, STABILITY]
    }

    fn recognises(&self, body: &Map<String, Value>) -> Option<&'static str> {
        let forms = [("taskType", CANVAS), ("text_prompts", DIFFUSION)];
        forms.iter().find(|(key, _)| body.contains_key(*key)).map(|(_, family)| *family)
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Said, Refusal> {
        let request = image::decode_request(asked.model, asked.body).map_err(unreadable)?;
        let seed = request.seed.unwrap_or(0);
        let prompt: String = request
            .prompts
            .iter()
            .map(|prompt| prompt.text.as_str())
            .chain(request.images.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(" ");
        let family = image::family(asked.model);
        let body = match family {
            Some(DIFFUSION) => {
                let artifact = json!({
                    "seed": seed, "base64": picture(&prompt, seed), "finishReason": "SUCCESS",
                });
                json!({ "result": "success", "artifacts": [artifact] })
            }
            Some(STABILITY) if prompt.trim().is_empty() => return Err(missing("prompt")),
            Some(STABILITY) => json!({
                "images": [picture(&prompt, seed)], "seeds": [seed], "finish_reasons": [null],
            }),
            _ => {
                let count = u64::from(request.count.unwrap_or(1));
                if !(1..=MOST).contains(&count) {
                    let bound =
                        if count == 0 { "greater or equal to 1" } else { "less or equal to 5" };
                    let at = "#/imageGenerationConfig/numberOfImages";
                    return Err(Refusal::malformed(&format!("{at}: {count} is not {bound}")));
                }
                let prompt = format!("{} {prompt}", request.task.as_str());
                let pictures = (0..count).map(|n| picture(&prompt, seed.wrapping_add(n)));
                json!({ "images": pictures.collect::<Vec<_>>(), "error": null })
            }
        };
        Ok(Said { body, input_tokens: None })
    }
}

/// A few words that stand for media: the same for the same bytes.
pub(super) fn gist(media: &str) -> String {
    let letters: Vec<char> = media.chars().filter(char::is_ascii_alphanumeric).collect();
    letters.chunks(8).map(|eight| eight.iter().collect()).collect::<Vec<String>>().join(" ")
}

/// A picture of sixteen by sixteen points, in base64.
fn picture(prompt: &str, seed: u64) -> String {
    let points = vector::raw(&format!("{prompt} {seed}"), 256);
    let grey = |x: &f64| (128.0 + 64.0 * x).clamp(0.0, 255.0) as u8;
    let rows: Vec<Vec<u8>> = points.chunks(16).map(|row| row.iter().map(grey).collect()).collect();
    STANDARD.encode(png::write(16, &rows))
}

const CANVAS: &str = "nova-canvas";
const TITAN: &str = "titan-image";
const DIFFUSION: &str = "stable-diffusion";
const STABILITY: &str = "stability";
/// The most pictures of one call.
const MOST: u64 = 5;
