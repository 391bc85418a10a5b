//! What `serde_json` fills for the references: plain structs that name what they want, and drop
//! everything else.

use serde::Deserialize;
use serde_json::Value;

/// The payload of a chunk.
#[derive(Deserialize)]
pub(crate) struct Wrapper<'a> {
    pub(crate) bytes: &'a str,
}

/// Anthropic's piece of text.
#[derive(Deserialize)]
pub(crate) struct Delta<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) index: u32,
    #[serde(borrow)]
    pub(crate) delta: Piece<'a>,
}

#[derive(Deserialize)]
pub(crate) struct Piece<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) text: &'a str,
}

/// Nova's piece of text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NovaDelta<'a> {
    #[serde(borrow)]
    content_block_delta: ConverseDelta<'a>,
}

impl NovaDelta<'_> {
    pub(crate) fn text(&self) -> &str {
        self.content_block_delta.text()
    }
}

/// Converse's piece of text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConverseDelta<'a> {
    #[expect(dead_code, reason = "reading it is part of the work")]
    content_block_index: u32,
    #[serde(borrow)]
    delta: Text<'a>,
}

impl ConverseDelta<'_> {
    pub(crate) fn text(&self) -> &str {
        self.delta.text
    }
}

#[derive(Deserialize)]
struct Text<'a> {
    text: &'a str,
}

/// Anthropic's reply.
#[derive(Deserialize)]
#[expect(dead_code, reason = "filling it is the work")]
pub(crate) struct Reply {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    role: String,
    model: String,
    content: Vec<Block>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    usage: Usage,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "filling it is the work")]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    id: Option<String>,
    name: Option<String>,
    input: Option<Value>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "filling it is the work")]
struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
}

/// Converse's reply.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "filling it is the work")]
pub(crate) struct ConverseReply {
    output: Output,
    stop_reason: String,
    usage: ConverseUsage,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "filling it is the work")]
struct Output {
    message: Message,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "filling it is the work")]
struct Message {
    role: String,
    content: Vec<ConverseBlock>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "filling it is the work")]
struct ConverseBlock {
    text: Option<String>,
    tool_use: Option<ToolUse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "filling it is the work")]
struct ToolUse {
    tool_use_id: String,
    name: String,
    input: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "filling it is the work")]
struct ConverseUsage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
}
