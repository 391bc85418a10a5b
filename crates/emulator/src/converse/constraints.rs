//! The constraints that the service's model puts on single members. All that are broken are told
//! at once, each with its place; lists count from 1 there.

use std::fmt::{self, Arguments, Display};

use serde_json::{Map, Value};

use crate::constraint::{Broken, Constraint};
use crate::error::Refusal;
use crate::json::at;
use crate::runtime::{LATENCIES, TIERS};

/// Refuses a body with members out of their bounds.
pub(super) fn check(body: &Map<String, Value>) -> Result<(), Refusal> {
    let mut bounds = Bounds::default();
    let member = |key: &str| body.get(key).unwrap_or(&Value::Null);
    bounds.messages(member("messages"));
    bounds.inference(member("inferenceConfig"));
    bounds.tools(member("toolConfig"));
    bounds.options(body);
    bounds.0.check()
}

/// The bounds of a request, against which its members are held.
#[derive(Default)]
struct Bounds(Broken);

impl Bounds {
    fn messages(&mut self, messages: &Value) {
        if messages.is_null() {
            self.0.add(None, "messages", Constraint::NotNull);
        }
        for (place, message) in members(format_args!("messages"), messages) {
            let role = &message["role"];
            self.one_of(role, format_args!("{place}.role"), &["user", "assistant"]);
            for (place, block) in members(format_args!("{place}.content"), &message["content"]) {
                self.block(place, block);
            }
        }
    }

    fn block(&mut self, place: Member<'_>, block: &Value) {
        // Text, which most blocks are, has no constraints here.
        if block["text"].is_string() {
            return;
        }
        for kind in ["toolUse", "toolResult"] {
            let id = at(block, &format!("/{kind}/toolUseId"));
            self.word(None, id, format_args!("{place}.{kind}.toolUseId"), ID);
        }
        let name = at(block, "/toolUse/name");
        self.word(None, name, format_args!("{place}.toolUse.name"), NAME);
        let (image, document) = (at(block, "/image/format"), at(block, "/document/format"));
        self.one_of_given(image, format_args!("{place}.image.format"), IMAGES);
        self.one_of_given(document, format_args!("{place}.document.format"), DOCUMENTS);
    }

    fn inference(&mut self, config: &Value) {
        for (key, low, high) in [("maxTokens", 1, u64::MAX), ("temperature", 0, 1), ("topP", 0, 1)]
        {
            let Some(number) = config[key].as_f64() else { continue };
            let constraint = if number < low as f64 {
                Constraint::ValueAtLeast(low)
            } else if number > high as f64 {
                Constraint::ValueAtMost(high)
            } else {
                continue;
            };
            self.0.add(Some(&config[key]), format_args!("inferenceConfig.{key}"), constraint);
        }
        let stops = config["stopSequences"].as_array().map_or(&[][..], Vec::as_slice);
        let place = "inferenceConfig.stopSequences";
        if stops.len() > MOST_STOPS {
            self.0.add(None, place, Constraint::LengthAtMost(MOST_STOPS));
        }
        if stops.iter().any(|stop| stop == "") {
            self.0.add(None, place, Constraint::EachLengthAtLeast(1));
        }
    }

    fn tools(&mut self, config: &Value) {
        if config["tools"].as_array().is_some_and(Vec::is_empty) {
            self.0.add(Some(&"[]"), "toolConfig.tools", Constraint::LengthAtLeast(1));
        }
        for (place, tool) in members(format_args!("toolConfig.tools"), &config["tools"]) {
            let spec = &tool["toolSpec"];
            let name = &spec["name"];
            if spec.is_object() && name.is_null() {
                self.0.add(None, format_args!("{place}.toolSpec.name"), Constraint::NotNull);
            }
            self.word(name.as_str(), name, format_args!("{place}.toolSpec.name"), NAME);
            if spec["description"] == "" {
                let place = format_args!("{place}.toolSpec.description");
                self.0.add(Some(&""), place, Constraint::LengthAtLeast(1));
            }
        }
    }

    fn options(&mut self, body: &Map<String, Value>) {
        let member = |key: &str| body.get(key).unwrap_or(&Value::Null);
        let latency = &member("performanceConfig")["latency"];
        self.one_of_given(latency, format_args!("performanceConfig.latency"), LATENCIES);
        let tier = &member("serviceTier")["type"];
        self.one_of_given(tier, format_args!("serviceTier.type"), TIERS);
        let trace = &member("guardrailConfig")["trace"];
        self.one_of_given(trace, format_args!("guardrailConfig.trace"), TRACES);
        let paths = "additionalModelResponseFieldPaths";
        if member(paths).as_array().is_some_and(|list| list.len() > MOST_PATHS) {
            self.0.add(None, paths, Constraint::LengthAtMost(MOST_PATHS));
        }
        if member("requestMetadata").as_object().is_some_and(|pairs| pairs.len() > MOST_PAIRS) {
            self.0.add(None, "requestMetadata", Constraint::LengthAtMost(MOST_PAIRS));
        }
    }

    /// A name or id of 1 to 64 letters, digits and marks.
    fn word(&mut self, shown: Option<&str>, value: &Value, place: Arguments<'_>, form: Word) {
        let Some(word) = value.as_str() else { return };
        let shown = shown.as_ref().map(|shown| shown as &dyn Display);
        if word.len() > MOST_LETTERS {
            self.0.add(shown, place, Constraint::LengthAtMost(MOST_LETTERS));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || form.marks.contains(c);
        if word.is_empty() || !word.chars().all(fits) {
            self.0.add(shown, place, Constraint::Pattern(form.pattern));
        }
        if word.is_empty() {
            self.0.add(shown, place, Constraint::LengthAtLeast(1));
        }
    }

    fn one_of(&mut self, value: &Value, place: Arguments<'_>, known: &[&str]) {
        let given = value.as_str().unwrap_or_default();
        if !known.contains(&given) {
            self.0.add(Some(&given), place, Constraint::OneOf(known));
        }
    }

    fn one_of_given(&mut self, value: &Value, place: Arguments<'_>, known: &[&str]) {
        if value.is_string() {
            self.one_of(value, place, known);
        }
    }
}

/// The form of a name or id.
#[derive(Clone, Copy)]
struct Word {
    /// What it may have besides letters and digits.
    marks: &'static str,
    /// The pattern as the service writes it.
    pattern: &'static str,
}

/// The place of an item of a list, which is written only where it is told.
#[derive(Clone, Copy)]
struct Member<'a> {
    list: Arguments<'a>,
    number: u64,
}

impl Display for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.member", self.list, self.number)
    }
}

/// The items of a list, each with its place.
fn members<'a>(
    list: Arguments<'a>,
    items: &'a Value,
) -> impl Iterator<Item = (Member<'a>, &'a Value)> {
    let items = items.as_array().into_iter().flatten();
    (1..).zip(items).map(move |(number, item)| (Member { list, number }, item))
}

const ID: Word = Word { marks: "_.:-", pattern: "[a-zA-Z0-9_.:-]+" };
const NAME: Word = Word { marks: "_-", pattern: "[a-zA-Z0-9_-]+" };
const TRACES: &[&str] = &["enabled", "disabled", "enabled_full"];
const IMAGES: &[&str] = &["png", "jpeg", "gif", "webp"];
const DOCUMENTS: &[&str] = &["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];
const MOST_LETTERS: usize = 64;
const MOST_STOPS: usize = 2500;
const MOST_PATHS: usize = 10;
const MOST_PAIRS: usize = 16;
