//! Stability's later models and editing services: one flat body. What a service does is in the name
//! of its model.

use super::amazon::finite_at;
use super::{Format, Mask, Prompt, Request, Task};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object};
use crate::model::ModelRef;
use crate::operation::{Named, refuse};

/// Stable Diffusion 3, Core, Ultra, and the editing services.
pub(super) struct Stability;

impl Named for Stability {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn claims(&self, provider: &str, _model: &str) -> bool {
        provider == "stability"
    }
}

impl Format for Stability {
    fn encode(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        for (is_there, path, why) in [
            (!request.colors.is_empty(), "colors", "it takes no colours; name them in the prompt"),
            (request.count.is_some(), "count", "it makes one image a call"),
            (request.width.is_some(), "width", "it takes an aspect ratio"),
            (request.height.is_some(), "height", "it takes an aspect ratio"),
            (request.quality.is_some(), "quality", "the model itself is the quality"),
            (request.task != task_of(model, request), "task", "the model has another task"),
        ] {
            refuse(is_there, FORMAT, path, why)?;
        }
        let [prompt, negative] = request.plain_prompts(FORMAT)?;
        let mut body = Map::new();
        body.set_some("prompt", prompt);
        body.set_some("negative_prompt", negative);
        match request.images.as_slice() {
            [] => {}
            [image] => body.set("image", image.as_str()),
            _ => refuse(true, FORMAT, "images", "it takes one image; put others into extra")?,
        }
        match &request.mask {
            None => {}
            Some(Mask::Image(image)) => body.set("mask", image.as_str()),
            Some(Mask::Prompt(_)) => {
                refuse(true, FORMAT, "mask", "it takes an image as a mask, and no text")?;
            }
        }
        body.set_some("strength", finite_at(request.strength, "strength")?);
        body.set_some("cfg_scale", finite_at(request.cfg_scale, "cfgScale")?);
        body.set_some("aspect_ratio", request.aspect_ratio.as_deref());
        body.set_some("seed", request.seed);
        body.set_some("output_format", request.output_format.as_deref());
        if needs_mode(model, request) && !request.extra.contains_key(MODE) {
            body.set(MODE, FROM_IMAGE);
        }
        Ok(body)
    }

    fn decode_request(&self, model: &ModelRef, mut body: Object) -> Result<Request, DecodeError> {
        let mut request = Request::default();
        request.prompts.extend(body.string("prompt")?.map(Prompt::new));
        request.prompts.extend(body.string("negative_prompt")?.map(Prompt::against));
        request.images.extend(body.string("image")?);
        request.mask = body.string("mask")?.map(Mask::Image);
        request.strength = body.number("strength")?;
        request.cfg_scale = body.number("cfg_scale")?;
        request.aspect_ratio = body.string("aspect_ratio")?;
        request.seed = body.count("seed")?;
        request.output_format = body.string("output_format")?;
        request.task = task_of(model, &request);
        if body.text(MODE) == Some(FROM_IMAGE) && needs_mode(model, &request) {
            body.skip(MODE);
        }
        request.extra = body.rest();
        Ok(request)
    }
}

/// What a model does with this request.
fn task_of(model: &ModelRef, request: &Request) -> Task {
    let name = model.model().unwrap_or_default();
    match TASKS.iter().find(|(service, _)| name.contains(service)) {
        Some((_, task)) => task.clone(),
        None if SERVICES.iter().any(|service| name.contains(service)) => {
            Task::Other(SERVICE.into())
        }
        None if request.images.is_empty() => Task::TextToImage,
        None => Task::Variation,
    }
}

/// Stable Diffusion 3 must be told that it starts from an image.
fn needs_mode(model: &ModelRef, request: &Request) -> bool {
    let name = model.model().unwrap_or_default();
    name.starts_with("sd3") && !request.images.is_empty()
}

const FORMAT: &str = "stability";
const MODE: &str = "mode";
const FROM_IMAGE: &str = "image-to-image";
/// The task of the services that have no counterpart elsewhere.
const SERVICE: &str = "STABILITY_SERVICE";

/// What the names of services hold that do what others do too.
const TASKS: [(&str, Task); 3] = [
    ("inpaint", Task::Inpainting),
    ("outpaint", Task::Outpainting),
    ("remove-background", Task::BackgroundRemoval),
];

/// What the names of the other services hold.
const SERVICES: [&str; 6] = ["upscale", "erase", "search", "control", "style", "transfer"];
