//! Something that could not be observed, with its scope and cause.

use serde::{Deserialize, Serialize};

use super::Address;

/// Why something could not be observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapCode {
    /// There are no credentials, or they have expired.
    Credentials,
    /// The service refused the read.
    Forbidden,
    /// The service went on refusing because of its rate limits.
    Throttled,
    /// The service could not be reached, or did not answer in time.
    Unreachable,
    /// The service answered with something that is not an answer of its interface.
    Garbled,
    /// The answer does not tell which of several objects is meant.
    Ambiguous,
    /// What the object lies in does not exist.
    MissingParent,
    /// The service failed.
    Service,
}

/// Something that could not be observed: everything in its scope is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The scope, such as `global/route53_zone/example.com`.
    pub scope: String,
    /// The kind of cause.
    pub code: GapCode,
    /// What happened, in words, with what to do next.
    pub cause: String,
    /// The declared objects that are unknown because of it.
    pub addresses: Vec<Address>,
}
