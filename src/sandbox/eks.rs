//! EKS, REST-JSON of 2017-11-01: clusters, node groups and their sizes.
//!
//! In: calls. Out: the service's answers. An update is in progress for a while, and nothing else
//! may be changed meanwhile. It must not know how nodes are kept in a cluster.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::answer::{Answer, Body, Refusal};
use super::kubernetes;
use super::sandbox::{Route, Visit};
use super::state::{State, uuid};
use super::wire::Call;
use super::world::{self, Nodes};

/// An EKS cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cluster {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// The cluster of the world.
    pub(crate) site: String,
    pub(crate) of: String,
    pub(crate) groups: BTreeMap<String, Group>,
}

/// A managed node group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) sizes: Sizes,
    types: Vec<String>,
    labels: BTreeMap<String, String>,
    nodes: Option<Nodes>,
    health: BTreeMap<String, String>,
    fails: Option<String>,
    updates: Vec<Update>,
    /// The nodes that there are.
    there: u32,
}

/// The sizes of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sizes {
    pub(crate) min: u32,
    pub(crate) desired: u32,
    pub(crate) max: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Update {
    id: String,
    params: Vec<(String, String)>,
    begun: i64,
    ends: i64,
    error: Option<String>,
}

impl Update {
    fn status(&self, now: i64) -> &'static str {
        match &self.error {
            _ if now < self.ends => "InProgress",
            Some(_) => "Failed",
            None => "Successful",
        }
    }

    fn shown(&self, now: i64) -> Value {
        let params = self
            .params
            .iter()
            .map(|(kind, value)| json!({ "type": kind, "value": value }));
        let errors = self.error.iter().filter(|_| now >= self.ends).map(|code| {
            json!({ "errorCode": code, "errorMessage": format!("{code}: the group could not reach its size"), "resourceIds": [] })
        });
        json!({
            "id": self.id, "status": self.status(now), "type": "ConfigUpdate", "createdAt": seconds(self.begun),
            "params": params.collect::<Vec<_>>(), "errors": errors.collect::<Vec<_>>(),
        })
    }
}

impl Group {
    fn busy(&self, now: i64) -> bool {
        self.updates.last().is_some_and(|update| now < update.ends)
    }
}

fn seconds(milliseconds: i64) -> i64 {
    milliseconds.div_euclid(1000)
}

/// Lays the EKS clusters of a world over the state.
pub(crate) fn seed(state: &mut State, account: &str, given: &world::EksCluster) {
    let is = |one: &Cluster| {
        one.account == account && one.region == given.region && one.name == given.name
    };
    if !state.eks.iter().any(is) {
        state.eks.push(Cluster {
            account: account.to_owned(),
            region: given.region.clone(),
            name: given.name.clone(),
            site: given.site.clone(),
            of: given.cluster.clone(),
            groups: BTreeMap::new(),
        });
    }
    let mut resized = Vec::new();
    if let Some(cluster) = state.eks.iter_mut().find(|one| is(one)) {
        for given in &given.node_groups {
            let group = cluster.groups.entry(given.name.clone()).or_default();
            group.sizes = Sizes {
                min: given.min,
                desired: given.desired,
                max: given.max,
            };
            group.health.clone_from(&given.health);
            group.fails.clone_from(&given.updates_fail);
            if !given.instance_types.is_empty() {
                group.types.clone_from(&given.instance_types);
            }
            if !given.labels.is_empty() {
                group.labels.clone_from(&given.labels);
            }
            if given.nodes.is_some() {
                group.nodes.clone_from(&given.nodes);
            }
            group.there = given.desired;
            resized.extend(group.nodes.clone().map(|nodes| Nodes {
                count: given.desired,
                ..nodes
            }));
        }
    }
    kubernetes::own(state, &given.site, &given.cluster, account, &resized);
}

/// Lets nodes follow the updates that are done.
pub(crate) fn step(state: &mut State, now: i64) {
    let mut resized = Vec::new();
    for cluster in &mut state.eks {
        for group in cluster.groups.values_mut() {
            let done = group
                .updates
                .last()
                .is_none_or(|last| now >= last.ends && last.error.is_none());
            if done && group.there != group.sizes.desired {
                group.there = group.sizes.desired;
                let nodes = group.nodes.clone().map(|nodes| Nodes {
                    count: group.there,
                    ..nodes
                });
                resized.extend(nodes.map(|nodes| {
                    (
                        cluster.site.clone(),
                        cluster.of.clone(),
                        cluster.account.clone(),
                        nodes,
                    )
                }));
            }
        }
    }
    for (site, name, account, nodes) in resized {
        kubernetes::own(state, &site, &name, &account, &[nodes]);
    }
}

/// The operation of a call.
pub(crate) fn route(call: &Call) -> Option<Route> {
    let get = call.method == http::Method::GET;
    match (call.segments().as_slice(), get) {
        (["clusters"], true) => Some(Route::new("ListClusters", list, "")),
        (["clusters", name], true) => Some(Route::new("DescribeCluster", describe, name)),
        (["clusters", name, "node-groups"], true) => {
            Some(Route::new("ListNodegroups", groups, name))
        }
        (["clusters", _, "node-groups", name], true) => {
            Some(Route::new("DescribeNodegroup", group, name))
        }
        (["clusters", _, "node-groups", name, "update-config"], false) => {
            Some(Route::new("UpdateNodegroupConfig", update, name))
        }
        (["clusters", name, "updates"], true) => Some(Route::new("ListUpdates", updates, name)),
        (["clusters", _, "updates", id], true) => Some(Route::new("DescribeUpdate", progress, id)),
        _ => None,
    }
}

fn answer(body: &Value) -> Answer {
    Answer {
        status: 200,
        headers: Vec::new(),
        body: Body::Text("application/json", body.to_string()),
    }
}

fn missing(message: String) -> Refusal {
    Refusal::new(404, "ResourceNotFoundException", message)
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidParameterException", message)
}

fn owned<'a>(state: &'a State, visit: &'a Visit<'_>) -> impl Iterator<Item = &'a Cluster> {
    state
        .eks
        .iter()
        .filter(|one| one.account == visit.account && one.region == visit.call.region)
}

fn find<'a>(state: &'a State, visit: &'a Visit<'_>) -> Result<&'a Cluster, Refusal> {
    let name = visit
        .call
        .path
        .get(1)
        .map(String::as_str)
        .unwrap_or_default();
    let found = owned(state, visit).find(|one| one.name == name);
    found.ok_or_else(|| missing(format!("No cluster found for name: {name}.")))
}

fn find_group<'a>(cluster: &'a Cluster, name: &str) -> Result<&'a Group, Refusal> {
    let found = cluster.groups.get(name);
    found.ok_or_else(|| missing(format!("No node group found for name: {name}.")))
}

/// A part of a list of names, and where the next one begins.
fn page(names: Vec<String>, call: &Call) -> Result<(Vec<String>, Option<String>), Refusal> {
    let most = match call.given("maxResults") {
        None => 100,
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|most| (1..=100).contains(most))
            .ok_or_else(|| invalid("maxResults must be from 1 to 100"))?,
    };
    let start = call.given("nextToken").unwrap_or_default().to_owned();
    let mut left = names.into_iter().filter(|name| *name >= start);
    let part: Vec<String> = left.by_ref().take(most).collect();
    Ok((part, left.next()))
}

fn listed(field: &str, names: Vec<String>, call: &Call) -> Result<Answer, Refusal> {
    let (names, next) = page(names, call)?;
    Ok(answer(&json!({ field: names, "nextToken": next })))
}

fn list(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let mut names: Vec<String> = owned(state, visit).map(|one| one.name.clone()).collect();
    names.sort();
    listed("clusters", names, visit.call)
}

fn describe(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let found = find(state, visit)?;
    let (account, region, name) = (&found.account, &found.region, &found.name);
    let host = visit.call.header("host").unwrap_or("127.0.0.1");
    let version = kubernetes::version(state, &found.site, &found.of);
    let version = version
        .trim_start_matches('v')
        .rsplit_once('.')
        .map_or("", |(minor, _)| minor)
        .to_owned();
    Ok(answer(&json!({ "cluster": {
        "name": name, "arn": format!("arn:aws:eks:{region}:{account}:cluster/{name}"), "status": "ACTIVE", "version": version,
        "endpoint": format!("http://{host}/clusters/{}/{}", found.site, found.of),
        "certificateAuthority": { "data": STANDARD.encode("made up: the sandbox speaks no TLS\n") },
        "health": { "issues": [] }, "tags": {},
    } })))
}

fn groups(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let names = find(state, visit)?.groups.keys().cloned().collect();
    listed("nodegroups", names, visit.call)
}

fn group(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let cluster = find(state, visit)?;
    let group = find_group(cluster, visit.resource)?;
    let issues = group.health.iter().map(|(code, message)| json!({ "code": code, "message": message, "resourceIds": [backing(cluster, visit.resource)] }));
    let status = match (group.busy(visit.now), group.health.is_empty()) {
        (true, _) => "UPDATING",
        (false, true) => "ACTIVE",
        (false, false) => "DEGRADED",
    };
    let Sizes { min, desired, max } = group.sizes;
    Ok(answer(&json!({ "nodegroup": {
        "nodegroupName": visit.resource, "clusterName": cluster.name, "status": status, "capacityType": "ON_DEMAND",
        "nodegroupArn": format!("arn:aws:eks:{}:{}:nodegroup/{}/{}/{}", cluster.region, cluster.account, cluster.name, visit.resource, uuid(visit.resource)),
        "scalingConfig": { "minSize": min, "desiredSize": desired, "maxSize": max },
        "instanceTypes": group.types, "labels": group.labels, "subnets": [], "tags": {}, "amiType": "AL2023_x86_64_STANDARD",
        "resources": { "autoScalingGroups": [{ "name": backing(cluster, visit.resource) }] },
        "health": { "issues": issues.collect::<Vec<_>>() }, "updateConfig": { "maxUnavailable": 1 },
    } })))
}

/// The Auto Scaling group that a node group owns.
pub(crate) fn backing(cluster: &Cluster, group: &str) -> String {
    format!(
        "eks-{group}-{}",
        uuid(&format!("{} {} {group}", cluster.account, cluster.name))
    )
}

/// UpdateNodegroupConfig: sizes are checked against each other and never adjusted.
fn update(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let body: Value = serde_json::from_slice(&visit.call.body)
        .map_err(|_| Refusal::new(400, "SerializationException", "the body is no JSON"))?;
    let cluster = find(state, visit)?;
    let group = find_group(cluster, visit.resource)?;
    if group.busy(visit.now) {
        let message = "Nodegroup cannot be updated as it is currently not in Active State";
        return Err(Refusal::new(409, "ResourceInUseException", message));
    }
    let mut params = Vec::new();
    let mut size =
        |field: &str, name: &str, is: u32| match body.pointer(&format!("/scalingConfig/{field}")) {
            None | Some(Value::Null) => Ok(is),
            Some(value) => {
                params.push((name.to_owned(), value.to_string()));
                let size = value.as_u64().and_then(|size| u32::try_from(size).ok());
                size.ok_or_else(|| invalid(format!("{field} must be at least 0")))
            }
        };
    let sizes = Sizes {
        min: size("minSize", "MinSize", group.sizes.min)?,
        max: size("maxSize", "MaxSize", group.sizes.max)?,
        desired: size("desiredSize", "DesiredSize", group.sizes.desired)?,
    };
    if sizes.max < 1 {
        return Err(invalid("maxSize must be at least 1"));
    }
    if sizes.min > sizes.max {
        return Err(invalid(format!(
            "minimum capacity {} can't be greater than max size {}",
            sizes.min, sizes.max
        )));
    }
    if sizes.min > sizes.desired {
        return Err(invalid(format!(
            "Minimum capacity {} can't be greater than desired size {}",
            sizes.min, sizes.desired
        )));
    }
    if sizes.desired > sizes.max {
        return Err(invalid(format!(
            "desired capacity {} can't be greater than max size {}",
            sizes.desired, sizes.max
        )));
    }
    let (account, region, name) = (
        cluster.account.clone(),
        cluster.region.clone(),
        cluster.name.clone(),
    );
    let ends = visit.now + state.behaviour.ready_after_ms;
    let id = uuid(&format!("update {}", state.next()));
    let is =
        |one: &&mut Cluster| one.account == account && one.region == region && one.name == name;
    let found = state.eks.iter_mut().find(is);
    let Some(group) = found.and_then(|cluster| cluster.groups.get_mut(visit.resource)) else {
        return Err(missing(format!(
            "No node group found for name: {}.",
            visit.resource
        )));
    };
    group.sizes = sizes;
    let update = Update {
        id,
        params,
        begun: visit.now,
        ends,
        error: group.fails.clone(),
    };
    let shown = update.shown(visit.now);
    group.updates.push(update);
    Ok(answer(&json!({ "update": shown })))
}

fn of_call<'a>(state: &'a State, visit: &'a Visit<'_>) -> Result<&'a Group, Refusal> {
    let name = visit.call.given("nodegroupName");
    let name = name.ok_or_else(|| invalid("the sandbox has updates of node groups only"))?;
    find_group(find(state, visit)?, name)
}

fn updates(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let ids = of_call(state, visit)?
        .updates
        .iter()
        .map(|update| update.id.clone())
        .collect();
    listed("updateIds", ids, visit.call)
}

fn progress(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let found = of_call(state, visit)?
        .updates
        .iter()
        .find(|update| update.id == visit.resource);
    let found =
        found.ok_or_else(|| missing(format!("No update found for ID: {}", visit.resource)))?;
    Ok(answer(&json!({ "update": found.shown(visit.now) })))
}
