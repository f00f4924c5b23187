//! What server-side apply does with typed values: which fields one has, how two differ, what their
//! merge is, and what is left without some fields.
//!
//! In: values and their [`Type`]. Out: sets and values. It must not know managers. Rules: the
//! reference of server-side apply, "Merge strategy".

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fields::FieldSet;
use super::schema::{ANY, Form, Identity, Type};

/// How two values differ.
#[derive(Debug, Clone, Default)]
pub(super) struct Comparison {
    /// Only the new value has them.
    pub(super) added: FieldSet,
    /// Both have them, with other content.
    pub(super) modified: FieldSet,
    /// Only the old value has them.
    pub(super) removed: FieldSet,
}

/// What a value is to those who walk through it.
enum Part<'a> {
    /// One value with one owner.
    Leaf,
    /// A list whose items are told apart.
    List(&'a Arc<Type>, &'a Identity),
    /// A map or a struct whose keys are told apart.
    Map,
}

fn part<'a>(of: &'a Type, value: &Value) -> Part<'a> {
    match (&of.form, value) {
        _ if of.atomic => Part::Leaf,
        (Form::List(_, Identity::Whole), _) => Part::Leaf,
        (Form::List(item, identity), Value::Array(_)) => Part::List(item, identity),
        (Form::Map(_) | Form::Struct(_) | Form::Any, Value::Object(_)) => Part::Map,
        _ => Part::Leaf,
    }
}

fn child(of: &Type, name: &str) -> Arc<Type> {
    of.field(name).unwrap_or_else(|| ANY.clone())
}

/// The step to an item of a list.
pub(super) fn step(of: &Type, identity: &Identity, item: &Value) -> String {
    match identity {
        Identity::Keys(keys) => {
            let keys = keys.iter().filter_map(|key| {
                let default = match &of.form {
                    Form::Struct(fields) => fields.known.get(key)?.default.clone(),
                    _ => None,
                };
                Some((key.clone(), item.get(key).cloned().or(default)?))
            });
            format!("k:{}", Value::Object(keys.collect()))
        }
        Identity::Set | Identity::Whole => format!("v:{item}"),
    }
}

fn at(path: &[String], step: String) -> Vec<String> {
    path.iter().cloned().chain([step]).collect()
}

fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The fields of a value.
pub(super) fn fields(of: &Type, value: &Value) -> FieldSet {
    let mut set = FieldSet::default();
    collect(of, value, &[], &mut set);
    set
}

fn collect(of: &Type, value: &Value, path: &[String], set: &mut FieldSet) {
    match (part(of, value), value) {
        (Part::List(item, identity), Value::Array(items)) => {
            for value in items {
                let path = at(path, step(item, identity, value));
                collect(item, value, &path, set);
                set.insert(&path);
            }
        }
        (Part::Map, Value::Object(map)) => {
            for (name, value) in map {
                let path = at(path, format!("f:{name}"));
                collect(&child(of, name), value, &path, set);
                let hollow = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                if hollow || !of.names(name) {
                    set.insert(&path);
                }
            }
        }
        _ => set.insert(path),
    }
}

/// How a new value differs from an old one.
pub(super) fn compare(of: &Type, old: &Value, new: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    differ(of, Some(old), Some(new), &[], &mut comparison);
    comparison
}

fn differ(
    of: &Type,
    old: Option<&Value>,
    new: Option<&Value>,
    path: &[String],
    out: &mut Comparison,
) {
    let Some(shape) = new.or(old) else { return };
    let hollow = old.is_none_or(empty) && new.is_none_or(empty);
    let part = if hollow && (shape.is_object() || shape.is_array()) {
        Part::Leaf
    } else {
        part(
            of,
            new.filter(|new| !new.is_null()).or(old).unwrap_or(shape),
        )
    };
    match part {
        Part::Leaf => {
            if let (Some(old), Some(new)) = (old, new)
                && old != new
            {
                out.modified.insert(path);
            }
        }
        Part::List(item, identity) => {
            let (before, after) = (index(item, identity, old), index(item, identity, new));
            let steps: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for step in steps {
                let (old, new) = (before.get(step).copied(), after.get(step).copied());
                differ(item, old, new, &at(path, step.clone()), out);
            }
        }
        Part::Map => {
            let names = |value: Option<&Value>| -> BTreeSet<String> {
                let map = value.and_then(Value::as_object);
                map.into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone())
                    .collect()
            };
            let all: BTreeSet<String> = names(old).union(&names(new)).cloned().collect();
            for name in all {
                let get =
                    |value: Option<&'_ Value>| value.and_then(|value| value.get(&name)).cloned();
                let (old, new) = (get(old), get(new));
                let path = at(path, format!("f:{name}"));
                differ(&child(of, &name), old.as_ref(), new.as_ref(), &path, out);
            }
        }
    }
    match (old, new) {
        (None, Some(_)) => out.added.insert(path),
        (Some(_), None) => out.removed.insert(path),
        _ => {}
    }
}

fn index<'a>(
    of: &Type,
    identity: &Identity,
    list: Option<&'a Value>,
) -> BTreeMap<String, &'a Value> {
    let items = list.and_then(Value::as_array);
    let mut out = BTreeMap::new();
    for item in items.into_iter().flatten() {
        out.entry(step(of, identity, item)).or_insert(item);
    }
    out
}

/// The live value with what the applied one says.
pub(super) fn merge(of: &Type, live: &Value, applied: &Value) -> Value {
    match (part(of, applied), live, applied) {
        (Part::Map, Value::Object(live), Value::Object(applied)) => {
            let mut out = live.clone();
            for (name, value) in applied {
                let before = live.get(name).unwrap_or(&Value::Null);
                out.insert(name.clone(), merge(&child(of, name), before, value));
            }
            Value::Object(out)
        }
        (Part::List(item, identity), Value::Array(live), Value::Array(applied)) => {
            Value::Array(merge_lists(item, identity, live, applied))
        }
        _ => applied.clone(),
    }
}

/// Items that both lists have come in the order of the applied list; the others stay where they
/// were between them.
fn merge_lists(of: &Type, identity: &Identity, live: &[Value], applied: &[Value]) -> Vec<Value> {
    let steps = |list: &[Value]| -> Vec<String> {
        list.iter().map(|item| step(of, identity, item)).collect()
    };
    let (left, right) = (steps(live), steps(applied));
    let mut shared = right.iter().filter(|step| left.contains(step)).peekable();
    let mut done = BTreeSet::new();
    let mut out = Vec::new();
    let (mut l, mut r) = (0, 0);
    while l < left.len() || r < right.len() {
        if l < left.len() && !right.contains(&left[l]) {
            out.push(live[l].clone());
            l += 1;
        } else if l < left.len()
            && (done.contains(&left[l])
                || (r < right.len()
                    && left[l] != right[r]
                    && shared.peek().is_some_and(|next| **next != left[l])))
        {
            l += 1;
        } else if r < right.len() {
            let before = left.iter().position(|step| *step == right[r]);
            out.push(match before {
                Some(at) => merge(of, &live[at], &applied[r]),
                None => applied[r].clone(),
            });
            done.insert(right[r].clone());
            if shared.peek().is_some_and(|next| **next == right[r]) {
                shared.next();
            }
            r += 1;
        } else {
            l += 1;
        }
    }
    out
}

/// The value without some fields; nothing if nothing is left of it.
pub(super) fn remove(of: &Type, value: &Value, gone: &FieldSet) -> Option<Value> {
    match (part(of, value), value) {
        (_, value) if empty(value) => None,
        (Part::List(item, identity), Value::Array(items)) => {
            let left: Vec<Value> = items
                .iter()
                .filter_map(|value| {
                    let step = step(item, identity, value);
                    match gone.below(&step) {
                        _ if gone.has(&step) => None,
                        Some(below) => remove(item, value, below),
                        None => Some(value.clone()),
                    }
                })
                .collect();
            (!left.is_empty()).then_some(Value::Array(left))
        }
        (Part::Map, Value::Object(map)) => {
            let left: Map<String, Value> = map
                .iter()
                .filter_map(|(name, value)| {
                    let step = format!("f:{name}");
                    let value = match gone.below(&step) {
                        _ if gone.has(&step) => None,
                        Some(below) => remove(&child(of, name), value, below),
                        None => Some(value.clone()),
                    };
                    value.map(|value| (name.clone(), value))
                })
                .collect();
            (!left.is_empty()).then_some(Value::Object(left))
        }
        // Whoever removes a part of a leaf removes it.
        (Part::Leaf, Value::Object(_) | Value::Array(_)) => None,
        _ => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::built_in;
    use super::*;
    use serde_json::json;

    fn deployment() -> Arc<Type> {
        built_in("apps.v1.Deployment")
    }

    fn pods(containers: &Value) -> Value {
        json!({ "spec": { "template": { "spec": { "containers": containers } } } })
    }

    #[test]
    fn applied_fields_are_leaves_and_items() {
        let value = json!({ "metadata": { "labels": { "app": "a" } }, "spec": { "replicas": 2,
            "selector": { "matchLabels": { "app": "a" } }, "template": { "spec": { "containers": [
            { "name": "c", "ports": [{ "containerPort": 80 }], "args": ["x"], "resources": {} }] } } } });
        assert_eq!(
            fields(&deployment(), &value).paths(),
            [
                ".metadata.labels.app",
                ".spec.replicas",
                ".spec.selector",
                ".spec.template.spec.containers[name=\"c\"]",
                ".spec.template.spec.containers[name=\"c\"].args",
                ".spec.template.spec.containers[name=\"c\"].name",
                ".spec.template.spec.containers[name=\"c\"].resources",
                ".spec.template.spec.containers[name=\"c\"].ports[containerPort=80,protocol=\"TCP\"]",
                ".spec.template.spec.containers[name=\"c\"].ports[containerPort=80,protocol=\"TCP\"].containerPort",
            ]
        );
    }

    #[test]
    fn a_comparison_names_all_that_came_and_went() {
        let old = pods(&json!([{ "name": "a", "image": "1" }, { "name": "b" }]));
        let new = pods(&json!([{ "name": "a", "image": "2", "args": [] }]));
        let found = compare(&deployment(), &old, &new);
        let at = ".spec.template.spec.containers";
        assert_eq!(found.modified.paths(), [format!("{at}[name=\"a\"].image")]);
        assert_eq!(found.added.paths(), [format!("{at}[name=\"a\"].args")]);
        assert_eq!(
            found.removed.paths(),
            [
                format!("{at}[name=\"b\"]"),
                format!("{at}[name=\"b\"].name")
            ]
        );
    }

    #[test]
    fn keyed_lists_merge_in_the_order_of_the_applied_one() {
        let merged = |live: Value, applied: Value| {
            let out = merge(&deployment(), &pods(&live), &pods(&applied));
            let items = out.pointer("/spec/template/spec/containers").unwrap();
            let names = items
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["name"].as_str().unwrap());
            names.collect::<String>()
        };
        let list =
            |names: &str| -> Value { names.chars().map(|name| json!({ "name": name })).collect() };
        for (live, applied, out) in [
            ("ab", "cb", "acb"),
            ("abc", "ca", "bca"),
            ("ab", "ba", "ba"),
            ("axb", "ab", "axb"),
            ("", "ab", "ab"),
            ("xy", "ab", "xyab"),
            ("abz", "cba", "cbza"),
        ] {
            assert_eq!(merged(list(live), list(applied)), out, "{live} {applied}");
        }
        let out = merge(
            &deployment(),
            &pods(&json!([{ "name": "a", "image": "1", "args": ["x", "y"] }])),
            &pods(&json!([{ "name": "a", "args": ["z"] }])),
        );
        assert_eq!(
            out,
            pods(&json!([{ "name": "a", "image": "1", "args": ["z"] }]))
        );
    }

    #[test]
    fn what_is_removed_leaves_nothing_hollow() {
        let value = json!({ "metadata": { "labels": { "app": "a" } }, "spec": { "replicas": 2 } });
        let gone = fields(
            &deployment(),
            &json!({ "metadata": { "labels": { "app": "a" } } }),
        );
        assert_eq!(
            remove(&deployment(), &value, &gone.with_structs(&deployment())),
            Some(json!({ "spec": { "replicas": 2 } }))
        );
    }
}
