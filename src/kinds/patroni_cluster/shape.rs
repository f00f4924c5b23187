//! The fields of a Patroni cluster: its dynamic configuration, in Patroni's own names.
//!
//! Rule: <https://patroni.readthedocs.io/en/latest/dynamic_configuration.html>

use crate::kinds::{Family, Section};
use crate::model::units::{NAME as NAME_RULE, PLAIN};
use crate::model::{Class, Field, Identity, Map, Relation, Shape, Value};

pub(super) static SECTION: Section = Section {
    array: "patroni_cluster",
    doc: "A PostgreSQL cluster under Patroni: its dynamic configuration, and which site leads",
    fields: &[
        Field::new(
            "name",
            Shape::Text(&NAME_RULE),
            "The cluster's name, Patroni's `scope`",
        )
        .required(),
        Field::new(
            "service",
            Shape::Text(&NAME_RULE),
            "The service of the site whose addresses are the members' REST APIs; the only one if it is left out",
        ),
    ],
    keys: &["name"],
    within: &[],
    family: Family::Service,
    sited: true,
};

/// What a standby cluster follows; to set or to drop it demotes or promotes the whole cluster.
static STANDBY: &[Field] = &[
    Field::new(
        "host",
        Shape::Text(&NAME_RULE),
        "The address of the leader that it follows",
    )
    .cut(Class::Role),
    Field::new("port", Shape::Int(1, 65_535), "The port of that leader").cut(Class::Role),
    Field::new(
        "primary_slot_name",
        Shape::Text(&NAME_RULE),
        "The replication slot at that leader",
    ),
    Field::new(
        "create_replica_methods",
        Shape::List(&Shape::Text(&NAME_RULE), Identity::Ordered),
        "How its first member is made",
    ),
    Field::new(
        "restore_command",
        Shape::Text(&PLAIN),
        "Fetches archived WAL; without it a demoted primary may never catch up",
    ),
];

static SLOT: &[Field] = &[
    Field::new(
        "type",
        Shape::Choice(&["physical", "logical"]),
        "What is replicated over it",
    )
    .required(),
    Field::new(
        "database",
        Shape::Text(&NAME_RULE),
        "The database of a logical slot",
    ),
    Field::new(
        "plugin",
        Shape::Text(&NAME_RULE),
        "The output plugin of a logical slot",
    ),
];

/// A value of a parameter as people write it: `50`, `true`, `"32MB"`.
const PARAMETER: Shape = Shape::OneOf(&[
    Shape::Bool,
    Shape::Int(i64::MIN, i64::MAX),
    Shape::Text(&PLAIN),
]);

static POSTGRESQL: &[Field] = &[
    Field::new(
        "use_pg_rewind",
        Shape::Bool,
        "Whether a former leader is rewound",
    ),
    Field::new(
        "use_slots",
        Shape::Bool,
        "Whether members follow over replication slots",
    ),
    Field::new(
        "parameters",
        Shape::Open(&PARAMETER),
        "Parameters of PostgreSQL; those that are not declared are left alone",
    ),
];

pub(super) static SHAPE: Shape = Shape::Table(&[
    Field::new("ttl", Shape::Seconds(20, 86_400), "How long a leader keeps its lock without renewing it"),
    Field::new("loop_wait", Shape::Seconds(1, 86_400), "The pause between two looks"),
    Field::new("retry_timeout", Shape::Seconds(3, 86_400), "How long a failing look is repeated"),
    Field::new(
        "maximum_lag_on_failover",
        Shape::Int(0, i64::MAX),
        "How many bytes a replica may be behind and still become leader",
    ),
    Field::new(
        "synchronous_mode",
        Shape::Choice(&["off", "on", "quorum"]),
        "Whether a commit waits for a replica",
    )
    .cut(Class::ProtectionCut),
    Field::new("pause", Shape::Bool, "Whether automatic failover is off; not declared, it must be on")
        .default(|| Value::Bool(false)),
    Field::new(
        "slots",
        Shape::Open(&Shape::Table(SLOT)),
        "Permanent slots, such as the one that the other site follows; others are left alone",
    ),
    Field::new("postgresql", Shape::Table(POSTGRESQL), "What concerns PostgreSQL itself"),
    Field::new(
        "standby_cluster",
        Shape::Table(STANDBY),
        "The leader of another site that the whole cluster follows; not declared, it must lead itself",
    )
    .managed()
    .cut(Class::Role)
    .parity(Relation::Ignore),
]);

/// Spells the values of parameters as PostgreSQL does, so that `true` and `"on"` are one.
pub(super) fn spelled(mut fields: Map) -> Map {
    if let Some(Value::Map(postgresql)) = fields.get_mut("postgresql")
        && let Some(Value::Map(parameters)) = postgresql.get_mut("parameters")
    {
        let texts = parameters.iter().map(|(key, value)| {
            let text = match value {
                Value::Bool(true) => Value::text("on"),
                Value::Bool(false) => Value::text("off"),
                Value::Text(_) => value.clone(),
                other => Value::text(other.to_string()),
            };
            (key.to_owned(), text)
        });
        *parameters = texts.collect();
    }
    SHAPE.canonical(fields)
}

/// Keeps of the open tables only the keys that are declared: the others are left alone.
pub(super) fn declared_only(mut live: Map, declared: &Map) -> Map {
    let keep = |table: &mut Map, declared: Option<&Map>| {
        let others: Vec<String> = table
            .iter()
            .map(|(key, _)| key.to_owned())
            .filter(|key| !declared.is_some_and(|known| known.contains(key)))
            .collect();
        for key in others {
            table.remove(&key);
        }
    };
    if let Some(Value::Map(slots)) = live.get_mut("slots") {
        keep(slots, declared.map("slots"));
    }
    if let Some(Value::Map(postgresql)) = live.get_mut("postgresql")
        && let Some(Value::Map(parameters)) = postgresql.get_mut("parameters")
    {
        let known = declared
            .map("postgresql")
            .and_then(|own| own.map("parameters"));
        keep(parameters, known);
    }
    live
}
