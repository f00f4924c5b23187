//! `drsync init`: a commented environment to start from.

use std::path::Path;

use crate::cli::args::{Common, InitOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::policy::PolicySet;

/// The files of a new environment, by path below it.
const FILES: [(&str, &str); 2] = [
    ("main.toml", include_str!("init/main.toml")),
    ("sandbox/world.toml", include_str!("init/world.toml")),
];

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
    let root = common
        .root
        .clone()
        .unwrap_or_else(|| Path::new(".").to_owned());
    let folder = root.join("environments").join(name);
    if folder.exists() {
        return Err(CliError::Unknown(format!(
            "{} is there already; nothing was written",
            folder.display()
        )));
    }
    for (path, text) in FILES {
        write(&folder.join(path), text)?;
    }
    let policies = root.join("policies");
    if !policies.exists() {
        write(&policies.join("guards.toml"), PolicySet::built_in())?;
    }
    print::result(&format!(
        "started {}\nnext: drsync check --env {name}\n      drsync plan --env {name} --sandbox",
        folder.display()
    ));
    Ok(Exit::Success)
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
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
        .map_err(failed)
}
