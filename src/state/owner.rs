//! Who holds the lock: written into the lock file, so that the next one can be told.
//!
//! In: the process and what it is about to do. Out: a value that prints as half a sentence.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A run that holds the lock, or wants to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The person or job, as `user@host`.
    pub who: String,
    /// What the lock is for, such as `apply`.
    pub purpose: String,
    /// Since when.
    pub since: Timestamp,
    /// The process.
    pub pid: u32,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            who,
            purpose,
            since,
            pid,
        } = self;
        write!(f, "{who} (process {pid}) for `{purpose}` since {since}")
    }
}

/// The one who has the lock, as far as the lock file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// It left its name.
    Known(Owner),
    /// It has taken the lock and not left its name yet.
    Unnamed,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(owner) => owner.fmt(f),
            Self::Unnamed => f.write_str("another run that has not left its name yet"),
        }
    }
}
