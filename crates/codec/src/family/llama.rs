//! Meta Llama: a prompt in the template of its generation in, a text out.

mod template;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use self::template::Template;
use super::speech::{Keys, Speech};
use super::{Capabilities, Family};
use crate::Map;
use crate::block::{Block, Image, Source};
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers, finite};
use crate::invoke::{
    Chunks, add_fields, guarded, intervened, keep_fields, latency_of, native, usage_of,
};
use crate::json::{Members, Object, need, single, string};
use crate::message::{Message, Role};
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::{Inference, Request};
use crate::stop::{StopKind, StopReason};
use crate::usage::Usage;

/// Meta Llama.
pub(super) struct Llama;

impl Family for Llama {
    fn name(&self) -> &'static str {
        NAME
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "meta" && model.starts_with("llama")
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { prompt: true, messages: true, system: true, ..Capabilities::LEAST }
    }

    fn capabilities_of(&self, model: &ModelRef) -> Capabilities {
        let images = Template::of(model).limits.image.is_some();
        Capabilities { images, ..self.capabilities() }
    }
}

impl Format for Llama {
    fn encode_request(&self, model: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        let template = Template::of(model);
        template.limits.refuse_tools(request)?;
        let inference = &request.inference;
        let unknown = inference.extra.keys().next().map(String::as_str);
        let stops = (!inference.stop_sequences.is_empty()).then_some("stopSequences");
        if let Some(key) = stops.or(unknown) {
            let why = "the family's own format has no such parameter; use Converse";
            return Err(EncodeError::unsupported(NAME, why).at(key).at("inferenceConfig"));
        }
        let mut body = match template.limits.raw(request)? {
            Some(raw) => single(PROMPT, raw),
            None => single(PROMPT, template.write(request)?),
        };
        let images = images(request);
        if !images.is_empty() {
            body.set("images", images);
        }
        body.set_some("max_gen_len", inference.max_tokens);
        body.set_some("temperature", finite(inference.temperature, "temperature")?);
        body.set_some("top_p", finite(inference.top_p, "topP")?);
        add_fields(&mut body, request, NAME)?;
        Ok(body)
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        let mut body = Object::new(body)?;
        let mut request = Request::prompt(need(body.string(PROMPT)?, PROMPT)?);
        request.inference = Inference {
            max_tokens: body.limit("max_gen_len")?,
            temperature: body.number("temperature")?,
            top_p: body.number("top_p")?,
            ..Inference::default()
        };
        keep_fields(&mut request, body.rest());
        Ok(request)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        let mut body = Object::new(body)?;
        let text = need(body.string("generation")?, "generation")?;
        let stop = guarded(body.read("stop_reason", stop_reason)?, intervened(&body));
        let stop_reason = need(stop, "stop_reason")?;
        let usage = Usage::take_pair(&mut body, INPUT, OUTPUT);
        let content = if text.is_empty() { vec![] } else { vec![Block::text(text)] };
        Ok(Reply {
            message: Message::new(Role::Assistant, content),
            stop_reason,
            usage: usage.or_else(|| usage_of(headers)),
            latency_ms: latency_of(headers),
            extra: native(body.rest()),
        })
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks::new(Speech::new(&CHUNK)))
    }
}

/// The images of the conversation in order, for which the prompt has a token each.
fn images(request: &Request) -> Vec<&str> {
    let blocks = request.messages.iter().flat_map(|message| &message.content);
    let bytes = |block| match block {
        &Block::Image(Image { source: Source::Bytes(ref bytes), .. }) => Some(bytes.as_str()),
        _ => None,
    };
    blocks.filter_map(bytes).collect()
}

fn stop_reason(value: Value) -> Result<StopReason, DecodeError> {
    string(value).map(|word| {
        let kind = match word.as_str() {
            "stop" => StopKind::EndTurn,
            "length" => StopKind::MaxTokens,
            _ => return StopReason::new(word),
        };
        StopReason::mapped(kind, word)
    })
}

const CHUNK: Keys = Keys {
    text: "generation",
    take_stop: |chunk| chunk.read("stop_reason", stop_reason),
    counts: Some([INPUT, OUTPUT]),
    blocked_is_counted: false,
};

const NAME: &str = "llama";
const PROMPT: &str = "prompt";
const INPUT: &str = "prompt_token_count";
const OUTPUT: &str = "generation_token_count";
