//! The DR strategy as it is declared: one file for each part of it.
//!
//! In: decoded tables. Out: [`Strategy`], every value with its place. Must not know whether the
//! strategy can work; that is `assess`.

mod attachment;
mod backup;
mod check;
mod exercise;
mod failover;
mod objectives;
mod people;
mod record;
mod requirement;
pub(super) mod rules;

use std::collections::BTreeMap;

pub use attachment::{Attachment, template_path};
pub(super) use backup::{BACKUP, LOCATION, VERIFICATION};
pub use backup::{Backup, Location, Method, Retention, Schedule, Verification};
pub(super) use check::check;
pub(super) use exercise::{CRITERION, EXERCISE};
pub use exercise::{Criterion, Exercise, ExerciseKind, Metric};
pub use failover::{Automation, Direction, Failover, Step, StepAction};
pub(super) use failover::{FAILOVER, STEP};
pub(super) use objectives::{COMPONENT, EXCLUSION, STRATEGY, TIER};
pub use objectives::{Component, Document, Exclusion, OwnFailover, Recovery, Store, Tier};
pub(super) use people::{CHANNEL, MESSAGE, PERSON, ROLE, VENDOR};
pub use people::{Channel, ChannelKind, Message, Person, PlayedRole, Vendor};
pub use record::{Outcome, RECORD_KINDS, Record};
pub(super) use record::{RECORD, decode as decode_record};
pub use requirement::{Amount, Capacity, Network};
pub(super) use requirement::{CAPACITY, NETWORK};
pub use rules::is_placeholder;

use super::parsed::{Parsed, Table};
use super::tables::Head;
use crate::model::{Map, Value};

/// Everything that the strategy says beside tiers and components.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strategy {
    /// The strategy as a whole.
    pub document: Option<Document>,
    /// What it leaves out on purpose.
    pub exclusions: Vec<Exclusion>,
    /// The places that hold backups.
    pub locations: BTreeMap<String, Location>,
    /// How data comes to where it can be restored, in the order of the files.
    pub backups: Vec<Backup>,
    /// How it is known that backups can be restored, in the order of the files.
    pub verifications: Vec<Verification>,
    /// The ways in which service moves.
    pub failovers: BTreeMap<String, Failover>,
    /// The steps of the recovery.
    pub steps: BTreeMap<String, Step>,
    /// How much of what each site must have.
    pub capacities: BTreeMap<String, Capacity>,
    /// What the network must do.
    pub network: Option<Network>,
    /// The tests that come round again.
    pub exercises: BTreeMap<String, Exercise>,
    /// What they must show.
    pub criteria: BTreeMap<String, Criterion>,
    /// The parts that people play.
    pub roles: BTreeMap<String, PlayedRole>,
    /// The people.
    pub people: BTreeMap<String, Person>,
    /// The companies that a recovery needs.
    pub vendors: BTreeMap<String, Vendor>,
    /// The ways to tell people something.
    pub channels: BTreeMap<String, Channel>,
    /// What people are told.
    pub messages: BTreeMap<String, Message>,
    /// What was done and written down, the oldest first.
    pub records: Vec<Record>,
    /// The files that it names, by their paths below the environment's folder.
    pub attachments: BTreeMap<String, Attachment>,
}

impl Strategy {
    /// Makes the strategy of decoded tables.
    pub(super) fn of(parsed: &Parsed) -> Self {
        let single = |head: &Head| parsed.single.get(head.name);
        Self {
            document: single(&STRATEGY).map(Document::of),
            exclusions: parsed.list(&EXCLUSION).iter().map(Exclusion::of).collect(),
            locations: named(parsed, &LOCATION, Location::of),
            backups: parsed.list(&BACKUP).iter().map(Backup::of).collect(),
            verifications: parsed
                .list(&VERIFICATION)
                .iter()
                .map(Verification::of)
                .collect(),
            failovers: named(parsed, &FAILOVER, Failover::of),
            steps: named(parsed, &STEP, Step::of),
            capacities: named(parsed, &CAPACITY, Capacity::of),
            network: single(&NETWORK).map(Network::of),
            exercises: named(parsed, &EXERCISE, Exercise::of),
            criteria: named(parsed, &CRITERION, Criterion::of),
            roles: named(parsed, &ROLE, PlayedRole::of),
            people: named(parsed, &PERSON, Person::of),
            vendors: named(parsed, &VENDOR, Vendor::of),
            channels: named(parsed, &CHANNEL, Channel::of),
            messages: named(parsed, &MESSAGE, Message::of),
            records: Vec::new(),
            attachments: BTreeMap::new(),
        }
    }

    /// Returns whether nothing of a strategy is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn named<T>(parsed: &Parsed, head: &Head, of: fn(&Table) -> T) -> BTreeMap<String, T> {
    parsed
        .named(head)
        .map(|(name, table)| (name.to_owned(), of(table)))
        .collect()
}

fn owned(map: &Map, key: &str) -> Option<String> {
    map.text(key).map(str::to_owned)
}

fn list(map: &Map, key: &str) -> Vec<String> {
    let items = map.list(key).iter().filter_map(Value::as_text);
    items.map(str::to_owned).collect()
}

fn cadence(map: &Map, key: &str) -> Option<i64> {
    map.text(key).and_then(rules::cadence_seconds)
}
