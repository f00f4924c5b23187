//! The JSON schemas: as the program writes them today, true of every sample, and named by it.
//!
//! `DRSYNC_BLESS=1 cargo test --test it schemas` writes them anew.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Every schema that `drsync schema` prints.
const SCHEMAS: [&str; 9] = [
    "environment",
    "outcomes",
    "parity",
    "parity-rules",
    "plan",
    "policy",
    "record",
    "waivers",
    "world",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn drsync(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_drsync"))
        .args(arguments)
        .output()
        .unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = drsync(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns every TOML file below a folder, in a stable order.
fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Returns the schema that a file is read by, told by its place alone.
fn schema_of(path: &Path) -> &'static str {
    let is_in = |folder: &str| path.parent().unwrap().ends_with(folder);
    if is_in("policies") {
        "policy"
    } else if path.components().any(|step| step.as_os_str() == "records") {
        "record"
    } else if is_in("policies/parity") {
        "parity-rules"
    } else if is_in("sandbox") {
        "world"
    } else if path.ends_with("waivers.toml") {
        "waivers"
    } else {
        "environment"
    }
}

/// Returns what a value breaks of a schema, or nothing.
fn faults(schema: &str, value: &Value) -> Option<String> {
    let location = format!("file:///{schema}.json");
    let text = std::fs::read_to_string(root().join(format!("schemas/{schema}.json"))).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler
        .add_resource(&location, serde_json::from_str(&text).unwrap())
        .unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile(&location, &mut schemas).unwrap();
    schemas
        .validate(value, index)
        .err()
        .map(|error| format!("{error:#}"))
}

fn parse(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Checks that a file names its schema, and that the schema is true of it.
fn check(path: &Path) {
    let shown = path.display();
    let text = std::fs::read_to_string(path).unwrap();
    let first = text.lines().next().unwrap_or_default();
    let named = first
        .strip_prefix("#:schema ")
        .unwrap_or_else(|| panic!("{shown}: its first line names no schema"));
    let named = path.parent().unwrap().join(named).canonicalize().unwrap();
    let schema = schema_of(path);
    assert!(
        named.ends_with(format!("schemas/{schema}.json")),
        "{shown} names {}",
        named.display()
    );
    if let Some(faults) = faults(schema, &parse(path)) {
        panic!("{shown}: {faults}");
    }
}

#[test]
fn schemas_are_as_the_program_writes_them() {
    let mut stale = Vec::new();
    for schema in SCHEMAS {
        let path = root().join(format!("schemas/{schema}.json"));
        let text = printed(&["schema", schema]);
        if std::fs::read_to_string(&path).unwrap_or_default() != text {
            if std::env::var_os("DRSYNC_BLESS").is_some() {
                std::fs::write(&path, text).unwrap();
            } else {
                stale.push(schema);
            }
        }
    }
    assert!(
        stale.is_empty(),
        "stale: {stale:?}; DRSYNC_BLESS=1 writes them anew"
    );
}

#[test]
fn samples_name_their_schema_and_keep_to_it() {
    let samples = ["environments", "policies"].map(|folder| toml_files(&root().join(folder)));
    let samples = samples.concat();
    assert!(samples.len() >= 6, "{samples:?}");
    for path in samples {
        check(&path);
    }
}

#[test]
fn what_init_writes_keeps_to_the_schemas_that_it_writes() {
    let folder = tempfile::tempdir().unwrap();
    printed(&["init", "shop", "--root", folder.path().to_str().unwrap()]);
    let written = toml_files(folder.path());
    assert_eq!(written.len(), 3, "{written:?}");
    for path in written {
        check(&path);
    }
}

/// The JSON of a run on the sample is what the schemas of the output say.
#[test]
fn outputs_keep_to_their_schemas() {
    let folder = tempfile::tempdir().unwrap();
    copy(
        &root().join("environments"),
        &folder.path().join("environments"),
    );
    copy(&root().join("policies"), &folder.path().join("policies"));
    let place = folder.path().to_str().unwrap();
    let run = |command: &[&str]| {
        let common = [
            "--root",
            place,
            "--env",
            "foundry",
            "--sandbox",
            "--format",
            "json",
        ];
        let text = printed(&[command, &common].concat());
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let plan = run(&["plan"]);
    assert_eq!(faults("plan", &plan), None);
    assert!(plan["changes"].as_array().unwrap().len() > 20);
    let digest = plan["digest"].as_str().unwrap();
    let outcomes = run(&["apply", "--expect-digest", digest]);
    assert_eq!(faults("outcomes", &outcomes), None);
    let drift = run(&["drift"]);
    assert_eq!(faults("plan", &drift), None);
    assert_eq!(drift["changes"].as_array().unwrap().len(), 0);
}

fn copy(from: &Path, to: &Path) {
    for path in toml_files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    }
}
