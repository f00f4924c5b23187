//! How the DR site takes over: the types of failover and the steps of the recovery.
//!
//! In: decoded tables. Out: typed values. Must not know other tables.

use super::rules::{PATH, choice, lines, names, seconds, text};
use super::{list, owned};
use crate::desired::parsed::Table;
use crate::desired::places::Places;
use crate::desired::tables::Head;
use crate::model::units::{NAME, PLAIN};

/// `[failover.NAME]`.
pub(in crate::desired) static FAILOVER: Head = Head {
    name: "failover",
    doc: "A way in which service moves, and how long it may be away",
    fields: &[
        choice(
            "direction",
            &["within", "back", "over"],
            "Within a site, over to the DR site, or back",
        ),
        text("trigger", &PLAIN, "What starts it"),
        choice(
            "automation",
            &["none", "scripted", "full"],
            "Who carries it out: people, people with scripts, or nobody",
        ),
        seconds("downtime", "How long service may be away"),
        seconds("detect", "How long until the trigger is noticed"),
        seconds(
            "decide",
            "How long until it is decided, where no step says so",
        ),
        seconds(
            "reseed",
            "How long the old site may take to be a copy again",
        ),
        names(
            "components",
            "The components that it moves; all if it is left out",
        ),
        text(
            "runbook",
            &PATH,
            "The file that tells the people what to do",
        ),
        text("diagram", &PATH, "The file that shows the order"),
    ],
};

/// `[step.NAME]`.
pub(in crate::desired) static STEP: Head = Head {
    name: "step",
    doc: "One step of the recovery order",
    fields: &[
        choice(
            "action",
            &[
                "declare", "notify", "fence", "promote", "restore", "scale", "start", "traffic",
                "verify", "manual",
            ],
            "What is done",
        )
        .required(),
        names(
            "failover",
            "The failovers that it belongs to; those to the DR site if it is left out",
        ),
        names("components", "The components that it is about"),
        names("needs", "The steps that must be done first"),
        seconds(
            "duration",
            "How long it is thought to take at the size of a failover",
        ),
        text("title", &NAME, "What it is called"),
        lines("how", "What to do, line by line"),
        lines("verify", "How to see that it is done"),
        lines("rollback", "How to take it back"),
        text("owner", &NAME, "The role that does it"),
        names("messages", "The messages that it sends"),
    ],
};

/// Where a failover moves service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Within a site.
    Within,
    /// To the DR site.
    Over,
    /// Back to where it came from.
    Back,
}

/// Who carries a failover out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automation {
    /// People.
    None,
    /// People, with scripts.
    Scripted,
    /// Nobody.
    Full,
}

/// A way in which service moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Failover {
    /// Where it moves.
    pub direction: Direction,
    /// What starts it.
    pub trigger: Option<String>,
    /// Who carries it out.
    pub automation: Option<Automation>,
    /// How long service may be away, in seconds.
    pub downtime: Option<i64>,
    /// How long until the trigger is noticed, in seconds.
    pub detect: Option<i64>,
    /// How long until it is decided, in seconds.
    pub decide: Option<i64>,
    /// How long the old site may take to be a copy again, in seconds.
    pub reseed: Option<i64>,
    /// The components that it moves; empty for all.
    pub components: Vec<String>,
    /// The file that tells the people what to do.
    pub runbook: Option<String>,
    /// The file that shows the order.
    pub diagram: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepAction {
    /// Declares the disaster.
    Declare,
    /// Sends messages.
    Notify,
    /// Makes sure that the old primary no longer writes.
    Fence,
    /// Makes a standby the one that is written to.
    Promote,
    /// Restores data from a backup.
    Restore,
    /// Gives the DR site the size of a failover.
    Scale,
    /// Starts what did not run.
    Start,
    /// Leads clients to the site.
    Traffic,
    /// Checks that it works.
    Verify,
    /// Anything else.
    Manual,
}

/// One step of the recovery order.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is done.
    pub action: StepAction,
    /// The failovers that it belongs to; empty for all to the DR site.
    pub failover: Vec<String>,
    /// The components that it is about.
    pub components: Vec<String>,
    /// The steps that must be done first.
    pub needs: Vec<String>,
    /// How long it is thought to take, in seconds.
    pub duration: Option<i64>,
    /// What it is called.
    pub title: Option<String>,
    /// What to do, line by line.
    pub how: Vec<String>,
    /// How to see that it is done.
    pub verify: Vec<String>,
    /// How to take it back.
    pub rollback: Vec<String>,
    /// The role that does it.
    pub owner: Option<String>,
    /// The messages that it sends.
    pub messages: Vec<String>,
    /// Where it is declared.
    pub places: Places,
}

impl Failover {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            direction: match map.text("direction") {
                Some("within") => Direction::Within,
                Some("back") => Direction::Back,
                _ => Direction::Over,
            },
            trigger: owned(map, "trigger"),
            automation: map.text("automation").map(|word| match word {
                "full" => Automation::Full,
                "scripted" => Automation::Scripted,
                _ => Automation::None,
            }),
            downtime: map.int("downtime"),
            detect: map.int("detect"),
            decide: map.int("decide"),
            reseed: map.int("reseed"),
            components: list(map, "components"),
            runbook: owned(map, "runbook"),
            diagram: owned(map, "diagram"),
            places: table.places.clone(),
        }
    }
}

impl StepAction {
    fn of(word: &str) -> Self {
        match word {
            "declare" => Self::Declare,
            "notify" => Self::Notify,
            "fence" => Self::Fence,
            "promote" => Self::Promote,
            "restore" => Self::Restore,
            "scale" => Self::Scale,
            "start" => Self::Start,
            "traffic" => Self::Traffic,
            "verify" => Self::Verify,
            _ => Self::Manual,
        }
    }

    /// Returns the word for it in TOML.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Declare => "declare",
            Self::Notify => "notify",
            Self::Fence => "fence",
            Self::Promote => "promote",
            Self::Restore => "restore",
            Self::Scale => "scale",
            Self::Start => "start",
            Self::Traffic => "traffic",
            Self::Verify => "verify",
            Self::Manual => "manual",
        }
    }
}

impl Step {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            action: StepAction::of(map.text("action").unwrap_or_default()),
            failover: list(map, "failover"),
            components: list(map, "components"),
            needs: list(map, "needs"),
            duration: map.int("duration"),
            title: owned(map, "title"),
            how: list(map, "how"),
            verify: list(map, "verify"),
            rollback: list(map, "rollback"),
            owner: owned(map, "owner"),
            messages: list(map, "messages"),
            places: table.places.clone(),
        }
    }
}
