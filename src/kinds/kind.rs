//! The one trait that a kind implements.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use super::{Ask, Declared, Entry, KindError, Observation, Section, Write, Written};
use crate::model::{Address, Change, Finding, Map, Object, Resource, Shape};

/// A type of managed object.
#[async_trait]
pub trait Kind: Send + Sync {
    /// Returns the name, as it stands in addresses.
    fn name(&self) -> &'static str;

    /// Returns what it is, in one sentence without a full stop.
    fn doc(&self) -> &'static str;

    /// Returns the address of the service's documentation of it.
    fn reference(&self) -> &'static str;

    /// Returns the array of tables that declares it.
    fn section(&self) -> &'static Section;

    /// Returns the key of the section that is its own, if it shares the section.
    fn part(&self) -> Option<&'static str> {
        None
    }

    /// Returns its fields.
    fn shape(&self) -> &'static Shape;

    /// Turns a declared entry into an object, or reports what is wrong with it and returns none.
    ///
    /// The address is `<connection>/<kind>/<id>`; the scope and the identity are the kind's own.
    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration>;

    /// Returns where the object of an entry would lie that does not declare it, so that it can be
    /// looked at beside that of another site; none for kinds that always declare one.
    fn locate(&self, _entry: &mut Entry<'_>) -> Option<Declaration> {
        None
    }

    /// Returns whether the declaration only names something for others to refer to, so that
    /// nothing is read or planned for it.
    fn is_reference(&self, _declaration: &Declaration) -> bool {
        false
    }

    /// Checks what only shows when all objects are known.
    fn check(&self, _all: &BTreeMap<Address, Declared>, _findings: &mut Vec<Finding>) {}

    /// Returns whether what is observed is what a removal leaves behind: some services keep a
    /// default in the place of what was removed.
    fn is_removed(&self, live: &Resource) -> bool {
        live.intrinsic
    }

    /// Returns why its objects cannot be removed, if the service cannot.
    fn stays(&self) -> Option<&'static str> {
        None
    }

    /// Observes the objects of a scope.
    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError>;

    /// Returns whether a write compares and swaps: the service itself refuses it if the object
    /// is no longer what was observed. Otherwise `apply` reads again just before.
    fn swaps(&self) -> bool {
        false
    }

    /// Returns what a change must never be parted from: changes with the same unit go into one
    /// batch. The address, unless the kind says otherwise.
    fn unit<'a>(&self, change: &'a Change) -> &'a str {
        change.address().as_str()
    }

    /// Groups the changes of one scope into batches that the service takes whole, in order.
    ///
    /// A change that no batch can hold comes back with the reason.
    fn batches<'a>(
        &self,
        changes: Vec<&'a Change>,
    ) -> (Vec<Vec<&'a Change>>, Vec<(&'a Change, KindError)>) {
        (
            changes.into_iter().map(|change| vec![change]).collect(),
            Vec::new(),
        )
    }

    /// Returns how long a write usually takes until it has effect everywhere.
    fn settles(&self) -> Duration {
        Duration::ZERO
    }

    /// Writes one batch, waits until it has effect, and says what is known; one answer for all,
    /// because the service takes a batch whole.
    async fn write(&self, write: &Write<'_>) -> Written;

    /// Removes what a replacement left behind, once everything that referred to it has moved on.
    async fn retire(&self, write: &Write<'_>) -> Written {
        Written::done_at(write.writer.reader().now())
    }

    /// Returns the objects that the service keeps not beside this one: at a name with a CNAME there
    /// is no other record.
    fn rivals(&self, _of: &Address) -> Vec<Address> {
        Vec::new()
    }

    /// Returns whether its objects lie in the scope of this object, which may be exclusive: records
    /// lie in a zone.
    fn fills(&self, _of: &Address) -> bool {
        false
    }

    /// Returns an object by which a scope can be read that nothing declares yet: a zone by its
    /// name or id, a bucket by its name. None for kinds that are read otherwise.
    fn lookup(&self, _connection: &str, _name: &str) -> Option<Object> {
        None
    }

    /// Returns how long clients take to follow a failover because of an object with these fields.
    fn delays(&self, _fields: &Map) -> Delays {
        Delays::default()
    }

    /// Returns the TOML entry that would declare an observed object, or none for an object that
    /// nobody declares.
    fn import(&self, resource: &Resource) -> Option<Map>;
}

/// How long clients take to follow a failover, in seconds; none where an object has no part in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// How long until the service itself notices that a site does not answer.
    pub detection: Option<i64>,
    /// How long clients keep the answer that leads to the old site.
    pub propagation: Option<i64>,
}

/// What a kind makes of a declared entry.
#[derive(Clone, Debug, Default)]
pub struct Declaration {
    /// What tells the object from others of its kind and connection.
    pub id: String,
    /// What is read as one piece with it, such as `route53_zone/example.com`.
    pub scope: String,
    /// What the kind needs to name the object to the service.
    pub identity: Map,
    /// The fields in canonical form.
    pub fields: Map,
    /// Whether everything in its scope is to be read, and what is not declared there deleted.
    pub exclusive: bool,
    /// Whether what it lies in, such as its zone, says `adopt = true`.
    pub adopt: bool,
    /// Whether what it lies in says `observe = true`.
    pub observe: bool,
    /// The objects that must exist first.
    pub depends: Vec<Address>,
}
