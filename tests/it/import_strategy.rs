//! `drsync import strategy` as a process: documents become environments that `drsync check` reads.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn drsync(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_drsync"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/strategies")
        .join(name)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the names of what lies in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn an_imported_document_is_an_environment() {
    let folder = tempfile::tempdir().unwrap();
    git2::Repository::init(folder.path()).unwrap();
    for name in ["tables", "services", "transposed"] {
        let out = format!("environments/{name}");
        let file = document(&format!("{name}.md"));
        let made = drsync(
            folder.path(),
            &["import", "strategy", file.to_str().unwrap(), "--out", &out],
        );
        assert!(made.status.success(), "{}", text(&made.stderr));
        let report =
            std::fs::read_to_string(folder.path().join(&out).join("import-report.md")).unwrap();
        assert!(report.contains("Not placed"), "{report}");
        // What the document gets wrong are findings of the strategy; that it cannot be read is none.
        let checked = drsync(folder.path(), &["check", "--env", name, "--format", "json"]);
        let found = text(&checked.stdout);
        let found: serde_json::Value = serde_json::from_str(&found).unwrap();
        let codes: Vec<&str> = found["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["code"].as_str().unwrap())
            .collect();
        for code in [
            "unknown-key",
            "wrong-type",
            "bad-choice",
            "bad-text",
            "bad-name",
            "bad-duration",
            "missing-field",
            "unknown-reference",
            "unknown-tier",
            "duplicate-key",
            "syntax",
        ] {
            assert!(!codes.contains(&code), "{name}: {codes:?}");
        }
    }
    assert_eq!(
        names(&folder.path().join("environments")),
        ["services", "tables", "transposed"]
    );
}

#[test]
fn nothing_is_overwritten_or_half_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("there")).unwrap();
    std::fs::write(folder.path().join("latin.md"), b"# Caf\xe9\n").unwrap();
    let file = document("tables.md");
    let file = file.to_str().unwrap();
    for (arguments, wanted) in [
        (
            ["import", "strategy", file, "--out", "there"],
            "is there already",
        ),
        (
            ["import", "strategy", "none.md", "--out", "new"],
            "cannot read none.md",
        ),
        (
            ["import", "strategy", "latin.md", "--out", "new"],
            "cannot read latin.md",
        ),
    ] {
        let output = drsync(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(wanted), "{said}");
    }
    assert_eq!(names(folder.path()), ["latin.md", "there"]);
    assert!(names(&folder.path().join("there")).is_empty());
}
