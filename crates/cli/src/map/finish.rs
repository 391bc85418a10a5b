//! The end of a run: the replies in the order of the records, and what they add up to.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Value, json};

use crate::error::Error;
use crate::file::NewFile;
use crate::map::journal::Journal;
use crate::map::records::{Extent, Input};
use crate::map::run::{Totals, id};
use crate::output::Output;

/// What came of the records.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    records: u64,
    failed: u64,
    input_tokens: u64,
    output_tokens: u64,
}

/// Writes the output, and removes the journal if nothing in it is of use any more.
pub(crate) fn finish(
    mut out: NewFile,
    mut journal: Journal,
    input: &Input,
    extent: &Extent,
    totals: &Totals,
    output: Output,
) -> Result<(), Error> {
    let mut tally = Tally::default();
    for (at, _) in input.read()? {
        let Some(line) = journal.line(at)? else { break };
        tally.count(&line);
        out.line(&line)?;
    }
    if tally.records != extent.records as u64 {
        return Err(Error::Changed { path: journal.path().to_owned() });
    }
    out.finish()?;
    if tally.failed == 0 {
        journal.remove()?;
    } else {
        let path = journal.path().display();
        output.remark(&format!("--resume sends the failed records again, thanks to {path}"));
    }
    tally.print(totals, output)?;
    tally.judge()
}

/// What an output that is there holds, if it is whole and of these records: it has their ids, and is
/// younger than they are.
pub(crate) fn whole(out: &Path, input: &Input) -> Result<Option<Tally>, Error> {
    let fail = |source| Error::read(out, source);
    let written = std::fs::metadata(out).and_then(|out| out.modified()).map_err(fail)?;
    if input.modified()? > written {
        return Ok(None);
    }
    let mut lines = BufReader::new(File::open(out).map_err(fail)?).lines();
    let mut tally = Tally::default();
    for (at, record) in input.read()? {
        let Some(line) = lines.next().transpose().map_err(fail)? else { return Ok(None) };
        let found: Value = serde_json::from_str(&line).unwrap_or_default();
        if found.get("recordId").and_then(Value::as_str) != Some(&id(&record, at)) {
            return Ok(None);
        }
        tally.count(&line);
    }
    Ok(lines.next().is_none().then_some(tally))
}

impl Tally {
    fn count(&mut self, line: &str) {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let tokens = |name: &str| {
            let count = line.pointer("/reply/usage")?.get(name)?;
            count.as_u64()
        };
        self.records += 1;
        self.failed += u64::from(line.get("reply").is_none());
        let cached = ["cacheReadInputTokens", "cacheWriteInputTokens"];
        let cached: u64 = cached.into_iter().filter_map(tokens).sum();
        self.input_tokens += tokens("inputTokens").unwrap_or_default() + cached;
        self.output_tokens += tokens("outputTokens").unwrap_or_default();
    }

    /// Prints the counts.
    pub(crate) fn print(&self, totals: &Totals, output: Output) -> Result<(), Error> {
        let Self { records, failed, input_tokens, output_tokens } = self;
        let Totals { calls, attempts, throttled, seconds } = totals;
        let replies = records - failed;
        if output.is_json() {
            return output.json(&json!({
                "records": records,
                "succeeded": replies,
                "failed": failed,
                "inputTokens": input_tokens,
                "outputTokens": output_tokens,
                "calls": calls,
                "attempts": attempts,
                "throttled": throttled,
                "seconds": seconds,
            }));
        }
        let throttled = throttled.map(|count| format!(", {count} throttles")).unwrap_or_default();
        output.line(&format!(
            "{records} records: {replies} replies, {failed} errors; {input_tokens} tokens in, \
             {output_tokens} out; {calls} sent in {seconds:.1} s{throttled}"
        ))
    }

    /// Fails if a record has no reply.
    pub(crate) fn judge(&self) -> Result<(), Error> {
        match self.failed {
            0 => Ok(()),
            failed => Err(Error::Records { failed, records: self.records }),
        }
    }
}
