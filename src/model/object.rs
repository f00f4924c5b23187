//! An object in the neutral shape: who it is, where it is read, what it holds.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Address, Fact, Map};

/// What is read as one piece, and so known or unknown as one piece.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The connection that it is read over: a site's name or `global` for an account, or
    /// [`cluster_connection`] or [`service_connection`].
    pub connection: Arc<str>,
    /// The piece, such as `route53_zone/example.com`.
    pub name: Arc<str>,
}

impl Scope {
    /// Returns the scope of this name, read over this connection.
    pub fn new(connection: impl Into<Arc<str>>, name: impl Into<Arc<str>>) -> Self {
        Self {
            connection: connection.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connection, self.name)
    }
}

/// Returns the connection to a cluster of a site.
#[must_use]
pub fn cluster_connection(site: &str, cluster: &str) -> String {
    format!("{site}/clusters/{cluster}")
}

/// Returns the connection to a data service of a site.
#[must_use]
pub fn service_connection(site: &str, service: &str) -> String {
    format!("{site}/services/{service}")
}

/// An object by identity and, where declared, by its fields: all that a kind needs to find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The identity.
    pub address: Address,
    /// Where it is read.
    pub scope: Scope,
    /// What the kind needs to name the object to the service, such as zone, name and type.
    pub identity: Map,
    /// The declared fields in canonical form.
    pub fields: Map,
}

/// What a declaration says about the treatment of its object, beside its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one independent word of a declaration"
)]
pub struct Flags {
    /// Compare, never write.
    #[serde(default, skip_serializing_if = "is_false")]
    pub observe: bool,
    /// Take over an object that is there without an applied record.
    #[serde(default, skip_serializing_if = "is_false")]
    pub adopt: bool,
    /// Delete the object when it leaves Git.
    #[serde(default, skip_serializing_if = "is_false")]
    pub prune: bool,
    /// Allow a change of the fields that the kind marks as a conversion.
    #[serde(default, skip_serializing_if = "is_false")]
    pub convert: bool,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// An observed object.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The identity; for an undeclared object, the one it would have if it were declared.
    pub address: Address,
    /// What the kind needs to name the object to the service; empty if the object was asked for,
    /// so that the asker has it.
    pub identity: Map,
    /// The observed fields in canonical form.
    pub fields: Map,
    /// What was only measured.
    pub facts: Vec<Fact>,
    /// The service's own spelling, where a write must repeat it and the canonical form differs.
    pub raw: Option<Map>,
    /// Whether it came with what it lies in, such as a zone's own NS and SOA records, and so is
    /// never deleted for being undeclared.
    pub intrinsic: bool,
    /// The reason why it may not be changed, for objects that the service or another tool owns.
    pub read_only: Option<&'static str>,
}

impl Resource {
    /// Returns an observed object without facts.
    #[must_use]
    pub const fn new(address: Address, identity: Map, fields: Map) -> Self {
        Self {
            address,
            identity,
            fields,
            facts: Vec::new(),
            raw: None,
            intrinsic: false,
            read_only: None,
        }
    }
}
