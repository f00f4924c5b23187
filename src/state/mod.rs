//! What drsync remembers between runs: the applied record, the lock, the journal and the plans
//! that were used up.
//!
//! In: the place of a store (a folder). Out: a reader, which changes nothing and needs no lock,
//! and a writer, which exists only while its lock is held. Must not know kinds or plans.

mod applied;
mod error;
mod files;
mod journal;
mod lines;
mod owner;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use applied::{Applied, AppliedRecord};
pub use error::StateError;
pub use journal::{BatchOutcome, JournalBatch, JournalEntry, JournalItem, Pending};
pub use owner::{Holder, Owner};
pub use reader::StateReader;
pub use writer::StateWriter;
