//! The applied record: what drsync wrote last, object by object, and what that write left behind.
//!
//! In: what `apply` did. Out: the value that planning compares Git and the live world with, and
//! its form on disk. Must not know where it is stored.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::format::{self, FORMAT_VERSION};
use super::{Pending, StateError};
use crate::model::{Address, Digest, Map, Scope};

/// The name of the record in a store.
pub(super) const APPLIED: &str = "applied.json";

/// How long after the journal line of a batch its service may have answered with it everywhere.
const TAKES_EFFECT: SignedDuration = SignedDuration::from_secs(120);

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

    /// Counts what a run left behind as written, where readers may keep what was there before: it
    /// may have been, and the run could not record it.
    pub fn doubt(&mut self, pending: &Pending) {
        for entry in &pending.batches {
            for item in &entry.batch.items {
                let (Some(lifetime), Some(applied)) =
                    (item.old_lifetime, self.objects.get_mut(&item.address))
                else {
                    continue;
                };
                let at = entry.at.saturating_add(TAKES_EFFECT).unwrap_or(entry.at);
                if applied.lifetime_until()
                    < at.checked_add(SignedDuration::from_secs(lifetime)).ok()
                {
                    applied.effective_at = at;
                    applied.old_lifetime = Some(lifetime);
                }
            }
        }
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

#[derive(Deserialize)]
struct Stored {
    /// The number of the holder that wrote it; format 1 had none.
    #[serde(default)]
    token: u64,
    objects: BTreeMap<Address, Applied>,
}

#[derive(Serialize)]
struct Storing<'a> {
    format_version: &'static str,
    token: u64,
    objects: &'a BTreeMap<Address, Applied>,
}

impl AppliedRecord {
    pub(super) fn to_bytes(&self, token: u64) -> Result<Bytes, StateError> {
        let storing = Storing {
            format_version: FORMAT_VERSION,
            token,
            objects: &self.objects,
        };
        format::encode(APPLIED, &storing)
    }

    /// Reads a record, and the number of the holder that wrote it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<(Self, u64), StateError> {
        format::check(APPLIED, bytes)?;
        let Stored { token, objects } = format::decode(APPLIED, bytes)?;
        Ok((Self { objects }, token))
    }
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
        let read = AppliedRecord::from_bytes(&record.to_bytes(7).unwrap()).unwrap();
        assert_eq!(read, (record, 7));
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
        let minor = br#"{"format_version":"2.7","token":3,"objects":{},"extra":[1]}"#;
        assert_eq!(AppliedRecord::from_bytes(minor).unwrap().1, 3);
        let major = br#"{"format_version":"3.0","things":[]}"#;
        assert!(matches!(
            AppliedRecord::from_bytes(major),
            Err(StateError::Format { version, .. }) if version == "3.0"
        ));
    }
}
