//! managedFields: the managers of an object with the fields that each owns.
//!
//! In: an object. Out: its managers, and the object with others. It must not know who may own what.

use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::fields::FieldSet;

/// Updates by more managers than these are put together.
const MOST_UPDATERS: usize = 10;

/// Who changes an object, and through which door.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Manager {
    /// Server-side apply, as opposed to any other write.
    pub(super) applies: bool,
    /// The name.
    pub(super) name: String,
    /// The API version of the request.
    pub(super) version: String,
    /// `status`, `scale` or nothing.
    pub(super) subresource: String,
}

impl Manager {
    /// Whether both are one: an applier is one across versions.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.applies == other.applies
            && self.name == other.name
            && self.subresource == other.subresource
            && (self.applies || self.version == other.version)
    }

    /// The text by which managers are sorted.
    pub(super) fn identity(&self) -> String {
        let field = |name: &str, value: &str| {
            if value.is_empty() {
                String::new()
            } else {
                format!(",\"{name}\":{}", Value::from(value))
            }
        };
        let operation = if self.applies { "Apply" } else { "Update" };
        let version = if self.applies {
            ""
        } else {
            self.version.as_str()
        };
        format!(
            "{{\"manager\":{}{}{}{}}}",
            Value::from(self.name.as_str()),
            field("operation", operation),
            field("apiVersion", version),
            field("subresource", &self.subresource)
        )
    }

    /// The manager as a conflict names it.
    pub(super) fn shown(&self) -> String {
        let mut text = Value::from(self.name.as_str()).to_string();
        if !self.subresource.is_empty() {
            text.push_str(" with subresource ");
            text.push_str(&Value::from(self.subresource.as_str()).to_string());
        }
        if !self.applies {
            text.push_str(" using ");
            text.push_str(&self.version);
        }
        text
    }
}

/// A manager with its fields.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) manager: Manager,
    pub(super) time: Option<String>,
    pub(super) set: FieldSet,
}

/// Gives a manager more fields.
pub(super) fn gain(
    entries: &mut Vec<Entry>,
    manager: &Manager,
    set: &FieldSet,
    time: Option<&str>,
) {
    let time = time.map(str::to_owned);
    match entries.iter_mut().find(|entry| entry.manager.is(manager)) {
        Some(entry) => {
            entry.set = std::mem::take(&mut entry.set).union(set);
            entry.time = time;
        }
        None => entries.push(Entry {
            manager: manager.clone(),
            time,
            set: set.clone(),
        }),
    }
}

/// Puts the oldest updates together where there are too many.
pub(super) fn cap(entries: &mut Vec<Entry>) {
    loop {
        let mut updates: Vec<usize> = (0..entries.len())
            .filter(|at| !entries[*at].manager.applies && !entries[*at].set.is_empty())
            .collect();
        if updates.len() <= MOST_UPDATERS {
            return;
        }
        updates.sort_by_key(|at| (entries[*at].time.clone(), entries[*at].manager.clone()));
        let (first, second) = (updates[0], updates[1]);
        let mut joined = entries[second].clone();
        joined.set = joined.set.union(&entries[first].set);
        "ancient-changes".clone_into(&mut joined.manager.name);
        joined.manager.subresource.clear();
        entries[second] = joined;
        entries.remove(first);
    }
}

/// Reads the managers of an object.
pub(super) fn read(object: &Value) -> Vec<Entry> {
    let list = object.pointer("/metadata/managedFields");
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    let text = |entry: &Value, key: &str| {
        let text = entry.get(key).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    entries
        .map(|entry| Entry {
            manager: Manager {
                applies: text(entry, "operation") == "Apply",
                name: text(entry, "manager"),
                version: text(entry, "apiVersion"),
                subresource: text(entry, "subresource"),
            },
            time: Some(text(entry, "time")).filter(|time| !time.is_empty()),
            set: FieldSet::read(entry.get("fieldsV1").unwrap_or(&Value::Null)),
        })
        .collect()
}

/// Writes the managers of an object, the appliers first.
pub(super) fn write(object: &mut Value, mut entries: Vec<Entry>) {
    entries.retain(|entry| !entry.set.is_empty());
    entries.sort_by(|one, two| {
        let key = |entry: &Entry| {
            (
                !entry.manager.applies,
                entry.time.clone(),
                entry.manager.name.clone(),
                entry.manager.version.clone(),
                entry.manager.subresource.clone(),
            )
        };
        key(one).cmp(&key(two))
    });
    let list: Vec<Value> = entries
        .into_iter()
        .map(|entry| {
            let mut out = BTreeMap::from([
                ("apiVersion", Value::from(entry.manager.version)),
                ("fieldsType", Value::from("FieldsV1")),
                ("fieldsV1", entry.set.write()),
                ("manager", Value::from(entry.manager.name)),
                (
                    "operation",
                    Value::from(if entry.manager.applies {
                        "Apply"
                    } else {
                        "Update"
                    }),
                ),
            ]);
            if !entry.manager.subresource.is_empty() {
                out.insert("subresource", Value::from(entry.manager.subresource));
            }
            if let Some(time) = entry.time {
                out.insert("time", Value::from(time));
            }
            json!(out)
        })
        .collect();
    let meta = object.as_object_mut().map(|object| {
        let meta = object.entry("metadata").or_insert_with(|| json!({}));
        if !meta.is_object() {
            *meta = json!({});
        }
        meta
    });
    if let Some(Value::Object(meta)) = meta
        && !list.is_empty()
    {
        meta.insert("managedFields".to_owned(), Value::Array(list));
    }
}
