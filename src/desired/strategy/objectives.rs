//! What is protected and how well: the strategy as a whole, exclusions, tiers and components.
//!
//! In: decoded tables. Out: typed values. Must not know other tables.

use super::rules::{CADENCE, DATE, choice, lines, names, seconds, text};
use super::{cadence, list, owned};
use crate::desired::parsed::Table;
use crate::desired::places::Places;
use crate::desired::tables::Head;
use crate::model::amount::{SIZE, parse_bytes};
use crate::model::units::{NAME, PLAIN};
use crate::model::{Field, Map, Shape, Span};

/// `[strategy]`.
pub(in crate::desired) static STRATEGY: Head = Head {
    name: "strategy",
    doc: "The strategy as a whole: whose it is, what it promises, when it takes effect",
    fields: &[
        text("title", &NAME, "What it is called"),
        text("owner", &NAME, "The role that answers for it"),
        text("version", &NAME, "Its version"),
        text("approved_by", &NAME, "The person who approved it"),
        text("approved_on", &DATE, "The day of the approval"),
        text("review_every", &CADENCE, "How often it is reviewed"),
        text(
            "exercise_every",
            &CADENCE,
            "How often a recovery is exercised, whatever the kind",
        ),
        seconds(
            "rto",
            "The promise for the most important services, as the summary has it",
        ),
        seconds("rpo", "The promise for the data, as the summary has it"),
        lines(
            "declare_when",
            "What must hold before a disaster is declared",
        ),
        text("declared_by", &NAME, "The role that declares a disaster"),
        text(
            "divergence",
            &PLAIN,
            "What happens to data that both sites changed",
        ),
        names("scope", "The components in scope; all if it is left out"),
    ],
};

/// `[[exclusion]]`.
pub(in crate::desired) static EXCLUSION: Head = Head {
    name: "exclusion",
    doc: "Something that the strategy leaves out on purpose",
    fields: &[
        text("name", &NAME, "What is left out").required(),
        text("reason", &PLAIN, "Why"),
        text("owner", &NAME, "The role that answers for it"),
    ],
};

/// `[tier.NAME]`.
pub(in crate::desired) static TIER: Head = Head {
    name: "tier",
    doc: "A class of service with its recovery objectives",
    fields: &[
        seconds("rto", "The longest time that a recovery may take").required(),
        seconds("rpo", "The longest time of which data may be lost").required(),
        seconds("mtd", "The longest outage that the business survives"),
        text("description", &PLAIN, "What belongs to the tier"),
    ],
};

/// `[component.NAME]`.
pub(in crate::desired) static COMPONENT: Head = Head {
    name: "component",
    doc: "A part of the platform that is recovered as one",
    fields: &[
        text("tier", &NAME, "The tier that it belongs to"),
        names("depends_on", "The components that it needs"),
        choice(
            "store",
            &["rebuildable", "cache", "record"],
            "Whether it holds data, and whether that can be lost: the record, a cache, or what is rebuilt",
        ),
        text("data_in", &NAME, "The component that holds its data"),
        text("owner", &NAME, "The role that answers for it"),
        text("size", &SIZE, "How much data it holds"),
        text(
            "daily_change",
            &SIZE,
            "How much of its data changes in a day",
        ),
        choice(
            "recovery",
            &["rebuild", "restore", "cold", "warm", "hot", "active"],
            "How it is there at the DR site before a failover",
        ),
        Field::new(
            "failover",
            Shape::Table(COMPONENT_FAILOVER),
            "How it fails over by itself within a site",
        ),
        text("description", &PLAIN, "What it does"),
    ],
};

static COMPONENT_FAILOVER: &[Field] = &[
    text("mechanism", &NAME, "What elects or promotes").required(),
    seconds("within", "The longest time that it takes"),
    text(
        "clients_via",
        &NAME,
        "The component that leads clients to the new leader",
    ),
];

/// The strategy as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it is called.
    pub title: Option<String>,
    /// The role that answers for it.
    pub owner: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The person who approved it.
    pub approved_by: Option<String>,
    /// The day of the approval.
    pub approved_on: Option<jiff::civil::Date>,
    /// How often it is reviewed, in seconds.
    pub review_every: Option<i64>,
    /// How often a recovery is exercised, in seconds.
    pub exercise_every: Option<i64>,
    /// The promised recovery time of its summary, in seconds.
    pub rto: Option<i64>,
    /// The promised loss of data of its summary, in seconds.
    pub rpo: Option<i64>,
    /// What must hold before a disaster is declared.
    pub declare_when: Vec<String>,
    /// The role that declares a disaster.
    pub declared_by: Option<String>,
    /// What happens to data that both sites changed.
    pub divergence: Option<String>,
    /// The components in scope; empty if all are.
    pub scope: Vec<String>,
    /// Where it is declared.
    pub places: Places,
}

/// Something that the strategy leaves out on purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Exclusion {
    /// What is left out.
    pub name: String,
    /// Why.
    pub reason: Option<String>,
    /// The role that answers for it.
    pub owner: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// A class of service with its recovery objectives.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// The longest time that a recovery may take, in seconds.
    pub rto: i64,
    /// The longest time of which data may be lost, in seconds.
    pub rpo: i64,
    /// The longest outage that the business survives, in seconds.
    pub mtd: Option<i64>,
    /// What belongs to the tier.
    pub description: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// What becomes of a component's data in a disaster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// It is the record: what is lost here is lost.
    Record,
    /// It may be lost.
    Cache,
    /// It is made again from something else.
    Rebuildable,
}

/// How a component is there at the DR site before a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// It is not there and is made anew.
    Rebuild,
    /// It is not there and is restored from a backup.
    Restore,
    /// It is there and does not run.
    Cold,
    /// It runs at a part of its size.
    Warm,
    /// It runs at its whole size.
    Hot,
    /// It serves at both sites.
    Active,
}

/// How a component fails over by itself within a site.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnFailover {
    /// What elects or promotes.
    pub mechanism: String,
    /// The longest time that it takes, in seconds.
    pub within: Option<i64>,
    /// The component that leads clients to the new leader.
    pub clients_via: Option<String>,
}

/// A part of the platform that is recovered as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// The tier that it belongs to.
    pub tier: Option<String>,
    /// The components that it needs.
    pub depends_on: Vec<String>,
    /// Whether it holds data; none if it does not.
    pub store: Option<Store>,
    /// The component that holds its data.
    pub data_in: Option<String>,
    /// The role that answers for it.
    pub owner: Option<String>,
    /// How much data it holds, in bytes.
    pub size: Option<i64>,
    /// How much of its data changes in a day, in bytes.
    pub daily_change: Option<i64>,
    /// How it is there at the DR site before a failover.
    pub recovery: Option<Recovery>,
    /// How it fails over by itself within a site.
    pub failover: Option<OwnFailover>,
    /// What it does.
    pub description: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

impl Document {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            title: owned(map, "title"),
            owner: owned(map, "owner"),
            version: owned(map, "version"),
            approved_by: owned(map, "approved_by"),
            approved_on: map.text("approved_on").and_then(|text| text.parse().ok()),
            review_every: cadence(map, "review_every"),
            exercise_every: cadence(map, "exercise_every"),
            rto: map.int("rto"),
            rpo: map.int("rpo"),
            declare_when: list(map, "declare_when"),
            declared_by: owned(map, "declared_by"),
            divergence: owned(map, "divergence"),
            scope: list(map, "scope"),
            places: table.places.clone(),
        }
    }
}

impl Exclusion {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            name: owned(map, "name").unwrap_or_default(),
            reason: owned(map, "reason"),
            owner: owned(map, "owner"),
            places: table.places.clone(),
        }
    }
}

impl Tier {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            rto: map.int("rto").unwrap_or_default(),
            rpo: map.int("rpo").unwrap_or_default(),
            mtd: map.int("mtd"),
            description: owned(map, "description"),
            places: table.places.clone(),
        }
    }

    /// Returns where it is declared.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.places.span()
    }
}

impl Component {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        let bytes = |key| map.text(key).and_then(|text| parse_bytes(text).ok());
        Self {
            tier: owned(map, "tier"),
            depends_on: list(map, "depends_on"),
            store: map.text("store").map(|word| match word {
                "record" => Store::Record,
                "cache" => Store::Cache,
                _ => Store::Rebuildable,
            }),
            data_in: owned(map, "data_in"),
            owner: owned(map, "owner"),
            size: bytes("size"),
            daily_change: bytes("daily_change"),
            recovery: map.text("recovery").map(Recovery::of),
            failover: map.map("failover").map(OwnFailover::of),
            description: owned(map, "description"),
            places: table.places.clone(),
        }
    }

    /// Returns where it is declared.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.places.span()
    }
}

impl Recovery {
    fn of(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "hot" => Self::Hot,
            "warm" => Self::Warm,
            "cold" => Self::Cold,
            "restore" => Self::Restore,
            _ => Self::Rebuild,
        }
    }
}

impl OwnFailover {
    fn of(map: &Map) -> Self {
        Self {
            mechanism: owned(map, "mechanism").unwrap_or_default(),
            within: map.int("within"),
            clients_via: owned(map, "clients_via"),
        }
    }
}
