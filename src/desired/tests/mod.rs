//! Tests of the whole way from texts to the desired state.

mod connections;
mod documents;
mod entries;
mod kinds;
mod schemas;
mod sources;
mod strategy;
mod values;

use super::files::Folder;
use super::load::{Loaded, from_texts};
use super::pieces::PIECE;
use super::source::Origin;
use crate::model::Finding;

/// The head of most documents: an account for everything, and two sites.
const HEAD: &str = r#"
[global.aws]
account = "123456789012"
[site.frankfurt]
role = "primary"
aws = { account = "123456789012", region = "eu-central-1" }
[site.ireland]
role = "dr"
aws = { account = "123456789012", region = "eu-west-1" }
"#;

/// Loads files, by path and text.
fn load(files: &[(&str, &str)]) -> Loaded {
    load_in_pieces(files, PIECE)
}

/// Loads files, by path and text, in pieces of a size.
fn load_in_pieces(files: &[(&str, &str)], piece: usize) -> Loaded {
    let folder = Folder {
        files: files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect(),
        refused: Vec::new(),
    };
    from_texts(folder, "test", Origin::default(), kinds::KINDS, piece)
}

/// Loads one text below the usual head.
fn load_text(text: &str) -> Loaded {
    load(&[("head.toml", HEAD), ("x.toml", text)])
}

/// Shows each finding on a line: code, places, message and help.
fn show(loaded: &Loaded) -> String {
    let line = |finding: &Finding| {
        let mut line = finding.code.clone().into_owned();
        for label in &finding.labels {
            let at = loaded.sources.locate(label.span);
            line.extend([
                " ",
                &at.file,
                ":",
                &at.line.to_string(),
                ":",
                &at.column.to_string(),
            ]);
        }
        line.extend([" ", &finding.message]);
        if !finding.help.is_empty() {
            line.extend([" (", &finding.help, ")"]);
        }
        line + "\n"
    };
    loaded.findings.iter().map(line).collect()
}

/// Asserts that a text below the usual head gives exactly these findings.
#[track_caller]
fn finds(text: &str, expected: &str) {
    let loaded = load_text(text);
    assert_eq!(show(&loaded).trim(), expected.trim());
    assert_eq!(loaded.desired.is_none(), !expected.trim().is_empty());
}
