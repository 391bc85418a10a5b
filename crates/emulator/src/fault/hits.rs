//! The faults that hit one request.

use s3s::S3Error;

use super::Faults;
use super::effect::Effect;
use super::frames::Tried;
use super::rule::Rule;
use crate::body::Response;

/// The faults whose turn it is at one request, in the order of the scenario. Those that could be
/// done to it strike.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    hits: Vec<Hit>,
    /// The model of the request, which some words of the service name.
    model: String,
}

/// A fault of the scenario whose turn it is.
#[derive(Debug)]
pub(super) struct Hit {
    /// Its place in the scenario.
    pub(super) index: usize,
    pub(super) rule: Rule,
    struck: bool,
}

impl Hits {
    pub(super) fn new(hits: Vec<Hit>, model: Option<&str>) -> Self {
        Self { hits, model: model.unwrap_or_default().into() }
    }

    #[cfg(test)]
    pub(super) const fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Hit> {
        self.hits.iter_mut()
    }

    pub(super) fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.hits.iter().map(|hit| &hit.rule.effect)
    }

    /// The names of the faults that struck, for people.
    pub(crate) fn names(&self) -> Vec<String> {
        self.hits.iter().filter(|hit| hit.struck).map(|hit| hit.rule.name().to_owned()).collect()
    }

    /// Whether nobody but a fault is to answer.
    pub(super) fn answer(&self) -> bool {
        self.effects().any(|effect| effect.act().stage().is_an_answer())
    }

    /// The error of S3 to answer with.
    pub(super) fn s3_error(&self) -> Option<S3Error> {
        self.effects().find_map(|effect| match effect {
            Effect::S3Error(failure) => Some(failure.to_error()),
            _ => None,
        })
    }

    /// Does what comes before the answer; a response is all the answer there is.
    ///
    /// A fault strikes when it begins: the client may go away before it is over.
    pub(crate) async fn before(&mut self, faults: &Faults) -> Option<Response> {
        for hit in &mut self.hits {
            if hit.rule.effect.act().stage().is_before() {
                faults.strike(hit);
                // Behind an answer nothing else can come before one.
                if let Some(answer) = hit.rule.effect.act().before(&self.model).await {
                    return Some(answer);
                }
            }
        }
        None
    }

    /// Does to the answer what is to be done to it.
    pub(crate) async fn after(&mut self, faults: &Faults, mut response: Response) -> Response {
        for hit in &mut self.hits {
            if hit.rule.effect.act().stage().is_before() {
                continue;
            }
            response = match hit.rule.effect.act().after(response, &self.model).await {
                Tried::Struck(changed) => {
                    faults.strike(hit);
                    changed
                }
                Tried::Missed(as_it_was) => as_it_was,
            };
        }
        response
    }
}

impl Hit {
    pub(super) const fn new(index: usize, rule: Rule) -> Self {
        Self { index, rule, struck: false }
    }

    pub(super) const fn strike(&mut self) {
        self.struck = true;
    }
}
