//! The shape of objects: which fields there are, of which type, and how lists and maps merge.
//!
//! In: the table of the built-in kinds (`schema.txt`) or the OpenAPI schema of a custom resource
//! definition. Out: a tree of [`Type`]s. It must not know objects. Rules: "Merge strategy" in the
//! reference of server-side apply, and "Custom resources, structural schemas".

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

const TABLE: &str = include_str!("schema.txt");

static BUILT_IN: LazyLock<BTreeMap<String, Arc<Type>>> = LazyLock::new(|| {
    let lines: BTreeMap<&str, (&str, bool)> = TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, fields)| match name.strip_prefix('!') {
            Some(name) => (name, (fields, true)),
            None => (name, (fields, false)),
        })
        .collect();
    let mut done = BTreeMap::new();
    for name in lines.keys() {
        named(name, &lines, &mut done);
    }
    done
});

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Type {
    /// What its values are.
    pub(super) form: Form,
    /// Whether a map or struct has one owner as a whole.
    pub(super) atomic: bool,
}

/// What the values of a type are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A quantity, as `500m` or `1Gi`.
    Quantity,
    /// A number or a text.
    IntOrString,
    /// A moment in RFC 3339.
    Time,
    /// Anything; maps in it merge by key and lists as a whole.
    Any,
    /// A list.
    List(Arc<Type>, Identity),
    /// A map from any name.
    Map(Arc<Type>),
    /// Known fields.
    Struct(Fields),
}

/// The fields of a struct.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields {
    /// The known ones.
    pub(super) known: BTreeMap<String, Field>,
    /// Whether others are kept.
    pub(super) open: bool,
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// Its type.
    pub(super) of: Arc<Type>,
    /// What it is if nobody says.
    pub(super) default: Option<Value>,
    /// A struct that is always there, if only empty.
    pub(super) embedded: bool,
}

/// What makes an item of a list the same item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// Nothing: the list is one value.
    Whole,
    /// Its value.
    Set,
    /// The values of these fields.
    Keys(Vec<String>),
}

/// The type of free values.
pub(super) static ANY: LazyLock<Arc<Type>> = LazyLock::new(|| plain(Form::Any));

fn plain(form: Form) -> Arc<Type> {
    Arc::new(Type {
        form,
        atomic: false,
    })
}

/// The type of a built-in kind, as `apps.v1.Deployment`.
pub(super) fn built_in(name: &str) -> Arc<Type> {
    BUILT_IN.get(name).cloned().unwrap_or_else(|| ANY.clone())
}

fn named(
    name: &str,
    lines: &BTreeMap<&str, (&str, bool)>,
    done: &mut BTreeMap<String, Arc<Type>>,
) -> Arc<Type> {
    if let Some(known) = done.get(name) {
        return Arc::clone(known);
    }
    let Some((fields, atomic)) = lines.get(name) else {
        return ANY.clone();
    };
    let mut known = BTreeMap::new();
    for field in fields.split(", ") {
        let (field, rest) = field.split_once(' ').unwrap_or((field, "any"));
        let (of, default) = match split_default(rest) {
            Some((of, default)) => (of, Some(default)),
            None => (rest, None),
        };
        let embedded = default == Some("{}");
        let default = default.filter(|_| !embedded).map(|text| match text {
            "False" => Value::Bool(false),
            text => Value::from(text),
        });
        known.insert(
            field.to_owned(),
            Field {
                of: written(of, lines, done),
                default,
                embedded,
            },
        );
    }
    let made = Arc::new(Type {
        form: Form::Struct(Fields { known, open: false }),
        atomic: *atomic,
    });
    done.insert(name.to_owned(), Arc::clone(&made));
    made
}

/// `string=TCP` is `string` and `TCP`; the equal sign of a set is none.
fn split_default(text: &str) -> Option<(&str, &str)> {
    let at = text.rfind('=')?;
    (!text[at..].starts_with("=:")).then(|| (&text[..at], &text[at + 1..]))
}

fn written(
    text: &str,
    lines: &BTreeMap<&str, (&str, bool)>,
    done: &mut BTreeMap<String, Arc<Type>>,
) -> Arc<Type> {
    if let Some(whole) = text.strip_prefix('!') {
        let inner = written(whole, lines, done);
        return Arc::new(Type {
            atomic: true,
            ..(*inner).clone()
        });
    }
    if let Some(item) = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
        let item = written(item, lines, done);
        return plain(Form::Map(item));
    }
    if let Some(list) = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        let (identity, item) = match list.split_once(':') {
            None => (Identity::Whole, list),
            Some(("=", item)) => (Identity::Set, item),
            Some((keys, item)) => (
                Identity::Keys(keys.split(',').map(str::to_owned).collect()),
                item,
            ),
        };
        let item = written(item, lines, done);
        return plain(Form::List(item, identity));
    }
    match text {
        "string" => plain(Form::Text),
        "number" => plain(Form::Number),
        "bool" => plain(Form::Bool),
        "quantity" => plain(Form::Quantity),
        "intorstring" => plain(Form::IntOrString),
        "time" => plain(Form::Time),
        "any" => ANY.clone(),
        name => named(name, lines, done),
    }
}

/// The type of the objects of a custom resource, from its structural schema.
pub(super) fn custom(schema: &Value) -> Arc<Type> {
    let mut made = (*openapi(schema)).clone();
    if !matches!(made.form, Form::Struct(_)) {
        made.form = Form::Struct(Fields {
            open: true,
            ..Fields::default()
        });
    }
    if let Form::Struct(fields) = &mut made.form {
        let field = |of| Field {
            of,
            default: None,
            embedded: false,
        };
        for name in ["apiVersion", "kind"] {
            fields
                .known
                .insert(name.to_owned(), field(plain(Form::Text)));
        }
        let meta = field(built_in("meta.v1.ObjectMeta"));
        fields.known.insert("metadata".to_owned(), meta);
    }
    Arc::new(made)
}

fn openapi(schema: &Value) -> Arc<Type> {
    let flag = |name: &str| schema.get(name).and_then(Value::as_bool) == Some(true);
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    if flag("x-kubernetes-int-or-string") {
        return plain(Form::IntOrString);
    }
    let open = flag("x-kubernetes-preserve-unknown-fields");
    match text("type") {
        Some("string") if text("format") == Some("date-time") => plain(Form::Time),
        Some("string") => plain(Form::Text),
        Some("integer" | "number") => plain(Form::Number),
        Some("boolean") => plain(Form::Bool),
        Some("array") => {
            let item = schema.get("items").map_or_else(|| ANY.clone(), openapi);
            let keys = schema.get("x-kubernetes-list-map-keys");
            let identity = match text("x-kubernetes-list-type") {
                Some("set") => Identity::Set,
                Some("map") => Identity::Keys(
                    keys.and_then(Value::as_array)
                        .into_iter()
                        .flatten()
                        .filter_map(|key| key.as_str().map(str::to_owned))
                        .collect(),
                ),
                _ => Identity::Whole,
            };
            plain(Form::List(item, identity))
        }
        Some("object") => {
            let atomic = text("x-kubernetes-map-type") == Some("atomic");
            let properties = schema.get("properties").and_then(Value::as_object);
            let form = match (properties, schema.get("additionalProperties")) {
                (None, Some(item)) if item.is_object() => Form::Map(openapi(item)),
                (None, Some(Value::Bool(true))) => Form::Map(ANY.clone()),
                (None, _) if open => Form::Any,
                (properties, _) => {
                    let known = properties.into_iter().flatten().map(|(name, property)| {
                        let field = Field {
                            of: openapi(property),
                            default: property.get("default").cloned(),
                            embedded: false,
                        };
                        (name.clone(), field)
                    });
                    Form::Struct(Fields {
                        known: known.collect(),
                        open,
                    })
                }
            };
            Arc::new(Type { form, atomic })
        }
        _ => ANY.clone(),
    }
}

impl Type {
    /// The type of a field or of the values of a map.
    pub(super) fn field(&self, name: &str) -> Option<Arc<Type>> {
        match &self.form {
            Form::Struct(fields) => match fields.known.get(name) {
                Some(field) => Some(Arc::clone(&field.of)),
                None => fields.open.then(|| ANY.clone()),
            },
            Form::Map(item) => Some(Arc::clone(item)),
            Form::Any => Some(ANY.clone()),
            _ => None,
        }
    }

    /// Whether the field is one of the schema, as opposed to a key of a map.
    pub(super) fn names(&self, name: &str) -> bool {
        matches!(&self.form, Form::Struct(fields) if fields.known.contains_key(name))
    }

    /// What a new object of the type has before anybody says anything: the structs that are
    /// always there, and null for the lists that are.
    pub(super) fn skeleton(&self) -> Value {
        let Form::Struct(fields) = &self.form else {
            return Value::Null;
        };
        let embedded = fields.known.iter().filter(|(_, field)| field.embedded);
        Value::Object(
            embedded
                .map(|(name, field)| (name.clone(), field.of.skeleton()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(of: &Arc<Type>, path: &[&str]) -> Arc<Type> {
        path.iter()
            .fold(Arc::clone(of), |of, name| match (&of.form, *name) {
                (Form::List(item, _), "*") => Arc::clone(item),
                _ => of
                    .field(name)
                    .unwrap_or_else(|| panic!("no {name} in {path:?}")),
            })
    }

    #[test]
    fn every_type_of_the_table_is_resolved() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let (_, fields) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
            for field in fields.split(", ") {
                let (name, of) = field.split_once(' ').unwrap();
                let of = split_default(of).map_or(of, |(of, _)| of);
                let of = of.trim_matches(['!', '[', ']', '{', '}']);
                let of = of.rsplit(':').next().unwrap();
                let known = BUILT_IN.contains_key(of) || !of.contains('.');
                assert!(known, "{name} of {line}: {of}");
            }
        }
    }

    #[test]
    fn lists_of_a_pod_have_their_keys() {
        let pod = at(
            &built_in("apps.v1.Deployment"),
            &["spec", "template", "spec"],
        );
        let keys = |path: &[&str]| match &at(&pod, path).form {
            Form::List(_, identity) => identity.clone(),
            other => panic!("{other:?}"),
        };
        let by = |keys: &[&str]| Identity::Keys(keys.iter().map(|key| (*key).to_owned()).collect());
        assert_eq!(keys(&["containers"]), by(&["name"]));
        assert_eq!(
            keys(&["containers", "*", "ports"]),
            by(&["containerPort", "protocol"])
        );
        assert_eq!(keys(&["containers", "*", "args"]), Identity::Whole);
        assert_eq!(keys(&["tolerations"]), Identity::Whole);
        assert!(at(&pod, &["nodeSelector"]).atomic);
        assert_eq!(
            at(&pod, &["containers", "*", "resources", "limits", "cpu"]).form,
            Form::Quantity
        );
        let skeleton = built_in("apps.v1.Deployment").skeleton();
        assert_eq!(
            skeleton["spec"],
            json!({ "strategy": {}, "template": { "metadata": {}, "spec": { "containers": null } } })
        );
    }

    #[test]
    fn a_structural_schema_says_how_to_merge() {
        let of = custom(
            &json!({ "type": "object", "properties": { "spec": { "type": "object", "properties": {
            "names": { "type": "array", "x-kubernetes-list-type": "set", "items": { "type": "string" } },
            "ports": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port"], "items": { "type": "object" } },
            "free": { "type": "object", "x-kubernetes-preserve-unknown-fields": true },
        } } } }),
        );
        let spec = at(&of, &["spec"]);
        assert!(matches!(
            &at(&spec, &["names"]).form,
            Form::List(_, Identity::Set)
        ));
        assert!(
            matches!(&at(&spec, &["ports"]).form, Form::List(_, Identity::Keys(keys)) if keys == &["port"])
        );
        assert_eq!(at(&spec, &["free"]).form, Form::Any);
        assert!(spec.field("other").is_none());
        assert!(of.names("metadata"));
    }
}
