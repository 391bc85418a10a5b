//! What goes in: a record for the service, or a prompt that is still to become one.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::error::LineError;
use super::members::Members;
use super::raw::RawJson;

/// One line of a batch job's input, as the service reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputLine {
    /// What the output is joined by. The service makes one up where there is none.
    pub record_id: Option<String>,
    /// The request: a body of InvokeModel, or of Converse, as the job's invocation type says.
    pub model_input: RawJson,
    /// Other members of the line. They are written again, except where their name is taken.
    pub extra: BTreeMap<String, RawJson>,
}

impl InputLine {
    /// A line with this id and this request.
    pub fn new(record_id: impl Into<Option<String>>, model_input: RawJson) -> Self {
        Self { record_id: record_id.into(), model_input, extra: BTreeMap::new() }
    }

    /// Reads a line, with or without its line break.
    ///
    /// # Errors
    ///
    /// A [`LineError`] if it is not a JSON object, a member occurs twice, `recordId` is blank or not
    /// a string, or `modelInput` is missing or not an object.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        let mut members = Members::parse(line)?;
        let record_id = members.text(RECORD_ID)?;
        let model_input = members.object(MODEL_INPUT)?;
        let extra = members.rest_but_misspelt(&[RECORD_ID, MODEL_INPUT])?;
        let model_input = model_input.ok_or(LineError::Missing { member: MODEL_INPUT })?;
        Ok(Self { record_id, model_input, extra })
    }

    /// Appends the line with its line break.
    ///
    /// # Examples
    ///
    /// ```
    /// use outcrop_codec::batch::{InputLine, RawJson};
    ///
    /// let body = RawJson::parse(r#"{"inputText": "Hello"}"#)?;
    /// let mut file = Vec::new();
    /// InputLine::new("r1".to_owned(), body).write_to(&mut file);
    /// assert_eq!(file, b"{\"recordId\":\"r1\",\"modelInput\":{\"inputText\": \"Hello\"}}\n");
    /// # Ok::<(), outcrop_codec::batch::LineError>(())
    /// ```
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(record_id) = &self.record_id {
            write_member(out, RECORD_ID, quoted(record_id).as_bytes());
            out.push(b',');
        }
        write_member(out, MODEL_INPUT, self.model_input.as_bytes());
        for (name, value) in &self.extra {
            if name != RECORD_ID && name != MODEL_INPUT {
                out.push(b',');
                write_member(out, name, value.as_bytes());
            }
        }
        out.extend_from_slice(b"}\n");
    }
}

/// One line of a file of work: a record for the service, or only a prompt.
///
/// The service does not know this form. It saves the writer of the file from knowing the model's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskLine {
    /// What the output is joined by.
    pub record_id: Option<String>,
    /// What is to be done.
    pub task: Task,
    /// Other members of the line.
    pub extra: BTreeMap<String, RawJson>,
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever reads such a file must handle every form")]
pub enum Task {
    /// The text of the one message of a request; not blank.
    Prompt(String),
    /// A whole request, as in [`InputLine::model_input`].
    ModelInput(RawJson),
}

impl TaskLine {
    /// Reads a line, with or without its line break.
    ///
    /// # Errors
    ///
    /// Those of [`InputLine::parse`], and a [`LineError`] if there is not exactly one of `prompt` and
    /// `modelInput`, or if the prompt is blank or not a string.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        let mut members = Members::parse(line)?;
        let record_id = members.text(RECORD_ID)?;
        let prompt = members.text(PROMPT)?;
        let model_input = members.object(MODEL_INPUT)?;
        let extra = members.rest_but_misspelt(&[RECORD_ID, PROMPT, MODEL_INPUT])?;
        let task = match (prompt, model_input) {
            (Some(prompt), None) => Task::Prompt(prompt),
            (None, Some(model_input)) => Task::ModelInput(model_input),
            (Some(_), Some(_)) => return Err(LineError::Both { one: PROMPT, other: MODEL_INPUT }),
            (None, None) => return Err(LineError::Neither { one: PROMPT, other: MODEL_INPUT }),
        };
        Ok(Self { record_id, task, extra })
    }
}

fn write_member(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(quoted(name).as_bytes());
    out.push(b':');
    out.extend_from_slice(value);
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

pub(super) const RECORD_ID: &str = "recordId";
pub(super) const MODEL_INPUT: &str = "modelInput";
const PROMPT: &str = "prompt";
