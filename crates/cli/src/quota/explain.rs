//! `outcrop quota explain`: what one call counts for.

use std::num::NonZeroU64;

use client::quota::Accounting;
use client::{Cost, ModelRef, MostOutput, Scope, Unit};
use serde_json::{Value, json};

use super::number::number;
use crate::args::Globals;
use crate::error::Error;
use crate::input::Question;
use crate::interrupt::within;
use crate::output::Output;

/// Which call.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    question: Question,
}

/// Prints what the call holds and costs of each limit; nothing is sent.
pub(crate) async fn run(args: &Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let model = args.question.model(globals)?;
    let request = within(globals.timeout, args.question.request()).await?;
    let call = Call { cost: Cost::of(&model, &request), model: &model, tpm: globals.tpm };
    if output.is_json() { output.json(&call.to_json()) } else { output.text(&call.to_text()) }
}

struct Call<'a> {
    model: &'a ModelRef,
    cost: Cost,
    tpm: Option<NonZeroU64>,
}

impl Call<'_> {
    fn to_text(&self) -> String {
        let cost = &self.cost;
        let most = match cost.most_output_from() {
            MostOutput::Asked => "--max-tokens",
            MostOutput::Model => "the model's maximum, since no --max-tokens is given",
            MostOutput::Unknown => "the most of any model, since this one's is not known",
        };
        let mut lines = vec![format!("{}, called {}", self.model.address(), Scope::of(self.model))];
        for unit in self.units() {
            let code =
                unit.known_code(self.model).map_or_else(String::new, |code| format!(" ({code})"));
            let taken = match unit {
                Unit::RequestsPerMinute => "1, where the model has such a limit".to_owned(),
                Unit::TokensPerMinute | Unit::TokensPerDay => {
                    format!("{} held, and then what it has cost", number(cost.reserved()))
                }
            };
            lines.push(format!("  touches {unit}{code}: {taken}"));
        }
        lines.push(format!(
            "  holds   {} tokens from its start to its end: {} input (guessed from bytes) + {} \
             output ({most})",
            number(cost.reserved()),
            number(cost.input()),
            number(cost.most_output()),
        ));
        let cached = match cost.accounting() {
            Accounting::Provisioned => {
                "what is read from a cache counts as a tenth of it, what is written to one as five \
                 quarters"
            }
            _ => "what is read from a cache is free, what is written to one counts as input",
        };
        lines.push(format!(
            "  costs   input + {} x output in the end: {} without output, {} with the most; {cached}",
            cost.burndown(),
            number(cost.settled(0)),
            number(cost.settled(cost.most_output())),
        ));
        if let Some(at_once) = self.at_once() {
            lines.push(match at_once {
                0 => "  fits    never into --tpm, since it holds more than a minute's worth"
                    .to_owned(),
                1 => "  fits    once into --tpm".to_owned(),
                _ => format!("  fits    {} times at once into --tpm", number(at_once)),
            });
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn to_json(&self) -> Value {
        let cost = &self.cost;
        let touches = self.units().iter().map(|unit| {
            let held = if *unit == Unit::RequestsPerMinute { 1 } else { cost.reserved() };
            json!({ "limit": unit.key(), "code": unit.known_code(self.model), "held": held })
        });
        json!({
            "model": self.model.address(),
            "scope": Scope::of(self.model).key(),
            "touches": touches.collect::<Vec<_>>(),
            "inputTokens": cost.input(),
            "mostOutputTokens": cost.most_output(),
            "mostOutputFrom": match cost.most_output_from() {
                MostOutput::Asked => "request",
                MostOutput::Model => "model",
                MostOutput::Unknown => "unknown",
            },
            "burnDown": cost.burndown(),
            "reservedTokens": cost.reserved(),
            "settledTokens": { "least": cost.settled(0), "most": cost.settled(cost.most_output()) },
            "atOnce": self.at_once(),
        })
    }

    /// The limits that count the call. What was bought is counted by its own tokens alone.
    fn units(&self) -> &'static [Unit] {
        match Scope::of(self.model) {
            Scope::Provisioned => &[Unit::TokensPerMinute],
            _ => &[Unit::RequestsPerMinute, Unit::TokensPerMinute, Unit::TokensPerDay],
        }
    }

    /// How many such calls a minute's worth of tokens holds.
    fn at_once(&self) -> Option<u64> {
        self.tpm?.get().checked_div(self.cost.reserved())
    }
}
