//! The reader: looks at the state without a lock and changes nothing.
//!
//! In: a folder. Out: the applied record and what a crash left pending. The record is replaced in
//! one step, so a reader sees the one from before or after a write, never a mixture.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::applied::Unreadable;
use super::files::{self, failed};
use super::journal::Journal;
use super::{AppliedRecord, Pending, StateError};

/// Reads the state.
#[derive(Clone, Debug)]
pub struct StateReader {
    folder: PathBuf,
}

impl StateReader {
    /// Opens the state in a folder. A folder that is not there yet is an empty state.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        match std::fs::metadata(folder) {
            Ok(metadata) if !metadata.is_dir() => {
                Err(failed("open", folder)(ErrorKind::NotADirectory.into()))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("open", folder)(error)),
            _ => Ok(Self {
                folder: folder.to_owned(),
            }),
        }
    }

    /// Returns the applied record; none if nothing was ever applied.
    pub fn applied(&self) -> Result<Option<AppliedRecord>, StateError> {
        read_applied(&self.folder)
    }

    /// Returns what a run left behind that did not come to its end. While an apply is running,
    /// that is the batch in flight.
    pub fn pending(&self) -> Result<Pending, StateError> {
        Ok(Journal::read(&self.folder.join(files::JOURNAL))?.into_pending())
    }
}

/// Reads the applied record of a folder.
pub(super) fn read_applied(folder: &Path) -> Result<Option<AppliedRecord>, StateError> {
    let path = folder.join(files::APPLIED);
    let Some(bytes) = files::read(&path)? else {
        return Ok(None);
    };
    match AppliedRecord::from_bytes(&bytes) {
        Ok(record) => Ok(Some(record)),
        Err(Unreadable::Format(version)) => Err(StateError::Format { path, version }),
        Err(Unreadable::Json(source)) => Err(StateError::Malformed {
            line: source.line(),
            path,
            source,
        }),
    }
}
