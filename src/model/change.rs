//! What a plan would do to one object, and what it does not do yet.

use serde::{Deserialize, Serialize};

use super::{Address, Digest, Flags, Map, Object, Source, Value};

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// Fields of it are changed in place.
    Update,
    /// It is made anew, because the service cannot change a field in place.
    Replace,
    /// It is deleted.
    Delete,
    /// It is managed no longer and stays as it is.
    Forget,
    /// It was there without an applied record, and is brought to what is declared.
    Adopt,
}

/// Why an object differs from Git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// This revision introduces it, against the base.
    Introduced,
    /// It was merged and not applied.
    Pending,
    /// The live object moved.
    Drift,
    /// Both moved.
    Conflict,
    /// There is no applied record, so the two cannot be told apart.
    Unattributed,
}

/// How much a change can hurt, from the kind's field table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing special.
    Ordinary,
    /// Less capacity.
    CapacityCut,
    /// Less protection of data.
    ProtectionCut,
    /// Something goes away.
    Deletion,
    /// A database changes its role.
    Role,
}

/// One field before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// A JSON Pointer, with keyed list items as `[name=web]`.
    pub path: String,
    /// The live value; none if absent.
    pub before: Option<Value>,
    /// The desired value; none if it must be absent.
    pub after: Option<Value>,
}

/// One change of a plan: all that `apply` needs, without the TOML it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The object: identity, scope and the fields it is to have.
    pub object: Object,
    /// What happens.
    pub action: Action,
    /// Why it differs.
    pub cause: Cause,
    /// How much it can hurt.
    pub class: Class,
    /// The fields that change.
    pub fields: Vec<FieldChange>,
    /// Why it is so, for people: which field forces a replacement, and the like.
    pub reasons: Vec<String>,
    /// The component that the object belongs to.
    pub component: Option<String>,
    /// Where it is declared.
    pub source: Option<Source>,
    /// What the declaration says beside the fields.
    pub flags: Flags,
    /// The objects that must be changed before this one (after it, for a removal).
    pub after: Vec<Address>,
    /// The precondition: the digest of the observed fields; none if the object was absent.
    pub observed: Option<Digest>,
    /// The observed fields, from which a removal is built.
    pub before: Option<Map>,
    /// The service's own spelling of what was observed, where it differs.
    pub raw: Option<Map>,
}

impl Change {
    /// Returns the identity of the object.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.object.address
    }

    /// Returns whether the change writes to a service at all.
    #[must_use]
    pub const fn writes(&self) -> bool {
        !matches!(self.action, Action::Forget)
    }
}

/// Something that the plan does not do yet, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The object.
    pub address: Address,
    /// The stable code of the reason.
    pub code: String,
    /// The reason, with what would release it.
    pub reason: String,
    /// The moment from which it may be done, if time alone releases it.
    pub until: Option<jiff::Timestamp>,
    /// The fields that differ.
    pub fields: Vec<FieldChange>,
    /// Why the object differs.
    pub cause: Cause,
    /// Where it is declared.
    pub source: Option<Source>,
}
