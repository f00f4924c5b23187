//! How data comes to the DR site: locations, backups, and how they are verified.
//!
//! In: decoded tables. Out: typed values. Must not know other tables.

use super::exercise::{EXERCISES, ExerciseKind};
use super::rules::{CADENCE, CRON, FOREVER, RETENTION, choice, flag, names, seconds, text};
use super::{cadence, list, owned};
use crate::desired::parsed::Table;
use crate::desired::places::Places;
use crate::desired::tables::Head;
use crate::model::amount::{SIZE, parse_bytes};
use crate::model::units::{NAME, PLAIN, parse_seconds};

/// `[location.NAME]`.
pub(in crate::desired) static LOCATION: Head = Head {
    name: "location",
    doc: "A place that holds backups",
    fields: &[
        text(
            "site",
            &NAME,
            "The site that it lies at; none if it is elsewhere",
        ),
        text(
            "description",
            &PLAIN,
            "What it is, such as a bucket or a volume",
        ),
        text("bucket", &NAME, "The bucket, if it is one"),
        text(
            "account",
            &NAME,
            "The account that owns it, if it is another than the site's",
        ),
        flag("encrypted", "Whether what lies there is encrypted"),
        flag(
            "immutable",
            "Whether what lies there cannot be changed or deleted before its time",
        ),
        text(
            "deletion_approval",
            &PLAIN,
            "Who must agree before anything is deleted there",
        ),
    ],
};

/// `[[backup]]`.
pub(in crate::desired) static BACKUP: Head = Head {
    name: "backup",
    doc: "One way in which a component's data comes to where it can be restored",
    fields: &[
        text("component", &NAME, "The component whose data it is").required(),
        choice(
            "method",
            &[
                "sync",
                "replica",
                "log",
                "incremental",
                "snapshot",
                "full",
                "repository",
            ],
            "What is copied: everything, what changed, a log, or each change as it happens",
        )
        .required(),
        text("tool", &NAME, "What makes it"),
        seconds("every", "The time between two"),
        text("cron", &CRON, "When it is made, in UTC"),
        flag("continuous", "Whether each change is copied as it happens"),
        seconds("duration", "How long one takes until it can be restored"),
        seconds("copy_lag", "How long until it is at the DR site"),
        text(
            "retention",
            &RETENTION,
            "How long one is kept, or `forever`",
        ),
        seconds(
            "window",
            "How far back any moment can be restored, and not only the copies",
        ),
        names("locations", "Where it lies, by name"),
        flag(
            "encrypted",
            "Whether it is encrypted before it leaves the component",
        ),
        flag(
            "immutable",
            "Whether nobody can change or delete it before its time",
        ),
        text("size", &SIZE, "How large one is"),
    ],
};

/// `[[verification]]`.
pub(in crate::desired) static VERIFICATION: Head = Head {
    name: "verification",
    doc: "How it is known that backups can be restored",
    fields: &[
        choice("kind", EXERCISES, "What is verified").required(),
        text("every", &CADENCE, "How often"),
        text("procedure", &PLAIN, "How"),
        flag("automated", "Whether it runs without anybody"),
        names(
            "components",
            "The components whose data it covers; all if it is left out",
        ),
        text(
            "extent",
            &PLAIN,
            "How much of the data it restores, if not all",
        ),
    ],
};

/// A place that holds backups.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::struct_field_names,
    reason = "`location` is a word of the field"
)]
pub struct Location {
    /// The site that it lies at; none if it is elsewhere.
    pub site: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The bucket, if it is one.
    pub bucket: Option<String>,
    /// The account that owns it, if it is another than the site's.
    pub account: Option<String>,
    /// Whether what lies there is encrypted; none if nothing is said.
    pub encrypted: Option<bool>,
    /// Whether what lies there cannot be changed before its time; none if nothing is said.
    pub immutable: Option<bool>,
    /// Who must agree before anything is deleted there.
    pub deletion_approval: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// What a backup copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Everything.
    Full,
    /// What changed since another.
    Incremental,
    /// The state at one moment.
    Snapshot,
    /// The log of changes.
    Log,
    /// A running copy that applies each change.
    Replica,
    /// Each object as it changes, deletions too.
    Sync,
    /// A repository with its history.
    Repository,
}

/// When a backup is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Again after so many seconds.
    Every(i64),
    /// By five fields of cron, in UTC.
    Cron(String),
    /// As each change happens.
    Continuous,
    /// Nothing is said.
    Unknown,
}

/// How long one copy is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retention {
    /// So many seconds.
    Seconds(i64),
    /// Without an end.
    Forever,
}

/// One way in which a component's data comes to where it can be restored.
#[derive(Clone, Debug, PartialEq)]
pub struct Backup {
    /// The component whose data it is.
    pub component: String,
    /// What is copied.
    pub method: Method,
    /// What makes it.
    pub tool: Option<String>,
    /// When it is made.
    pub schedule: Schedule,
    /// How long one takes, in seconds.
    pub duration: Option<i64>,
    /// How long until it is at the DR site, in seconds.
    pub copy_lag: Option<i64>,
    /// How long one is kept.
    pub retention: Option<Retention>,
    /// How far back any moment can be restored, in seconds.
    pub window: Option<i64>,
    /// Where it lies.
    pub locations: Vec<String>,
    /// Whether it is encrypted before it leaves the component.
    pub encrypted: Option<bool>,
    /// Whether nobody can change it before its time.
    pub immutable: Option<bool>,
    /// How large one is, in bytes.
    pub size: Option<i64>,
    /// Where it is declared.
    pub places: Places,
}

/// How it is known that backups can be restored.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// What is verified.
    pub kind: ExerciseKind,
    /// How often, in seconds.
    pub every: Option<i64>,
    /// How.
    pub procedure: Option<String>,
    /// Whether it runs without anybody.
    pub automated: bool,
    /// The components whose data it covers; empty for all.
    pub components: Vec<String>,
    /// How much of the data it restores, if not all.
    pub extent: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

impl Location {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            site: owned(map, "site"),
            description: owned(map, "description"),
            bucket: owned(map, "bucket"),
            account: owned(map, "account"),
            encrypted: map.bool("encrypted"),
            immutable: map.bool("immutable"),
            deletion_approval: owned(map, "deletion_approval"),
            places: table.places.clone(),
        }
    }
}

impl Backup {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        let schedule = match (map.int("every"), map.text("cron"), map.bool("continuous")) {
            (Some(seconds), _, _) => Schedule::Every(seconds),
            (_, Some(cron), _) => Schedule::Cron(cron.to_owned()),
            (_, _, Some(true)) => Schedule::Continuous,
            _ => Schedule::Unknown,
        };
        Self {
            component: owned(map, "component").unwrap_or_default(),
            method: Method::of(map.text("method").unwrap_or_default()),
            tool: owned(map, "tool"),
            schedule,
            duration: map.int("duration"),
            copy_lag: map.int("copy_lag"),
            retention: map.text("retention").and_then(Retention::of),
            window: map.int("window"),
            locations: list(map, "locations"),
            encrypted: map.bool("encrypted"),
            immutable: map.bool("immutable"),
            size: map.text("size").and_then(|text| parse_bytes(text).ok()),
            places: table.places.clone(),
        }
    }
}

impl Method {
    fn of(word: &str) -> Self {
        match word {
            "incremental" => Self::Incremental,
            "snapshot" => Self::Snapshot,
            "log" => Self::Log,
            "replica" => Self::Replica,
            "sync" => Self::Sync,
            "repository" => Self::Repository,
            _ => Self::Full,
        }
    }

    /// Returns the word for it in TOML.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
            Self::Snapshot => "snapshot",
            Self::Log => "log",
            Self::Replica => "replica",
            Self::Sync => "sync",
            Self::Repository => "repository",
        }
    }

    /// Returns whether a deletion or an overwriting at the primary site reaches the copy, so that
    /// it is no backup.
    #[must_use]
    pub const fn repeats_deletions(self) -> bool {
        matches!(self, Self::Replica | Self::Sync)
    }
}

impl Retention {
    fn of(text: &str) -> Option<Self> {
        if text == FOREVER {
            return Some(Self::Forever);
        }
        parse_seconds(text).ok().map(Self::Seconds)
    }
}

impl Verification {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            kind: ExerciseKind::of(map.text("kind").unwrap_or_default()),
            every: cadence(map, "every"),
            procedure: owned(map, "procedure"),
            automated: map.bool("automated").unwrap_or_default(),
            components: list(map, "components"),
            extent: owned(map, "extent"),
            places: table.places.clone(),
        }
    }
}
