//! The key that signs plans: from a file, or from the environment of the process. Never from Git.

use std::path::Path;

use crate::model::signature::{SignatureError, SigningKey};

use super::error::CliError;

/// The variable that may hold the private key itself.
pub(crate) const PLAN_KEY: &str = "DRSYNC_PLAN_KEY";

/// Returns the key that was given; none if none was.
pub(crate) fn given(path: Option<&Path>) -> Result<Option<SigningKey>, CliError> {
    let (text, place) = match (path, std::env::var(PLAN_KEY)) {
        (Some(path), _) => {
            let text = std::fs::read_to_string(path).map_err(|source| CliError::File {
                action: "read",
                path: path.to_owned(),
                source,
            })?;
            (text, path.display().to_string())
        }
        (None, Ok(text)) if !text.trim().is_empty() => (text, PLAN_KEY.to_owned()),
        (None, _) => return Ok(None),
    };
    let text = format!("{}\n", text.trim());
    let key = SigningKey::parse(&text);
    key.map(Some)
        .map_err(|source: SignatureError| CliError::Key { place, source })
}
