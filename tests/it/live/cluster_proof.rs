//! The bench's clusters and its Velero are what the tests take them for.

use serde_json::Value;

use super::bench::wait_for;
use super::cluster::{Cluster, Role};
use super::relay::Relay;
use super::{shared, velero};

/// A workload of this many.
fn deployment(namespace: &str, replicas: usize) -> String {
    format!(
        r#"
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: {namespace}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers: [{{name: web, image: "images.example/web:1", resources: {{requests: {{cpu: 100m}}}}}}]
"#
    )
}

#[test]
fn both_sites_have_their_nodes() {
    for (cluster, count) in [(shared::frankfurt(), 10), (shared::ireland(), 5)] {
        assert_eq!(cluster.ready_nodes(), count);
        let nodes = cluster.get(&["nodes"]);
        let cpu: Vec<&Value> = nodes["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| &node["status"]["allocatable"]["cpu"])
            .collect();
        assert_eq!(cpu, vec!["6400m"; count]);
    }
}

#[test]
fn a_workload_becomes_ready_and_is_scaled() {
    let cluster = shared::frankfurt();
    cluster.namespace("scaled");
    cluster.apply(&deployment("scaled", 3));
    let rollout = [
        "-n",
        "scaled",
        "rollout",
        "status",
        "deployment/web",
        "--timeout=120s",
    ];
    cluster.kubectl(&rollout);
    cluster.kubectl(&["-n", "scaled", "scale", "deployment/web", "--replicas=12"]);
    cluster.kubectl(&rollout);
    let web = cluster.get(&["-n", "scaled", "deployment/web"]);
    assert_eq!(web["status"]["readyReplicas"], 12);
}

#[test]
fn a_user_may_do_what_its_role_says_and_the_audit_tells_it() {
    let cluster = shared::ireland();
    cluster.namespace("roles");
    let dry = ["apply", "--server-side", "--dry-run=server", "-f", "-"];
    for (role, reads, dries) in [
        (Role::Admin, true, true),
        (Role::Planner, true, true),
        (Role::Reader, true, false),
        (Role::Nothing, false, false),
    ] {
        let user = cluster.user(role);
        let listed = cluster.run_as(&user.kubeconfig, &["-n", "roles", "get", "deployments"], "");
        assert_eq!(listed.status.success(), reads, "{role:?} {listed:?}");
        // A dry run that would create needs the permission to create.
        let dried = cluster.run_as(&user.kubeconfig, &dry, &deployment("roles", 1));
        assert_eq!(
            dried.status.success(),
            dries && role == Role::Admin,
            "{role:?} {dried:?}"
        );
        let asked = cluster.requests(&user);
        let list = asked.iter().find(|request| request.verb == "list").unwrap();
        assert!(
            list.uri
                .starts_with("/apis/apps/v1/namespaces/roles/deployments?"),
            "{list:?}"
        );
        assert_eq!(list.code, if reads { 200 } else { 403 });
    }
    assert_eq!(
        cluster.get(&["-n", "roles", "deployments"])["items"],
        serde_json::json!([])
    );
    // Where the object is there, the planner's dry run is enough.
    cluster.apply(&deployment("roles", 1));
    let planner = cluster.user(Role::Planner);
    let force = [dry.as_slice(), &["--force-conflicts"]].concat();
    let dried = cluster.run_as(&planner.kubeconfig, &force, &deployment("roles", 2));
    assert!(dried.status.success(), "{dried:?}");
    let patch = cluster
        .requests(&planner)
        .into_iter()
        .find(|request| request.verb == "patch");
    assert!(patch.unwrap().uri.contains("dryRun=All"));
}

#[test]
fn a_cluster_may_be_cut_off_die_and_come_back() {
    let mut cluster = Cluster::bare("lisbon");
    cluster.namespace("kept");
    let user = cluster.user(Role::Reader);
    let relay = Relay::to(cluster.port());
    let far = cluster.through(&relay, &user);
    let list = ["get", "namespace", "kept", "--request-timeout=2s"];
    assert!(cluster.run_as(&far, &list, "").status.success());
    relay.cut();
    assert!(!cluster.run_as(&far, &list, "").status.success());
    relay.heal();
    assert!(cluster.run_as(&far, &list, "").status.success());

    cluster.api.kill();
    assert!(!cluster.try_kubectl(&list, "").status.success());
    cluster.api.restart();
    cluster.wait_for_api();
    cluster.kubectl(&list);
}

#[test]
fn a_backup_of_the_primary_is_seen_and_restored_at_the_dr_site() {
    let (frankfurt, ireland) = (shared::frankfurt(), shared::ireland());
    let backups = shared::backups();
    frankfurt.namespace("saved");
    frankfurt.apply(&deployment("saved", 2));
    velero::back_up(frankfurt, "saved-1", "saved");
    assert!(
        backups
            .store
            .mc(&["ls", "here/velero/backups/"])
            .contains("saved-1")
    );
    wait_for("the DR site sees the backup", || {
        (velero::phase(ireland, "backup/saved-1") == "Completed").then_some(())
    });
    ireland.apply(
        r#"{"apiVersion": "velero.io/v1", "kind": "Restore",
            "metadata": {"name": "saved-1", "namespace": "velero"}, "spec": {"backupName": "saved-1"}}"#,
    );
    wait_for("the restore is Completed", || {
        let phase = velero::phase(ireland, "restore/saved-1");
        assert!(!phase.contains("Fail"), "{phase}");
        (phase == "Completed").then_some(())
    });
    ireland.kubectl(&[
        "-n",
        "saved",
        "rollout",
        "status",
        "deployment/web",
        "--timeout=120s",
    ]);
}

#[test]
fn a_page_of_a_list_is_gone_once_its_revision_is() {
    let mut cluster = Cluster::bare("porto");
    cluster.namespace("paged");
    for number in 0..3 {
        cluster.kubectl(&[
            "-n",
            "paged",
            "create",
            "configmap",
            &format!("page-{number}"),
        ]);
    }
    let path = "/api/v1/namespaces/paged/configmaps?limit=1";
    let first: Value = serde_json::from_str(&cluster.kubectl(&["get", "--raw", path])).unwrap();
    let next = format!(
        "{path}&continue={}",
        first["metadata"]["continue"].as_str().unwrap()
    );
    cluster.kubectl(&["get", "--raw", &next]);
    cluster.kubectl(&["-n", "paged", "create", "configmap", "later"]);
    cluster.expire_pages();
    let gone = cluster.try_kubectl(&["get", "--raw", &next], "");
    let why = String::from_utf8_lossy(&gone.stderr);
    assert!(
        !gone.status.success() && why.contains("too old"),
        "{gone:?}"
    );
}
