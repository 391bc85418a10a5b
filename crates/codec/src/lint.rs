//! What Bedrock would answer with a 400, found before the request is sent.
//!
//! The rules are data: each has a name, where it is known from, and since when. A request without
//! findings may still be refused; one with a finding would be.

mod cache;
mod documents;
mod images;
mod limits;
mod model;
mod roles;
mod sampling;
mod subject;
#[cfg(test)]
mod tests;
mod text;
mod thinking;
mod tools;

use alloc::string::String;
use alloc::vec::Vec;

use self::subject::{Findings, Subject};
use crate::catalog::Date;
use crate::{ModelRef, Request};

/// Something that the service would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Where: a path in the Converse body, such as `messages[1].content[0].text`; `modelId` for
    /// what is about the model itself.
    pub path: String,
    /// The name of the rule.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do, where there is one thing to do.
    pub fix: Option<String>,
}

/// A rule by which Bedrock refuses requests.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The name.
    pub name: &'static str,
    /// What it asks, in one sentence.
    pub about: &'static str,
    /// Where it is known from.
    pub source: &'static str,
    /// The day on which the source said so.
    pub date: Date,
    check: fn(&Subject<'_>, &mut Findings),
}

/// What Bedrock would refuse of this request to this model, in the order of the rules.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{Message, ModelRef, Request, lint};
///
/// let model = ModelRef::parse("amazon.nova-lite-v1:0")?;
/// let request = Request::new(vec![Message::user("Hello"), Message::user(" ")]);
/// let rules: Vec<_> = lint(&model, &request).iter().map(|finding| finding.rule).collect();
/// assert_eq!(rules, ["blank-text", "alternating-roles"]);
/// # Ok::<(), outcrop_codec::ModelRefError>(())
/// ```
pub fn lint(model: &ModelRef, request: &Request) -> Vec<Finding> {
    let subject = Subject::new(model, request);
    let mut found = Vec::new();
    for rule in RULES {
        let mut findings = Findings::default();
        (rule.check)(&subject, &mut findings);
        found.extend(findings.named(rule.name));
    }
    found
}

const fn rule(
    name: &'static str,
    about: &'static str,
    source: &'static str,
    check: fn(&Subject<'_>, &mut Findings),
) -> Rule {
    Rule { name, about, source, date: READ, check }
}

/// When the sources below were read.
const READ: Date = Date::listed(2026, 11, 21);

const MODEL: &str = "the service model of bedrock-runtime in botocore 1.44.5";
const MESSAGE: &str = "the user guide on the Converse API's messages and content blocks";
const CLAUDE: &str = "the user guide on the parameters of Anthropic's messages";
const CLIENTS: &str = "the clients litellm 1.109.1 and langchain-aws 1.9.1";
const RECORDED: &str = "a recorded answer of the service";
const CATALOG: &str = "the catalogue's entry for the model";

/// The rules, in the order of their findings.
pub static RULES: &[Rule] = &[
    rule(
        "needs-profile",
        "Some models are reached only through an inference profile.",
        CATALOG,
        model::needs_profile,
    ),
    rule("system-unsupported", "Some models take no system text.", CATALOG, model::system),
    rule("reasoning-unsupported", "Only Claude takes reasoning back.", CLIENTS, model::reasoning),
    rule(
        "no-messages",
        "There is a message, unless the model id is a stored prompt.",
        MODEL,
        roles::none,
    ),
    rule("unknown-role", "A role is user, assistant or system.", MODEL, roles::unknown),
    rule(
        "first-role",
        "The first message is the user's, save for Claude, which takes the assistant's.",
        MESSAGE,
        roles::first,
    ),
    rule("empty-content", "A message has content.", MODEL, text::empty),
    rule("blank-text", "A text block is not blank.", MESSAGE, text::blank),
    rule("blank-system", "A system text is not blank.", MODEL, text::blank_system),
    rule(
        "alternating-roles",
        "Two messages of one role in a row are merged first.",
        CLIENTS,
        roles::alternating,
    ),
    rule(
        "trailing-space",
        "The reply that Claude is to continue does not end in white space.",
        CLAUDE,
        text::trailing,
    ),
    rule(
        "max-tokens",
        "max_tokens is at least 1 and within the model's limit.",
        CATALOG,
        limits::max_tokens,
    ),
    rule(
        "stop-sequences",
        "Stop sequences are not empty, and not too many.",
        MODEL,
        limits::stop_sequences,
    ),
    rule("temperature", "The temperature is from 0 to 1.", MODEL, sampling::temperature),
    rule("top-p", "top_p is from 0 to 1.", MODEL, sampling::top_p),
    rule(
        "temperature-and-top-p",
        "Newer Claudes take one of temperature and top_p, or neither.",
        CATALOG,
        sampling::both,
    ),
    rule("tools-unsupported", "Some models take no tools.", CATALOG, tools::unsupported),
    rule(
        "missing-tool-config",
        "Where messages hold tool blocks, the tools are defined.",
        MESSAGE,
        tools::missing,
    ),
    rule("no-tools", "A toolConfig has at least one tool.", MODEL, tools::none),
    rule("tool-name", "A tool's name has 1 to 64 letters, digits, _ and -.", MODEL, tools::names),
    rule("tool-description", "A tool's description is not empty.", MODEL, tools::descriptions),
    rule("tool-strict", "Nova, Llama and gpt-oss take no `strict`.", CLIENTS, tools::strict),
    rule(
        "tool-use-id",
        "The id of a tool call has 1 to 64 letters, digits and _ . : -.",
        MODEL,
        tools::ids,
    ),
    rule(
        "tool-result-without-use",
        "A result answers a call of the message before it.",
        CLAUDE,
        tools::orphans,
    ),
    rule(
        "tool-use-without-result",
        "The message after a call brings its result.",
        CLAUDE,
        tools::unanswered,
    ),
    rule("image-format", "An image is png, jpeg, gif or webp.", MODEL, images::format),
    rule("image-bytes", "The bytes of an image are an image.", RECORDED, images::mismatch),
    rule("image-too-large", "An image has at most 3.75 MB.", MESSAGE, images::too_large),
    rule("too-many-images", "There are at most 20 images.", MESSAGE, images::too_many),
    rule("images-unsupported", "Some models read no images.", CATALOG, images::unsupported),
    rule("video-unsupported", "Some models read no video.", RECORDED, images::video),
    rule("s3-unsupported", "Claude takes bytes and no S3 locations.", RECORDED, images::s3),
    rule(
        "document-without-text",
        "A message with a document has a text block.",
        MESSAGE,
        documents::without_text,
    ),
    rule(
        "document-name",
        "A document's name has 1 to 200 letters, digits, single spaces and - ( ) [ ].",
        MESSAGE,
        documents::names,
    ),
    rule(
        "duplicate-document-name",
        "Documents have different names.",
        MESSAGE,
        documents::duplicates,
    ),
    rule(
        "document-format",
        "A document's format is one of those listed.",
        MODEL,
        documents::format,
    ),
    rule("document-too-large", "A document has at most 4.5 MB.", MESSAGE, documents::too_large),
    rule("too-many-documents", "There are at most 5 documents.", MESSAGE, documents::too_many),
    rule(
        "cache-points-unsupported",
        "Some models take no cache points.",
        CATALOG,
        cache::unsupported,
    ),
    rule("too-many-cache-points", "Claude takes at most 4 cache points.", CLAUDE, cache::too_many),
    rule(
        "thinking-budget",
        "The thinking budget is at least 1024 and less than max_tokens.",
        CLAUDE,
        thinking::budget,
    ),
    rule(
        "thinking-sampling",
        "Thinking leaves temperature and top_k alone, and top_p from 0.95.",
        CLAUDE,
        thinking::sampling,
    ),
    rule("thinking-tool-choice", "Thinking forces no tool.", CLAUDE, thinking::tool_choice),
    rule("thinking-prefill", "Thinking continues no begun reply.", CLAUDE, thinking::prefill),
];
