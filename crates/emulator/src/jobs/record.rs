//! One record: a line of input becomes a line of output.

use hyper::HeaderMap;
use serde_json::{Map, Value, json};

use super::failure::Malformed;
use crate::backend::Server;
use crate::clock;
use crate::error::Refusal;
use crate::models::Model;
use crate::route::RunApi;
use crate::runtime::{Task, Turn};
use crate::settings::Settings;
use crate::single;

/// What became of a record.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// A line of JSON, without its end.
    pub(super) line: String,
    /// The tokens of input and output, or `None` if the record failed.
    pub(super) tokens: Option<(u64, u64)>,
}

/// How records are run.
pub(super) struct Runner<'a> {
    pub(super) api: RunApi,
    pub(super) model_id: &'a str,
    pub(super) settings: &'a Settings,
    pub(super) backend: Option<&'a Server>,
}

/// Checks the form of a line, which is all that validation checks of a record.
pub(super) fn check(line: &[u8]) -> Result<Map<String, Value>, Malformed> {
    let record: Map<String, Value> = serde_json::from_slice(line)?;
    if !record.get("modelInput").is_some_and(Value::is_object) {
        return Err(Malformed::ModelInput);
    }
    match record.get("recordId") {
        None | Some(Value::String(_)) => Ok(record),
        Some(_) => Err(Malformed::RecordId),
    }
}

impl Runner<'_> {
    /// Runs the record of a line. `number` counts the records of the job from 1, and names those
    /// that have no id.
    pub(super) async fn run(&self, number: u64, mut record: Map<String, Value>) -> Outcome {
        let id = match record.remove("recordId") {
            Some(Value::String(id)) => id,
            _ => format!("RECORD{number:07}"),
        };
        let input = match record.remove("modelInput") {
            Some(Value::Object(input)) => input,
            _ => Map::new(),
        };
        match self.invoke(number, &input).await {
            Ok((output, tokens)) => Outcome {
                line: json!({ "recordId": id, "modelInput": input, "modelOutput": output })
                    .to_string(),
                tokens: Some(tokens),
            },
            Err(refusal) => {
                let (code, message) = (refusal.status(), refusal.message);
                let error = json!({ "errorCode": code, "errorMessage": message });
                let line = json!({ "recordId": id, "modelInput": input, "error": error });
                Outcome { line: line.to_string(), tokens: None }
            }
        }
    }

    async fn invoke(
        &self,
        number: u64,
        input: &Map<String, Value>,
    ) -> Result<(Value, (u64, u64)), Refusal> {
        let has_tools = input.get("toolConfig").is_some_and(|config| !config.is_null());
        if self.api == RunApi::Converse && has_tools {
            return Err(Refusal::validation("Tool use is not supported in batch inference."));
        }
        let model = Model::find(self.model_id)?;
        if self.api == RunApi::Invoke
            && let Some(found) = single::find(&model, input)
        {
            let said = found.answer(json!(input).to_string().as_bytes(), input)?;
            return Ok((said.body, (said.input_tokens.unwrap_or(0), 0)));
        }
        let task = Task::read(self.api, model, &HeaderMap::new(), input.clone())?;
        let mut turn = Turn::new(task, self.settings, self.backend);
        turn.ask(false).await?;
        let latency = self.settings.due(turn.answer.usage.output).as_millis();
        turn.count_copies();
        let mut meta = turn.meta(format!("{number:022}"), clock::wall().as_second());
        meta.latency_ms = u64::try_from(latency).unwrap_or(u64::MAX);
        let parted = turn.part(self.api, &meta, false);
        let usage = parted.answer.usage;
        Ok((parted.reply(&meta), (usage.input, usage.output)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(line: &str) -> Value {
        let runner = Runner {
            api: RunApi::Converse,
            model_id: "amazon.nova-lite-v1:0",
            settings: &Settings::default(),
            backend: None,
        };
        let outcome = runner.run(7, check(line.as_bytes()).unwrap()).await;
        serde_json::from_str(&outcome.line).unwrap()
    }

    #[tokio::test]
    async fn a_record_becomes_its_answer() {
        let input = r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#;
        let line = run(&format!(r#"{{"recordId":"A1","modelInput":{input}}}"#)).await;
        assert_eq!(line["recordId"], "A1");
        assert_eq!(line["modelInput"], serde_json::from_str::<Value>(input).unwrap());
        let text = &line["modelOutput"]["output"]["message"]["content"][0]["text"];
        assert_eq!(text, "You said: Hi");
        assert!(line.get("error").is_none());
    }

    #[tokio::test]
    async fn a_record_has_what_it_asks_for_beside_its_answer() {
        let asked = |text: &str| {
            let guardrail = json!({ "guardrailIdentifier": "g1", "guardrailVersion": "1" });
            let input = json!({
                "messages": [{ "role": "user", "content": [{ "text": text }] }],
                "additionalModelResponseFieldPaths": ["/stopReason"],
                "guardrailConfig": guardrail,
            });
            json!({ "modelInput": input }).to_string()
        };
        let blocked = run(&asked("A forbidden word")).await;
        assert_eq!(blocked["modelOutput"]["stopReason"], "guardrail_intervened");
        assert_eq!(blocked["modelOutput"]["usage"]["outputTokens"], 0);
        let passed = run(&asked("Hi")).await;
        let fields = &passed["modelOutput"]["additionalModelResponseFields"];
        assert_eq!(fields, &json!({ "stopReason": "end_turn" }));
    }

    #[tokio::test]
    async fn a_bad_record_becomes_its_error_and_one_without_an_id_gets_one() {
        let line = run(r#"{"modelInput":{"messages":[]}}"#).await;
        assert_eq!(
            (&line["recordId"], &line["error"]["errorCode"]),
            (&json!("RECORD0000007"), &json!(400))
        );
        assert!(line["error"]["errorMessage"].as_str().unwrap().contains("user message"));
        assert!(line.get("modelOutput").is_none());
    }

    #[test]
    fn only_the_form_of_a_line_is_checked_beforehand() {
        assert!(check(br#"{"modelInput":{}}"#).is_ok());
        for line in ["", "{", "[]", r#"{"recordId":"a"}"#, r#"{"recordId":1,"modelInput":{}}"#] {
            assert!(check(line.as_bytes()).is_err(), "{line}");
        }
    }
}
