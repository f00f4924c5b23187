//! The one input of all renderings of a plan.
//!
//! In: references to finished values. Out: the [`View`]. Must not know how the values came to be.

use std::time::Duration;

use crate::cloud::CallCounts;
use crate::model::{Finding, Sources};
use crate::plan::{Parity, Plan};

/// Which question a report answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What would be done.
    Plan,
    /// What differs, and why.
    Drift,
}

/// What applying would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Calls that write.
    pub writes: usize,
    /// The seconds that they usually take to have effect everywhere.
    pub seconds: u64,
}

/// Everything that a report on a plan says.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What was found wrong or worth knowing.
    pub findings: &'a [Finding],
    /// The texts that findings point into.
    pub sources: &'a Sources,
    /// The calls that were made.
    pub calls: &'a CallCounts,
    /// The time that the run took.
    pub elapsed: Duration,
    /// The version of the tool.
    pub tool_version: &'a str,
    /// The question.
    pub mode: Mode,
    /// How many objects are declared.
    pub objects: usize,
    /// What applying would take, if it was worked out.
    pub budget: Option<&'a Budget>,
    /// Remarks about the run, each one sentence.
    pub notes: &'a [String],
    /// How the DR sites relate to the primary, if it was measured.
    pub parity: Option<&'a Parity>,
}

/// Everything that a report on parity says.
#[derive(Clone, Copy, Debug)]
pub struct ParityView<'a> {
    /// What was found.
    pub parity: &'a Parity,
    /// The environment.
    pub environment: &'a str,
    /// The Git revision that declares the pairs; none for a work tree without a commit.
    pub revision: Option<&'a str>,
    /// The calls that were made.
    pub calls: &'a CallCounts,
    /// The time that the run took.
    pub elapsed: Duration,
    /// The version of the tool.
    pub tool_version: &'a str,
    /// Remarks about the run, each one sentence.
    pub notes: &'a [String],
}
