//! Health checks: what Route 53 fills in, what it refuses, and what the checkers see.
//!
//! In: a visit. Out: the service's answers (API reference, HealthCheckConfig, UpdateHealthCheck).
//! It must not know which record sets use a check.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::super::answer::{Answer, Refusal};
use super::super::sandbox::Visit;
use super::super::state::{State, Undo, instant, uuid};
use super::super::world::Health;
use super::super::xml::Element;
use super::listing::max_items;
use super::zones::{document, invalid_input};

/// A health check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HealthCheck {
    /// The id.
    pub(crate) id: String,
    /// The owner.
    pub(crate) account: String,
    /// The caller reference.
    pub(crate) reference: String,
    /// Counts the updates.
    pub(crate) version: u64,
    /// HealthCheckConfig, with defaults filled in.
    pub(crate) config: Element,
    /// What the checkers see.
    pub(crate) status: Health,
    /// The tags.
    pub(crate) tags: BTreeMap<String, String>,
}

/// The members of HealthCheckConfig, in the order of the service's model.
const MEMBERS: [&str; 18] = [
    "IPAddress",
    "Port",
    "Type",
    "ResourcePath",
    "FullyQualifiedDomainName",
    "SearchString",
    "RequestInterval",
    "FailureThreshold",
    "MeasureLatency",
    "Inverted",
    "Disabled",
    "HealthThreshold",
    "ChildHealthChecks",
    "EnableSNI",
    "Regions",
    "AlarmIdentifier",
    "InsufficientDataHealthStatus",
    "RoutingControlArn",
];

/// The members that UpdateHealthCheck cannot change: a check that differs in them is another one.
const FIXED: [&str; 4] = [
    "Type",
    "RequestInterval",
    "MeasureLatency",
    "RoutingControlArn",
];

/// Types that probe an endpoint.
const ENDPOINTS: [&str; 5] = ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"];

impl HealthCheck {
    fn write(&self) -> Element {
        Element::new("HealthCheck")
            .with_leaf("Id", &self.id)
            .with_leaf("CallerReference", &self.reference)
            .with(self.config.clone())
            .with_leaf("HealthCheckVersion", self.version)
    }
}

/// Fills in the documented defaults, orders the members and checks them; the error is the reason.
pub(crate) fn complete(config: &Element) -> Result<Element, String> {
    let mut config = Element {
        name: "HealthCheckConfig".to_owned(),
        ..config.clone()
    };
    if let Some(odd) = config
        .children
        .iter()
        .find(|child| !MEMBERS.contains(&child.name.as_str()))
    {
        return Err(format!(
            "Unknown member '{}' in HealthCheckConfig",
            odd.name
        ));
    }
    let kind = config.text_at(&["Type"]).unwrap_or_default().to_owned();
    let endpoint = ENDPOINTS.contains(&kind.as_str());
    let tls = kind.starts_with("HTTPS");
    let mut default = |name: &str, value: &str| {
        if config.text_at(&[name]).is_none_or(str::is_empty) {
            config.replace(Element::leaf(name, value));
        }
    };
    default("Inverted", "false");
    default("Disabled", "false");
    if endpoint {
        default("RequestInterval", "30");
        default("FailureThreshold", "3");
        default("MeasureLatency", "false");
        default("EnableSNI", if tls { "true" } else { "false" });
        if kind != "TCP" {
            default("Port", if tls { "443" } else { "80" });
        }
    }
    config
        .children
        .sort_by_key(|child| MEMBERS.iter().position(|name| *name == child.name));
    match problem(&config, &kind, endpoint) {
        Some(reason) => Err(reason),
        None => Ok(config),
    }
}

fn problem(config: &Element, kind: &str, endpoint: bool) -> Option<String> {
    let text = |name: &str| config.text_at(&[name]).filter(|text| !text.is_empty());
    let number = |name: &str| text(name).map(|text| text.parse::<u64>().unwrap_or(u64::MAX));
    let needs = |name: &str| Some(format!("A health check of type {kind} needs {name}"));
    let children =
        |name: &str, item: &str| config.child(name).map_or(0, |list| list.all(item).count());
    for flag in ["Inverted", "Disabled", "MeasureLatency", "EnableSNI"] {
        if text(flag).is_some_and(|value| value.parse::<bool>().is_err()) {
            return Some(format!("{flag} must be true or false"));
        }
    }
    match kind {
        "CALCULATED" => match children("ChildHealthChecks", "ChildHealthCheck") {
            0 => needs("ChildHealthChecks"),
            1..=255 if number("HealthThreshold").unwrap_or(0) <= 256 => None,
            _ => Some("HealthThreshold and the number of children must be at most 256".to_owned()),
        },
        "CLOUDWATCH_METRIC" => {
            let alarm = |name| {
                config
                    .text_at(&["AlarmIdentifier", name])
                    .is_none_or(str::is_empty)
            };
            if alarm("Region") || alarm("Name") {
                needs("AlarmIdentifier")
            } else {
                None
            }
        }
        "RECOVERY_CONTROL" if text("RoutingControlArn").is_none() => needs("RoutingControlArn"),
        "RECOVERY_CONTROL" => None,
        _ if !endpoint => Some(format!("The health check type '{kind}' is not valid")),
        _ if text("IPAddress").is_none() && text("FullyQualifiedDomainName").is_none() => {
            needs("IPAddress or FullyQualifiedDomainName")
        }
        _ if text("IPAddress").is_some_and(unreachable) => {
            Some("The IPAddress is not reachable from the internet".to_owned())
        }
        "TCP" if number("Port").is_none() => needs("Port"),
        _ if kind.ends_with("_STR_MATCH")
            && text("SearchString").is_none_or(|text| text.chars().count() > 255) =>
        {
            needs("SearchString of 1 to 255 characters")
        }
        _ if !number("Port").is_some_and(|port| (1..=65_535).contains(&port)) => {
            Some("Port must be 1 to 65535".to_owned())
        }
        _ if !matches!(number("RequestInterval"), Some(10 | 30)) => {
            Some("RequestInterval must be 10 or 30".to_owned())
        }
        _ if !matches!(number("FailureThreshold"), Some(1..=10)) => {
            Some("FailureThreshold must be 1 to 10".to_owned())
        }
        _ if matches!(children("Regions", "Region"), 1 | 2) => {
            Some("Regions must have at least 3 members".to_owned())
        }
        _ => None,
    }
}

/// Health checkers are on the internet (HealthCheckConfig, IPAddress).
fn unreachable(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok_and(|address| {
        address.is_private() || address.is_loopback() || address.is_link_local()
    })
}

/// NoSuchHealthCheck.
pub(crate) fn missing(id: &str) -> Refusal {
    Refusal::new(
        404,
        "NoSuchHealthCheck",
        format!("A health check with id {id} does not exist."),
    )
}

fn find<'a>(state: &'a State, visit: &Visit<'_>) -> Result<&'a HealthCheck, Refusal> {
    let check = state.health_checks.get(visit.resource);
    let check = check.filter(|check| check.account == visit.account);
    check.ok_or_else(|| missing(visit.resource))
}

/// CreateHealthCheck: the same reference with the same settings gives the check that is there.
pub(crate) fn create(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let document = document(visit)?;
    let reference = document
        .text_at(&["CallerReference"])
        .filter(|text| !text.is_empty())
        .ok_or_else(|| invalid_input("Missing field 'CallerReference'"))?
        .to_owned();
    let config = document
        .child("HealthCheckConfig")
        .ok_or_else(|| invalid_input("Missing field 'HealthCheckConfig'"))?;
    let config = complete(config).map_err(|reason| invalid_input(&reason))?;
    children_exist(state, visit, &config)?;
    let mut own = state
        .health_checks
        .values()
        .filter(|check| check.account == visit.account);
    let check = match own.find(|check| check.reference == reference) {
        Some(check) if check.config == config => check.clone(),
        Some(_) => {
            let message = format!(
                "A health check with caller reference {reference} already exists with other settings."
            );
            return Err(Refusal::new(409, "HealthCheckAlreadyExists", message));
        }
        None => {
            let id = uuid(&format!("health check {}", state.next()));
            let check = HealthCheck {
                id: id.clone(),
                account: visit.account.to_owned(),
                reference,
                version: 1,
                config,
                status: Health::Healthy,
                tags: BTreeMap::new(),
            };
            state.health_checks.insert(id.clone(), check.clone());
            state.remember(Undo::HealthCheck(id, None));
            check
        }
    };
    let location = format!(
        "https://route53.amazonaws.com/2013-04-01/healthcheck/{}",
        check.id
    );
    let response = Element::new("CreateHealthCheckResponse").with(check.write());
    Ok(Answer::xml(response)
        .status(201)
        .header("location", location))
}

fn children_exist(state: &State, visit: &Visit<'_>, config: &Element) -> Result<(), Refusal> {
    let children = config.child("ChildHealthChecks");
    for child in children
        .into_iter()
        .flat_map(|list| list.all("ChildHealthCheck"))
    {
        let known = state.health_checks.get(child.text.trim());
        if known.is_none_or(|check| check.account != visit.account) {
            return Err(invalid_input(&format!(
                "Unknown child health check {}",
                child.text
            )));
        }
    }
    Ok(())
}

/// GetHealthCheck.
pub(crate) fn get(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let check = find(state, visit)?;
    Ok(Answer::xml(
        Element::new("GetHealthCheckResponse").with(check.write()),
    ))
}

/// UpdateHealthCheck: only the given members change; ResetElements go back to their defaults.
pub(crate) fn update(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let document = document(visit)?;
    let before = find(state, visit)?.clone();
    let mut check = before.clone();
    let version = document.text_at(&["HealthCheckVersion"]);
    if version.is_some_and(|version| version != check.version.to_string()) {
        return Err(Refusal::new(
            409,
            "HealthCheckVersionMismatch",
            "The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the health check.",
        ));
    }
    for reset in document
        .child("ResetElements")
        .into_iter()
        .flat_map(|list| &list.children)
    {
        check.config.remove(match reset.text.trim() {
            "ChildHealthChecks" => "ChildHealthChecks",
            "FullyQualifiedDomainName" => "FullyQualifiedDomainName",
            "Regions" => "Regions",
            "ResourcePath" => "ResourcePath",
            other => return Err(invalid_input(&format!("'{other}' cannot be reset"))),
        });
    }
    for member in &document.children {
        let name = member.name.as_str();
        if FIXED.contains(&name) {
            return Err(invalid_input(&format!("{name} cannot be updated")));
        }
        if MEMBERS.contains(&name) {
            check.config.replace(member.clone());
        }
    }
    check.config = complete(&check.config).map_err(|reason| invalid_input(&reason))?;
    children_exist(state, visit, &check.config)?;
    check.version += 1;
    let response = Element::new("UpdateHealthCheckResponse").with(check.write());
    state.remember(Undo::HealthCheck(check.id.clone(), Some(before)));
    state.health_checks.insert(check.id.clone(), check);
    Ok(Answer::xml(response))
}

/// DeleteHealthCheck.
pub(crate) fn delete(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let before = find(state, visit)?.clone();
    state.health_checks.remove(visit.resource);
    state.remember(Undo::HealthCheck(before.id.clone(), Some(before)));
    Ok(Answer::xml(Element::new("DeleteHealthCheckResponse")))
}

/// ListHealthChecks: pages by the id that the next page starts with.
pub(crate) fn list(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let most = max_items(visit, 1000)?;
    let marker = visit.call.given("marker").unwrap_or_default();
    let mut checks = state
        .health_checks
        .range(marker.to_owned()..)
        .map(|(_, check)| check)
        .filter(|check| check.account == visit.account);
    let page: Vec<Element> = checks.by_ref().take(most).map(HealthCheck::write).collect();
    let next = checks.next();
    let response = Element::new("ListHealthChecksResponse")
        .with(Element::new("HealthChecks").with_all(page))
        .with_leaf("Marker", marker)
        .with_leaf("IsTruncated", next.is_some())
        .with_some("NextMarker", next.map(|check| &check.id))
        .with_leaf("MaxItems", most);
    Ok(Answer::xml(response))
}

/// GetHealthCheckCount.
#[expect(clippy::unnecessary_wraps, reason = "all operations have one type")]
pub(crate) fn count(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let own = state
        .health_checks
        .values()
        .filter(|check| check.account == visit.account);
    let count = own.count();
    Ok(Answer::xml(
        Element::new("GetHealthCheckCountResponse").with_leaf("HealthCheckCount", count),
    ))
}

/// GetHealthCheckStatus: three checkers that agree; none has reported if the status is unknown.
/// The status is what the endpoint does, before Inverted and Disabled.
pub(crate) fn status(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let check = find(state, visit)?;
    let text = match check.status {
        Health::Healthy => Some("Success: HTTP Status Code 200, OK"),
        Health::Unhealthy => Some(
            "Failure: The health checker could not establish a connection within the timeout limit.",
        ),
        Health::Unknown => None,
    };
    let checkers = [
        ("us-east-1", "15.177.2.1"),
        ("eu-west-1", "15.177.10.1"),
        ("ap-southeast-1", "15.177.22.1"),
    ];
    let observations = text.into_iter().flat_map(|text| {
        checkers.map(|(region, address)| {
            Element::new("HealthCheckObservation")
                .with_leaf("Region", region)
                .with_leaf("IPAddress", address)
                .with(
                    Element::new("StatusReport")
                        .with_leaf("Status", text)
                        .with_leaf("CheckedTime", instant(visit.now)),
                )
        })
    });
    let response = Element::new("GetHealthCheckStatusResponse")
        .with(Element::new("HealthCheckObservations").with_all(observations));
    Ok(Answer::xml(response))
}
