//! All provisioned throughputs.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::request::{Change, Request};
use super::throughput::{Moment, Status, Throughput};
use crate::control::list::{Row, Selection};
use crate::control::page::Page;
use crate::error::{Kind, Refusal};

/// The throughputs in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Provisioned(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    rows: Vec<Throughput>,
    /// How many were ever made.
    made: u64,
}

/// A throughput that a call may use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dedicated {
    pub(crate) arn: String,
    /// The id of the model that answers.
    pub(crate) model: String,
}

impl Provisioned {
    /// Takes a new throughput. One with the client token of an earlier one is that one: its ARN is
    /// given again and nothing is added.
    pub(super) fn add(
        &self,
        id: &str,
        region: &str,
        request: Request,
        most_units: Option<u64>,
        at: Moment,
        stage: Duration,
    ) -> Result<(String, bool), Refusal> {
        let mut table = self.table();
        let token = request.client_token.as_ref();
        let mut rows = table.rows.iter();
        let earlier =
            rows.find(|row| token.is_some() && row.request.client_token.as_ref() == token);
        if let Some(earlier) = earlier {
            return Ok((earlier.arn.clone(), false));
        }
        table.check_name(&request.name, None)?;
        let bought: u64 = table.rows.iter().map(|row| row.request.units).sum();
        if let Some(most) = most_units.filter(|most| bought.saturating_add(request.units) > *most) {
            return Err(Refusal::new(
                Kind::QuotaExceeded,
                format!(
                    "Your account has a quota of {most} model units for Provisioned Throughput, \
                     of which {bought} are in use. Request an increase, or delete a Provisioned \
                     Throughput, and try again."
                ),
            ));
        }
        let number = table.made;
        table.made += 1;
        let row = Throughput::new(number, id, region, request, at, stage);
        let arn = row.arn.clone();
        table.rows.push(row);
        Ok((arn, true))
    }

    pub(super) fn get(&self, identifier: &str, now: Instant) -> Result<Value, Refusal> {
        self.table().find(identifier).map(|row| row.to_json(now))
    }

    /// Those that a list shows, of this model if one is named.
    pub(super) fn page(
        &self,
        selection: &Selection,
        model_arn: Option<&str>,
        now: Instant,
    ) -> Page<Value> {
        let table = self.table();
        let rows = table.rows.iter();
        let rows = rows.filter(|row| model_arn.is_none_or(|arn| row.origin(now).arn == arn));
        let page = selection.page(rows, |row| Row {
            number: row.number,
            created: row.created,
            status: row.status(now).as_str(),
            name: &row.name,
        });
        let items = page.items.into_iter().map(|row| row.to_json(now)).collect();
        Page { items, next: page.next }
    }

    /// Changes a name or a model.
    pub(super) fn update(
        &self,
        identifier: &str,
        change: Change,
        at: Moment,
        stage: Duration,
    ) -> Result<(), Refusal> {
        let mut table = self.table();
        let row = table.find(identifier)?;
        if let Some(origin) = &change.origin {
            let current = row.origin(at.now);
            if !row.request.origin.is_custom {
                return Err(Refusal::validation(
                    "You can't specify desiredModelId for a Provisioned Throughput that is \
                     associated with a base model.",
                ));
            }
            if origin.foundation != current.foundation {
                return Err(Refusal::validation(
                    "The desired model must be the base model of the current one, or a custom \
                     model that was customized from the same base model.",
                ));
            }
            if row.status(at.now) != Status::InService {
                let status = row.status(at.now).as_str();
                return Err(Refusal::validation(format!(
                    "The Provisioned Throughput is {status}. Its model can be changed when it is \
                     InService."
                )));
            }
        }
        let number = row.number;
        if let Some(name) = &change.name {
            table.check_name(name, Some(number))?;
        }
        if let Some(row) = table.rows.iter_mut().find(|row| row.number == number) {
            row.update(change.name, change.origin, at, stage);
        }
        Ok(())
    }

    /// Deletes one, unless it was bought for a time that has not ended. Gives its ARN.
    pub(super) fn delete(&self, identifier: &str, at: Moment) -> Result<String, Refusal> {
        let mut table = self.table();
        let row = table.find(identifier)?;
        if let Some(end) = row.committed_until().filter(|end| *end > at.wall) {
            return Err(Refusal::new(
                Kind::Conflict,
                format!(
                    "You can't delete a Provisioned Throughput before the commitment term is \
                     over. The term ends at {end}."
                ),
            ));
        }
        let (number, arn) = (row.number, row.arn.clone());
        table.rows.retain(|row| row.number != number);
        Ok(arn)
    }

    /// Whether there is one of this ARN.
    pub(crate) fn has(&self, arn: &str) -> bool {
        self.table().rows.iter().any(|row| row.arn == arn)
    }

    /// The throughput that a call names, if it names one. It must exist and be ready.
    pub(crate) fn dedicated(
        &self,
        model_id: &str,
        now: Instant,
    ) -> Result<Option<Dedicated>, Refusal> {
        if !model_id.starts_with("arn:") || !model_id.contains(":provisioned-model/") {
            return Ok(None);
        }
        let table = self.table();
        let row = table.rows.iter().find(|row| row.arn == model_id).ok_or_else(|| {
            Refusal::new(
                Kind::NotFound,
                "Could not resolve the foundation model from the provided model identifier.",
            )
        })?;
        if row.status(now) == Status::Creating {
            return Err(Refusal::new(
                Kind::NotReady,
                "The model specified in the request is not ready to serve inference requests.",
            ));
        }
        let model = row.origin(now).foundation.clone();
        Ok(Some(Dedicated { arn: row.arn.clone(), model }))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn find(&self, identifier: &str) -> Result<&Throughput, Refusal> {
        self.rows.iter().find(|row| row.is(identifier)).ok_or_else(|| {
            Refusal::new(
                Kind::NotFound,
                format!("The provisioned model {identifier} could not be found."),
            )
        })
    }

    /// Refuses a name that another has than the one of this number.
    fn check_name(&self, name: &str, own: Option<u64>) -> Result<(), Refusal> {
        if self.rows.iter().any(|row| row.name == name && Some(row.number) != own) {
            return Err(Refusal::validation(format!(
                "The provisioned model name {name} is already in use."
            )));
        }
        Ok(())
    }
}
