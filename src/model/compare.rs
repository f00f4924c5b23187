//! The one comparison: which declared fields differ from what was observed.
//!
//! `live` uses it to choose what to predict, `plan` to decide, `apply` to read back. Both sides
//! must be canonical ([`Shape::canonical`]).

use super::shape::item_key;
use super::{Absent, Class, Field, FieldChange, Identity, Key, Map, Shape, Value};

/// One differing field, with what its table says about the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The path and both values.
    pub change: FieldChange,
    /// The class of this difference.
    pub class: Class,
    /// Whether it forces a replacement.
    pub replace: bool,
    /// Whether it is a conversion.
    pub conversion: bool,
    /// Whether the field says how long readers keep the rest of the object.
    pub lifetime: bool,
}

/// Returns the differences between declared and observed fields, in the order of the table.
#[must_use]
pub fn compare(shape: &Shape, desired: &Map, live: &Map) -> Vec<Difference> {
    // Most objects are as declared, and equal tables need no walk.
    if desired == live {
        return Vec::new();
    }
    let mut walk = Walk {
        path: Vec::new(),
        out: Vec::new(),
    };
    walk.map(shape, desired, live);
    walk.out
}

struct Walk {
    /// The names on the way down; written out only for a difference.
    path: Vec<Key>,
    out: Vec<Difference>,
}

impl Walk {
    fn map(&mut self, shape: &Shape, desired: &Map, live: &Map) {
        match shape {
            Shape::Table(fields) => {
                for field in *fields {
                    let (want, have) = (desired.get(field.name), live.get(field.name));
                    self.within(field.name, |walk| walk.field(field, want, have));
                }
            }
            Shape::Open(item) => {
                let field = Field::new("", **item, "").managed();
                let mut keys: Vec<&str> = desired
                    .iter()
                    .chain(live.iter())
                    .map(|(key, _)| key)
                    .collect();
                keys.sort_unstable();
                keys.dedup();
                for key in keys {
                    let (want, have) = (desired.get(key), live.get(key));
                    self.within(key.to_owned(), |walk| walk.field(&field, want, have));
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, field: &Field, want: Option<&Value>, have: Option<&Value>) {
        match (want, have) {
            (None, None) => {}
            (None, Some(_)) if field.absent == Absent::Unmanaged => {}
            (Some(want), Some(have)) => self.both(field, want, have),
            (want, have) => self.push(field, want, have, true),
        }
    }

    fn both(&mut self, field: &Field, want: &Value, have: &Value) {
        match (&field.shape, want, have) {
            (shape @ (Shape::Table(_) | Shape::Open(_)), Value::Map(want), Value::Map(have)) => {
                self.map(shape, want, have);
            }
            (Shape::List(item, Identity::Keyed(key)), Value::List(want), Value::List(have)) => {
                self.keyed(field, item, key, want, have);
            }
            _ if want == have => {}
            _ => self.push(field, Some(want), Some(have), false),
        }
    }

    fn keyed(&mut self, field: &Field, item: &Shape, key: &str, want: &[Value], have: &[Value]) {
        let find = |items: &[Value], wanted: &Value| {
            items
                .iter()
                .position(|one| item_key(one, key) == item_key(wanted, key))
        };
        for one in want {
            let partner = find(have, one).map(|at| &have[at]);
            self.within(item_name(one, key), |walk| match (partner, one) {
                (Some(Value::Map(have)), Value::Map(want)) => walk.map(item, want, have),
                (partner, one) => walk.push(field, Some(one), partner, false),
            });
        }
        for one in have.iter().filter(|one| find(want, one).is_none()) {
            self.within(item_name(one, key), |walk| {
                walk.push(field, None, Some(one), false);
            });
        }
    }

    fn push(&mut self, field: &Field, want: Option<&Value>, have: Option<&Value>, presence: bool) {
        // A role has no lower end: whatever changes it, changes who leads.
        let falls = field.cut == Some(Class::Role)
            || field.cut.is_some() && is_fall(&field.shape, want, have);
        self.out.push(Difference {
            change: FieldChange {
                path: pointer(&self.path),
                before: have.cloned(),
                after: want.cloned(),
            },
            class: field.cut.filter(|_| falls).unwrap_or(Class::Ordinary),
            replace: field.replace,
            conversion: field.conversion && presence,
            lifetime: field.lifetime,
        });
    }

    fn within(&mut self, name: impl Into<Key>, inner: impl FnOnce(&mut Self)) {
        self.path.push(name.into());
        inner(self);
        self.path.pop();
    }
}

/// Returns the path to a field as a JSON Pointer; RFC 6901 escapes `~` and `/` inside a name.
#[must_use]
pub fn pointer(names: &[Key]) -> String {
    let names = names
        .iter()
        .map(|name| name.replace('~', "~0").replace('/', "~1"));
    names.fold(String::new(), |path, name| path + "/" + &name)
}

/// Returns the names on the way to the field that a [`pointer()`] points at.
pub fn pointer_names(path: &str) -> impl Iterator<Item = String> {
    path.split('/')
        .skip(1)
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
}

/// Returns the step of a field path to an item of a keyed list, such as `[name=web]`.
#[must_use]
pub fn item_name(item: &Value, key: &str) -> String {
    match item_key(item, key) {
        Some(Value::Text(text)) => format!("[{key}={text}]"),
        Some(other) => format!("[{key}={other}]"),
        None => format!("[{key}=]"),
    }
}

/// Returns whether a change lowers or removes a value: a smaller number, `true` to `false`, an
/// earlier word of a choice, fewer items, or nothing at all.
fn is_fall(shape: &Shape, want: Option<&Value>, have: Option<&Value>) -> bool {
    match (shape, want, have) {
        (_, None, Some(_)) => true,
        (Shape::Choice(words), Some(Value::Text(want)), Some(Value::Text(have))) => {
            let rank = |word: &str| words.iter().position(|known| *known == word);
            rank(want) < rank(have)
        }
        (_, Some(Value::List(want)), Some(Value::List(have))) => {
            have.iter().any(|one| !want.contains(one))
        }
        (Shape::Text(_), ..) | (_, _, None) => false,
        (_, Some(want), Some(have)) => want < have,
    }
}

/// Sets or removes the value at a path that [`compare`] gave, if everything around it is there.
pub fn set_at(map: &mut Map, path: &str, value: Option<Value>) {
    let mut names = pointer_names(path);
    let Some(first) = names.next() else { return };
    let rest: Vec<String> = names.collect();
    set_below(map, &first, &rest, value);
}

fn set_below(map: &mut Map, name: &str, rest: &[String], value: Option<Value>) {
    match rest {
        [] => match value {
            Some(value) => {
                map.insert(name.to_owned(), value);
            }
            None => {
                map.remove(name);
            }
        },
        [next, rest @ ..] => match map.get_mut(name) {
            Some(Value::Map(inner)) => set_below(inner, next, rest, value),
            Some(Value::List(items)) => {
                let key = next
                    .trim_start_matches('[')
                    .split('=')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let at = items.iter().position(|item| item_name(item, &key) == *next);
                match (at, rest, value) {
                    (Some(at), [], None) => {
                        items.remove(at);
                    }
                    (Some(at), [], Some(value)) => items[at] = value,
                    (None, [], Some(value)) => items.push(value),
                    (Some(at), [next, rest @ ..], value) => {
                        if let Value::Map(inner) = &mut items[at] {
                            set_below(inner, next, rest, value);
                        }
                    }
                    (None, ..) => {}
                }
            }
            _ => {}
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::units;
    use super::*;

    static RULE: &[Field] = &[
        Field::new("id", Shape::Text(&units::PLAIN), ""),
        Field::new("days", Shape::Days(1, 9999), "").cut(Class::ProtectionCut),
    ];
    static TABLE: Shape = Shape::Table(&[
        Field::new("ttl", Shape::Seconds(0, 1 << 31), "").lifetime(),
        Field::new(
            "values",
            Shape::List(&Shape::Text(&units::PLAIN), Identity::Set),
            "",
        )
        .managed(),
        Field::new(
            "rules",
            Shape::List(&Shape::Table(RULE), Identity::Keyed("id")),
            "",
        )
        .cut(Class::Deletion),
        Field::new("tags", Shape::Open(&Shape::Text(&units::PLAIN)), ""),
        Field::new("status", Shape::Choice(&["suspended", "enabled"]), "")
            .cut(Class::ProtectionCut),
    ]);

    fn map(json: &str) -> Map {
        TABLE.canonical(serde_json::from_str(json).unwrap())
    }

    fn paths(desired: &str, live: &str) -> Vec<(String, Class)> {
        compare(&TABLE, &map(desired), &map(live))
            .into_iter()
            .map(|difference| (difference.change.path, difference.class))
            .collect()
    }

    #[test]
    fn an_undeclared_field_is_left_alone_unless_absence_is_managed() {
        assert_eq!(paths("{}", r#"{"ttl":60,"status":"enabled"}"#), []);
        assert_eq!(
            paths("{}", r#"{"values":["a"]}"#),
            [("/values".into(), Class::Ordinary)]
        );
    }

    #[test]
    fn a_set_has_no_order() {
        assert_eq!(
            paths(r#"{"values":["a","b"]}"#, r#"{"values":["b","a"]}"#),
            []
        );
    }

    #[test]
    fn keyed_items_are_compared_by_key_and_field() {
        let found = paths(
            r#"{"rules":[{"id":"a","days":3},{"id":"b","days":1}]}"#,
            r#"{"rules":[{"id":"c","days":1},{"id":"a","days":7}]}"#,
        );
        assert_eq!(
            found,
            [
                ("/rules/[id=a]/days".into(), Class::ProtectionCut),
                ("/rules/[id=b]".into(), Class::Ordinary),
                ("/rules/[id=c]".into(), Class::Deletion),
            ]
        );
    }

    #[test]
    fn an_extra_key_of_declared_data_is_a_difference() {
        assert_eq!(
            paths(r#"{"tags":{"a":"1"}}"#, r#"{"tags":{"a":"1","b/c":"2"}}"#),
            [("/tags/b~1c".into(), Class::Ordinary)]
        );
    }

    #[test]
    fn setting_every_difference_makes_the_fields_equal() {
        let desired =
            map(r#"{"rules":[{"id":"a/b","days":3},{"id":"b","days":1}],"tags":{"x/y":"1"}}"#);
        let mut live =
            map(r#"{"rules":[{"id":"c","days":1},{"id":"a/b","days":7}],"tags":{"z":"2"}}"#);
        for difference in compare(&TABLE, &desired, &live.clone()) {
            set_at(&mut live, &difference.change.path, difference.change.after);
        }
        assert_eq!(compare(&TABLE, &desired, &TABLE.canonical(live)), []);
    }

    #[test]
    fn only_a_fall_is_a_cut() {
        let cut = paths(r#"{"status":"suspended"}"#, r#"{"status":"enabled"}"#);
        assert_eq!(cut, [("/status".into(), Class::ProtectionCut)]);
        let rise = paths(r#"{"status":"enabled"}"#, r#"{"status":"suspended"}"#);
        assert_eq!(rise, [("/status".into(), Class::Ordinary)]);
    }

    #[test]
    fn whatever_changes_a_role_is_of_that_class() {
        static FOLLOWS: &[Field] = &[
            Field::new("host", Shape::Text(&units::PLAIN), "").cut(Class::Role),
            Field::new("slot", Shape::Text(&units::PLAIN), ""),
        ];
        static CLUSTER: Shape = Shape::Table(&[Field::new("standby", Shape::Table(FOLLOWS), "")
            .managed()
            .cut(Class::Role)]);
        let follows = |host: &str, slot: &str| -> Map {
            let standby: Map = [("host", host), ("slot", slot)].into_iter().collect();
            [("standby", standby)].into_iter().collect()
        };
        let classes = |desired: &Map, live: &Map| -> Vec<Class> {
            compare(&CLUSTER, desired, live)
                .iter()
                .map(|difference| difference.class)
                .collect()
        };
        let (one, none) = (follows("a", "s"), Map::new());
        assert_eq!(classes(&none, &one), [Class::Role], "a promotion");
        assert_eq!(classes(&one, &none), [Class::Role], "a demotion");
        assert_eq!(
            classes(&follows("b", "s"), &one),
            [Class::Role],
            "another leader"
        );
        assert_eq!(classes(&follows("a", "t"), &one), [Class::Ordinary]);
    }

    #[test]
    fn a_pointer_leads_back_to_its_names() {
        let names: Vec<Key> = vec!["a/b".into(), "c~d".into(), "e".into()];
        let back: Vec<String> = pointer_names(&pointer(&names)).collect();
        assert_eq!(back, ["a/b", "c~d", "e"]);
    }
}
