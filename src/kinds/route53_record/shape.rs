//! The field table of a record: one shape for each routing policy.
//!
//! An object is the whole group of record sets of one name and type. A group therefore has one
//! policy by construction, and a member that comes or goes is a difference like any other.

use crate::kinds::{Family, Section};
use crate::model::units::{DOMAIN, NAME, PLAIN};
use crate::model::{Class, Field, Identity, Shape, Value};

/// The largest TTL (`ResourceRecordSet.TTL`).
const MAX_TTL: i64 = 2_147_483_647;
/// The largest weight (`ResourceRecordSet.Weight`).
const MAX_WEIGHT: i64 = 255;

/// The record types that the service knows.
///
/// Rule: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html>
pub(super) const TYPES: &[&str] = &[
    "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV",
    "SSHFP", "SVCB", "TLSA", "TXT",
];

pub(super) static SECTION: Section = Section {
    array: "route53_record",
    doc: "A DNS record: everything that one name answers for one type",
    fields: &[
        Field::new(
            "zone",
            Shape::Text(&NAME),
            "The name or label of a [[route53_zone]]",
        )
        .required(),
        Field::new(
            "name",
            Shape::Text(&PLAIN),
            "The name, relative to the zone; `@` is the zone itself",
        )
        .required(),
        Field::new("type", Shape::Choice(TYPES), "The record type").required(),
    ],
    keys: &[],
    within: &[],
    family: Family::Account,
    sited: false,
};

static TEXT: Shape = Shape::Text(&PLAIN);

const TTL: Field = Field::new(
    "ttl",
    Shape::Seconds(0, MAX_TTL),
    "How long resolvers keep the answer, such as `60s`",
)
.managed()
.lifetime();
const VALUES: Field = Field::new(
    "values",
    Shape::List(&TEXT, Identity::Set),
    "The answers; TXT values as plain text, without quotes",
)
.managed();
const HEALTH_CHECK: Field = Field::new(
    "health_check",
    Shape::Text(&NAME),
    "The name of a [[route53_health_check]], or an id",
)
.managed()
.cut(Class::ProtectionCut);
const ALIAS: Field = Field::new(
    "alias",
    Shape::Table(ALIAS_FIELDS),
    "The AWS resource or record that answers instead",
)
.managed();
const ID: Field = Field::new(
    "id",
    Shape::Text(&NAME),
    "What tells the member from the others (the set identifier)",
)
.required();

static ALIAS_FIELDS: &[Field] = &[
    Field::new("target", Shape::Text(&DOMAIN), "The name that answers").required(),
    Field::new(
        "zone",
        Shape::Text(&NAME),
        "The hosted zone id of the target; left out for a record of this zone",
    )
    .managed(),
    Field::new(
        "evaluate_target_health",
        Shape::Bool,
        "Whether the answer is withheld while the target is unhealthy",
    )
    .default(|| Value::Bool(false)),
];

static WEIGHTED: &[Field] = &[
    ID,
    Field::new(
        "weight",
        Shape::Int(0, MAX_WEIGHT),
        "The share of answers; 0 is never, unless all are 0",
    )
    .required(),
    TTL,
    VALUES,
    ALIAS,
    HEALTH_CHECK,
];
static FAILOVER: &[Field] = &[
    ID,
    Field::new(
        "role",
        Shape::Choice(&["secondary", "primary"]),
        "Which member answers while it is healthy",
    )
    .required(),
    TTL,
    VALUES,
    ALIAS,
    HEALTH_CHECK,
];
static LATENCY: &[Field] = &[
    ID,
    Field::new(
        "region",
        Shape::Text(&NAME),
        "The AWS region whose latency counts",
    )
    .required(),
    TTL,
    VALUES,
    ALIAS,
    HEALTH_CHECK,
];
static GEOLOCATION: &[Field] = &[
    ID,
    Field::new(
        "continent",
        Shape::Text(&NAME),
        "A continent code, such as `EU`",
    )
    .managed(),
    Field::new(
        "country",
        Shape::Text(&NAME),
        "A country code, or `*` for everywhere else",
    )
    .managed(),
    Field::new(
        "subdivision",
        Shape::Text(&NAME),
        "A subdivision code of the country",
    )
    .managed(),
    TTL,
    VALUES,
    ALIAS,
    HEALTH_CHECK,
];
static GEOPROXIMITY: &[Field] = &[
    ID,
    Field::new(
        "region",
        Shape::Text(&NAME),
        "The AWS region of the resource",
    )
    .managed(),
    Field::new(
        "local_zone_group",
        Shape::Text(&NAME),
        "The local zone group of the resource",
    )
    .managed(),
    Field::new(
        "latitude",
        Shape::Text(&PLAIN),
        "The latitude of the resource, such as `49.22`",
    )
    .managed(),
    Field::new(
        "longitude",
        Shape::Text(&PLAIN),
        "The longitude of the resource, such as `-74.01`",
    )
    .managed(),
    Field::new(
        "bias",
        Shape::Int(-99, 99),
        "How much the area grows or shrinks",
    )
    .default(|| Value::Int(0)),
    TTL,
    VALUES,
    ALIAS,
    HEALTH_CHECK,
];
static IP: &[Field] = &[
    ID,
    Field::new(
        "collection",
        Shape::Text(&NAME),
        "The id of a CIDR collection",
    )
    .required(),
    Field::new(
        "location",
        Shape::Text(&NAME),
        "The location in the collection, or `*`",
    )
    .required(),
    TTL,
    VALUES,
    ALIAS,
    HEALTH_CHECK,
];
static MULTIVALUE: &[Field] = &[ID, TTL, VALUES, HEALTH_CHECK];

const fn group(name: &'static str, members: &'static Shape, doc: &'static str) -> Field {
    Field::new(name, Shape::List(members, Identity::Keyed("id")), doc)
        .managed()
        .conversion()
        .cut(Class::Deletion)
}

pub(super) static SHAPE: Shape = Shape::Table(&[
    TTL,
    VALUES,
    ALIAS,
    HEALTH_CHECK,
    group(
        "weighted",
        &Shape::Table(WEIGHTED),
        "Members that share the answers by weight",
    ),
    group(
        "failover",
        &Shape::Table(FAILOVER),
        "A primary member and a secondary one",
    ),
    group(
        "latency",
        &Shape::Table(LATENCY),
        "Members by the region that is nearest in time",
    ),
    group(
        "geolocation",
        &Shape::Table(GEOLOCATION),
        "Members by where the question comes from",
    ),
    group(
        "geoproximity",
        &Shape::Table(GEOPROXIMITY),
        "Members by distance, with a bias",
    ),
    group(
        "ip",
        &Shape::Table(IP),
        "Members by the address block that the question comes from",
    ),
    group(
        "multivalue",
        &Shape::Table(MULTIVALUE),
        "Up to eight healthy members answer together",
    ),
]);

/// The names of the fields that make a group.
pub(super) const GROUPS: [&str; 7] = [
    "weighted",
    "failover",
    "latency",
    "geolocation",
    "geoproximity",
    "ip",
    "multivalue",
];
