//! Secrets, read where a reference says they are, at the moment of connecting.

use std::fmt;

use super::error::CloudError;
use crate::model::{GapCode, SecretRef};

/// A secret; it prints as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns a secret that was made up here.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reads the secret that a reference names; a file's last line break is no part of it.
    pub fn read(reference: &SecretRef) -> Result<Self, CloudError> {
        let read = match reference {
            SecretRef::Env(name) => std::env::var(name).map_err(|error| error.to_string()),
            SecretRef::File(path) => {
                std::fs::read_to_string(path).map_err(|error| error.to_string())
            }
        };
        match read
            .as_deref()
            .map(|text| text.trim_end_matches(['\r', '\n']))
        {
            Ok("") => Err(missing(reference, "it is empty")),
            Ok(text) => Ok(Self(text.to_owned())),
            Err(why) => Err(missing(reference, why)),
        }
    }

    /// Returns the secret itself, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn missing(reference: &SecretRef, why: &str) -> CloudError {
    CloudError::local(
        GapCode::Credentials,
        format!("{reference}, which holds a secret, cannot be used: {why}"),
    )
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_from_its_file_and_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "hunter2\n").unwrap();
        let secret = Secret::read(&SecretRef::File(path)).unwrap();
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(format!("{secret:?}"), "(secret)");
    }

    #[test]
    fn a_secret_that_is_not_there_is_missing_credentials() {
        let folder = tempfile::tempdir().unwrap();
        let error = Secret::read(&SecretRef::File(folder.path().join("none"))).unwrap_err();
        assert_eq!(error.code, GapCode::Credentials);
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        assert!(Secret::read(&SecretRef::File(folder.path().join("empty"))).is_err());
    }
}
