//! What the DR site must have: capacity by deployment profile, and the network between the sites.
//!
//! In: decoded tables. Out: typed values. Must not know other tables.

use super::owned;
use super::rules::{LATENCY, choice, milliseconds, seconds, text};
use crate::desired::parsed::Table;
use crate::desired::places::Places;
use crate::desired::tables::Head;
use crate::model::amount::{BANDWIDTH, SIZE, parse_bits_per_second, parse_bytes};
use crate::model::units::PLAIN;
use crate::model::{Field, Map, Shape, Value};

/// `[capacity.NAME]`.
pub(in crate::desired) static CAPACITY: Head = Head {
    name: "capacity",
    doc: "How much of something each site must have",
    fields: &[
        amount("primary", "How much the primary site has").required(),
        amount("dr", "How much the DR site has while it stands by").required(),
        amount(
            "failover",
            "How much the DR site has while it serves; by default the primary's",
        ),
        amount("quota", "How much the provider allows the DR site to have"),
        amount(
            "reserved",
            "How much the provider keeps ready for the DR site",
        ),
        text("note", &PLAIN, "What else is to be known"),
    ],
};

/// `[network]`.
pub(in crate::desired) static NETWORK: Head = Head {
    name: "network",
    doc: "What the network between the sites, and to them, must do",
    fields: &[
        text(
            "bandwidth",
            &BANDWIDTH,
            "The least that replication can use",
        ),
        text("latency", &LATENCY, "The most that a round trip takes"),
        seconds("dns_ttl", "The most that resolvers may keep an answer"),
        choice(
            "link",
            &["public", "vpn-or-privatelink", "vpn", "privatelink"],
            "How the sites are connected",
        ),
    ],
};

/// An amount of something that is counted or has a size.
const AMOUNT: Shape = Shape::OneOf(&[Shape::Int(0, i64::MAX), Shape::Text(&SIZE)]);

const fn amount(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, AMOUNT, doc)
}

/// A number of things, or a size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(i64),
    /// So many bytes.
    Bytes(i64),
}

/// How much of something each site must have.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// How much the primary site has.
    pub primary: Amount,
    /// How much the DR site has while it stands by.
    pub dr: Amount,
    /// How much the DR site has while it serves.
    pub failover: Amount,
    /// How much the provider allows the DR site to have.
    pub quota: Option<Amount>,
    /// How much the provider keeps ready for the DR site.
    pub reserved: Option<Amount>,
    /// What else is to be known.
    pub note: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

/// What the network must do.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// The least that replication can use, in bits a second.
    pub bandwidth: Option<i64>,
    /// The most that a round trip takes, in milliseconds.
    pub latency: Option<i64>,
    /// The most that resolvers may keep an answer, in seconds.
    pub dns_ttl: Option<i64>,
    /// How the sites are connected.
    pub link: Option<String>,
    /// Where it is declared.
    pub places: Places,
}

impl Amount {
    fn of(map: &Map, key: &str) -> Option<Self> {
        match map.get(key)? {
            Value::Int(number) => Some(Self::Count(*number)),
            Value::Text(text) => parse_bytes(text).ok().map(Self::Bytes),
            _ => None,
        }
    }

    /// Returns the number, or the bytes.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Count(number) | Self::Bytes(number) => number,
        }
    }
}

impl Capacity {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        let primary = Amount::of(map, "primary").unwrap_or(Amount::Count(0));
        Self {
            primary,
            dr: Amount::of(map, "dr").unwrap_or(Amount::Count(0)),
            failover: Amount::of(map, "failover").unwrap_or(primary),
            quota: Amount::of(map, "quota"),
            reserved: Amount::of(map, "reserved"),
            note: owned(map, "note"),
            places: table.places.clone(),
        }
    }
}

impl Network {
    pub(in crate::desired) fn of(table: &Table) -> Self {
        let map = &table.values;
        let bandwidth = map.text("bandwidth");
        Self {
            bandwidth: bandwidth.and_then(|text| parse_bits_per_second(text).ok()),
            latency: map.text("latency").and_then(milliseconds),
            dns_ttl: map.int("dns_ttl"),
            link: owned(map, "link"),
            places: table.places.clone(),
        }
    }
}
