//! Messages for families that take one prompt: their text, and nothing else.

use alloc::string::String;
use alloc::vec::Vec;

use crate::block::{Block, Source};
use crate::error::EncodeError;
use crate::message::{Message, Role};
use crate::request::Request;

/// One turn of a conversation as text.
pub(super) struct Turn {
    pub(super) role: Role,
    pub(super) text: String,
}

/// A family's prompt template, as far as it limits the text inside it.
pub(super) struct Limits {
    /// The family's name.
    pub(super) format: &'static str,
    /// What ends or begins a turn, and must not be in the text of one.
    pub(super) tokens: &'static [&'static str],
    /// What stands in the prompt for an image, if the model takes images beside it.
    pub(super) image: Option<&'static str>,
}

impl Limits {
    /// The raw prompt, if the request has one. It goes alone.
    pub(super) fn raw<'a>(&self, request: &'a Request) -> Result<Option<&'a str>, EncodeError> {
        let Some(prompt) = &request.prompt else { return Ok(None) };
        let why = "a raw prompt goes alone; put everything into it, or into messages";
        let beside =
            [("messages", request.messages.is_empty()), ("system", request.system.is_empty())];
        match beside.into_iter().find(|(_, empty)| !empty) {
            Some((key, _)) => Err(EncodeError::unsupported(self.format, why).at(key)),
            None => Ok(Some(prompt)),
        }
    }

    /// The raw prompt, or the text of the only message, for a family without a template.
    pub(super) fn alone(&self, request: &Request) -> Result<String, EncodeError> {
        self.refuse_tools(request)?;
        if let Some(raw) = self.raw(request)? {
            return Ok(raw.into());
        }
        if !request.system.is_empty() {
            let why = "there is no system text; put it into the message";
            return Err(EncodeError::unsupported(self.format, why).at("system"));
        }
        if request.messages.len() > 1 {
            let why = "the family has no conversations; it takes one message";
            return Err(EncodeError::unsupported(self.format, why).at_index(1).at("messages"));
        }
        Ok(self.turns(request)?.into_iter().map(|turn| turn.text).collect())
    }

    /// The texts of the system blocks, joined; `None` where there are none.
    pub(super) fn system(&self, request: &Request) -> Result<Option<String>, EncodeError> {
        if request.system.is_empty() {
            return Ok(None);
        }
        self.text(&request.system).map(Some).map_err(|error| error.at("system"))
    }

    /// The turns of the conversation. There is at least one, and the last is the user's.
    pub(super) fn turns(&self, request: &Request) -> Result<Vec<Turn>, EncodeError> {
        let turn = |(index, message): (usize, &Message)| {
            let text = self.text(&message.content).map_err(|error| error.at("content"));
            let text = match message.extra.keys().next() {
                Some(key) => Err(EncodeError::unsupported(self.format, NO_PLACE).at(key)),
                None => text,
            };
            let text = text.map_err(|error| error.at_index(index).at("messages"))?;
            Ok(Turn { role: message.role.clone(), text })
        };
        let turns: Vec<_> =
            request.messages.iter().enumerate().map(turn).collect::<Result<_, _>>()?;
        match turns.last() {
            Some(Turn { role: Role::User, .. }) => Ok(turns),
            Some(_) => {
                let why = "the last message must be the user's; the model answers it";
                let last = turns.len().saturating_sub(1);
                let error = EncodeError::unsupported(self.format, why).at("role");
                Err(error.at_index(last).at("messages"))
            }
            None => {
                let missing = EncodeError::Missing { format: self.format, path: String::new() };
                Err(missing.at("messages"))
            }
        }
    }

    /// The error of a role that the template has no place for.
    pub(super) fn strange_role(&self, index: usize) -> EncodeError {
        let why = "the prompt template has no place for this role here";
        EncodeError::unsupported(self.format, why).at("role").at_index(index).at("messages")
    }

    /// Fails where the request has something that a prompt-only family has no place for.
    pub(super) fn refuse_tools(&self, request: &Request) -> Result<(), EncodeError> {
        if request.tools.is_some() {
            let why = "the family's own format has no tools; use Converse";
            return Err(EncodeError::unsupported(self.format, why).at("toolConfig"));
        }
        Ok(())
    }

    /// The texts of the blocks, with an empty line between them.
    fn text(&self, blocks: &[Block]) -> Result<String, EncodeError> {
        let mut joined = String::new();
        for (index, block) in blocks.iter().enumerate() {
            if let (Block::Image(image), Some(token)) = (block, self.image)
                && image.extra.is_empty()
                && matches!(image.source, Source::Bytes(_))
            {
                joined.push_str(token);
                continue;
            }
            let Block::Text(text) = block else {
                let error = EncodeError::unsupported(self.format, NO_PLACE);
                return Err(error.at_kind(block.kind()).at_index(index));
            };
            if let Some(key) = text.extra.keys().next() {
                return Err(EncodeError::unsupported(self.format, NO_PLACE)
                    .at(key)
                    .at_index(index));
            }
            if let Some(token) = self.tokens.iter().find(|token| text.text.contains(**token)) {
                let path = String::new();
                let error = EncodeError::TemplateToken { format: self.format, path, token };
                return Err(error.at("text").at_index(index));
            }
            if index > 0 && self.image.is_none_or(|token| !joined.ends_with(token)) {
                joined.push_str("\n\n");
            }
            joined.push_str(&text.text);
        }
        Ok(joined)
    }
}

const NO_PLACE: &str = "a prompt holds text and nothing else; use Converse";
