//! Sets of field paths, as managedFields writes them.
//!
//! In: FieldsV1, or paths one by one. Out: set operations. A step of a path is kept as FieldsV1
//! writes it: `f:name`, `k:{"name":"web"}`, `v:"x"`. It must not know types, managers or objects.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::schema::{Form, Type};

/// A set of field paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FieldSet(BTreeMap<String, Node>);

/// What a set says of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    /// Whether the path that ends here is in the set.
    member: bool,
    below: FieldSet,
}

impl FieldSet {
    /// Reads FieldsV1.
    pub(super) fn read(fields: &Value) -> Self {
        let entries = fields.as_object().into_iter().flatten();
        let steps = entries.filter(|(step, _)| *step != ".");
        Self(
            steps
                .map(|(step, below)| {
                    let leaf = below.as_object().is_none_or(Map::is_empty);
                    let node = Node {
                        member: leaf || below.get(".").is_some(),
                        below: Self::read(below),
                    };
                    (step.clone(), node)
                })
                .collect(),
        )
    }

    /// Writes FieldsV1.
    pub(super) fn write(&self) -> Value {
        let steps = self.0.iter().map(|(step, node)| {
            let mut below = node.below.write();
            if let (true, Value::Object(below)) =
                (node.member && !node.below.is_empty(), &mut below)
            {
                below.insert(".".to_owned(), Value::Object(Map::new()));
            }
            (step.clone(), below)
        });
        Value::Object(steps.collect())
    }

    /// Whether no path is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0
            .values()
            .all(|node| !node.member && node.below.is_empty())
    }

    /// Adds a path.
    pub(super) fn insert(&mut self, path: &[String]) {
        if let Some((step, rest)) = path.split_first() {
            let node = self.0.entry(step.clone()).or_default();
            if rest.is_empty() {
                node.member = true;
            } else {
                node.below.insert(rest);
            }
        }
    }

    /// Whether the path of one step is in it.
    pub(super) fn has(&self, step: &str) -> bool {
        self.0.get(step).is_some_and(|node| node.member)
    }

    /// The paths below a step.
    pub(super) fn below(&self, step: &str) -> Option<&Self> {
        let below = self.0.get(step).map(|node| &node.below);
        below.filter(|below| !below.is_empty())
    }

    /// Adds all paths of another set.
    #[must_use]
    pub(super) fn union(mut self, other: &Self) -> Self {
        for (step, theirs) in &other.0 {
            let node = self.0.entry(step.clone()).or_default();
            node.member |= theirs.member;
            node.below = std::mem::take(&mut node.below).union(&theirs.below);
        }
        self
    }

    /// Keeps what the other set has or has not.
    fn filter(&self, other: &Self, keep: bool) -> Self {
        let empty = Node::default();
        let steps = self.0.iter().filter_map(|(step, node)| {
            let theirs = other.0.get(step).unwrap_or(&empty);
            let left = Node {
                member: node.member && theirs.member == keep,
                below: node.below.filter(&theirs.below, keep),
            };
            (left.member || !left.below.0.is_empty()).then(|| (step.clone(), left))
        });
        Self(steps.collect())
    }

    /// The paths that are not in the other set.
    pub(super) fn minus(&self, other: &Self) -> Self {
        self.filter(other, false)
    }

    /// The paths that both sets have.
    pub(super) fn and(&self, other: &Self) -> Self {
        self.filter(other, true)
    }

    /// The same set with the fields of structs that lead to its paths.
    pub(super) fn with_structs(&self, of: &Type) -> Self {
        let steps = self.0.iter().map(|(step, node)| {
            let name = step.strip_prefix("f:");
            let named = name.is_some_and(|name| of.names(name));
            let below = match below(of, step) {
                Some(of) => node.below.with_structs(&of),
                None => node.below.clone(),
            };
            let node = Node {
                member: node.member || (named && !below.0.is_empty()),
                below,
            };
            (step.clone(), node)
        });
        Self(steps.collect())
    }

    /// The paths as people read them, as `.spec.containers[name="web"].image`.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut out = Vec::new();
        self.collect("", &mut out);
        out
    }

    fn collect(&self, before: &str, out: &mut Vec<String>) {
        for (step, _) in self.0.iter().filter(|(_, node)| node.member) {
            out.push(format!("{before}{}", shown(step)));
        }
        for (step, node) in &self.0 {
            node.below.collect(&format!("{before}{}", shown(step)), out);
        }
    }
}

/// The type below a step.
fn below(of: &Type, step: &str) -> Option<Arc<Type>> {
    match (&of.form, step.strip_prefix("f:")) {
        (_, Some(name)) => of.field(name),
        (Form::List(item, _), None) => Some(Arc::clone(item)),
        _ => None,
    }
}

fn shown(step: &str) -> String {
    match step.split_once(':') {
        Some(("f", name)) => format!(".{name}"),
        Some(("k", keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let keys = keys.iter().map(|(name, value)| format!("{name}={value}"));
            format!("[{}]", keys.collect::<Vec<_>>().join(","))
        }
        Some(("v", value)) => format!("[={value}]"),
        _ => format!("[{step}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(value: &Value) -> FieldSet {
        FieldSet::read(value)
    }

    #[test]
    fn what_is_written_is_read() {
        let fields = json!({ "f:metadata": { "f:labels": { ".": {}, "f:app": {} } }, "f:spec": { "f:ports": {
            "k:{\"port\":80,\"protocol\":\"TCP\"}": { ".": {}, "f:port": {} } } } });
        assert_eq!(set(&fields).write(), fields);
        assert_eq!(
            set(&fields).paths(),
            [
                ".metadata.labels",
                ".metadata.labels.app",
                ".spec.ports[port=80,protocol=\"TCP\"]",
                ".spec.ports[port=80,protocol=\"TCP\"].port"
            ]
        );
    }

    #[test]
    fn sets_are_sets() {
        let one = set(&json!({ "f:a": { ".": {}, "f:b": {} }, "f:c": {} }));
        let two = set(&json!({ "f:a": { "f:b": {} }, "f:d": {} }));
        assert_eq!(one.minus(&two).paths(), [".a", ".c"]);
        assert_eq!(one.and(&two).paths(), [".a.b"]);
        assert_eq!(one.clone().union(&two).paths(), [".a", ".c", ".d", ".a.b"]);
        assert!(one.minus(&one).is_empty());
        assert!(FieldSet::default().is_empty());
    }
}
