//! Nova Canvas and Titan Image: a task, its parameters, and a configuration.

use alloc::string::String;

use serde_json::Value;

use super::{Format, Mask, Prompt, Request, Task};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, need, string};
use crate::model::ModelRef;
use crate::operation::{Named, refuse};

/// One of Amazon's families of image models. They differ in what they accept, and not in form.
pub(super) struct Amazon {
    name: &'static str,
    /// What the names of the models begin with.
    begins: &'static str,
    /// Tasks that it does not have.
    lacks: &'static [Task],
}

pub(super) static NOVA_CANVAS: Amazon =
    Amazon { name: "nova-canvas", begins: "nova-canvas", lacks: &[] };

pub(super) static TITAN_IMAGE: Amazon =
    Amazon { name: "titan-image", begins: "titan-image", lacks: &[Task::VirtualTryOn] };

impl Named for Amazon {
    fn name(&self) -> &'static str {
        self.name
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "amazon" && model.starts_with(self.begins)
    }
}

impl Format for Amazon {
    fn encode(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        if self.lacks.contains(&request.task) {
            let why = "it does not have this task; use Nova Canvas";
            return Err(EncodeError::unsupported(self.name, why).at("task"));
        }
        let why = "it takes a width and a height";
        refuse(request.aspect_ratio.is_some(), self.name, "aspectRatio", why)?;
        let why = "it gives PNG only";
        refuse(request.output_format.is_some(), self.name, "outputFormat", why)?;
        let mut body = Map::new();
        body.set(TASK, request.task.as_str());
        match Params::of(&request.task) {
            Some(params) => body.set(params.member, self.params(params, request)?),
            // The parameters of a task that is not known are among the extra members.
            None => {
                let why = "the parameters of a task of the model's own go into extra";
                refuse(!request.prompts.is_empty(), self.name, "prompts", why)?;
                refuse(!request.images.is_empty(), self.name, "images", why)?;
                refuse(request.mask.is_some(), self.name, "mask", why)?;
                refuse(!request.colors.is_empty(), self.name, "colors", why)?;
                refuse(request.strength.is_some(), self.name, "strength", why)?;
            }
        }
        let config = config(request)?;
        if !config.is_empty() {
            body.set(CONFIG, config);
        }
        Ok(body)
    }

    fn decode_request(&self, _: &ModelRef, mut body: Object) -> Result<Request, DecodeError> {
        let mut request = Request::default();
        let husks = body.husks(&[CONFIG]);
        request.task = need(body.read(TASK, Task::from_json)?, TASK)?;
        if let Some(mut config) = body.object(CONFIG)? {
            read_config(&mut config, &mut request).map_err(|error| error.at(CONFIG))?;
            if !config.is_empty() {
                request.extra.set(CONFIG, config.rest());
            }
        }
        if let Some(params) = Params::of(&request.task)
            && let Some(mut own) = body.object(params.member)?
        {
            let husks = own.husks(&["images", COLORS]);
            params.read(&mut own, &mut request).map_err(|error| error.at(params.member))?;
            let mut rest = own.rest();
            rest.extend(husks);
            if !rest.is_empty() {
                request.extra.set(params.member, rest);
            }
        }
        request.extra.extend(body.rest());
        request.extra.extend(husks);
        Ok(request)
    }
}

impl Amazon {
    fn params(&self, params: &Params, request: &Request) -> Result<Map, EncodeError> {
        let mut own = Map::new();
        let [text, negative] = request.plain_prompts(self.name)?;
        own.set_some(TEXT, text);
        own.set_some(NEGATIVE, negative);
        match (params.image, request.images.as_slice()) {
            (_, []) => {}
            (Some("images"), images) => own.set("images", images.to_vec()),
            (Some(member), [image]) => own.set(member, image.as_str()),
            (place, _) => {
                let why = match place {
                    Some(_) => "this task takes one image",
                    None => "this task takes no image here; put its images into extra",
                };
                return Err(EncodeError::unsupported(self.name, why).at("images"));
            }
        }
        match (&request.mask, params.masks) {
            (None, _) => {}
            (Some(Mask::Image(image)), true) => own.set(MASK_IMAGE, image.as_str()),
            (Some(Mask::Prompt(text)), true) => own.set(MASK_PROMPT, text.as_str()),
            (Some(_), false) => {
                refuse(true, self.name, "mask", "only inpainting and outpainting take a mask")?;
            }
        }
        if !request.colors.is_empty() {
            let why = "only colour-guided generation takes colours";
            refuse(request.task != Task::ColorGuided, self.name, COLORS, why)?;
            own.set(COLORS, request.colors.clone());
        }
        if let Some(strength) = finite_at(request.strength, "strength")? {
            let why = "only variations and texts with an image take a strength";
            let Some(member) = params.strength else {
                return Err(EncodeError::unsupported(self.name, why).at("strength"));
            };
            own.set(member, strength);
        }
        Ok(own)
    }
}

/// The parameters of a task.
struct Params {
    task: Task,
    /// The member of the body that holds them.
    member: &'static str,
    /// The member that holds the image.
    image: Option<&'static str>,
    masks: bool,
    /// The member that says how far the image counts.
    strength: Option<&'static str>,
}

impl Params {
    fn of(task: &Task) -> Option<&'static Self> {
        PARAMS.iter().find(|params| params.task == *task)
    }

    fn read(&self, own: &mut Object, request: &mut Request) -> Result<(), DecodeError> {
        request.prompts.extend(own.string(TEXT)?.map(Prompt::new));
        request.prompts.extend(own.string(NEGATIVE)?.map(Prompt::against));
        match self.image {
            Some("images") => request.images = own.each("images", string)?,
            Some(member) => request.images.extend(own.string(member)?),
            None => {}
        }
        if self.masks {
            let image = own.string(MASK_IMAGE)?.map(Mask::Image);
            // Only one of them is allowed; with both, the other stays among the extra members.
            request.mask = match image {
                Some(image) => Some(image),
                None => own.string(MASK_PROMPT)?.map(Mask::Prompt),
            };
        }
        if self.task == Task::ColorGuided {
            request.colors = own.each(COLORS, string)?;
        }
        if let Some(member) = self.strength {
            request.strength = own.number(member)?;
        }
        Ok(())
    }
}

fn config(request: &Request) -> Result<Map, EncodeError> {
    let mut config = Map::new();
    config.set_some("numberOfImages", request.count);
    config.set_some("quality", request.quality.as_deref());
    config.set_some("width", request.width);
    config.set_some("height", request.height);
    config.set_some("cfgScale", finite_at(request.cfg_scale, "cfgScale")?);
    config.set_some("seed", request.seed);
    Ok(config)
}

fn read_config(config: &mut Object, request: &mut Request) -> Result<(), DecodeError> {
    request.count = config.limit("numberOfImages")?;
    request.quality = config.string("quality")?;
    request.width = config.limit("width")?;
    request.height = config.limit("height")?;
    request.cfg_scale = config.number("cfgScale")?;
    request.seed = config.count("seed")?;
    Ok(())
}

/// The number, if it can be written in JSON.
pub(super) fn finite_at(number: Option<f64>, key: &str) -> Result<Option<Value>, EncodeError> {
    match number {
        Some(number) if !number.is_finite() => {
            Err(EncodeError::NotFinite { path: String::new() }.at(key))
        }
        number => Ok(number.map(Value::from)),
    }
}

const TASK: &str = "taskType";
const CONFIG: &str = "imageGenerationConfig";
const TEXT: &str = "text";
const NEGATIVE: &str = "negativeText";
const MASK_IMAGE: &str = "maskImage";
const MASK_PROMPT: &str = "maskPrompt";
const COLORS: &str = "colors";

const PARAMS: &[Params] = &[
    Params {
        task: Task::TextToImage,
        member: "textToImageParams",
        image: Some("conditionImage"),
        masks: false,
        strength: Some("controlStrength"),
    },
    Params {
        task: Task::Inpainting,
        member: "inPaintingParams",
        image: Some("image"),
        masks: true,
        strength: None,
    },
    Params {
        task: Task::Outpainting,
        member: "outPaintingParams",
        image: Some("image"),
        masks: true,
        strength: None,
    },
    Params {
        task: Task::Variation,
        member: "imageVariationParams",
        image: Some("images"),
        masks: false,
        strength: Some("similarityStrength"),
    },
    Params {
        task: Task::ColorGuided,
        member: "colorGuidedGenerationParams",
        image: Some("referenceImage"),
        masks: false,
        strength: None,
    },
    Params {
        task: Task::BackgroundRemoval,
        member: "backgroundRemovalParams",
        image: Some("image"),
        masks: false,
        strength: None,
    },
    Params {
        task: Task::VirtualTryOn,
        member: "virtualTryOnParams",
        image: Some("sourceImage"),
        masks: false,
        strength: None,
    },
];
