//! One environment in a repository of its own, and drsync run on it as a process.
//!
//! Nothing that drsync prints may hold one of the bench's passwords.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::patroni::{PASSWORD, REST};

/// A repository with the environment `orders`.
pub(crate) struct Story {
    folder: TempDir,
}

impl Story {
    /// Declares an environment, and commits it: nothing else is applied.
    pub(crate) fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init(folder.path()).unwrap();
        let environment = folder.path().join("environments/orders");
        std::fs::create_dir_all(&environment).unwrap();
        std::fs::write(environment.join("main.toml"), text).unwrap();
        let mut index = repository.index().unwrap();
        index
            .add_all(["*.toml"], git2::IndexAddOption::DEFAULT, None)
            .unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let who = git2::Signature::now("Ada", "ada@example.com").unwrap();
        repository
            .commit(Some("HEAD"), &who, &who, "declare", &tree, &[])
            .unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_drsync"))
            .args(arguments)
            .args(["--env", "orders"])
            .current_dir(self.path())
            .env("PATRONI_PASSWORD", REST.1)
            .output()
            .unwrap();
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            for secret in [REST.1, PASSWORD] {
                assert!(!said.contains(secret), "a password is printed");
            }
        }
        output
    }

    /// What a command says as JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str], exit: i32) -> Value {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(exit), "{text}\n{errors}");
        serde_json::from_str(&text).unwrap()
    }

    /// Applies what is planned now, and returns what was printed.
    #[track_caller]
    pub(crate) fn apply(&self) -> String {
        let plan = self.json(&["plan"], 0);
        let digest = plan["digest"].as_str().unwrap();
        let output = self.run(&["apply", "--expect-digest", digest]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        format!("{}{errors}", String::from_utf8_lossy(&output.stdout))
    }
}

/// The differing fields of one list of a report, each with its object.
pub(crate) fn fields(report: &Value, list: &str) -> Vec<String> {
    let mut fields = Vec::new();
    for entry in report[list].as_array().unwrap() {
        let address = entry["address"].as_str().unwrap();
        for field in entry["fields"].as_array().unwrap() {
            fields.push(format!("{address}{}", field["path"].as_str().unwrap()));
        }
    }
    fields
}

/// What was measured of an object.
#[track_caller]
pub(crate) fn fact(report: &Value, address: &str, name: &str) -> Value {
    let facts = report["facts"].as_array().unwrap();
    let found = facts
        .iter()
        .find(|fact| fact["address"] == address && fact["name"] == name);
    found.unwrap_or_else(|| panic!("{address}: {name}: {facts:?}"))["value"].clone()
}
