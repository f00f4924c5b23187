//! A real Kubernetes cluster as plain processes: etcd, API server, controllers, scheduler, and nodes by KWOK.
//!
//! In: the name of a site. Out: a kubeconfig for each user, and an independent client (kubectl). Pods become ready
//! without anything that runs in them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::bench::{self, Folder, Server, command, installed, output, wait_for};
use super::relay::Relay;
use super::{etcd, http};

/// How many users a cluster has to give away.
const USERS: usize = 64;
/// The token of those who run the cluster.
const ADMIN: &str = "token-of-admin";
/// Those whose requests the audit log leaves out.
const MACHINERY: [&str; 6] = [
    "system:bench",
    "system:kube-controller-manager",
    "system:kube-scheduler",
    "system:kwok",
    "system:velero",
    "system:apiserver",
];
/// What the controller manager runs: all that workloads, namespaces and disruption budgets need.
const CONTROLLERS: &str = "deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,\
    horizontal-pod-autoscaler-controller,namespace-controller,garbage-collector-controller,\
    serviceaccount-controller,endpoints-controller,endpointslice-controller,disruption-controller,job-controller,\
    cronjob-controller,node-lifecycle-controller";
/// Who may do what, beside the roles that every cluster has.
const ROLES: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: bench-reader}
rules:
- {apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: bench-planner}
rules:
- {apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: bench-nothing}
rules: []
"#;

/// What a user may do in the whole cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Everything.
    Admin,
    /// Read everything, and PATCH, which a dry run needs.
    Planner,
    /// Read everything.
    Reader,
    /// Nothing, unless a test binds a role.
    Nothing,
}

/// A user that no other test has, so that the audit log tells who asked what.
#[derive(Clone, Debug)]
pub(crate) struct User {
    /// As the cluster knows it.
    pub(crate) name: String,
    /// A kubeconfig with one context, named like the site.
    pub(crate) kubeconfig: PathBuf,
}

/// One request as the API server saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// `list`, `get`, `patch`, ...
    pub(crate) verb: String,
    /// Path and query.
    pub(crate) uri: String,
    /// The status code of the answer.
    pub(crate) code: u64,
}

/// A running cluster. Its processes are killed when it is dropped, those that talk to others first.
#[derive(Debug)]
pub(crate) struct Cluster {
    site: String,
    port: u16,
    store: u16,
    users: AtomicUsize,
    kwok: Option<Server>,
    scheduler: Option<Server>,
    controllers: Option<Server>,
    /// The API server; a test that owns the cluster may kill, pause and restart it.
    pub(crate) api: Server,
    /// Where the API server keeps everything.
    pub(crate) etcd: Server,
    /// The last, so that nothing writes into it any more.
    folder: Folder,
}

impl Cluster {
    /// A cluster that stores and validates objects, but where no controller acts. About 3 s.
    pub(crate) fn bare(site: &str) -> Self {
        let folder = Folder::new(site);
        let (etcd, store) = etcd::start(&folder);
        let port = bench::port();
        let key = folder.join("sa.key");
        let mut generate = Command::new("openssl");
        generate.args([
            "ecparam",
            "-name",
            "prime256v1",
            "-genkey",
            "-noout",
            "-out",
        ]);
        output(generate.arg(&key));
        let mut api = command(kubernetes("kube-apiserver"));
        api.args([
            &format!("--etcd-servers=http://127.0.0.1:{store}"),
            &format!("--secure-port={port}"),
        ]);
        api.args([
            "--bind-address=127.0.0.1",
            "--service-cluster-ip-range=10.96.0.0/16",
        ]);
        api.arg("--cert-dir").arg(folder.join("certs"));
        api.arg("--service-account-issuer=https://kubernetes.default.svc");
        api.arg("--service-account-key-file").arg(&key);
        api.arg("--service-account-signing-key-file").arg(&key);
        api.args(["--authorization-mode=RBAC", "--allow-privileged=true"]);
        api.arg("--disable-admission-plugins=ServiceAccount");
        api.arg("--token-auth-file")
            .arg(folder.write("tokens.csv", &tokens()));
        let policy = folder.write("audit.json", &audit_policy().to_string());
        api.arg("--audit-policy-file").arg(policy);
        api.arg("--audit-log-path").arg(folder.join("audit.log"));
        let api = Server::start(&folder, "kube-apiserver", api);

        let mut cluster = Self {
            site: site.to_owned(),
            port,
            store,
            users: AtomicUsize::new(0),
            kwok: None,
            scheduler: None,
            controllers: None,
            api,
            etcd,
            folder,
        };
        cluster.write_kubeconfig("admin", ADMIN, port);
        cluster.wait_for_api();
        cluster.apply(ROLES);
        cluster
    }

    /// A cluster whose controllers and scheduler run, with this many nodes, all Ready.
    ///
    /// The nodes of a site sum up to half of what the strategy of a mid-sized platform has at its primary site for
    /// each five nodes: 6.4 cores, 40 GB memory and 1 TB storage each.
    pub(crate) fn with_nodes(site: &str, count: usize) -> Self {
        let mut cluster = Self::bare(site);
        let port_off = "--secure-port=0";
        let mut controllers = cluster.client(kubernetes("kube-controller-manager"), "controllers");
        controllers.args([
            "--leader-elect=false",
            port_off,
            "--use-service-account-credentials=false",
        ]);
        controllers.arg(format!("--controllers={CONTROLLERS}"));
        let mut scheduler = cluster.client(kubernetes("kube-scheduler"), "scheduler");
        scheduler.args(["--leader-elect=false", port_off]);
        let mut kwok = cluster.client(installed("kwok", "kwok", "kwok"), "kwok");
        kwok.args([
            "--manage-all-nodes=true",
            "--node-lease-duration-seconds=40",
        ]);
        kwok.arg("--config")
            .arg(installed("kwok", "kwok", "stages.yaml"));
        kwok.args(["--server-address", &format!("127.0.0.1:{}", bench::port())]);
        let start = |name, command| Some(Server::start(&cluster.folder, name, command));
        (cluster.controllers, cluster.scheduler, cluster.kwok) = (
            start("kube-controller-manager", controllers),
            start("kube-scheduler", scheduler),
            start("kwok", kwok),
        );
        cluster.apply(&nodes(site, count).to_string());
        wait_for(&format!("{count} nodes of {site} are Ready"), || {
            (cluster.ready_nodes() == count).then_some(())
        });
        cluster
    }

    /// The name of the site, which is the context of every kubeconfig.
    pub(crate) fn site(&self) -> &str {
        &self.site
    }

    /// The port of the API server.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where the files and the logs are.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The kubeconfig of those who run the cluster; what they do is in no test's audit.
    pub(crate) fn admin(&self) -> PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    /// A user of its own for a test.
    pub(crate) fn user(&self, role: Role) -> User {
        let number = self.users.fetch_add(1, Ordering::Relaxed);
        assert!(number < USERS, "{USERS} users are not enough");
        let name = format!("user-{number:02}");
        let role = match role {
            Role::Admin => "cluster-admin",
            Role::Planner => "bench-planner",
            Role::Reader => "bench-reader",
            Role::Nothing => "bench-nothing",
        };
        self.kubectl(&[
            "create",
            "clusterrolebinding",
            &name,
            &format!("--clusterrole={role}"),
            &format!("--user={name}"),
        ]);
        let kubeconfig = self.write_kubeconfig(&name, &format!("token-of-{name}"), self.port);
        // The API server learns of a binding by a watch.
        if role != "bench-nothing" {
            wait_for(&format!("{name} may list nodes"), || {
                let asked = self.run_as(&kubeconfig, &["auth", "can-i", "list", "nodes"], "");
                asked.status.success().then_some(())
            });
        }
        User { name, kubeconfig }
    }

    /// The kubeconfig of a user whose requests go through a relay.
    pub(crate) fn through(&self, relay: &Relay, user: &User) -> PathBuf {
        let token = format!("token-of-{}", user.name);
        self.write_kubeconfig(
            &format!("{}-{}", user.name, relay.port()),
            &token,
            relay.port(),
        )
    }

    /// What a user has asked so far.
    pub(crate) fn requests(&self, user: &User) -> Vec<Request> {
        let text = |event: &Value, path: &str| {
            event
                .pointer(path)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        fs::read_to_string(self.folder.join("audit.log"))
            .unwrap()
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|event| event["user"]["username"] == user.name)
            .map(|event| Request {
                verb: text(&event, "/verb").unwrap(),
                uri: text(&event, "/requestURI").unwrap(),
                code: event["responseStatus"]["code"].as_u64().unwrap_or(0),
            })
            .collect()
    }

    /// Runs kubectl as admin; it must succeed. Returns what it printed.
    #[track_caller]
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> String {
        self.kubectl_with(arguments, "")
    }

    /// Runs kubectl as admin with this input; it must succeed.
    #[track_caller]
    pub(crate) fn kubectl_with(&self, arguments: &[&str], input: &str) -> String {
        let output = self.try_kubectl(arguments, input);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "kubectl {arguments:?} at {}: {text}{}",
            self.site,
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    /// Runs kubectl as admin, whatever comes of it.
    pub(crate) fn try_kubectl(&self, arguments: &[&str], input: &str) -> Output {
        self.run_as(&self.admin(), arguments, input)
    }

    /// Applies a manifest (YAML or JSON) as an administrator's `kubectl apply` would.
    #[track_caller]
    pub(crate) fn apply(&self, manifest: &str) {
        self.kubectl_with(&["apply", "-f", "-"], manifest);
    }

    /// Applies the definitions of a folder and waits until they are served.
    pub(crate) fn define(&self, folder: &Path) {
        let folder = folder.to_str().unwrap();
        // Some are too long for the annotation of a client-side apply.
        self.kubectl(&["apply", "--server-side", "-f", folder]);
        self.kubectl(&[
            "wait",
            "--for=condition=Established",
            "--timeout=120s",
            "-f",
            folder,
        ]);
    }

    /// One object, or a list.
    #[track_caller]
    pub(crate) fn get(&self, arguments: &[&str]) -> Value {
        let arguments = [&["get", "-o", "json"], arguments].concat();
        serde_json::from_str(&self.kubectl(&arguments)).unwrap()
    }

    /// A namespace of its own for a test.
    pub(crate) fn namespace(&self, name: &str) {
        self.kubectl(&["create", "namespace", name]);
    }

    /// How many nodes are Ready.
    pub(crate) fn ready_nodes(&self) -> usize {
        let ready = |node: &&Value| {
            let conditions = node["status"]["conditions"].as_array();
            conditions.is_some_and(|all| {
                all.iter()
                    .any(|one| one["type"] == "Ready" && one["status"] == "True")
            })
        };
        let nodes = self.get(&["nodes"]);
        nodes["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(ready)
            .count()
    }

    /// Forgets all older revisions, so that a page of a list that began before is answered 410 Gone. The API server
    /// serves pages from its memory, too: it is restarted.
    pub(crate) fn expire_pages(&mut self) {
        let ask = |path: &str, body: Value| {
            let url = format!("http://127.0.0.1:{}/v3/kv/{path}", self.store);
            let answer = http::request("POST", &url, &[], &body.to_string()).unwrap();
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()
        };
        let revision = ask("range", json!({"key": "AA=="}))["header"]["revision"].clone();
        ask(
            "compaction",
            json!({"revision": revision, "physical": true}),
        );
        self.api.restart();
        self.wait_for_api();
    }

    /// Waits until the API server answers; after a restart, too.
    pub(crate) fn wait_for_api(&mut self) {
        let kubeconfig = self.folder.join("admin.kubeconfig");
        let cache = self.folder.join("kubectl");
        let certificate = self.folder.join("certs/apiserver.crt");
        self.api.wait(|| {
            let mut ask = kubectl(&kubeconfig, &cache);
            certificate.exists()
                && ask
                    .args(["get", "--raw", "/readyz"])
                    .output()
                    .is_ok_and(|answer| answer.status.success())
        });
    }

    /// A client of the cluster that is part of it.
    fn client(&self, program: PathBuf, user: &str) -> Command {
        let kubeconfig = self.write_kubeconfig(user, &format!("token-of-{user}"), self.port);
        let mut command = command(program);
        command.arg("--kubeconfig").arg(kubeconfig);
        command
    }

    /// The kubeconfig of one that is part of the cluster, such as `velero`.
    pub(crate) fn kubeconfig_of(&self, user: &str) -> PathBuf {
        self.write_kubeconfig(user, &format!("token-of-{user}"), self.port)
    }

    fn write_kubeconfig(&self, name: &str, token: &str, port: u16) -> PathBuf {
        let site = &self.site;
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": site,
            "contexts": [{"name": site, "context": {"cluster": site, "user": format!("{site}-{name}")}}],
            "clusters": [{"name": site, "cluster": {
                "server": format!("https://127.0.0.1:{port}"),
                "certificate-authority": self.folder.join("certs/apiserver.crt"),
            }}],
            "users": [{"name": format!("{site}-{name}"), "user": {"token": token}}],
        });
        self.folder
            .write(&format!("{name}.kubeconfig"), &config.to_string())
    }

    /// Runs kubectl as a user, whatever comes of it.
    pub(crate) fn run_as(&self, kubeconfig: &Path, arguments: &[&str], input: &str) -> Output {
        let mut child = kubectl(kubeconfig, &self.folder.join("kubectl"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        child.wait_with_output().unwrap()
    }
}

/// The independent client.
fn kubectl(kubeconfig: &Path, cache: &Path) -> Command {
    let mut command = Command::new(kubernetes("kubectl"));
    command
        .env("KUBECONFIG", kubeconfig)
        .env("KUBECACHEDIR", cache);
    command
}

fn kubernetes(program: &str) -> PathBuf {
    installed(program, "kubernetes", program)
}

/// Lines of token, name, identifier and groups.
fn tokens() -> String {
    let masters = "system:masters";
    let mut lines = format!("{ADMIN},system:bench,bench,{masters}\n");
    for (token, name) in [
        ("controllers", "system:kube-controller-manager"),
        ("scheduler", "system:kube-scheduler"),
        ("kwok", "system:kwok"),
        ("velero", "system:velero"),
    ] {
        writeln!(lines, "token-of-{token},{name},{token},{masters}").unwrap();
    }
    for number in 0..USERS {
        writeln!(
            lines,
            "token-of-user-{number:02},user-{number:02},user-{number:02}"
        )
        .unwrap();
    }
    lines
}

/// Every finished request of a test's user, without bodies.
fn audit_policy() -> Value {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{"level": "None", "users": MACHINERY}, {"level": "Metadata"}],
    })
}

fn nodes(site: &str, count: usize) -> Value {
    let one = |number: usize| {
        let name = format!("{site}-{number:02}");
        let capacity =
            json!({"cpu": "6400m", "memory": "40G", "ephemeral-storage": "1T", "pods": "110"});
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": {
                "kubernetes.io/hostname": name,
                "node.kubernetes.io/instance-type": "m6i.2xlarge",
                "topology.kubernetes.io/region": site,
                "topology.kubernetes.io/zone": format!("{site}-{}", ["a", "b", "c"][number % 3]),
            }},
            "status": {"capacity": capacity, "allocatable": capacity},
        })
    };
    json!({"apiVersion": "v1", "kind": "List", "items": (0..count).map(one).collect::<Vec<_>>()})
}
