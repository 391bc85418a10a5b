//! The faults that hit one request.

use s3s::S3Error;

use super::effect::Effect;
use super::frames::Tried;
use super::rule::Rule;
use crate::body::Response;

/// The faults that hit one request, in the order of the scenario. What could not be done to it is
/// no longer among them when it has been answered.
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
}

impl Hits {
    pub(super) fn new(hits: Vec<Hit>, model: Option<&str>) -> Self {
        Self { hits, model: model.unwrap_or_default().into() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Hit> {
        self.hits.iter()
    }

    pub(super) fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.hits.iter().map(|hit| &hit.rule.effect)
    }

    /// The names of the faults, for people.
    pub(crate) fn names(&self) -> Vec<String> {
        self.hits.iter().map(|hit| hit.rule.name().to_owned()).collect()
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
    pub(crate) async fn before(&mut self) -> Option<Response> {
        let mut answer = None;
        let mut kept = Vec::with_capacity(self.hits.len());
        for hit in self.hits.drain(..) {
            // Behind an answer nothing else can come before one.
            let act = hit.rule.effect.act();
            if answer.is_none() || !act.stage().is_before() {
                answer = answer.or(act.before(&self.model).await);
                kept.push(hit);
            }
        }
        self.hits = kept;
        answer
    }

    /// Does to the answer what is to be done to it.
    pub(crate) async fn after(&mut self, mut response: Response) -> Response {
        let mut kept = Vec::with_capacity(self.hits.len());
        for hit in self.hits.drain(..) {
            let act = hit.rule.effect.act();
            if act.stage().is_before() {
                kept.push(hit);
                continue;
            }
            response = match act.after(response, &self.model).await {
                Tried::Struck(changed) => {
                    kept.push(hit);
                    changed
                }
                Tried::Missed(as_it_was) => as_it_was,
            };
        }
        self.hits = kept;
        response
    }
}
