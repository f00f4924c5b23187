//! Servers that live as long as the test process, because each takes seconds to start.
//!
//! A test changes only what is its own: a namespace, a bucket, a user. It reads what belongs to all (nodes). The
//! kernel ends these servers with the process.

use std::sync::LazyLock;

use super::cluster::Cluster;
use super::minio::Minio;
use super::patroni::Databases;
use super::relay::Relay;
use super::velero::{BUCKET, Velero};

/// The primary site: ten nodes of 6.4 cores.
pub(crate) fn frankfurt() -> &'static Cluster {
    static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::with_nodes("frankfurt", 10));
    &CLUSTER
}

/// The DR site: five nodes of 6.4 cores.
pub(crate) fn ireland() -> &'static Cluster {
    static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::with_nodes("ireland", 5));
    &CLUSTER
}

/// Velero at both sites, over one store at the DR site.
#[derive(Debug)]
pub(crate) struct Backups {
    /// Where both keep their backups.
    pub(crate) store: Minio,
    /// The way of the primary site to the store.
    pub(crate) link: Relay,
    /// The server of the primary site.
    pub(crate) frankfurt: Velero,
    /// The server of the DR site, whose location is read-only.
    pub(crate) ireland: Velero,
}

impl Backups {
    /// Starts a store and a Velero at each of two clusters.
    pub(crate) fn start(primary: &Cluster, dr: &Cluster) -> Self {
        let store = Minio::start("backups");
        store.mc(&["mb", &format!("here/{BUCKET}")]);
        let link = Relay::to(store.port());
        // The DR site looks for backups once a minute from its start: so it starts first.
        let ireland = Velero::start(dr, store.port(), "ReadOnly");
        let frankfurt = Velero::start(primary, link.port(), "ReadWrite");
        Self {
            store,
            link,
            frankfurt,
            ireland,
        }
    }
}

/// Velero at both shared sites.
pub(crate) fn backups() -> &'static Backups {
    static BACKUPS: LazyLock<Backups> = LazyLock::new(|| Backups::start(frankfurt(), ireland()));
    &BACKUPS
}

/// Two Patroni clusters. A test that stops or promotes one starts its own.
pub(crate) fn databases() -> &'static Databases {
    static DATABASES: LazyLock<Databases> = LazyLock::new(Databases::start);
    &DATABASES
}
