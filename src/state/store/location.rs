//! Where a store is, as it is declared or given on the command line.
//!
//! In: a text such as `s3://bucket/prefix`. Out: the store, opened.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ConfigMaps, Folder, Objects, Store, StoreError};
use crate::cloud::{Bucket, Platform, open_bucket};

/// What is declared of a bucket beside its URL.
pub type BucketOptions = Bucket;

/// The place of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A local folder.
    Folder(PathBuf),
    /// A bucket and a prefix in it.
    Bucket {
        /// How to reach it.
        bucket: Bucket,
        /// What the names of all objects begin with.
        prefix: String,
    },
    /// ConfigMaps of a cluster.
    ConfigMaps {
        /// The context of the kubeconfig, or `in-cluster`.
        context: String,
        /// The namespace.
        namespace: String,
        /// What the names of all ConfigMaps begin with.
        name: String,
    },
}

impl Location {
    /// Reads a place: `s3://BUCKET/PREFIX`, `kubernetes://CONTEXT/NAMESPACE/NAME`, or a folder, with
    /// or without `file:` before it. A relative folder is relative to `base`.
    ///
    /// The error says what is wrong with it, for people.
    pub fn parse(text: &str, base: &Path) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("s3://") {
            let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let prefix = prefix.trim_matches('/');
            if name.is_empty() || prefix.split('/').any(|part| part == "..") {
                return Err("it reads s3://BUCKET/PREFIX".to_owned());
            }
            return Ok(Self::Bucket {
                bucket: Bucket {
                    name: name.to_owned(),
                    ..Bucket::default()
                },
                prefix: prefix.to_owned(),
            });
        }
        if let Some(rest) = text.strip_prefix("kubernetes://") {
            let mut parts = rest.rsplitn(3, '/');
            let mut part = || parts.next().filter(|part| !part.is_empty());
            let (name, namespace, context) = (part(), part(), part());
            return match (context, namespace, name) {
                (Some(context), Some(namespace), Some(name))
                    if is_label(namespace) && is_label(name) =>
                {
                    Ok(Self::ConfigMaps {
                        context: context.to_owned(),
                        namespace: namespace.to_owned(),
                        name: name.to_owned(),
                    })
                }
                _ => Err(
                    "it reads kubernetes://CONTEXT/NAMESPACE/NAME, the last two in lower-case letters, digits and hyphens"
                        .to_owned(),
                ),
            };
        }
        let path = text
            .strip_prefix("file://")
            .or_else(|| text.strip_prefix("file:"))
            .unwrap_or(text);
        if let Some((scheme, _)) = path.split_once("://") {
            return Err(format!(
                "no store speaks `{scheme}`; there are s3://, kubernetes:// and folders"
            ));
        }
        if path.is_empty() {
            return Err("it names no folder".to_owned());
        }
        Ok(Self::Folder(base.join(path)))
    }

    /// Opens the store. Nothing is read yet.
    pub async fn open(&self, platform: &Platform) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Folder(path) => Ok(Arc::new(Folder::open(path)?)),
            Self::Bucket { bucket, prefix } => {
                let objects =
                    open_bucket(platform, bucket)
                        .await
                        .map_err(|error| StoreError::Unusable {
                            place: self.to_string(),
                            why: error.to_string(),
                        })?;
                Ok(Arc::new(Objects::new(objects, prefix, &self.to_string())))
            }
            Self::ConfigMaps {
                context,
                namespace,
                name,
            } => {
                let place = self.to_string();
                let maps = ConfigMaps::connect(context, namespace, name, &place).await?;
                Ok(Arc::new(maps))
            }
        }
    }

    /// Returns whether other machines see the same store.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        !matches!(self, Self::Folder(_))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket { bucket, prefix } => write!(f, "s3://{}/{prefix}", bucket.name),
            Self::ConfigMaps {
                context,
                namespace,
                name,
            } => write!(f, "kubernetes://{context}/{namespace}/{name}"),
        }
    }
}

/// Returns whether a text is a label of Kubernetes (RFC 1123).
fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 63 && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, String> {
        Location::parse(text, Path::new("/root")).map(|location| location.to_string())
    }

    #[test]
    fn a_place_is_read_in_each_of_its_forms() {
        for (text, place) in [
            ("s3://state/prod/a/", "s3://state/prod/a"),
            ("s3://state", "s3://state/"),
            (
                "kubernetes://ops/drsync/prod",
                "kubernetes://ops/drsync/prod",
            ),
            (
                "kubernetes://arn:aws:eks:eu-west-1:1:cluster/ops/drsync/prod",
                "kubernetes://arn:aws:eks:eu-west-1:1:cluster/ops/drsync/prod",
            ),
            ("file:///var/lib/drsync", "/var/lib/drsync"),
            ("file:kept", "/root/kept"),
            ("kept/here", "/root/kept/here"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(place), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in [
            "",
            "file:",
            "s3://",
            "s3:///prefix",
            "s3://a/../b",
            "gs://bucket/x",
            "kubernetes://drsync/prod",
            "kubernetes://ops/Drsync/prod",
            "kubernetes://ops/drsync/",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
