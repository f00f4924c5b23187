//! The service's own spelling of record sets, kept where it differs from ours.
//!
//! A DELETE must repeat the stored set exactly, so what was observed is written down as it was.

use aws_sdk_route53::types::{AliasTarget, GeoProximityLocation, ResourceRecordSet};

use super::codec::{Context, encode};
use super::values;
use crate::kinds::KindError;
use crate::kinds::route53::names::{from_wire, to_wire};
use crate::model::{Map, Value};

/// Returns the parts of the stored sets whose spelling ours would not repeat: for each set its
/// values and alias target, in the order of the sets.
pub(super) fn raw_of(kind: &str, sets: &[ResourceRecordSet]) -> Option<Map> {
    if sets.iter().all(|set| is_our_spelling(kind, set)) {
        return None;
    }
    let list: Vec<Value> = sets
        .iter()
        .map(|set| {
            let mut map = Map::new();
            map.insert_some("id", set.set_identifier());
            let values: Vec<Value> = set
                .resource_records()
                .iter()
                .map(|record| Value::from(record.value()))
                .collect();
            map.insert("values", values);
            map.insert_some("target", set.alias_target().map(AliasTarget::dns_name));
            map.insert_some("health_check", set.health_check_id());
            map.insert_some("multivalue", set.multi_value_answer());
            map.insert_some(
                "bias",
                set.geo_proximity_location()
                    .and_then(GeoProximityLocation::bias),
            );
            Value::Map(map)
        })
        .collect();
    Some([("sets", Value::List(list))].into_iter().collect())
}

/// Returns the stored sets as they were observed: ours, with the service's spelling put back.
pub(super) fn stored(
    name: &str,
    kind: &str,
    fields: &Map,
    raw: Option<&Map>,
    context: Context<'_>,
) -> Result<Vec<ResourceRecordSet>, KindError> {
    let mut sets = encode(name, kind, fields, context)?;
    for spelling in raw
        .map(|raw| raw.list("sets"))
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_map)
    {
        let Some(set) = sets
            .iter_mut()
            .find(|set| set.set_identifier.as_deref() == spelling.text("id"))
        else {
            continue;
        };
        let values = spelling.list("values").iter().filter_map(Value::as_text);
        if let Some(records) = &mut set.resource_records {
            *records = values
                .map(|value| {
                    aws_sdk_route53::types::ResourceRecord::builder()
                        .value(value)
                        .build()
                })
                .collect::<Result<_, _>>()
                .map_err(|error| KindError::Unwritable(error.to_string()))?;
        }
        if let (Some(alias), Some(target)) = (&mut set.alias_target, spelling.text("target")) {
            target.clone_into(&mut alias.dns_name);
        }
        // By id, because the name may meanwhile mean a newer check.
        set.health_check_id = spelling.text("health_check").map(str::to_owned);
        set.multi_value_answer = spelling.bool("multivalue").or(set.multi_value_answer);
        if let Some(location) = &mut set.geo_proximity_location {
            location.bias = spelling
                .int("bias")
                .and_then(|bias| i32::try_from(bias).ok());
        }
    }
    Ok(sets)
}

/// Returns whether writing what we read of a set gives the same set, to the letter.
fn is_our_spelling(kind: &str, set: &ResourceRecordSet) -> bool {
    let repeats =
        |stored: &str| values::to_service(kind, &values::from_service(kind, stored)) == stored;
    let target = set.alias_target().map(AliasTarget::dns_name);
    let bias = set
        .geo_proximity_location()
        .and_then(GeoProximityLocation::bias);
    // A health check is named by its id, because the name may meanwhile mean a newer one.
    set.health_check_id().is_none()
        && set
            .resource_records()
            .iter()
            .all(|record| repeats(record.value()))
        && target.is_none_or(|target| to_wire(&from_wire(target)) == target)
        && bias != Some(0)
        && set.multi_value_answer() != Some(false)
}
