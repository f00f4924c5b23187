//! The closed sets of words in the JSON, so that its schema lists them.
//!
//! In: enums of the rooms above. Out: the same words, with a schema. The compiler compares each
//! set with the enum that it stands for. Must not know where a word stands.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Action, Cause, Class, FactName, GapCode, Severity};

use super::view::Mode;
use crate::apply::OutcomeState;
use crate::plan::LineState;

/// Writes an enum that stands for another one, word by word.
macro_rules! words {
    ($name:ident = $of:literal, $case:literal, $($word:ident)+) => {
        #[derive(Serialize, JsonSchema)]
        #[serde(remote = $of, rename_all = $case)]
        pub(super) enum $name { $($word),+ }
    };
}

words!(ModeWord = "Mode", "snake_case", Plan Drift);
words!(ActionWord = "Action", "snake_case", Create Update Replace Delete Forget Adopt);
words!(CauseWord = "Cause", "snake_case", Introduced Pending Drift Conflict Unattributed);
words!(ClassWord = "Class", "snake_case", Ordinary CapacityCut ProtectionCut Deletion Role);
words!(SeverityWord = "Severity", "snake_case", Error Warning Note);
words!(GapWord = "GapCode", "kebab-case",
    Credentials Forbidden Throttled Unreachable Garbled Ambiguous MissingParent Service);
words!(FactWord = "FactName", "snake_case",
    Role Lineage Version Lag Position RecoveryPoint CapacitySupply CapacityDemand Health Expiry);
words!(LineStateWord = "LineState", "snake_case", Missing Broken Unknown Ignored Holds);
words!(OutcomeWord = "OutcomeState", "snake_case", Done Failed Unknown Skipped Moved);
