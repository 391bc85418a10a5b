//! A policy by itself, without a server: the test says what comes of each call.

use outcrop_sim::policy::{self, Answer, Next, Policy};
use outcrop_sim::server::{Kind, Refusal};
use outcrop_sim::{Dist, Mix, Model, Prompt, Workload};

pub(crate) struct Drive {
    policy: Box<dyn Policy>,
    pub(crate) now: u64,
}

impl Drive {
    /// A policy for one model, which has so many requests waiting, of 250 tokens each and 120
    /// more at most.
    pub(crate) fn new(name: &str, model: Model, count: usize, seed: u64) -> Self {
        let mix = Mix {
            input: Dist::Constant(250.0),
            output: Dist::Constant(1.0),
            max_tokens: 120,
            latency: Dist::Constant(1.0),
        };
        let work = Workload::backlog("test", model, &mix, count, 1);
        let kind = Kind::named("bucket-60s").unwrap();
        let mut policy = policy::make(name, &kind, &work, seed).unwrap();
        for (id, request) in work.requests.iter().enumerate() {
            let prompt: &Prompt = &request.prompt;
            policy.arrive(0, id, prompt);
        }
        Self { policy, now: 0 }
    }

    /// The next request that is sent, or given up, when time goes on as far as it has to; `None` if
    /// the policy waits for an answer.
    pub(crate) fn next(&mut self) -> Option<Next> {
        loop {
            match self.policy.next(self.now) {
                Next::Wait(u64::MAX) => return None,
                Next::Wait(until) => self.now = until,
                next => return Some(next),
            }
        }
    }

    pub(crate) fn refuse(&mut self, id: usize, why: Refusal) {
        self.policy.answer(self.now, id, Answer::Refused(why));
    }

    pub(crate) fn done(&mut self, id: usize, input: u64, output: u64) {
        self.policy.answer(self.now, id, Answer::Done { input, output });
    }
}
