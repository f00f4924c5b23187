//! The stored form of all objects: JSON with a version of its format.
//!
//! In: values and bytes. Out: bytes and values. A reader of the same major version ignores keys
//! that it does not know; it refuses another major version, because it would misread or lose what
//! that holds. Format 1 was that of a local folder without leases; it is read, and the first
//! writer that takes the lock turns it into format 2.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StateError;

/// The format that this version writes.
pub(super) const FORMAT_VERSION: &str = "2.0";
/// The major versions that this version reads.
const READ: [&str; 2] = ["1", "2"];

#[derive(Deserialize)]
struct Version {
    format_version: String,
}

/// Fails unless an object is of a format that is read here.
pub(super) fn check(name: &str, bytes: &[u8]) -> Result<(), StateError> {
    // The version first, on its own: a newer format may differ in everything else.
    let Version { format_version } = decode(name, bytes)?;
    known(name, &format_version)
}

/// Fails unless a version is read here.
pub(super) fn known(name: &str, version: &str) -> Result<(), StateError> {
    let major = version.split('.').next().unwrap_or(version);
    if READ.contains(&major) {
        Ok(())
    } else {
        Err(StateError::Format {
            name: name.to_owned(),
            version: version.to_owned(),
        })
    }
}

/// Reads a value.
pub(super) fn decode<T: DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, StateError> {
    serde_json::from_slice(bytes).map_err(|source| StateError::Malformed {
        name: name.to_owned(),
        line: source.line(),
        source,
    })
}

/// Writes a value.
pub(super) fn encode<T: Serialize>(name: &str, value: &T) -> Result<Bytes, StateError> {
    match serde_json::to_vec(value) {
        Ok(bytes) => Ok(bytes.into()),
        Err(source) => Err(StateError::Unstorable {
            name: name.to_owned(),
            source,
        }),
    }
}
