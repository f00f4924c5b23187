//! A local folder as a store.
//!
//! In: a path. Out: a store whose objects are files, replaced so that a crash leaves the old or
//! the new one, never half. A put is compared and swapped under a short lock of the operating
//! system; another such lock, held as long as a run lives, tells that it is alive.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Expect, Hold, Store, StoreError, Stored, Tag};
use crate::model::Digest;

/// The file whose lock says that a run is alive. It is never removed: a new file under the same
/// name would be a second lock.
const ALIVE: &str = "lock";
/// The file whose lock guards one put.
const GUARD: &str = ".guard";
/// How the name of a file begins that is not in its place yet.
const UNFINISHED: &str = ".unfinished-";
/// Only the owner may look inside: the record names everything that protects the platform.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
/// How often, and with what pause, a put waits for another: each takes milliseconds, unless its
/// process was stopped in the middle of it.
const GUARD_PATIENCE: (u32, Duration) = (500, Duration::from_millis(10));

/// A store in a local folder, which is made at the first put.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens a folder, which need not be there yet.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let folder = Self {
            path: path.to_owned(),
        };
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_dir() => {
                Err(folder.failed("open", "", ErrorKind::NotADirectory.into()))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(folder.failed("open", "", error))
            }
            _ => Ok(folder),
        }
    }

    fn failed(&self, action: &'static str, name: &str, source: io::Error) -> StoreError {
        StoreError::Failed {
            action,
            name: if name.is_empty() { "the folder" } else { name }.to_owned(),
            place: self.place(),
            source: source.into(),
        }
    }

    fn read(&self, name: &str) -> Result<Option<Stored>, StoreError> {
        match std::fs::read(self.path.join(name)) {
            Ok(bytes) => Ok(Some(Stored {
                tag: tag(&bytes),
                bytes: bytes.into(),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed("read", name, error)),
        }
    }

    /// Waits for the lock that guards a put.
    async fn guard(&self) -> Result<File, StoreError> {
        let file =
            open(&self.path.join(GUARD)).map_err(|error| self.failed("open", GUARD, error))?;
        let (times, pause) = GUARD_PATIENCE;
        for _ in 0..times {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(pause).await,
                Err(TryLockError::Error(error)) => return Err(self.failed("lock", GUARD, error)),
            }
        }
        let stopped = io::Error::new(
            ErrorKind::TimedOut,
            "another process is in the middle of a write and does not go on; end it",
        );
        Err(self.failed("lock", GUARD, stopped))
    }

    /// Makes a folder that only the owner can enter, unless there is one.
    fn make(&self, name: &str) -> Result<PathBuf, StoreError> {
        let target = self.path.join(name);
        let parent = target.parent().unwrap_or(&self.path);
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(parent)
            .map_err(|error| self.failed("make the folder of", name, error))?;
        Ok(parent.to_owned())
    }

    /// Puts bytes in the place of a file.
    ///
    /// They are complete and durable under another name before they take the place in one step,
    /// and the step is durable when this returns.
    fn replace(&self, folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut unfinished = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(folder)?;
        unfinished.write_all(bytes)?;
        unfinished.as_file().sync_all()?;
        unfinished
            .persist(self.path.join(name))
            .map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    }

    /// Removes what a crash left unfinished; called under the guard, so nobody is at it.
    fn sweep(folder: &Path) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Folder {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    async fn get(&self, name: &str) -> Result<Option<Stored>, StoreError> {
        self.read(name)
    }

    async fn put(&self, name: &str, bytes: Bytes, expect: &Expect) -> Result<Tag, StoreError> {
        let folder = self.make(name)?;
        let _guard = self.guard().await?;
        let holds = match expect {
            Expect::Anything => true,
            Expect::Absent => self.read(name)?.is_none(),
            Expect::Tag(tag) => self.read(name)?.is_some_and(|found| found.tag == *tag),
        };
        if !holds {
            return Err(StoreError::Conflict {
                name: name.to_owned(),
            });
        }
        Self::sweep(&folder)
            .and_then(|()| self.replace(&folder, name, &bytes))
            .map_err(|error| self.failed("write", name, error))?;
        Ok(tag(&bytes))
    }

    async fn hold(&self) -> Result<Hold, StoreError> {
        self.make(ALIVE)?;
        let file =
            open(&self.path.join(ALIVE)).map_err(|error| self.failed("open", ALIVE, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Hold::Ours(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(Hold::Taken),
            Err(TryLockError::Error(error)) => Err(self.failed("lock", ALIVE, error)),
        }
    }
}

/// The version of a file: what is in it. Everything that is put holds a number that grows, so the
/// same bytes never come back.
fn tag(bytes: &[u8]) -> Tag {
    Tag(Digest::of_bytes(bytes).to_string())
}

/// Opens a file for reading and writing; makes it, for the owner alone, if there is none.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)
}
