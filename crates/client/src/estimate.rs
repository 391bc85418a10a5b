//! How many tokens a request will take, guessed before it is sent.

use codec::{Block, Request};
use quota::{TokenCounts, Tokens};

/// Bytes of text that make a token, at least: Nova was measured at 3.0, others lie near 4.
const BYTES_PER_TOKEN: u64 = 3;

/// What a model adds around a message.
const TOKENS_PER_MESSAGE: u64 = 8;

/// What an image, a document or another block without text is taken for.
const TOKENS_PER_ATTACHMENT: u64 = 1_600;

/// What is reserved for the output of a request that sets no `max_tokens`. Bedrock reserves the
/// model's maximum then, which can be far more: set `max_tokens`.
const DEFAULT_OUTPUT: u64 = 4_096;

/// The most that the request may take, as far as can be told before it is sent.
pub(crate) fn tokens(request: &Request) -> TokenCounts {
    let output = request.inference.max_tokens.map_or(DEFAULT_OUTPUT, u64::from);
    TokenCounts {
        input: Tokens::new(input(request)),
        output: Tokens::new(output),
        ..TokenCounts::default()
    }
}

/// Tokens of the input, rather too many than too few.
fn input(request: &Request) -> u64 {
    let prompt = request.prompt.as_deref().map_or(0, |prompt| count(prompt.len()));
    let system: u64 = request.system.iter().map(block).sum();
    let messages: u64 = request
        .messages
        .iter()
        .map(|message| TOKENS_PER_MESSAGE + message.content.iter().map(block).sum::<u64>())
        .sum();
    let tools = request
        .tools
        .as_ref()
        .map_or(0, |tools| serde_json::to_string(tools).map_or(0, |json| count(json.len())));
    prompt + system + messages + tools
}

fn block(block: &Block) -> u64 {
    match block {
        Block::Text(text) => count(text.text.len()),
        Block::ToolUse(_) | Block::ToolResult(_) | Block::Reasoning(_) => {
            serde_json::to_string(block).map_or(0, |json| count(json.len()))
        }
        _ => TOKENS_PER_ATTACHMENT,
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(BYTES_PER_TOKEN)
}
