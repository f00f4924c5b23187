//! `kubectl diff --server-side`, the independent judge of which objects differ, on generated objects of fifteen kinds.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::Value;

use super::bench::{Folder, installed};
use super::cluster::{Cluster, Role, User};
use super::{objects, shared};

/// The manager that owns the fields: kubectl and drsync ask in its name.
const MANAGER: &str = "--field-manager=drsync";

/// The objects that kubectl finds different, as `Kind name`.
///
/// It writes both sides of each into folders and leaves them to a program: one that says the names is enough.
fn kubectl_differs(user: &User, desired: &[Value]) -> BTreeSet<String> {
    let folder = Folder::new("kubectl-diff");
    let judge = folder.write(
        "judge",
        "#!/bin/sh\nfor new in \"$2\"/*; do\n  cmp -s \"$1/${new##*/}\" \"$new\" || { echo \"${new##*/}\"; differs=1; }\ndone\nexit ${differs:-0}\n",
    );
    fs::set_permissions(&judge, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let manifest = folder.write("desired.json", &objects::list(desired));
    let output = Command::new(installed("kubectl", "kubernetes", "kubectl"))
        .env("KUBECONFIG", &user.kubeconfig)
        .env("KUBECACHEDIR", folder.join("cache"))
        .env("KUBECTL_EXTERNAL_DIFF", &judge)
        .args(["diff", "--server-side", MANAGER, "--concurrency=4", "-f"])
        .arg(manifest)
        .output()
        .unwrap();
    // 1 says that something differs; more, that kubectl itself failed.
    assert!(
        output.status.code().is_some_and(|code| code < 2),
        "{output:?}"
    );
    // `apps.v1.Deployment.namespace.name`
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|file| {
            let parts: Vec<&str> = file.rsplitn(4, '.').collect();
            format!("{} {}", parts[2], parts[0])
        })
        .collect()
}

/// A namespace with these objects, applied in the name of the manager.
pub(crate) fn create(cluster: &Cluster, namespace: &str, all: &[Value]) {
    cluster.namespace(namespace);
    let apply = ["apply", "--server-side", MANAGER, "-f", "-"];
    cluster.kubectl_with(&apply, &objects::list(all));
}

#[test]
fn kubectl_names_what_was_changed_and_nothing_that_was_respelled() {
    let cluster = shared::ireland();
    shared::backups();
    let live = objects::generated("agreement", 210);
    create(cluster, "agreement", &live);
    let user = cluster.user(Role::Admin);
    assert_eq!(kubectl_differs(&user, &live), BTreeSet::new());
    let respelled: Vec<Value> = live.iter().map(objects::respelled).collect();
    assert_ne!(respelled, live);
    assert_eq!(kubectl_differs(&user, &respelled), BTreeSet::new());
    // Each third differs, all kinds among them.
    let desired: Vec<Value> = (0..live.len())
        .map(|number| {
            objects::object(
                "agreement",
                number,
                usize::from(number % 3 == number / 15 % 3),
            )
        })
        .collect();
    let differ: BTreeSet<String> = desired
        .iter()
        .zip(&live)
        .filter(|(desired, live)| desired != live)
        .map(|(desired, _)| objects::key(desired))
        .collect();
    assert_eq!(differ.len(), 70);
    assert_eq!(kubectl_differs(&user, &desired), differ);
}
