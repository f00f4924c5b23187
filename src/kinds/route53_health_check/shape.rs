//! The field table of a health check.

use crate::kinds::{Family, Section};
use crate::model::units::{ARN, DOMAIN, NAME as NAME_RULE, PLAIN};
use crate::model::{Class, Field, Identity, Shape, Value};

pub(in crate::kinds) static SECTION: Section = Section {
    array: "route53_health_check",
    doc: "A health check of Route 53, which records refer to by name",
    fields: &[
        Field::new("name", Shape::Text(&NAME_RULE), "What records call it").required(),
        Field::new(
            "id",
            Shape::Text(&NAME_RULE),
            "The id of a check that somebody else made",
        ),
    ],
    keys: &["name"],
    within: &[],
    family: Family::Account,
    sited: false,
};

const TYPES: &[&str] = &[
    "HTTP",
    "HTTPS",
    "HTTP_STR_MATCH",
    "HTTPS_STR_MATCH",
    "TCP",
    "CALCULATED",
    "CLOUDWATCH_METRIC",
    "RECOVERY_CONTROL",
];

static ALARM: &[Field] = &[
    Field::new("region", Shape::Text(&NAME_RULE), "The region of the alarm").required(),
    Field::new("name", Shape::Text(&NAME_RULE), "The name of the alarm").required(),
];

/// Rule for what cannot be changed:
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html>
pub(super) static SHAPE: Shape = Shape::Table(&[
    Field::new("type", Shape::Choice(TYPES), "What is checked")
        .required()
        .replace(),
    Field::new(
        "host",
        Shape::Text(&DOMAIN),
        "The domain name that is asked",
    )
    .managed(),
    Field::new("ip", Shape::Text(&PLAIN), "The address that is asked")
        .managed()
        .replace(),
    Field::new("port", Shape::Int(1, 65_535), "The port").managed(),
    Field::new("path", Shape::Text(&PLAIN), "The path of HTTP checks"),
    Field::new(
        "search",
        Shape::Text(&PLAIN),
        "The text that the answer must hold",
    )
    .managed(),
    Field::new(
        "interval",
        Shape::Seconds(10, 30),
        "How often each checker asks: 10s or 30s",
    )
    .replace(),
    Field::new(
        "failures",
        Shape::Int(1, 10),
        "How many answers in a row turn the state",
    ),
    Field::new(
        "measure_latency",
        Shape::Bool,
        "Whether latency is measured",
    )
    .replace(),
    Field::new(
        "inverted",
        Shape::Bool,
        "Whether the result is turned around",
    )
    .default(|| Value::Bool(false)),
    Field::new(
        "disabled",
        Shape::Bool,
        "Whether checking stops; a disabled check counts as healthy",
    )
    .default(|| Value::Bool(false)),
    Field::new(
        "sni",
        Shape::Bool,
        "Whether the host name is sent in the TLS handshake",
    ),
    Field::new(
        "regions",
        Shape::List(&Shape::Text(&NAME_RULE), Identity::Set),
        "The checker regions",
    )
    .cut(Class::ProtectionCut),
    Field::new(
        "children",
        Shape::List(&Shape::Text(&NAME_RULE), Identity::Set),
        "The checks that a calculated check counts",
    )
    .managed()
    .cut(Class::ProtectionCut),
    Field::new(
        "healthy_children",
        Shape::Int(0, 256),
        "How many of them must be healthy",
    ),
    Field::new("alarm", Shape::Table(ALARM), "The CloudWatch alarm").managed(),
    Field::new(
        "insufficient_data",
        Shape::Choice(&["Unhealthy", "LastKnownStatus", "Healthy"]),
        "The state while the alarm lacks data",
    ),
    Field::new("routing_control", Shape::Text(&ARN), "The routing control")
        .managed()
        .replace(),
]);
