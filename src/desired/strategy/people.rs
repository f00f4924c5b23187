//! Who does it and who is told: roles, people, vendors, channels, messages.
//!
//! In: decoded tables. Out: typed values. Must not know other tables.

use super::rules::{DATE, PATH, choice, names, seconds, text};
use super::{list, owned};
use crate::desired::parsed::Table;
use crate::desired::places::Places;
use crate::desired::tables::Head;
use crate::model::units::{NAME, PLAIN};

/// `[role.NAME]`.
pub(in crate::desired) static ROLE: Head = Head {
    name: "role",
    doc: "A part that somebody plays in a recovery",
    fields: &[
        text("title", &NAME, "What it is called"),
        text("primary", &NAME, "The person who plays it").required(),
        text(
            "backup",
            &NAME,
            "The person who plays it when the first cannot",
        ),
        text("responsibility", &PLAIN, "What the role answers for"),
    ],
};

/// `[person.NAME]`.
pub(in crate::desired) static PERSON: Head = Head {
    name: "person",
    doc: "Somebody who plays a role",
    fields: &[
        text("name", &NAME, "The name in full"),
        names("contact", "How to reach them, each way by itself"),
        text(
            "confirmed",
            &DATE,
            "The day when they last confirmed their role and contacts",
        ),
        text("trained", &DATE, "The day of their last training"),
    ],
};

/// `[vendor.NAME]`.
pub(in crate::desired) static VENDOR: Head = Head {
    name: "vendor",
    doc: "A company that a recovery needs",
    fields: &[
        text("provides", &PLAIN, "What it provides").required(),
        names("contact", "How to reach it, each way by itself"),
        text("contract", &NAME, "The number to name to it"),
        seconds("answers_within", "How soon it promises to answer"),
    ],
};

/// `[channel.NAME]`.
pub(in crate::desired) static CHANNEL: Head = Head {
    name: "channel",
    doc: "A way to tell people something",
    fields: &[
        choice(
            "kind",
            &["other", "chat", "email", "page", "phone", "status-page"],
            "What it is",
        )
        .required(),
        text("target", &NAME, "The room, list or service"),
        text(
            "hosted_at",
            &NAME,
            "The site that it needs to work; none if it needs neither",
        ),
    ],
};

/// The words for what messages are about, in the order in which they happen.
const EVENTS: &[&str] = &[
    "degraded",
    "declared",
    "in-progress",
    "failover-starting",
    "failover-complete",
    "restored",
    "failback-starting",
    "failback-complete",
    "exercise-announced",
    "exercise-complete",
];

/// `[message.NAME]`.
pub(in crate::desired) static MESSAGE: Head = Head {
    name: "message",
    doc: "What somebody is told when something happens",
    fields: &[
        choice("event", EVENTS, "What happened").required(),
        names("audience", "Who is told").required(),
        names("channels", "How they are told, by name").required(),
        text(
            "template",
            &PATH,
            "The file below `templates/` that holds its text",
        ),
        seconds(
            "within",
            "How soon after the event they must have been told",
        ),
        choice(
            "reach",
            &["internal", "external"],
            "Whether it leaves the company",
        ),
    ],
};

/// A part that somebody plays in a recovery.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedRole {
    /// What it is called.
    pub title: Option<String>,
    /// The person who plays it.
    pub primary: String,
    /// The person who plays it when the first cannot.
    pub backup: Option<String>,
    /// What the role answers for.
    pub responsibility: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// Somebody who plays a role.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The name in full.
    pub name: Option<String>,
    /// How to reach them.
    pub contact: Vec<String>,
    /// The day when they last confirmed their role and contacts.
    pub confirmed: Option<jiff::civil::Date>,
    /// The day of their last training.
    pub trained: Option<jiff::civil::Date>,
    /// Where it is declared.
    pub places: Places,
}

/// A company that a recovery needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Vendor {
    /// What it provides.
    pub provides: String,
    /// How to reach it.
    pub contact: Vec<String>,
    /// The number to name to it.
    pub contract: Option<String>,
    /// How soon it promises to answer, in seconds.
    pub answers_within: Option<i64>,
    /// Where it is declared.
    pub places: Places,
}

/// What kind of way a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A chat.
    Chat,
    /// Mail.
    Email,
    /// What wakes people.
    Page,
    /// A telephone.
    Phone,
    /// What customers look at.
    StatusPage,
    /// Anything else.
    Other,
}

/// A way to tell people something.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// What it is.
    pub kind: ChannelKind,
    /// The room, list or service.
    pub target: Option<String>,
    /// The site that it needs to work.
    pub hosted_at: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// What somebody is told when something happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What happened, as its word.
    pub event: String,
    /// Who is told.
    pub audience: Vec<String>,
    /// How they are told.
    pub channels: Vec<String>,
    /// The file below `templates/` that holds its text.
    pub template: Option<String>,
    /// How soon after the event they must have been told, in seconds.
    pub within: Option<i64>,
    /// Whether it leaves the company.
    pub external: bool,
    /// Where it is declared.
    pub places: Places,
}

impl PlayedRole {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            title: owned(map, "title"),
            primary: owned(map, "primary").unwrap_or_default(),
            backup: owned(map, "backup"),
            responsibility: owned(map, "responsibility"),
            places: table.places.clone(),
        }
    }
}

impl Person {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        let date = |key| map.text(key).and_then(|text| text.parse().ok());
        Self {
            name: owned(map, "name"),
            contact: list(map, "contact"),
            confirmed: date("confirmed"),
            trained: date("trained"),
            places: table.places.clone(),
        }
    }
}

impl Vendor {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            provides: owned(map, "provides").unwrap_or_default(),
            contact: list(map, "contact"),
            contract: owned(map, "contract"),
            answers_within: map.int("answers_within"),
            places: table.places.clone(),
        }
    }
}

impl Channel {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            kind: match map.text("kind") {
                Some("chat") => ChannelKind::Chat,
                Some("email") => ChannelKind::Email,
                Some("page") => ChannelKind::Page,
                Some("phone") => ChannelKind::Phone,
                Some("status-page") => ChannelKind::StatusPage,
                _ => ChannelKind::Other,
            },
            target: owned(map, "target"),
            hosted_at: owned(map, "hosted_at"),
            places: table.places.clone(),
        }
    }
}

impl Message {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        Self {
            event: owned(map, "event").unwrap_or_default(),
            audience: list(map, "audience"),
            channels: list(map, "channels"),
            template: owned(map, "template"),
            within: map.int("within"),
            external: map.text("reach") == Some("external"),
            places: table.places.clone(),
        }
    }
}
