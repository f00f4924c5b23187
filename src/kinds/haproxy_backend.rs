//! The kind `haproxy_backend`: how many servers of a backend HAProxy finds up, and which.
//!
//! In: a `[[haproxy_backend]]` entry, or the statistics as CSV. Out: the servers that are up, as a
//! field; nothing is written, for HAProxy's own checks decide. A backend that leads to the writer
//! has one server up at the primary site and none at the DR site: both up is a split brain.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::Deserialize;

use super::{
    Ask, Declaration, Entry, Family, Kind, KindError, Observation, Section, Write, Written,
};
use crate::cloud::service::Answer;
use crate::model::units::NAME as NAME_RULE;
use crate::model::{Fact, FactName, FactValue, Field, Map, Relation, Resource, Shape};

const NAME: &str = "haproxy_backend";
/// Why nothing is written.
const DECIDED: &str = "HAProxy's own checks decide which servers are up";

static SECTION: Section = Section {
    array: NAME,
    doc: "A backend of HAProxy: observed, never written",
    fields: &[
        Field::new("name", Shape::Text(&NAME_RULE), "The name of the backend").required(),
        Field::new(
            "service",
            Shape::Text(&NAME_RULE),
            "The service of the site whose address is the page of statistics; the only one if it is left out",
        ),
    ],
    keys: &["name"],
    within: &[],
    family: Family::Service,
    sited: true,
};

static SHAPE: Shape = Shape::Table(&[Field::new(
    "up",
    Shape::Int(0, 10_000),
    "How many of its servers must be up: 1 where it leads to the one writer, 0 at a standby",
)
.required()
.parity(Relation::Ignore)]);

/// A row of the statistics.
///
/// Rule: <https://docs.haproxy.org/2.8/management.html#9.1>
#[derive(Debug, Deserialize)]
struct Row {
    pxname: String,
    svname: String,
    status: String,
}

impl Row {
    /// While a check fails and the server is not down yet, the status reads `UP 1/2`.
    fn is_up(&self) -> bool {
        self.status == "UP" || self.status.starts_with("UP ")
    }
}

/// A backend of HAProxy.
#[derive(Debug)]
pub(super) struct HaproxyBackend;

#[async_trait]
impl Kind for HaproxyBackend {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "A backend of HAProxy"
    }

    fn reference(&self) -> &'static str {
        "https://docs.haproxy.org/2.8/management.html#9.1"
    }

    fn section(&self) -> &'static Section {
        &SECTION
    }

    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        let name = entry.settings.text("name").unwrap_or_default().to_owned();
        Some(Declaration {
            // One page has all backends of a service.
            scope: format!("{NAME}/*"),
            identity: [("name", name.clone())].into_iter().collect(),
            id: name,
            fields: SHAPE.canonical(std::mem::take(&mut entry.fields)),
            ..Declaration::default()
        })
    }

    fn stays(&self) -> Option<&'static str> {
        Some("it stands in HAProxy's own configuration")
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        let service = ask.service()?;
        let answer = service.get("/;csv").await.map_err(KindError::Cloud)?;
        let backends = backends(&answer)?;
        let resources = ask.objects.iter().filter_map(|object| {
            let up = backends.get(object.identity.text("name").unwrap_or_default())?;
            let mut fields = Map::new();
            fields.insert("up", i64::try_from(up.len()).unwrap_or(i64::MAX));
            let mut resource = Resource::new(
                object.address.clone(),
                object.identity.clone(),
                SHAPE.canonical(fields),
            );
            resource.read_only = Some(DECIDED);
            let named = if up.is_empty() {
                "none".to_owned()
            } else {
                up.join(", ")
            };
            resource.facts.push(Fact {
                name: FactName::Role,
                value: FactValue::Text(format!("leads to {named}")),
                unit: String::new(),
                method: "statistics".to_owned(),
                measured_at: service.now(),
            });
            Some(resource)
        });
        Ok(Observation {
            resources: resources.collect(),
            method: "one page of statistics".to_owned(),
            ..Observation::default()
        })
    }

    async fn write(&self, _write: &Write<'_>) -> Written {
        Written::Refused(KindError::Unwritable(DECIDED.to_owned()))
    }

    fn import(&self, resource: &Resource) -> Option<Map> {
        let mut entry = resource.fields.clone();
        entry.insert("name", resource.identity.text("name")?);
        Some(entry)
    }
}

/// Returns the servers that are up, by backend.
fn backends(answer: &Answer) -> Result<BTreeMap<String, Vec<String>>, KindError> {
    if answer.status != 200 {
        return Err(KindError::Garbled(format!(
            "the page of statistics answers HTTP {}",
            answer.status
        )));
    }
    // The header is a comment.
    let text = answer
        .body
        .strip_prefix(b"# ".as_slice())
        .unwrap_or(&answer.body);
    let mut backends: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in csv::Reader::from_reader(text).deserialize::<Row>() {
        let row = row.map_err(|error| {
            KindError::Garbled(format!("the statistics are not as expected: {error}"))
        })?;
        match row.svname.as_str() {
            "FRONTEND" => {}
            "BACKEND" => {
                backends.entry(row.pxname).or_default();
            }
            _ if row.is_up() => backends.entry(row.pxname).or_default().push(row.svname),
            _ => {}
        }
    }
    Ok(backends)
}
