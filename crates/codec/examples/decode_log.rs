//! Reads a log of model invocations and prints who asked what, and what came back.
//!
//! ```text
//! cargo run -p outcrop-codec --example decode_log [FILE.jsonl [FAMILY]]
//! ```
//!
//! FAMILY stands in where an ARN hides the family. Without a file it reads the log beside it.
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::error::Error;
use std::{env, fs};

use outcrop_codec::{Api, ModelRef, decode, decode_request};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let log = match args.next() {
        Some(path) => fs::read_to_string(path)?,
        None => include_str!("invocations.jsonl").to_owned(),
    };
    let family = args.next();
    for (number, line) in (1..).zip(log.lines()) {
        match describe(line, family.as_deref()) {
            Ok(text) => println!("{number}: {text}"),
            Err(error) => println!("{number}: {error}"),
        }
    }
    Ok(())
}

/// One line of the log in words.
fn describe(line: &str, family: Option<&str>) -> Result<String, Box<dyn Error>> {
    let line: Value = serde_json::from_str(line)?;
    let text = |key: &str| line.get(key).and_then(Value::as_str);
    let mut model = ModelRef::parse(text("modelId").ok_or("the line has no modelId")?)?;
    if let (None, Some(family)) = (model.family(), family) {
        model = model.with_family(family)?;
    }
    let api = match text("operation") {
        Some("Converse") => Api::Converse,
        Some("InvokeModel") => Api::Invoke,
        other => return Err(format!("the operation {other:?} is not read here").into()),
    };
    let body = |pointer| line.pointer(pointer).ok_or(pointer).map(Value::to_string);
    let request = decode_request(&model, api, body("/input/inputBodyJson")?.as_bytes())?;
    let reply = decode(&model, api, body("/output/outputBodyJson")?.as_bytes(), &())?;

    let asked = request.prompt.unwrap_or_else(|| {
        request.messages.last().map(|message| message.text()).unwrap_or_default()
    });
    let mut answer = reply.text();
    for tool in reply.tool_uses() {
        answer += &format!("[{} {}]", tool.name, Value::from(tool.input.clone()));
    }
    let tokens = match &reply.usage {
        Some(usage) => format!("{} tokens", usage.total()),
        None => "tokens unknown".to_owned(),
    };
    Ok(format!("{model}: {asked:?} -> {answer:?} ({}, {tokens})", reply.stop_reason))
}
