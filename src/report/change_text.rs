//! Draws rows for a terminal: by site and component, aligned, each field on its line.
//!
//! In: rows. Out: lines on the paper. Must not know why there is a row.

use anstyle::Style;

use crate::model::{Action, Shape, Source};

use super::field::{Line, Shown, Tag, look_up, show};
use super::paper::{BOLD, CYAN, DIM, GREEN, LOUD, PLAIN, Paper, RED, TextOptions, YELLOW, width};
use super::row::{Mark, Row};

/// The widest column of field names.
const NAMES: usize = 28;
/// How many names of a collapsed row are shown.
const FIRST_NAMES: usize = 3;

/// Draws rows under their sites and components.
pub(super) fn draw(paper: &mut Paper, rows: &[Row<'_>], with_cause: bool) {
    let by_site = |a: &Row<'_>, b: &Row<'_>| a.address.site() == b.address.site();
    for site in rows.chunk_by(by_site) {
        if let Some(first) = site.first() {
            paper.ink(BOLD, first.address.site()).end();
        }
        for group in site.chunk_by(|a, b| a.component == b.component) {
            let component = group.first().and_then(|row| row.component);
            if let Some(component) = component {
                paper.blanks(2).ink(CYAN, component).end();
            }
            draw_group(
                paper,
                group,
                if component.is_some() { 4 } else { 2 },
                with_cause,
            );
        }
    }
}

fn draw_group(paper: &mut Paper, rows: &[Row<'_>], indent: usize, with_cause: bool) {
    let heads: Vec<Head> = rows
        .iter()
        .map(|row| Head::of(row, with_cause, &paper.options))
        .collect();
    let widest = |of: fn(&Head) -> &str| heads.iter().map(|head| width(of(head))).max();
    let (remarks, place) = (
        widest(|head| &head.remarks).unwrap_or(0),
        widest(|head| &head.place).unwrap_or(0),
    );
    let room = paper
        .options
        .columns()
        .saturating_sub(indent + 2 + 2 + remarks + 2 + place);
    let names = widest(|head| &head.name).unwrap_or(0).min(room);
    for (row, head) in rows.iter().zip(&heads) {
        head.draw(paper, indent, names, remarks);
        draw_body(paper, row, indent + 4);
    }
}

/// The first line of a row.
struct Head {
    sign: &'static str,
    style: Style,
    name: String,
    remarks: String,
    remarks_style: Style,
    place: String,
}

impl Head {
    fn of(row: &Row<'_>, with_cause: bool, options: &TextOptions) -> Self {
        let (sign, style) = sign(row.mark, options);
        let address = row.address;
        let name = match row.count() {
            1 => format!("{} {}", address.kind(), address.id()),
            many => format!("{many} {}s", address.kind()),
        };
        Self {
            sign,
            style,
            name,
            remarks: remarks(row, with_cause),
            remarks_style: match row.class {
                crate::model::Class::Ordinary => style,
                _ => LOUD,
            },
            place: match row.source {
                Some(source) if row.count() == 1 => place(source),
                _ => String::new(),
            },
        }
    }

    fn draw(&self, paper: &mut Paper, indent: usize, names: usize, remarks: usize) {
        let pad = |text: &str, to: usize| to.saturating_sub(width(text)) + 2;
        paper
            .blanks(indent)
            .ink(self.style, self.sign)
            .blanks(1)
            .ink(BOLD, &self.name);
        let mut used = indent + 2 + width(&self.name);
        if remarks > 0 {
            let gap = pad(&self.name, names);
            paper.blanks(gap).ink(self.remarks_style, &self.remarks);
            used += gap + width(&self.remarks);
        }
        let gap = match remarks {
            0 => pad(&self.name, names),
            _ => pad(&self.remarks, remarks),
        };
        if self.place.is_empty() {
            paper.end();
            return;
        }
        let room = paper
            .options
            .columns()
            .saturating_sub(used + width(&self.place));
        if room >= 2 {
            paper.blanks(gap.min(room)).ink(DIM, &self.place).end();
        } else {
            paper.end().blanks(indent + 4).ink(DIM, &self.place).end();
        }
    }
}

/// Returns the words beside an object: what happens, where the sign alone does not say it, why,
/// and how much it can hurt.
fn remarks(row: &Row<'_>, with_cause: bool) -> String {
    let is_plain = matches!(row.mark, Mark::Change(Action::Create | Action::Update));
    let event = (!is_plain).then(|| row.event());
    let words: Vec<&str> = event.into_iter().chain(row.remarks(with_cause)).collect();
    words.join(", ")
}

/// Returns the sign of a row and its style.
fn sign(mark: Mark<'_>, options: &TextOptions) -> (&'static str, Style) {
    match mark {
        Mark::Change(Action::Create) => ("+", GREEN),
        Mark::Change(Action::Update) => ("~", YELLOW),
        Mark::Change(Action::Replace) => (options.sign("±", "!"), RED),
        Mark::Change(Action::Delete) => ("-", RED),
        Mark::Change(Action::Forget) => (options.sign("○", "o"), DIM),
        Mark::Change(Action::Adopt) => (options.sign("↻", "@"), YELLOW),
        Mark::Held(_) => (options.sign("‖", "="), CYAN),
    }
}

/// Returns file and line as editors and terminals make a link of it.
pub(super) fn place(source: &Source) -> String {
    format!("{}:{}", source.file, source.line)
}

fn draw_body(paper: &mut Paper, row: &Row<'_>, indent: usize) {
    let fields: Vec<Named> = row
        .fields
        .iter()
        .map(|field| Named::of(row, field))
        .collect();
    if row.one_sided() {
        draw_flow(paper, &fields, indent);
    } else {
        let names = fields.iter().map(|field| width(field.name)).max();
        for field in &fields {
            field.draw(paper, indent, names.unwrap_or(0).min(NAMES));
        }
    }
    for reason in row.reasons {
        paper.paragraph(DIM, indent, reason);
    }
    if let Mark::Held(held) = row.mark
        && let Some(until) = held.until
    {
        paper.paragraph(DIM, indent, &format!("until {until:.0}"));
    }
    if row.count() > 1 {
        let first = row.others.iter().take(FIRST_NAMES - 1);
        let names: Vec<&str> = std::iter::once(row.address.id())
            .chain(first.map(|a| a.id()))
            .collect();
        let more = row.count() - names.len();
        let names = format!("{} and {more} more (--expand lists them)", names.join(", "));
        paper.paragraph(DIM, indent, &names);
    }
}

/// Draws one field by itself.
pub(super) fn draw_field(
    paper: &mut Paper,
    table: Option<&'static Shape>,
    field: &crate::model::FieldChange,
    indent: usize,
) {
    let named = Named {
        name: field.path.strip_prefix('/').unwrap_or(&field.path),
        shown: show(look_up(table, &field.path), field),
        forces: false,
    };
    named.draw(paper, indent, 0);
}

/// A field with its name and how it reads.
struct Named<'a> {
    name: &'a str,
    shown: Shown,
    forces: bool,
}

impl<'a> Named<'a> {
    fn of(row: &Row<'_>, field: &'a crate::model::FieldChange) -> Self {
        let known = look_up(row.table, &field.path);
        Self {
            name: field.path.strip_prefix('/').unwrap_or(&field.path),
            shown: show(known, field),
            forces: known.replace && matches!(row.mark, Mark::Change(Action::Replace)),
        }
    }

    fn draw(&self, paper: &mut Paper, indent: usize, names: usize) {
        paper.blanks(indent).ink(PLAIN, self.name);
        let at = indent + width(self.name).max(names) + 2;
        let room = paper.options.columns().saturating_sub(at);
        let arrow = paper.options.sign(" → ", " -> ");
        match &self.shown {
            Shown::Change(before, after) => {
                let (before, after) = (or_absent(before.as_ref()), or_absent(after.as_ref()));
                if width(before) + width(arrow) + width(after) <= room {
                    paper.blanks(at - indent - width(self.name));
                    paper.ink(PLAIN, before).ink(DIM, arrow).ink(PLAIN, after);
                    self.end(paper);
                } else {
                    self.end(paper);
                    draw_lines(
                        paper,
                        indent + 2,
                        [(Tag::Removed, before), (Tag::Added, after)],
                    );
                }
            }
            Shown::Items(items) => {
                let total: usize = items.iter().map(|item| width(&item.text) + 4).sum();
                if total <= room + 2 {
                    paper.blanks(at - indent - width(self.name));
                    for (number, item) in items.iter().enumerate() {
                        let (sign, style) = tag(item.tag, &paper.options);
                        paper.blanks(if number > 0 { 2 } else { 0 });
                        paper.ink(style, sign).blanks(1).ink(style, &item.text);
                    }
                    self.end(paper);
                } else {
                    self.end(paper);
                    draw_lines(paper, indent + 2, items.iter().map(Line::parts));
                }
            }
            Shown::Lines(lines) => {
                self.end(paper);
                draw_lines(paper, indent + 2, lines.iter().map(Line::parts));
            }
        }
    }

    fn end(&self, paper: &mut Paper) {
        if self.forces {
            paper.blanks(2).ink(RED, "forces replacement");
        }
        paper.end();
    }
}

impl Line {
    fn parts(&self) -> (Tag, &str) {
        (self.tag, &self.text)
    }
}

fn or_absent(words: Option<&String>) -> &str {
    words.map_or("(absent)", String::as_str)
}

/// Draws the fields of an object that comes or goes: short ones side by side, long ones below.
fn draw_flow(paper: &mut Paper, fields: &[Named<'_>], indent: usize) {
    let room = paper.options.columns().saturating_sub(indent);
    let mut used = 0;
    for field in fields {
        let Shown::Change(before, after) = &field.shown else {
            continue;
        };
        let words = or_absent(after.as_ref().or(before.as_ref()));
        let wide = width(field.name) + 1 + width(words);
        if used > 0 && used + 2 + wide > room {
            paper.end();
            used = 0;
        }
        let gap = if used > 0 { 2 } else { indent };
        paper
            .blanks(gap)
            .ink(DIM, field.name)
            .blanks(1)
            .ink(PLAIN, words);
        used += wide + if used > 0 { 2 } else { 0 };
    }
    if used > 0 {
        paper.end();
    }
    for field in fields {
        if let Shown::Items(lines) | Shown::Lines(lines) = &field.shown {
            paper.blanks(indent).ink(DIM, field.name).end();
            draw_lines(paper, indent + 2, lines.iter().map(Line::parts));
        }
    }
}

fn draw_lines<'a>(
    paper: &mut Paper,
    indent: usize,
    lines: impl IntoIterator<Item = (Tag, &'a str)>,
) {
    for (of, text) in lines {
        let (sign, style) = tag(of, &paper.options);
        paper
            .blanks(indent)
            .ink(style, sign)
            .blanks(1)
            .ink(style, text)
            .end();
    }
}

fn tag(tag: Tag, options: &TextOptions) -> (&'static str, Style) {
    match tag {
        Tag::Same => (" ", PLAIN),
        Tag::Added => ("+", GREEN),
        Tag::Removed => ("-", RED),
        Tag::Skipped => (options.sign("⋮", ":"), DIM),
    }
}
