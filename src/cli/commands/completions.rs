//! `drsync completions`: what a shell needs to complete our commands.

use clap::CommandFactory as _;

use crate::cli::args::{Arguments, CompletionsOptions};
use crate::cli::exit::Exit;
use crate::cli::print;

pub(crate) fn run(options: &CompletionsOptions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        options.shell,
        &mut Arguments::command(),
        "drsync",
        &mut script,
    );
    print::result(&String::from_utf8_lossy(&script));
    Exit::Success
}
