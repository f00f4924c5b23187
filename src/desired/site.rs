//! Sites, their connections, and the limits of these.
//!
//! In: decoded tables. Out: typed values. Must not know the cloud.

use std::collections::BTreeMap;

use super::parsed::Table;
use crate::model::{Map, SecretRef, Span, Value};

/// What a site is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It serves.
    Primary,
    /// It takes over.
    Dr,
}

/// How to reach an AWS account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aws {
    /// The twelve digits of the account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The role that readers assume.
    pub read_role: Option<String>,
    /// The role that writers assume.
    pub write_role: Option<String>,
    /// The profile of the usual AWS configuration files.
    pub profile: Option<String>,
    /// Endpoints by service: `route53`, `s3`, `sts`.
    pub endpoints: BTreeMap<String, String>,
    /// Whether bucket names stand in the path of S3 addresses.
    pub path_style: bool,
}

/// Where the state is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateStore {
    /// The place: a folder relative to the root, or a URL.
    pub url: String,
    /// The region of the bucket.
    pub region: Option<String>,
    /// The endpoint of S3.
    pub endpoint: Option<String>,
    /// Whether the bucket's name stands in the path of addresses.
    pub path_style: bool,
    /// The profile of the usual AWS configuration files.
    pub profile: Option<String>,
    /// The role that is assumed to read.
    pub read_role: Option<String>,
    /// The role that is assumed to write.
    pub write_role: Option<String>,
}

/// How to reach a Kubernetes cluster.
///
/// Never by a path: a kubeconfig can name programs to run, and what Git holds cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cluster {
    /// By a context of the usual kubeconfig.
    Context(String),
    /// By the name of an EKS cluster in the account and region of the site.
    Eks(String),
    /// By the service account of the pod that drsync runs in.
    InCluster,
}

/// A name that may stand in the text, or be kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// It stands in the text.
    Named(String),
    /// It is kept elsewhere.
    Kept(SecretRef),
}

/// How to reach a data service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its address, or those of its members.
    pub urls: Vec<String>,
    /// The user.
    pub user: Option<User>,
    /// The user's password.
    pub password: Option<SecretRef>,
    /// A bearer token.
    pub token: Option<SecretRef>,
    /// Certificates that are trusted beside those of the machine.
    pub ca: Option<SecretRef>,
    /// The client certificate.
    pub certificate: Option<SecretRef>,
    /// The key of the client certificate.
    pub key: Option<SecretRef>,
}

/// One site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What it is now.
    pub role: Role,
    /// Its AWS account.
    pub aws: Option<Aws>,
    /// Its Kubernetes clusters by name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Its data services by name.
    pub services: BTreeMap<String, Service>,
    /// Where it is declared.
    pub span: Span,
}

/// The share of each account's rate limits that may be used; none means the usual share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Route 53 requests a second.
    pub route53_requests_per_second: Option<f64>,
    /// Route 53 requests that may gather while none is sent.
    pub route53_burst: Option<u32>,
    /// Route 53 record changes a second.
    pub route53_changes_per_second: Option<f64>,
    /// S3 configuration requests a second.
    pub s3_requests_per_second: Option<f64>,
    /// Requests a second to each Kubernetes cluster.
    pub kubernetes_requests_per_second: Option<f64>,
    /// Requests a second to each data service.
    pub service_requests_per_second: Option<f64>,
}

impl Site {
    pub(super) fn of(table: &Table) -> Self {
        let role = match table.values.text("role") {
            Some("primary") => Role::Primary,
            _ => Role::Dr,
        };
        Self {
            role,
            aws: table.values.map("aws").map(Aws::of),
            clusters: by_name(&table.values, "clusters", Cluster::of),
            services: by_name(&table.values, "services", |map| Some(Service::of(map))),
            span: table.places.span,
        }
    }
}

/// Returns what the tables under the names of a table make.
fn by_name<T>(map: &Map, key: &str, of: impl Fn(&Map) -> Option<T>) -> BTreeMap<String, T> {
    let tables = map.map(key).into_iter().flat_map(Map::iter);
    tables
        .filter_map(|(name, table)| Some((name.to_owned(), of(table.as_map()?)?)))
        .collect()
}

impl Cluster {
    /// Returns the cluster that a table means, if it says exactly one way to it.
    pub(super) fn of(map: &Map) -> Option<Self> {
        let in_cluster = map.bool("in_cluster").unwrap_or_default();
        match (map.text("context"), map.text("eks"), in_cluster) {
            (Some(name), None, false) => Some(Self::Context(name.to_owned())),
            (None, Some(name), false) => Some(Self::Eks(name.to_owned())),
            (None, None, true) => Some(Self::InCluster),
            _ => None,
        }
    }
}

impl Service {
    fn of(map: &Map) -> Self {
        let empty = Map::new();
        let (tls, auth) = (
            map.map("tls").unwrap_or(&empty),
            map.map("auth").unwrap_or(&empty),
        );
        let urls = match map.get("url") {
            Some(Value::List(urls)) => urls.iter().filter_map(Value::as_text).collect(),
            url => Vec::from_iter(url.and_then(Value::as_text)),
        };
        Self {
            urls: urls.into_iter().map(str::to_owned).collect(),
            user: match auth.get("user") {
                Some(Value::Text(name)) => Some(User::Named(name.to_string())),
                kept => kept.and_then(SecretRef::of).map(User::Kept),
            },
            password: SecretRef::at(auth, "password"),
            token: SecretRef::at(auth, "token"),
            ca: SecretRef::at(tls, "ca"),
            certificate: SecretRef::at(tls, "certificate"),
            key: SecretRef::at(tls, "key"),
        }
    }

    /// Returns what is wrong with who asks, if anything is.
    pub(super) fn wrong_auth(map: &Map) -> Option<&'static str> {
        let own = Self::of(map);
        if own.urls.is_empty() {
            Some("it has no address")
        } else if own.user.is_some() != own.password.is_some() {
            Some("it has a user without a password, or a password without a user")
        } else if own.token.is_some() && own.user.is_some() {
            Some("it has a token and a user as well")
        } else if own.certificate.is_some() != own.key.is_some() {
            Some("it has a certificate without a key, or a key without a certificate")
        } else {
            None
        }
    }
}

impl Aws {
    pub(super) fn of(map: &Map) -> Self {
        let text = |key| map.text(key).map(str::to_owned);
        let endpoints = map.map("endpoints").into_iter().flat_map(Map::iter);
        Self {
            account: text("account").unwrap_or_default(),
            region: text("region").unwrap_or_default(),
            read_role: text("read_role"),
            write_role: text("write_role"),
            profile: text("profile"),
            endpoints: endpoints
                .filter_map(|(name, url)| Some((name.to_owned(), url.as_text()?.to_owned())))
                .collect(),
            path_style: map.bool("path_style").unwrap_or_default(),
        }
    }
}

impl StateStore {
    pub(super) fn of(value: &Value) -> Self {
        let Value::Map(map) = value else {
            return Self {
                url: value.as_text().unwrap_or_default().to_owned(),
                ..Self::default()
            };
        };
        let text = |key| map.text(key).map(str::to_owned);
        Self {
            url: text("url").unwrap_or_default(),
            region: text("region"),
            endpoint: text("endpoint"),
            path_style: map.bool("path_style").unwrap_or_default(),
            profile: text("profile"),
            read_role: text("read_role"),
            write_role: text("write_role"),
        }
    }
}

impl Limits {
    pub(super) fn of(map: &Map) -> Self {
        let number = |key| match map.get(key) {
            Some(Value::Float(number)) => Some(*number),
            _ => None,
        };
        Self {
            route53_requests_per_second: number("route53_requests_per_second"),
            route53_burst: map
                .int("route53_burst")
                .and_then(|burst| u32::try_from(burst).ok()),
            route53_changes_per_second: number("route53_changes_per_second"),
            s3_requests_per_second: number("s3_requests_per_second"),
            kubernetes_requests_per_second: number("kubernetes_requests_per_second"),
            service_requests_per_second: number("service_requests_per_second"),
        }
    }
}
