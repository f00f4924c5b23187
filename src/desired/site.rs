//! Sites, their connections, and the limits of these.
//!
//! In: decoded tables. Out: typed values. Must not know the cloud.

use std::collections::BTreeMap;

use super::parsed::Table;
use crate::model::{Map, Span, Value};

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

/// One site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// What it is now.
    pub role: Role,
    /// Its AWS account.
    pub aws: Option<Aws>,
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
            span: table.places.span,
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
        }
    }
}
