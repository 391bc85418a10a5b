//! What is to be done: requests with their arrival, and what only the server will know of them.

mod burst;
mod chat;
mod long;
mod mixed;
mod tenants;

use crate::dist::Dist;
use crate::math::ln;
use crate::rng::Rng;
use crate::time::nanos;

/// Requests, and the quotas of the models that they go to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Workload {
    /// Its name in tables.
    pub name: &'static str,
    /// The models, by their number in [`Prompt::model`].
    pub models: Vec<Model>,
    /// The weights of the tenants, by their number in [`Prompt::tenant`].
    pub weights: Vec<u32>,
    /// In the order of their arrival.
    pub requests: Vec<Request>,
}

/// The published quotas of a model, and how it counts output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "these are the numbers that are published")]
pub struct Model {
    /// Requests a minute; 0 is no limit.
    pub rpm: u64,
    /// Tokens a minute; 0 is no limit.
    pub tpm: u64,
    /// Tokens a day, which come back at midnight; 0 is no limit.
    pub tpd: u64,
    /// Quota tokens for a token of output.
    pub burn: u64,
}

/// What a client knows of a request before it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "this is what a client knows")]
pub struct Prompt {
    /// When it comes.
    pub arrival: u64,
    /// Whose it is.
    pub tenant: usize,
    /// Where it goes.
    pub model: usize,
    /// The length of its text.
    pub bytes: u64,
    /// The tokens of its text, for those who have counted them.
    pub input: u64,
    /// The most output that it asks for.
    pub max_tokens: u64,
}

/// A request, and what will come of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a request is made by whoever writes a workload")]
pub struct Request {
    /// What the client knows.
    pub prompt: Prompt,
    /// The output that it will have.
    pub output: u64,
    /// How long it takes from its admission to its end.
    pub latency: u64,
}

impl Request {
    /// What it costs in the end.
    pub fn cost(&self, model: &Model) -> u64 {
        self.prompt.input + model.burn * self.output
    }
}

/// How the requests of one kind are spread.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "made by whoever writes a workload")]
pub struct Mix {
    /// Tokens of input.
    pub input: Dist,
    /// Tokens of output, cut off at `max_tokens`.
    pub output: Dist,
    /// The most output.
    pub max_tokens: u64,
    /// Seconds from admission to the end.
    pub latency: Dist,
}

impl Mix {
    /// Draws a request.
    pub fn draw(&self, rng: &mut Rng, arrival: u64, model: usize, tenant: usize) -> Request {
        let input = self.input.count(rng, u64::MAX);
        // Text of some four bytes to the token, more or less.
        let density = 3.6 + 0.8 * rng.part();
        let bytes = (input as f64 * density) as u64;
        let output = self.output.count(rng, self.max_tokens);
        let latency = nanos(self.latency.draw(rng));
        let max_tokens = self.max_tokens;
        let prompt = Prompt { arrival, tenant, model, bytes, input, max_tokens };
        Request { prompt, output, latency }
    }
}

impl Workload {
    /// Every workload, drawn from this seed.
    pub fn all(seed: u64) -> Vec<Self> {
        vec![
            chat::make(seed),
            burst::make(seed),
            long::make(seed),
            mixed::make(seed),
            tenants::make(seed),
            chat::constant(seed),
            chat::heavy(seed),
        ]
    }

    /// A workload of your own, for one model and one tenant: `count` requests that wait from the
    /// start.
    pub fn backlog(name: &'static str, model: Model, mix: &Mix, count: usize, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let requests = (0..count).map(|_| mix.draw(&mut rng, 0, 0, 0)).collect();
        Self { name, models: vec![model], weights: vec![1], requests }
    }
}

/// Arrivals at random with this mean distance, up to `until`.
fn poisson(rng: &mut Rng, mean: f64, until: f64) -> Vec<u64> {
    let mut arrivals = Vec::new();
    let mut at = 0.0;
    loop {
        at -= mean * ln(rng.part());
        if at >= until {
            return arrivals;
        }
        arrivals.push(nanos(at));
    }
}

/// The length of the workloads that arrive over time, in seconds.
const LENGTH: f64 = 45.0 * 60.0;
