//! The binary `outcrop`: Amazon Bedrock inference on the command line.
//!
//! One file for each command; what they share is the way to a client ([`connect`]), the prompt
//! ([`input`]), what is printed ([`output`]) and what goes wrong ([`error`]).

mod args;
mod batch;
mod connect;
mod demo;
mod emulate;
mod error;
mod file;
mod gate;
mod input;
mod interrupt;
mod invoke;
mod map;
mod models;
mod output;
mod payload;
mod quota;
mod remarks;
mod stream;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command, Form};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(usage) => return refuse(&usage, &arguments),
    };
    log();
    let output = Output::new(cli.globals.output);
    match run(cli, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.failure(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

/// Runs the command on this thread: wake-ups across threads cost more than they give here.
fn run(cli: Cli, output: Output) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::Machine)?;
    let done = runtime.block_on(async {
        let interrupt = Interrupt::listen()?;
        let globals = &cli.globals;
        match cli.command {
            Command::Demo => interrupt.or(demo::run(globals, output)).await,
            Command::Invoke(args) => interrupt.or(invoke::run(&args, globals, output)).await,
            Command::Stream(args) => interrupt.or(stream::run(&args, globals, output)).await,
            Command::Map(args) => map::run(&args, globals, output, &interrupt).await,
            Command::Batch(command) => batch::run(command, globals, output, &interrupt).await,
            Command::Models => models::run(globals, output),
            Command::Quota(command) => interrupt.or(quota::run(command, globals, output)).await,
            Command::Codec(command) => interrupt.or(payload::run(command, globals, output)).await,
            Command::Emulate(args) => emulate::run(*args, globals, output, &interrupt).await,
        }
    });
    // A name that is still being looked up, say, does not keep the process.
    runtime.shutdown_background();
    done
}

/// Answers a command line that cannot be followed, or that asks for help.
fn refuse(usage: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if matches!(usage.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // Nobody reads the help if this fails.
        let _gone = usage.print();
        return ExitCode::SUCCESS;
    }
    let form = if args::wants_json(arguments) { Form::Json } else { Form::Text };
    if usage.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && form == Form::Text {
        let _gone = usage.print();
        return ExitCode::from(2);
    }
    let error = Error::usage(usage);
    Output::new(form).failure(&error);
    ExitCode::from(error.exit_code())
}

/// Shows on standard error what OUTCROP_LOG asks for, such as `outcrop=debug`; by default nothing.
///
/// One part of the AWS SDK stays silent whatever is asked: it writes the bearer token out.
fn log() {
    let quiet = "aws_runtime::env_config=warn".parse();
    if let (Ok(filter), Ok(quiet)) = (EnvFilter::try_from_env("OUTCROP_LOG"), quiet) {
        let filter = filter.add_directive(quiet);
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
}
