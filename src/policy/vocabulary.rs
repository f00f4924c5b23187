//! What rules can talk about: the variables of conditions and messages, with their types.
//!
//! In: nothing. Out: the table that conditions and messages are checked against. The values are
//! made in `view`, and a test keeps the two in step.

/// The type of a value in a condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Type {
    /// Known only when the plan is there.
    Dyn,
    Null,
    Bool,
    Int,
    Double,
    Text,
    /// A text that is one of these words.
    Word(&'static [&'static str]),
    List(&'static Type),
    /// A table with exactly these fields.
    Record(&'static [Name]),
    /// A table whose keys are data.
    Open,
}

/// A variable or a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) name: &'static str,
    pub(super) of: Type,
}

const fn name(name: &'static str, of: Type) -> Name {
    Name { name, of }
}

pub(super) const ACTIONS: &[&str] = &["create", "update", "replace", "delete", "forget", "adopt"];
pub(super) const CAUSES: &[&str] = &["introduced", "pending", "drift", "conflict", "unattributed"];
pub(super) const CLASSES: &[&str] = &[
    "ordinary",
    "capacity_cut",
    "protection_cut",
    "deletion",
    "role",
];

const FIELD_CHANGE: Type = Type::Record(&[
    name("path", Type::Text),
    name("before", Type::Dyn),
    name("after", Type::Dyn),
]);

const FLAGS: Type = Type::Record(&[
    name("observe", Type::Bool),
    name("adopt", Type::Bool),
    name("prune", Type::Bool),
    name("convert", Type::Bool),
]);

const CHANGE: Type = Type::Record(&[
    name("address", Type::Text),
    name("site", Type::Text),
    name("kind", Type::Text),
    name("id", Type::Text),
    name("scope", Type::Text),
    name("component", Type::Text),
    name("identity", Type::Open),
    name("action", Type::Word(ACTIONS)),
    name("cause", Type::Word(CAUSES)),
    name("class", Type::Word(CLASSES)),
    name("fields", Type::List(&FIELD_CHANGE)),
    name("flags", FLAGS),
]);

const SCOPE: Type = Type::Record(&[
    name("name", Type::Text),
    name("live", Type::Int),
    name("changed", Type::Int),
    name("deleted", Type::Int),
    name("adopted", Type::Int),
    name("changed_share", Type::Double),
    name("deleted_share", Type::Double),
]);

const PLAN: Type = Type::Record(&[
    name("environment", Type::Text),
    name("create", Type::Int),
    name("update", Type::Int),
    name("replace", Type::Int),
    name("delete", Type::Int),
    name("forget", Type::Int),
    name("adopt", Type::Int),
    name("held", Type::Int),
    name("unknown", Type::Int),
    name("in_sync", Type::Int),
]);

/// What a rule is evaluated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Each change.
    Change,
    /// Each scope.
    Scope,
    /// The plan as a whole.
    Plan,
}

impl Subject {
    /// The words for it in policy files.
    pub(super) const WORDS: &[&str] = &["change", "scope", "plan"];

    /// Returns the subject that a word stands for.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "change" => Some(Self::Change),
            "scope" => Some(Self::Scope),
            "plan" => Some(Self::Plan),
            _ => None,
        }
    }

    /// Returns the variables that rules for it can use.
    pub(super) const fn variables(self) -> &'static [Name] {
        const ALL: &[Name] = &[
            name("change", CHANGE),
            name("scope", SCOPE),
            name("plan", PLAN),
        ];
        let (_, scope) = ALL.split_at(1);
        let (_, plan) = ALL.split_at(2);
        match self {
            Self::Change => ALL,
            Self::Scope => scope,
            Self::Plan => plan,
        }
    }
}

impl Type {
    /// Returns the type of a field.
    pub(super) fn field(self, field: &str) -> Result<Self, &'static [Name]> {
        match self {
            Self::Record(names) => names
                .iter()
                .find(|name| name.name == field)
                .map(|name| name.of)
                .ok_or(names),
            Self::Open | Self::Dyn => Ok(Self::Dyn),
            _ => Err(&[]),
        }
    }

    /// Returns what a reader calls it.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Dyn => "anything",
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::Double => "a number with a fraction",
            Self::Text | Self::Word(_) => "a text",
            Self::List(_) => "a list",
            Self::Record(_) | Self::Open => "a table",
        }
    }

    /// Returns whether values of the two types can be equal.
    pub(super) const fn meets(self, other: Self) -> bool {
        use Type::{Bool, Double, Dyn, Int, List, Null, Open, Record, Text, Word};
        matches!(
            (self, other),
            (Dyn, _)
                | (_, Dyn)
                | (Null, Null)
                | (Bool, Bool)
                | (Int | Double, Int | Double)
                | (Text | Word(_), Text | Word(_))
                | (List(_), List(_))
                | (Record(_) | Open, Record(_) | Open)
        )
    }
}
