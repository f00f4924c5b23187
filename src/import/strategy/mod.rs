//! A strategy that was written as a Markdown document, as the files of an environment.
//!
//! In: the text of the document. Out: [`StrategyFiles`]: TOML files that `drsync check` reads, and
//! a report in which every piece of the document stands: understood, guessed, or not placed. The
//! document's contradictions are carried over, for they are what the checks are to find. Must not
//! know files, plans or clouds.

mod draft;
mod finish;
mod forms;
mod looks;
mod markdown;
mod names;
mod people;
mod prose;
mod quantity;
mod recovery;
mod service;
mod writing;

#[cfg(test)]
mod tests;

use draft::Draft;
pub use draft::{Certainty, Note};
use forms::{Form, Grid, grid};
use markdown::{Block, Body};

/// The files of an environment, made from a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategyFiles {
    /// The TOML files with their names.
    pub files: Vec<(&'static str, String)>,
    /// What became of each piece of the document, in its order.
    pub notes: Vec<Note>,
    /// The same as Markdown.
    pub report: String,
}

/// Reads a document into the files of the environment `name`; `source` is what the document is
/// called in comments and in the report.
#[must_use]
pub fn strategy(text: &str, source: &str, name: &str) -> StrategyFiles {
    let (blocks, links) = markdown::read(text);
    let mut draft = Draft::default();
    draft.named("site", "primary", 0).set("role", "primary");
    draft.named("site", "dr", 0).set("role", "dr");
    draft.single("environment", 0).set("name", name);
    // Tables first: lists speak of the components that tables declare.
    for block in &blocks {
        if let Body::Table(header, rows) = &block.body {
            table(&mut draft, block, header, rows);
        }
    }
    for (at, block) in blocks.iter().enumerate() {
        other(&mut draft, block, blocks.get(at + 1));
    }
    for link in &links {
        prose::link(&mut draft, link);
    }
    finish::finish(&mut draft);
    draft.notes.sort();
    draft.notes.dedup();
    StrategyFiles {
        files: writing::files(&draft.entries, source),
        report: writing::report(&draft.notes, source),
        notes: draft.notes,
    }
}

fn table(draft: &mut Draft, block: &Block, header: &markdown::Row, rows: &[markdown::Row]) {
    let Some(grid) = grid(&block.sections, header, rows) else {
        for row in rows {
            draft.not_placed(
                row.number,
                &row.cells.join(" | "),
                "the columns are of no table that is known",
            );
        }
        return;
    };
    let mut before: Option<String> = None;
    for row in &grid.rows {
        let notes = draft.notes.len();
        before = self::row(draft, &grid, row, before.as_deref());
        for (column, cell) in grid.unknown(row) {
            let why = format!(
                "nothing is known about the column `{column}` of {}",
                grid.form.word()
            );
            draft.not_placed(row.number, cell, &why);
        }
        let text = row.cells.join(" | ");
        if let Some(doubt) = &grid.doubt {
            draft.guessed(
                row.number,
                &text,
                &format!("{}, though {doubt}", grid.form.word()),
            );
        } else if draft.notes.len() == notes {
            draft.understood(row.number, &text, grid.form.word());
        }
    }
}

fn row(
    draft: &mut Draft,
    grid: &Grid,
    row: &markdown::Row,
    before: Option<&str>,
) -> Option<String> {
    match grid.form {
        Form::Tiers => service::tiers(draft, grid, row),
        Form::Components => service::components(draft, grid, row),
        Form::Backups => service::backups(draft, grid, row),
        Form::Locations => service::locations(draft, grid, row),
        Form::Verifications => service::verifications(draft, grid, row),
        Form::Failovers => recovery::failovers(draft, grid, row),
        Form::Capacities => recovery::capacities(draft, grid, row),
        Form::Network => recovery::network(draft, grid, row),
        Form::Exercises => recovery::exercises(draft, grid, row),
        Form::Criteria => recovery::criteria(draft, grid, row),
        Form::Messages => people::messages(draft, grid, row),
        Form::Roles => people::roles(draft, grid, row),
        Form::People => people::people(draft, grid, row),
        Form::Vendors => people::vendors(draft, grid, row),
        Form::Steps => return Some(recovery::steps(draft, grid, row, before)),
        Form::Document => {
            let (key, value) = (grid.cell(row, "key"), grid.cell(row, "value"));
            if !people::document(draft, row.number, key, value) {
                draft.not_placed(
                    row.number,
                    &row.cells.join(": "),
                    "the environment has no field for it",
                );
            }
        }
    }
    None
}

fn other(draft: &mut Draft, block: &Block, next: Option<&Block>) {
    match &block.body {
        Body::Heading(1, line)
            if !draft
                .entries
                .iter()
                .any(|entry| entry.head == "strategy" && entry.get("title").is_some()) =>
        {
            draft
                .single("strategy", line.number)
                .set_text("title", &line.text);
            draft.understood(line.number, &line.text, "strategy.title");
        }
        // Headings say what stands below them, and nothing else.
        Body::Heading(..) | Body::Table(..) => {}
        Body::Paragraph(lines) => {
            // The line right above a list belongs to it.
            let leads = next.is_some_and(|next| next.lead.is_some());
            let lead = lines
                .last()
                .filter(|line| leads && line.text.ends_with(':'));
            prose::paragraph(draft, &lines[..lines.len() - usize::from(lead.is_some())]);
            if let Some(lead) = lead {
                draft.understood(lead.number, &lead.text, "it says what stands below it");
            }
        }
        Body::List(ordered, items) => prose::list(draft, block, *ordered, items),
        Body::Other(line) => draft.not_placed(line.number, &line.text, "it is code or markup"),
    }
}

/// Returns the site that a text speaks of.
fn site(text: &str) -> Option<&'static str> {
    if names::says(
        text,
        &[
            "dr",
            "recovery",
            "secondary",
            "standby",
            "remote",
            "offsite",
        ],
    ) {
        Some("dr")
    } else if names::says(text, &["primary", "local", "main", "production"]) {
        Some("primary")
    } else {
        None
    }
}
