//! The plan file: a reviewed plan, what it was made against, and until when it may be applied.
//!
//! In: a plan, its binding and a key. Out: text, and back; and whether a file fits the place where it
//! is to be applied. Must not know the file system or the clock: both are handed in. Nothing is
//! skipped because it is missing: a file without a signature, or keys that nobody declared, refuse.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan_value::Plan;
use crate::model::signature::{self, SignatureError, SigningKey};
use crate::model::{Address, Digest};
use crate::state::{Applied, AppliedRecord};

/// The major version of the format that this version reads and writes.
const MAJOR: &str = "1";
/// The version of the format that this version writes; a minor version only adds.
const VERSION: &str = "1.1";
/// What a signature of a plan file is good for, and nothing else.
const PURPOSE: &str = "drsync-plan";

/// What a plan is bound to: it applies only where all of this is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The repository, by its origin without credentials, or its folder's name.
    pub repository: String,
    /// The environment.
    pub environment: String,
    /// The account of each connection.
    pub accounts: BTreeMap<String, String>,
    /// The Git tree ids of the environment's folder and of the policies: a squash keeps them.
    pub trees: BTreeMap<String, String>,
    /// Whether it was made against the sandbox.
    pub sandbox: bool,
}

/// A plan file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanFile {
    /// The version of the format.
    pub format_version: String,
    /// The version of drsync that made it.
    pub tool_version: String,
    /// The single-use id.
    pub id: String,
    /// What it is bound to.
    pub binding: Binding,
    /// When it was made.
    pub created: Timestamp,
    /// From when it is not applied any more.
    pub expires: Timestamp,
    /// The digest of the change set, as reviewers see it.
    pub digest: Digest,
    /// What the applied record held of each object that changes, by digest: a lifetime, a deletion
    /// and a cause rest on it.
    #[serde(default)]
    pub records: BTreeMap<Address, Digest>,
    /// The plan.
    pub plan: Plan,
    /// The digest of all of the above: a damaged file is noticed.
    pub checksum: Digest,
    /// The signature of the checksum, as `ssh-keygen -Y sign -n drsync-plan` makes it.
    #[serde(default)]
    pub signature: Option<String>,
}

/// Whose signature is taken.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// The public keys that the environment declares.
    pub keys: &'a [String],
    /// Whether a file may go without: only against the sandbox, which holds nothing real, and only
    /// where no keys are declared.
    pub sandbox: bool,
}

/// Why a plan file is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanFileError {
    /// It is not JSON of this shape.
    #[error("it is not a plan file: {0}")]
    Malformed(String),
    /// It is of another major version.
    #[error("its format is {0}, and this version of drsync reads format {MAJOR}")]
    Version(String),
    /// It was damaged or changed.
    #[error("its checksum does not match: it was damaged or changed after it was made")]
    Damaged,
    /// Its time is over.
    #[error("it expired at {0}")]
    Expired(Timestamp),
    /// It was made against something else.
    #[error("it was made against another {what}: {made}, and here it is {here}")]
    Elsewhere {
        /// What differs.
        what: &'static str,
        /// What it was made against.
        made: String,
        /// What is here.
        here: String,
    },
    /// Nobody says whose plans are taken.
    #[error("the environment declares no `plan_keys`, so nobody can tell who made it")]
    NoKeys,
    /// It has no signature.
    #[error("it is not signed")]
    Unsigned,
    /// Its signature is not good.
    #[error("its signature is not good: {0}")]
    Signature(SignatureError),
    /// It was made before anything was applied, and something was applied since.
    #[error(
        "it was made without an applied record, and there is one now: it may have been applied before"
    )]
    First,
    /// Objects were applied since.
    #[error("what was applied last has changed since it was made, for {}", list(.0))]
    Applied(Vec<Address>),
    /// It has gaps.
    #[error("it is incomplete, and was saved to be looked at only")]
    Incomplete,
}

impl PlanFile {
    /// Returns the file of a plan.
    #[must_use]
    pub fn new(
        plan: Plan,
        applied: Option<&AppliedRecord>,
        binding: Binding,
        id: String,
        created: Timestamp,
        expires: Timestamp,
    ) -> Self {
        let mut file = Self {
            format_version: VERSION.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            id,
            binding,
            created,
            expires,
            digest: plan.digest(),
            records: records(&plan, applied),
            plan,
            checksum: Digest::from(""),
            signature: None,
        };
        file.checksum = file.sum();
        file
    }

    /// Signs the file.
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), SignatureError> {
        let bytes = self.checksum.as_str().as_bytes();
        self.signature = Some(key.sign(PURPOSE, bytes)?);
        Ok(())
    }

    /// Checks who made the file; none if it is somebody whose plans are taken.
    #[must_use]
    pub fn distrust(&self, trust: Trust<'_>) -> Option<PlanFileError> {
        let bytes = self.checksum.as_str().as_bytes();
        match &self.signature {
            None if trust.sandbox && self.binding.sandbox && trust.keys.is_empty() => None,
            _ if trust.keys.is_empty() => Some(PlanFileError::NoKeys),
            None => Some(PlanFileError::Unsigned),
            Some(signature) => signature::verify(trust.keys, PURPOSE, bytes, signature)
                .err()
                .map(PlanFileError::Signature),
        }
    }

    /// Checks that what was applied last is still what the plan rests on.
    #[must_use]
    pub fn outrun(&self, applied: &AppliedRecord) -> Option<PlanFileError> {
        if self.plan.unrecorded && !applied.is_empty() {
            return Some(PlanFileError::First);
        }
        let now = records(&self.plan, Some(applied));
        let changed: Vec<Address> = self
            .plan
            .changes
            .iter()
            .map(crate::model::Change::address)
            .filter(|address| self.records.get(address) != now.get(address))
            .cloned()
            .collect();
        (!changed.is_empty()).then_some(PlanFileError::Applied(changed))
    }

    /// Returns the text of the file.
    pub fn to_text(&self) -> Result<String, PlanFileError> {
        serde_json::to_string(self).map_err(|error| PlanFileError::Malformed(error.to_string()))
    }

    /// Reads the text of a file, and checks that it is whole.
    pub fn parse(text: &str) -> Result<Self, PlanFileError> {
        #[derive(Deserialize)]
        struct Head {
            format_version: String,
        }
        let malformed = |error: serde_json::Error| PlanFileError::Malformed(error.to_string());
        let head: Head = serde_json::from_str(text).map_err(malformed)?;
        if head.format_version.split('.').next() != Some(MAJOR) {
            return Err(PlanFileError::Version(head.format_version));
        }
        let file: Self = serde_json::from_str(text).map_err(malformed)?;
        if file.sum() != file.checksum || file.plan.digest() != file.digest {
            return Err(PlanFileError::Damaged);
        }
        Ok(file)
    }

    /// Checks that the file may be applied here and now; every reason at once.
    #[must_use]
    pub fn refusals(&self, here: &Binding, now: Timestamp) -> Vec<PlanFileError> {
        let made = &self.binding;
        let mut refusals = Vec::new();
        if now >= self.expires {
            refusals.push(PlanFileError::Expired(self.expires));
        }
        let show = |map: &BTreeMap<String, String>| {
            map.iter()
                .map(|(key, value)| format!("{key} {value}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let world = |sandbox: bool| {
            if sandbox {
                "the sandbox"
            } else {
                "the real services"
            }
            .to_owned()
        };
        let pairs = [
            (
                "repository",
                made.repository.clone(),
                here.repository.clone(),
            ),
            (
                "environment",
                made.environment.clone(),
                here.environment.clone(),
            ),
            ("account", show(&made.accounts), show(&here.accounts)),
            (
                "tree of the environment or the policies",
                show(&made.trees),
                show(&here.trees),
            ),
            ("set of services", world(made.sandbox), world(here.sandbox)),
        ];
        for (what, made, here) in pairs {
            if made != here {
                refusals.push(PlanFileError::Elsewhere { what, made, here });
            }
        }
        refusals
    }

    pub(super) fn sum(&self) -> Digest {
        Digest::of(&(
            (&self.format_version, &self.tool_version, &self.id),
            (&self.binding, &self.created, &self.expires),
            (&self.digest, &self.records, &self.plan),
        ))
    }
}

/// Returns what an applied record holds of the objects that a plan changes.
fn records(plan: &Plan, applied: Option<&AppliedRecord>) -> BTreeMap<Address, Digest> {
    let addresses = plan.changes.iter().map(crate::model::Change::address);
    addresses
        .filter_map(|address| {
            let applied: &Applied = applied?.get(address)?;
            Some((address.clone(), Digest::of(applied)))
        })
        .collect()
}

fn list(addresses: &[Address]) -> String {
    let texts: Vec<&str> = addresses.iter().map(Address::as_str).collect();
    texts.join(", ")
}
