//! The plan file: a reviewed plan, what it was made against, and until when it may be applied.
//!
//! In: a plan and its binding. Out: text, and back; and whether a file fits the place where it is
//! to be applied. Must not know the file system or the clock: both are handed in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan_value::Plan;
use crate::model::Digest;

/// The major version of the format that this version reads and writes.
const MAJOR: &str = "1";
/// The version of the format that this version writes; a minor version only adds.
const VERSION: &str = "1.0";

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
    /// The plan.
    pub plan: Plan,
    /// The digest of all of the above: a damaged file is noticed.
    pub checksum: Digest,
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
    /// It has gaps.
    #[error("it is incomplete, and was saved to be looked at only")]
    Incomplete,
}

impl PlanFile {
    /// Returns the file of a plan.
    #[must_use]
    pub fn new(
        plan: Plan,
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
            plan,
            checksum: Digest::from(""),
        };
        file.checksum = file.sum();
        file
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

    fn sum(&self) -> Digest {
        Digest::of(&(
            (&self.format_version, &self.tool_version, &self.id),
            (&self.binding, &self.created, &self.expires),
            (&self.digest, &self.plan),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> PlanFile {
        let plan = Plan {
            environment: "foundry".into(),
            unrecorded: true,
            ..Plan::default()
        };
        let binding = Binding {
            repository: "r".into(),
            environment: "foundry".into(),
            accounts: BTreeMap::from([("global".into(), "123456789012".into())]),
            trees: BTreeMap::from([("environments/foundry".into(), "abc".into())]),
            sandbox: false,
        };
        let created = Timestamp::UNIX_EPOCH;
        PlanFile::new(
            plan,
            binding,
            "id".into(),
            created,
            Timestamp::from_second(3600).unwrap(),
        )
    }

    #[test]
    fn a_file_round_trips() {
        let file = file();
        assert_eq!(PlanFile::parse(&file.to_text().unwrap()), Ok(file));
    }

    #[test]
    fn a_changed_file_is_noticed() {
        let text = file().to_text().unwrap().replace("foundry", "fundery");
        assert_eq!(PlanFile::parse(&text), Err(PlanFileError::Damaged));
    }

    #[test]
    fn another_major_version_is_refused() {
        let text = file()
            .to_text()
            .unwrap()
            .replace("\"format_version\":\"1.0\"", "\"format_version\":\"2.0\"");
        assert_eq!(
            PlanFile::parse(&text),
            Err(PlanFileError::Version("2.0".into()))
        );
    }

    #[test]
    fn every_reason_against_it_is_given_at_once() {
        let file = file();
        let mut here = file.binding.clone();
        assert_eq!(file.refusals(&here, file.created), []);
        here.accounts.insert("global".into(), "999999999999".into());
        here.trees.clear();
        here.sandbox = true;
        assert_eq!(file.refusals(&here, file.expires).len(), 4);
    }
}
