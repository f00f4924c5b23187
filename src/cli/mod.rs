//! The command line: arguments in, an exit code out.
//!
//! One file for each command, and each reads as the flow. Hints and exit codes stand here alone;
//! so does everything that touches the process: files, environment, terminal, signals.

mod args;
mod base;
mod commands;
mod connect;
mod error;
mod exit;
mod key;
mod planning;
mod print;
mod reading;
mod sandboxed;
mod selection;
mod session;
mod state;
mod stop;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Command};
use error::CliError;
use exit::Exit;

/// Runs the command line and returns the exit code of the process.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let usage = error.use_stderr();
            // Help that cannot be printed (a closed pipe) is nobody's error.
            let _ = error.print();
            return if usage { Exit::Usage } else { Exit::Success }.into();
        }
    };
    start_logging(arguments.verbose);
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return print::failure(&CliError::Runtime(error)).into(),
    };
    match runtime.block_on(dispatch(&arguments)) {
        Ok(exit) => exit.into(),
        Err(error) => print::failure(&error).into(),
    }
}

async fn dispatch(arguments: &Arguments) -> Result<Exit, CliError> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Check(_) => commands::check::run(common),
        Command::Plan(options) => commands::plan::run(common, options).await,
        Command::Apply(options) => commands::apply::run(common, options).await,
        Command::Verify(options) => commands::verify::run(common, options).await,
        Command::Drift(options) => commands::drift::run(common, options).await,
        Command::Status(options) => commands::status::run(common, options).await,
        Command::Runbook(options) => commands::runbook::run(common, options),
        Command::Parity(options) => commands::parity::run(common, options).await,
        Command::Show(options) => commands::show::run(common, options),
        Command::Explain(options) => commands::explain::run(common, options),
        Command::Import(options) => commands::import::run(common, options).await,
        Command::Init(options) => commands::init::run(common, options),
        Command::Schema(options) => commands::schema::run(options),
        Command::Unlock(options) => commands::unlock::run(common, options).await,
        Command::Sandbox(options) => commands::sandbox::run(common, options).await,
        Command::Completions(options) => Ok(commands::completions::run(options)),
    }
}

/// Logs go to stderr; `RUST_LOG` says which, `-v` and `-vv` are short for drsync's own.
fn start_logging(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let level = match verbose {
        // What the SDK warns of comes back as an error, and is told there for people.
        0 => "drsync=warn",
        1 => "drsync=info",
        _ => "drsync=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
