//! Parity for a comment on a pull request, and as a part of a plan's comment.
//!
//! In: what the plan room found. Out: Markdown; every value is escaped here. Must not know how it
//! was measured.

use std::fmt::Write as _;

use crate::model::{Severity, Value};
use crate::plan::{Line, LineState, Parity};

use super::change_text::place;
use super::markdown_escape::{code, cut, prose};
use super::view::ParityView;
use super::{summary, words};

/// Rows shown before the rest is left out.
const LISTED: usize = 60;
/// The longest names and sentences, in characters.
const NAME: usize = 160;
const SENTENCE: usize = 400;

/// Returns a parity check as Markdown.
#[must_use]
pub fn parity_markdown(view: &ParityView<'_>) -> String {
    let parity = view.parity;
    let mut out = format!("### {}\n\n", prose(&summary::parity_headline(parity)));
    let lines: Vec<&Line> = parity.lines.iter().collect();
    table(&mut out, &lines, true);
    for note in view.notes {
        let _ = writeln!(out, "\n{}", prose(&cut(note, SENTENCE)));
    }
    let _ = writeln!(
        out,
        "\n<sub>{}</sub>",
        prose(&format!(
            "{} compared, {} unknown, {}",
            words::count(parity.totals.pairs, "pair"),
            parity.totals.unknown,
            words::effort(view.calls, view.elapsed)
        ))
    );
    out
}

/// Returns the part of a plan's comment; empty if the sites are alike.
pub(super) fn section(parity: Option<&Parity>) -> String {
    let lines: Vec<&Line> = parity
        .into_iter()
        .flat_map(|parity| &parity.lines)
        .filter(|line| line.is_drift() || line.is_unknown())
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    let title = parity.map_or("", summary::parity_title);
    let mut out = format!("#### {title}\n\n");
    table(&mut out, &lines, false);
    out
}

fn table(out: &mut String, lines: &[&Line], detail: bool) {
    if lines.is_empty() {
        return;
    }
    out.push_str("| | pair | field | primary → DR | what | where |\n|---|---|---|---|---|---|\n");
    for line in lines.iter().take(LISTED) {
        let mut what = prose(&cut(&line.what, SENTENCE));
        if !line.code.is_empty() {
            what = format!("{} {what}", code(&line.code));
        }
        if detail && !line.why.is_empty() {
            let _ = write!(what, "<br>{}", prose(&cut(&line.why, SENTENCE)));
        }
        if detail && !line.repair.is_empty() {
            let _ = write!(what, "<br>repair: {}", prose(&cut(&line.repair, SENTENCE)));
        }
        let source = line.source.as_ref().map(place).unwrap_or_default();
        let _ = writeln!(
            out,
            "| {} | {}<br>{} | {} | {} | {what} | {} |",
            state(line),
            cell(&line.pair),
            prose(&format!("{} → {}", line.primary.site, line.dr.site)),
            cell(&line.path),
            values(line),
            if source.is_empty() {
                String::new()
            } else {
                cell(&source)
            },
        );
    }
    if lines.len() > LISTED {
        let _ = writeln!(
            out,
            "\n**{} more are left out here**, because a comment has a limit.",
            lines.len() - LISTED
        );
    }
}

fn cell(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        code(&cut(text, NAME))
    }
}

fn values(line: &Line) -> String {
    let shown = |value: Option<&Value>| {
        value.map_or("(absent)".to_owned(), |value| cell(&value.to_string()))
    };
    match (&line.primary.value, &line.dr.value) {
        (None, None) => String::new(),
        (primary, dr) => format!("{} → {}", shown(primary.as_ref()), shown(dr.as_ref())),
    }
}

const fn state(line: &Line) -> &'static str {
    match (line.state, line.severity) {
        (LineState::Unknown, _) => "**unknown**",
        (LineState::Ignored, _) => "ignored",
        (LineState::Holds, _) => "holds",
        (LineState::Missing | LineState::Broken, Severity::Note) => "advice",
        (LineState::Missing, _) => "**missing**",
        (LineState::Broken, _) => "**broken**",
    }
}
