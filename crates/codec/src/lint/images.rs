//! Images, and other media in messages.

use alloc::format;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::subject::{Findings, Placed, Subject};
use crate::catalog::Modality;
use crate::{Block, Image, Source};

pub(super) fn format(subject: &Subject<'_>, findings: &mut Findings) {
    for (placed, image) in images(subject) {
        if !FORMATS.iter().any(|(known, _)| *known == image.format) {
            let path = format!("{}.image.format", placed.path);
            let message = format!("{:?} is no format of an image", image.format);
            findings.add(path, message, "use png, jpeg, gif or webp");
        }
    }
}

/// An image in another format than it says is taken by some models, as recordings show; bytes that
/// are no image are not.
pub(super) fn mismatch(subject: &Subject<'_>, findings: &mut Findings) {
    for (placed, image) in images(subject) {
        let Source::Bytes(encoded) = &image.source else { continue };
        // Sixteen characters are twelve bytes, which are enough to tell the format.
        let begin = encoded.get(..16).and_then(|begin| STANDARD_NO_PAD.decode(begin).ok());
        if begin.is_some_and(|begin| !FORMATS.iter().any(|(_, is_it)| is_it(&begin))) {
            let path = format!("{}.image.source.bytes", placed.path);
            findings.add(path, "the bytes are no image", "send the bytes of an image");
        }
    }
}

pub(super) fn too_large(subject: &Subject<'_>, findings: &mut Findings) {
    for (placed, image) in images(subject) {
        if let Source::Bytes(encoded) = &image.source
            && decoded_len(encoded) > MOST_BYTES
        {
            let path = format!("{}.image.source.bytes", placed.path);
            let message = format!("the image has {} bytes", decoded_len(encoded));
            findings.add(path, message, format!("make it {MOST_BYTES} bytes or less"));
        }
    }
}

pub(super) fn too_many(subject: &Subject<'_>, findings: &mut Findings) {
    for (path, message) in subject.messages() {
        let count = message.content.iter().filter(|block| matches!(block, Block::Image(_))).count();
        if count > MOST {
            let path = format!("{path}.content");
            let message = format!("there are {count} images, and at most {MOST} are taken");
            findings.add(path, message, "leave some out");
        }
    }
}

pub(super) fn unsupported(subject: &Subject<'_>, findings: &mut Findings) {
    if !reads_no(subject, Modality::Image) {
        return;
    }
    for (placed, _) in images(subject) {
        let path = format!("{}.image", placed.path);
        findings.add(path, "the model reads no images", "choose a model that does");
    }
}

pub(super) fn video(subject: &Subject<'_>, findings: &mut Findings) {
    if !reads_no(subject, Modality::Video) {
        return;
    }
    for placed in subject.all_blocks() {
        if matches!(placed.block, Block::Unknown(map) if map.contains_key("video")) {
            let path = format!("{}.video", placed.path);
            findings.add(path, "the model reads no video", "choose a model that does");
        }
    }
}

pub(super) fn s3(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.is(&["anthropic"]) {
        return;
    }
    for (placed, image) in images(subject) {
        if matches!(image.source, Source::S3(_)) {
            let path = format!("{}.image.source.s3Location", placed.path);
            findings.add(path, "the model takes no S3 locations", "send the bytes");
        }
    }
}

/// The images, with those in tool results.
fn images<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (Placed<'a>, &'a Image)> {
    subject.all_blocks().filter_map(|placed| match placed.block {
        Block::Image(image) => Some((placed, image)),
        _ => None,
    })
}

/// Whether the model is known to read other things only.
fn reads_no(subject: &Subject<'_>, kind: Modality) -> bool {
    let input = subject.facts.input;
    !input.is_empty() && !input.contains(&kind)
}

/// How many bytes a base64 text stands for.
pub(super) fn decoded_len(encoded: &str) -> usize {
    encoded.trim_end_matches('=').len() / 4 * 3 + encoded.trim_end_matches('=').len() % 4 * 3 / 4
}

type Is = fn(&[u8]) -> bool;

/// The formats, and how their first bytes look.
const FORMATS: &[(&str, Is)] = &[
    ("png", |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n")),
    ("jpeg", |bytes| bytes.starts_with(b"\xff\xd8\xff")),
    ("gif", |bytes| bytes.starts_with(b"GIF8")),
    ("webp", |bytes| bytes.starts_with(b"RIFF") && bytes.ends_with(b"WEBP")),
];

const MOST: usize = 20;
/// 3.75 MB, as 1,024 × 1,024 bytes a megabyte.
const MOST_BYTES: usize = 3_932_160;
