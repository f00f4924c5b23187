//! The text of an environment's files, and of the report.
//!
//! In: entries and notes. Out: TOML and Markdown. Must not know how they were found.

use std::fmt::Write as _;

use toml::Value;

use super::draft::{Certainty, Entry, Note};

/// The files with the heads that they hold, in the order in which they are read best.
const FILES: &[(&str, &[&str])] = &[
    (
        "main.toml",
        &[
            "environment",
            "site",
            "strategy",
            "tier",
            "component",
            "exclusion",
        ],
    ),
    ("backups.toml", &["location", "backup", "verification"]),
    (
        "failover.toml",
        &[
            "failover",
            "step",
            "capacity",
            "network",
            "exercise",
            "criterion",
        ],
    ),
    (
        "people.toml",
        &["role", "person", "vendor", "channel", "message"],
    ),
];

/// Heads whose tables have no name and come several times.
const LISTS: &[&str] = &["exclusion", "backup", "verification"];

/// Returns the files that hold something.
pub(super) fn files(entries: &[Entry], source: &str) -> Vec<(&'static str, String)> {
    let texts = FILES.iter().map(|(file, heads)| {
        let mut text = String::new();
        for head in *heads {
            for entry in entries.iter().filter(|entry| entry.head == *head) {
                self::entry(&mut text, entry, source);
            }
        }
        (*file, text)
    });
    texts.filter(|(_, text)| !text.is_empty()).collect()
}

// Writing to a String cannot fail.
fn entry(text: &mut String, entry: &Entry, source: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    if !entry.lines.is_empty() {
        let lines: Vec<String> = entry.lines.iter().map(usize::to_string).collect();
        let word = if lines.len() == 1 { "line" } else { "lines" };
        let _ = writeln!(text, "# {source}, {word} {}", lines.join(", "));
    }
    let _ = match &entry.name {
        Some(name) => writeln!(text, "[{}.{name}]", entry.head),
        None if LISTS.contains(&entry.head) => writeln!(text, "[[{}]]", entry.head),
        None => writeln!(text, "[{}]", entry.head),
    };
    for (field, value) in &entry.fields {
        let _ = writeln!(text, "{field} = {}", inline(value));
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            let pairs: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{key} = {}", inline(value)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

/// Returns the report as Markdown: first what is not in the files, then what was guessed.
pub(super) fn report(notes: &[Note], source: &str) -> String {
    let count = |certainty| {
        notes
            .iter()
            .filter(|note| note.certainty == certainty)
            .count()
    };
    let mut text = format!(
        "# What became of {source}\n\n{} understood, {} guessed, {} not placed. Every piece of the document stands in one of these lists.\n",
        count(Certainty::Understood),
        count(Certainty::Guessed),
        count(Certainty::NotPlaced),
    );
    for (certainty, title, empty) in [
        (
            Certainty::NotPlaced,
            "Not placed: in none of the files",
            "Nothing.",
        ),
        (
            Certainty::Guessed,
            "Guessed: read it before you trust it",
            "Nothing.",
        ),
        (Certainty::Understood, "Understood", "Nothing."),
    ] {
        let _ = write!(text, "\n## {title}\n\n");
        let mut of = notes
            .iter()
            .filter(|note| note.certainty == certainty)
            .peekable();
        if of.peek().is_none() {
            let _ = writeln!(text, "{empty}");
            continue;
        }
        text.push_str("| line | text | what became of it |\n|---|---|---|\n");
        for note in of {
            let _ = writeln!(
                text,
                "| {} | {} | {} |",
                note.line,
                cell(&note.text),
                cell(&note.because)
            );
        }
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
