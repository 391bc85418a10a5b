//! What image is wanted.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::Map;
use crate::error::EncodeError;
use crate::words::words;

/// A request for images. What is absent is left to the model.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// What is to be done.
    pub task: Task,
    /// What the image should show, and what not.
    pub prompts: Vec<Prompt>,
    /// The images to start from, as base64.
    pub images: Vec<String>,
    /// Where in the image to work.
    pub mask: Option<Mask>,
    /// Colours to keep to, such as `#ff9900`.
    pub colors: Vec<String>,
    /// How far the result follows the image given, from 0 to 1.
    pub strength: Option<f64>,
    /// How many images.
    pub count: Option<u32>,
    /// The width in pixels.
    pub width: Option<u32>,
    /// The height in pixels.
    pub height: Option<u32>,
    /// The proportions, such as `16:9`.
    pub aspect_ratio: Option<String>,
    /// How closely the result follows the prompt.
    pub cfg_scale: Option<f64>,
    /// The seed of chance.
    pub seed: Option<u64>,
    /// The quality, such as `standard` or `premium`.
    pub quality: Option<String>,
    /// The format of the result, such as `png`.
    pub output_format: Option<String>,
    /// Members of the family's own, merged last into the body. One that is there already is an
    /// error.
    pub extra: Map,
}

words! {
    /// What is to be done with images.
    #[derive(Default)]
    Task {
        /// An image from a text.
        #[default]
        TextToImage = "TEXT_IMAGE",
        /// A part of an image anew.
        Inpainting = "INPAINTING",
        /// What lies around a part of an image.
        Outpainting = "OUTPAINTING",
        /// Another image like those given.
        Variation = "IMAGE_VARIATION",
        /// An image in given colours.
        ColorGuided = "COLOR_GUIDED_GENERATION",
        /// The image without its background.
        BackgroundRemoval = "BACKGROUND_REMOVAL",
        /// A garment of one image on the person of another.
        VirtualTryOn = "VIRTUAL_TRY_ON",
    }
}

/// A text about the image.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Prompt {
    /// The text.
    pub text: String,
    /// How much it counts. One below 0 says what the image should not show.
    pub weight: Option<f64>,
}

/// Where in an image to work.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mask {
    /// An image of the same size in black and white, as base64.
    Image(String),
    /// A text that names the part.
    Prompt(String),
}

impl Request {
    /// A request for an image of what the text says.
    pub fn text(prompt: impl Into<String>) -> Self {
        Self { prompts: vec![Prompt::new(prompt)], ..Self::default() }
    }

    /// A request to do something with an image in base64.
    pub fn edit(task: Task, image: impl Into<String>) -> Self {
        Self { task, images: vec![image.into()], ..Self::default() }
    }

    /// Says what the image should show.
    #[must_use]
    pub fn with_prompt(mut self, prompt: Prompt) -> Self {
        self.prompts.push(prompt);
        self
    }

    /// Sets the seed of chance.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets where in the image to work.
    #[must_use]
    pub fn with_mask(mut self, mask: Mask) -> Self {
        self.mask = Some(mask);
        self
    }

    /// The one text for and the one against, for a family that takes no weights.
    pub(super) fn plain_prompts(
        &self,
        format: &'static str,
    ) -> Result<[Option<&str>; 2], EncodeError> {
        let mut found = [None; 2];
        for (index, prompt) in self.prompts.iter().enumerate() {
            let place = match prompt.weight {
                None => found.first_mut(),
                Some(weight) if weight == NEGATIVE => found.last_mut(),
                Some(_) => None,
            };
            match place {
                Some(free @ None) => *free = Some(prompt.text.as_str()),
                _ => {
                    let why = "it takes one text without a weight, and one against with weight -1";
                    let error = EncodeError::unsupported(format, why);
                    return Err(error.at_index(index).at("prompts"));
                }
            }
        }
        Ok(found)
    }
}

impl Prompt {
    /// What the image should show.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), weight: None }
    }

    /// What the image should not show.
    pub fn against(text: impl Into<String>) -> Self {
        Self { text: text.into(), weight: Some(NEGATIVE) }
    }
}

const NEGATIVE: f64 = -1.0;
