//! What was asked for beside an answer, added to what is written of it.

use serde_json::Value;

use super::Guarded;
use super::options::Options;
use crate::family::Copies;
use crate::route::RunApi;
use crate::wire::set;

/// What was asked for beside an answer.
pub(crate) struct Extras {
    pub(super) api: RunApi,
    /// How many answers a reply holds; a stream holds one.
    pub(super) copies: Copies,
    pub(super) options: Options,
    pub(super) guarded: Option<Guarded>,
    /// Members of the model's own reply that Converse was asked for.
    pub(super) fields: Option<Value>,
}

impl Extras {
    /// Adds to a reply what was asked for beside the answer.
    pub(super) fn complete(&self, reply: &mut Value) {
        self.copies.repeat(reply);
        match (self.api, &self.guarded) {
            (RunApi::Converse, guarded) => {
                self.options.served(reply);
                if let Some(fields) = &self.fields {
                    set(reply, "additionalModelResponseFields", fields.clone());
                }
                guarded.iter().for_each(|guarded| guarded.mark_converse(reply));
            }
            (RunApi::Invoke, Some(guarded)) => guarded.mark_reply(reply),
            (RunApi::Invoke, None) => {}
        }
    }

    /// Adds to an event of a stream what was asked for beside the answer.
    pub(super) fn complete_event(&self, event: &str, value: &mut Value, is_last: bool) {
        match (self.api, &self.guarded) {
            (RunApi::Converse, guarded) => {
                if is_last {
                    self.options.served(value);
                }
                if event == "messageStop"
                    && let Some(fields) = &self.fields
                {
                    set(value, "additionalModelResponseFields", fields.clone());
                }
                guarded.iter().for_each(|guarded| guarded.mark_converse(value));
            }
            (RunApi::Invoke, Some(guarded)) => guarded.mark_event(value, is_last),
            (RunApi::Invoke, None) => {}
        }
    }
}
