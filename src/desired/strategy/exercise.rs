//! How the strategy is tried out: exercises and what they must show.
//!
//! In: decoded tables. Out: typed values. Must not know other tables.

use super::rules::{CADENCE, choice, lines, names, seconds, text};
use super::{cadence, list, owned};
use crate::desired::parsed::Table;
use crate::desired::places::Places;
use crate::desired::tables::Head;
use crate::model::units::{NAME, PLAIN};

/// The words for what is tried out or verified.
pub(super) const EXERCISES: &[&str] = &["completion", "restore", "component", "tabletop", "full"];

/// `[exercise.NAME]`.
pub(in crate::desired) static EXERCISE: Head = Head {
    name: "exercise",
    doc: "A test of the strategy that comes round again",
    fields: &[
        choice("kind", EXERCISES, "What is tried out").required(),
        text("every", &CADENCE, "How often"),
        text("scope", &PLAIN, "What it covers"),
        seconds("duration", "How long it takes"),
        names(
            "components",
            "The components that it covers; all if it is left out",
        ),
        names("roles", "The roles that take part"),
        text("environment", &NAME, "Where restored data goes"),
        text("failover", &NAME, "The failover that it carries out"),
        text(
            "extent",
            &PLAIN,
            "How much of the data it restores, if not all",
        ),
    ],
};

/// `[criterion.NAME]`.
pub(in crate::desired) static CRITERION: Head = Head {
    name: "criterion",
    doc: "What an exercise must show to have succeeded",
    fields: &[
        choice(
            "metric",
            &["rto", "rpo", "integrity", "services", "impact"],
            "What is looked at",
        )
        .required(),
        text("target", &PLAIN, "What is to be reached, in words"),
        seconds("at_most", "What is to be reached, where it is a time"),
        text(
            "tier",
            &NAME,
            "The tier that it is about; the most important one if it is left out",
        ),
        lines("checks", "How it is measured, each check by itself"),
    ],
};

/// What is tried out or verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExerciseKind {
    /// That backups were made.
    Completion,
    /// That a backup can be restored.
    Restore,
    /// That one component fails over.
    Component,
    /// That the people know what to do.
    Tabletop,
    /// That everything moves to the DR site.
    Full,
}

/// A test of the strategy that comes round again.
#[derive(Clone, Debug, PartialEq)]
pub struct Exercise {
    /// What is tried out.
    pub kind: ExerciseKind,
    /// How often, in seconds.
    pub every: Option<i64>,
    /// What it covers.
    pub scope: Option<String>,
    /// How long it takes, in seconds.
    pub duration: Option<i64>,
    /// The components that it covers; empty for all.
    pub components: Vec<String>,
    /// The roles that take part.
    pub roles: Vec<String>,
    /// Where restored data goes.
    pub environment: Option<String>,
    /// The failover that it carries out.
    pub failover: Option<String>,
    /// How much of the data it restores, if not all.
    pub extent: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// What a criterion looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// The time of the recovery.
    Rto,
    /// The time of which data was lost.
    Rpo,
    /// Whether the data is right.
    Integrity,
    /// Whether everything works.
    Services,
    /// What customers noticed.
    Impact,
}

/// What an exercise must show to have succeeded.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// What it looks at.
    pub metric: Metric,
    /// What is to be reached, in words.
    pub target: Option<String>,
    /// What is to be reached, in seconds.
    pub at_most: Option<i64>,
    /// The tier that it is about.
    pub tier: Option<String>,
    /// How it is measured.
    pub checks: Vec<String>,
    /// Where it is declared.
    pub places: Places,
}

impl ExerciseKind {
    pub(in crate::desired) fn of(word: &str) -> Self {
        match word {
            "completion" => Self::Completion,
            "restore" => Self::Restore,
            "component" => Self::Component,
            "tabletop" => Self::Tabletop,
            _ => Self::Full,
        }
    }

    /// Returns the word for it in TOML.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Restore => "restore",
            Self::Component => "component",
            Self::Tabletop => "tabletop",
            Self::Full => "full",
        }
    }
}

impl Exercise {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            kind: ExerciseKind::of(map.text("kind").unwrap_or_default()),
            every: cadence(map, "every"),
            scope: owned(map, "scope"),
            duration: map.int("duration"),
            components: list(map, "components"),
            roles: list(map, "roles"),
            environment: owned(map, "environment"),
            failover: owned(map, "failover"),
            extent: owned(map, "extent"),
            places: table.places.clone(),
        }
    }
}

impl Criterion {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            metric: match map.text("metric") {
                Some("rto") => Metric::Rto,
                Some("rpo") => Metric::Rpo,
                Some("integrity") => Metric::Integrity,
                Some("services") => Metric::Services,
                _ => Metric::Impact,
            },
            target: owned(map, "target"),
            at_most: map.int("at_most"),
            tier: owned(map, "tier"),
            checks: list(map, "checks"),
            places: table.places.clone(),
        }
    }
}
