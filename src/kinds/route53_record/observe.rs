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
use crate::cloud::{AwsReader, CloudError};
use crate::kinds::route53::names::{from_wire, has_certain_order, order_key, to_wire};
use crate::kinds::route53::zone::ZoneRef;
use crate::kinds::{Ask, KindError, Observation, route53_health_check, route53_zone};
use crate::model::{Address, GLOBAL, Map, Resource};

/// The largest page (`ListResourceRecordSets.MaxItems`).
const PAGE: i32 = 300;

type Sets = BTreeMap<(String, String), Vec<ResourceRecordSet>>;

pub(super) async fn observe(ask: &Ask<'_>) -> Result<Observation, KindError> {
    let Some(zone_text) = zone_of(ask) else {
        return Ok(Observation::default());
    };
    let zone = ZoneRef::parse(&zone_text)
        .ok_or_else(|| KindError::Garbled(format!("`{zone_text}` names no zone")))?;
    let Some(zone_id) = zone.resolve(ask.reader, ask.memo).await? else {
        return route53_zone::absent(ask);
    };
    let mut reading = Reading {
        reader: ask.reader,
        zone_id: &zone_id,
        sets: Sets::new(),
        pages: 0,
    };
    if ask.whole {
        reading.whole().await?;
    } else {
        let mut names: Vec<String> = ask
            .objects
            .iter()
            .filter_map(|object| object.identity.text("name").map(str::to_owned))
            .collect();
        names.sort_by_cached_key(|name| order_key(name));
        names.dedup();
        reading.named(&names).await?;
    }
    let method = match (ask.whole, reading.pages) {
        (true, pages) => format!("whole zone, {pages} pages"),
        (false, pages) => format!("{pages} look-ups"),
    };
    let has_checks = reading
        .sets
        .values()
        .flatten()
        .any(|set| set.health_check_id().is_some());
    let health_names = if has_checks {
        route53_health_check::names(ask).await?
    } else {
        BTreeMap::new()
    };
    let context = Context {
        zone_id: &zone_id,
        health_names: &health_names,
    };
    let label = ask
        .scope
        .name
        .split_once('/')
        .map_or("", |(_, label)| label);
    let sets = std::mem::take(&mut reading.sets);
    let apex = sets
        .keys()
        .find(|(_, kind)| kind == "SOA")
        .map(|(name, _)| name.clone());
    let resources = sets
        .into_iter()
        .map(|((name, kind), sets)| {
            resource(
                label,
                &zone_text,
                &name,
                &kind,
                &sets,
                context,
                apex.as_deref(),
            )
        })
        .collect();
    Ok(Observation {
        resources,
        whole: ask.whole,
        method,
    })
}

fn zone_of(ask: &Ask<'_>) -> Option<String> {
    ask.objects
        .iter()
        .find_map(|object| object.identity.text("zone"))
        .map(str::to_owned)
}

fn resource(
    label: &str,
    zone: &str,
    name: &str,
    kind: &str,
    sets: &[ResourceRecordSet],
    context: Context<'_>,
    apex: Option<&str>,
) -> Resource {
    let fields = decode(sets, context);
    let raw = raw_of(name, kind, &fields, sets, context);
    let identity: Map = [("name", name), ("type", kind), ("zone", zone)]
        .into_iter()
        .collect();
    let address = Address::new(GLOBAL, super::NAME, &format!("{label}/{name}/{kind}"));
    let read_only = sets
        .iter()
        .any(|set| set.traffic_policy_instance_id().is_some())
        .then_some("a traffic policy instance owns it; change the policy instead");
    // Only the top of a zone has an SOA record, and the NS records beside it are the delegation.
    let intrinsic = kind == "SOA" || (kind == "NS" && apex == Some(name));
    Resource {
        raw,
        intrinsic,
        read_only,
        ..Resource::new(address, identity, fields)
    }
}

struct Reading<'a> {
    reader: &'a AwsReader,
    zone_id: &'a str,
    sets: Sets,
    pages: usize,
}

/// Where a page begins: all three markers, or groups are torn.
#[derive(Clone, Debug, Default)]
struct Marker {
    name: Option<String>,
    kind: Option<RrType>,
    id: Option<String>,
}

impl Reading<'_> {
    async fn whole(&mut self) -> Result<(), KindError> {
        let mut marker = Marker::default();
        while let Some(next) = self.page(marker, None).await? {
            marker = next;
        }
        Ok(())
    }

    /// Reads all sets of these names, which are in the service's order.
    async fn named(&mut self, names: &[String]) -> Result<(), KindError> {
        let only: HashSet<&str> = names.iter().map(String::as_str).collect();
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
                if ends_inside.as_ref() != names.get(at) {
                    break;
                }
            }
        }
        // A name whose place in the order is in doubt is only absent if its own look-up says so.
        for name in names.iter().filter(|name| !has_certain_order(name)) {
            if !self.has(name) {
                self.page_of_one(name).await?;
            }
        }
        Ok(())
    }

    fn has(&self, name: &str) -> bool {
        self.sets
            .range((name.to_owned(), String::new())..)
            .next()
            .is_some_and(|((own, _), _)| own == name)
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
        Ok(())
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
            .reader
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
                let key = (name, set.r#type().as_str().to_owned());
                self.sets.entry(key).or_default().push(set);
            }
        }
        Ok(next)
    }
}
