//! A declared record: its place in the zone, and the rules that need no service to check.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{find_zone, full_name, is_below, is_protected};
use super::shape::GROUPS;
use super::values;
use crate::kinds::route53::zone::ZoneRef;
use crate::kinds::{Declaration, Declared, Entry, route53_health_check, route53_zone};
use crate::model::{Address, Finding, GLOBAL, Map, Value};

/// Zone ids of services whose every alias target lies in one zone.
///
/// Rule: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html>
const FIXED_ZONES: [(&str, &str); 2] = [
    (".cloudfront.net", "Z2FDTNDATAQYW2"),
    (".awsglobalaccelerator.com", "Z2BJ6XQ5FK7U4H"),
];
/// The longest set identifier (`ResourceRecordSet.SetIdentifier`).
const MAX_SET_ID: usize = 128;
/// The most values of one set (Route 53 quotas).
const MAX_VALUES: usize = 100;

pub(super) fn declare(entry: &mut Entry<'_>) -> Option<Declaration> {
    let before = entry.findings.len();
    let (zone_label, zone) = find_zone(entry)?;
    let zone_name = zone.text("name").unwrap_or_default();
    let name = full_name(entry, zone_name)?;
    let settings = entry.settings;
    let kind = settings.text("type").unwrap_or_default();
    let apex = name == zone_name;
    if apex && kind == "CNAME" {
        entry.error(
            "cname-at-apex",
            "/type",
            format!("a CNAME cannot stand at the top of the zone {zone_name}"),
            "use an A or AAAA record with an alias",
        );
    }
    let mut fields = std::mem::take(&mut entry.fields);
    let mut depends = Vec::new();
    if zone.bool("create") == Some(true) {
        depends.push(Address::new(GLOBAL, route53_zone::NAME, &zone_label));
    }
    shape_of(entry, &mut fields, kind, zone_name, &mut depends);
    if entry.findings.len() > before {
        return None;
    }
    let mut identity: Map = [
        ("name", Value::text(name.as_str())),
        ("type", Value::text(kind)),
        ("zone", Value::text(ZoneRef::of_entry(zone).to_text())),
    ]
    .into_iter()
    .collect();
    if zone.bool("create") == Some(true) {
        identity.insert("create", true);
    }
    if is_protected(zone, &name, zone_name) {
        identity.insert("protected", true);
    }
    Some(Declaration {
        id: [&zone_label, "/", &name, "/", kind].concat(),
        scope: route53_zone::scope_name(&zone_label),
        identity,
        fields: super::shape::SHAPE.canonical(fields),
        exclusive: false,
        adopt: zone.bool("adopt").unwrap_or_default(),
        observe: zone.bool("observe").unwrap_or_default(),
        depends,
    })
}

/// Checks what only shows beside the other records: a CNAME stands alone at its name.
pub(super) fn check(all: &BTreeMap<Address, Declared>, findings: &mut Vec<Finding>) {
    let is_cname =
        |address: &Address| address.kind() == super::NAME && address.id().ends_with("/CNAME");
    for (address, cname) in all.iter().filter(|(address, _)| is_cname(address)) {
        // The records of a name stand together: `<zone>/<name>/<type>`.
        let Some(name) = address.id().strip_suffix("CNAME") else {
            continue;
        };
        let first = Address::new(address.site(), super::NAME, name);
        let neighbours = all
            .range(first..)
            .take_while(|(other, _)| other.id().starts_with(name));
        for (_, other) in neighbours.filter(|(other, _)| *other != address) {
            findings.push(beside(cname, other));
        }
    }
}

fn beside(cname: &Declared, other: &Declared) -> Finding {
    let name = cname.object.identity.text("name").unwrap_or_default();
    let kind = other.object.identity.text("type").unwrap_or_default();
    let mut finding = Finding::error(
        "cname-beside-others",
        format!("{name} has a CNAME and a record of type {kind}"),
    )
    .help("a name with a CNAME has no other record; drop one of them")
    .about(cname.object.address.clone())
    .about(other.object.address.clone());
    for (span, text) in [
        (cname.spans.of("/type"), "the CNAME"),
        (other.spans.of("/type"), "the other record"),
    ] {
        if let Some(span) = span {
            finding = finding.at(span, text);
        }
    }
    finding
}

/// Checks that the record has one shape, and brings its members to their canonical form.
fn shape_of(
    entry: &mut Entry<'_>,
    fields: &mut Map,
    kind: &str,
    zone: &str,
    depends: &mut Vec<Address>,
) {
    let groups: Vec<&str> = GROUPS
        .into_iter()
        .filter(|group| fields.contains(group))
        .collect();
    let plain = ["values", "alias"]
        .into_iter()
        .filter(|field| fields.contains(field))
        .count();
    match (groups.as_slice(), plain) {
        ([], 0) => entry.error(
            "record-without-answer",
            "",
            "the record has no answer",
            "give it `ttl` and `values`, an `alias`, or one of weighted, failover, latency, geolocation, geoproximity, ip, multivalue",
        ),
        ([], 1) => {
            answer(entry, fields, "", kind, zone);
            health_check(entry, fields, "", depends);
        }
        ([], _) => entry.error("two-shapes", "/alias", "the record has values and an alias", "keep one of them"),
        ([group], 0) => members(entry, fields, group, kind, zone, depends),
        ([_, second, ..], _) => entry.error(
            "two-policies",
            &format!("/{second}"),
            format!("the record has more than one routing policy: {}", groups.join(", ")),
            "all record sets of one name and type follow one policy",
        ),
        ([group], _) => entry.error(
            "two-shapes",
            &format!("/{group}"),
            format!("the record has a plain answer beside its {group} members"),
            "move the answer into a member, or drop the members",
        ),
    }
}

fn answer(entry: &mut Entry<'_>, fields: &mut Map, at: &str, kind: &str, zone: &str) {
    if let Some(alias) = fields.remove("alias") {
        if fields.contains("ttl") {
            entry.error(
                "alias-with-ttl",
                &format!("{at}/ttl"),
                "an alias has no TTL of its own",
                "leave `ttl` out; resolvers keep the answer as long as the target says",
            );
        }
        if let Value::Map(alias) = alias {
            let alias = alias_zone(entry, alias, at, zone);
            fields.insert("alias", alias);
        }
        return;
    }
    if !fields.contains("ttl") {
        entry.error(
            "missing-ttl",
            at,
            "the record has values and no TTL",
            "say how long resolvers keep the answer, such as ttl = \"60s\"",
        );
    }
    let written = match fields.remove("values") {
        Some(Value::List(written)) => written,
        _ => Vec::new(),
    };
    if written.is_empty() {
        entry.error(
            "record-without-answer",
            &format!("{at}/values"),
            "the record has no value",
            "",
        );
    }
    if written.len() > MAX_VALUES {
        entry.error(
            "too-many-values",
            &format!("{at}/values"),
            format!("{} values are more than {MAX_VALUES}", written.len()),
            "",
        );
    }
    if kind == "CNAME" && written.len() > 1 {
        entry.error(
            "cname-with-values",
            &format!("{at}/values"),
            "a CNAME has one value",
            "",
        );
    }
    let mut canonical = Vec::with_capacity(written.len());
    for value in written.iter().filter_map(Value::as_text) {
        match values::canonical(kind, value) {
            Ok(value) => canonical.push(Value::from(value)),
            Err(why) => entry.error(
                "bad-record-value",
                &format!("{at}/values"),
                format!("`{value}` is no value of type {kind}: {why}"),
                "",
            ),
        }
    }
    let count = canonical.len();
    canonical.sort();
    canonical.dedup();
    if canonical.len() < count {
        entry.error(
            "duplicate-value",
            &format!("{at}/values"),
            "a value stands twice",
            "values are a set; drop one",
        );
    }
    fields.insert("values", canonical);
}

fn alias_zone(entry: &mut Entry<'_>, mut alias: Map, at: &str, zone: &str) -> Map {
    let target = alias.text("target").unwrap_or_default().to_owned();
    let fixed = FIXED_ZONES
        .iter()
        .find(|(suffix, _)| target.ends_with(suffix));
    let inside = target == zone || is_below(&target, zone);
    match (alias.contains("zone"), inside, fixed) {
        (false, false, Some((_, id))) => {
            alias.insert("zone", *id);
        }
        (false, false, None) => entry.error(
            "alias-without-zone",
            &format!("{at}/alias"),
            format!("{target} lies outside the zone {zone}, so its hosted zone id is needed"),
            "give `zone`, the hosted zone id that the AWS service publishes for its region",
        ),
        _ => {}
    }
    let health = alias.bool("evaluate_target_health").unwrap_or_default();
    if health && target.ends_with(FIXED_ZONES[0].0) {
        entry.error(
            "alias-health",
            &format!("{at}/alias/evaluate_target_health"),
            "the health of a CloudFront distribution cannot be evaluated",
            "set it to false",
        );
    }
    alias
}

fn health_check(entry: &mut Entry<'_>, fields: &mut Map, at: &str, depends: &mut Vec<Address>) {
    let Some(name) = fields.text("health_check").map(str::to_owned) else {
        return;
    };
    let registry = entry.registry;
    match registry.find(route53_health_check::SECTION.array, &name) {
        Some(declared) => match declared.text("id") {
            Some(id) => {
                fields.insert("health_check", id);
            }
            None => depends.push(Address::new(GLOBAL, route53_health_check::NAME, &name)),
        },
        None if route53_health_check::is_id(&name) => {}
        None => {
            let known: Vec<&str> = registry.keys(route53_health_check::SECTION.array).collect();
            entry.error(
                "unknown-health-check",
                &format!("{at}/health_check"),
                format!("no [[route53_health_check]] is named `{name}`"),
                if known.is_empty() {
                    "declare it, or give the id of one".to_owned()
                } else {
                    format!("declared: {}", known.join(", "))
                },
            );
        }
    }
}

fn members(
    entry: &mut Entry<'_>,
    fields: &mut Map,
    group: &str,
    kind: &str,
    zone: &str,
    depends: &mut Vec<Address>,
) {
    let ttl = fields.remove("ttl");
    if let Some(shared) = fields.remove("health_check") {
        entry.error(
            "misplaced-health-check",
            "/health_check",
            format!("{shared} stands beside the members"),
            "give each member its own health check",
        );
    }
    let Some(Value::List(list)) = fields.remove(group) else {
        return;
    };
    let mut canonical = Vec::with_capacity(list.len());
    for (index, member) in list.into_iter().enumerate() {
        let Value::Map(mut member) = member else {
            continue;
        };
        let at = format!("/{group}/{index}");
        if !member.contains("ttl") && !member.contains("alias") {
            member.insert_some("ttl", ttl.clone());
        }
        match (member.contains("values"), member.contains("alias")) {
            (false, false) => entry.error(
                "record-without-answer",
                &at,
                "the member has no answer",
                "give it `values` or an `alias`",
            ),
            (true, true) => entry.error(
                "two-shapes",
                &at,
                "the member has values and an alias",
                "keep one of them",
            ),
            _ => answer(entry, &mut member, &at, kind, zone),
        }
        health_check(entry, &mut member, &at, depends);
        if member.text("id").is_some_and(|id| id.len() > MAX_SET_ID) {
            entry.error(
                "bad-text",
                &format!("{at}/id"),
                format!("an id has at most {MAX_SET_ID} characters"),
                "",
            );
        }
        canonical.push(member);
    }
    group_rules(entry, group, &canonical);
    let list: Vec<Value> = canonical.into_iter().map(Value::Map).collect();
    fields.insert(group.to_owned(), list);
}

/// Checks the rules of one policy.
///
/// Rule: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html>
fn group_rules(entry: &mut Entry<'_>, group: &str, members: &[Map]) {
    let one_value = matches!(group, "weighted" | "multivalue");
    for (index, member) in members.iter().enumerate() {
        let at = format!("/{group}/{index}");
        if one_value && member.list("values").len() > 1 {
            entry.error(
                "member-with-values",
                &format!("{at}/values"),
                format!("a {group} member has one value"),
                "make a member for each value",
            );
        }
        let alias_blind = member
            .map("alias")
            .is_some_and(|alias| alias.bool("evaluate_target_health") != Some(true));
        if group == "failover" && alias_blind {
            entry.error(
                "alias-health",
                &format!("{at}/alias"),
                "a failover alias must evaluate the health of its target",
                "set evaluate_target_health = true",
            );
        }
    }
    if group == "weighted" {
        let ttls: BTreeSet<Option<i64>> = members
            .iter()
            .filter(|member| !member.contains("alias"))
            .map(|member| member.int("ttl"))
            .collect();
        if ttls.len() > 1 {
            entry.error(
                "weighted-ttls",
                "/weighted",
                "the members have different TTLs",
                "weighted members share one TTL; set `ttl` beside them",
            );
        }
    }
    if group == "failover" {
        for role in ["primary", "secondary"] {
            if members
                .iter()
                .filter(|member| member.text("role") == Some(role))
                .count()
                > 1
            {
                entry.error(
                    "failover-roles",
                    "/failover",
                    format!("two members are {role}"),
                    "a failover record has one primary and one secondary",
                );
            }
        }
    }
}
