//! EC2 Auto Scaling, the query protocol of 2011-01-01: groups and their sizes.
//!
//! In: a form. Out: the service's answers. Groups that a node group owns are shown with the tags of
//! EKS. It must not know nodes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::answer::{Answer, Refusal};
use super::eks::{self, Sizes};
use super::sandbox::{Route, Visit};
use super::state::{State, identifier, uuid};
use super::wire::{Call, form};
use super::world;
use super::xml::Element;

/// An Auto Scaling group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    pub(crate) sizes: Sizes,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Lays an Auto Scaling group of a world over the state.
pub(crate) fn seed(state: &mut State, account: &str, given: &world::AutoScalingGroup) {
    let is = |one: &Group| {
        one.account == account && one.region == given.region && one.name == given.name
    };
    state.groups.retain(|one| !is(one));
    state.groups.push(Group {
        account: account.to_owned(),
        region: given.region.clone(),
        name: given.name.clone(),
        sizes: Sizes {
            min: given.min,
            desired: given.desired,
            max: given.max,
        },
        tags: given.tags.clone(),
    });
}

/// The operation of a call.
pub(crate) fn route(call: &Call) -> Option<Route> {
    let form = parameters(call);
    let name = form
        .get("AutoScalingGroupName")
        .cloned()
        .unwrap_or_default();
    match form.get("Action")?.as_str() {
        "DescribeAutoScalingGroups" => Some(Route::new("DescribeAutoScalingGroups", describe, "")),
        "UpdateAutoScalingGroup" => Some(Route::new("UpdateAutoScalingGroup", update, &name)),
        "SetDesiredCapacity" => Some(Route::new("SetDesiredCapacity", desire, &name)),
        _ => None,
    }
}

fn parameters(call: &Call) -> BTreeMap<String, String> {
    let body = form(&String::from_utf8_lossy(&call.body));
    call.query.iter().cloned().chain(body).collect()
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationError", message)
}

fn respond(name: &str, visit: &Visit<'_>, result: Option<Element>) -> Answer {
    let id = uuid(&format!("{name} {}", visit.now));
    Answer::xml(
        Element::new(&format!("{name}Response"))
            .with_all(result)
            .with(Element::new("ResponseMetadata").with_leaf("RequestId", id)),
    )
}

/// All groups of the caller, by name.
fn all(state: &State, visit: &Visit<'_>) -> BTreeMap<String, Group> {
    let mine =
        |account: &str, region: &str| account == visit.account && region == visit.call.region;
    let own = state
        .groups
        .iter()
        .filter(|one| mine(&one.account, &one.region))
        .cloned();
    let owned = state
        .eks
        .iter()
        .filter(|one| mine(&one.account, &one.region))
        .flat_map(|cluster| {
            cluster.groups.iter().map(|(name, group)| Group {
                account: cluster.account.clone(),
                region: cluster.region.clone(),
                name: eks::backing(cluster, name),
                sizes: group.sizes,
                tags: BTreeMap::from([
                    ("eks:cluster-name".to_owned(), cluster.name.clone()),
                    ("eks:nodegroup-name".to_owned(), name.clone()),
                    (
                        format!("kubernetes.io/cluster/{}", cluster.name),
                        "owned".to_owned(),
                    ),
                ]),
            })
        });
    own.chain(owned)
        .map(|group| (group.name.clone(), group))
        .collect()
}

fn describe(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = parameters(visit.call);
    let names: Vec<&String> = form
        .iter()
        .filter(|(key, _)| key.starts_with("AutoScalingGroupNames.member."))
        .map(|(_, name)| name)
        .collect();
    let most = match form.get("MaxRecords") {
        None => 50,
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|most| (1..=100).contains(most))
            .ok_or_else(|| invalid("MaxRecords must be from 1 to 100"))?,
    };
    let start = form.get("NextToken").cloned().unwrap_or_default();
    let mut left = all(state, visit)
        .into_iter()
        .filter(|(name, _)| (names.is_empty() || names.contains(&name)) && *name >= start);
    let part: Vec<Element> = left
        .by_ref()
        .take(most)
        .map(|(_, group)| shown(&group))
        .collect();
    let next = left.next().map(|(name, _)| name);
    let result = Element::new("DescribeAutoScalingGroupsResult")
        .with(Element::new("AutoScalingGroups").with_all(part))
        .with_some("NextToken", next);
    Ok(respond("DescribeAutoScalingGroups", visit, Some(result)))
}

fn shown(group: &Group) -> Element {
    let Group {
        account,
        region,
        name,
        sizes,
        tags,
    } = group;
    let instances = (0..sizes.desired).map(|number| {
        let id = identifier("", &format!("{name} {number}")).to_ascii_lowercase();
        Element::new("member")
            .with_leaf("InstanceId", format!("i-0{}", &id[..16]))
            .with_leaf("AvailabilityZone", format!("{region}a"))
            .with_leaf("LifecycleState", "InService")
            .with_leaf("HealthStatus", "Healthy")
            .with_leaf("ProtectedFromScaleIn", false)
    });
    let tags = tags.iter().map(|(key, value)| {
        Element::new("member")
            .with_leaf("ResourceId", name)
            .with_leaf("ResourceType", "auto-scaling-group")
            .with_leaf("Key", key)
            .with_leaf("Value", value)
            .with_leaf("PropagateAtLaunch", true)
    });
    let arn = format!(
        "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{}:autoScalingGroupName/{name}",
        uuid(name)
    );
    Element::new("member")
        .with_leaf("AutoScalingGroupName", name)
        .with_leaf("AutoScalingGroupARN", arn)
        .with_leaf("MinSize", sizes.min)
        .with_leaf("MaxSize", sizes.max)
        .with_leaf("DesiredCapacity", sizes.desired)
        .with_leaf("DefaultCooldown", 300)
        .with(Element::new("AvailabilityZones").with_leaf("member", format!("{region}a")))
        .with_leaf("HealthCheckType", "EC2")
        .with_leaf("HealthCheckGracePeriod", 0)
        .with(Element::new("Instances").with_all(instances))
        .with_leaf("CreatedTime", "2024-01-01T00:00:00Z")
        .with(Element::new("SuspendedProcesses"))
        .with(Element::new("Tags").with_all(tags))
        .with_leaf("NewInstancesProtectedFromScaleIn", false)
}

fn number(form: &BTreeMap<String, String>, field: &str) -> Result<Option<u32>, Refusal> {
    let text = form.get(field).filter(|text| !text.is_empty());
    text.map(|text| {
        text.parse()
            .map_err(|_| invalid(format!("{field} {text} is no size")))
    })
    .transpose()
}

/// UpdateAutoScalingGroup: a wanted size that is not given moves into the new bounds.
fn update(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = parameters(visit.call);
    let is = find(state, visit)?.sizes;
    let min = number(&form, "MinSize")?.unwrap_or(is.min);
    let max = number(&form, "MaxSize")?.unwrap_or(is.max);
    if min > max {
        return Err(invalid(format!(
            "Max bound, {max}, must be greater than or equal to min bound, {min}"
        )));
    }
    let desired = match number(&form, "DesiredCapacity")? {
        None => is.desired.clamp(min, max),
        Some(desired) => within(desired, min, max)?,
    };
    keep(state, visit, Sizes { min, desired, max });
    Ok(respond("UpdateAutoScalingGroup", visit, None))
}

/// SetDesiredCapacity: only within the bounds.
fn desire(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let form = parameters(visit.call);
    let is = find(state, visit)?.sizes;
    let desired = number(&form, "DesiredCapacity")?;
    let desired = desired.ok_or_else(|| invalid("DesiredCapacity must not be null"))?;
    let desired = within(desired, is.min, is.max)?;
    keep(state, visit, Sizes { desired, ..is });
    Ok(respond("SetDesiredCapacity", visit, None))
}

fn within(desired: u32, min: u32, max: u32) -> Result<u32, Refusal> {
    if desired > max {
        return Err(invalid(format!(
            "New SetDesiredCapacity value {desired} is above max value {max} for the AutoScalingGroup."
        )));
    }
    if desired < min {
        return Err(invalid(format!(
            "New SetDesiredCapacity value {desired} is below min value {min} for the AutoScalingGroup."
        )));
    }
    Ok(desired)
}

fn find(state: &State, visit: &Visit<'_>) -> Result<Group, Refusal> {
    let found = all(state, visit).remove(visit.resource);
    found.ok_or_else(|| invalid("AutoScalingGroup name not found - null"))
}

fn keep(state: &mut State, visit: &Visit<'_>, sizes: Sizes) {
    let mine =
        |account: &str, region: &str| account == visit.account && region == visit.call.region;
    for group in &mut state.groups {
        if mine(&group.account, &group.region) && group.name == visit.resource {
            group.sizes = sizes;
        }
    }
    // Who changes what EKS owns changes the node group's back.
    for cluster in state
        .eks
        .iter_mut()
        .filter(|one| mine(&one.account, &one.region))
    {
        let name = cluster
            .groups
            .keys()
            .find(|name| eks::backing(cluster, name) == visit.resource)
            .cloned();
        if let Some(group) = name.and_then(|name| cluster.groups.get_mut(&name)) {
            group.sizes = sizes;
        }
    }
}
