//! Documents in messages.

use alloc::format;
use alloc::vec::Vec;

use super::images::decoded_len;
use super::subject::{Findings, Placed, Subject};
use crate::{Block, Document, Source};

pub(super) fn without_text(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, message) in subject.messages() {
        let has = |kind: fn(&Block) -> bool| message.content.iter().any(kind);
        if has(|block| matches!(block, Block::Document(_)))
            && !has(|block| matches!(block, Block::Text(_)))
        {
            let path = format!("{path}.content");
            findings.add(path, "there is a document and no text", "add a text block");
        }
    }
}

pub(super) fn names(subject: &Subject<'_>, findings: &mut Findings) {
    for (placed, document) in documents(subject) {
        let Some(name) = document.name.as_deref() else { continue };
        if !is_name(name) {
            let path = format!("{}.document.name", placed.path);
            let message = format!("{name:?} cannot be the name of a document");
            let fix = "use 1 to 200 letters, digits, single spaces, -, ( ) and [ ]";
            findings.add(path, message, fix);
        }
    }
}

pub(super) fn duplicates(subject: &Subject<'_>, findings: &mut Findings) {
    let mut seen = Vec::new();
    for (placed, document) in documents(subject) {
        let Some(name) = document.name.as_deref() else { continue };
        if seen.contains(&name) {
            let path = format!("{}.document.name", placed.path);
            findings.add(path, format!("two documents are named {name:?}"), "rename one");
        }
        seen.push(name);
    }
}

pub(super) fn format(subject: &Subject<'_>, findings: &mut Findings) {
    for (placed, document) in documents(subject) {
        if let Some(format) = document.format.as_deref()
            && !FORMATS.contains(&format)
        {
            let path = format!("{}.document.format", placed.path);
            let message = format!("{format:?} is no format of a document");
            findings.add(path, message, format!("use one of {}", FORMATS.join(", ")));
        }
    }
}

pub(super) fn too_large(subject: &Subject<'_>, findings: &mut Findings) {
    for (placed, document) in documents(subject) {
        if let Source::Bytes(encoded) = &document.source
            && decoded_len(encoded) > MOST_BYTES
        {
            let path = format!("{}.document.source.bytes", placed.path);
            let message = format!("the document has {} bytes", decoded_len(encoded));
            findings.add(path, message, format!("make it {MOST_BYTES} bytes or less"));
        }
    }
}

pub(super) fn too_many(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, message) in subject.messages() {
        let is_document = |block: &&Block| matches!(block, Block::Document(_));
        let count = message.content.iter().filter(is_document).count();
        if count > MOST {
            let path = format!("{path}.content");
            let message = format!("there are {count} documents, and at most {MOST} are taken");
            findings.add(path, message, "leave some out");
        }
    }
}

/// The documents of the messages themselves.
fn documents<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (Placed<'a>, &'a Document)> {
    subject.blocks().filter_map(|placed| match placed.block {
        Block::Document(document) => Some((placed, document)),
        _ => None,
    })
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || " -()[]".contains(c);
    (1..=200).contains(&name.chars().count()) && name.chars().all(fits) && !name.contains("  ")
}

const FORMATS: &[&str] = &["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"];
const MOST: usize = 5;
/// 4.5 MB, as 1,024 × 1,024 bytes a megabyte.
const MOST_BYTES: usize = 4_718_592;
