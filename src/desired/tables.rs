//! The field tables of everything that is not of a kind: sites, accounts, limits, common keys.
//!
//! In: nothing. Out: the tables that decoding and the JSON schema share. Must not know how they
//! are decoded.

use std::path::Path;

use super::document::Outline;
use super::files::is_plain;
use super::strategy;
use crate::model::signature::PUBLIC_KEY;
use crate::model::units::{ARN, NAME, PLAIN, TextRule};
use crate::model::{Field, Identity, Shape, Value};
use crate::state::Location;

/// A table at the top of a document.
pub(super) struct Head {
    /// Its name, or that of the group of its names.
    pub(super) name: &'static str,
    /// One sentence for the reader of the schema, without a full stop.
    pub(super) doc: &'static str,
    /// Its fields.
    pub(super) fields: &'static [Field],
}

/// `[environment]`.
pub(super) static ENVIRONMENT: Head = Head {
    name: "environment",
    doc: "The environment itself",
    fields: &[
        text(
            "name",
            &NAME,
            "The name for people; by default that of the folder",
        ),
        text("description", &PLAIN, "What the environment is for"),
        text(
            "profile",
            &NAME,
            "The profile that `{ profile = \"...\" }` takes values from",
        ),
        Field::new(
            "plan_keys",
            Shape::List(&Shape::Text(&PUBLIC_KEY), Identity::Set),
            "The public keys whose signature on a saved plan is taken",
        ),
        Field::new(
            "state",
            Shape::OneOf(&[Shape::Text(&PLACE), Shape::Table(STATE)]),
            "Where the applied record, the lock and the journal are kept",
        ),
    ],
};

/// `[site.NAME]`.
pub(super) static SITE: Head = Head {
    name: "site",
    doc: "A location with a role",
    fields: &[
        Field::new(
            "role",
            Shape::Choice(&["dr", "primary"]),
            "What the site is now; a failover changes this one line",
        )
        .required(),
        Field::new(
            "aws",
            Shape::Table(SITE_AWS),
            "The AWS account and region of the site",
        ),
        Field::new(
            "clusters",
            Shape::Open(&Shape::Table(CLUSTER)),
            "The Kubernetes clusters of the site, by name",
        ),
        Field::new(
            "services",
            Shape::Open(&Shape::Table(SERVICE)),
            "The data services of the site, by name",
        ),
    ],
};

/// `clusters.NAME` of a site.
static CLUSTER: &[Field] = &[
    text(
        "context",
        &NAME,
        "The context of the usual kubeconfig: KUBECONFIG, ~/.kube/config or --kubeconfig",
    ),
    text(
        "eks",
        &NAME,
        "The name of an EKS cluster in the account and region of the site",
    ),
    flag(
        "in_cluster",
        "Use the service account of the pod that drsync runs in",
    ),
];

/// `services.NAME` of a site.
static SERVICE: &[Field] = &[
    Field::new(
        "url",
        Shape::OneOf(&[
            Shape::Text(&SERVICE_URL),
            Shape::List(&Shape::Text(&SERVICE_URL), Identity::Ordered),
        ]),
        "Its address, or those of its members",
    )
    .required(),
    Field::new("tls", Shape::Table(TLS), "How TLS is checked and shown"),
    Field::new("auth", Shape::Table(AUTH), "Who asks"),
];

static TLS: &[Field] = &[
    Field::new(
        "ca",
        Shape::Secret,
        "The certificates that are trusted, in PEM, beside those of the machine",
    ),
    Field::new(
        "certificate",
        Shape::Secret,
        "The client certificate, in PEM",
    ),
    Field::new(
        "key",
        Shape::Secret,
        "The key of the client certificate, in PEM",
    ),
];

static AUTH: &[Field] = &[
    Field::new(
        "user",
        Shape::OneOf(&[Shape::Text(&NAME), Shape::Secret]),
        "The name of the user",
    ),
    Field::new("password", Shape::Secret, "The password of the user"),
    Field::new("token", Shape::Secret, "A bearer token"),
];

/// `[global]`.
pub(super) static GLOBAL: Head = Head {
    name: "global",
    doc: "The connection of objects that belong to no site, such as DNS zones",
    fields: &[Field::new(
        "aws",
        Shape::Table(GLOBAL_AWS),
        "The AWS account of global objects",
    )],
};

/// `[limits]`.
pub(super) static LIMITS: Head = Head {
    name: "limits",
    doc: "The share of each account's rate limits that may be used",
    fields: &[
        Field::new(
            "route53_requests_per_second",
            Shape::Float,
            "Route 53 requests a second",
        ),
        Field::new(
            "route53_burst",
            Shape::Int(1, 1000),
            "Route 53 requests that may gather while none is sent",
        ),
        Field::new(
            "route53_changes_per_second",
            Shape::Float,
            "Route 53 record changes a second",
        ),
        Field::new(
            "s3_requests_per_second",
            Shape::Float,
            "S3 configuration requests a second",
        ),
        Field::new(
            "kubernetes_requests_per_second",
            Shape::Float,
            "Requests a second to each Kubernetes cluster",
        ),
        Field::new(
            "service_requests_per_second",
            Shape::Float,
            "Requests a second to each data service",
        ),
    ],
};

/// The group of `[profile.NAME]`, whose tables hold any values.
pub(super) const PROFILE: &str = "profile";
/// What a profile is, for the reader of the schema.
pub(super) const PROFILE_DOC: &str = "Values that depend on the scale of a deployment";

/// The plain tables.
pub(super) static SINGLE: [&Head; 5] = [
    &ENVIRONMENT,
    &GLOBAL,
    &LIMITS,
    &strategy::STRATEGY,
    &strategy::NETWORK,
];
/// The tables of named tables, without the profiles.
pub(super) static NAMED: [&Head; 14] = [
    &SITE,
    &strategy::TIER,
    &strategy::COMPONENT,
    &strategy::LOCATION,
    &strategy::FAILOVER,
    &strategy::STEP,
    &strategy::CAPACITY,
    &strategy::EXERCISE,
    &strategy::CRITERION,
    &strategy::ROLE,
    &strategy::PERSON,
    &strategy::VENDOR,
    &strategy::CHANNEL,
    &strategy::MESSAGE,
];
/// The arrays of tables that declare no objects.
pub(super) static LISTS: [&Head; 3] = [
    &strategy::EXCLUSION,
    &strategy::BACKUP,
    &strategy::VERIFICATION,
];

/// Returns the outline of a document with these arrays of tables.
pub(super) fn outline(arrays: Vec<&'static str>) -> Outline {
    let names = NAMED.iter().map(|head| head.name);
    Outline {
        single: SINGLE.iter().map(|head| head.name).collect(),
        named: names.chain([PROFILE]).collect(),
        lists: LISTS.iter().map(|head| head.name).collect(),
        arrays,
    }
}

/// The key of an entry that names its one site.
pub(super) static ENTRY_SITE: Field = text("site", &NAME, "The site that the object lies at");

/// The key of an entry that relates its objects at several sites.
pub(super) static PARITY: Field = Field::new(
    "parity",
    Shape::Open(&RELATION),
    "How the objects at the sites must relate, by field path",
);

/// The keys that every entry may have, in a site table too.
pub(super) static COMMON: &[Field] = &[
    text(
        "component",
        &NAME,
        "The component that the object belongs to",
    ),
    flag("observe", "Compare it and never write it"),
    flag("adopt", "Take it over if it is there and was never applied"),
    flag("prune", "Delete it when it leaves Git"),
    flag("convert", "Allow changes that turn it into another thing"),
];

/// A parity relation: a word, or a table with one key.
static RELATION: Shape = Shape::OneOf(&[
    Shape::Choice(&["equal", "differs"]),
    Shape::Table(&[
        Field::new(
            "ratio",
            Shape::Float,
            "The DR value is this share of the primary's",
        ),
        Field::new(
            "at_least",
            Shape::Float,
            "The DR value is this share of the primary's or more",
        ),
        Field::new(
            "at_most",
            Shape::Float,
            "The DR value is this share of the primary's or less",
        ),
        Field::new(
            "within",
            Shape::Float,
            "The values differ by this share of the primary's at most",
        ),
        text("ignore", &NAME, "Nothing is compared, for this reason"),
    ]),
]);

static SITE_AWS: &[Field] = &[
    ACCOUNT,
    text("region", &REGION, "The region").required(),
    READ_ROLE,
    WRITE_ROLE,
    AWS_PROFILE,
    ENDPOINTS,
    PATH_STYLE,
];

static GLOBAL_AWS: &[Field] = &[
    ACCOUNT,
    text("region", &REGION, "The region that requests are signed for")
        .default(|| Value::from("us-east-1")),
    READ_ROLE,
    WRITE_ROLE,
    AWS_PROFILE,
    ENDPOINTS,
    PATH_STYLE,
];

const ACCOUNT: Field = text(
    "account",
    &ACCOUNT_ID,
    "The twelve digits of the account; credentials of another account are refused",
)
.required();
const READ_ROLE: Field = text("read_role", &ARN, "The role that is assumed to read");
const WRITE_ROLE: Field = text("write_role", &ARN, "The role that is assumed to write");
const AWS_PROFILE: Field = text(
    "profile",
    &NAME,
    "The profile of the usual AWS configuration files",
);
const ENDPOINTS: Field = Field::new(
    "endpoints",
    Shape::Table(SERVICES),
    "Endpoints other than the usual ones",
);
const PATH_STYLE: Field = flag(
    "path_style",
    "Put bucket names into the path of S3 addresses",
);

static SERVICES: &[Field] = &[
    text("autoscaling", &URL, "The endpoint of Auto Scaling"),
    text("eks", &URL, "The endpoint of EKS"),
    text("route53", &URL, "The endpoint of Route 53"),
    text("s3", &URL, "The endpoint of S3"),
    text("sts", &URL, "The endpoint of STS"),
];

/// A store that needs more than a place.
static STATE: &[Field] = &[
    text("url", &PLACE, "The place").required(),
    text("region", &REGION, "The region of the bucket"),
    text("endpoint", &URL, "An S3 endpoint other than the usual one"),
    PATH_STYLE,
    AWS_PROFILE,
    READ_ROLE,
    WRITE_ROLE,
];

const fn text(name: &'static str, rule: &'static TextRule, doc: &'static str) -> Field {
    Field::new(name, Shape::Text(rule), doc)
}

const fn flag(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, Shape::Bool, doc)
}

static ACCOUNT_ID: TextRule = TextRule {
    name: "an AWS account",
    example: "123456789012",
    canonical: |text| {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(text.to_owned())
        } else {
            Err("an account has twelve digits".to_owned())
        }
    },
};

static REGION: TextRule = TextRule {
    name: "a region",
    example: "eu-central-1",
    canonical: |text| {
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !text.is_empty() && text.chars().all(is_allowed) {
            Ok(text.to_owned())
        } else {
            Err("a region has lower-case letters, digits and hyphens".to_owned())
        }
    },
};

static URL: TextRule = TextRule {
    name: "an endpoint",
    example: "http://127.0.0.1:4566",
    canonical: |text| {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or_else(|| "it begins with neither https:// nor http://".to_owned())?;
        let host = rest.split('/').next().unwrap_or_default();
        if host.is_empty() || rest.contains(char::is_whitespace) {
            Err("it has no host, or white space in it".to_owned())
        } else if host.contains('@') {
            Err("it holds credentials".to_owned())
        } else {
            Ok(text.trim_end_matches('/').to_owned())
        }
    },
};

static SERVICE_URL: TextRule = TextRule {
    name: "an address",
    example: "https://patroni.frankfurt.example:8008",
    canonical: |text| {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| "it has no scheme, such as https:// or redis://".to_owned())?;
        let is_scheme = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if scheme.is_empty() || !scheme.chars().all(is_scheme) {
            Err("its scheme is not in lower case".to_owned())
        } else if host.is_empty() || rest.contains(char::is_whitespace) {
            Err("it has no host, or white space in it".to_owned())
        } else if rest.contains(['@', '?', '#']) {
            Err("it holds credentials or a query; these go into `auth`".to_owned())
        } else {
            Ok(text.trim_end_matches('/').to_owned())
        }
    },
};

static PLACE: TextRule = TextRule {
    name: "a place of state",
    example: "s3://bucket/foundry",
    canonical: |text| {
        if text.contains("://") && !text.starts_with("file:") {
            return Location::parse(text, Path::new("")).map(|place| place.to_string());
        }
        let text = text.strip_prefix("file:").unwrap_or(text);
        let path = text.trim_end_matches('/');
        if is_plain(path) {
            Ok(path.to_owned())
        } else {
            Err("it must lie below the root, without `..`".to_owned())
        }
    },
};
