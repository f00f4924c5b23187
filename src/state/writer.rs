//! The writer: exists while its lock is held, and makes each thing durable before it returns.
//!
//! In: a folder and an owner. Out: a changed applied record, journal lines, used plans. The lock is
//! the operating system's, so a run that dies lets go of it.

use std::fs::{File, TryLockError};
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::{self, failed};
use super::journal::{Journal, Line};
use super::lines::Appender;
use super::reader::read_applied;
use super::{
    Applied, AppliedRecord, BatchOutcome, Holder, JournalBatch, JournalEntry, Owner, Pending,
    StateError, lines,
};
use crate::model::Address;

/// A journal of more bytes than this is put aside at the beginning of a run.
const ROTATE_ABOVE: u64 = 1024 * 1024;

/// A plan that was used.
#[derive(Debug, Serialize, Deserialize)]
struct Spent {
    plan_id: String,
    at: Timestamp,
}

/// Writes the state; there is at most one for a folder at a time.
#[derive(Debug)]
pub struct StateWriter {
    folder: PathBuf,
    record: AppliedRecord,
    journal: Appender<Line>,
    last_id: u64,
    pending: Pending,
    spent: Vec<Spent>,
    spent_log: Appender<Spent>,
    // Last, so that it is let go of after everything else is closed.
    lock: File,
}

impl StateWriter {
    /// Takes the lock of the state in a folder, which is made if it is not there.
    ///
    /// A torn last line is cut off and what a crash left unfinished is removed.
    pub fn lock(folder: &Path, owner: &Owner) -> Result<Self, StateError> {
        files::make_folder(folder)?;
        let lock = take_lock(&folder.join(files::LOCK), owner)?;
        files::sweep(folder)?;
        let record = read_applied(folder)?.unwrap_or_default();
        let mut journal = Journal::read(&folder.join(files::JOURNAL))?;
        if journal.lines.bytes() > ROTATE_ABOVE && journal.pending.is_empty() {
            journal = put_aside(folder, &journal)?;
        }
        let spent = lines::read(&folder.join(files::SPENT))?;
        let writer = Self {
            record,
            journal: Appender::open(&folder.join(files::JOURNAL), &journal.lines)?,
            last_id: journal.last_id,
            pending: journal.into_pending(),
            spent_log: Appender::open(&folder.join(files::SPENT), &spent)?,
            spent: spent.complete,
            lock,
            folder: folder.to_owned(),
        };
        files::sync_folder(folder)?;
        Ok(writer)
    }

    /// Returns the applied record as it stands.
    #[must_use]
    pub const fn applied(&self) -> &AppliedRecord {
        &self.record
    }

    /// Returns what the run before this one left behind.
    #[must_use]
    pub const fn pending(&self) -> &Pending {
        &self.pending
    }

    /// Records what was applied to objects; none for those that are managed no longer.
    ///
    /// If writing fails, the changes stay in memory, and the next call writes them too: what was
    /// applied was applied.
    pub fn record(&mut self, changes: Vec<(Address, Option<Applied>)>) -> Result<(), StateError> {
        for (address, applied) in changes {
            self.record.set(address, applied);
        }
        let bytes = self
            .record
            .to_bytes()
            .map_err(|source| StateError::Unstorable {
                path: self.folder.join(files::APPLIED),
                source,
            })?;
        files::replace(&self.folder, files::APPLIED, &bytes)
    }

    /// Writes down that a batch is about to be sent, and returns its number.
    pub fn journal_begin(
        &mut self,
        batch: &JournalBatch,
        now: Timestamp,
    ) -> Result<u64, StateError> {
        let id = self.last_id + 1;
        self.journal.append(&Line::Begin(JournalEntry {
            id,
            at: now,
            batch: batch.clone(),
        }))?;
        self.last_id = id;
        Ok(id)
    }

    /// Writes down what became of a batch, of this run or of one that was left pending.
    pub fn journal_end(
        &mut self,
        id: u64,
        outcome: BatchOutcome,
        now: Timestamp,
    ) -> Result<(), StateError> {
        self.journal.append(&Line::End {
            id,
            at: now,
            outcome,
        })?;
        self.pending.batches.retain(|entry| entry.id != id);
        Ok(())
    }

    /// Uses a plan up: refuses one that was used, and remembers this one.
    pub fn spend(&mut self, plan_id: &str, now: Timestamp) -> Result<(), StateError> {
        if let Some(spent) = self.spent.iter().find(|spent| spent.plan_id == plan_id) {
            return Err(StateError::Spent {
                plan_id: spent.plan_id.clone(),
                at: spent.at,
            });
        }
        let spent = Spent {
            plan_id: plan_id.to_owned(),
            at: now,
        };
        self.spent_log.append(&spent)?;
        self.spent.push(spent);
        Ok(())
    }
}

impl Drop for StateWriter {
    fn drop(&mut self) {
        // Closing the file lets go of the lock; a name that stays behind would only mislead.
        let _ = self.lock.set_len(0);
    }
}

fn take_lock(path: &Path, owner: &Owner) -> Result<File, StateError> {
    let mut file = files::open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StateError::Locked {
                holder: read_holder(path)?,
            });
        }
        Err(TryLockError::Error(error)) => return Err(failed("lock", path)(error)),
    }
    let name = serde_json::to_vec(owner).map_err(|source| StateError::Unstorable {
        path: path.to_owned(),
        source,
    })?;
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(&name))
        .map_err(failed("write", path))?;
    Ok(file)
}

fn read_holder(path: &Path) -> Result<Holder, StateError> {
    let name = files::read(path)?.unwrap_or_default();
    Ok(serde_json::from_slice(&name).map_or(Holder::Unnamed, Holder::Known))
}

/// Puts a journal aside under the last number in it, and begins a new one that goes on counting.
fn put_aside(folder: &Path, journal: &Journal) -> Result<Journal, StateError> {
    let path = folder.join(files::JOURNAL);
    let aside = format!("journal-{}.jsonl", journal.last_id);
    // A copy first: at no moment is there no journal, and doing it twice does no harm.
    files::replace(folder, &aside, &files::read(&path)?.unwrap_or_default())?;
    let mut first = serde_json::to_vec(&Line::Continues(journal.last_id)).map_err(|source| {
        StateError::Unstorable {
            path: path.clone(),
            source,
        }
    })?;
    first.push(b'\n');
    files::replace(folder, files::JOURNAL, &first)?;
    Journal::read(&path)
}
