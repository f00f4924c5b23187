//! Record sets of the service to fields, and fields to record sets.

use aws_sdk_route53::types::{
    AliasTarget, CidrRoutingConfig, Coordinates, GeoLocation, GeoProximityLocation, ResourceRecord,
    ResourceRecordSet, ResourceRecordSetFailover, ResourceRecordSetRegion, RrType,
};

use super::shape::{GROUPS, SHAPE};
use super::values;
use crate::kinds::KindError;
use crate::kinds::route53::names::{from_wire, to_wire};
use crate::kinds::route53::zone::bare_id;
use crate::model::{Map, Value};

/// What the codec must know beside the record sets themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// The id of the zone that the record lies in.
    pub(super) zone_id: &'a str,
    /// Names of health checks by id.
    pub(super) health_names: &'a std::collections::BTreeMap<String, String>,
}

/// Returns the canonical fields of the record sets of one name and type.
pub(super) fn decode(sets: &[ResourceRecordSet], context: Context<'_>) -> Map {
    let Some(first) = sets.first() else {
        return Map::new();
    };
    let fields = match group_of(first) {
        None => plain(first, context),
        Some(group) => {
            let members: Vec<Value> = sets
                .iter()
                .map(|set| Value::Map(member(set, context)))
                .collect();
            [(group, Value::List(members))].into_iter().collect()
        }
    };
    SHAPE.canonical(fields)
}

/// Returns the record sets that hold these fields.
pub(super) fn encode(
    name: &str,
    kind: &str,
    fields: &Map,
    context: Context<'_>,
) -> Result<Vec<ResourceRecordSet>, KindError> {
    for group in GROUPS {
        if fields.contains(group) {
            return fields
                .list(group)
                .iter()
                .filter_map(Value::as_map)
                .map(|member| encode_set(name, kind, Some(group), member, context))
                .collect();
        }
    }
    Ok(vec![encode_set(name, kind, None, fields, context)?])
}

fn group_of(set: &ResourceRecordSet) -> Option<&'static str> {
    if set.weight().is_some() {
        Some("weighted")
    } else if set.failover().is_some() {
        Some("failover")
    } else if set.region().is_some() {
        Some("latency")
    } else if set.geo_location().is_some() {
        Some("geolocation")
    } else if set.geo_proximity_location().is_some() {
        Some("geoproximity")
    } else if set.cidr_routing_config().is_some() {
        Some("ip")
    } else if set.multi_value_answer().is_some() || set.set_identifier().is_some() {
        Some("multivalue")
    } else {
        None
    }
}

fn plain(set: &ResourceRecordSet, context: Context<'_>) -> Map {
    let mut map = Map::new();
    map.insert_some("ttl", set.ttl());
    let records = set.resource_records();
    if !records.is_empty() {
        let kind = set.r#type().as_str();
        let values: Vec<Value> = records
            .iter()
            .map(|record| Value::from(values::from_service(kind, record.value())))
            .collect();
        map.insert("values", values);
    }
    if let Some(target) = set.alias_target() {
        let mut alias = Map::new();
        alias.insert("target", from_wire(target.dns_name()));
        let zone = bare_id(target.hosted_zone_id());
        if zone != context.zone_id {
            alias.insert("zone", zone);
        }
        alias.insert("evaluate_target_health", target.evaluate_target_health());
        map.insert("alias", alias);
    }
    if let Some(id) = set.health_check_id() {
        map.insert(
            "health_check",
            context.health_names.get(id).map_or(id, String::as_str),
        );
    }
    map
}

fn member(set: &ResourceRecordSet, context: Context<'_>) -> Map {
    let mut map = plain(set, context);
    map.insert("id", set.set_identifier().unwrap_or_default());
    map.insert_some("weight", set.weight());
    map.insert_some(
        "role",
        set.failover()
            .map(|role| role.as_str().to_ascii_lowercase()),
    );
    map.insert_some(
        "region",
        set.region().map(|region| region.as_str().to_owned()),
    );
    if let Some(geo) = set.geo_location() {
        map.insert_some("continent", geo.continent_code());
        map.insert_some("country", geo.country_code());
        map.insert_some("subdivision", geo.subdivision_code());
    }
    if let Some(geo) = set.geo_proximity_location() {
        map.insert_some("region", geo.aws_region());
        map.insert_some("local_zone_group", geo.local_zone_group());
        map.insert_some("latitude", geo.coordinates().map(Coordinates::latitude));
        map.insert_some("longitude", geo.coordinates().map(Coordinates::longitude));
        map.insert_some("bias", geo.bias());
    }
    if let Some(cidr) = set.cidr_routing_config() {
        map.insert("collection", cidr.collection_id());
        map.insert("location", cidr.location_name());
    }
    map
}

fn encode_set(
    name: &str,
    kind: &str,
    group: Option<&str>,
    fields: &Map,
    context: Context<'_>,
) -> Result<ResourceRecordSet, KindError> {
    let mut set = ResourceRecordSet::builder()
        .name(to_wire(name))
        .r#type(RrType::from(kind));
    set = set.set_ttl(fields.int("ttl"));
    for value in fields.list("values") {
        let text = values::to_service(kind, value.as_text().unwrap_or_default());
        set = set.resource_records(
            ResourceRecord::builder()
                .value(text)
                .build()
                .map_err(unwritable)?,
        );
    }
    if let Some(alias) = fields.map("alias") {
        let target = AliasTarget::builder()
            .dns_name(to_wire(alias.text("target").unwrap_or_default()))
            .hosted_zone_id(alias.text("zone").unwrap_or(context.zone_id))
            .evaluate_target_health(alias.bool("evaluate_target_health").unwrap_or_default());
        set = set.alias_target(target.build().map_err(unwritable)?);
    }
    if let Some(name) = fields.text("health_check") {
        let id = context
            .health_names
            .iter()
            .find(|(_, own)| *own == name)
            .map_or(name, |(id, _)| id);
        set = set.health_check_id(id);
    }
    let Some(group) = group else {
        return set.build().map_err(unwritable);
    };
    set = set.set_set_identifier(fields.text("id").map(str::to_owned));
    set = match group {
        "weighted" => set.set_weight(fields.int("weight")),
        "failover" => {
            let role = fields.text("role").unwrap_or_default().to_ascii_uppercase();
            set.failover(ResourceRecordSetFailover::from(role.as_str()))
        }
        "latency" => set.region(ResourceRecordSetRegion::from(
            fields.text("region").unwrap_or_default(),
        )),
        "geolocation" => set.geo_location(
            GeoLocation::builder()
                .set_continent_code(owned(fields, "continent"))
                .set_country_code(owned(fields, "country"))
                .set_subdivision_code(owned(fields, "subdivision"))
                .build(),
        ),
        "geoproximity" => set.geo_proximity_location(geo_proximity(fields)?),
        "ip" => set.cidr_routing_config(
            CidrRoutingConfig::builder()
                .collection_id(fields.text("collection").unwrap_or_default())
                .location_name(fields.text("location").unwrap_or_default())
                .build()
                .map_err(unwritable)?,
        ),
        _ => set.multi_value_answer(true),
    };
    set.build().map_err(unwritable)
}

fn geo_proximity(fields: &Map) -> Result<GeoProximityLocation, KindError> {
    let mut location = GeoProximityLocation::builder()
        .set_aws_region(owned(fields, "region"))
        .set_local_zone_group(owned(fields, "local_zone_group"));
    if let (Some(latitude), Some(longitude)) = (fields.text("latitude"), fields.text("longitude")) {
        let coordinates = Coordinates::builder()
            .latitude(latitude)
            .longitude(longitude);
        location = location.coordinates(coordinates.build().map_err(unwritable)?);
    }
    // The service answers a bias of zero as absent or as zero; it is sent only when it says something.
    let bias = fields
        .int("bias")
        .and_then(|bias| i32::try_from(bias).ok())
        .filter(|bias| *bias != 0);
    Ok(location.set_bias(bias).build())
}

fn owned(fields: &Map, key: &str) -> Option<String> {
    fields.text(key).map(str::to_owned)
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the signature that map_err wants"
)]
fn unwritable(error: aws_smithy_types::error::operation::BuildError) -> KindError {
    KindError::Unwritable(error.to_string())
}
