//! Requests of Command R: the last message apart from those before it.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::results::{self, Calls, write_call};
use super::{CALLS, NAME, THE_PARAMS, read_calls, tools};
use crate::Map;
use crate::block::{Block, Document, Source};
use crate::error::{DecodeError, EncodeError};
use crate::family::prompt::Limits;
use crate::format::{add, need_messages, refuse_incomplete_tools};
use crate::invoke::{add_fields, keep_fields};
use crate::json::{Members, Object, elements, need, single, string};
use crate::message::{Message, Role};
use crate::request::Request;
use crate::tools::ToolConfig;

pub(super) fn encode(request: &Request) -> Result<Map, EncodeError> {
    need_messages(request, NAME)?;
    refuse_incomplete_tools(request)?;
    let mut body = Map::new();
    add_fields(&mut body, request, NAME)?;
    let mut own = Map::new();
    let (mut history, mut documents) = (Vec::new(), Vec::new());
    let last = request.messages.len().saturating_sub(1);
    for (index, message) in request.messages.iter().enumerate() {
        let at = |error: EncodeError| error.at_index(index).at("messages");
        let before = request.messages.get(..index).unwrap_or_default();
        let turn = Turn::of(message, before, &mut documents).map_err(at)?;
        if index < last {
            turn.add_to(&mut history);
        } else {
            turn.end(&mut own).map_err(at)?;
        }
    }
    for (key, list) in [(HISTORY, history), (DOCUMENTS, documents)] {
        if !list.is_empty() {
            own.set(key, list);
        }
    }
    own.set_some(PREAMBLE, LIMITS.system(request)?);
    if let Some(config) = &request.tools {
        own.set(TOOLS, tools::encode(config).map_err(|error| error.at("toolConfig"))?);
    }
    THE_PARAMS.write(&request.inference, &mut own)?;
    add(&mut body, &own)?;
    Ok(body)
}

/// A message, sorted by where its parts go.
struct Turn<'a> {
    message: &'a Message,
    text: Option<String>,
    calls: Vec<Map>,
    results: Vec<Map>,
}

impl<'a> Turn<'a> {
    fn of(
        message: &'a Message,
        before: &[Message],
        documents: &mut Vec<Map>,
    ) -> Result<Self, EncodeError> {
        let mut turn = Self { message, text: None, calls: Vec::new(), results: Vec::new() };
        for (index, block) in message.content.iter().enumerate() {
            match (block, &message.role) {
                (Block::Text(text), _) if text.extra.is_empty() => turn.say(&text.text),
                // The history that the service gives back has no citations either.
                (Block::Citations(_), _) => block.texts().for_each(|text| turn.say(text)),
                (Block::ToolUse(tool), Role::Assistant) => turn.calls.push(write_call(tool)),
                (Block::ToolResult(result), Role::User) => {
                    let written = results::write(result, before);
                    let at =
                        |error: EncodeError| error.at("toolResult").at_index(index).at("content");
                    turn.results.push(written.map_err(at)?);
                }
                (Block::Document(document), Role::User) => {
                    let written = write_document(document);
                    let at =
                        |error: EncodeError| error.at("document").at_index(index).at("content");
                    documents.push(written.map_err(at)?);
                }
                _ => {
                    let why = "a turn of this role has no such block; use Converse";
                    let error = EncodeError::unsupported(NAME, why);
                    return Err(error.at_kind(block.kind()).at_index(index).at("content"));
                }
            }
        }
        Ok(turn)
    }

    /// Adds a text, with an empty line before it.
    fn say(&mut self, text: &str) {
        match &mut self.text {
            Some(before) => before.extend(["\n\n", text]),
            None => self.text = Some(text.into()),
        }
    }

    /// Adds the turn to the history, in which results have a turn of their own.
    fn add_to(self, history: &mut Vec<Map>) {
        let role = match &self.message.role {
            Role::Other(word) => word.as_str(),
            known => ROLES.iter().find(|(role, _)| role == known).map_or("", |(_, word)| word),
        };
        let mut entry = self.message.extra.clone();
        let has_results = !self.results.is_empty();
        if has_results {
            let mut results = single(ROLE, TOOL);
            results.set(RESULTS, self.results);
            if self.text.is_none() {
                results.extend(entry);
                history.push(results);
                return;
            }
            history.push(results);
        }
        entry.set(ROLE, role);
        // Only a turn that has calls can do without a text.
        let empty = self.calls.is_empty().then(String::new);
        entry.set_some(MESSAGE, self.text.or(empty));
        if !self.calls.is_empty() {
            entry.set(CALLS, self.calls);
        }
        history.push(entry);
    }

    /// Writes the turn that the model answers.
    fn end(self, body: &mut Map) -> Result<(), EncodeError> {
        if self.message.role != Role::User {
            let why = "the last message must be the user's; the model answers it";
            return Err(EncodeError::unsupported(NAME, why).at("role"));
        }
        if let Some(key) = self.message.extra.keys().next() {
            let why = "the last message is only a text, with tool results beside it";
            return Err(EncodeError::unsupported(NAME, why).at(key));
        }
        body.set(MESSAGE, self.text.unwrap_or_default());
        if !self.results.is_empty() {
            body.set(RESULTS, self.results);
        }
        Ok(())
    }
}

/// Writes a document, whose members are all texts.
fn write_document(document: &Document) -> Result<Map, EncodeError> {
    let (Source::Text(text), None | Some("txt")) = (&document.source, document.format.as_deref())
    else {
        let why = "documents are plain text; use Converse for others";
        return Err(EncodeError::unsupported(NAME, why));
    };
    if let Some((key, _)) = document.extra.iter().find(|(_, value)| !value.is_string()) {
        return Err(EncodeError::unsupported(NAME, "a document has only texts").at(key));
    }
    let mut map = document.extra.clone();
    map.set_some(TITLE, document.name.as_deref());
    map.set(SNIPPET, text.as_str());
    Ok(map)
}

pub(super) fn decode(mut body: Object) -> Result<Request, DecodeError> {
    let mut calls = Calls::default();
    let text = need(body.string(MESSAGE)?, MESSAGE)?;
    let mut messages = Vec::new();
    for (index, entry) in body.filled(HISTORY)?.into_iter().enumerate() {
        let entry = Object::new(entry).and_then(|entry| decode_turn(entry, &mut calls));
        messages.push(entry.map_err(|error| error.at_index(index).at(HISTORY))?);
    }
    let mut content = body.lenient(DOCUMENTS, read_documents).unwrap_or_default();
    content.extend(read_results(&mut body, &mut calls)?);
    if !text.is_empty() || content.is_empty() {
        content.push(Block::text(text));
    }
    messages.push(Message::new(Role::User, content));
    let mut request = Request::new(messages);
    request.system.extend(body.string(PREAMBLE)?.map(Block::text));
    let tools = body.filled(TOOLS)?;
    if !tools.is_empty() {
        let tools = elements(tools.into(), tools::decode).map_err(|error| error.at(TOOLS))?;
        request.tools = Some(ToolConfig::new(tools));
    }
    request.inference = THE_PARAMS.read(&mut body)?;
    keep_fields(&mut request, body.rest());
    Ok(request)
}

fn decode_turn(mut entry: Object, calls: &mut Calls) -> Result<Message, DecodeError> {
    let word = need(entry.read(ROLE, string)?, ROLE)?;
    let mut content = read_results(&mut entry, calls)?;
    let role = match ROLES.iter().find(|(_, known)| *known == word) {
        Some((role, _)) => role.clone(),
        None if word == TOOL && !content.is_empty() => Role::User,
        None => Role::Other(word),
    };
    content.extend(entry.string(MESSAGE)?.map(Block::text));
    let made = read_calls(&mut entry, calls.count)?;
    calls.note(&made);
    content.extend(made);
    Ok(Message { role, content, extra: entry.rest() })
}

fn read_results(from: &mut Object, calls: &mut Calls) -> Result<Vec<Block>, DecodeError> {
    let results = from.filled(RESULTS)?;
    elements(results.into(), |result| calls.answer(result)).map_err(|error| error.at(RESULTS))
}

/// Reads documents of texts, if there are any and all of them are.
fn read_documents(list: &Value) -> Option<Vec<Block>> {
    let list = list.as_array().filter(|list| !list.is_empty())?;
    list.iter().map(read_document).collect()
}

fn read_document(document: &Value) -> Option<Block> {
    let mut extra = document.as_object()?.clone();
    if !extra.values().all(Value::is_string) {
        return None;
    }
    let Some(Value::String(text)) = extra.remove(SNIPPET) else { return None };
    let name = extra.remove(TITLE).and_then(|title| string(title).ok());
    let source = Source::Text(text);
    Some(Block::Document(Document { format: None, name, source, extra }))
}

/// The system text has no template around it.
const LIMITS: Limits = Limits { format: NAME, tokens: &[], image: None };

const ROLES: [(Role, &str); 3] =
    [(Role::User, "USER"), (Role::Assistant, "CHATBOT"), (Role::System, "SYSTEM")];

/// The role of a turn that gives results.
const TOOL: &str = "TOOL";

const DOCUMENTS: &str = "documents";
const HISTORY: &str = "chat_history";
const MESSAGE: &str = "message";
const PREAMBLE: &str = "preamble";
const RESULTS: &str = "tool_results";
const ROLE: &str = "role";
const SNIPPET: &str = "snippet";
const TITLE: &str = "title";
const TOOLS: &str = "tools";
