//! Who owns which field: managedFields, conflicts and server-side apply.
//!
//! In: the object before and after, and who changed it. Out: the object with its managedFields, or
//! the conflicts. It must not know kinds, requests or storage. Rules: the reference of server-side
//! apply, "Field management" and "Conflicts".

use serde_json::{Map, Value, json};

use super::fields::FieldSet;
use super::owners::{Entry, Manager, cap, gain, read, write};
use super::schema::Type;
use super::typed;

/// Fields that are nobody's.
const NOBODYS: &str = r#"{"f:apiVersion":{},"f:kind":{},"f:metadata":{".":{},"f:name":{},
"f:namespace":{},"f:creationTimestamp":{},"f:selfLink":{},"f:uid":{},"f:clusterName":{},
"f:generation":{},"f:managedFields":{},"f:resourceVersion":{}}}"#;

/// A field that somebody else owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The manager, as the message names it.
    pub(super) manager: String,
    /// The field.
    pub(super) path: String,
}

/// The fields that a door cannot change: they are never anybody's through it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door {
    /// The object itself, which leaves a status alone that has an own door.
    Main {
        /// Whether the status has one.
        status: bool,
    },
    /// The status.
    Status,
    /// The scale.
    Scale,
}

impl Door {
    fn closed(self) -> FieldSet {
        let fields = match self {
            Self::Main { status: true } => json!({ "f:status": {} }),
            Self::Main { status: false } | Self::Scale => json!({}),
            Self::Status => json!({ "f:spec": {}, "f:metadata": {} }),
        };
        FieldSet::read(&fields)
    }

    /// What of a set can be owned through this door.
    fn open(self, set: &FieldSet) -> FieldSet {
        let mut left = set.clone();
        for path in ["f:status", "f:spec", "f:metadata"] {
            if self.closed().has(path) {
                left = left.minus(&below(path, &left));
            }
        }
        left
    }
}

/// All paths of a set at and below a step.
fn below(step: &str, set: &FieldSet) -> FieldSet {
    let mut only = FieldSet::default();
    only.insert(&[step.to_owned()]);
    match set.below(step) {
        None => only,
        Some(under) => only.union(&FieldSet::read(&json!({ step: under.write() }))),
    }
}

/// Records an ordinary write: what it changed is the manager's from now on.
pub(super) fn update(
    of: &Type,
    old: &Value,
    new: &Value,
    manager: &Manager,
    door: Door,
    time: &str,
) -> Value {
    let known = new.pointer("/metadata/managedFields");
    let reset = known.and_then(Value::as_array).is_some_and(|list| {
        list.is_empty() || (list.len() == 1 && list[0].as_object().is_some_and(Map::is_empty))
    });
    let mut entries = if reset { Vec::new() } else { read(old) };
    let (before, mut after) = (bare(old), bare(new));
    let created = old.pointer("/metadata/uid").is_none();
    if entries.is_empty() && !created {
        return after;
    }
    let differs = typed::compare(of, &before, &after);
    let changed = door.open(&differs.modified.clone().union(&differs.added));
    let removed = door.open(&differs.removed);
    for entry in &mut entries {
        entry.set = entry.set.minus(&changed).minus(&removed);
    }
    let gained = changed.minus(&FieldSet::read(&nobodys()));
    if !gained.is_empty() {
        // The server forgets the time of a write through the scale.
        let time = Some(time).filter(|_| !matches!(door, Door::Scale));
        gain(&mut entries, manager, &gained, time);
    }
    cap(&mut entries);
    write(&mut after, entries);
    after
}

/// Applies a configuration: the merged object, or the fields that others own. The same object
/// means that nothing changed.
pub(super) fn apply(
    of: &Type,
    live: &Value,
    config: &Value,
    manager: &Manager,
    door: Door,
    time: &str,
    force: bool,
) -> Result<Value, Vec<Conflict>> {
    let mut entries = read(live);
    let before = bare(live);
    let exists = live.pointer("/metadata/uid").is_some();
    if entries.is_empty() && exists {
        let all = typed::compare(of, &of.skeleton(), &before).added;
        let first = Manager {
            applies: false,
            name: "before-first-apply".to_owned(),
            ..manager.clone()
        };
        gain(
            &mut entries,
            &first,
            &all.minus(&FieldSet::read(&nobodys())),
            None,
        );
    }
    let merged = typed::merge(of, &before, config);
    let set = door.open(&typed::fields(of, config));
    let last = entries
        .iter()
        .find(|entry| entry.manager.is(manager))
        .map(|entry| entry.set.clone());
    let others = entries
        .iter()
        .filter(|entry| !entry.manager.is(manager))
        .fold(set.clone(), |all, entry| all.union(&entry.set));
    let merged = match last.filter(|last| !last.is_empty()) {
        None => merged,
        Some(last) => prune(of, &merged, &last, &others),
    };
    let differs = typed::compare(of, &before, &merged);
    let changed = door.open(&differs.modified.clone().union(&differs.added));
    let removed = door.open(&differs.removed);
    let mut conflicts = Vec::new();
    entries.sort_by_key(|entry| entry.manager.identity());
    for entry in entries
        .iter_mut()
        .filter(|entry| !entry.manager.is(manager))
    {
        let taken = entry.set.and(&changed);
        conflicts.extend(taken.paths().into_iter().map(|path| Conflict {
            manager: entry.manager.shown(),
            path,
        }));
        entry.set = entry.set.minus(&taken).minus(&removed);
    }
    if !conflicts.is_empty() && !force {
        return Err(conflicts);
    }
    let moved = merged != before;
    let own = set.minus(&FieldSet::read(&nobodys()));
    let old_time = entries
        .iter()
        .find(|entry| entry.manager.is(manager))
        .and_then(|entry| entry.time.clone());
    entries.retain(|entry| !entry.manager.is(manager));
    entries.push(Entry {
        manager: manager.clone(),
        time: if moved {
            Some(time.to_owned())
        } else {
            old_time
        },
        set: own,
    });
    let mut out = merged;
    write(&mut out, entries);
    Ok(out)
}

/// Takes away what the manager applied before and no longer does, unless somebody else owns it.
fn prune(of: &Type, merged: &Value, last: &FieldSet, owned: &FieldSet) -> Value {
    let all = typed::fields(of, merged).with_structs(of);
    let left = |gone: &FieldSet| {
        typed::remove(of, merged, gone).unwrap_or_else(|| Value::Object(Map::new()))
    };
    let last = last.with_structs(of);
    let fields = |value: &Value| typed::fields(of, value).with_structs(of);
    let pruned = left(&last);
    let kept = left(&all.minus(&fields(&pruned).union(&owned.with_structs(of))));
    left(&all.minus(&fields(&kept)).and(&last))
}

fn nobodys() -> Value {
    serde_json::from_str(NOBODYS).unwrap_or_default()
}

/// The object without what the server alone writes about fields.
fn bare(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    object
}

#[cfg(test)]
mod tests {
    use super::super::schema::built_in;
    use super::*;

    const MAIN: Door = Door::Main { status: true };

    fn manager(name: &str, applies: bool) -> Manager {
        Manager {
            applies,
            name: name.to_owned(),
            version: "apps/v1".to_owned(),
            subresource: String::new(),
        }
    }

    fn applied(
        live: &Value,
        config: &Value,
        name: &str,
        force: bool,
    ) -> Result<Value, Vec<Conflict>> {
        let of = built_in("apps.v1.Deployment");
        let mut out = apply(&of, live, config, &manager(name, true), MAIN, "t1", force)?;
        out["metadata"]["uid"] = json!("u");
        Ok(out)
    }

    fn owners(object: &Value) -> Vec<(String, Vec<String>)> {
        read(object)
            .into_iter()
            .map(|entry| (entry.manager.name, entry.set.paths()))
            .collect()
    }

    #[test]
    fn what_one_stops_applying_goes_unless_another_owns_it() {
        let one = applied(
            &json!({}),
            &json!({ "spec": { "replicas": 1, "paused": true } }),
            "a",
            false,
        )
        .unwrap();
        let two = applied(&one, &json!({ "spec": { "replicas": 1 } }), "b", false).unwrap();
        assert_eq!(owners(&two).len(), 2);
        let three = applied(
            &two,
            &json!({ "metadata": { "labels": { "x": "y" } } }),
            "a",
            false,
        )
        .unwrap();
        assert_eq!(three["spec"], json!({ "replicas": 1 }));
        assert_eq!(
            owners(&three),
            [
                ("b".to_owned(), vec![".spec.replicas".to_owned()]),
                ("a".to_owned(), vec![".metadata.labels.x".to_owned()])
            ]
        );
    }

    #[test]
    fn a_conflict_names_manager_and_field_and_force_takes_it() {
        let one = applied(
            &json!({}),
            &json!({ "spec": { "replicas": 1 } }),
            "a",
            false,
        )
        .unwrap();
        let wanted = json!({ "spec": { "replicas": 2 } });
        let conflicts = applied(&one, &wanted, "b", false).unwrap_err();
        assert_eq!(conflicts[0].manager, "\"a\"");
        assert_eq!(conflicts[0].path, ".spec.replicas");
        let two = applied(&one, &wanted, "b", true).unwrap();
        assert_eq!(
            owners(&two),
            [("b".to_owned(), vec![".spec.replicas".to_owned()])]
        );
        // The same again changes nothing, not even the time.
        assert_eq!(applied(&two, &wanted, "b", false).unwrap(), two);
    }

    #[test]
    fn an_update_owns_what_it_changed() {
        let of = built_in("apps.v1.Deployment");
        let one = applied(
            &json!({}),
            &json!({ "spec": { "replicas": 1 } }),
            "a",
            false,
        )
        .unwrap();
        let mut new = one.clone();
        new["spec"]["replicas"] = json!(3);
        new["status"] = json!({ "replicas": 1 });
        let scale = Manager {
            subresource: "scale".to_owned(),
            ..manager("kubectl", false)
        };
        let two = update(&of, &one, &new, &scale, MAIN, "t2");
        assert_eq!(
            owners(&two),
            [("kubectl".to_owned(), vec![".spec.replicas".to_owned()])]
        );
        let conflicts =
            applied(&two, &json!({ "spec": { "replicas": 1 } }), "a", false).unwrap_err();
        assert_eq!(
            conflicts[0].manager,
            "\"kubectl\" with subresource \"scale\" using apps/v1"
        );
    }

    #[test]
    fn an_object_without_owners_gets_one_before_the_first_apply() {
        let live = json!({ "metadata": { "uid": "u" }, "spec": { "replicas": 1 } });
        let conflicts =
            applied(&live, &json!({ "spec": { "replicas": 2 } }), "a", false).unwrap_err();
        assert_eq!(conflicts[0].manager, "\"before-first-apply\" using apps/v1");
    }

    #[test]
    fn too_many_updaters_become_one() {
        let of = built_in("apps.v1.Deployment");
        let mut live = json!({ "metadata": {}, "spec": {} });
        for number in 0..12 {
            let mut new = live.clone();
            new["metadata"]["labels"] = new["metadata"]["labels"].take();
            if new["metadata"]["labels"].is_null() {
                new["metadata"]["labels"] = json!({});
            }
            new["metadata"]["labels"][format!("l{number:02}")] = json!("x");
            let name = format!("m{number:02}");
            live = update(
                &of,
                &live,
                &new,
                &manager(&name, false),
                MAIN,
                &format!("t{number:02}"),
            );
            live["metadata"]["uid"] = json!("u");
        }
        let owners = owners(&live);
        assert_eq!(owners.len(), 10);
        assert_eq!(owners[0].0, "ancient-changes");
    }
}
