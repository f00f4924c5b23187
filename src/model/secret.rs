//! A reference to a secret: where it is kept, never what it is.

use std::fmt;
use std::path::PathBuf;

use super::{Map, Value};

/// Where a secret is kept; only the room that connects reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretRef {
    /// In a variable of the process's environment.
    Env(String),
    /// In a file.
    File(PathBuf),
}

impl SecretRef {
    /// Returns the reference that a table `{ env = ... }` or `{ file = ... }` makes.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        let table = value.as_map()?;
        match (table.text("env"), table.text("file")) {
            (Some(name), None) => Some(Self::Env(name.to_owned())),
            (None, Some(path)) => Some(Self::File(path.into())),
            _ => None,
        }
    }

    /// Returns the reference under a key of a table.
    #[must_use]
    pub fn at(map: &Map, key: &str) -> Option<Self> {
        map.get(key).and_then(Self::of)
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}
