//! Stable Diffusion XL: prompts with weights.

use alloc::vec::Vec;

use serde_json::Value;

use super::amazon::finite_at;
use super::{Format, Mask, Prompt, Request, Task};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, elements, need, single};
use crate::model::ModelRef;
use crate::operation::{Named, refuse};

/// Stable Diffusion XL.
pub(super) struct StableDiffusion;

impl Named for StableDiffusion {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "stability" && model.starts_with("stable-diffusion")
    }
}

impl Format for StableDiffusion {
    fn encode(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        for (is_there, path, why) in [
            (!request.colors.is_empty(), "colors", "it takes no colours; name them in the prompt"),
            (request.aspect_ratio.is_some(), "aspectRatio", "it takes a width and a height"),
            (request.quality.is_some(), "quality", "it has one quality; set `steps` in extra"),
            (request.output_format.is_some(), "outputFormat", "it gives PNG only"),
            (request.task != task_of(request), "task", "what is done follows from image and mask"),
        ] {
            refuse(is_there, FORMAT, path, why)?;
        }
        let prompts = request.prompts.iter().enumerate().map(|(index, prompt)| {
            let mut member = single("text", prompt.text.as_str());
            let weight = finite_at(prompt.weight, "weight");
            member.set_some("weight", weight.map_err(|e| e.at_index(index).at("prompts"))?);
            Ok(Value::Object(member))
        });
        let mut body = single(PROMPTS, prompts.collect::<Result<Vec<_>, EncodeError>>()?);
        match request.images.as_slice() {
            [] => {}
            [image] => body.set(IMAGE, image.as_str()),
            _ => refuse(true, FORMAT, "images", "it takes one image")?,
        }
        match &request.mask {
            None => {}
            Some(Mask::Image(image)) => body.set(MASK, image.as_str()),
            Some(Mask::Prompt(_)) => {
                refuse(true, FORMAT, "mask", "it takes an image as a mask, and no text")?;
            }
        }
        body.set_some("image_strength", finite_at(request.strength, "strength")?);
        body.set_some("cfg_scale", finite_at(request.cfg_scale, "cfgScale")?);
        body.set_some("width", request.width);
        body.set_some("height", request.height);
        body.set_some("samples", request.count);
        body.set_some("seed", request.seed);
        Ok(body)
    }

    fn decode_request(&self, _: &ModelRef, mut body: Object) -> Result<Request, DecodeError> {
        let prompts = need(body.read(PROMPTS, |list| elements(list, prompt))?, PROMPTS)?;
        let mut request = Request { prompts, ..Request::default() };
        request.images.extend(body.string(IMAGE)?);
        request.mask = body.string(MASK)?.map(Mask::Image);
        request.strength = body.number("image_strength")?;
        request.cfg_scale = body.number("cfg_scale")?;
        request.width = body.limit("width")?;
        request.height = body.limit("height")?;
        request.count = body.limit("samples")?;
        request.seed = body.count("seed")?;
        request.task = task_of(&request);
        request.extra = body.rest();
        Ok(request)
    }
}

fn prompt(value: Value) -> Result<Prompt, DecodeError> {
    let mut item = Object::new(value)?;
    let text = need(item.string("text")?, "text")?;
    Ok(Prompt { text, weight: item.number("weight")? })
}

fn task_of(request: &Request) -> Task {
    match (request.images.is_empty(), &request.mask) {
        (true, _) => Task::TextToImage,
        (false, None) => Task::Variation,
        (false, Some(_)) => Task::Inpainting,
    }
}

const FORMAT: &str = "stable-diffusion";
const PROMPTS: &str = "text_prompts";
const IMAGE: &str = "init_image";
const MASK: &str = "mask_image";
