//! Documents of several shapes, read whole.

use std::collections::BTreeSet;

use super::*;

/// The documents: tables under the usual headings; one table by service with key-value lines; other
/// words and units, one table on its side.
const DOCUMENTS: [(&str, &str); 3] = [
    (
        "tables.md",
        include_str!("../../../tests/strategies/tables.md"),
    ),
    (
        "services.md",
        include_str!("../../../tests/strategies/services.md"),
    ),
    (
        "transposed.md",
        include_str!("../../../tests/strategies/transposed.md"),
    ),
];

/// Returns the lines of a document that say something by themselves: no headings below the title,
/// no fences, no headers of tables.
fn lines(text: &str) -> BTreeSet<usize> {
    let all: Vec<&str> = text.lines().map(str::trim).collect();
    let is_rule = |line: Option<&&str>| line.is_some_and(|line| line.starts_with("|---"));
    let fenced = |at: usize| {
        all[..at]
            .iter()
            .filter(|line| line.starts_with("```"))
            .count()
            % 2
            == 1
    };
    let says = |at: usize| {
        let line = all[at];
        line.chars().any(char::is_alphanumeric)
            && !line.starts_with("##")
            && !line.starts_with("```")
            && !fenced(at)
            && !is_rule(all.get(at + 1))
    };
    (0..all.len())
        .filter(|at| says(*at))
        .map(|at| at + 1)
        .collect()
}

#[test]
fn nothing_is_dropped() {
    for (name, text) in DOCUMENTS {
        let made = strategy(text, name, "plan");
        let noted: BTreeSet<usize> = made.notes.iter().map(|note| note.line).collect();
        // A table that was turned has all its notes at its header.
        let turned = text
            .lines()
            .position(|line| line.starts_with("| | Gold"))
            .map(|at| at + 3..at + 7);
        let missed: Vec<usize> = lines(text)
            .difference(&noted)
            .copied()
            .filter(|line| !turned.as_ref().is_some_and(|rows| rows.contains(line)))
            .collect();
        assert_eq!(missed, [0; 0], "{name}");
        for note in &made.notes {
            assert!(
                made.report.contains(&format!("| {} | ", note.line)),
                "{note:?}"
            );
        }
    }
}

#[test]
fn the_files_are_toml() {
    for (name, text) in DOCUMENTS {
        for (file, text) in strategy(text, name, "plan").files {
            let parsed: Result<toml::Table, _> = text.parse();
            assert!(parsed.is_ok(), "{name}: {file}: {parsed:?}");
        }
    }
}

#[test]
fn each_document_is_read_as_a_person_would() {
    for (name, text) in DOCUMENTS {
        let made = strategy(text, name, "plan");
        let files: Vec<String> = made
            .files
            .iter()
            .map(|(file, text)| format!("### {file}\n{text}"))
            .collect();
        insta::assert_snapshot!(
            name.trim_end_matches(".md"),
            format!("{}\n{}", made.report, files.join("\n"))
        );
    }
}

#[test]
fn a_paragraph_is_kept_in_the_report() {
    let made = strategy("# Plan\n\nWe are careful.\n", "plan.md", "plan");
    assert_eq!(made.notes[1].certainty, Certainty::NotPlaced);
    assert!(made.report.contains("We are careful."));
}
