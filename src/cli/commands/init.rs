//! `drsync init`: a commented environment to start from, and what belongs around it.

use std::path::{Path, PathBuf};

use crate::cli::args::{Common, InitOptions, Schema};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::desired::Source;
use crate::policy::PolicySet;

use super::schema;

/// The files of a new environment, by path below it.
const FILES: [(&str, &str); 2] = [
    ("main.toml", include_str!("init/main.toml")),
    ("sandbox/world.toml", include_str!("init/world.toml")),
];

/// The schemas of what people write, which the first line of each file names.
const SCHEMAS: [(&str, Schema); 5] = [
    ("environment.json", Schema::Environment),
    ("policy.json", Schema::Policy),
    ("parity-rules.json", Schema::ParityRules),
    ("waivers.json", Schema::Waivers),
    ("world.json", Schema::World),
];

/// What Git must ignore: the sandbox, the applied record and the journal, and saved plans.
const IGNORED: [&str; 2] = [".drsync/", "*.plan"];

pub(crate) fn run(common: &Common, options: &InitOptions) -> Result<Exit, CliError> {
    let name = &options.name;
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !plain {
        return Err(CliError::Unknown(format!(
            "`{name}` is no name for a folder; use letters, digits, - and _"
        )));
    }
    let root = root(common);
    let folder = root.join("environments").join(name);
    if folder.exists() {
        return Err(CliError::Unknown(format!(
            "{} is there already; nothing was written",
            folder.display()
        )));
    }
    let mut lines = Vec::new();
    for (path, text) in FILES {
        lines.push(written(&write(&folder.join(path), text)?));
    }
    lines.extend(around(&root)?);
    lines.push(format!(
        "next: look at {}, then\n      drsync check --env {name}\n      drsync plan --env {name} --sandbox",
        folder.join(FILES[0].0).display()
    ));
    print::result(&lines.join("\n"));
    Ok(Exit::Success)
}

/// Returns where the other commands look: the given folder, the repository around this one, or this
/// one; relative if it is this one, since it is shown.
fn root(common: &Common) -> PathBuf {
    if let Some(root) = &common.root {
        return root.clone();
    }
    let around = Source::open(None, None).map(|source| source.root().to_owned());
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    match (around, here) {
        (Ok(around), Ok(here)) if around != here => around,
        _ => PathBuf::new(),
    }
}

/// Writes what all environments of a repository share, where it is not there already, and returns
/// a line for each file.
fn around(root: &Path) -> Result<Vec<String>, CliError> {
    let mut lines = Vec::new();
    let policies = root.join("policies");
    if policies.exists() {
        lines.push(format!("kept  {}", policies.display()));
    } else {
        let guards = write(&policies.join("guards.toml"), PolicySet::built_in())?;
        lines.push(written(&guards));
    }
    for (name, which) in SCHEMAS {
        let path = root.join("schemas").join(name);
        if path.exists() {
            lines.push(format!("kept  {}", path.display()));
        } else {
            lines.push(written(&write(&path, &schema::text(which)?)?));
        }
    }
    lines.extend(ignore(&root.join(".gitignore"))?);
    Ok(lines)
}

fn written(path: &Path) -> String {
    format!("wrote {}", path.display())
}

/// Adds to the file of what Git ignores, and returns what was added.
fn ignore(path: &Path) -> Result<Option<String>, CliError> {
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => {
            return Err(CliError::File {
                action: "read",
                path: path.to_owned(),
                source,
            });
        }
    };
    let has = |wanted: &str| {
        let bare = |line: &str| line.trim().trim_matches('/').to_owned();
        before.lines().any(|line| bare(line) == bare(wanted))
    };
    let missing: Vec<&str> = IGNORED.into_iter().filter(|line| !has(line)).collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let mut text = before.clone();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&missing.join("\n"));
    text.push('\n');
    std::fs::write(path, text).map_err(|source| CliError::File {
        action: "write",
        path: path.to_owned(),
        source,
    })?;
    Ok(Some(format!(
        "added {} to {}",
        missing.join(" and "),
        path.display()
    )))
}

/// Writes a file that is not there yet, and returns its path.
fn write(path: &Path, text: &str) -> Result<PathBuf, CliError> {
    use std::io::Write as _;
    let failed = |source| CliError::File {
        action: "write",
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::File::create_new(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(failed)?;
    Ok(path.to_owned())
}
