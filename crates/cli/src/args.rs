//! The command line as it is typed: the options of every command, and the list of commands.

use std::ffi::OsString;
use std::num::NonZeroU64;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use client::ServerModel;
use emulator::Refill;

use crate::{batch, emulate, invoke, map, payload, quota, stream};

/// Amazon Bedrock inference: synchronous, streaming and batch, with or without an AWS account.
#[derive(Debug, Parser)]
#[command(name = "outcrop", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that may stand before or after the command.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Use a Bedrock of its own, inside this process; needs no AWS account
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// Send every call to this endpoint, such as the one that `outcrop emulate` prints
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// AWS region; else AWS_REGION, the profile's, or that of the ARN
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// Profile in the AWS configuration files
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
    /// Limit of time for the whole command, in seconds; 0.5 is half of one
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,
    /// Form of the output; each JSON output is one line
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    pub(crate) output: Form,
    /// Interface of Bedrock; auto is Converse where the model has it
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) api: Api,
    #[arg(long, global = true, help = family_help())]
    pub(crate) family: Option<String>,
    /// Requests per minute to keep to, or for `emulate` to throttle beyond [default: no limit]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) rpm: Option<NonZeroU64>,
    /// Tokens per minute to keep to, or for `emulate` to throttle beyond [default: no limit]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) tpm: Option<NonZeroU64>,
    /// Percent of --rpm and --tpm to use [default: 85, rising to 98 while nothing is throttled]
    #[arg(long, global = true, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) quota_use: Option<u8>,
    /// How the service refills --rpm and --tpm: sliding, minute or bucket:SECONDS, which uses all of
    /// them [default: unknown, with calls spaced evenly]
    #[arg(long, global = true, value_name = "HOW", value_parser = server_model)]
    pub(crate) server_model: Option<ServerModel>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the three modes, one after the other, on a Bedrock inside this process
    Demo,
    /// Ask for one reply and print it
    Invoke(invoke::Args),
    /// Ask for one reply and print it as it comes
    Stream(stream::Args),
    /// Ask for many replies at once, as fast as the quota allows
    Map(map::Args),
    /// Run a batch job over a file of records, at once or in steps
    #[command(subcommand)]
    Batch(batch::Command),
    /// Run a local server that speaks Bedrock's and S3's protocol, until it is interrupted
    Emulate(Box<emulate::Args>),
    /// List the models that are known, with their limits, prices and dates; --family chooses
    Models,
    /// Find out what the quotas of a model are, and what they mean for your work
    #[command(subcommand)]
    Quota(quota::Command),
    /// Read and write payloads, from standard input, without a network
    #[command(subcommand)]
    Codec(payload::Command),
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Which of Bedrock's two interfaces to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Api {
    /// Converse where the model has it, else invoke.
    #[default]
    Auto,
    /// The Converse operations.
    Converse,
    /// The InvokeModel operations, in the model's native format.
    Invoke,
}

/// Whether the command line asks for JSON, although it could not be parsed as a whole.
pub(crate) fn wants_json(arguments: &[OsString]) -> bool {
    let mut pairs = arguments.iter().zip(arguments.iter().skip(1));
    arguments.iter().any(|argument| argument == "--output=json")
        || pairs.any(|(name, value)| name == "--output" && value == "json")
}

fn family_help() -> String {
    let names: Vec<_> = codec::FAMILIES.iter().map(|family| family.name()).collect();
    format!("Family of the model, where an ARN hides it: {}", names.join(", "))
}

/// How a service refills its quotas, in the words of `emulate --refill`.
fn server_model(text: &str) -> Result<ServerModel, String> {
    match text.parse() {
        Ok(Refill::Bucket(burst)) => Ok(ServerModel::Bucket { burst }),
        Ok(Refill::Sliding) => Ok(ServerModel::Sliding),
        Ok(Refill::Minute) => Ok(ServerModel::ClockMinute),
        Ok(_) => Ok(ServerModel::Unknown),
        Err(_) if text == "unknown" => Ok(ServerModel::Unknown),
        Err(_) => Err("expected unknown, sliding, minute or bucket:SECONDS".to_owned()),
    }
}

/// A positive span of time, written in seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let span = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    span.filter(|span| !span.is_zero()).ok_or_else(|| "expected seconds, more than 0".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        let globals = "--local --region eu-west-1 --timeout 0.5 --output json --api invoke";
        let before = parse(&format!("outcrop {globals} stream -m m hello")).unwrap();
        let after = parse(&format!("outcrop stream -m m hello {globals}")).unwrap();
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
        assert_eq!(after.globals.timeout, Some(Duration::from_millis(500)));
        assert_eq!(after.globals.output, Form::Json);
    }

    #[test]
    fn a_span_that_is_none_is_refused() {
        for text in ["0", "-1", "NaN", "inf", "1e300", "soon", ""] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_model_is_read_in_the_words_of_the_emulator() {
        let burst = Duration::from_secs(10);
        for (text, expected) in [
            ("unknown", Some(ServerModel::Unknown)),
            ("sliding", Some(ServerModel::Sliding)),
            ("minute", Some(ServerModel::ClockMinute)),
            ("bucket:10", Some(ServerModel::Bucket { burst })),
            ("bucket", None),
            ("bucket:0", None),
        ] {
            assert_eq!(server_model(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn json_is_seen_on_a_line_that_does_not_parse() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(wants_json(&words("outcrop stream --output json")));
        assert!(wants_json(&words("outcrop --output=json nonsense")));
        assert!(!wants_json(&words("outcrop --output text json")));
    }
}
