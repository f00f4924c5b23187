//! Small kinds: a zone and its records, a bucket with two parts, a group of nodes at sites.

use async_trait::async_trait;

use crate::kinds::{
    Ask, Declaration, Entry, Family, Kind, KindError, Observation, Section, Write, Written,
};
use crate::model::units::{ARN, CIDR, DOMAIN, JSON, NAME, PLAIN};
use crate::model::{Field, Identity, Map, Resource, Shape, Value};

struct Small {
    name: &'static str,
    section: &'static Section,
    part: Option<&'static str>,
    shape: &'static Shape,
    /// The settings and fields that make the id.
    id: &'static [&'static str],
}

#[async_trait]
impl Kind for Small {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        "A small kind"
    }

    fn reference(&self) -> &'static str {
        ""
    }

    fn section(&self) -> &'static Section {
        self.section
    }

    fn part(&self) -> Option<&'static str> {
        self.part
    }

    fn shape(&self) -> &'static Shape {
        self.shape
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        if let Some(zone) = entry.settings.text("zone")
            && entry.registry.find("zone", zone).is_none()
        {
            entry.error("no-zone", "/zone", format!("no zone {zone}"), "");
            return None;
        }
        let text = |key| entry.settings.text(key).or_else(|| entry.fields.text(key));
        let id: Vec<&str> = self.id.iter().filter_map(|key| text(key)).collect();
        let id = id.join("/");
        Some(Declaration {
            scope: format!("{}/{id}", self.section.array),
            id,
            identity: Map::new(),
            fields: std::mem::take(&mut entry.fields),
            exclusive: entry.settings.bool("exclusive").unwrap_or_default(),
            adopt: false,
            observe: false,
            depends: Vec::new(),
        })
    }

    async fn observe(&self, _: &Ask<'_>) -> Result<Observation, KindError> {
        Ok(Observation::default())
    }

    async fn write(&self, _: &Write<'_>) -> Written {
        Written::Unknown(String::new())
    }

    fn import(&self, _: &Resource) -> Option<Map> {
        None
    }
}

static ZONE: Section = Section {
    array: "zone",
    doc: "A zone",
    fields: &[
        Field::new("name", Shape::Text(&DOMAIN), "The name").required(),
        Field::new(
            "exclusive",
            Shape::Bool,
            "Whether it holds only what is declared",
        ),
    ],
    keys: &["name"],
    within: &[],
    family: Family::Account,
    sited: false,
};

static RECORD: Section = Section {
    array: "record",
    doc: "A record",
    fields: &[
        Field::new("zone", Shape::Text(&DOMAIN), "The zone").required(),
        Field::new("name", Shape::Text(&DOMAIN), "The name").required(),
        Field::new("type", Shape::Choice(&["A", "CNAME"]), "The type").required(),
    ],
    keys: &[],
    within: &[],
    family: Family::Account,
    sited: false,
};

static BUCKET: Section = Section {
    array: "bucket",
    doc: "A bucket",
    fields: &[
        Field::new("name", Shape::Text(&NAME), "The name").required(),
        Field::new("flavor", Shape::Choice(&["aws", "minio"]), "The service")
            .default(|| Value::from("aws")),
    ],
    keys: &["name"],
    within: &[],
    family: Family::Account,
    sited: true,
};

static NODES: Section = Section {
    array: "nodes",
    doc: "Nodes",
    fields: &[
        Field::new("name", Shape::Text(&NAME), "The name").required(),
        Field::new("cluster", Shape::Text(&NAME), "The cluster"),
    ],
    keys: &["name"],
    within: &[],
    family: Family::Account,
    sited: true,
};

static WORKLOAD: Section = Section {
    array: "workload",
    doc: "A workload",
    fields: &[
        Field::new("name", Shape::Text(&NAME), "The name").required(),
        Field::new("cluster", Shape::Text(&NAME), "The cluster"),
        Field::new("namespace", Shape::Text(&NAME), "The namespace").required(),
    ],
    keys: &["name"],
    within: &["namespace"],
    family: Family::Cluster,
    sited: true,
};

const RULES: Shape = Shape::List(
    &Shape::Table(&[
        Field::new("id", Shape::Text(&NAME), "The id").required(),
        Field::new("days", Shape::Days(1, 100), "The days"),
    ]),
    Identity::Keyed("id"),
);

static NOTHING: Shape = Shape::Table(&[]);

static RECORD_FIELDS: Shape = Shape::Table(&[
    Field::new("ttl", Shape::Seconds(0, 2_147_483_647), "The time to live"),
    Field::new(
        "values",
        Shape::List(&Shape::Text(&PLAIN), Identity::Set),
        "The values",
    )
    .managed(),
    Field::new("weight", Shape::Int(0, 255), "The weight"),
    Field::new("bias", Shape::Float, "The bias"),
    Field::new("block", Shape::Text(&CIDR), "The block"),
    Field::new(
        "order",
        Shape::List(&Shape::Text(&PLAIN), Identity::Ordered),
        "The steps",
    ),
]);

static VERSIONING: Shape = Shape::Table(&[
    Field::new(
        "status",
        Shape::Choice(&["suspended", "enabled"]),
        "The status",
    )
    .required(),
    Field::new("mfa", Shape::Bool, "The device").flavors(&["aws"]),
]);

static REPLICATION: Shape = Shape::Table(&[
    Field::new("role", Shape::Text(&ARN), "The role"),
    Field::new("policy", Shape::Text(&JSON), "The policy"),
    Field::new("rules", RULES, "The rules"),
    Field::new("tags", Shape::Open(&Shape::Text(&PLAIN)), "The tags"),
]);

static NODE_GROUP: Shape = Shape::Table(&[
    Field::new("min", Shape::Int(0, 100), "The least").required(),
    Field::new("max", Shape::Int(0, 100), "The most"),
]);

const fn flat(
    name: &'static str,
    section: &'static Section,
    shape: &'static Shape,
    id: &'static [&'static str],
) -> Small {
    Small {
        name,
        section,
        part: None,
        shape,
        id,
    }
}

const fn part(name: &'static str, part: &'static str, shape: &'static Shape) -> Small {
    Small {
        name,
        section: &BUCKET,
        part: Some(part),
        shape,
        id: &["name"],
    }
}

/// The small kinds.
pub(super) static KINDS: &[&dyn Kind] = &[
    &flat("zone", &ZONE, &NOTHING, &["name"]),
    &flat("record", &RECORD, &RECORD_FIELDS, &["zone", "name", "type"]),
    &part("bucket_versioning", "versioning", &VERSIONING),
    &part("bucket_replication", "replication", &REPLICATION),
    &flat("node_group", &NODES, &NODE_GROUP, &["name"]),
    &flat("workload", &WORKLOAD, &NOTHING, &["namespace", "name"]),
];
