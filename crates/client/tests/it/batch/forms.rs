//! All records of a job are in one form, which the first decides unless the caller did.

use outcrop::batch::Record;
use outcrop::codec::batch::RawJson;
use outcrop::{ApiChoice, Error, ModelRef, Options, Request};
use serde_json::{Value, json};

use super::service::Bench;

const CLAUDE: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";
const LLAMA: &str = "meta.llama3-1-8b-instruct-v1:0";
const TITAN: &str = "amazon.titan-text-express-v1";
const HIDDEN: &str = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";

/// The invocation type of the job that these records make, and the body of each.
fn submit(
    choice: ApiChoice,
    model: &str,
    records: impl IntoIterator<Item = Record>,
) -> Result<(String, Vec<Value>), Error> {
    let mut options = Options::default();
    options.api = choice;
    let bench = Bench::with(options);
    bench.submit_few_on(&ModelRef::parse(model).unwrap(), records)?;
    let lines = bench.service.lines().into_iter().map(|mut line| line["modelInput"].take());
    let kind = bench.service.state(|state| state.specs[0].invocation_type.clone());
    Ok((kind.unwrap(), lines.collect()))
}

fn auto(model: &str, records: impl IntoIterator<Item = Record>) -> (String, Vec<Value>) {
    submit(ApiChoice::Auto, model, records).unwrap()
}

fn prompt() -> Record {
    Record::new(Request::user("why?").with_max_tokens(10))
}

fn body(json: &Value) -> Record {
    Record::body(RawJson::from(json))
}

fn converse() -> Value {
    json!({
        "messages": [{"role": "user", "content": [{"text": "why?"}]}],
        "inferenceConfig": {"maxTokens": 10},
    })
}

fn native() -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "why?"}]}],
    })
}

#[test]
fn a_request_goes_by_converse_where_the_model_has_it() {
    for model in [CLAUDE, LLAMA, HIDDEN] {
        assert_eq!(auto(model, [prompt()]), ("Converse".to_owned(), vec![converse()]));
    }
    let (kind, bodies) = auto(LLAMA, [Record::new(Request::prompt("why?"))]);
    assert_eq!((kind.as_str(), &bodies[0]["prompt"]), ("InvokeModel", &json!("why?")));
}

#[test]
fn a_body_goes_as_what_it_is() {
    let cases = [
        (CLAUDE, native(), "InvokeModel"),
        (CLAUDE, converse(), "Converse"),
        (LLAMA, json!({"prompt": "why?", "max_gen_len": 10}), "InvokeModel"),
        (LLAMA, converse(), "Converse"),
        (TITAN, json!({"inputText": "why?"}), "InvokeModel"),
        (HIDDEN, native(), "InvokeModel"),
        // What is in no form that is known is the service's to judge.
        (CLAUDE, json!({"foo": 1}), "InvokeModel"),
        ("new.model-v1:0", json!({"foo": 1}), "InvokeModel"),
    ];
    for (model, json, kind) in cases {
        assert_eq!(auto(model, [body(&json)]), (kind.to_owned(), vec![json.clone()]), "{model}");
    }
}

#[test]
fn a_later_record_is_written_in_the_form_of_the_first() {
    let (kind, bodies) = auto(CLAUDE, [prompt(), body(&native()), body(&converse())]);
    assert_eq!(kind, "Converse");
    assert_eq!(bodies[0], converse());
    assert_eq!(bodies[1]["messages"], converse()["messages"]);
    assert_eq!(bodies[1]["inferenceConfig"], converse()["inferenceConfig"]);
    assert_eq!(bodies[2], converse());

    let (kind, bodies) = auto(CLAUDE, [body(&native()), body(&converse()), prompt()]);
    assert_eq!(kind, "InvokeModel");
    assert_eq!(bodies[0], native());
    for body in &bodies[1..] {
        assert_eq!(body["messages"], native()["messages"]);
        assert_eq!(body["max_tokens"], 10);
    }
}

#[test]
fn the_caller_s_choice_is_kept_and_bodies_with_it() {
    for (choice, kind) in [(ApiChoice::Converse, "Converse"), (ApiChoice::Invoke, "InvokeModel")] {
        for json in [native(), converse(), json!({"foo": 1})] {
            let made = submit(choice, CLAUDE, [body(&json)]).unwrap();
            assert_eq!(made, (kind.to_owned(), vec![json]));
        }
    }
}

#[test]
fn a_request_that_the_form_cannot_express_names_the_record() {
    let error = submit(
        ApiChoice::Auto,
        CLAUDE,
        [body(&native()), Record::new(Request::prompt("no messages"))],
    );
    let error = error.unwrap_err();
    assert_eq!(error.record(), Some(2));
    assert!(error.to_string().starts_with("record 2 (\"r00000002\"): anthropic"), "{error}");

    let error = submit(ApiChoice::Invoke, HIDDEN, [prompt()]).unwrap_err();
    assert!(error.to_string().contains("give the family"), "{error}");
}
