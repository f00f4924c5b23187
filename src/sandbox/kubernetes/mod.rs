//! Kubernetes API servers, one for each cluster of the world: `/clusters/SITE/NAME` is the base of
//! a cluster's API, and the bearer token is [`TOKEN`] unless the world names users.
//!
//! In: requests with a bearer token. Out: the answers of an API server of the version that the
//! world says, for the kinds of `resource.rs` and those that custom resource definitions add; other
//! kinds are refused by name. Small controllers move objects on as time passes. It shares no code
//! with the rooms that talk to clusters. What is not as on a real server stands in
//! `tests/it/contract/kubernetes.rs`, with the reason.

mod apply;
mod body;
mod cluster;
mod controllers;
mod decode;
mod defaults;
mod definitions;
mod delete;
mod discovery;
mod fields;
mod managed;
mod owners;
mod quantity;
mod read;
mod request;
mod resource;
mod scale;
mod schema;
mod seed;
mod selector;
mod status;
mod typed;
mod validate;
mod velero;
mod watch;
mod write;

#[cfg(test)]
mod client_tests;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use std::sync::Arc;

use super::fault::Effect;
use super::sandbox::Reply;
use super::state::State;
use status::{Cause, Failure, json_response};

pub(super) use cluster::Cluster;
pub use request::TOKEN;
pub(super) use request::{Visit, claims, read};
pub(super) use seed::{own, seed, version};
pub use watch::Watch;

use request::{Ask, Objects, authorize};

/// Moves all clusters on to a moment; true if something changed.
pub(super) fn step(state: &mut State, now: i64) -> bool {
    let before = revisions(state);
    controllers::step(state, now);
    before != revisions(state)
}

fn revisions(state: &State) -> Vec<u64> {
    state
        .clusters
        .iter()
        .map(|cluster| cluster.revision)
        .collect()
}

/// Carries out a request; true if something was written.
pub(super) fn perform(state: &mut State, visit: &Visit) -> (Reply, bool) {
    let before = revisions(state);
    let is =
        |cluster: &&mut Cluster| cluster.site == visit.cluster.0 && cluster.name == visit.cluster.1;
    let Some(cluster) = state.clusters.iter_mut().find(is) else {
        return (Reply::Drop, false);
    };
    let reply = match answer(cluster, visit) {
        Ok(reply) => reply,
        Err(failure) => Reply::Answer(failure.response()),
    };
    (reply, before != revisions(state))
}

/// The answer from before the last write to the cluster.
pub(super) fn stale(state: &State, visit: &Visit) -> Reply {
    let is =
        |cluster: &&Cluster| cluster.site == visit.cluster.0 && cluster.name == visit.cluster.1;
    let Some(past) = state.clusters.iter().find(is).map(Cluster::before) else {
        return Reply::Drop;
    };
    match answer(&mut past.clone(), visit) {
        Ok(reply) => reply,
        Err(failure) => Reply::Answer(failure.response()),
    }
}

/// What happened to a watch.
pub(super) fn more(state: &State, now: i64, watch: &mut Watch) -> Option<Bytes> {
    let (site, name) = watch.cluster.clone();
    let cluster = state
        .clusters
        .iter()
        .find(|one| one.site == site && one.name == name)?;
    watch.more(cluster, now)
}

/// The refusal that an effect is.
pub(super) fn refusal(effect: Effect, visit: &Visit) -> Option<Response<Bytes>> {
    let failure = match effect {
        Effect::Throttle => Failure::throttled(),
        Effect::Error500 => Failure::internal("etcdserver: request timed out"),
        Effect::Error503 => Failure::unavailable(),
        Effect::ExpiredToken => Failure::unauthorized(),
        Effect::AccessDenied => match &visit.ask {
            Ask::Path(path) => Failure::forbidden_path(&visit.user, "get", path),
            Ask::Objects(ask) => {
                let subject = (ask.sub.as_str(), ask.name.as_str());
                Failure::forbidden(
                    &ask.resource,
                    subject,
                    &visit.user,
                    ask.verb,
                    &ask.namespace,
                )
            }
        },
        Effect::PriorRequestNotComplete => match &visit.ask {
            Ask::Path(_) => return None,
            Ask::Objects(ask) => Failure::conflict(&ask.resource, &ask.name, write::MODIFIED),
        },
        Effect::Expired => Failure::expired(
            "The provided continue parameter is too old to display a consistent list result.",
        ),
        _ => return None,
    };
    Some(failure.response())
}

fn answer(cluster: &mut Cluster, visit: &Visit) -> Result<Reply, Failure> {
    authorize(cluster, visit)?;
    let ask = match &visit.ask {
        Ask::Path(path) => return Ok(Reply::Answer(discovery::answer(cluster, visit, path))),
        Ask::Objects(ask) => ask,
    };
    if !visit.reads()
        && let Some(dry) = visit.param("dryRun").filter(|dry| *dry != "All")
    {
        let options = match ask.verb {
            "create" => "CreateOptions",
            "update" => "UpdateOptions",
            "patch" => "PatchOptions",
            _ => "DeleteOptions",
        };
        let cause = Cause::unsupported("dryRun", &json!([dry]), &["All"]);
        return Err(Failure::invalid("meta.k8s.io", options, "", &[cause]));
    }
    let whole = |object: Arc<Value>| shown(ask, &object);
    let (code, body) = match ask.verb {
        "watch" => {
            let watch = watch::Watch::begin(cluster, visit, ask)?;
            return Ok(Reply::Watch(Box::new(watch)));
        }
        "list" => (200, read::list(cluster, visit, ask)?),
        "get" => (200, whole(read::get(cluster, ask)?)),
        "create" => (201, whole(write::create(cluster, visit, ask)?)),
        "update" => (200, whole(write::update(cluster, visit, ask)?)),
        "patch" => {
            let there = read::get(cluster, ask).is_ok();
            let object = write::patch(cluster, visit, ask)?;
            (if there { 200 } else { 201 }, whole(object))
        }
        "delete" => (200, delete::delete(cluster, visit, ask)?),
        _ => return Err(Failure::method()),
    };
    Ok(Reply::Answer(json_response(code, &body)))
}

fn shown(ask: &Objects, object: &Value) -> Value {
    if ask.sub == "scale" {
        scale::of(&ask.resource, object)
    } else {
        object.clone()
    }
}
