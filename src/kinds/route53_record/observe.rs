//! Reading records in the fewest calls: pages that begin at a declared name and skip what nobody
//! asked for.
//!
//! A page begins at the first declared name that is not known yet and holds up to 300 sets, so it
//! answers every declared name up to its end. Ten names of a large zone are ten calls at most, all
//! names of a zone are its pages, and nothing in between takes more calls than either.

use std::collections::{BTreeMap, HashSet};

use aws_sdk_route53::operation::list_resource_record_sets::ListResourceRecordSetsOutput;
use aws_sdk_route53::types::{ResourceRecordSet, RrType};

use super::codec::{Context, decode};
use super::wire::raw_of;
use crate::cloud::CloudError;
use crate::kinds::route53::names::{from_wire, has_certain_order, order_key, to_wire};
use crate::kinds::route53::zone::ZoneRef;
use crate::kinds::{Ask, KindError, Observation, route53_health_check, route53_zone};
use crate::model::{Address, GLOBAL, Map, Resource};

/// The largest page (`ListResourceRecordSets.MaxItems`).
const PAGE: i32 = 300;

/// The record sets of one name, by type.
type Group = BTreeMap<String, Vec<ResourceRecordSet>>;

pub(super) async fn observe(ask: &Ask<'_>) -> Result<Observation, KindError> {
    let Some(zone_text) = zone_of(ask) else {
        return Ok(Observation::default());
    };
    let zone = ZoneRef::parse(&zone_text)
        .ok_or_else(|| KindError::Garbled(format!("`{zone_text}` names no zone")))?;
    let Some(zone_id) = zone.resolve(ask.aws()?, ask.memo).await? else {
        return route53_zone::absent(ask);
    };
    let mut reading = Reading::new(ask, &zone_id, &zone_text);
    if ask.whole {
        reading.whole().await?;
    } else {
        let names = ask
            .objects
            .iter()
            .filter_map(|object| object.identity.text("name"));
        let mut names: Vec<&str> = names.collect();
        names.sort_by_cached_key(|name| order_key(name));
        names.dedup();
        reading.named(&names).await?;
    }
    let pages = reading.pages;
    Ok(Observation {
        resources: reading.resources,
        whole: ask.whole,
        method: match (ask.whole, pages) {
            (true, 1) => "whole zone, 1 page".to_owned(),
            (true, _) => format!("whole zone, {pages} pages"),
            (false, 1) => "with 1 look-up".to_owned(),
            (false, _) => format!("with {pages} look-ups"),
        },
    })
}

fn zone_of(ask: &Ask<'_>) -> Option<String> {
    ask.objects
        .iter()
        .find_map(|object| object.identity.text("zone"))
        .map(str::to_owned)
}

struct Reading<'a> {
    ask: &'a Ask<'a>,
    zone_id: &'a str,
    zone_text: &'a str,
    label: &'a str,
    /// The addresses that were asked for, sorted.
    asked: Vec<&'a Address>,
    /// How every address in the zone begins.
    begins: String,
    /// The name that is being read, with its sets so far; a page may end inside it.
    name: String,
    group: Group,
    resources: Vec<Resource>,
    pages: usize,
}

/// Where a page begins: all three markers, or groups are torn.
#[derive(Clone, Debug, Default)]
struct Marker {
    name: Option<String>,
    kind: Option<RrType>,
    id: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(ask: &'a Ask<'a>, zone_id: &'a str, zone_text: &'a str) -> Self {
        let mut asked: Vec<&Address> = ask.objects.iter().map(|object| &object.address).collect();
        asked.sort_unstable();
        let label = ask.scope.name.split_once('/');
        let label = label.map_or("", |(_, label)| label);
        Self {
            ask,
            zone_id,
            zone_text,
            label,
            asked,
            begins: [GLOBAL, "/", super::NAME, "/", label, "/"].concat(),
            name: String::new(),
            group: Group::new(),
            resources: Vec::with_capacity(ask.objects.len()),
            pages: 0,
        }
    }

    async fn whole(&mut self) -> Result<(), KindError> {
        let mut marker = Marker::default();
        while let Some(next) = self.page(marker, None).await? {
            marker = next;
        }
        self.close().await
    }

    /// Reads all sets of these names, which are in the service's order.
    async fn named(&mut self, names: &[&'a str]) -> Result<(), KindError> {
        let only: HashSet<&str> = names.iter().copied().collect();
        let mut at = 0;
        while let Some(name) = names.get(at) {
            let mut marker = Some(Marker {
                name: Some(to_wire(name)),
                ..Marker::default()
            });
            // A page may end inside a name that is asked for: go on from its markers.
            while let Some(from) = marker {
                marker = self.page(from, Some(&only)).await?;
                at = match &marker {
                    None => names.len(),
                    Some(next) => {
                        let end = order_key(&from_wire(next.name.as_deref().unwrap_or_default()));
                        names.partition_point(|name| order_key(name) < end)
                    }
                };
                let ends_inside = marker
                    .as_ref()
                    .and_then(|next| next.name.as_deref())
                    .map(from_wire);
                if ends_inside.as_deref() != names.get(at).copied() {
                    break;
                }
            }
        }
        self.close().await?;
        // A name whose place in the order is in doubt is only absent if its own look-up says so.
        let doubtful: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !has_certain_order(name))
            .collect();
        if doubtful.is_empty() {
            return Ok(());
        }
        let found: HashSet<String> = self.resources.iter().filter_map(name_of).collect();
        for name in doubtful.into_iter().filter(|name| !found.contains(*name)) {
            self.page_of_one(name).await?;
        }
        Ok(())
    }

    async fn page_of_one(&mut self, name: &str) -> Result<(), KindError> {
        let mut marker = Marker {
            name: Some(to_wire(name)),
            ..Marker::default()
        };
        let only = HashSet::from([name]);
        while let Some(next) = self.page(marker, Some(&only)).await? {
            if next.name.as_deref().map(from_wire).as_deref() != Some(name) {
                break;
            }
            marker = next;
        }
        self.close().await
    }

    /// Reads one page, keeps the sets of the names asked for (all, if none are given), and
    /// returns where the next page begins.
    async fn page(
        &mut self,
        from: Marker,
        only: Option<&HashSet<&str>>,
    ) -> Result<Option<Marker>, KindError> {
        self.pages += 1;
        let answer: ListResourceRecordSetsOutput = self
            .ask
            .aws()?
            .route53()
            .list_resource_record_sets()
            .hosted_zone_id(self.zone_id)
            .set_start_record_name(from.name)
            .set_start_record_type(from.kind)
            .set_start_record_identifier(from.id)
            .max_items(PAGE)
            .send()
            .await
            .map_err(|error| KindError::Cloud(CloudError::of("ListResourceRecordSets", &error)))?;
        let next = answer.is_truncated().then(|| Marker {
            name: answer.next_record_name().map(str::to_owned),
            kind: answer.next_record_type().cloned(),
            id: answer.next_record_identifier().map(str::to_owned),
        });
        for set in answer.resource_record_sets {
            let name = from_wire(set.name());
            let wanted = only.is_none_or(|names| names.contains(name.as_str()));
            if wanted {
                if name != self.name {
                    self.close().await?;
                    self.name = name;
                }
                let kind = set.r#type().as_str().to_owned();
                // Most names have one set of a type, and a set is large.
                let own = self.group.entry(kind);
                own.or_insert_with(|| Vec::with_capacity(1)).push(set);
            }
        }
        Ok(next)
    }

    /// Turns the sets of the name that was read into resources.
    async fn close(&mut self) -> Result<(), KindError> {
        let group = std::mem::take(&mut self.group);
        let checked = group
            .values()
            .flatten()
            .any(|set| set.health_check_id().is_some());
        let health_names = if checked {
            route53_health_check::names(self.ask).await?
        } else {
            BTreeMap::new()
        };
        let context = Context {
            zone_id: self.zone_id,
            health_names: &health_names,
        };
        // Only the top of a zone has an SOA record, and the NS records beside it are the delegation.
        let is_apex = group.contains_key("SOA");
        for (kind, sets) in &group {
            let intrinsic = is_apex && matches!(kind.as_str(), "NS" | "SOA");
            let resource = self.resource(kind, sets, context, intrinsic);
            self.resources.push(resource);
        }
        Ok(())
    }

    fn asked_for(&self, address: &str) -> Option<&'a Address> {
        let at = self.asked.binary_search_by(|own| own.as_str().cmp(address));
        at.ok().map(|at| self.asked[at])
    }

    fn resource(
        &self,
        kind: &str,
        sets: &[ResourceRecordSet],
        context: Context<'_>,
        intrinsic: bool,
    ) -> Resource {
        let name = self.name.as_str();
        let fields = decode(sets, context);
        let raw = raw_of(kind, sets);
        let address = [self.begins.as_str(), name, "/", kind].concat();
        let (address, identity) = if let Some(address) = self.asked_for(&address) {
            (address.clone(), Map::new())
        } else {
            let identity = [("name", name), ("type", kind), ("zone", self.zone_text)];
            let id = format!("{}/{name}/{kind}", self.label);
            (
                Address::new(GLOBAL, super::NAME, &id),
                identity.into_iter().collect(),
            )
        };
        let owned = sets
            .iter()
            .any(|set| set.traffic_policy_instance_id().is_some());
        Resource {
            raw,
            intrinsic,
            read_only: owned
                .then_some("a traffic policy instance owns it; change the policy instead"),
            ..Resource::new(address, identity, fields)
        }
    }
}

/// Returns the name of a record from its address, `<zone>/<name>/<type>`.
fn name_of(resource: &Resource) -> Option<String> {
    resource.address.id().rsplit('/').nth(1).map(str::to_owned)
}
