//! The journal: a line before each batch is written to a service and a line after.
//!
//! In: batches and their outcomes. Out: the batches that were begun and not ended, which a crash
//! leaves behind and the next run must look at. The whole journal is put anew for each line, so that
//! one conditional write makes the line durable and keeps an earlier holder out. Must not know what the batches hold beyond
//! addresses and digests.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::format::{self, FORMAT_VERSION};
use super::{Holder, Owner, StateError};
use crate::model::{Action, Address, Change, Digest};

/// The name of the journal in a store.
pub(super) const JOURNAL: &str = "journal.jsonl";

/// One change of a batch, without its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalItem {
    /// The object.
    pub address: Address,
    /// What happens to it.
    pub action: Action,
    /// The precondition: the digest of the observed fields; none if the object was absent.
    pub observed: Option<Digest>,
    /// The digest of the fields that it is to have.
    pub desired: Digest,
    /// For how many seconds readers may keep what was there before, if the run dies before it can
    /// record that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_lifetime: Option<i64>,
}

impl JournalItem {
    /// Returns the item of a change.
    #[must_use]
    pub fn of(change: &Change, old_lifetime: Option<i64>) -> Self {
        Self {
            address: change.address().clone(),
            action: change.action,
            observed: change.observed.clone(),
            desired: Digest::of(&change.object.fields),
            old_lifetime,
        }
    }
}

/// Changes that a service takes as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalBatch {
    /// The digest of the plan's change set.
    pub plan: Digest,
    /// The single-use id of the plan file; none if the plan was made in the same run.
    pub plan_id: Option<String>,
    /// The changes.
    pub items: Vec<JournalItem>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchOutcome {
    /// Every change was applied.
    Applied,
    /// These were not, and why; the others were applied.
    Failed(BTreeMap<Address, String>),
    /// Its run died before it could tell; a later run went on from what it found.
    Abandoned,
}

/// A batch that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Its number, which grows by one from batch to batch.
    pub id: u64,
    /// When it was begun.
    pub at: Timestamp,
    /// Who began it.
    #[serde(default)]
    pub who: String,
    /// What it was to do.
    #[serde(flatten)]
    pub batch: JournalBatch,
}

/// What a run left behind that did not come to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The batches that were begun and not ended: each may have been written or not.
    pub batches: Vec<JournalEntry>,
    /// The number of the last line, if it is torn. Nothing was written on the strength of it, so
    /// it is ignored; it is worth a note all the same.
    pub torn_line: Option<usize>,
}

/// The first line: which format, and whose journal it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    format_version: String,
    /// The number of the holder that writes it.
    token: u64,
    /// The last number that was given to a batch before this journal begins.
    last_id: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Head(Head),
    /// The head of a continued journal of format 1: the last number that the one before gave out.
    Continues(u64),
    Begin(JournalEntry),
    End {
        id: u64,
        at: Timestamp,
        outcome: BatchOutcome,
    },
    /// Somebody broke the lock of a run.
    Broken {
        at: Timestamp,
        by: Owner,
        holder: Holder,
    },
}

/// The journal as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    /// The number of the holder that wrote it; format 1 had none.
    pub(super) token: u64,
    /// The highest number that was given to a batch.
    pub(super) last_id: u64,
    pub(super) pending: BTreeMap<u64, JournalEntry>,
    torn_line: Option<usize>,
    /// The lines, each with its line feed, without the head.
    lines: Vec<u8>,
}

impl Journal {
    /// Reads a journal.
    ///
    /// A line is complete when its line feed is there: what comes after the last one was never
    /// acknowledged (format 1 wrote line by line), so it is left out and noted.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, StateError> {
        let end = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let mut journal = Self::default();
        let mut count = 0;
        for (text, number) in bytes[..end].split_inclusive(|byte| *byte == b'\n').zip(1..) {
            count = number;
            let line = serde_json::from_slice(text).map_err(|source| StateError::Malformed {
                name: JOURNAL.to_owned(),
                line: number,
                source,
            })?;
            journal.add(line, text, number)?;
        }
        journal.torn_line = (end < bytes.len()).then_some(count + 1);
        Ok(journal)
    }

    fn add(&mut self, line: Line, text: &[u8], number: usize) -> Result<(), StateError> {
        let (id, paired) = match line {
            Line::Head(head) => {
                format::known(JOURNAL, &head.format_version)?;
                self.token = head.token;
                self.last_id = self.last_id.max(head.last_id);
                return Ok(());
            }
            Line::Broken { .. } => (0, true),
            Line::Continues(id) => (id, true),
            Line::Begin(entry) => (entry.id, self.pending.insert(entry.id, entry).is_none()),
            Line::End { id, .. } => (id, self.pending.remove(&id).is_some()),
        };
        if !paired {
            return Err(StateError::Unpaired {
                name: JOURNAL.to_owned(),
                line: number,
                id,
            });
        }
        self.last_id = self.last_id.max(id);
        self.lines.extend_from_slice(text);
        Ok(())
    }

    /// Returns the journal that has one line more.
    pub(super) fn with(&self, line: Line) -> Result<Self, StateError> {
        let mut text = format::encode(JOURNAL, &line)?.to_vec();
        text.push(b'\n');
        let mut journal = self.clone();
        journal.torn_line = None;
        journal.add(line, &text, 0)?;
        Ok(journal)
    }

    /// Returns the journal that begins with what is pending in this one.
    pub(super) fn continued(&self) -> Result<Self, StateError> {
        let empty = Self {
            token: self.token,
            last_id: self.last_id,
            ..Self::default()
        };
        self.pending.values().try_fold(empty, |journal, entry| {
            journal.with(Line::Begin(entry.clone()))
        })
    }

    /// Returns the stored form, as that of the holder with this number.
    pub(super) fn to_bytes(&self, token: u64) -> Result<Bytes, StateError> {
        let head = Line::Head(Head {
            format_version: FORMAT_VERSION.to_owned(),
            token,
            last_id: self.last_id,
        });
        let mut bytes = format::encode(JOURNAL, &head)?.to_vec();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.lines);
        Ok(bytes.into())
    }

    /// Returns how many bytes the lines take.
    pub(super) const fn size(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn to_pending(&self) -> Pending {
        Pending {
            batches: self.pending.values().cloned().collect(),
            torn_line: self.torn_line,
        }
    }
}
