//! The kind `route53_record`: all record sets of one name and type of a zone, as one object.
//!
//! In: a `[[route53_record]]` entry, or the zone's record sets. Out: one shape for each routing
//! policy, and change batches that compare and swap. Must not know plans.

mod codec;
mod declare;
mod observe;
mod place;
mod shape;
mod values;
mod wire;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use super::{
    Ask, Declaration, Declared, Delays, Entry, Kind, KindError, Observation, Section, Write,
    Written,
};
use crate::model::{Address, Change, Finding, Map, Object, Resource, Shape};

/// The name of the kind.
pub(super) const NAME: &str = "route53_record";
/// The type that stands alone at its name.
const CNAME: &str = "CNAME";

/// A DNS record.
#[derive(Debug)]
pub(super) struct Route53Record;

#[async_trait]
impl Kind for Route53Record {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "A DNS record of Route 53: everything that one name answers for one type"
    }

    fn reference(&self) -> &'static str {
        "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html"
    }

    fn section(&self) -> &'static Section {
        &shape::SECTION
    }

    fn shape(&self) -> &'static Shape {
        &shape::SHAPE
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        declare::declare(entry)
    }

    fn check(&self, all: &BTreeMap<Address, Declared>, findings: &mut Vec<Finding>) {
        declare::check(all, findings);
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        observe::observe(ask).await
    }

    fn swaps(&self) -> bool {
        true
    }

    fn unit<'a>(&self, change: &'a Change) -> &'a str {
        write::name_of(change)
    }

    fn batches<'a>(
        &self,
        changes: Vec<&'a Change>,
    ) -> (Vec<Vec<&'a Change>>, Vec<(&'a Change, KindError)>) {
        write::batches(changes)
    }

    fn settles(&self) -> Duration {
        super::route53::sync::USUAL
    }

    async fn write(&self, write: &Write<'_>) -> Written {
        write::write(write).await
    }

    fn rivals(&self, of: &Address) -> Vec<Address> {
        // The id is `<zone>/<name>/<type>`.
        let Some((place, kind)) = of.id().rsplit_once('/') else {
            return Vec::new();
        };
        shape::TYPES
            .iter()
            .filter(|other| (kind == CNAME) != (**other == CNAME))
            .map(|other| Address::new(of.site(), NAME, &[place, "/", other].concat()))
            .collect()
    }

    fn fills(&self, of: &Address) -> bool {
        of.kind() == super::route53_zone::NAME
    }

    fn lookup(&self, connection: &str, name: &str) -> Option<Object> {
        Some(super::route53_zone::lookup(NAME, connection, name))
    }

    /// A resolver keeps an answer for its TTL, which matters where the answer can change by itself:
    /// in a routing policy. An alias has no TTL of its own, but that of its target.
    fn delays(&self, fields: &Map) -> Delays {
        let members = shape::GROUPS.iter().flat_map(|group| fields.list(group));
        Delays {
            propagation: members
                .filter_map(|member| member.as_map()?.int("ttl"))
                .max(),
            ..Delays::default()
        }
    }

    fn import(&self, resource: &Resource) -> Option<Map> {
        let apex = resource.address.id().split('/').next() == resource.identity.text("name");
        let kind = resource.identity.text("type")?;
        if resource.read_only.is_some() || (apex && matches!(kind, "NS" | "SOA")) {
            return None;
        }
        let label = resource.address.id().split('/').next()?;
        let name = resource.identity.text("name")?;
        let short = name
            .strip_suffix(label)
            .and_then(|short| short.strip_suffix('.'))
            .unwrap_or(if apex { "@" } else { name });
        let mut entry = resource.fields.clone();
        entry.insert("zone", label);
        entry.insert("name", short);
        entry.insert("type", kind);
        Some(entry)
    }
}
