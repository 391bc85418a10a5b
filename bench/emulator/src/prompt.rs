//! Requests of 1 KB.

use serde_json::json;

use crate::client::Call;

/// One way to call a model, and what shows that an answer is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Invoke,
    Converse,
}

impl Api {
    /// A call whose body has exactly 1,024 bytes, and whose answer repeats its text.
    pub(crate) fn call(self, streamed: bool) -> Call {
        let body = self.body(BYTES);
        let (model, operation) = match (self, streamed) {
            (Self::Invoke, false) => (CLAUDE, "invoke"),
            (Self::Invoke, true) => (CLAUDE, "invoke-with-response-stream"),
            (Self::Converse, false) => (NOVA, "converse"),
            (Self::Converse, true) => (NOVA, "converse-stream"),
        };
        Call::post(&format!("/model/{model}/{operation}"), body)
    }

    /// A body of so many bytes.
    pub(crate) fn body(self, bytes: usize) -> String {
        let around = self.write("").len();
        let words = WORDS.repeat(1 + bytes / WORDS.len());
        self.write(&words[..bytes - around])
    }

    fn write(self, text: &str) -> String {
        let body = match self {
            Self::Invoke => json!({
                "anthropic_version": "bedrock-2023-05-31",
                "max_tokens": 1000,
                "messages": [{ "role": "user", "content": [{ "type": "text", "text": text }] }],
            }),
            Self::Converse => json!({
                "messages": [{ "role": "user", "content": [{ "text": text }] }],
                "inferenceConfig": { "maxTokens": 1000 },
            }),
        };
        body.to_string()
    }
}

pub(crate) const NOVA: &str = "us.amazon.nova-lite-v1:0";
const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

const BYTES: usize = 1024;
const WORDS: &str = "The river comes down from the hills in spring, and the mill beside it has ground \
    the grain of four villages for longer than anyone there can say. ";
