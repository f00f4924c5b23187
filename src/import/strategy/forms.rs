//! Which kind of table a table is, by what its columns and headings are called.
//!
//! In: a header, the headings above the table, its first column. Out: a [`Grid`]: the [`Form`] and,
//! for each column, the field that it fills. Must not know what is done with the cells.

use super::looks::{LOOKS, Look};
use super::markdown::{Line, Row};

/// What the rows of a table declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    Tiers,
    Components,
    Backups,
    Locations,
    Verifications,
    Failovers,
    Capacities,
    Network,
    Exercises,
    Criteria,
    Messages,
    Roles,
    People,
    Vendors,
    Steps,
    Document,
}

/// A table whose columns are understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) form: Form,
    /// The field of each column; none for those that nothing is known about.
    pub(super) fields: Vec<Option<&'static str>>,
    /// The columns as they are called.
    pub(super) names: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// Why another reading is possible; none if the names say it plainly.
    pub(super) doubt: Option<String>,
    /// The headings above, the innermost last.
    pub(super) sections: Vec<String>,
}

impl Grid {
    /// Returns the cell of a row for a field, or an empty text.
    pub(super) fn cell<'g>(&self, row: &'g Row, field: &str) -> &'g str {
        let at = self.fields.iter().position(|one| *one == Some(field));
        at.and_then(|at| row.cells.get(at))
            .map_or("", String::as_str)
    }

    /// Returns the cells of a row for a field that several columns may fill.
    pub(super) fn cells<'g>(
        &'g self,
        row: &'g Row,
        field: &'g str,
    ) -> impl Iterator<Item = &'g str> {
        let fields = self.fields.iter().zip(&row.cells);
        fields
            .filter(move |(one, _)| **one == Some(field))
            .map(|(_, cell)| cell.as_str())
    }

    /// Returns the columns of a row that nothing is known about, with their cells.
    pub(super) fn unknown<'g>(&'g self, row: &'g Row) -> impl Iterator<Item = (&'g str, &'g str)> {
        let named = self.names.iter().zip(&self.fields).zip(&row.cells);
        named.filter_map(|((name, field), cell)| {
            (field.is_none() && !name.is_empty() && !cell.trim().is_empty())
                .then_some((name.as_str(), cell.as_str()))
        })
    }
}

/// Returns what a table says, or none if no form fits; a table that is turned on its side is turned
/// back.
pub(super) fn grid(sections: &[String], header: &Row, rows: &[Row]) -> Option<Grid> {
    let upright = fitting(sections, header, rows);
    let (turned_header, turned_rows) = turned(header, rows);
    let turned = fitting(sections, &turned_header, &turned_rows);
    match (upright, turned) {
        (Some((_, grid)), None) => Some(grid),
        (Some((score, grid)), Some((other, _))) if score >= other => Some(grid),
        (_, Some((_, mut grid))) => {
            grid.doubt = Some("the table was read on its side".to_owned());
            Some(grid)
        }
        (None, None) => None,
    }
}

fn fitting(sections: &[String], header: &Row, rows: &[Row]) -> Option<(usize, Grid)> {
    let names: Vec<String> = header.cells.iter().map(|cell| words(cell)).collect();
    let above = sections.join(" ").to_lowercase();
    let nearest = sections
        .last()
        .map(|text| text.to_lowercase())
        .unwrap_or_default();
    let mut scored: Vec<(usize, &Look, Vec<Option<&'static str>>)> = LOOKS
        .iter()
        .filter_map(|look| {
            let (score, fields) = columns(look, &names)?;
            let of = |text: &str| look.headings.iter().any(|word| text.contains(word));
            let bonus = 2 * usize::from(of(&above)) + 3 * usize::from(of(&nearest));
            Some((score + bonus, look, fields))
        })
        .collect();
    scored.sort_by_key(|(score, look, _)| (std::cmp::Reverse(*score), look.form));
    let (best, look, fields) = scored.first()?;
    let (best, form) = (*best, look.form);
    let rival = scored.get(1).filter(|(score, ..)| *score + 1 >= best);
    let doubt =
        rival.map(|(_, other, _)| format!("its columns also fit a table of {}", other.form.word()));
    let grid = Grid {
        form,
        fields: fields.clone(),
        names: header.cells.clone(),
        rows: rows.to_vec(),
        doubt,
        sections: sections.to_vec(),
    };
    Some((best, grid))
}

/// Returns how well a header fits, with the field of each column; none if something is missing.
fn columns(look: &Look, names: &[String]) -> Option<(usize, Vec<Option<&'static str>>)> {
    let mut fields = vec![None; names.len()];
    let mut taken = vec![false; look.fields.len()];
    let mut score = 0;
    // Whole names first, so that `backup type` takes no column that `type` names.
    for whole in [true, false] {
        for (at, name) in names.iter().enumerate() {
            if fields[at].is_some() || name.is_empty() {
                continue;
            }
            let found = look.fields.iter().enumerate().find(|(field, (_, known))| {
                !taken[*field]
                    && known.split('|').any(|word| {
                        if whole {
                            *name == *word
                        } else {
                            holds(name, word)
                        }
                    })
            });
            if let Some((field, (key, _))) = found {
                (taken[field], fields[at]) = (true, Some(*key));
                score += if whole { 4 } else { 2 };
            }
        }
    }
    let has = |field: &&str| fields.contains(&Some(*field));
    let complete = look.required.iter().all(|group| group.iter().any(has));
    // A column that says nothing to this form speaks against it.
    let strange = fields.iter().filter(|field| field.is_none()).count();
    (complete && score > 2 * strange).then(|| (score - strange, fields))
}

fn holds(name: &str, word: &str) -> bool {
    format!(" {name} ").contains(&format!(" {word} "))
}

/// Returns a name in lower case, without signs.
pub(super) fn words(text: &str) -> String {
    let lower = text.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric());
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn turned(header: &Row, rows: &[Row]) -> (Row, Vec<Row>) {
    let all: Vec<&Row> = std::iter::once(header).chain(rows).collect();
    let column = |at: usize| -> Vec<String> {
        all.iter()
            .map(|row| row.cells.get(at).cloned().unwrap_or_default())
            .collect()
    };
    let first = Row {
        number: header.number,
        cells: column(0),
    };
    let others = (1..header.cells.len()).map(|at| Row {
        number: header.number,
        cells: column(at),
    });
    (first, others.collect())
}

impl Form {
    /// Returns what the rows are, for messages.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Tiers => "tiers",
            Self::Components => "components",
            Self::Backups => "backups",
            Self::Locations => "backup locations",
            Self::Verifications => "verifications",
            Self::Failovers => "failovers",
            Self::Capacities => "capacities",
            Self::Network => "network requirements",
            Self::Exercises => "exercises",
            Self::Criteria => "success criteria",
            Self::Messages => "messages",
            Self::Roles => "roles",
            Self::People => "people",
            Self::Vendors => "vendors",
            Self::Steps => "steps",
            Self::Document => "facts about the document",
        }
    }
}

/// Splits `key: value`, as in `**Owner:** Platform`.
pub(super) fn pair(line: &Line) -> Option<(String, &str)> {
    let (key, value) = line.text.split_once(':')?;
    let (key, value) = (words(key), value.trim());
    (!value.is_empty() && !key.is_empty() && key.split(' ').count() <= 8).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(above: &str, header: &[&str]) -> Option<Form> {
        let row = |cells: &[&str]| Row {
            number: 1,
            cells: cells.iter().map(|c| (*c).to_owned()).collect(),
        };
        grid(&[above.to_owned()], &row(header), &[]).map(|grid| grid.form)
    }

    #[test]
    fn tables_are_known_by_their_columns() {
        for (above, header, want) in [
            (
                "In Scope",
                &["Component", "Recovery Priority"][..],
                Form::Components,
            ),
            (
                "Objectives",
                &["Tier", "Components", "RTO", "RPO"],
                Form::Tiers,
            ),
            (
                "Backup Schedule",
                &["Component", "Type", "Frequency", "Retention"],
                Form::Backups,
            ),
            (
                "Backup Locations",
                &["Backup", "Primary Storage", "Secondary Storage"],
                Form::Locations,
            ),
            (
                "Backup Verification",
                &["Verification", "Frequency", "Procedure"],
                Form::Verifications,
            ),
            (
                "Failover Types",
                &["Type", "Trigger", "Automation", "Downtime"],
                Form::Failovers,
            ),
            (
                "Infrastructure Parity",
                &["Resource", "Primary", "DR", "Notes"],
                Form::Capacities,
            ),
            (
                "Network Requirements",
                &["Requirement", "Specification"],
                Form::Network,
            ),
            (
                "Test Types",
                &["Test", "Frequency", "Scope", "Duration"],
                Form::Exercises,
            ),
            ("Success Criteria", &["Metric", "Target"], Form::Criteria),
            (
                "Internal Notification",
                &["Event", "Notify", "Channel", "Template"],
                Form::Messages,
            ),
            (
                "External Notification",
                &["Event", "Notify", "Channel", "Timing"],
                Form::Messages,
            ),
            (
                "Roles and Responsibilities",
                &["Role", "Primary", "Backup", "Responsibility"],
                Form::Roles,
            ),
            (
                "Services",
                &["Service", "Back within", "Max data loss", "Needs"],
                Form::Components,
            ),
            (
                "What we copy",
                &["What", "How", "How often", "Kept for", "Where"],
                Form::Backups,
            ),
            ("Vendors", &["Supplier", "Product", "Phone"], Form::Vendors),
            ("On call", &["Name", "Phone", "Email"], Form::People),
            ("Order", &["Step", "Action", "Who", "Time"], Form::Steps),
        ] {
            assert_eq!(form(above, header), Some(want), "{above}: {header:?}");
        }
        assert_eq!(form("Colours", &["Hue", "Shade"]), None);
    }

    #[test]
    fn a_table_on_its_side_is_turned() {
        let row = |number, cells: &[&str]| Row {
            number,
            cells: cells.iter().map(|c| (*c).to_owned()).collect(),
        };
        let grid = grid(
            &["Objectives".into()],
            &row(1, &["Tier", "Gold", "Silver"]),
            &[
                row(3, &["RTO", "1 h", "8 h"]),
                row(4, &["RPO", "5 min", "1 h"]),
            ],
        )
        .unwrap();
        assert_eq!(grid.form, Form::Tiers);
        assert_eq!(grid.cell(&grid.rows[1], "rpo"), "1 h");
        assert!(grid.doubt.is_some());
    }
}
