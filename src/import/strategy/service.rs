//! Tables about what is protected: tiers, components, backups, where they lie, how they are
//! verified.
//!
//! In: a [`Grid`]. Out: entries and notes in a [`Draft`].

use super::draft::Draft;
use super::forms::Grid;
use super::markdown::Row;
use super::names::{explained, key, says, several};
use super::quantity::{Amount, Cadence, amount, cadence, is_nothing, seconds, span as spelled};

/// Reads tiers, with the components that they name.
pub(super) fn tiers(draft: &mut Draft, grid: &Grid, row: &Row) {
    let text = grid.cell(row, "tier");
    let (_, meaning) = explained(text);
    let tier = key(text);
    let entry = draft.named("tier", &tier, row.number);
    entry.set_text("description", meaning.unwrap_or_default());
    entry.set_text("description", grid.cell(row, "description"));
    spans(draft, grid, row, "tier", &tier, &["rto", "rpo", "mtd"]);
    for name in several(grid.cell(row, "components")) {
        let component = component(draft, name, row.number);
        let entry = draft.named("component", &component, row.number);
        if !entry.set("tier", tier.as_str()) {
            let why =
                format!("another table puts `{component}` into another tier; that one is kept");
            draft.guessed(row.number, name, &why);
        }
    }
}

/// Reads components; those with objectives of their own and no tier get one.
pub(super) fn components(draft: &mut Draft, grid: &Grid, row: &Row) {
    let name = component(draft, grid.cell(row, "component"), row.number);
    if grid
        .sections
        .last()
        .is_some_and(|above| says(above, &["scope"]))
    {
        draft.single("strategy", 0).add("scope", [name.as_str()]);
    }
    let tier = grid.cell(row, "tier");
    if !is_nothing(tier) {
        draft
            .named("component", &name, row.number)
            .set("priority", key(tier));
    }
    let objectives = ["rto", "rpo"].map(|field| seconds(grid.cell(row, field)));
    if is_nothing(tier) && objectives.iter().any(Option::is_some) {
        let tier = objectives
            .map(|span| span.map_or("open".to_owned(), spelled))
            .join("-");
        let tier = format!("rto-rpo-{tier}");
        spans(draft, grid, row, "tier", &tier, &["rto", "rpo"]);
        draft
            .named("component", &name, row.number)
            .set("tier", tier.as_str());
        let why = format!("components with the same objectives are put into one tier, `{tier}`");
        draft.guessed(row.number, grid.cell(row, "component"), &why);
    } else if objectives.iter().any(Option::is_some) {
        spans(draft, grid, row, "tier", &key(tier), &["rto", "rpo"]);
    }
    for needed in several(grid.cell(row, "depends_on")) {
        let needed = component(draft, needed, row.number);
        draft
            .named("component", &name, row.number)
            .add("depends_on", [needed.as_str()]);
    }
    for (field, cell) in [
        ("owner", grid.cell(row, "owner")),
        ("description", grid.cell(row, "description")),
    ] {
        if is_nothing(cell) {
            continue;
        }
        let value = if field == "owner" {
            key(cell)
        } else {
            cell.to_owned()
        };
        draft
            .named("component", &name, row.number)
            .set(field, value);
    }
    match amount(grid.cell(row, "size")) {
        Some(Amount::Size(size)) => {
            draft
                .named("component", &name, row.number)
                .set("size", size);
        }
        _ => left(draft, row, "size", grid.cell(row, "size")),
    }
}

/// Reads one backup of one component.
pub(super) fn backups(draft: &mut Draft, grid: &Grid, row: &Row) {
    let name = component(draft, grid.cell(row, "component"), row.number);
    let kind = grid.cell(row, "method");
    let (method, tool, sure) = method(kind);
    let every = grid.cell(row, "every");
    let entry = draft.listed("backup", row.number);
    entry.set("component", name.as_str());
    entry.set("method", method);
    entry.set_text("tool", tool);
    match cadence(every) {
        Some(Cadence::Continuous) => {
            entry.set("continuous", true);
        }
        Some(Cadence::Word(_, span) | Cadence::Every(span)) => {
            entry.set("every", spelled(span));
        }
        Some(Cadence::Cron(cron)) => {
            entry.set("cron", cron);
        }
        None => left(draft, row, "frequency", every),
    }
    if !sure {
        draft.guessed(
            row.number,
            kind,
            &format!("its method is taken for `{method}`"),
        );
    }
    retention(draft, grid.cell(row, "retention"), row);
    for (field, cell) in
        ["window", "duration", "copy_lag"].map(|field| (field, grid.cell(row, field)))
    {
        if let Some(span) = seconds(cell) {
            last_backup(draft, row).set(field, spelled(span));
        } else {
            left(draft, row, field, cell);
        }
    }
    if let Some(Amount::Size(size)) = amount(grid.cell(row, "size")) {
        last_backup(draft, row).set("size", size);
    }
    for place in several(grid.cell(row, "locations")) {
        let place = location(draft, place, row.number);
        last_backup(draft, row).add("locations", [place.as_str()]);
    }
}

fn retention(draft: &mut Draft, cell: &str, row: &Row) {
    if let Some(span) = seconds(cell) {
        last_backup(draft, row).set("retention", spelled(span));
    } else if says(
        cell,
        &[
            "indefinite*",
            "forever",
            "unlimited",
            "permanent*",
            "unbounded",
        ],
    ) {
        last_backup(draft, row).set("retention", "forever");
    } else {
        left(draft, row, "retention", cell);
    }
}

fn last_backup<'d>(draft: &'d mut Draft, row: &Row) -> &'d mut super::draft::Entry {
    let at = draft
        .entries
        .iter()
        .rposition(|entry| entry.head == "backup");
    match at {
        Some(at) => &mut draft.entries[at],
        None => draft.listed("backup", row.number),
    }
}

/// Reads where the backups of a component lie.
pub(super) fn locations(draft: &mut Draft, grid: &Grid, row: &Row) {
    let text = grid.cell(row, "component");
    let mut places = Vec::new();
    for field in ["primary", "secondary"] {
        for place in several(grid.cell(row, field)) {
            places.push(location(draft, place, row.number));
        }
    }
    let name = key(text);
    let mut count = 0;
    for entry in draft
        .entries
        .iter_mut()
        .filter(|entry| entry.head == "backup")
    {
        if entry.get("component").and_then(toml::Value::as_str) == Some(name.as_str()) {
            entry.add("locations", places.iter().map(String::as_str));
            count += 1;
        }
    }
    match count {
        0 => draft.not_placed(
            row.number,
            text,
            "no backup of this name is in the document; its locations belong to none",
        ),
        1 => {}
        _ => draft.guessed(
            row.number,
            text,
            &format!("the locations are taken for those of all {count} backups of `{name}`"),
        ),
    }
}

/// Reads how backups are verified.
pub(super) fn verifications(draft: &mut Draft, grid: &Grid, row: &Row) {
    let text = grid.cell(row, "check");
    let procedure = grid.cell(row, "procedure");
    let kind = super::recovery::exercise_kind(text);
    let entry = draft.listed("verification", row.number);
    entry.set("kind", kind.unwrap_or("completion"));
    entry.set_text("procedure", procedure);
    if says(procedure, &["automat*", "script*"]) {
        entry.set("automated", true);
    }
    match super::recovery::cadence_word(grid.cell(row, "every")) {
        Some(word) => {
            entry.set("every", word);
        }
        None => left(draft, row, "frequency", grid.cell(row, "every")),
    }
    if kind.is_none() {
        draft.guessed(row.number, text, "its kind is taken for `completion`");
    }
}

/// Returns the key of a component, which is begun if it is new.
pub(super) fn component(draft: &mut Draft, text: &str, line: usize) -> String {
    let (_, meaning) = explained(text);
    let name = key(text);
    let entry = draft.named("component", &name, line);
    entry.set_text("description", meaning.unwrap_or_default());
    name
}

/// Returns the key of a location, which is begun if it is new.
fn location(draft: &mut Draft, text: &str, line: usize) -> String {
    let (_, within) = explained(text);
    let mut name = key(text);
    let site = super::site(text);
    if let Some(within) = within {
        name = format!("{name}-{}", key(within));
    }
    let known = draft.has("location", &name);
    let entry = draft.named("location", &name, line);
    entry.set_text("description", text);
    if let Some(site) = site {
        entry.set("site", site);
    }
    if !known && site.is_none() {
        draft.guessed(
            line,
            text,
            &format!("the document does not say at which site `{name}` lies; it has none"),
        );
    }
    name
}

/// Sets the spans of an entry.
fn spans(
    draft: &mut Draft,
    grid: &Grid,
    row: &Row,
    head: &'static str,
    name: &str,
    fields: &[&str],
) {
    for field in fields {
        let cell = grid.cell(row, field);
        match seconds(cell) {
            Some(span) => {
                let span = spelled(span);
                if !draft
                    .named(head, name, row.number)
                    .set(field, span.as_str())
                {
                    let why =
                        format!("another place gives `{name}` another {field}; that one is kept");
                    draft.guessed(row.number, cell, &why);
                }
            }
            None => left(draft, row, field, cell),
        }
    }
}

/// Notes a cell that is not understood, if there is something in it.
pub(super) fn left(draft: &mut Draft, row: &Row, field: &str, cell: &str) {
    if !is_nothing(cell) {
        draft.not_placed(
            row.number,
            cell,
            &format!("it is no {field} that can be measured"),
        );
    }
}

/// Returns the method of a backup, the tool that its name tells, and whether that is sure.
fn method(text: &str) -> (&'static str, &str, bool) {
    for (words, method, is_tool) in [
        (
            &[
                "wal",
                "aof",
                "binlog",
                "oplog",
                "log",
                "logs",
                "archive",
                "archiving",
                "journal",
                "pitr",
            ][..],
            "log",
            true,
        ),
        (&["incremental", "differential"], "incremental", false),
        (&["full", "dump", "pg_dump", "mysqldump"], "full", false),
        (
            &["rdb", "velero", "snapshot", "snapshots", "image", "export"],
            "snapshot",
            true,
        ),
        (&["git", "repository", "registry"], "repository", true),
        (
            &["sync", "mirror", "mirroring", "bucket replication"],
            "sync",
            false,
        ),
        (
            &["replica", "replication", "standby", "streaming"],
            "replica",
            false,
        ),
    ] {
        if says(text, words) {
            let plain = says(
                text,
                &[
                    "log",
                    "snapshot",
                    "full",
                    "incremental",
                    "differential",
                    "sync",
                    "repository",
                ],
            );
            return (method, if is_tool && !plain { text } else { "" }, true);
        }
    }
    ("full", text, false)
}
