//! What drsync remembers between runs: the applied record, the lock, the journal and the plans
//! that were used up.
//!
//! In: a store (a folder, a bucket, ConfigMaps). Out: a reader, which changes nothing and needs no
//! lock, and a writer, which exists only while its lock is held. Must not know kinds or plans.

mod applied;
mod error;
mod fenced;
mod format;
mod journal;
mod lease;
mod owner;
mod reader;
mod spent;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use applied::{Applied, AppliedRecord};
pub use error::StateError;
pub use journal::{BatchOutcome, JournalBatch, JournalEntry, JournalItem, Pending};
pub use owner::{Holder, Owner};
pub use reader::StateReader;
pub use spent::Used;
pub use store::{
    BucketOptions, ConfigMaps, Expect, Folder, Hold, Location, Objects, Store, StoreError, Stored,
    Tag,
};
pub use writer::StateWriter;
