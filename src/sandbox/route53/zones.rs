//! Hosted zones and the state of changes.
//!
//! In: a visit. Out: the service's answers (API reference, HostedZone, ChangeInfo). It must not know what may be changed in a zone: that is in `change` and `rules`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::super::answer::{Answer, Refusal};
use super::super::sandbox::Visit;
use super::super::state::{State, Undo, identifier, instant};
use super::super::world::Vpc;
use super::super::xml::Element;
use super::names;
use super::records::{RecordSet, Records};

/// A hosted zone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Zone {
    /// The id.
    pub(crate) id: String,
    /// The owner.
    pub(crate) account: String,
    /// The name, in stored form.
    pub(crate) name: String,
    /// Whether it is private.
    pub(crate) private: bool,
    /// The VPCs of a private zone.
    pub(crate) vpcs: Vec<Vpc>,
    /// The comment.
    pub(crate) comment: Option<String>,
    /// The caller reference.
    pub(crate) reference: String,
    /// The tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// The record sets.
    pub(crate) records: Records,
    /// Until when the next change meets PriorRequestNotComplete.
    pub(crate) busy_until: i64,
}

/// The name servers of every public zone of the sandbox.
const SERVERS: [&str; 4] = [
    "ns-2048.awsdns-64.com",
    "ns-2049.awsdns-65.net",
    "ns-2050.awsdns-66.org",
    "ns-2051.awsdns-67.co.uk",
];

impl Zone {
    /// A zone with the SOA and NS that Route 53 makes for it.
    pub(crate) fn new(id: String, account: &str, name: String, private: bool) -> Self {
        let set = |kind: &str, ttl: u32, values: Vec<String>| {
            let records = Element::new("ResourceRecords").with_all(
                values
                    .iter()
                    .map(|value| Element::new("ResourceRecord").with_leaf("Value", value)),
            );
            let set = Element::new("ResourceRecordSet")
                .with_leaf("Name", &name)
                .with_leaf("Type", kind)
                .with_leaf("TTL", ttl)
                .with(records);
            RecordSet::read(&set).ok()
        };
        let servers = SERVERS.iter().map(|server| format!("{server}.")).collect();
        let start = format!(
            "{}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",
            SERVERS[0]
        );
        let apex = [set("NS", 172_800, servers), set("SOA", 900, vec![start])];
        Self {
            records: apex.into_iter().flatten().collect::<Vec<_>>().into(),
            reference: id.clone(),
            id,
            account: account.to_owned(),
            name,
            private,
            vpcs: Vec::new(),
            comment: None,
            tags: BTreeMap::new(),
            busy_until: 0,
        }
    }

    /// The HostedZone element.
    pub(crate) fn write(&self) -> Element {
        Element::new("HostedZone")
            .with_leaf("Id", format!("/hostedzone/{}", self.id))
            .with_leaf("Name", &self.name)
            .with_leaf("CallerReference", &self.reference)
            .with(
                Element::new("Config")
                    .with_some("Comment", self.comment.as_ref())
                    .with_leaf("PrivateZone", self.private),
            )
            .with_leaf("ResourceRecordSetCount", self.records.len())
    }

    /// Its name servers, or its VPCs if it is private.
    fn attachments(&self) -> Element {
        if self.private {
            Element::new("VPCs").with_all(self.vpcs.iter().map(write_vpc))
        } else {
            Element::new("DelegationSet").with(
                Element::new("NameServers").with_all(
                    SERVERS
                        .iter()
                        .map(|server| Element::leaf("NameServer", server)),
                ),
            )
        }
    }
}

fn write_vpc(vpc: &Vpc) -> Element {
    Element::new("VPC")
        .with_leaf("VPCRegion", &vpc.region)
        .with_leaf("VPCId", &vpc.id)
}

fn read_vpc(document: &Element) -> Result<Vpc, Refusal> {
    let text = |name| {
        document
            .text_at(&["VPC", name])
            .filter(|text| !text.is_empty())
    };
    match (text("VPCId"), text("VPCRegion")) {
        (Some(id), Some(region)) => Ok(Vpc {
            id: id.to_owned(),
            region: region.to_owned(),
        }),
        _ => Err(invalid_input("Missing field 'VPCId' or 'VPCRegion'")),
    }
}

/// The service's InvalidInput.
pub(crate) fn invalid_input(reason: &str) -> Refusal {
    Refusal::new(400, "InvalidInput", format!("Invalid request: {reason}"))
}

/// The body as a document.
pub(crate) fn document(visit: &Visit<'_>) -> Result<Element, Refusal> {
    visit.call.document().map_err(|reason| {
        Refusal::new(
            400,
            "MalformedXML",
            format!("The XML you provided is not well-formed: {reason}"),
        )
    })
}

fn missing(id: &str) -> Refusal {
    Refusal::new(
        404,
        "NoSuchHostedZone",
        format!("No hosted zone found with ID: {id}"),
    )
}

/// The zone that the visit is about, if its account owns it.
pub(crate) fn find<'a>(state: &'a State, visit: &Visit<'_>) -> Result<&'a Zone, Refusal> {
    let zone = state
        .zones
        .get(visit.resource)
        .filter(|zone| zone.account == visit.account);
    zone.ok_or_else(|| missing(visit.resource))
}

/// The same, to change it.
pub(crate) fn find_mut<'a>(
    state: &'a mut State,
    visit: &Visit<'_>,
) -> Result<&'a mut Zone, Refusal> {
    let zone = state
        .zones
        .get_mut(visit.resource)
        .filter(|zone| zone.account == visit.account);
    zone.ok_or_else(|| missing(visit.resource))
}

/// Refuses a change while an earlier one of the zone is worked on.
pub(crate) fn not_busy(state: &State, id: &str, now: i64) -> Result<(), Refusal> {
    match state.zones.get(id) {
        Some(zone) if now < zone.busy_until => Err(busy()),
        _ => Ok(()),
    }
}

/// PriorRequestNotComplete.
pub(crate) fn busy() -> Refusal {
    Refusal::new(
        400,
        "PriorRequestNotComplete",
        "The request was rejected because Route 53 was still processing a prior request.",
    )
}

/// Names a change of a zone and gives its ChangeInfo.
pub(crate) fn submit(
    state: &mut State,
    visit: &Visit<'_>,
    zone: &str,
    comment: Option<String>,
) -> Element {
    let busy_until = visit.now.saturating_add(state.behaviour.busy_ms);
    if let Some(zone) = state.zones.get_mut(zone) {
        zone.busy_until = busy_until;
    }
    let id = state.submit(visit.account, visit.now, comment);
    change_info(state, &id, visit.now)
}

fn change_info(state: &State, id: &str, now: i64) -> Element {
    let (submitted, comment) = state.changes.get(id).map_or((now, None), |change| {
        (change.submitted, change.comment.as_ref())
    });
    let insync = submitted.saturating_add(state.behaviour.insync_after_ms) <= now;
    Element::new("ChangeInfo")
        .with_leaf("Id", format!("/change/{id}"))
        .with_leaf("Status", if insync { "INSYNC" } else { "PENDING" })
        .with_leaf("SubmittedAt", instant(submitted))
        .with_some("Comment", comment)
}

/// GetChange.
pub(crate) fn get_change(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let id = visit.resource;
    if state
        .changes
        .get(id)
        .is_none_or(|change| change.account != visit.account)
    {
        let message = format!("Could not find resource with ID: {id}");
        return Err(Refusal::new(404, "NoSuchChange", message));
    }
    Ok(Answer::xml(
        Element::new("GetChangeResponse").with(change_info(state, id, visit.now)),
    ))
}

/// CreateHostedZone.
pub(crate) fn create(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let document = document(visit)?;
    let text = |path: &[&str]| document.text_at(path).filter(|text| !text.is_empty());
    let name = text(&["Name"]).ok_or_else(|| invalid_input("Missing field 'Name'"))?;
    let name =
        names::canonical(name).map_err(|reason| Refusal::new(400, "InvalidDomainName", reason))?;
    let reference = text(&["CallerReference"])
        .ok_or_else(|| invalid_input("Missing field 'CallerReference'"))?;
    if state
        .zones
        .values()
        .any(|zone| zone.account == visit.account && zone.reference == reference)
    {
        let message = format!(
            "A hosted zone has already been created with the specified caller reference: {reference}"
        );
        return Err(Refusal::new(409, "HostedZoneAlreadyExists", message));
    }
    let vpcs = document
        .child("VPC")
        .map(|_| read_vpc(&document))
        .transpose()?;
    let private = vpcs.is_some() || text(&["HostedZoneConfig", "PrivateZone"]) == Some("true");
    if private && vpcs.is_none() {
        return Err(invalid_input("A private hosted zone needs a VPC"));
    }
    let id = identifier("Z", &format!("zone {}", state.next()));
    let mut zone = Zone::new(id.clone(), visit.account, name, private);
    zone.vpcs = vpcs.into_iter().collect();
    zone.comment = text(&["HostedZoneConfig", "Comment"]).map(str::to_owned);
    reference.clone_into(&mut zone.reference);
    let mut response = Element::new("CreateHostedZoneResponse").with(zone.write());
    let vpc = zone.vpcs.first().map(write_vpc);
    let attachments = (!private).then(|| zone.attachments());
    state.zones.insert(id.clone(), zone);
    state.remember(Undo::Zone(id.clone(), None));
    response = response
        .with(submit(state, visit, &id, None))
        .with_all(attachments)
        .with_all(vpc);
    let location = format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{id}");
    Ok(Answer::xml(response)
        .status(201)
        .header("location", location))
}

/// GetHostedZone.
pub(crate) fn get(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let zone = find(state, visit)?;
    let response = Element::new("GetHostedZoneResponse")
        .with(zone.write())
        .with(zone.attachments());
    Ok(Answer::xml(response))
}

/// DeleteHostedZone: only SOA and NS of the apex may be left.
pub(crate) fn delete(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let zone = find(state, visit)?.clone();
    not_busy(state, &zone.id, visit.now)?;
    if zone.records.len() > 2 {
        return Err(Refusal::new(
            400,
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
        ));
    }
    state.zones.remove(&zone.id);
    state.remember(Undo::Zone(zone.id.clone(), Some(Box::new(zone))));
    let info = submit(state, visit, visit.resource, None);
    Ok(Answer::xml(
        Element::new("DeleteHostedZoneResponse").with(info),
    ))
}

/// UpdateHostedZoneComment.
pub(crate) fn comment(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let document = document(visit)?;
    let before = find(state, visit)?.clone();
    let zone = find_mut(state, visit)?;
    zone.comment = document
        .raw("Comment")
        .filter(|text| !text.is_empty())
        .map(str::to_owned);
    let response = Element::new("UpdateHostedZoneCommentResponse").with(zone.write());
    state.remember(Undo::Zone(before.id.clone(), Some(Box::new(before))));
    Ok(Answer::xml(response))
}

/// AssociateVPCWithHostedZone: private zones only.
pub(crate) fn associate(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let vpc = read_vpc(&document(visit)?)?;
    let zone = find_mut(state, visit)?;
    if !zone.private {
        let message =
            "The hosted zone is public; VPCs can be associated with private hosted zones only.";
        return Err(Refusal::new(400, "PublicZoneVPCAssociation", message));
    }
    let before = zone.clone();
    zone.vpcs.retain(|other| *other != vpc);
    zone.vpcs.push(vpc);
    state.remember(Undo::Zone(before.id.clone(), Some(Box::new(before))));
    let info = submit(state, visit, visit.resource, None);
    Ok(Answer::xml(
        Element::new("AssociateVPCWithHostedZoneResponse").with(info),
    ))
}

/// DisassociateVPCFromHostedZone: the last one stays.
pub(crate) fn disassociate(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let vpc = read_vpc(&document(visit)?)?;
    let zone = find_mut(state, visit)?;
    if !zone.vpcs.contains(&vpc) {
        let message = format!("The VPC {} is not associated with the hosted zone.", vpc.id);
        return Err(Refusal::new(404, "VPCAssociationNotFound", message));
    }
    if zone.vpcs.len() == 1 {
        let message = "The last VPC of a private hosted zone cannot be disassociated.";
        return Err(Refusal::new(400, "LastVPCAssociation", message));
    }
    let before = zone.clone();
    zone.vpcs.retain(|other| *other != vpc);
    state.remember(Undo::Zone(before.id.clone(), Some(Box::new(before))));
    let info = submit(state, visit, visit.resource, None);
    Ok(Answer::xml(
        Element::new("DisassociateVPCFromHostedZoneResponse").with(info),
    ))
}
