//! The drsync program.

use std::process::ExitCode;

fn main() -> ExitCode {
    drsync::cli::run()
}
