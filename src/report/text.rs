//! The report for a terminal and a log.
//!
//! In: a view and the layout. Out: a text, coloured if asked. Must not know how values came to
//! be.

use crate::model::Cause;

use super::change_text::draw;
use super::collapse::collapse;
use super::findings::findings_text;
use super::gap_text::{draw_methods, draw_unknown, draw_unmanaged};
use super::paper::{BOLD, CYAN, DIM, GREEN, LOUD, PLAIN, Paper, TextOptions, YELLOW};
use super::parity_text::draw_section;
use super::row::{self, Row, Tables};
use super::summary::{self, State};
use super::view::{Mode, View};

/// The order in which drift is told, the most surprising first.
const CAUSES: [(Cause, &str); 5] = [
    (Cause::Conflict, "Conflict: live and Git both moved"),
    (Cause::Drift, "Drift: live moved"),
    (Cause::Pending, "Pending: merged and not applied"),
    (Cause::Introduced, "Introduced by this revision"),
    (
        Cause::Unattributed,
        "Unattributed: no applied record tells why",
    ),
];

/// The order in which a review is told: first what is reviewed, then what was there before it.
pub(super) const REVIEW: [(Cause, &str); 5] = [
    (Cause::Introduced, "Introduced by this revision"),
    (Cause::Conflict, "Conflict: live and Git both moved"),
    (Cause::Pending, "Already pending: merged and not applied"),
    (Cause::Drift, "Drift: live moved"),
    (
        Cause::Unattributed,
        "Unattributed: no applied record tells why",
    ),
];

/// Returns a plan or its drift as text.
#[must_use]
pub fn plan_text(view: &View<'_>, options: TextOptions) -> String {
    plan_text_with(view, options, row::known_tables)
}

pub(super) fn plan_text_with(view: &View<'_>, options: TextOptions, tables: Tables) -> String {
    let mut paper = Paper::new(options);
    match view.mode {
        Mode::Plan => draw_plan(&mut paper, view, tables),
        Mode::Drift => draw_drift(&mut paper, view, tables),
    }
    paper.finish()
}

fn rows<'a>(paper: &Paper, rows: Vec<Row<'a>>) -> Vec<Row<'a>> {
    if paper.options.expand {
        rows
    } else {
        collapse(rows)
    }
}

fn draw_plan(paper: &mut Paper, view: &View<'_>, tables: Tables) {
    let plan = view.plan;
    if let Some(introduction) = summary::introduction(plan) {
        paper.ink(DIM, &summary::basis(view)).end();
        paper.paragraph(BOLD, 0, &introduction);
        draw_by_cause(paper, view, tables, &REVIEW);
    } else {
        draw_plain(paper, view, tables);
    }
    draw_rest(paper, view, tables);
    paper.gap();
    if plan.is_empty() && plan.is_complete() {
        paper.paragraph(GREEN, 0, &summary::nothing(view));
    } else {
        paper.paragraph(headline_style(view), 0, &summary::headline(view));
        draw_budget(paper, view);
    }
    draw_close(paper, view);
}

fn draw_plain(paper: &mut Paper, view: &View<'_>, tables: Tables) {
    let plan = view.plan;
    let changes = rows(paper, row::changes(plan, tables));
    if !changes.is_empty() {
        paper.ink(DIM, &summary::basis(view)).end();
        paper.gap();
        draw(paper, &changes, true);
    }
    if !plan.held.is_empty() {
        let held = rows(paper, row::held(&plan.held, tables));
        paper.gap();
        paper.ink(CYAN, "Held").end();
        draw(paper, &held, true);
    }
}

fn draw_drift(paper: &mut Paper, view: &View<'_>, tables: Tables) {
    let plan = view.plan;
    paper.paragraph(headline_style(view), 0, &summary::headline(view));
    draw_by_cause(paper, view, tables, &CAUSES);
    draw_rest(paper, view, tables);
    let parity = view
        .parity
        .is_some_and(|one| one.has_drift() || !one.is_complete());
    if !plan.is_empty() || !plan.is_complete() || parity {
        paper.gap();
    }
    draw_close(paper, view);
}

/// Draws changes and held items under the causes that they have, in this order.
fn draw_by_cause(paper: &mut Paper, view: &View<'_>, tables: Tables, order: &[(Cause, &str)]) {
    let all = row::all(view.plan, tables);
    for (cause, title) in order {
        let own = all
            .iter()
            .filter(|row| row.cause == *cause)
            .cloned()
            .collect();
        let own = rows(paper, own);
        if !own.is_empty() {
            let arrow = paper.options.sign("live → declared", "live -> declared");
            paper.gap();
            paper.ink(YELLOW, title).blanks(2).ink(DIM, arrow).end();
            draw(paper, &own, false);
        }
    }
}

fn headline_style(view: &View<'_>) -> anstyle::Style {
    match (State::of(view), view.mode) {
        (State::Incomplete, _) => LOUD,
        (State::InSync, _) => GREEN,
        (_, Mode::Plan) => BOLD,
        (_, Mode::Drift) => YELLOW.bold(),
    }
}

/// Draws what is said of a plan beside its changes.
fn draw_rest(paper: &mut Paper, view: &View<'_>, tables: Tables) {
    draw_unknown(paper, &view.plan.gaps);
    if !view.findings.is_empty() {
        paper.gap();
        let text = findings_text(view.findings, view.sources, paper.options);
        paper.laid_out(&text);
    }
    draw_unmanaged(paper, &view.plan.unmanaged);
    draw_section(paper, view, tables);
}

fn draw_budget(paper: &mut Paper, view: &View<'_>) {
    for text in [summary::budget(view), summary::digest(view)]
        .into_iter()
        .flatten()
    {
        paper.ink(PLAIN, &text).end();
    }
}

/// Draws the remarks and the line that says how much was read.
fn draw_close(paper: &mut Paper, view: &View<'_>) {
    let plan = view.plan;
    if let Some(text) = summary::recordable(plan) {
        paper.paragraph(PLAIN, 0, &text);
    }
    if let Some(text) = summary::unattributed(view) {
        paper.paragraph(DIM, 0, text);
    }
    for note in view.notes {
        paper.paragraph(DIM, 0, note);
    }
    if !plan.is_empty() {
        draw_methods(paper, &plan.methods);
    }
    let style = if plan.is_complete() { DIM } else { LOUD };
    paper.ink(style, &summary::completeness(view)).end();
}

#[cfg(test)]
mod tests;
