//! The journal: a line before each batch is written to a service and a line after.
//!
//! In: batches and their outcomes. Out: the batches that were begun and not ended, which a crash
//! leaves behind and the next run must look at. Must not know what the batches hold beyond
//! addresses and digests.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lines::Lines;
use super::{StateError, lines};
use crate::model::{Action, Address, Change, Digest};

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
}

impl From<&Change> for JournalItem {
    fn from(change: &Change) -> Self {
        Self {
            address: change.address().clone(),
            action: change.action,
            observed: change.observed.clone(),
            desired: Digest::of(&change.object.fields),
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

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// The last number that the journal before this one gave out.
    Continues(u64),
    Begin(JournalEntry),
    End {
        id: u64,
        at: Timestamp,
        outcome: BatchOutcome,
    },
}

/// The journal as it was read.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) lines: Lines<Line>,
    pub(super) pending: BTreeMap<u64, JournalEntry>,
    /// The highest number that was given out.
    pub(super) last_id: u64,
}

impl Journal {
    pub(super) fn read(path: &Path) -> Result<Self, StateError> {
        let mut lines = lines::read(path)?;
        let mut pending = BTreeMap::new();
        let mut last_id = 0;
        for (line, number) in std::mem::take(&mut lines.complete).into_iter().zip(1..) {
            let (id, paired) = match line {
                Line::Continues(id) => (id, true),
                Line::Begin(entry) => (entry.id, pending.insert(entry.id, entry).is_none()),
                Line::End { id, .. } => (id, pending.remove(&id).is_some()),
            };
            if !paired {
                return Err(StateError::Unpaired {
                    path: path.to_owned(),
                    line: number,
                    id,
                });
            }
            last_id = last_id.max(id);
        }
        Ok(Self {
            lines,
            pending,
            last_id,
        })
    }

    pub(super) fn into_pending(self) -> Pending {
        Pending {
            batches: self.pending.into_values().collect(),
            torn_line: self.lines.torn,
        }
    }
}
