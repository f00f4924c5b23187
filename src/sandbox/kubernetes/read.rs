//! Reads objects: one, or a list with selectors and pages.
//!
//! In: a cluster and a question. Out: objects. It must not know how objects are written. Rules:
//! "Kubernetes API concepts", chunks and resource versions.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::Arc;

use super::cluster::{Cluster, Objects as Stored, key};
use super::request::{Objects, Visit};
use super::resource::Resource;
use super::selector::Selection;
use super::status::Failure;

const TOO_OLD: &str = "The provided continue parameter is too old to display a consistent list \
result. You can start a new list without the continue parameter, or use the continue token in this \
response to retrieve the remainder of the results. Continuing with the provided token results in an \
inconsistent list - objects that were created, modified, or deleted between the time the first chunk \
was returned and now may show up in the list.";

/// One object.
pub(super) fn get(cluster: &Cluster, ask: &Objects) -> Result<Arc<Value>, Failure> {
    cluster
        .get(&ask.resource.key(), &key(&ask.namespace, &ask.name))
        .ok_or_else(|| Failure::not_found(&ask.resource, &ask.name))
}

/// A list.
pub(super) fn list(cluster: &Cluster, visit: &Visit, ask: &Objects) -> Result<Value, Failure> {
    let selection = Selection::read(visit, &ask.resource)?;
    let asked = match visit.param("resourceVersion") {
        None => 0,
        Some(text) => revision(text)?,
    };
    if asked > cluster.revision {
        return Err(Failure::too_large(asked, cluster.revision));
    }
    let resource = ask.resource.key();
    let (moment, start) = match visit.param("continue") {
        None if visit.param("resourceVersionMatch") == Some("Exact") => (Some(asked), None),
        None => (None, None),
        Some(token) => {
            let (moment, start) = read_token(token)?;
            (moment, Some(start))
        }
    };
    let stored = match moment {
        None => cluster.list(&resource).clone(),
        Some(moment) => cluster.list_at(&resource, moment).ok_or_else(|| {
            let next = start.as_deref().map(|start| token(None, start));
            match next {
                Some(next) => Failure::expired(TOO_OLD).resumable(&next),
                None => Failure::expired(format!(
                    "The resourceVersion for the provided list is too old: {moment}"
                )),
            }
        })?,
    };
    let prefix = if ask.namespace.is_empty() {
        String::new()
    } else {
        format!("{}/", ask.namespace)
    };
    let limit = match visit.param("limit") {
        None => usize::MAX,
        Some(text) => match text.parse::<usize>() {
            Ok(0) => usize::MAX,
            Ok(limit) => limit,
            Err(_) => {
                return Err(Failure::bad(format!(
                    "strconv.ParseInt: parsing \"{text}\": invalid syntax"
                )));
            }
        },
    };
    let revision = moment.unwrap_or(cluster.revision);
    Ok(page(
        &ask.resource,
        &stored,
        &selection,
        (&prefix, start.as_deref()),
        limit,
        revision,
    ))
}

fn page(
    resource: &Resource,
    stored: &Stored,
    selection: &Selection,
    (prefix, start): (&str, Option<&str>),
    limit: usize,
    revision: u64,
) -> Value {
    let mut left = stored
        .iter()
        .filter(|(key, _)| key.starts_with(prefix))
        .filter(|(key, _)| start.is_none_or(|start| key.as_str() > start));
    let mut items = Vec::new();
    let mut meta = json!({ "resourceVersion": revision.to_string() });
    if resource.is_custom() {
        meta["continue"] = json!("");
    }
    while let Some((key, object)) = left.next() {
        if selection.fits(object) {
            items.push(listed(resource, object));
        }
        if items.len() == limit {
            let rest = left.count();
            if rest > 0 {
                meta["continue"] = json!(token(Some(revision), key));
                if selection.is_all() {
                    meta["remainingItemCount"] = json!(rest);
                }
            }
            break;
        }
    }
    json!({ "kind": format!("{}List", resource.kind), "apiVersion": resource.api_version(), "metadata": meta, "items": items })
}

/// An item of a list: the list says what it is of, but for custom resources.
fn listed(resource: &Resource, object: &Value) -> Value {
    let mut object = object.clone();
    if !resource.is_custom()
        && let Some(map) = object.as_object_mut()
    {
        map.remove("kind");
        map.remove("apiVersion");
    }
    object
}

/// A resource version of a request.
pub(super) fn revision(text: &str) -> Result<u64, Failure> {
    text.parse().map_err(|_| {
        Failure::bad(format!(
            "invalid resource version: resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax"
        ))
    })
}

fn token(revision: Option<u64>, start: &str) -> String {
    // Without a revision the list goes on with what there is now.
    let revision = revision.map_or(-1, |revision| i64::try_from(revision).unwrap_or(i64::MAX));
    let text = json!({ "v": "meta.k8s.io/v1", "rv": revision, "start": format!("{start}\0") });
    URL_SAFE_NO_PAD.encode(text.to_string())
}

fn read_token(token: &str) -> Result<(Option<u64>, String), Failure> {
    let wrong = || {
        Failure::bad("invalid continue token: continue key is not valid: the token cannot be read")
    };
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| wrong())?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    let start = value["start"]
        .as_str()
        .ok_or_else(wrong)?
        .trim_end_matches('\0');
    let revision = value["rv"].as_i64().ok_or_else(wrong)?;
    Ok((u64::try_from(revision).ok(), start.to_owned()))
}
