//! The kind `patroni_cluster`: PostgreSQL under Patroni, at each site a cluster of its own.
//!
//! In: a `[[patroni_cluster]]` entry, or the REST API of the members. Out: the declared keys of the
//! dynamic configuration, and as facts: role, lineage, version, position in the log, recovery point
//! and health. To promote or demote a cluster is a change of class "role", which a plan only shows.

mod answer;
mod shape;
mod write;

use async_trait::async_trait;
use futures::future::join_all;
use serde_json::Value as Json;

use self::answer::{Cluster, Own, config, facts};
use self::shape::{SECTION, SHAPE, declared_only, spelled};
use super::{Ask, Declaration, Entry, Kind, KindError, Observation, Section, Write, Written};
use crate::model::{Action, Map, Object, Resource, Shape};

const NAME: &str = "patroni_cluster";

/// A PostgreSQL cluster under Patroni.
#[derive(Debug)]
pub(super) struct PatroniCluster;

#[async_trait]
impl Kind for PatroniCluster {
    fn name(&self) -> &'static str {
        NAME
    }

    fn doc(&self) -> &'static str {
        "A PostgreSQL cluster under Patroni"
    }

    fn reference(&self) -> &'static str {
        "https://patroni.readthedocs.io/en/latest/dynamic_configuration.html"
    }

    fn section(&self) -> &'static Section {
        &SECTION
    }

    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn declare(&self, entry: &mut Entry<'_>) -> Option<Declaration> {
        let name = entry.settings.text("name").unwrap_or_default().to_owned();
        let fields = spelled(std::mem::take(&mut entry.fields));
        let seconds = ["loop_wait", "retry_timeout", "ttl"].map(|key| fields.int(key));
        if let [Some(wait), Some(retry), Some(ttl)] = seconds
            && wait + 2 * retry > ttl
        {
            entry.error(
                "patroni-times",
                "/ttl",
                format!(
                    "loop_wait + 2 * retry_timeout is {}s, and ttl is {ttl}s",
                    wait + 2 * retry
                ),
                "Patroni changes such times by itself: raise `ttl`, or lower the other two",
            );
        }
        Some(Declaration {
            scope: format!("{NAME}/{name}"),
            identity: [("name", name.clone())].into_iter().collect(),
            id: name,
            fields,
            ..Declaration::default()
        })
    }

    /// A cluster is made by its members, and ends with them.
    fn stays(&self) -> Option<&'static str> {
        Some("a cluster ends with its members, which drsync does not start or stop")
    }

    async fn observe(&self, ask: &Ask<'_>) -> Result<Observation, KindError> {
        let mut observation = Observation {
            method: "GET /cluster, /config and each member's /patroni".to_owned(),
            ..Observation::default()
        };
        for object in ask.objects {
            observation.resources.push(read(ask, object).await?);
        }
        Ok(observation)
    }

    async fn write(&self, write: &Write<'_>) -> Written {
        let Some(change) = write.changes.first() else {
            return Written::done_at(write.writer.reader().now());
        };
        if !matches!(change.action, Action::Update | Action::Adopt) {
            return Written::Refused(KindError::Unwritable(
                "drsync changes the configuration of a cluster that runs; it makes and removes none".to_owned(),
            ));
        }
        match write.service() {
            Ok(writer) => write::patch(writer, change).await,
            Err(error) => Written::Refused(error),
        }
    }

    fn import(&self, resource: &Resource) -> Option<Map> {
        let mut entry = resource.fields.clone();
        entry.insert("name", resource.identity.text("name")?);
        Some(entry)
    }
}

async fn read(ask: &Ask<'_>, object: &Object) -> Result<Resource, KindError> {
    let service = ask.service()?;
    let cluster: Cluster = service
        .get("/cluster")
        .await
        .and_then(|answer| answer.json())
        .map_err(KindError::Cloud)?;
    let wanted = object.identity.text("name").unwrap_or_default();
    if let Some(scope) = cluster.scope.as_deref().filter(|scope| *scope != wanted) {
        return Err(KindError::Ambiguous(format!(
            "the service {} is the cluster `{scope}`, and not `{wanted}`; correct its `url`, or the name",
            service.name()
        )));
    }
    let json: Json = service
        .get("/config")
        .await
        .and_then(|answer| answer.json())
        .map_err(KindError::Cloud)?;
    let fields = config(&json).map_err(KindError::Garbled)?;
    let own = join_all(service.urls().iter().map(|url| async move {
        let answer = service.get_from(url, "/patroni").await;
        answer
            .and_then(|answer| answer.json::<Own>())
            .map_err(|error| error.to_string())
    }))
    .await;
    let mut resource = Resource::new(
        object.address.clone(),
        object.identity.clone(),
        declared_only(fields, &object.fields),
    );
    resource.facts = facts(&cluster, &own, service.now());
    Ok(resource)
}
