//! Server-side apply of a request.
//!
//! In: a cluster, a question and a configuration. Out: the object as it is kept, or the refusal. It
//! must not know who owns which field: `managed` does.

use serde_json::{Value, json};
use std::sync::Arc;

use super::body::belongs;
use super::cluster::{Cluster, key};
use super::decode::Read;
use super::request::{Objects, Visit};
use super::status::Failure;
use super::write::{
    MODIFIED, SERVERS, Way, begin, meta, moment, nothing, refuse, replace_managed, stamp, text,
};
use super::{defaults, managed, read, scale, validate};

/// Server-side apply.
pub(super) fn apply(
    cluster: &mut Cluster,
    visit: &Visit,
    ask: &Objects,
) -> Result<Arc<Value>, Failure> {
    let body: Value = serde_json::from_slice(&visit.body)
        .map_err(|error| Failure::bad(format!("error decoding YAML: {error}")))?;
    belongs(&ask.resource, &ask.namespace, Some(&ask.name), &body)?;
    if body
        .pointer("/metadata/managedFields")
        .and_then(Value::as_array)
        .is_some_and(|it| !it.is_empty())
    {
        return Err(Failure::bad("metadata.managedFields must be nil"));
    }
    let old = cluster.get(&ask.resource.key(), &key(&ask.namespace, &ask.name));
    let way = Way::of(visit, ask, true);
    if ask.sub == "scale" {
        let old = read::get(cluster, ask)?;
        let body = scale::applied(&ask.resource, &old, &body, &ask.name)?;
        let mut config = json!({});
        scale::set(
            &ask.resource,
            &mut config,
            scale::wanted(&ask.resource, &body),
        );
        let new = merged(ask, &old, &config, &way, visit.flag("force"))?;
        return replace_managed(cluster, ask, &old, new, &way);
    }
    let mut reader = Read::default();
    let mut config = reader.object(&ask.resource.of, &body);
    typed(ask, &body, &reader)?;
    match old {
        Some(old) => {
            let version = text(&config, "/metadata/resourceVersion");
            if !version.is_empty() && version != text(&old, "/metadata/resourceVersion") {
                return Err(Failure::conflict(&ask.resource, &ask.name, MODIFIED));
            }
            let new = merged(ask, &old, &config, &way, visit.flag("force"))?;
            replace_managed(cluster, ask, &old, new, &way)
        }
        None if !ask.sub.is_empty() => Err(Failure::not_found(&ask.resource, &ask.name)),
        None => {
            config["metadata"]["name"] = json!(ask.name);
            let empty = nothing(&ask.resource);
            let mut object = merged(ask, &empty, &config, &way, false)?;
            stamp(
                cluster,
                &ask.resource,
                &ask.namespace,
                &mut object,
                visit.now,
            );
            defaults::fill(&ask.resource, &mut object);
            begin(cluster, &ask.resource, &ask.namespace, &mut object)?;
            refuse(
                &ask.resource,
                &ask.name,
                &validate::new(&ask.resource, &object),
            )?;
            if visit.dry() {
                return Ok(Arc::new(object));
            }
            Ok(cluster.put(&ask.resource.key(), &key(&ask.namespace, &ask.name), object))
        }
    }
}

fn merged(
    ask: &Objects,
    live: &Value,
    config: &Value,
    way: &Way,
    force: bool,
) -> Result<Value, Failure> {
    let mut config = config.clone();
    if let Some(meta) = meta(&mut config) {
        for field in SERVERS {
            meta.remove(field);
        }
    }
    let time = moment(way.now);
    managed::apply(
        &ask.resource.of,
        live,
        &config,
        &way.manager,
        way.door,
        &time,
        force,
    )
    .map_err(|conflicts| Failure::owned(&conflicts))
}

/// A configuration that does not fit the schema.
fn typed(ask: &Objects, body: &Value, read: &Read) -> Result<(), Failure> {
    let mut errors: Vec<String> = read
        .unknown
        .iter()
        .map(|path| format!("{path}: field not declared in schema"))
        .collect();
    errors.extend(read.wrong.iter().map(|(path, value, wanted)| {
        let wanted = if *wanted == "integer" {
            "numeric (int or float)"
        } else {
            wanted
        };
        let got = match value {
            Value::Object(_) => "map",
            Value::Array(_) => "list",
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            _ => "int",
        };
        format!("{path}: expected {wanted}, got {got}")
    }));
    let shown = match errors.as_slice() {
        [] => return Ok(()),
        [one] => one.clone(),
        all => format!("errors:\n  {}", all.join("\n  ")),
    };
    let group_version = ask.resource.api_version();
    Err(Failure::untyped(format!(
        "failed to create typed patch object ({}/{}; {group_version}, Kind={}): {shown}",
        text(body, "/metadata/namespace"),
        text(body, "/metadata/name"),
        ask.resource.kind
    )))
}
