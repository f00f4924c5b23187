//! What a cluster can be asked for: groups, versions, resources, and its own version.
//!
//! In: the resources of a cluster and a path. Out: the discovery documents, whole or by group. It
//! must not know objects. Rules: "The Kubernetes API", discovery.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::cluster::Cluster;
use super::request::Visit;
use super::resource::Resource;
use super::status::{json_response, respond};

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Answers a path without objects.
pub(super) fn answer(cluster: &Cluster, visit: &Visit, path: &str) -> Response<Bytes> {
    let resources = cluster.resources();
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let whole = visit.accept.contains("as=APIGroupDiscoveryList") && visit.accept.contains("v=v2;");
    match steps.as_slice() {
        ["version"] => json_response(200, &version(&cluster.version)),
        ["readyz" | "livez" | "healthz"] => {
            respond(200, "text/plain; charset=utf-8", "ok".to_owned())
        }
        ["api"] if whole => aggregated(&resources, |resource| resource.group.is_empty()),
        ["apis"] if whole => aggregated(&resources, |resource| !resource.group.is_empty()),
        ["api"] => json_response(
            200,
            &json!({ "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] }),
        ),
        ["apis"] => {
            let groups: Vec<Value> = groups(&resources)
                .iter()
                .map(|(name, versions)| group(name, versions))
                .collect();
            json_response(
                200,
                &json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups }),
            )
        }
        ["api", version] => listed(&resources, "", version),
        ["apis", name] => match groups(&resources).get(*name) {
            Some(versions) => {
                let mut group = group(name, versions);
                group["kind"] = json!("APIGroup");
                group["apiVersion"] = json!("v1");
                json_response(200, &group)
            }
            None => missing(),
        },
        ["apis", group, version] => listed(&resources, group, version),
        _ => missing(),
    }
}

fn missing() -> Response<Bytes> {
    respond(
        404,
        "text/plain; charset=utf-8",
        "404 page not found\n".to_owned(),
    )
}

fn version(version: &str) -> Value {
    let mut parts = version.trim_start_matches('v').split('.');
    let (major, minor) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let last = minor
        .parse::<u32>()
        .unwrap_or(1)
        .saturating_sub(1)
        .to_string();
    json!({ "major": major, "minor": minor, "emulationMajor": major, "emulationMinor": minor, "minCompatibilityMajor": major, "minCompatibilityMinor": last, "gitVersion": version, "gitCommit": "", "gitTreeState": "clean", "buildDate": "", "goVersion": "", "compiler": "sandbox", "platform": "linux/amd64" })
}

/// The groups with their versions.
fn groups(resources: &[Resource]) -> BTreeMap<&str, Vec<&str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for resource in resources
        .iter()
        .filter(|resource| !resource.group.is_empty())
    {
        let versions = groups.entry(&resource.group).or_default();
        if !versions.contains(&resource.version.as_str()) {
            versions.push(&resource.version);
        }
    }
    groups
}

fn group(name: &str, versions: &[&str]) -> Value {
    let version =
        |version: &&str| json!({ "groupVersion": format!("{name}/{version}"), "version": version });
    let all: Vec<Value> = versions.iter().map(version).collect();
    json!({ "name": name, "versions": all, "preferredVersion": all.first() })
}

fn verbs(sub: &str) -> Value {
    match sub {
        "" => json!([
            "create", "delete", "get", "list", "patch", "update", "watch"
        ]),
        _ => json!(["get", "patch", "update"]),
    }
}

fn listed(resources: &[Resource], group: &str, version: &str) -> Response<Bytes> {
    let mine: Vec<&Resource> = resources
        .iter()
        .filter(|resource| resource.group == group && resource.version == version)
        .collect();
    let Some(first) = mine.first() else {
        return missing();
    };
    let mut all = Vec::new();
    for resource in &mine {
        let mut entry = json!({ "name": resource.plural, "singularName": resource.singular, "namespaced": resource.namespaced, "kind": resource.kind, "verbs": verbs("") });
        if !resource.short.is_empty() {
            entry["shortNames"] = json!(resource.short);
        }
        all.push(entry);
        for (sub, has) in [
            ("scale", resource.scale.is_some()),
            ("status", resource.status),
        ] {
            if !has {
                continue;
            }
            let mut entry = json!({ "name": format!("{}/{sub}", resource.plural), "singularName": "", "namespaced": resource.namespaced, "kind": resource.kind, "verbs": verbs(sub) });
            if sub == "scale" {
                entry["group"] = json!("autoscaling");
                entry["version"] = json!("v1");
                entry["kind"] = json!("Scale");
            }
            all.push(entry);
        }
    }
    json_response(
        200,
        &json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": first.api_version(), "resources": all }),
    )
}

fn aggregated(resources: &[Resource], wanted: impl Fn(&Resource) -> bool) -> Response<Bytes> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, Vec<Value>>> = BTreeMap::new();
    for resource in resources.iter().filter(|resource| wanted(resource)) {
        let kind = |kind: &str, group: &str, version: &str| json!({ "group": group, "version": version, "kind": kind });
        let own = kind(&resource.kind, &resource.group, &resource.version);
        let mut subs = Vec::new();
        if resource.scale.is_some() {
            subs.push(json!({ "subresource": "scale", "responseKind": kind("Scale", "autoscaling", "v1"), "verbs": verbs("scale") }));
        }
        if resource.status {
            subs.push(
                json!({ "subresource": "status", "responseKind": own, "verbs": verbs("status") }),
            );
        }
        let mut entry = json!({ "resource": resource.plural, "responseKind": own, "scope": if resource.namespaced { "Namespaced" } else { "Cluster" }, "singularResource": resource.singular, "verbs": verbs("") });
        if !resource.short.is_empty() {
            entry["shortNames"] = json!(resource.short);
        }
        if !subs.is_empty() {
            entry["subresources"] = json!(subs);
        }
        groups
            .entry(&resource.group)
            .or_default()
            .entry(&resource.version)
            .or_default()
            .push(entry);
    }
    let items: Vec<Value> = groups
        .into_iter()
        .map(|(name, versions)| {
            let meta = if name.is_empty() { json!({ "creationTimestamp": null }) } else { json!({ "name": name, "creationTimestamp": null }) };
            let versions: Vec<Value> = versions
                .into_iter()
                .map(|(version, resources)| json!({ "version": version, "resources": resources, "freshness": "Current" }))
                .collect();
            json!({ "metadata": meta, "versions": versions })
        })
        .collect();
    let body = json!({ "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items });
    respond(200, AGGREGATED, body.to_string())
}
