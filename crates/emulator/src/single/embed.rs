//! What the embedding models have in common: inputs as texts, and lengths.

use codec::Source;
use codec::embed::{self, Input, Media, Part};

use super::{Asked, image, not_taken, unreadable};
use crate::error::Refusal;
use crate::model::tokens::count;

/// Reads the request for embeddings.
pub(super) fn read(asked: &Asked<'_>) -> Result<embed::Request, Refusal> {
    embed::decode_request(asked.model, asked.body).map_err(unreadable)
}

/// The text by which an input is embedded: media count by their gist.
pub(super) fn text(input: &Input) -> String {
    match input {
        Input::Text(text) => text.clone(),
        Input::Media(media) => gist(media),
        Input::Parts(parts) => parts.iter().map(part).collect::<Vec<_>>().join(" "),
        other => image::gist(&format!("{other:?}")),
    }
}

/// The tokens of an input. A file alone counts one, beside a text none.
pub(super) fn tokens(input: &Input) -> u64 {
    match input {
        Input::Text(text) => count(text),
        Input::Parts(parts) => parts.iter().map(part_tokens).sum(),
        _ => 1,
    }
}

/// A length that the model has, or its default, which comes first in the list.
pub(super) fn length(at: &str, given: Option<u32>, known: &[u32]) -> Result<usize, Refusal> {
    let length = given.or_else(|| known.first().copied()).unwrap_or_default();
    match usize::try_from(length).ok().filter(|_| known.contains(&length)) {
        Some(length) => Ok(length),
        None => Err(not_taken(at, &length.to_string())),
    }
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::Media(media) => gist(media),
        other => image::gist(&format!("{other:?}")),
    }
}

fn part_tokens(part: &Part) -> u64 {
    match part {
        Part::Text(text) => count(text),
        _ => 0,
    }
}

fn gist(media: &Media) -> String {
    match &media.source {
        Source::Bytes(bytes) => image::gist(bytes),
        other => image::gist(&format!("{other:?}")),
    }
}
