//! The constraints that the service's model puts on single members. All that are broken are told
//! at once, each with its place; lists count from 1 there.

use serde_json::{Map, Value};

use crate::error::Refusal;
use crate::json::at;
use crate::runtime::{LATENCIES, TIERS};

/// Refuses a body with members out of their bounds.
pub(super) fn check(body: &Map<String, Value>) -> Result<(), Refusal> {
    let mut broken = Broken::default();
    let member = |key: &str| body.get(key).unwrap_or(&Value::Null);
    broken.messages(member("messages"));
    broken.inference(member("inferenceConfig"));
    broken.tools(member("toolConfig"));
    broken.options(body);
    broken.refusal()
}

/// The constraints that are broken.
#[derive(Default)]
struct Broken(Vec<String>);

impl Broken {
    fn refusal(self) -> Result<(), Refusal> {
        let (count, all) = (self.0.len(), self.0.join("; "));
        match count {
            0 => Ok(()),
            1 => Err(Refusal::validation(format!("1 validation error detected: {all}"))),
            _ => Err(Refusal::validation(format!("{count} validation errors detected: {all}"))),
        }
    }

    /// `value` is told except where it holds what people wrote.
    fn add(&mut self, value: Option<&str>, place: &str, constraint: &str) {
        let value = value.map_or_else(String::new, |value| format!(" '{value}'"));
        self.0.push(format!(
            "Value{value} at '{place}' failed to satisfy constraint: Member must {constraint}"
        ));
    }

    fn messages(&mut self, messages: &Value) {
        if messages.is_null() {
            self.add(None, "messages", "not be null");
        }
        for (place, message) in members("messages", messages) {
            let role = &message["role"];
            self.one_of(role, &format!("{place}.role"), &["user", "assistant"]);
            for (place, block) in members(&format!("{place}.content"), &message["content"]) {
                self.block(&place, block);
            }
        }
    }

    fn block(&mut self, place: &str, block: &Value) {
        // Text, which most blocks are, has no constraints here.
        if block["text"].is_string() {
            return;
        }
        for kind in ["toolUse", "toolResult"] {
            let id = format!("{place}.{kind}.toolUseId");
            self.word(
                None,
                at(block, &format!("/{kind}/toolUseId")),
                &id,
                "_.:-",
                "[a-zA-Z0-9_.:-]+",
            );
        }
        let name = format!("{place}.toolUse.name");
        self.word(None, at(block, "/toolUse/name"), &name, "_-", "[a-zA-Z0-9_-]+");
        let (image, document) = (at(block, "/image/format"), at(block, "/document/format"));
        self.one_of_given(image, &format!("{place}.image.format"), IMAGES);
        self.one_of_given(document, &format!("{place}.document.format"), DOCUMENTS);
    }

    fn inference(&mut self, config: &Value) {
        let bounds =
            [("maxTokens", 1.0, f64::INFINITY), ("temperature", 0.0, 1.0), ("topP", 0.0, 1.0)];
        for (key, low, high) in bounds {
            let place = format!("inferenceConfig.{key}");
            let Some(number) = config[key].as_f64() else { continue };
            let given = config[key].to_string();
            if number < low {
                let bound = format!("have value greater than or equal to {low}");
                self.add(Some(&given), &place, &bound);
            } else if number > high {
                let bound = format!("have value less than or equal to {high}");
                self.add(Some(&given), &place, &bound);
            }
        }
        let stops = config["stopSequences"].as_array().map_or(&[][..], Vec::as_slice);
        let place = "inferenceConfig.stopSequences";
        if stops.len() > MOST_STOPS {
            self.add(None, place, &format!("have length less than or equal to {MOST_STOPS}"));
        }
        if stops.iter().any(|stop| stop == "") {
            let each = "satisfy constraint: [Member must have length greater than or equal to 1]";
            self.add(None, place, each);
        }
    }

    fn tools(&mut self, config: &Value) {
        if config["tools"].as_array().is_some_and(Vec::is_empty) {
            let least = "have length greater than or equal to 1";
            self.add(Some("[]"), "toolConfig.tools", least);
        }
        for (place, tool) in members("toolConfig.tools", &config["tools"]) {
            let spec = &tool["toolSpec"];
            let (place, name) = (format!("{place}.toolSpec"), &spec["name"]);
            if spec.is_object() && name.is_null() {
                self.add(None, &format!("{place}.name"), "not be null");
            }
            self.word(name.as_str(), name, &format!("{place}.name"), "_-", "[a-zA-Z0-9_-]+");
            if spec["description"] == "" {
                let least = "have length greater than or equal to 1";
                self.add(Some(""), &format!("{place}.description"), least);
            }
        }
    }

    fn options(&mut self, body: &Map<String, Value>) {
        let member = |key: &str| body.get(key).unwrap_or(&Value::Null);
        let latency = &member("performanceConfig")["latency"];
        self.one_of_given(latency, "performanceConfig.latency", LATENCIES);
        self.one_of_given(&member("serviceTier")["type"], "serviceTier.type", TIERS);
        let trace = &member("guardrailConfig")["trace"];
        self.one_of_given(trace, "guardrailConfig.trace", &["enabled", "disabled", "enabled_full"]);
        let paths = "additionalModelResponseFieldPaths";
        if member(paths).as_array().is_some_and(|list| list.len() > MOST_PATHS) {
            self.add(None, paths, &format!("have length less than or equal to {MOST_PATHS}"));
        }
        if member("requestMetadata").as_object().is_some_and(|pairs| pairs.len() > MOST_PAIRS) {
            let most = format!("have length less than or equal to {MOST_PAIRS}");
            self.add(None, "requestMetadata", &most);
        }
    }

    /// A name or id of 1 to 64 letters, digits and marks.
    fn word(&mut self, shown: Option<&str>, value: &Value, place: &str, marks: &str, all: &str) {
        let Some(word) = value.as_str() else { return };
        if word.len() > MOST_LETTERS {
            let most = format!("have length less than or equal to {MOST_LETTERS}");
            self.add(shown, place, &most);
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
        if word.is_empty() || !word.chars().all(fits) {
            self.add(shown, place, &format!("satisfy regular expression pattern: {all}"));
        }
        if word.is_empty() {
            self.add(shown, place, "have length greater than or equal to 1");
        }
    }

    fn one_of(&mut self, value: &Value, place: &str, known: &[&str]) {
        let given = value.as_str().unwrap_or_default();
        if !known.contains(&given) {
            let known = known.join(", ");
            self.add(Some(given), place, &format!("satisfy enum value set: [{known}]"));
        }
    }

    fn one_of_given(&mut self, value: &Value, place: &str, known: &[&str]) {
        if value.is_string() {
            self.one_of(value, place, known);
        }
    }
}

/// The items of a list, each with its place.
fn members<'a>(place: &str, list: &'a Value) -> impl Iterator<Item = (String, &'a Value)> {
    let items = list.as_array().into_iter().flatten();
    (1..).zip(items).map(move |(at, item): (u64, _)| (format!("{place}.{at}.member"), item))
}

const IMAGES: &[&str] = &["png", "jpeg", "gif", "webp"];
const DOCUMENTS: &[&str] = &["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];
const MOST_LETTERS: usize = 64;
const MOST_STOPS: usize = 2500;
const MOST_PATHS: usize = 10;
const MOST_PAIRS: usize = 16;
