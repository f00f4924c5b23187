//! The bench of real servers, and what is proved on it.
//!
//! `tests/live/install` builds and installs the servers; a missing one is an error, never a skipped test. Servers
//! that change nobody's mind are shared by all tests of the process (`shared`), where each test has a namespace or a
//! database of its own; a test that breaks a server starts its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]
#![allow(dead_code, reason = "some helpers wait for the kinds that they prove")]

pub(crate) mod bench;
pub(crate) mod cluster;
pub(crate) mod etcd;
pub(crate) mod haproxy;
pub(crate) mod http;
pub(crate) mod keycloak;
pub(crate) mod minio;
pub(crate) mod monitoring;
pub(crate) mod objects;
pub(crate) mod patroni;
pub(crate) mod pgbackrest;
pub(crate) mod powerdns;
pub(crate) mod redis;
pub(crate) mod relay;
pub(crate) mod shared;
pub(crate) mod velero;

mod agreement;
mod bench_proof;
mod cluster_proof;
mod data_faults;
mod data_proof;
mod observed_story;
mod patroni_story;
mod reader_proof;
mod state_proof;
mod story;
