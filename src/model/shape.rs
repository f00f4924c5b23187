//! The field table of a kind: for each field its type and what the engines must know about it.
//!
//! One table drives decoding of TOML, the JSON schema, the canonical form, comparison, the class
//! of a change, replacement, and the default parity relation, so none of these can disagree.

use super::units::TextRule;
use super::{Class, Map, Value};

/// How the items of a list are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// By position: order means something.
    Ordered,
    /// By value: order means nothing, and an item counts once.
    Set,
    /// By the field of this name; order means nothing.
    Keyed(&'static str),
}

/// What it means that a field is not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The field is left alone.
    Unmanaged,
    /// The live object must not have it either.
    Managed,
}

/// The default parity relation of a field between the primary and the DR object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// Both are the same.
    Equal,
    /// The DR value is at least the primary's.
    AtLeast,
    /// Nothing is said.
    Ignore,
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds, both allowed.
    Int(i64, i64),
    /// A number with a fraction.
    Float,
    /// A text that follows a rule and has a canonical spelling.
    Text(&'static TextRule),
    /// One of these words, the one that protects least first.
    Choice(&'static [&'static str]),
    /// A span of time such as `60s`, held in seconds within bounds.
    Seconds(i64, i64),
    /// A span of time such as `30d`, held in days within bounds.
    Days(i64, i64),
    /// A list.
    List(&'static Shape, Identity),
    /// A table of known fields.
    Table(&'static [Field]),
    /// A table whose keys are data, such as tags.
    Open(&'static Shape),
    /// A reference to a secret: `{ env = "NAME" }` or `{ file = "PATH" }`.
    Secret,
    /// The first of these that takes a value of the given type.
    OneOf(&'static [Shape]),
}

/// One field of a table.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one independent column of the field table"
)]
pub struct Field {
    /// The name in TOML, in plans and in field paths.
    pub name: &'static str,
    /// One sentence for the reader of the schema, without a full stop.
    pub doc: &'static str,
    /// The type.
    pub shape: Shape,
    /// Whether a declaration without it is an error.
    pub required: bool,
    /// What it means that it is not declared.
    pub absent: Absent,
    /// The value that stands for absence in declarations and in answers alike.
    pub default: Option<fn() -> Value>,
    /// Whether the service cannot change it in place.
    pub replace: bool,
    /// Whether setting or clearing it turns the object into another thing, which needs
    /// `convert = true`.
    pub conversion: bool,
    /// Whether it says how long readers keep the rest of the object, so that lowering it must
    /// come first and take effect before the rest changes.
    pub lifetime: bool,
    /// The class of a change that lowers or removes it; [`Class::Role`] is that of any change.
    pub cut: Option<Class>,
    /// The flavours of the service that know it; empty if all do.
    pub flavors: &'static [&'static str],
    /// The default parity relation.
    pub parity: Relation,
}

impl Field {
    /// Returns an optional, unmanaged-when-absent field.
    #[must_use]
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self {
            name,
            doc,
            shape,
            required: false,
            absent: Absent::Unmanaged,
            default: None,
            replace: false,
            conversion: false,
            lifetime: false,
            cut: None,
            flavors: &[],
            parity: Relation::Equal,
        }
    }

    /// Makes a declaration without it an error.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Makes absence mean absence: a live value that is not declared is a difference.
    #[must_use]
    pub const fn managed(mut self) -> Self {
        self.absent = Absent::Managed;
        self
    }

    /// Sets the value that absence stands for.
    #[must_use]
    pub const fn default(mut self, default: fn() -> Value) -> Self {
        self.default = Some(default);
        self
    }

    /// Marks that the service cannot change it in place.
    #[must_use]
    pub const fn replace(mut self) -> Self {
        self.replace = true;
        self
    }

    /// Marks that setting or clearing it needs `convert = true`.
    #[must_use]
    pub const fn conversion(mut self) -> Self {
        self.conversion = true;
        self
    }

    /// Marks that it says how long readers keep the rest of the object.
    #[must_use]
    pub const fn lifetime(mut self) -> Self {
        self.lifetime = true;
        self
    }

    /// Sets the class of a change that lowers or removes it.
    #[must_use]
    pub const fn cut(mut self, class: Class) -> Self {
        self.cut = Some(class);
        self
    }

    /// Limits it to flavours of the service.
    #[must_use]
    pub const fn flavors(mut self, flavors: &'static [&'static str]) -> Self {
        self.flavors = flavors;
        self
    }

    /// Sets the default parity relation.
    #[must_use]
    pub const fn parity(mut self, relation: Relation) -> Self {
        self.parity = relation;
        self
    }
}

impl Shape {
    /// Brings a table of this shape to its one canonical form: defaults filled in, texts in their
    /// canonical spelling, sets and keyed lists sorted.
    ///
    /// Desired and live both pass through here, so that all knowledge of spelling stands once.
    #[must_use]
    pub fn canonical(&self, mut map: Map) -> Map {
        match self {
            Self::Table(fields) => {
                for (name, value) in map.iter_mut() {
                    if let Some(field) = fields.iter().find(|field| field.name == name) {
                        let own = std::mem::replace(value, Value::Bool(false));
                        *value = field.shape.canonical_value(own);
                    }
                }
                for field in *fields {
                    if let Some(default) = field.default.filter(|_| !map.contains(field.name)) {
                        map.insert(field.name, default());
                    }
                }
                map
            }
            Self::Open(item) => map
                .into_iter()
                .map(|(key, value)| (key, item.canonical_value(value)))
                .collect(),
            _ => map,
        }
    }

    fn canonical_value(&self, value: Value) -> Value {
        match (self, value) {
            (Self::Text(rule), Value::Text(text)) => match (rule.canonical)(&text) {
                Ok(canonical) => Value::from(canonical),
                // An answer may hold what a declaration may not; it is compared as it is.
                Err(_) => Value::Text(text),
            },
            (Self::List(item, identity), Value::List(values)) => {
                let mut values: Vec<Value> = values
                    .into_iter()
                    .map(|value| item.canonical_value(value))
                    .collect();
                match identity {
                    Identity::Ordered => {}
                    Identity::Set => {
                        values.sort();
                        values.dedup();
                    }
                    Identity::Keyed(key) => {
                        values.sort_by(|a, b| item_key(a, key).cmp(&item_key(b, key)));
                    }
                }
                Value::List(values)
            }
            (Self::Table(_) | Self::Open(_), Value::Map(map)) => Value::Map(self.canonical(map)),
            (Self::OneOf(shapes), value) => match shapes.iter().find(|shape| shape.takes(&value)) {
                Some(shape) => shape.canonical_value(value),
                None => value,
            },
            (Self::Float, Value::Int(number)) =>
            {
                #[allow(clippy::cast_precision_loss, reason = "thresholds are far below 2^52")]
                Value::Float(number as f64)
            }
            (_, value) => value,
        }
    }

    /// Returns whether a value has this type, whatever its content.
    fn takes(&self, value: &Value) -> bool {
        match self {
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Int(..) | Self::Seconds(..) | Self::Days(..) => matches!(value, Value::Int(_)),
            Self::Float => matches!(value, Value::Float(_) | Value::Int(_)),
            Self::Text(_) | Self::Choice(_) => matches!(value, Value::Text(_)),
            Self::List(..) => matches!(value, Value::List(_)),
            Self::Table(_) | Self::Open(_) | Self::Secret => matches!(value, Value::Map(_)),
            Self::OneOf(shapes) => shapes.iter().any(|shape| shape.takes(value)),
        }
    }

    /// Returns whether the table says of every field that the sites need not be alike in it.
    #[must_use]
    pub fn is_each_sites_own(&self) -> bool {
        let fields = self.fields();
        !fields.is_empty() && fields.iter().all(|field| field.parity == Relation::Ignore)
    }

    /// Returns the fields, if this is a table of known fields.
    #[must_use]
    pub const fn fields(&self) -> &'static [Field] {
        match self {
            Self::Table(fields) => fields,
            _ => &[],
        }
    }
}

/// Returns the value by which an item of a keyed list is told from the others.
pub(super) fn item_key<'a>(item: &'a Value, key: &str) -> Option<&'a Value> {
    item.as_map().and_then(|map| map.get(key))
}
