//! How many tokens a request will take, guessed before it is sent.

use codec::{Block, ModelRef, Request};
use quota::{Estimate, TokenCounts, Tokens};

/// Bytes of an answer that make a token, at most, so that what is held for an answer on its way is
/// rather too little than too much: its usage comes soon.
const ANSWER_BYTES_PER_TOKEN: u64 = 8;

/// What a model adds around a message.
const TOKENS_PER_MESSAGE: u64 = 8;

/// What an image, a document or another block without text is taken for.
const TOKENS_PER_ATTACHMENT: u64 = 1_600;

/// How large a request is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    bytes: u64,
    messages: u64,
    attachments: u64,
    output: Option<u32>,
    most_output: Option<u32>,
}

impl Size {
    /// The size of this request to this model, whose maximum Bedrock reserves where the request
    /// sets none.
    pub(crate) fn of(model: &ModelRef, request: &Request) -> Self {
        let most_output = codec::catalog::max_output(model);
        let output = request.inference.max_tokens;
        let mut size = Self { output, most_output, ..Self::default() };
        size.text(request.prompt.as_deref().map_or(0, str::len));
        for block in &request.system {
            size.block(block);
        }
        for message in &request.messages {
            size.messages += 1;
            for block in &message.content {
                size.block(block);
            }
        }
        if let Some(tools) = &request.tools {
            size.text(serde_json::to_string(tools).map_or(0, |json| json.len()));
        }
        size
    }

    /// The most that the request may take, where `learned` knows how many tokens so many bytes are.
    pub(crate) fn tokens(&self, learned: impl FnOnce(u64) -> Option<Tokens>) -> TokenCounts {
        let text = learned(self.bytes).unwrap_or_else(|| Estimate::default().tokens(self.bytes));
        let input = text.saturating_add(Tokens::new(self.fixed()));
        let count = |n: Option<u32>| n.map(|n| Tokens::new(n.into()));
        TokenCounts { input, ..TokenCounts::default() }
            .with_most_output(count(self.output), count(self.most_output))
    }

    /// Tokens that do not come from text.
    pub(crate) const fn fixed(&self) -> u64 {
        self.messages * TOKENS_PER_MESSAGE + self.attachments * TOKENS_PER_ATTACHMENT
    }

    /// The bytes of text, if there is nothing else in the request.
    pub(crate) fn text_alone(&self) -> Option<u64> {
        Some(self.bytes).filter(|_| self.attachments == 0)
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(text) => self.text(text.text.len()),
            Block::ToolUse(_) | Block::ToolResult(_) | Block::Reasoning(_) => {
                self.text(serde_json::to_string(block).map_or(0, |json| json.len()));
            }
            _ => self.attachments += 1,
        }
    }

    fn text(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
}

/// Tokens of an answer of which so many bytes have come, rather too few.
pub(crate) fn of_answer(bytes: usize) -> Tokens {
    Tokens::new(u64::try_from(bytes).unwrap_or(u64::MAX) / ANSWER_BYTES_PER_TOKEN)
}
