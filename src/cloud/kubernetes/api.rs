//! A type of object of an API server, and the paths of its objects.

use serde_json::Value as Json;

/// A type of object that an API server serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Api {
    /// The group; empty for the core.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The name in paths, such as `deployments`.
    pub plural: String,
    /// Whether objects lie in namespaces.
    pub namespaced: bool,
}

/// Where one object is.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The type.
    pub api: &'a Api,
    /// The namespace; none for types without.
    pub namespace: Option<&'a str>,
    /// The name.
    pub name: &'a str,
}

impl Api {
    /// Returns a type of the version of a group, such as `apps/v1`, or of the core, such as `v1`.
    #[must_use]
    pub fn new(api_version: &str, kind: &str, plural: &str, namespaced: bool) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
            namespaced,
        }
    }

    /// Returns the group and version as objects state them.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// Returns the name with the group, such as `deployments.apps`.
    #[must_use]
    pub fn full_name(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// Returns the path of all objects, or of those in a namespace.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        };
        match namespace.filter(|_| self.namespaced) {
            Some(namespace) => format!("{root}/namespaces/{}/{}", step(namespace), self.plural),
            None => format!("{root}/{}", self.plural),
        }
    }
}

impl Place<'_> {
    pub(super) fn path(self) -> String {
        format!("{}/{}", self.api.path(self.namespace), step(self.name))
    }
}

/// Returns a name as a step of a path.
///
/// Rule: names of most types are DNS names; those of RBAC may hold other characters.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>
pub(super) fn step(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Returns the types of an aggregated discovery document, the preferred version of each first.
///
/// Rule: <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery>
pub(super) fn aggregated(document: &Json) -> Vec<Api> {
    let mut apis = Vec::new();
    for group in list(document, "items") {
        let name = text(group.pointer("/metadata/name"));
        for version in list(group, "versions") {
            for resource in list(version, "resources") {
                apis.push(Api {
                    group: name.to_owned(),
                    version: text(version.get("version")).to_owned(),
                    kind: text(resource.pointer("/responseKind/kind")).to_owned(),
                    plural: text(resource.get("resource")).to_owned(),
                    namespaced: text(resource.get("scope")) == "Namespaced",
                });
            }
        }
    }
    apis
}

/// Returns the types of the plain discovery document of one version of a group.
pub(super) fn plain(api_version: &str, document: &Json) -> Vec<Api> {
    let resources = list(document, "resources").filter(|one| !text(one.get("name")).contains('/'));
    resources
        .map(|one| {
            let namespaced = one.get("namespaced").and_then(Json::as_bool);
            let (kind, plural) = (text(one.get("kind")), text(one.get("name")));
            Api::new(api_version, kind, plural, namespaced.unwrap_or_default())
        })
        .collect()
}

fn list<'j>(value: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> {
    value
        .get(key)
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
}

fn text(value: Option<&Json>) -> &str {
    value.and_then(Json::as_str).unwrap_or_default()
}
