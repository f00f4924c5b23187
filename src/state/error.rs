//! Why the state could not be read or written.

use jiff::Timestamp;

use super::{Holder, StoreError};

/// A failure of the state. A message never repeats its source: print the whole chain.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// Another run holds the lock.
    #[error("the state is locked by {holder}")]
    Locked {
        /// Who.
        holder: Box<Holder>,
    },
    /// The lock is held by a process that left no lease: an older drsync, or one that has only begun.
    #[error("the state is locked by another process of this machine that has left no name")]
    Occupied,
    /// The lock that is to be broken is not the one that is held.
    #[error("the lock has id {}, not {given}; it is held by {holder}", .holder.id)]
    WrongId {
        /// Who holds it.
        holder: Box<Holder>,
        /// The id that was given.
        given: String,
    },
    /// Nobody holds the lock.
    #[error("the state is not locked")]
    NotLocked,
    /// The lock was lost, so that nothing more may be written.
    #[error("the lock is ours no longer: {why}")]
    Lost {
        /// What happened.
        why: String,
    },
    /// An object was written in a format that this version does not know.
    #[error(
        "{name} has format {version}, and this drsync reads formats 1 and 2; use the version that wrote it, or a newer one"
    )]
    Format {
        /// The object.
        name: String,
        /// Its version.
        version: String,
    },
    /// An object is damaged.
    #[error("{name}, line {line}: this is not what drsync writes there")]
    Malformed {
        /// The object.
        name: String,
        /// The line, from 1.
        line: usize,
        /// The cause.
        source: serde_json::Error,
    },
    /// A journal line begins a batch twice, or ends one that was never begun.
    #[error("{name}, line {line}: batch {id} is begun twice, or ended without having begun")]
    Unpaired {
        /// The journal.
        name: String,
        /// The line, from 1.
        line: usize,
        /// The batch.
        id: u64,
    },
    /// The plan was applied before; each plan is good for one run.
    #[error("plan {plan_id} was used at {at}; a plan is applied once")]
    Spent {
        /// The plan.
        plan_id: String,
        /// When it was used.
        at: Timestamp,
    },
    /// A value could not be put into its stored form.
    #[error("cannot write {name} as JSON")]
    Unstorable {
        /// The object that it was for.
        name: String,
        /// The cause.
        source: serde_json::Error,
    },
}
