//! A measured property: never declared, never part of a digest, a precondition or drift.

use serde::{Deserialize, Serialize};

/// The closed set of things that are only measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactName {
    /// The role that the object has now, such as `primary`.
    Role,
    /// What tells that two objects are copies of the same data.
    Lineage,
    /// The version of the software or configuration.
    Version,
    /// How far a copy is behind, in seconds.
    Lag,
    /// Where the log of changes stands, in bytes: the difference between two copies of one lineage
    /// is what would be lost.
    Position,
    /// The newest moment that could be restored.
    RecoveryPoint,
    /// How much load an object could carry.
    CapacitySupply,
    /// How much load an object asks for.
    CapacityDemand,
    /// Whether the object is well.
    Health,
    /// When something ends.
    Expiry,
}

/// A measurement, or the statement that it could not be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactValue {
    /// A number in the fact's unit.
    Number(f64),
    /// A word.
    Text(String),
    /// It could not be measured, and why. Unknown is never zero.
    Unknown(String),
}

/// One measured property of one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What was measured.
    pub name: FactName,
    /// The measurement.
    pub value: FactValue,
    /// The unit, such as `s` or `bytes`; empty for words.
    pub unit: String,
    /// How it was measured, such as the name of the call.
    pub method: String,
    /// The moment of the measurement.
    pub measured_at: jiff::Timestamp,
}
