//! A real Velero server at one site, over a bucket that both sites share.
//!
//! Volumes are not backed up: that needs a node agent with real mounts. Objects are, and restored.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::bench::{Folder, Server, command, installed, version, wait_for};
use super::cluster::Cluster;
use super::minio;

/// Where Velero and its objects live.
pub(crate) const NAMESPACE: &str = "velero";
/// The bucket of the backups.
pub(crate) const BUCKET: &str = "velero";

/// A running server; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Velero {
    /// The process; a test that owns it may kill, pause and restart it.
    pub(crate) server: Server,
    _folder: Folder,
}

impl Velero {
    /// Installs the definitions and starts the server. `store` is the port of a store with the bucket, or of a relay
    /// to it; `access` is `ReadWrite` or `ReadOnly`. About 3 s until the location is Available.
    pub(crate) fn start(cluster: &Cluster, store: u16, access: &str) -> Self {
        let folder = Folder::new(&format!("velero-{}", cluster.site()));
        cluster.define(&installed("velero", "velero", "crds"));
        cluster.apply(&objects(store, access).to_string());

        let plugins = folder.join("plugins");
        fs::create_dir(&plugins).unwrap();
        let plugin = "velero-plugin-for-aws";
        // Velero runs whatever is in the folder of its plugins.
        std::os::unix::fs::symlink(installed(plugin, plugin, plugin), plugins.join(plugin))
            .unwrap();
        let credentials = folder.write(
            "credentials",
            &format!(
                "[default]\naws_access_key_id={}\naws_secret_access_key={}\n",
                minio::KEY,
                minio::SECRET
            ),
        );
        let mut velero = command(installed("velero", "velero", "velero"));
        velero.args(["server", "--namespace", NAMESPACE, "--log-level", "info"]);
        velero
            .arg("--kubeconfig")
            .arg(cluster.kubeconfig_of("velero"));
        velero.arg("--plugin-dir").arg(&plugins);
        velero.args(["--profiler-address", "", "--metrics-address"]);
        velero.arg(format!("127.0.0.1:{}", super::bench::port()));
        velero.env("AWS_SHARED_CREDENTIALS_FILE", credentials);
        velero.env("AWS_EC2_METADATA_DISABLED", "true");
        velero.env("VELERO_NAMESPACE", NAMESPACE);
        velero.env("VELERO_SCRATCH_DIR", scratch(folder.path()));
        let mut server = Server::start(&folder, "velero", velero);
        server.wait(|| phase(cluster, "backupstoragelocation/default") == "Available");
        Self {
            server,
            _folder: folder,
        }
    }
}

/// Makes a backup of one namespace and waits until it is Completed. About 1 s.
#[track_caller]
pub(crate) fn back_up(cluster: &Cluster, name: &str, namespace: &str) {
    let backup = json!({
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"velero.io/storage-location": "default"}},
        "spec": {"includedNamespaces": [namespace], "storageLocation": "default", "ttl": "720h0m0s"},
    });
    cluster.apply(&backup.to_string());
    wait_for(&format!("backup {name} is Completed"), || {
        let phase = phase(cluster, &format!("backup/{name}"));
        assert!(!phase.contains("Fail"), "backup {name} is {phase}");
        (phase == "Completed").then_some(())
    });
}

/// The phase of an object of Velero; empty where it has none, or does not exist.
pub(crate) fn phase(cluster: &Cluster, object: &str) -> String {
    let arguments = [
        "-n",
        NAMESPACE,
        "get",
        object,
        "-o",
        "jsonpath={.status.phase}",
        "--ignore-not-found",
    ];
    cluster.kubectl(&arguments)
}

/// What an installation has beside its definitions.
fn objects(store: u16, access: &str) -> Value {
    let labels = json!({"component": "velero"});
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "velero.io/v1",
            "kind": "BackupStorageLocation",
            "metadata": {"name": "default", "namespace": NAMESPACE},
            "spec": {
                "provider": "aws",
                "default": true,
                "accessMode": access,
                "backupSyncPeriod": "10s",
                "validationFrequency": "10s",
                "objectStorage": {"bucket": BUCKET},
                "config": {
                    "region": "minio",
                    "s3ForcePathStyle": "true",
                    "s3Url": format!("http://127.0.0.1:{store}"),
                },
            },
        },
        // Without it a restore restores nothing. The server itself is a process beside the cluster.
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "velero", "namespace": NAMESPACE},
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [{
                    "name": "velero",
                    "image": format!("velero/velero:v{}", version("velero")),
                }]}},
            },
        },
    ]})
}

fn scratch(folder: &Path) -> std::path::PathBuf {
    let scratch = folder.join("scratch");
    fs::create_dir(&scratch).unwrap();
    scratch
}
