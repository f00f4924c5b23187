//! S3 bucket configuration, REST-XML 2006-03-01, path style.

pub(crate) mod bucket;
pub(crate) mod configs;
pub(crate) mod lifecycle;
pub(crate) mod replication;
pub(crate) mod route;
pub(crate) mod settings;

#[cfg(test)]
mod rule_tests;
#[cfg(test)]
mod tests;
