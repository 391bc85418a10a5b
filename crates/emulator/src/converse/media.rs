//! What Converse refuses about images, documents and other media in messages.

use std::collections::HashSet;

use codec::catalog::Modality;
use serde_json::{Map, Value};

use crate::error::Refusal;
use crate::family::anthropic::messages::{MOST_BYTES, image_too_large};
use crate::json::at;
use crate::models::Model;

/// Refuses media that the service would refuse.
pub(super) fn check(model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
    let messages = body.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (index, message) in messages.iter().enumerate() {
        let blocks = message["content"].as_array().map_or(&[][..], Vec::as_slice);
        for (block_at, block) in blocks.iter().enumerate() {
            let inner = at(block, "/toolResult/content").as_array().into_iter().flatten();
            std::iter::once(block).chain(inner).try_for_each(|block| is_read(model, block))?;
            check_sources(model, index, block_at, block)?;
            let size = at(block, "/image/source/bytes").as_str().map_or(0, str::len);
            if size > MOST_BYTES {
                return Err(Refusal::by_model(&image_too_large(index, block_at, size)));
            }
        }
        let has = |key: &str| blocks.iter().any(|block| !block[key].is_null());
        if has("document") && !has("text") {
            return Err(Refusal::validation(
                "A text block must be included when using documents. Add a text block and retry \
                 your request.",
            ));
        }
    }
    check_documents(&every(messages, "document"))?;
    let (images, documents) = (every(messages, "image").len(), every(messages, "document").len());
    if images > MOST_IMAGES {
        return Err(Refusal::by_model(&format!(
            "too many images and documents: {images} + {documents} > {MOST_IMAGES}"
        )));
    }
    Ok(())
}

/// Whether the model reads what is in a block.
fn is_read(model: &Model, block: &Value) -> Result<(), Refusal> {
    let unread = |(key, kind): &&(&str, Modality)| !block[*key].is_null() && !model.reads(*kind);
    match KINDS.iter().find(unread) {
        None => Ok(()),
        Some((key, _)) => Err(Refusal::validation(format!(
            "This model doesn't support the {key} content block that you provided. Update the \
             content block and try again."
        ))),
    }
}

/// Media in S3 are for some models only, and each says so in its own way.
fn check_sources(
    model: &Model,
    index: usize,
    block_at: usize,
    block: &Value,
) -> Result<(), Refusal> {
    let in_s3 =
        |block: &Value, key: &str| at(block, &format!("/{key}/source/s3Location")).is_object();
    let results = || at(block, "/toolResult/content").as_array().into_iter().flatten();
    if model.name.starts_with("anthropic.") {
        if in_s3(block, "image") || results().any(|block| in_s3(block, "image")) {
            return Err(Refusal::validation(
                "This model doesn't support the s3Uri field. Remove s3Uri and try again.",
            ));
        }
        if in_s3(block, "document") {
            return Err(Refusal::by_model(&format!(
                "messages.{index}.content.{block_at}.document.source.type: Field required"
            )));
        }
    }
    let file = |block: &Value| ["document", "video"].iter().any(|key| in_s3(block, key));
    if model.name.starts_with("amazon.nova") && results().any(file) {
        let what = format!("#/messages/{index}/content/{block_at}: extraneous key [toolResult]");
        let refused = Refusal::malformed(&format!("{what} is not permitted"));
        return Err(Refusal::by_model(&refused.message));
    }
    Ok(())
}

/// Names and number of the documents of a request.
fn check_documents(documents: &[&Value]) -> Result<(), Refusal> {
    let names = documents.iter().filter_map(|document| document["name"].as_str());
    let names: Vec<&str> = names.collect();
    if !names.iter().all(|name| is_name(name)) {
        return Err(Refusal::validation(
            "The document file name can only contain alphanumeric characters, whitespace \
             characters, hyphens, parentheses, and square brackets. The name can't contain more \
             than one consecutive whitespace character.",
        ));
    }
    if names.iter().collect::<HashSet<_>>().len() < names.len() {
        return Err(Refusal::validation("Messages can't contain duplicate document names."));
    }
    if documents.len() > MOST_DOCUMENTS {
        return Err(Refusal::validation(format!(
            "You can't include more than {MOST_DOCUMENTS} documents in a request."
        )));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() || "-()[]".contains(c);
    let blanks = |pair: (char, char)| pair.0.is_whitespace() && pair.1.is_whitespace();
    name.chars().all(fits) && !name.chars().zip(name.chars().skip(1)).any(blanks)
}

/// The content of every block of a kind that stands in a message itself.
fn every<'a>(messages: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let blocks = messages.iter().filter_map(|message| message["content"].as_array()).flatten();
    blocks.filter_map(|block| block.get(kind)).filter(|content| !content.is_null()).collect()
}

/// The kinds that not every model reads. Documents are texts to models that read no more.
const KINDS: &[(&str, Modality)] =
    &[("image", Modality::Image), ("video", Modality::Video), ("audio", Modality::Audio)];
const MOST_IMAGES: usize = 20;
const MOST_DOCUMENTS: usize = 5;
