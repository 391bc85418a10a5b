//! Provisioned throughput: a model's capacity that is bought, and called by its ARN.

mod api;
mod origin;
mod request;
mod store;
mod throughput;

pub(crate) use self::api::answer;
pub(crate) use self::store::{Dedicated, Provisioned};
