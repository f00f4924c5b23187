//! What a cluster holds: its objects, and what happened to them.
//!
//! In: objects, checked by others. Out: objects now and a while ago, and the events between. Each
//! write raises the revision. It must not know rules, requests or time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::super::world::{ClusterObject, ClusterUser};
use super::resource::{self, Resource};

/// The events that are remembered. What is older is compacted, as etcd does after five minutes.
const REMEMBERED: usize = 2000;

/// Objects of a resource by `namespace/name`, or by name.
pub(super) type Objects = BTreeMap<String, Arc<Value>>;

/// A cluster.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Cluster {
    /// Its site.
    pub(in super::super) site: String,
    /// Its name.
    pub(in super::super) name: String,
    /// The Kubernetes version, as `v1.36.3`.
    pub(in super::super) version: String,
    /// The AWS account that has it as an EKS cluster.
    pub(in super::super) account: Option<String>,
    /// Who may do what; nobody is everybody.
    pub(in super::super) users: Vec<ClusterUser>,
    /// Objects of the world that are not made yet: they need a time.
    pub(in super::super) waiting: Vec<ClusterObject>,
    /// The number of the last write.
    pub(super) revision: u64,
    /// When something in the cluster is done, by what.
    pub(super) due: BTreeMap<String, i64>,
    objects: BTreeMap<String, Objects>,
    #[serde(skip)]
    log: VecDeque<Event>,
}

/// What a write did.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// The number of the write.
    pub(super) revision: u64,
    /// The key of the resource.
    pub(super) resource: String,
    key: String,
    /// The object before.
    pub(super) before: Option<Arc<Value>>,
    /// The object after.
    pub(super) after: Option<Arc<Value>>,
}

/// The key of an object.
pub(super) fn key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}

impl Cluster {
    /// An empty cluster.
    pub(in super::super) fn new(site: &str, name: &str, version: &str) -> Self {
        Self {
            site: site.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            ..Self::default()
        }
    }

    /// All resources that it serves, in the order of their groups.
    pub(super) fn resources(&self) -> Vec<Resource> {
        let mut all = resource::built_in().to_vec();
        for definition in self
            .list("customresourcedefinitions.apiextensions.k8s.io")
            .values()
        {
            all.extend(Resource::of_definition(definition));
        }
        all
    }

    /// The resource of a path.
    pub(super) fn resource(&self, group: &str, version: &str, plural: &str) -> Option<Resource> {
        let is = |resource: &Resource| {
            resource.group == group && resource.version == version && resource.plural == plural
        };
        let known = resource::built_in()
            .iter()
            .find(|resource| is(resource))
            .cloned();
        known.or_else(|| {
            let name = format!("{plural}.{group}");
            let definition = self.get("customresourcedefinitions.apiextensions.k8s.io", &name)?;
            Resource::of_definition(&definition).into_iter().find(is)
        })
    }

    /// The resource of an object.
    pub(super) fn resource_of(&self, api_version: &str, kind: &str) -> Option<Resource> {
        self.resources()
            .into_iter()
            .find(|resource| resource.kind == kind && resource.api_version() == api_version)
    }

    /// The objects of a resource.
    pub(super) fn list(&self, resource: &str) -> &Objects {
        static NONE: Objects = Objects::new();
        self.objects.get(resource).unwrap_or(&NONE)
    }

    /// An object.
    pub(super) fn get(&self, resource: &str, key: &str) -> Option<Arc<Value>> {
        self.list(resource).get(key).cloned()
    }

    /// The objects of a resource after a write; none if that is forgotten.
    pub(super) fn list_at(&self, resource: &str, revision: u64) -> Option<Objects> {
        if revision < self.oldest() {
            return None;
        }
        let mut objects = self.list(resource).clone();
        for event in self.log.iter().rev() {
            if event.revision <= revision {
                break;
            }
            if event.resource == resource {
                match &event.before {
                    Some(before) => objects.insert(event.key.clone(), Arc::clone(before)),
                    None => objects.remove(&event.key),
                };
            }
        }
        Some(objects)
    }

    /// The first moment that is still known.
    pub(super) fn oldest(&self) -> u64 {
        let first = self.log.front().map(|event| event.revision);
        first.map_or(self.revision, |first| first.saturating_sub(1))
    }

    /// The cluster before its last write.
    pub(super) fn before(&self) -> Self {
        let mut past = self.clone();
        if let Some(last) = past.log.pop_back() {
            past.revision = last.revision.saturating_sub(1);
            let objects = past.objects.entry(last.resource).or_default();
            match last.before {
                Some(before) => objects.insert(last.key, before),
                None => objects.remove(&last.key),
            };
        }
        past
    }

    /// What happened after a write.
    pub(super) fn since(&self, revision: u64) -> impl Iterator<Item = &Event> {
        let from = self.log.partition_point(|event| event.revision <= revision);
        self.log.iter().skip(from)
    }

    /// Writes an object and gives it as it is kept.
    pub(super) fn put(&mut self, resource: &str, key: &str, mut object: Value) -> Arc<Value> {
        self.revision += 1;
        object["metadata"]["resourceVersion"] = json!(self.revision.to_string());
        let object = Arc::new(object);
        let objects = self.objects.entry(resource.to_owned()).or_default();
        let before = objects.insert(key.to_owned(), Arc::clone(&object));
        self.remember(resource, key, before, Some(Arc::clone(&object)));
        object
    }

    /// Takes an object away; the watchers see it with the number of that write.
    pub(super) fn delete(&mut self, resource: &str, key: &str) -> Option<Arc<Value>> {
        let before = self.objects.get_mut(resource)?.remove(key)?;
        self.revision += 1;
        self.remember(resource, key, Some(Arc::clone(&before)), None);
        Some(before)
    }

    fn remember(
        &mut self,
        resource: &str,
        key: &str,
        before: Option<Arc<Value>>,
        after: Option<Arc<Value>>,
    ) {
        self.log.push_back(Event {
            revision: self.revision,
            resource: resource.to_owned(),
            key: key.to_owned(),
            before,
            after,
        });
        if self.log.len() > REMEMBERED {
            self.log.pop_front();
        }
    }
}
