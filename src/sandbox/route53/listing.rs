//! The listings of Route 53, page by page, and what is counted.
//!
//! In: a visit with its markers. Out: a page and where the next one starts (API reference,
//! ListHostedZones, ListHostedZonesByName, ListResourceRecordSets). It must not change anything.

use super::super::answer::{Answer, Refusal};
use super::super::sandbox::Visit;
use super::super::state::State;
use super::super::xml::Element;
use super::names;
use super::records::RecordSet;
use super::zones::{Zone, find, invalid_input};

/// The most record sets on a page, whatever MaxItems says (ListResourceRecordSets).
const PAGE: usize = 300;

/// The default quota of record sets in a zone.
const ZONE_LIMIT: usize = 10_000;

/// The page size: MaxItems within the service's own bound.
pub(crate) fn max_items(visit: &Visit<'_>, most: usize) -> Result<usize, Refusal> {
    let Some(text) = visit.call.given("maxitems") else {
        return Ok(most);
    };
    match text.parse::<usize>() {
        Ok(count) if count > 0 => Ok(count.min(most)),
        _ => Err(invalid_input("MaxItems must be a positive number")),
    }
}

/// ListHostedZones: pages by the id that the next page starts with.
pub(crate) fn list(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let most = max_items(visit, 100)?;
    let marker = visit.call.given("marker").unwrap_or_default();
    let mut zones = state
        .zones
        .range(marker.to_owned()..)
        .map(|(_, zone)| zone)
        .filter(|zone| zone.account == visit.account);
    let page: Vec<&Zone> = zones.by_ref().take(most).collect();
    let next = zones.next();
    let response = Element::new("ListHostedZonesResponse")
        .with(Element::new("HostedZones").with_all(page.into_iter().map(Zone::write)))
        .with_some("Marker", visit.call.given("marker"))
        .with_leaf("IsTruncated", next.is_some())
        .with_some("NextMarker", next.map(|zone| &zone.id))
        .with_leaf("MaxItems", most);
    Ok(Answer::xml(response))
}

/// ListHostedZonesByName: ordered by reversed labels, starts at DNSName and HostedZoneId.
pub(crate) fn list_by_name(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let most = max_items(visit, 100)?;
    let (name, id) = (
        visit.call.given("dnsname"),
        visit.call.given("hostedzoneid"),
    );
    if id.is_some() && name.is_none() {
        return Err(invalid_input("HostedZoneId needs DNSName"));
    }
    let start = match name {
        Some(name) => names::reversed(
            &names::canonical(name)
                .map_err(|reason| Refusal::new(400, "InvalidDomainName", reason))?,
        ),
        None => String::new(),
    };
    let first = (start, id.unwrap_or_default());
    let mut zones: Vec<(String, &Zone)> = state
        .zones
        .values()
        .filter(|zone| zone.account == visit.account)
        .map(|zone| (names::reversed(&zone.name), zone))
        .filter(|(name, zone)| (name.as_str(), zone.id.as_str()) >= (first.0.as_str(), first.1))
        .collect();
    zones.sort_by(|one, two| (&one.0, &one.1.id).cmp(&(&two.0, &two.1.id)));
    let next = zones.get(most).map(|(_, zone)| *zone);
    let response = Element::new("ListHostedZonesByNameResponse")
        .with(
            Element::new("HostedZones")
                .with_all(zones.iter().take(most).map(|(_, zone)| zone.write())),
        )
        .with_some("DNSName", name)
        .with_some("HostedZoneId", id)
        .with_leaf("IsTruncated", next.is_some())
        .with_some("NextDNSName", next.map(|zone| &zone.name))
        .with_some("NextHostedZoneId", next.map(|zone| &zone.id))
        .with_leaf("MaxItems", most);
    Ok(Answer::xml(response))
}

/// ListHostedZonesByVPC.
pub(crate) fn list_by_vpc(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let most = max_items(visit, 100)?;
    let (id, region) = (visit.call.given("vpcid"), visit.call.given("vpcregion"));
    let (Some(id), Some(region)) = (id, region) else {
        return Err(invalid_input("Missing VPCId or VPCRegion"));
    };
    let zones = state.zones.values().filter(|zone| {
        zone.account == visit.account
            && zone
                .vpcs
                .iter()
                .any(|vpc| vpc.id == id && vpc.region == region)
    });
    let summaries = zones.map(|zone| {
        Element::new("HostedZoneSummary")
            .with_leaf("HostedZoneId", &zone.id)
            .with_leaf("Name", &zone.name)
            .with(Element::new("Owner").with_leaf("OwningAccount", &zone.account))
    });
    let response = Element::new("ListHostedZonesByVPCResponse")
        .with(Element::new("HostedZoneSummaries").with_all(summaries.take(most)))
        .with_leaf("MaxItems", most);
    Ok(Answer::xml(response))
}

/// GetHostedZoneCount.
#[expect(clippy::unnecessary_wraps, reason = "all operations have one type")]
pub(crate) fn count(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let count = state
        .zones
        .values()
        .filter(|zone| zone.account == visit.account)
        .count();
    Ok(Answer::xml(
        Element::new("GetHostedZoneCountResponse").with_leaf("HostedZoneCount", count),
    ))
}

/// GetHostedZoneLimit.
pub(crate) fn limit(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let zone = find(state, visit)?;
    let kind = visit
        .call
        .path
        .last()
        .map(String::as_str)
        .unwrap_or_default();
    let (value, count) = match kind {
        "MAX_RRSETS_BY_ZONE" => (ZONE_LIMIT, zone.records.len()),
        "MAX_VPCS_ASSOCIATED_BY_ZONE" if zone.private => (300, zone.vpcs.len()),
        "MAX_VPCS_ASSOCIATED_BY_ZONE" => {
            let message = "The specified hosted zone is a public hosted zone, not a private one.";
            return Err(Refusal::new(400, "HostedZoneNotPrivate", message));
        }
        _ => return Err(invalid_input("The limit type is not valid")),
    };
    let limit = Element::new("Limit")
        .with_leaf("Type", kind)
        .with_leaf("Value", value);
    let response = Element::new("GetHostedZoneLimitResponse")
        .with(limit)
        .with_leaf("Count", count);
    Ok(Answer::xml(response))
}

/// GetAccountLimit: the default quotas.
pub(crate) fn account_limit(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let kind = visit
        .call
        .path
        .last()
        .map(String::as_str)
        .unwrap_or_default();
    let own = |account: &String| account == visit.account;
    let (value, count) = match kind {
        "MAX_HOSTED_ZONES_BY_OWNER" => (
            500,
            state
                .zones
                .values()
                .filter(|zone| own(&zone.account))
                .count(),
        ),
        "MAX_HEALTH_CHECKS_BY_OWNER" => (
            200,
            state
                .health_checks
                .values()
                .filter(|check| own(&check.account))
                .count(),
        ),
        _ => return Err(invalid_input("The limit type is not valid")),
    };
    let limit = Element::new("Limit")
        .with_leaf("Type", kind)
        .with_leaf("Value", value);
    let response = Element::new("GetAccountLimitResponse")
        .with(limit)
        .with_leaf("Count", count);
    Ok(Answer::xml(response))
}

/// ListResourceRecordSets: at most 300 on a page, three markers.
pub(crate) fn list_records(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let zone = find(state, visit)?;
    let most = max_items(visit, PAGE)?;
    let marker = |name: &str| visit.call.given(name).map(str::to_owned);
    let (name, kind, id) = (marker("name"), marker("type"), marker("identifier"));
    if (kind.is_some() && name.is_none()) || (id.is_some() && kind.is_none()) {
        return Err(invalid_input(
            "StartRecordType needs StartRecordName, and StartRecordIdentifier needs both",
        ));
    }
    let start = match name {
        Some(name) => {
            let name = names::canonical(&name).map_err(|reason| invalid_input(&reason))?;
            names::reversed(&name)
        }
        None => String::new(),
    };
    let mut sets = zone
        .records
        .from((start, kind.unwrap_or_default(), id.unwrap_or_default()))
        .map(|(_, set)| set);
    let page: Vec<Element> = sets.by_ref().take(most).map(RecordSet::write).collect();
    let next = sets.next();
    let response = Element::new("ListResourceRecordSetsResponse")
        .with(Element::new("ResourceRecordSets").with_all(page))
        .with_leaf("IsTruncated", next.is_some())
        .with_some("NextRecordName", next.map(|set| &set.name))
        .with_some("NextRecordType", next.map(|set| &set.kind))
        .with_some(
            "NextRecordIdentifier",
            next.and_then(|set| set.set_identifier.as_ref()),
        )
        .with_leaf("MaxItems", most);
    Ok(Answer::xml(response))
}
