//! Results go to stdout, everything else to stderr; colour only where somebody looks at it.

use std::io::{IsTerminal as _, Write as _};

use crate::report::TextOptions;

use super::error::CliError;
use super::exit::Exit;

/// Prints a result to stdout. A reader that has gone away (`| head`) is nobody's error.
pub(crate) fn result(text: &str) {
    let mut out = anstream::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = out.write_all(b"\n");
    }
    let _ = out.flush();
}

/// Prints a remark to stderr.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", text.trim_end());
}

/// Returns a number of things, such as `1 object` and `2 objects`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

/// Prints how far a long step is, to stderr.
pub(crate) fn progress(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "… {text}");
}

/// Prints a failure with its causes and what to do next, and returns its exit.
pub(crate) fn failure(error: &CliError) -> Exit {
    let mut text = format!("error: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str("\n  because: ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    let hint = error.hint();
    if !hint.is_empty() {
        text.push_str("\n  next: ");
        text.push_str(&hint);
    }
    remark(&text);
    error.exit()
}

/// Returns how text is laid out on this terminal.
pub(crate) fn options(expand: bool) -> TextOptions {
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok())
        .or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(100);
    // The C locale promises no more than ASCII; everything else today is UTF-8.
    let ascii = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .is_some_and(|locale| locale == "C" || locale == "POSIX");
    TextOptions {
        color: true,
        unicode: !ascii,
        width,
        expand,
    }
}

/// Asks a question that only the word `yes` answers; none if nobody is there.
pub(crate) fn ask(question: &str) -> Option<bool> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    let mut out = anstream::stderr().lock();
    let _ = write!(out, "{question} Only `yes` goes on: ");
    let _ = out.flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    Some(answer.trim() == "yes")
}
