//! Faults on purpose: what a scenario does to the requests that it names.
//!
//! A fault works on a finished response, on its status, its headers and the frames of its body, so
//! it knows nothing of what answered. Those of batch jobs and of S3 are handed to them as values.

mod batch;
mod bytes;
mod change;
mod delay;
mod effect;
mod event;
mod events;
mod frames;
mod glob;
mod hits;
mod named;
mod place;
mod refusal;
mod rule;
mod s3;
mod scenario;
mod stop_reason;
mod tool_input;
mod usage;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

pub(crate) use self::batch::{JobEnd, JobFaults};
use self::effect::Stage;
use self::hits::Hit;
pub(crate) use self::hits::Hits;
use self::rule::{Call, Rule};
pub(crate) use self::s3::Slot;
pub use self::scenario::{Scenario, ScenarioError};

/// The faults of the running scenario, with how often each was called for.
#[derive(Debug)]
pub(crate) struct Faults {
    scenario: Scenario,
    counts: Mutex<Vec<Count>>,
}

/// How often a fault's model and operation were called, and how often it struck.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    calls: u64,
    struck: u64,
}

impl Faults {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let counts = vec![Count::default(); scenario.rules().len()];
        Self { scenario, counts: Mutex::new(counts) }
    }

    /// The faults that hit a request for Bedrock.
    pub(crate) fn of_request(&self, operation: &str, model: Option<&str>) -> Hits {
        let call = Call { operation, model, object: None };
        self.of(&call, |stage| stage != Stage::Job)
    }

    /// The faults that hit a request for S3; `object` is the bucket and the key.
    pub(crate) fn of_s3(&self, operation: &str, object: &str) -> Hits {
        let call = Call { operation, model: None, object: Some(object) };
        self.of(&call, |stage| stage != Stage::Job)
    }

    /// The faults that hit a batch job that was just made.
    pub(crate) fn of_job(&self, model: &str) -> JobFaults {
        let call = Call { operation: "CreateModelInvocationJob", model: Some(model), object: None };
        let mut hits = self.of(&call, |stage| stage == Stage::Job);
        hits.iter_mut().for_each(|hit| self.strike(hit));
        JobFaults::of(&hits)
    }

    /// Notes and counts that a fault strikes.
    fn strike(&self, hit: &mut Hit) {
        hit.strike();
        if let Some(count) = self.counts().get_mut(hit.index) {
            count.struck += 1;
        }
    }

    /// Begins every count anew.
    pub(crate) fn reset(&self) {
        self.counts().fill(Count::default());
    }

    /// Each fault with its counts.
    pub(crate) fn metrics(&self) -> Value {
        let counts = self.counts();
        let rows = self.scenario.rules().iter().zip(counts.iter());
        let rows = rows.map(|(rule, count)| {
            json!({ "fault": rule.name(), "calls": count.calls, "struck": count.struck })
        });
        rows.collect()
    }

    /// Counts a call for every fault that it is meant for, and gives those whose turn it is.
    fn of(&self, call: &Call<'_>, wanted: impl Fn(Stage) -> bool) -> Hits {
        if self.scenario.rules().is_empty() {
            return Hits::default();
        }
        let mut counts = self.counts();
        let rules = self.scenario.rules().iter().zip(counts.iter_mut()).enumerate();
        let hits = rules.filter_map(|(index, (rule, count))| {
            if !wanted(rule.effect.act().stage()) || !rule.is_for(call) {
                return None;
            }
            count.calls += 1;
            let seed = self.scenario.seed().wrapping_add(index as u64);
            rule.when.holds(count.calls, seed).then(|| Hit::new(index, Rule::clone(rule)))
        });
        Hits::new(hits.collect(), call.model)
    }

    fn counts(&self) -> MutexGuard<'_, Vec<Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Faults {
        Faults::new(Scenario::from_toml(text).unwrap())
    }

    /// Which of the first ten calls are hit.
    fn struck(faults: &Faults) -> Vec<usize> {
        let hit = |_: &usize| !faults.of_request("Converse", Some("a.b")).is_empty();
        (1..=10).filter(hit).collect()
    }

    #[test]
    fn the_turn_of_a_fault_is_counted_by_itself() {
        for (when, expected) in [
            ("", vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
            ("when = { nth = 3 }", vec![3]),
            ("when = { every = 4 }", vec![4, 8]),
            ("when = { first = 2 }", vec![1, 2]),
            ("when = { between = [4, 6] }", vec![4, 5, 6]),
            ("when = { probability = 0.0 }", vec![]),
            ("when = { probability = 1.0 }", vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ] {
            let faults = faults(&format!("[[fault]]\n{when}\neffect = {{ delay = {{ ms = 1 }} }}"));
            // Calls that the fault is not meant for do not count.
            faults.of_request("GetModelInvocationJob", None);
            assert_eq!(struck(&faults), expected, "{when}");
            faults.reset();
            assert_eq!(struck(&faults), expected, "{when} after a reset");
        }
    }

    #[test]
    fn chance_comes_from_the_seed_alone() {
        let text = |seed: u64| {
            format!(
                "seed = {seed}\n[[fault]]\nwhen = {{ probability = 0.3 }}\n\
                 effect = {{ delay = {{ ms = 1 }} }}"
            )
        };
        let run = |seed| {
            let faults = faults(&text(seed));
            (0..1000).map(|_| struck(&faults).len()).sum::<usize>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(struck(&faults(&text(1))), struck(&faults(&text(4))));
        // Ten thousand draws at 0.3, within five standard deviations.
        assert!((2770..=3230).contains(&run(7)), "{}", run(7));
    }

    #[test]
    fn faults_are_for_the_models_and_operations_that_they_name() {
        let hit = |rule: &str, operation: &str, model: &str| {
            let text = format!("[[fault]]\n{rule}\neffect = {{ delay = {{ ms = 1 }} }}");
            !faults(&text).of_request(operation, Some(model)).is_empty()
        };
        let nova = "us.amazon.nova-lite-v1:0";
        assert!(hit("", "InvokeModel", nova));
        assert!(!hit("", "CountTokens", nova));
        assert!(hit("operation = \"Count*\"", "CountTokens", nova));
        assert!(!hit("operation = \"Converse\"", "ConverseStream", nova));
        assert!(hit("operation = \"Converse*\"", "ConverseStream", nova));
        assert!(hit("model = \"us.amazon.*\"", "Converse", nova));
        // The id without its region prefix stands for all scopes.
        assert!(hit("model = \"amazon.nova-lite-v1:0\"", "Converse", nova));
        assert!(!hit("model = \"amazon.nova-pro*\"", "Converse", nova));
    }
}
