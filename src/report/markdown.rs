//! The report for a comment on a pull request.
//!
//! In: a view. Out: Markdown below the size that a code forge takes. Must not know how values
//! came to be. The template escapes all that is not marked as Markdown, so that no text can be
//! forgotten.

use std::fmt::Write as _;

use minijinja::{AutoEscape, Environment, Value, context};

use crate::model::{Cause, Class, Finding, Severity, Source};

use crate::plan::Plan;

use super::ReportError;
use super::change_text::place;
use super::collapse::collapse;
use super::field::{Line, Shown, Tag, look_up, show};
use super::findings::sorted;
use super::markdown_escape::{code, cut, prose};
use super::row::{self, Mark, Row, Tables};
use super::text::REVIEW;
use super::view::View;
use super::{parity_markdown, summary, words};

const TEMPLATE: &str = include_str!("plan.md.j2");
/// A forge takes 65,536 characters; some room is left for the fixed parts.
const LIMIT: usize = 62_000;
/// The most that each list may take before the changes get the rest.
const UNKNOWN_ROOM: usize = 10_000;
const HELD_ROOM: usize = 10_000;
const FINDINGS_ROOM: usize = 14_000;
const REMARKS_ROOM: usize = 4_000;
/// Rows shown before the rest is folded away.
const LISTED: usize = 30;
/// The longest names, values and sentences, in characters, and the most fields of a row.
const NAME: usize = 160;
const VALUE: usize = 120;
const SENTENCE: usize = 600;
const FIELDS: usize = 12;
/// What the signs of a table add to a row.
const ROW_SIGNS: usize = 32;

/// Returns a plan or its drift as Markdown.
pub fn plan_markdown(view: &View<'_>) -> Result<String, ReportError> {
    plan_markdown_with(view, row::known_tables)
}

pub(super) fn plan_markdown_with(view: &View<'_>, tables: Tables) -> Result<String, ReportError> {
    let plan = view.plan;
    let unknown = List::fit(plan.gaps.iter().map(Cells::of_gap), UNKNOWN_ROOM);
    let is_review = plan.base.is_some();
    // In a review a held item stands beside the changes of its cause.
    let held = if is_review { &[][..] } else { &plan.held[..] };
    let held = collapse(row::held(held, tables));
    let held = List::fit(held.iter().map(Cells::of_row), HELD_ROOM);
    let findings = sorted(view.findings, view.sources);
    let findings = findings.into_iter().map(|one| Cells::of_finding(one, view));
    let findings = List::fit(findings, FINDINGS_ROOM);
    let remarks = remarks(view);
    let parity = parity_markdown::section(view.parity);
    let taken = parity.len()
        + unknown.size
        + held.size
        + findings.size
        + remarks.iter().map(String::len).sum::<usize>();
    let mut room = LIMIT.saturating_sub(taken);
    let mut groups = Vec::new();
    for (title, mut rows) in groups_of(plan, tables) {
        rows.sort_by_key(|row| row.class == Class::Ordinary);
        let list = List::fit(rows.iter().map(Cells::of_row), room);
        room = room.saturating_sub(list.size);
        groups.push(context! { title => title, ..list.value() });
    }
    let markdown = |texts: Vec<String>| {
        texts
            .into_iter()
            .map(Value::from_safe_string)
            .collect::<Vec<_>>()
    };
    let context = context! {
        headline => cut(&summary::headline(view), SENTENCE),
        introduction => summary::introduction(plan).map(|text| cut(&text, SENTENCE)),
        basis => Value::from_safe_string(code(&cut(&summary::basis(view), NAME))),
        unknown_objects => words::count(plan.summary.unknown, "object"),
        unknown => unknown.value(),
        groups => groups,
        held => held.value(),
        findings => findings.value(),
        parity => Value::from_safe_string(parity),
        remarks => markdown(remarks),
        completeness => cut(&summary::completeness(view), SENTENCE),
        listed => LISTED,
    };
    environment()
        .render_named_str("plan.md", TEMPLATE, context)
        .map_err(ReportError::Template)
}

/// Returns the rows of the changes under their titles: by cause in a review, all in one without.
fn groups_of(plan: &Plan, tables: Tables) -> Vec<(&'static str, Vec<Row<'_>>)> {
    if plan.base.is_none() {
        return vec![("", collapse(row::changes(plan, tables)))];
    }
    let all = row::all(plan, tables);
    let group = |(cause, title): &(Cause, &'static str)| {
        let own = all.iter().filter(|row| row.cause == *cause).cloned();
        (*title, collapse(own.collect()))
    };
    REVIEW.iter().map(group).collect()
}

/// Returns a template environment in which values are prose unless they are Markdown already.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(|out, _, value| {
        let text = value.to_string();
        let text = if value.is_safe() { text } else { prose(&text) };
        out.write_str(&text).map_err(minijinja::Error::from)
    });
    environment
}

/// The cells of one row, as Markdown.
#[derive(Default)]
struct Cells {
    action: String,
    name: String,
    detail: String,
    remarks: String,
    place: String,
    /// How many objects the row stands for.
    count: usize,
}

/// As many rows as there is room for.
struct List {
    rows: Vec<Cells>,
    left_out: usize,
    size: usize,
}

impl List {
    fn fit(rows: impl Iterator<Item = Cells>, room: usize) -> Self {
        let mut list = Self {
            rows: Vec::new(),
            left_out: 0,
            size: 0,
        };
        for row in rows {
            let size = list.size + row.size();
            // Once one is left out all are: what is shown is the start of the list.
            if list.left_out > 0 || size > room {
                list.left_out += row.count;
            } else {
                list.size = size;
                list.rows.push(row);
            }
        }
        list
    }

    fn value(self) -> Value {
        let safe = Value::from_safe_string;
        let rows = self.rows.into_iter().map(|row| {
            context! {
                action => safe(row.action),
                name => safe(row.name),
                detail => safe(row.detail),
                remarks => safe(row.remarks),
                place => safe(row.place),
                count => row.count,
            }
        });
        context! { rows => rows.collect::<Vec<_>>(), left_out => self.left_out }
    }
}

impl Cells {
    const fn size(&self) -> usize {
        self.action.len()
            + self.name.len()
            + self.detail.len()
            + self.remarks.len()
            + self.place.len()
            + ROW_SIGNS
    }

    fn of_row(row: &Row<'_>) -> Self {
        let address = row.address.as_str();
        let name = match row.others.len() {
            0 => code(&cut(address, NAME)),
            more => format!("{}<br>and {more} more", code(&cut(address, NAME))),
        };
        let (action, remarks) = match row.mark {
            Mark::Change(_) => (row.event(), prose(&row.remarks(true).join(", "))),
            Mark::Held(held) => ("held", held_remarks(row, held)),
        };
        Self {
            action: prose(action),
            name,
            detail: fields(row),
            remarks,
            place: row.source.map(where_at).unwrap_or_default(),
            count: row.count(),
        }
    }

    fn of_gap(gap: &crate::model::Gap) -> Self {
        Self {
            name: code(&cut(&gap.scope, NAME)),
            detail: prose(&cut(&gap.cause, SENTENCE)),
            remarks: prose(words::gap(gap.code)),
            count: gap.addresses.len(),
            ..Self::default()
        }
    }

    fn of_finding(finding: &Finding, view: &View<'_>) -> Self {
        let places = finding.labels.iter().take(2);
        let places: Vec<String> = places
            .map(|label| where_at(&view.sources.locate(label.span)))
            .collect();
        Self {
            action: prose(match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            }),
            name: code(&cut(&finding.code, NAME)),
            detail: prose(&cut(&finding.message, SENTENCE)),
            remarks: prose(&cut(&finding.help, SENTENCE)),
            place: places.join(" and "),
            count: 1,
        }
    }
}

fn where_at(source: &Source) -> String {
    code(&cut(&place(source), NAME))
}

fn held_remarks(row: &Row<'_>, held: &crate::model::Held) -> String {
    let words: Vec<&str> = std::iter::once(row.event())
        .chain(row.remarks(true))
        .collect();
    let mut text = prose(&cut(&words.join(", "), NAME));
    let _ = write!(text, "<br>{}", prose(&cut(&held.reason, SENTENCE)));
    if let Some(until) = held.until {
        let _ = write!(text, "<br>until {}", prose(&format!("{until:.0}")));
    }
    text
}

/// Returns the fields of a row, one on a line, and why it is so.
fn fields(row: &Row<'_>) -> String {
    let fields = row.fields.iter().take(FIELDS);
    let mut lines: Vec<String> = fields.map(|field| field_line(row, field)).collect();
    if row.fields.len() > FIELDS {
        lines.push(format!("and {} more fields", row.fields.len() - FIELDS));
    }
    if let Mark::Change(_) = row.mark {
        let reasons = row.reasons.iter().take(FIELDS);
        lines.extend(reasons.map(|reason| prose(&cut(reason, SENTENCE))));
    }
    lines.join("<br>")
}

fn field_line(row: &Row<'_>, field: &crate::model::FieldChange) -> String {
    let name = field.path.strip_prefix('/').unwrap_or(&field.path);
    let name = prose(&cut(name, NAME));
    let value = |words: &Option<String>| match words {
        Some(words) => code(&cut(words, VALUE)),
        None => "(absent)".to_owned(),
    };
    match show(look_up(row.table, &field.path), field) {
        Shown::Change(Some(only), None) | Shown::Change(None, Some(only)) if row.one_sided() => {
            format!("{name} {}", code(&cut(&only, VALUE)))
        }
        Shown::Change(before, after) => format!("{name} {} → {}", value(&before), value(&after)),
        Shown::Items(lines) | Shown::Lines(lines) => {
            let differing = lines
                .iter()
                .filter(|line| matches!(line.tag, Tag::Added | Tag::Removed));
            let total = differing.clone().count();
            let mut text = name;
            for line in differing.take(FIELDS) {
                let _ = write!(text, "<br>{}", difference(line));
            }
            if total > FIELDS {
                let _ = write!(text, "<br>and {} more lines", total - FIELDS);
            }
            text
        }
    }
}

fn difference(line: &Line) -> String {
    let sign = if line.tag == Tag::Added { "+" } else { "−" };
    format!("{sign} {}", code(&cut(line.text.trim(), VALUE)))
}

/// Returns the remarks on the run that there is room for.
fn remarks(view: &View<'_>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    texts.extend(summary::budget(view));
    texts.extend(summary::digest(view));
    texts.extend(summary::recordable(view.plan));
    texts.extend(summary::unmanaged(view.plan));
    texts.extend(summary::unattributed(view).map(str::to_owned));
    texts.extend(view.notes.iter().map(|note| cut(note, SENTENCE)));
    let mut room = REMARKS_ROOM;
    let texts = texts.into_iter().map(|text| prose(&text));
    texts
        .take_while(|text| {
            let fits = text.len() + ROW_SIGNS <= room;
            room = room.saturating_sub(text.len() + ROW_SIGNS);
            fits
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Build, World, change, tables};
    use super::*;
    use crate::model::Action;
    use crate::report::Mode;

    fn markdown(world: &World) -> String {
        plan_markdown_with(&world.view(Mode::Plan), tables).unwrap()
    }

    fn many(count: u32) -> World {
        (0..count).fold(World::quiet(), |world, number| {
            let id = format!("example.com/n{number}/A");
            let ttl = (number + 1).to_string();
            world.with(change("global", &id, Action::Update).field("/ttl", &ttl, "0"))
        })
    }

    #[test]
    fn a_comment_tells_the_unknown_first() {
        insta::assert_snapshot!(markdown(&World::busy()), @r#"
        ### Plan&#58; 1 to create, 1 to update, 1 to replace, 1 to adopt, 1 to forget, 1 to delete; 1 held; 5 unknown; 412 in sync&#46;

        <code>foundry at 1a2b3c4d5e6f</code>

        > [!CAUTION]
        > **Unknown: 5 objects could not be read.** Nothing in these scopes is deleted, and nothing is known of them.

        | scope | cause | objects | what happened |
        |---|---|--:|---|
        | <code>ireland/sample&#95;bucket</code> | forbidden | 5 | List&#58; AccessDenied; let the read role of this site list buckets |

        | | object | live → declared | | where |
        |---|---|---|---|---|
        | delete | <code>global/sample&#95;record/example&#46;com/old/CNAME</code> | ttl <code>300s</code> | pending | <code>environments/foundry/dns&#46;toml&#58;12</code> |
        | adopt | <code>ireland/sample&#95;record/bucket-a</code> | rules/&#91;id=old&#93;/days <code>30d</code> → <code>7d</code><br>policy<br>− <code>"Action"&#58; "get",</code><br>+ <code>"Action"&#58; "get-and-put",</code> | conflict, protection cut | <code>environments/foundry/dns&#46;toml&#58;12</code> |
        | create | <code>global/sample&#95;record/example&#46;com/api/A</code> | ttl <code>60s</code><br>values <code>10&#46;0&#46;0&#46;1</code> |  | <code>environments/foundry/dns&#46;toml&#58;12</code> |
        | forget | <code>global/sample&#95;record/example&#46;com/left/TXT</code> |  | introduced | <code>environments/foundry/dns&#46;toml&#58;12</code> |
        | update | <code>global/sample&#95;record/example&#46;com/www/A</code> | ttl <code>300s</code> → <code>60s</code><br>values<br>− <code>10&#46;0&#46;0&#46;2</code><br>+ <code>10&#46;0&#46;0&#46;3</code> | drift | <code>environments/foundry/dns&#46;toml&#58;12</code> |
        | replace | <code>ireland/sample&#95;record/bucket-b</code> | region <code>eu-1</code> → <code>eu-2</code><br>&#96;region&#96; cannot be changed in place |  | <code>environments/foundry/dns&#46;toml&#58;12</code> |

        #### Held

        | object | live → declared | reason | where |
        |---|---|---|---|
        | <code>global/sample&#95;record/example&#46;com/slow/A</code> | ttl <code>300s</code> → <code>60s</code> | old-ttl, drift<br>readers may keep the old values until the old TTL of 300s has passed<br>until 2026-07-30T12&#58;00&#58;00Z |  |

        #### Findings

        - **error** <code>deletes</code> the plan deletes 1 object
        - **warning** <code>short-ttl</code> <code>environments/foundry/dns&#46;toml&#58;3</code> and <code>environments/foundry/dns&#46;toml&#58;2</code> the TTL is shorter than the health check<br>set &#96;ttl = 90s&#96;

        Applying takes 3 writes, and usually 12 s until they have effect everywhere&#46;<br>
        Digest sha256&#58;f94c46e4cc4396c853508e89b4ed3c5ae2744ecb40d7c531565080041da09f0c<br>
        32 objects not declared in the scopes read&#46;<br>
        No state store is configured&#46;<br>

        <sub>407 of 412 objects read, 5 unknown, 34 dns calls, 7&#46;1 s</sub>
        "#);
    }

    #[test]
    fn nothing_to_do_is_short() {
        insta::assert_snapshot!(markdown(&World::quiet()), @r#"
        ### Plan&#58; nothing to do; 412 in sync&#46;

        <code>foundry at 1a2b3c4d5e6f</code>

        <sub>412 of 412 objects read, 0 unknown, 34 dns calls, 7&#46;1 s</sub>
        "#);
    }

    #[test]
    fn rows_beyond_thirty_are_folded_away() {
        assert!(!markdown(&many(30)).contains("<details>"));
        let text = markdown(&many(33));
        assert!(
            text.contains("<details><summary>3 more</summary>"),
            "{text}"
        );
    }

    #[test]
    fn a_comment_stays_below_the_limit_and_says_what_it_left_out() {
        let text = markdown(&many(5_000));
        assert!(text.len() <= 65_536);
        let shown = text
            .lines()
            .filter(|line| line.starts_with("| update |"))
            .count();
        assert!(text.contains(&format!(
            "**{} more changes are left out here**",
            5_000 - shown
        )));
    }
}
