//! Draws parity for a terminal: the worst first, site by site, field by field.
//!
//! In: what the plan room found. Out: lines on the paper. Must not know how it was measured.

use anstyle::Style;

use crate::model::{FieldChange, Severity};
use crate::plan::{Line, LineState};

use super::change_text::{draw_field, place};
use super::paper::{BOLD, CYAN, DIM, GREEN, LOUD, PLAIN, Paper, RED, TextOptions, YELLOW, width};
use super::row::{self, Tables};
use super::view::{ParityView, View};
use super::{summary, words};

/// Returns a parity check as text.
#[must_use]
pub fn parity_text(view: &ParityView<'_>, options: TextOptions) -> String {
    let mut paper = Paper::new(options);
    let parity = view.parity;
    let style = match (parity.is_complete(), parity.has_drift()) {
        (false, _) => LOUD,
        (true, true) => YELLOW.bold(),
        (true, false) => GREEN,
    };
    paper.paragraph(style, 0, &summary::parity_headline(parity));
    draw_lines(&mut paper, parity.lines.iter(), row::known_tables, true);
    if options.expand && !parity.held.is_empty() {
        paper.gap();
        paper.ink(GREEN, "Holds").end();
        draw_lines(&mut paper, parity.held.iter(), row::known_tables, true);
    }
    paper.gap();
    for note in view.notes {
        paper.paragraph(DIM, 0, note);
    }
    let style = if parity.is_complete() { DIM } else { LOUD };
    let close = format!(
        "{} compared, {} unknown, {}",
        words::count(parity.totals.pairs, "pair"),
        parity.totals.unknown,
        words::effort(view.calls, view.elapsed)
    );
    paper.ink(style, &close).end();
    paper.finish()
}

/// Draws what of parity belongs into a plan or into drift: what is broken, without advice.
pub(super) fn draw_section(paper: &mut Paper, view: &View<'_>, tables: Tables) {
    let Some(parity) = view.parity else { return };
    let is_shown = |line: &&Line| line.is_drift() || line.is_unknown();
    if !parity.lines.iter().any(|line| is_shown(&line)) {
        return;
    }
    paper.gap();
    paper
        .ink(YELLOW, summary::parity_title(parity))
        .blanks(2)
        .ink(
            DIM,
            "`drsync parity` says why it matters, and what repairs it",
        )
        .end();
    draw_lines(paper, parity.lines.iter().filter(is_shown), tables, false);
}

fn draw_lines<'a>(
    paper: &mut Paper,
    lines: impl Iterator<Item = &'a Line>,
    tables: Tables,
    detail: bool,
) {
    let mut sites: Vec<(&str, Vec<&Line>)> = Vec::new();
    for line in lines {
        let site = line.dr.site.as_str();
        match sites.iter_mut().find(|(known, _)| *known == site) {
            Some((_, own)) => own.push(line),
            None => sites.push((site, vec![line])),
        }
    }
    for (site, lines) in sites {
        if detail {
            paper.gap();
        }
        paper.ink(BOLD, site);
        if let Some(line) = lines.iter().find(|line| line.primary.site != line.dr.site) {
            let arrow = paper.options.sign("→", "->");
            let heading = format!("{} {arrow} {site}", line.primary.site);
            paper.blanks(2).ink(DIM, &heading);
        }
        paper.end();
        let mut pairs: Vec<(&str, Vec<&Line>)> = Vec::new();
        for line in lines {
            match pairs.iter_mut().find(|(known, _)| *known == line.pair) {
                Some((_, own)) => own.push(line),
                None => pairs.push((&line.pair, vec![line])),
            }
        }
        for (pair, lines) in pairs {
            draw_pair(paper, pair, &lines, tables, detail);
        }
    }
}

fn draw_pair(paper: &mut Paper, pair: &str, lines: &[&Line], tables: Tables, detail: bool) {
    let Some(first) = lines.first() else { return };
    let (sign, style) = sign(first, &paper.options);
    paper.blanks(2).ink(style, sign).blanks(1).ink(BOLD, pair);
    let mut used = 4 + width(pair);
    if let Some(component) = &first.component {
        paper.blanks(2).ink(CYAN, component);
        used += 2 + width(component);
    }
    if let Some(source) = &first.source {
        let place = place(source);
        if used + 2 + width(&place) > paper.options.columns() {
            paper.end().blanks(6);
        } else {
            paper.blanks(2);
        }
        paper.ink(DIM, &place);
    }
    paper.end();
    for line in lines {
        draw_line(paper, line, tables, detail);
    }
}

fn draw_line(paper: &mut Paper, line: &Line, tables: Tables, detail: bool) {
    if line.primary.value.is_some() || line.dr.value.is_some() {
        let field = FieldChange {
            path: line.path.clone(),
            before: line.primary.value.clone(),
            after: line.dr.value.clone(),
        };
        if line.state == LineState::Holds || line.primary.address == line.dr.address {
            let words = line
                .dr
                .value
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let name = line.path.trim_start_matches('/');
            paper
                .blanks(6)
                .ink(PLAIN, name)
                .blanks(2)
                .ink(PLAIN, &words)
                .end();
        } else {
            draw_field(paper, tables(line.primary.address.kind()), &field, 6);
        }
    }
    if line.state == LineState::Holds {
        return;
    }
    let (_, style) = sign(line, &paper.options);
    let asked = match line.relation.as_str() {
        "" | "equal" => String::new(),
        other => format!(" ({other})"),
    };
    let head = match line.state {
        LineState::Ignored => format!("ignored: {}", line.what),
        _ => format!("{}: {}{asked}", line.code, line.what),
    };
    paper.paragraph(style, 6, &head);
    if detail && !line.why.is_empty() {
        paper.paragraph(DIM, 8, &line.why);
    }
    if detail && !line.repair.is_empty() {
        paper.paragraph(PLAIN, 8, &format!("repair: {}", line.repair));
    }
}

fn sign(line: &Line, options: &TextOptions) -> (&'static str, Style) {
    match (line.state, line.severity) {
        (LineState::Unknown, _) => ("?", LOUD),
        (LineState::Ignored, _) => (options.sign("○", "o"), DIM),
        (LineState::Holds, _) => (options.sign("✓", "="), GREEN),
        (_, Severity::Error) => (options.sign("✗", "x"), RED),
        (_, Severity::Warning) => ("!", YELLOW),
        (_, Severity::Note) => (options.sign("·", "-"), PLAIN),
    }
}
