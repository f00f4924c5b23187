//! Writes objects: create, update, patch.
//!
//! In: a cluster, a question and a body. Out: the object as it is kept, or the refusal. The order
//! is the server's: read, patch, defaults, owners, rules, and only then the store, which a dry run
//! leaves out. It must not know what controllers do later.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

use super::super::state::uuid;
use super::apply::apply;
use super::body::{belongs, read};
use super::cluster::{Cluster, key};
use super::managed::{self, Door};
use super::owners::Manager;
use super::request::{Objects, Visit};
use super::resource::Resource;
use super::status::{Cause, Failure};
use super::{defaults, scale, validate};

/// What the server sets, and nobody else.
pub(super) const SERVERS: [&str; 6] = [
    "uid",
    "creationTimestamp",
    "generation",
    "resourceVersion",
    "deletionTimestamp",
    "selfLink",
];
pub(super) const MODIFIED: &str = "the object has been modified; please apply your changes to the latest \
version and try again";
pub(super) const MERGE: &str = "application/merge-patch+json";
pub(super) const APPLY: &str = "application/apply-patch+yaml";

/// A moment as objects have it.
pub(super) fn moment(now: i64) -> String {
    let second = Timestamp::from_second(now.div_euclid(1000)).unwrap_or_default();
    second.to_string()
}

/// How a write is made: what of the object it may change, and who makes it.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) door: Door,
    pub(super) manager: Manager,
    pub(super) now: i64,
    pub(super) dry: bool,
}

impl Way {
    /// The way of a request.
    pub(super) fn of(visit: &Visit, ask: &Objects, applies: bool) -> Self {
        let agent = visit.agent.split('/').next().unwrap_or_default();
        let door = match ask.sub.as_str() {
            "status" => Door::Status,
            "scale" => Door::Scale,
            _ => Door::Main {
                status: ask.resource.status,
            },
        };
        Self {
            door,
            manager: Manager {
                applies,
                name: visit.param("fieldManager").unwrap_or(agent).to_owned(),
                version: ask.resource.api_version(),
                subresource: ask.sub.clone(),
            },
            now: visit.now,
            dry: visit.dry(),
        }
    }
}

/// Creates an object.
pub(super) fn create(
    cluster: &mut Cluster,
    visit: &Visit,
    ask: &Objects,
) -> Result<Arc<Value>, Failure> {
    let body = visit.json()?;
    belongs(&ask.resource, &ask.namespace, None, &body)?;
    let object = read(visit, &ask.resource, &body)?;
    let way = Way::of(visit, ask, false);
    insert(cluster, &ask.resource, &ask.namespace, object, &way)
}

/// Puts a new object into a cluster.
pub(super) fn insert(
    cluster: &mut Cluster,
    resource: &Resource,
    namespace: &str,
    mut object: Value,
    way: &Way,
) -> Result<Arc<Value>, Failure> {
    named(cluster, &mut object);
    let name = text(&object, "/metadata/name");
    stamp(cluster, resource, namespace, &mut object, way.now);
    defaults::fill(resource, &mut object);
    let empty = nothing(resource);
    let time = moment(way.now);
    let mut object = managed::update(&resource.of, &empty, &object, &way.manager, way.door, &time);
    begin(cluster, resource, namespace, &mut object)?;
    let causes = validate::new(resource, &object);
    refuse(resource, &name, &causes)?;
    let key = key(namespace, &name);
    if cluster.get(&resource.key(), &key).is_some() {
        return Err(Failure::exists(resource, &name));
    }
    if way.dry {
        return Ok(Arc::new(object));
    }
    Ok(cluster.put(&resource.key(), &key, object))
}

/// Gives an object without a name one, as `generateName` asks.
fn named(cluster: &Cluster, object: &mut Value) {
    let start = text(object, "/metadata/generateName");
    if text(object, "/metadata/name").is_empty() && !start.is_empty() {
        let seed = uuid(&format!("{} {start} {}", cluster.name, cluster.revision));
        object["metadata"]["name"] = json!(format!("{start}{}", &seed[..5]));
    }
}

/// What the server alone says of a new object.
pub(super) fn stamp(
    cluster: &Cluster,
    resource: &Resource,
    namespace: &str,
    object: &mut Value,
    now: i64,
) {
    let name = text(object, "/metadata/name");
    let seed = format!(
        "{} {} {} {namespace} {name} {}",
        cluster.site,
        cluster.name,
        resource.key(),
        cluster.revision
    );
    if let Some(meta) = meta(object) {
        for field in SERVERS {
            meta.remove(field);
        }
        meta.insert("uid".to_owned(), json!(uuid(&seed)));
        meta.insert("creationTimestamp".to_owned(), json!(moment(now)));
        if !namespace.is_empty() {
            meta.insert("namespace".to_owned(), json!(namespace));
        }
    }
}

/// What a kind's own rules say of a new object: it has a first generation and no status yet.
pub(super) fn begin(
    cluster: &Cluster,
    resource: &Resource,
    namespace: &str,
    object: &mut Value,
) -> Result<(), Failure> {
    if resource.generation
        && let Some(meta) = meta(object)
    {
        meta.insert("generation".to_owned(), json!(1));
    }
    // A kubelet registers its node with the status.
    if resource.status
        && resource.kind != "Node"
        && let Some(map) = object.as_object_mut()
    {
        map.remove("status");
    }
    let namespaces = super::resource::of_kind("Namespace");
    if let Some(namespaces) = namespaces.filter(|_| resource.namespaced)
        && cluster.get("namespaces", namespace).is_none()
    {
        return Err(Failure::not_found(namespaces, namespace));
    }
    defaults::first_status(resource, object);
    Ok(())
}

/// Replaces an object.
pub(super) fn update(
    cluster: &mut Cluster,
    visit: &Visit,
    ask: &Objects,
) -> Result<Arc<Value>, Failure> {
    let body = visit.json()?;
    let old = super::read::get(cluster, ask)?;
    let way = Way::of(visit, ask, false);
    let new = if ask.sub == "scale" {
        scale::applied(&ask.resource, &old, &body, &ask.name)?
    } else {
        belongs(&ask.resource, &ask.namespace, Some(&ask.name), &body)?;
        read(visit, &ask.resource, &body)?
    };
    let unversioned = text(&new, "/metadata/resourceVersion").is_empty();
    if unversioned && ask.resource.is_custom() {
        let cause = Cause::invalid(
            "metadata.resourceVersion",
            &json!(0),
            "must be specified for an update",
        );
        let kind = ask.resource.plural.as_str();
        return Err(Failure::invalid(
            &ask.resource.group,
            kind,
            &ask.name,
            &[cause],
        ));
    }
    replace(cluster, ask, &old, new, &way)
}

/// Patches or applies.
pub(super) fn patch(
    cluster: &mut Cluster,
    visit: &Visit,
    ask: &Objects,
) -> Result<Arc<Value>, Failure> {
    let kind = visit
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    options(visit, kind == APPLY)?;
    if kind == APPLY {
        return apply(cluster, visit, ask);
    }
    if kind != MERGE {
        return Err(Failure::media_type(&format!("{MERGE}, {APPLY}")));
    }
    let old = super::read::get(cluster, ask)?;
    let body = visit.json()?;
    let way = Way::of(visit, ask, false);
    let new = if ask.sub == "scale" {
        let mut scaled = scale::of(&ask.resource, &old);
        overlay(&mut scaled, &body);
        scale::applied(&ask.resource, &old, &scaled, &ask.name)?
    } else {
        let mut new = (*old).clone();
        overlay(&mut new, &body);
        belongs(&ask.resource, &ask.namespace, Some(&ask.name), &new)?;
        patched(visit, &ask.resource, &new)?
    };
    replace(cluster, ask, &old, new, &way)
}

/// Reads what a patch made; of a built-in kind it says that the patch is wrong.
fn patched(visit: &Visit, resource: &Resource, new: &Value) -> Result<Value, Failure> {
    read(visit, resource, new).map_err(|failure| {
        if resource.is_custom() {
            return failure;
        }
        let cause = Cause::invalid("patch", &json!(new.to_string()), &failure.message());
        Failure::invalid("", "", "", &[cause])
    })
}

/// The parameters of a patch.
fn options(visit: &Visit, applies: bool) -> Result<(), Failure> {
    let mut causes = Vec::new();
    if applies && visit.param("fieldManager").is_none() {
        causes.push(Cause::required(
            "fieldManager",
            "is required for apply patch",
        ));
    }
    if !applies && visit.query.contains_key("force") {
        causes.push(Cause::forbidden(
            "force",
            "may not be specified for non-apply patch",
        ));
    }
    if causes.is_empty() {
        return Ok(());
    }
    Err(Failure::invalid("meta.k8s.io", "PatchOptions", "", &causes))
}

/// Replaces an object, and records who owns what changed.
pub(super) fn replace(
    cluster: &mut Cluster,
    ask: &Objects,
    old: &Arc<Value>,
    mut new: Value,
    way: &Way,
) -> Result<Arc<Value>, Failure> {
    let version = text(&new, "/metadata/resourceVersion");
    if !version.is_empty() && version != text(old, "/metadata/resourceVersion") {
        return Err(Failure::conflict(&ask.resource, &ask.name, MODIFIED));
    }
    let uid = text(&new, "/metadata/uid");
    if !uid.is_empty() && uid != text(old, "/metadata/uid") {
        let why = format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            text(old, "/metadata/uid")
        );
        return Err(Failure::conflict(&ask.resource, &ask.name, &why));
    }
    keep(&ask.resource, old, &mut new, way.door);
    defaults::fill(&ask.resource, &mut new);
    let time = moment(way.now);
    let new = managed::update(&ask.resource.of, old, &new, &way.manager, way.door, &time);
    replace_managed(cluster, ask, old, new, way)
}

/// What a door cannot change stays as it was.
fn keep(resource: &Resource, old: &Value, new: &mut Value, door: Door) {
    let whole = |new: &mut Value, field: &str| match (new.as_object_mut(), old.get(field)) {
        (Some(map), Some(value)) => drop(map.insert(field.to_owned(), value.clone())),
        (Some(map), None) => drop(map.remove(field)),
        _ => {}
    };
    match door {
        Door::Main { status: true } => whole(new, "status"),
        Door::Main { status: false } | Door::Scale => {}
        Door::Status => {
            let fields = old
                .as_object()
                .into_iter()
                .flatten()
                .chain(new.clone().as_object().into_iter().flatten())
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>();
            for field in fields.iter().filter(|field| *field != "status") {
                whole(new, field);
            }
        }
    }
    new["apiVersion"] = json!(resource.api_version());
    new["kind"] = json!(resource.kind);
}

/// Keeps an object whose owners are known.
pub(super) fn replace_managed(
    cluster: &mut Cluster,
    ask: &Objects,
    old: &Arc<Value>,
    mut new: Value,
    way: &Way,
) -> Result<Arc<Value>, Failure> {
    keep(&ask.resource, old, &mut new, way.door);
    defaults::fill(&ask.resource, &mut new);
    let before = old["metadata"].clone();
    if let Some(meta) = meta(&mut new) {
        for field in SERVERS.iter().chain(&["namespace", "name"]) {
            match before.get(field) {
                Some(value) => meta.insert((*field).to_owned(), value.clone()),
                None => meta.remove(*field),
            };
        }
    }
    let counted = |object: &Value| {
        let mut object = object.clone();
        if let Some(map) = object.as_object_mut() {
            map.remove("metadata");
            map.remove("status");
        }
        object
    };
    if ask.resource.generation && counted(old) != counted(&new) {
        let generation = before["generation"].as_u64().unwrap_or_default();
        new["metadata"]["generation"] = json!(generation + 1);
    }
    let causes = validate::change(&ask.resource, old, &new);
    refuse(&ask.resource, &ask.name, &causes)?;
    if new == **old {
        return Ok(Arc::clone(old));
    }
    if way.dry {
        return Ok(Arc::new(new));
    }
    let key = key(&ask.namespace, &ask.name);
    let done = new["metadata"]["deletionTimestamp"].is_string()
        && new
            .pointer("/metadata/finalizers")
            .and_then(Value::as_array)
            .is_none_or(Vec::is_empty);
    if done {
        cluster.delete(&ask.resource.key(), &key);
        return Ok(Arc::new(new));
    }
    Ok(cluster.put(&ask.resource.key(), &key, new))
}

/// Writes what a controller decides: the status, or an object as a whole.
pub(super) fn control(cluster: &mut Cluster, ask: &Objects, new: Value, name: &str, now: i64) {
    let Some(old) = cluster.get(&ask.resource.key(), &key(&ask.namespace, &ask.name)) else {
        return;
    };
    let status = ask.sub == "status";
    let way = Way {
        door: if status {
            Door::Status
        } else {
            Door::Main {
                status: ask.resource.status,
            }
        },
        manager: Manager {
            applies: false,
            name: name.to_owned(),
            version: ask.resource.api_version(),
            subresource: ask.sub.clone(),
        },
        now,
        dry: false,
    };
    replace(cluster, ask, &old, new, &way).ok();
}

pub(super) fn refuse(resource: &Resource, name: &str, causes: &[Cause]) -> Result<(), Failure> {
    if causes.is_empty() {
        return Ok(());
    }
    Err(Failure::invalid(
        &resource.group,
        &resource.kind,
        name,
        causes,
    ))
}

/// What there is before an object is.
pub(super) fn nothing(resource: &Resource) -> Value {
    if resource.is_custom() {
        json!({ "metadata": {} })
    } else {
        let mut empty = resource.of.skeleton();
        if empty.is_null() {
            empty = json!({});
        }
        empty
    }
}

/// RFC 7396.
pub(super) fn overlay(object: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        patch.clone_into(object);
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    if let Some(map) = object.as_object_mut() {
        for (name, value) in patch {
            if value.is_null() {
                map.remove(name);
            } else {
                overlay(map.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
    }
}

pub(super) fn meta(object: &mut Value) -> Option<&mut Map<String, Value>> {
    let map = object.as_object_mut()?;
    map.entry("metadata")
        .or_insert_with(|| json!({}))
        .as_object_mut()
}

/// A text in an object, or none.
pub(super) fn text(object: &Value, pointer: &str) -> String {
    let text = object.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
