//! Who holds the lock, or wants to: written into the lease, so that the next one can be told.
//!
//! In: the process and what it is about to do. Out: values that print as half a sentence.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A run that takes the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The person or job, as `user@host`.
    pub who: String,
    /// What the lock is for, such as `apply`.
    pub purpose: String,
    /// The process.
    pub pid: u32,
    /// The page of the job that runs it, if a CI system runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl Owner {
    /// Returns the machine.
    pub(super) fn host(&self) -> &str {
        self.who.rsplit_once('@').map_or("", |(_, host)| host)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            who,
            purpose,
            pid,
            run,
        } = self;
        write!(f, "{who} (process {pid}) for `{purpose}`")?;
        match run {
            Some(run) => write!(f, ", {run},"),
            None => Ok(()),
        }
    }
}

/// The one who has the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Names this hold: whoever breaks it says which one.
    pub id: String,
    /// Who.
    pub owner: Owner,
    /// Since when.
    pub acquired: Timestamp,
    /// Until when, unless it is renewed.
    pub expires: Timestamp,
    /// Whether the machine holds a sign of life for it too.
    #[serde(default)]
    pub(super) signed: bool,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} since {}, and unless it is renewed until {}",
            self.owner, self.acquired, self.expires
        )
    }
}
