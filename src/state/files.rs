//! Files of the store: their names, their modes, and how one is replaced so that a crash leaves
//! the old or the new one, never half.
//!
//! In: paths and bytes. Out: bytes on disk, durable when a function returns.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::StateError;

/// The applied record.
pub(super) const APPLIED: &str = "applied.json";
/// The journal.
pub(super) const JOURNAL: &str = "journal.jsonl";
/// The plans that were used.
pub(super) const SPENT: &str = "spent.jsonl";
/// The lock. It is never removed: a new file under the same name would be a second lock.
pub(super) const LOCK: &str = "lock";
/// How the name of a file begins that is not in its place yet.
const UNFINISHED: &str = ".unfinished-";

/// Only the owner may look inside: the record names everything that protects the platform.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Returns a closure that says what was tried on a path when it fails.
pub(super) fn failed(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> StateError + use<> {
    let path = path.to_owned();
    move |source| StateError::Io {
        action,
        path,
        source,
    }
}

/// Makes a folder that only the owner can enter, unless there is one.
pub(super) fn make_folder(folder: &Path) -> Result<(), StateError> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(folder)
        .map_err(failed("make the folder", folder))
}

/// Opens a file for reading and writing; makes it, for the owner alone, if there is none.
pub(super) fn open(path: &Path) -> Result<File, StateError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)
        .map_err(failed("open", path))
}

/// Returns the bytes of a file, or none if there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StateError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed("sync the folder", folder))
}

/// Puts bytes in the place of a file.
///
/// They are complete and durable under another name before they take the place in one step, and
/// the step is durable when this returns.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StateError> {
    let path = folder.join(name);
    let mut unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(folder)
        .map_err(failed("make a file in", folder))?;
    unfinished
        .write_all(bytes)
        .and_then(|()| unfinished.as_file().sync_all())
        .map_err(failed("write", unfinished.path()))?;
    unfinished
        .persist(&path)
        .map_err(|error| failed("replace", &path)(error.error))?;
    sync_folder(folder)
}

/// Removes what a crash left unfinished.
pub(super) fn sweep(folder: &Path) -> Result<(), StateError> {
    for path in list(folder)? {
        if name_of(&path).starts_with(UNFINISHED) {
            std::fs::remove_file(&path).map_err(failed("remove", &path))?;
        }
    }
    Ok(())
}

/// Returns the paths in a folder.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, StateError> {
    std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(failed("list", folder))
}

/// Returns the name of a file, or an empty text if it is not text and so none of ours.
pub(super) fn name_of(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}
