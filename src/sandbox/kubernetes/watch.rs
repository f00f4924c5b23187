//! Streams what happens to a list of objects.
//!
//! In: a question and the events of a cluster. Out: lines of JSON, until the time is over. The
//! shell asks for more again and again. It must not know sockets or clocks. Rules: "Efficient
//! detection of changes", and KEP-3157 for lists by watch.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use std::sync::Arc;

use super::cluster::Cluster;
use super::read::revision;
use super::request::{ClusterId, Objects, Visit};
use super::resource::Resource;
use super::selector::Selection;
use super::status::{Failure, respond};

/// The longest watch that nobody limited.
const LONGEST_SECONDS: i64 = 1800;
/// The time between two bookmarks.
const BOOKMARK_MS: i64 = 60_000;

/// A watch that goes on.
#[derive(Debug, Clone)]
pub struct Watch {
    pub(super) cluster: ClusterId,
    resource: Resource,
    prefix: String,
    selection: Selection,
    seen: u64,
    first: Option<First>,
    bookmarks: bool,
    marked: i64,
    until: i64,
    ended: bool,
}

/// What a watch begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    /// All objects that are there.
    All,
    /// All objects that are there, and a bookmark behind them.
    AllAndMark,
}

impl Watch {
    /// Begins a watch.
    pub(super) fn begin(cluster: &Cluster, visit: &Visit, ask: &Objects) -> Result<Self, Failure> {
        let mut selection = Selection::read(visit, &ask.resource)?;
        if !ask.name.is_empty() {
            selection = Selection::default();
        }
        let asked = visit
            .param("resourceVersion")
            .map(revision)
            .transpose()?
            .unwrap_or(0);
        let stream = visit.flag("sendInitialEvents");
        let (first, seen) = match asked {
            _ if stream => (Some(First::AllAndMark), cluster.revision),
            0 => (Some(First::All), cluster.revision),
            asked if asked > cluster.revision => {
                return Err(Failure::too_large(asked, cluster.revision));
            }
            asked => (None, asked),
        };
        let seconds = visit
            .param("timeoutSeconds")
            .and_then(|text| text.parse::<i64>().ok());
        let seconds = seconds.filter(|it| *it > 0).unwrap_or(LONGEST_SECONDS);
        Ok(Self {
            cluster: visit.cluster.clone(),
            prefix: if ask.namespace.is_empty() {
                String::new()
            } else {
                format!("{}/", ask.namespace)
            },
            resource: ask.resource.clone(),
            selection,
            seen,
            first,
            bookmarks: visit.flag("allowWatchBookmarks"),
            marked: visit.now,
            until: visit.now + seconds * 1000,
            ended: false,
        })
    }

    /// The head of the answer.
    #[must_use]
    pub fn head(&self) -> Response<Bytes> {
        respond(200, "application/json", String::new())
    }

    /// What happened since the last call; nothing more comes after none.
    pub(super) fn more(&mut self, cluster: &Cluster, now: i64) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        let mut lines = String::new();
        if let Some(first) = self.first.take() {
            let resource = self.resource.key();
            for (key, object) in cluster.list(&resource) {
                if key.starts_with(&self.prefix) && self.selection.fits(object) {
                    line(&mut lines, "ADDED", object);
                }
            }
            if first == First::AllAndMark {
                self.bookmark(&mut lines, &json!({ "k8s.io/initial-events-end": "true" }));
            }
            self.seen = cluster.revision;
        }
        if self.seen < cluster.oldest() {
            let message = format!(
                "too old resource version: {} ({})",
                self.seen,
                cluster.oldest()
            );
            line(&mut lines, "ERROR", &Failure::expired(message).object());
            self.ended = true;
            return Some(lines.into());
        }
        for event in cluster.since(self.seen) {
            if event.resource == self.resource.key() {
                let mine = |object: &Option<Arc<Value>>| {
                    object.clone().filter(|object| {
                        let namespace =
                            object["metadata"]["namespace"].as_str().unwrap_or_default();
                        (self.prefix.is_empty() || self.prefix.trim_end_matches('/') == namespace)
                            && self.selection.fits(object)
                    })
                };
                match (mine(&event.before), mine(&event.after)) {
                    (None, Some(after)) => line(&mut lines, "ADDED", &after),
                    (Some(_), Some(after)) => line(&mut lines, "MODIFIED", &after),
                    (Some(before), None) => {
                        let mut last = (*before).clone();
                        last["metadata"]["resourceVersion"] = json!(event.revision.to_string());
                        line(&mut lines, "DELETED", &last);
                    }
                    (None, None) => {}
                }
            }
            self.seen = event.revision;
        }
        self.seen = self.seen.max(cluster.revision);
        let over = now >= self.until;
        if self.bookmarks && (over || now - self.marked >= BOOKMARK_MS) {
            self.marked = now;
            self.bookmark(&mut lines, &Value::Null);
        }
        self.ended = over;
        Some(lines.into())
    }

    /// The moment up to which nothing was missed.
    fn bookmark(&self, lines: &mut String, annotations: &Value) {
        let mut meta =
            json!({ "resourceVersion": self.seen.to_string(), "creationTimestamp": null });
        if !annotations.is_null() {
            meta["annotations"] = annotations.clone();
        }
        let object = json!({ "kind": self.resource.kind, "apiVersion": self.resource.api_version(), "metadata": meta });
        line(lines, "BOOKMARK", &object);
    }
}

fn line(lines: &mut String, kind: &str, object: &Value) {
    lines.push_str(&json!({ "type": kind, "object": object }).to_string());
    lines.push('\n');
}
