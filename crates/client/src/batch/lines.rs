//! Writes records as the lines of a job's input.

use codec::batch::{InputLine, RawJson};
use codec::{Api, Block, EncodeError, ModelRef, Request};

use crate::batch::error::BatchError;
use crate::batch::record::Input;
use crate::client::Client;
use crate::options::ApiChoice;

/// Writes one record after the other, all in one form: that of Converse, or the model's own.
#[derive(Debug)]
pub(crate) struct LineWriter {
    client: Client,
    model: ModelRef,
    /// The form of the job, once it is decided.
    form: Option<Api>,
}

impl LineWriter {
    pub(crate) fn new(client: &Client, model: &ModelRef) -> Self {
        let form = match client.options.api {
            ApiChoice::Converse => Some(Api::Converse),
            ApiChoice::Invoke => Some(Api::Invoke),
            ApiChoice::Auto => None,
        };
        Self { client: client.clone(), model: model.clone(), form }
    }

    /// The form of the lines written; before the first, the one that the service takes by default.
    pub(crate) fn form(&self) -> Api {
        self.form.unwrap_or(Api::Invoke)
    }

    /// Writes a record, newline included, in place of what `line` holds.
    pub(crate) fn write(
        &mut self,
        record: u64,
        id: String,
        input: Input,
        line: &mut Vec<u8>,
    ) -> Result<(), BatchError> {
        let body = match input {
            Input::Request(request) => match self.encode(&request) {
                Ok(body) => RawJson::parse(body).ok(),
                Err(source) => return Err(BatchError::Request { record, id, source }),
            },
            Input::Body(body) => self.fit(body),
        };
        let Some(body) = body else { return Err(BatchError::NotAnObject { record, id }) };
        line.clear();
        InputLine::new(id, body).write_to(line);
        Ok(())
    }

    fn encode(&mut self, request: &Request) -> Result<Vec<u8>, EncodeError> {
        let form = *self.form.get_or_insert_with(|| self.client.api(&self.model, request));
        codec::encode(&self.model, form, request)
    }

    /// A body in the job's form, if it is an object.
    fn fit(&mut self, body: RawJson) -> Option<RawJson> {
        if !body.as_str().starts_with('{') {
            return None;
        }
        let form = *self.form.get_or_insert_with(|| form_of(&self.model, &body));
        let rewritten = match self.client.options.api {
            ApiChoice::Auto => rewrite(&self.model, form, &body),
            _ => None,
        };
        Some(rewritten.unwrap_or(body))
    }
}

/// The form that a body is in; one that is in neither goes the service's default way.
pub(crate) fn form_of(model: &ModelRef, body: &RawJson) -> Api {
    let native = read(model, Api::Invoke, body).is_some();
    if !native && read(model, Api::Converse, body).is_some() { Api::Converse } else { Api::Invoke }
}

/// A body that is in the other form, if the job's form can say the same.
fn rewrite(model: &ModelRef, form: Api, body: &RawJson) -> Option<RawJson> {
    let other = match form {
        Api::Converse => Api::Invoke,
        Api::Invoke => Api::Converse,
    };
    if read(model, form, body).is_some() {
        return None;
    }
    let request = read(model, other, body)?;
    RawJson::parse(codec::encode(model, form, &request).ok()?).ok()
}

/// What a body says, if it is in this form.
///
/// The codec keeps what it does not know, so it reads a body of Converse as one of a family with
/// messages, and the other way round. Two things tell them apart: Converse has nothing beside the
/// text in a block of text, and some families require a limit on output tokens.
fn read(model: &ModelRef, form: Api, body: &RawJson) -> Option<Request> {
    let request = codec::decode_request(model, form, body.as_bytes()).ok()?;
    let plausible = match form {
        Api::Converse => {
            let mut blocks = request.messages.iter().flat_map(|message| &message.content);
            blocks.all(|block| !matches!(block, Block::Text(text) if !text.extra.is_empty()))
        }
        Api::Invoke => {
            let capabilities = model.family()?.capabilities();
            capabilities.default_max_tokens.is_none() || request.inference.max_tokens.is_some()
        }
    };
    let says_something = request.prompt.is_some() || !request.messages.is_empty();
    (plausible && says_something).then_some(request)
}
