//! The prompt: from the command line, a file or standard input, with the options that shape it.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use client::{ModelRef, Request};

use crate::args::Globals;
use crate::error::Error;

/// Which model, and what to ask it.
#[derive(Debug, clap::Args)]
pub(crate) struct Question {
    /// Model id, inference profile id or ARN
    #[arg(short, long)]
    model: String,
    /// The prompt; "-" or nothing reads it from standard input
    prompt: Option<String>,
    /// Read the prompt from this file; "-" is standard input
    #[arg(short, long, value_name = "PATH", conflicts_with = "prompt")]
    file: Option<PathBuf>,
    #[command(flatten)]
    shape: Shape,
}

/// How the reply is to be made.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Shape {
    /// Instructions that stand before the conversation
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// The most tokens that the reply may have; Bedrock reserves them against the quota
    /// [default: 4096 where the model's family needs a limit, else the model's own]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: Option<u32>,
    /// How freely the model chooses, from 0
    #[arg(long, value_name = "X", value_parser = at_least_zero, allow_negative_numbers = true)]
    temperature: Option<f64>,
    /// The share of likely words that the model chooses from, 0 to 1
    #[arg(long, value_name = "X", value_parser = share, allow_negative_numbers = true)]
    top_p: Option<f64>,
    /// Text that ends the reply; may be given several times
    #[arg(long, value_name = "TEXT")]
    stop: Vec<String>,
}

impl Question {
    pub(crate) fn model(&self, globals: &Globals) -> Result<ModelRef, Error> {
        model(&self.model, globals)
    }

    /// The request, its prompt read from wherever it is.
    pub(crate) async fn request(&self) -> Result<Request, Error> {
        let prompt = match (&self.prompt, &self.file) {
            (Some(prompt), _) if prompt != "-" => prompt.clone(),
            (None, Some(path)) if path != Path::new("-") => {
                let path = path.clone();
                aside(move || read(&path, || fs::read(&path))).await?
            }
            _ => aside(standard_input).await?,
        };
        self.shape.request(&prompt)
    }
}

impl Shape {
    /// A request of this shape with this prompt.
    pub(crate) fn request(&self, prompt: &str) -> Result<Request, Error> {
        if prompt.trim().is_empty() {
            return Err(Error::BlankPrompt);
        }
        Ok(self.clone().apply(Request::user(prompt)))
    }

    fn apply(self, mut request: Request) -> Request {
        if let Some(system) = self.system {
            request = request.with_system(system);
        }
        if let Some(tokens) = self.max_tokens {
            request = request.with_max_tokens(tokens);
        }
        if let Some(temperature) = self.temperature {
            request = request.with_temperature(temperature);
        }
        if let Some(top_p) = self.top_p {
            request = request.with_top_p(top_p);
        }
        self.stop.into_iter().fold(request, Request::with_stop_sequence)
    }
}

/// The model at this address, of the family that `--family` names.
pub(crate) fn model(address: &str, globals: &Globals) -> Result<ModelRef, Error> {
    let model = ModelRef::parse(address).map_err(Error::Model)?;
    match &globals.family {
        Some(family) => model.with_family(family).map_err(Error::Model),
        None => Ok(model),
    }
}

/// Reads on another thread, so that an interrupt ends the command while nothing comes.
pub(crate) async fn aside<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(read).await;
    done.map_err(|failed| Error::Machine(failed.into()))?
}

fn standard_input() -> Result<String, Error> {
    let mut stdin = io::stdin().lock();
    if stdin.is_terminal() {
        crate::output::note("reading the prompt from standard input; Ctrl-D ends it");
    }
    read(Path::new("standard input"), || {
        let mut bytes = Vec::new();
        stdin.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

fn read(name: &Path, bytes: impl FnOnce() -> io::Result<Vec<u8>>) -> Result<String, Error> {
    let bytes = bytes().map_err(|source| Error::read(name, source))?;
    String::from_utf8(bytes).map_err(|error| Error::NotUtf8 {
        name: name.display().to_string(),
        at: error.utf8_error().valid_up_to(),
    })
}

fn at_least_zero(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "expected a number from 0".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}
