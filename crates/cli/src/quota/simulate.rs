//! `outcrop quota simulate`: runs a pile of work through a quota in virtual time.

use std::io;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::thread;

use clap::builder::PossibleValuesParser;
use client::{Cost, Unit, quota::Accounting};
use codec::{ModelRef, catalog};
use sim::{Bench, Dist, Kind, Mix, Model, Row, Workload, plot, policy, time};

use super::report::{Report, Tight};
use crate::args::Globals;
use crate::error::Error;
use crate::file::NewFile;
use crate::input;
use crate::interrupt::within;
use crate::output::Output;

/// The work, the quota and who keeps to it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// How many requests wait at the start, up to 2,000,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    requests: u32,
    /// Input tokens of a request: a number, lognormal:MEDIAN,P99 or heavy:LEAST,EXPONENT
    #[arg(long, value_name = "D")]
    input_tokens: Dist,
    /// Output tokens of a request, in the same form
    #[arg(long, value_name = "D")]
    output_tokens: Dist,
    /// The max_tokens of a request [default: the most that the model gives]
    #[arg(long, value_name = "M")]
    max_tokens: Option<NonZeroU64>,
    /// Seconds that a reply takes, in the same form as the tokens
    #[arg(long, value_name = "D")]
    latency: Dist,
    /// Tokens per day [default: no limit]
    #[arg(long, value_name = "N")]
    tpd: Option<NonZeroU64>,
    /// Model whose burndown rate counts [default: the largest rate that is known]
    #[arg(short, long)]
    model: Option<String>,
    /// How the service keeps its quota
    #[arg(long, default_value = "bucket-60s", value_name = "KIND",
          value_parser = PossibleValuesParser::new(Kind::ALL.map(|kind| kind.name)))]
    server: String,
    /// How the client keeps to it
    #[arg(long, default_value = "outcrop-blind", value_name = "NAME",
          value_parser = PossibleValuesParser::new(policy::NAMES))]
    policy: String,
    /// Where all chance comes from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Draw the requests admitted over time, beside the best possible, into this file
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

/// Runs the work as it is, then without each limit and with a tighter `max_tokens`, and compares.
///
/// It does so on another thread, so that an interrupt or the limit of time ends the command.
pub(crate) async fn run(args: Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let own = globals.clone();
    let report = within(globals.timeout, input::aside(move || report(&args, &own))).await?;
    report.print(output)
}

fn report(args: &Args, globals: &Globals) -> Result<Report, Error> {
    let [rpm, tpm, tpd] =
        [globals.rpm, globals.tpm, args.tpd].map(|n| n.map_or(0, NonZeroU64::get));
    if [rpm, tpm, tpd] == [0; 3] {
        return Err(Error::Usage("no quota is given: give --rpm, --tpm or --tpd".to_owned()));
    }
    let model = args.model.as_deref().map(|id| input::model(id, globals)).transpose()?;
    let max_tokens = max_tokens(args, model.as_ref())?;
    let burn = model.as_ref().map_or(Accounting::UNKNOWN_BURNDOWN, Cost::burndown_of).get();
    let quota = Model { rpm, tpm, tpd, burn };
    let mix = Mix {
        input: args.input_tokens,
        output: args.output_tokens,
        max_tokens,
        latency: args.latency,
    };
    // Only to find out now whether it can be: a run that is killed would leave it behind.
    args.plot.as_deref().map(begin).transpose()?;
    let requests = usize::try_from(args.requests).unwrap_or(usize::MAX);
    let work = Workload::backlog("yours", quota, &mix, requests, args.seed);
    let Some(kind) = Kind::named(&args.server) else {
        return Err(Error::Usage(format!("there is no server {:?}", args.server)));
    };
    let plan = Plan { kind, policy: &args.policy, seed: args.seed };
    let (as_it_is, without) = thread::scope(|threads| {
        let without = threads.spawn(|| plan.without_each(&work));
        (plan.as_it_is(&work, args.plot.as_deref()), without.join())
    });
    let (row, impossible) = as_it_is?;
    Ok(Report {
        without: without.map_err(|_| Error::Machine(io::Error::other("a thread died")))??,
        tight: plan.tighter(&work)?,
        reserved: mean(&work, |request| request.prompt.input.saturating_add(max_tokens)),
        settled: mean(&work, |request| request.cost(&quota)),
        impossible,
        row,
        model: model.as_ref().map(|model| model.address().to_owned()),
        quota,
        max_tokens,
        plot: args.plot.clone(),
    })
}

/// How each of the runs is made.
struct Plan<'a> {
    kind: Kind,
    policy: &'a str,
    seed: u64,
}

impl Plan<'_> {
    /// What comes of the work, drawn into a file if one is named, and how many of its requests not
    /// even the ideal client could have admitted.
    fn as_it_is(&self, work: &Workload, plot: Option<&Path>) -> Result<(Row, u64), Error> {
        let bench = Bench::new(&self.kind, work);
        let (row, run) = bench.row(self.policy, self.seed).ok_or_else(|| self.unknown())?;
        if let Some(path) = plot {
            let runs = [("ideal", bench.ideal()), (self.policy, &run)];
            let mut file = begin(path)?;
            file.line(plot::progress("Requests admitted over time", &runs).trim_end())?;
            file.finish()?;
        }
        Ok((row, bench.ideal().given_up))
    }

    /// How long the work takes, in seconds.
    fn seconds(&self, work: &Workload) -> Result<f64, Error> {
        let policy = policy::make(self.policy, &self.kind, work, self.seed);
        let mut policy = policy.ok_or_else(|| self.unknown())?;
        Ok(time::seconds(sim::run(&self.kind, work, policy.as_mut(), self.seed).makespan))
    }

    fn unknown(&self) -> Error {
        Error::Usage(format!("there is no policy {:?}", self.policy))
    }

    /// How long the work takes without each of its limits.
    fn without_each(&self, work: &Workload) -> Result<Vec<(Unit, f64)>, Error> {
        let mut reliefs = Vec::new();
        for limit in [Unit::RequestsPerMinute, Unit::TokensPerMinute, Unit::TokensPerDay] {
            let mut relieved = work.clone();
            let removed =
                relieved.models.iter_mut().map(|model| std::mem::take(quota(model, limit)));
            if removed.sum::<u64>() > 0 {
                reliefs.push((limit, self.seconds(&relieved)?));
            }
        }
        Ok(reliefs)
    }

    /// The same work with the least `max_tokens` that 99 of 100 answers fit in; `None` if it has
    /// that already.
    fn tighter(&self, work: &Workload) -> Result<Option<Tight>, Error> {
        let mut outputs: Vec<u64> = work.requests.iter().map(|request| request.output).collect();
        outputs.sort_unstable();
        let place = (outputs.len() * 99).div_ceil(100).saturating_sub(1);
        let max_tokens = outputs.get(place).copied().unwrap_or_default();
        if work.requests.iter().all(|request| request.prompt.max_tokens <= max_tokens) {
            return Ok(None);
        }
        let cut_short = outputs.iter().filter(|output| **output > max_tokens).count();
        let mut work = work.clone();
        for request in &mut work.requests {
            request.prompt.max_tokens = max_tokens;
            request.output = request.output.min(max_tokens);
        }
        Ok(Some(Tight { max_tokens, cut_short, seconds: self.seconds(&work)? }))
    }
}

/// What is asked for, or the model's own maximum, which is what the service holds without it.
fn max_tokens(args: &Args, model: Option<&ModelRef>) -> Result<u64, Error> {
    if let Some(given) = args.max_tokens {
        return Ok(given.get());
    }
    let known = model.and_then(catalog::max_output);
    known.map(u64::from).ok_or_else(|| {
        Error::Usage(
            "no max_tokens is given: give --max-tokens, or --model with a model whose most output \
             is known"
                .to_owned(),
        )
    })
}

fn quota(model: &mut Model, limit: Unit) -> &mut u64 {
    match limit {
        Unit::RequestsPerMinute => &mut model.rpm,
        Unit::TokensPerMinute => &mut model.tpm,
        Unit::TokensPerDay => &mut model.tpd,
    }
}

fn mean(work: &Workload, of: impl Fn(&sim::Request) -> u64) -> u64 {
    let sum: u128 = work.requests.iter().map(|request| u128::from(of(request))).sum();
    u64::try_from(sum / work.requests.len().max(1) as u128).unwrap_or(u64::MAX)
}

fn begin(path: &Path) -> Result<NewFile, Error> {
    NewFile::create(path, Path::new(""))
}
