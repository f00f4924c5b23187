//! The applied record: what drsync wrote last, object by object, and what that write left behind.
//!
//! In: what `apply` did. Out: the value that planning compares Git and the live world with, and
//! its form on disk. Must not know where it is stored.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{Address, Digest, Map, Scope};

/// What was applied to one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Where the object is read.
    pub scope: Scope,
    /// What the kind needs to name the object to the service.
    pub identity: Map,
    /// The fields that were declared.
    pub fields: Map,
    /// Whether the object may be deleted when it leaves Git.
    #[serde(default)]
    pub prune: bool,
    /// The digest of the declared fields.
    pub desired: Digest,
    /// The digest of the fields that were observed after the write.
    pub observed: Digest,
    /// The Git revision that was applied; none for a work tree without a commit.
    #[serde(default)]
    pub revision: Option<String>,
    /// The moment from which the service answers with it everywhere.
    pub effective_at: Timestamp,
    /// For how many seconds readers may keep what was there before (the TTL that was live).
    #[serde(default)]
    pub old_lifetime: Option<i64>,
    /// What the service calls the write that made it so, such as the id of a Route 53 change; the
    /// services show it in the answer to the write and in no read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_id: Option<String>,
}

impl Applied {
    /// Returns the moment after which no reader keeps what was there before; none if nothing was
    /// there to be kept.
    #[must_use]
    pub fn lifetime_until(&self) -> Option<Timestamp> {
        let seconds = SignedDuration::from_secs(self.old_lifetime?);
        Some(
            self.effective_at
                .checked_add(seconds)
                .unwrap_or(Timestamp::MAX),
        )
    }
}

/// What was applied to all objects of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppliedRecord {
    objects: BTreeMap<Address, Applied>,
}

impl AppliedRecord {
    /// Returns what was applied to an object.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Applied> {
        self.objects.get(address)
    }

    /// Iterates over the objects in the order of their addresses.
    pub fn iter(&self) -> impl Iterator<Item = (&Address, &Applied)> {
        self.objects.iter()
    }

    /// Returns how many objects are recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Returns whether no object is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Keeps only the objects that are asked for, so that a plan of a part sees only that part.
    ///
    /// The writer has its own copy: what is left out here is not forgotten there.
    pub fn retain(&mut self, keep: impl Fn(&Address) -> bool) {
        self.objects.retain(|address, _| keep(address));
    }

    /// Records what was applied to an object, or with none, that it is managed no longer.
    pub fn set(&mut self, address: Address, applied: Option<Applied>) {
        match applied {
            Some(applied) => self.objects.insert(address, applied),
            None => self.objects.remove(&address),
        };
    }
}

impl FromIterator<(Address, Applied)> for AppliedRecord {
    fn from_iter<T: IntoIterator<Item = (Address, Applied)>>(objects: T) -> Self {
        Self {
            objects: objects.into_iter().collect(),
        }
    }
}

/// The format that this version writes. A reader of the same major version ignores keys that it
/// does not know; it refuses another major version, because it would misread or lose what that holds.
const FORMAT_VERSION: &str = "1.0";

/// Why bytes are not an applied record.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is of a format of another major version.
    Format(String),
    /// It is not what this version writes.
    Json(serde_json::Error),
}

#[derive(Deserialize)]
struct Version {
    format_version: String,
}

#[derive(Deserialize)]
struct Stored {
    objects: BTreeMap<Address, Applied>,
}

#[derive(Serialize)]
struct Storing<'a> {
    format_version: &'static str,
    objects: &'a BTreeMap<Address, Applied>,
}

impl AppliedRecord {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Storing {
            format_version: FORMAT_VERSION,
            objects: &self.objects,
        })
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        // The version first, on its own: a newer format may differ in everything else.
        let Version { format_version } = serde_json::from_slice(bytes).map_err(Unreadable::Json)?;
        if major(&format_version) != major(FORMAT_VERSION) {
            return Err(Unreadable::Format(format_version));
        }
        let Stored { objects } = serde_json::from_slice(bytes).map_err(Unreadable::Json)?;
        Ok(Self { objects })
    }
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns a record of one object that was live with a TTL of 300 seconds before.
    pub(in super::super) fn applied(ttl: i64) -> Applied {
        let fields: Map = [("ttl", ttl)].into_iter().collect();
        Applied {
            scope: Scope::new("global", "route53_zone/example.com"),
            identity: [("name", "www.example.com")].into_iter().collect(),
            desired: Digest::of(&fields),
            observed: Digest::of(&fields),
            fields,
            prune: true,
            revision: Some("4f1c".into()),
            effective_at: "2026-03-01T12:00:00Z".parse().unwrap(),
            old_lifetime: Some(300),
            change_id: Some("C2682N5HXP0BZ4".into()),
        }
    }

    pub(in super::super) fn address(name: &str) -> Address {
        Address::new("global", "route53_record", name)
    }

    #[test]
    fn the_old_value_is_kept_until_its_lifetime_has_passed() {
        assert_eq!(
            applied(60).lifetime_until(),
            Some("2026-03-01T12:05:00Z".parse().unwrap())
        );
        let new = Applied {
            old_lifetime: None,
            ..applied(60)
        };
        assert_eq!(new.lifetime_until(), None);
        let endless = Applied {
            old_lifetime: Some(i64::MAX),
            ..applied(60)
        };
        assert_eq!(endless.lifetime_until(), Some(Timestamp::MAX));
    }

    #[test]
    fn a_record_round_trips() {
        let record: AppliedRecord = [(address("a"), applied(60)), (address("b"), applied(300))]
            .into_iter()
            .collect();
        let read = AppliedRecord::from_bytes(&record.to_bytes().unwrap()).unwrap();
        assert_eq!(read, record);
    }

    #[test]
    fn a_part_of_a_record_is_looked_at() {
        let mut record: AppliedRecord = [(address("a"), applied(60)), (address("b"), applied(300))]
            .into_iter()
            .collect();
        record.retain(|address| address.id() == "b");
        assert_eq!(record.len(), 1);
        assert_eq!(record.get(&address("b")), Some(&applied(300)));
    }

    #[test]
    fn a_newer_minor_version_is_read_and_a_newer_major_version_is_not() {
        let minor = br#"{"format_version":"1.7","objects":{},"extra":[1]}"#;
        assert!(AppliedRecord::from_bytes(minor).is_ok());
        let major = br#"{"format_version":"2.0","things":[]}"#;
        assert!(matches!(
            AppliedRecord::from_bytes(major),
            Err(Unreadable::Format(version)) if version == "2.0"
        ));
    }
}
