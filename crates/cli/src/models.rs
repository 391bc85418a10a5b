//! `outcrop models`: the catalogue of models, as a table or as JSON.

use std::num::NonZeroU64;

use codec::ModelRef;
use codec::catalog::{self, Facts, Modality, Model, Prices};
use serde_json::{Map, Value, json};

use crate::args::Globals;
use crate::error::Error;
use crate::output::Output;

/// Prints the models, or those of the family that `--family` names; JSON is one model a line.
pub(crate) fn run(globals: &Globals, output: Output) -> Result<(), Error> {
    let wanted = globals.family.as_deref();
    if let Some(family) = wanted
        && catalog::FAMILIES.iter().all(|known| known.name != family)
    {
        let known: Vec<_> = catalog::FAMILIES.iter().map(|family| family.name).collect();
        return Err(Error::CatalogFamily { given: family.to_owned(), known: known.join(", ") });
    }
    let models = catalog::MODELS.iter().filter(|model| wanted.is_none() || model.family == wanted);
    if output.is_json() {
        return models.into_iter().try_for_each(|model| output.json(&to_json(model)));
    }
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(models.map(row));
    output.text(&table(&rows))
}

const HEAD: [&str; 13] = [
    "ID",
    "FAMILY",
    "CONTEXT",
    "MAX OUT",
    "IN",
    "OUT",
    "STREAM",
    "TOOLS",
    "BATCH",
    "PROFILES",
    "END OF LIFE",
    "BURNDOWN",
    "USD IN/OUT PER M",
];

fn row(model: &Model) -> [String; 13] {
    let facts = &model.facts;
    [
        model.id.to_owned(),
        model.family.unwrap_or(UNKNOWN).to_owned(),
        or_unknown(facts.context_window),
        or_unknown(facts.max_output),
        words(facts.input),
        words(facts.output),
        yes_no(facts.streaming),
        yes_no(facts.tools),
        yes_no(facts.batch),
        profiles(facts),
        or_unknown(facts.end_of_life),
        or_unknown(burndown(model)),
        facts.prices.map_or_else(
            || UNKNOWN.to_owned(),
            |prices| format!("{}/{}", prices.input, prices.output),
        ),
    ]
}

fn to_json(model: &Model) -> Value {
    let facts = &model.facts;
    let list = |kinds: &[Modality]| match kinds {
        [] => Value::Null,
        kinds => kinds.iter().map(|kind| kind.as_str()).collect(),
    };
    let date = |date: Option<catalog::Date>| date.map(|date| date.to_string());
    let mut sources: Map<String, Value> = facts
        .sources
        .iter()
        .map(|(topic, source)| (topic.as_str().to_owned(), source_json(source)))
        .collect();
    if let Ok(address) = ModelRef::parse(model.id)
        && let Some(source) = catalog::burndown_source(&address)
    {
        sources.insert("burndown".to_owned(), source_json(source));
    }
    json!({
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "family": model.family,
        "contextWindow": facts.context_window,
        "maxOutput": facts.max_output,
        "inputModalities": list(facts.input),
        "outputModalities": list(facts.output),
        "streaming": facts.streaming,
        "tools": facts.tools,
        "systemPrompt": facts.system_prompt,
        "promptCaching": facts.prompt_caching,
        "batch": {
            "supported": facts.batch,
            "minRecords": facts.min_batch_records,
            "maxRecords": facts.max_batch_records,
        },
        "profiles": {
            "prefixes": facts.geos,
            "required": facts.on_demand.map(|on_demand| !on_demand),
        },
        "legacy": date(facts.legacy),
        "endOfLife": date(facts.end_of_life),
        "burndown": burndown(model),
        "prices": facts.prices.as_ref().map(prices_json),
        "sources": sources,
    })
}

fn source_json(source: &catalog::Source) -> Value {
    json!({ "title": source.title, "date": source.date.to_string() })
}

fn prices_json(prices: &Prices) -> Value {
    json!({
        "unit": "USD per million tokens",
        "input": prices.input,
        "output": prices.output,
        "cacheRead": prices.cache_read,
        "cacheWrite": prices.cache_write,
        "batchInput": prices.batch_input,
        "batchOutput": prices.batch_output,
    })
}

fn burndown(model: &Model) -> Option<NonZeroU64> {
    catalog::burndown(&ModelRef::parse(model.id).ok()?)
}

/// The prefixes that are known, and whether one is needed.
fn profiles(facts: &Facts) -> String {
    let known = facts.geos.join(",");
    match (known.is_empty(), facts.on_demand) {
        (true, Some(false)) => "needed".to_owned(),
        (false, Some(false)) => format!("{known} (needed)"),
        (true, _) => UNKNOWN.to_owned(),
        (false, _) => known,
    }
}

fn words(kinds: &[Modality]) -> String {
    match kinds {
        [] => UNKNOWN.to_owned(),
        kinds => kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(","),
    }
}

fn or_unknown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

fn yes_no(value: Option<bool>) -> String {
    match value {
        Some(true) => "yes",
        Some(false) => "no",
        None => UNKNOWN,
    }
    .to_owned()
}

/// The rows with their columns under each other.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut text = String::new();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    });
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// What the catalogue does not know.
const UNKNOWN: &str = "-";
