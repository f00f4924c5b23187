//! A file of JSON lines that only grows, and what a crash while writing leaves of it.
//!
//! In: a path and values. Out: values with their line numbers; a line is durable when `append`
//! returns. A line is complete when its line feed is there: what comes after the last line feed
//! was never acknowledged, so it is torn off and reported. Must not know what the lines mean.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StateError;
use super::files::{self, failed};

/// The lines of a file.
#[derive(Debug)]
pub(super) struct Lines<T> {
    /// Each complete line; the first is line 1.
    pub(super) complete: Vec<T>,
    /// The number of the last line, if it is torn.
    pub(super) torn: Option<usize>,
    /// How many bytes the complete lines take.
    bytes: u64,
}

/// Reads a file; one that is not there has no lines.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Lines<T>, StateError> {
    let content = files::read(path)?.unwrap_or_default();
    let end = content
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let complete = content[..end]
        .split_inclusive(|byte| *byte == b'\n')
        .zip(1..)
        .map(|(line, number)| {
            serde_json::from_slice(line).map_err(|source| StateError::Malformed {
                path: path.to_owned(),
                line: number,
                source,
            })
        })
        .collect::<Result<Vec<T>, StateError>>()?;
    Ok(Lines {
        torn: (end < content.len()).then_some(complete.len() + 1),
        complete,
        bytes: end as u64,
    })
}

/// A file that lines are added to; only the holder of the lock has one.
#[derive(Debug)]
pub(super) struct Appender<T> {
    path: PathBuf,
    file: File,
    line: PhantomData<fn(&T)>,
}

impl<T: Serialize> Appender<T> {
    /// Opens a file whose lines were read, and cuts a torn line off.
    pub(super) fn open(path: &Path, lines: &Lines<T>) -> Result<Self, StateError> {
        let mut file = files::open(path)?;
        file.set_len(lines.bytes)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .and_then(|_| file.sync_all())
            .map_err(failed("open", path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            line: PhantomData,
        })
    }

    /// Adds a line.
    ///
    /// One that fails halfway is taken back, so that the next one does not continue it.
    pub(super) fn append(&mut self, value: &T) -> Result<(), StateError> {
        let mut line = serde_json::to_vec(value).map_err(|source| StateError::Unstorable {
            path: self.path.clone(),
            source,
        })?;
        line.push(b'\n');
        let start = self
            .file
            .stream_position()
            .map_err(failed("write", &self.path))?;
        let written = self
            .file
            .write_all(&line)
            .and_then(|()| self.file.sync_data());
        if written.is_err() {
            self.file
                .set_len(start)
                .and_then(|()| self.file.seek(SeekFrom::Start(start)))
                .map_err(failed("take back a line of", &self.path))?;
        }
        written.map_err(failed("write", &self.path))
    }
}

impl<T> Lines<T> {
    /// Returns how many bytes the complete lines take.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
}
