//! Real PostgreSQL under Patroni: a cluster of two members at each of two sites, the second a standby cluster.
//!
//! Each site has an etcd and an HAProxy of its own; the DR site follows the primary's HAProxy through a link that can
//! be cut.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::bench::{
    self, Folder, Server, descendant, installed, namespaced, output, packaged, wait_for,
};
use super::haproxy::Haproxy;
use super::relay::Relay;
use super::{etcd, http};

/// The name of the cluster at both sites.
pub(crate) const SCOPE: &str = "orders";
/// The password of all users of PostgreSQL.
pub(crate) const PASSWORD: &str = "bench-postgres-secret";
/// Who may change the configuration by the REST API, and the password.
pub(crate) const REST: (&str, &str) = ("patroni", "bench-patroni-secret");
/// `REST` as a header: `Authorization: Basic`, of name and password.
const REST_HEADER: &str = "Authorization: Basic cGF0cm9uaTpiZW5jaC1wYXRyb25pLXNlY3JldA==";
/// The permanent slot that the other site's cluster follows.
pub(crate) const SLOT: &str = "dr_site";

/// PostgreSQL and Patroni of one member.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its name in the cluster.
    pub(crate) name: String,
    /// The port of SQL.
    pub(crate) sql: u16,
    /// The port of Patroni's REST API.
    pub(crate) rest: u16,
    /// Patroni and its PostgreSQL: both end together.
    pub(crate) server: Server,
}

/// The cluster of one site.
#[derive(Debug)]
pub(crate) struct Site {
    /// Its members.
    pub(crate) members: Vec<Member>,
    /// Leads to the writer of this site.
    pub(crate) haproxy: Haproxy,
    /// The memory of this site.
    pub(crate) etcd: Server,
    /// Where the sockets are. The path of one may have 107 characters at most, and a clone may lie deep.
    sockets: TempDir,
    folder: Folder,
}

/// Both sites.
#[derive(Debug)]
pub(crate) struct Databases {
    /// The standby cluster.
    pub(crate) dr: Site,
    /// The way of the DR site to the primary.
    pub(crate) link: Relay,
    /// The cluster with the writer.
    pub(crate) primary: Site,
}

impl Databases {
    /// Both clusters, replicating. About 10 s.
    pub(crate) fn start() -> Self {
        let primary = Site::start("primary", ["pri1", "pri2"], &json!(null), &json!({}));
        let link = Relay::to(primary.haproxy.writer());
        let follows = json!({
            "host": "127.0.0.1",
            "port": link.port(),
            "primary_slot_name": SLOT,
            "create_replica_methods": ["basebackup"],
        });
        let dr = Site::start("dr", ["dr1", "dr2"], &follows, &json!({}));
        Self { dr, link, primary }
    }
}

impl Site {
    /// A cluster whose members all stream. `follows` is null, or what a standby cluster follows; `parameters` are
    /// further ones of PostgreSQL.
    pub(crate) fn start(site: &str, names: [&str; 2], follows: &Value, parameters: &Value) -> Self {
        let folder = Folder::new(&format!("patroni-{site}"));
        let (etcd, store) = etcd::start(&folder);
        let ports = names.map(|name| (name, bench::port(), bench::port()));
        let haproxy = Haproxy::start(&format!("haproxy-{site}"), &ports);
        let dcs = dcs(follows, parameters);
        let sockets = tempfile::tempdir().unwrap();
        give_to_postgres(sockets.path());
        let mut members = Vec::new();
        for (name, sql, rest) in ports {
            let config = member(&folder, name, (sql, rest), store, sockets.path(), &dcs);
            let config = folder.write(&format!("{name}.json"), &config.to_string());
            let mut patroni = namespaced("setpriv");
            patroni.args(AS_POSTGRES);
            patroni
                .arg(installed("patroni", "patroni", "bin/python"))
                .args(["-m", "patroni"])
                .arg(config);
            let mut server = Server::start(&folder, name, patroni);
            // The first one makes the cluster, so that it is known which one leads.
            server.wait(|| http::is_ok(&format!("http://127.0.0.1:{rest}/readiness")));
            let name = name.to_owned();
            members.push(Member {
                name,
                sql,
                rest,
                server,
            });
        }
        let site = Self {
            members,
            haproxy,
            etcd,
            sockets,
            folder,
        };
        wait_for("both members stream", || {
            let members = site.cluster();
            let streams = |member: &Value| {
                ["streaming", "running"]
                    .iter()
                    .any(|state| member["state"] == *state)
            };
            let all = members["members"].as_array()?;
            (all.len() == 2 && all.iter().all(streams)).then_some(())
        });
        site
    }

    /// What `/cluster` of a living member says.
    pub(crate) fn cluster(&self) -> Value {
        self.ask("cluster")
    }

    /// What a path of the REST API of a living member says.
    #[track_caller]
    pub(crate) fn ask(&self, path: &str) -> Value {
        wait_for(&format!("a member answers {path}"), || {
            self.members.iter().find_map(|member| member.ask(path))
        })
    }

    /// The roles of the members, by name, as each says itself.
    pub(crate) fn roles(&self) -> Vec<(String, String)> {
        let role = |member: &Member| {
            let answer = member.ask("patroni").unwrap_or_default();
            answer["role"].as_str().unwrap_or("unknown").to_owned()
        };
        self.members
            .iter()
            .map(|member| (member.name.clone(), role(member)))
            .collect()
    }

    /// Changes keys of the dynamic configuration, as `patronictl edit-config` does; null removes one.
    #[track_caller]
    pub(crate) fn configure(&self, patch: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}/config", self.members[0].rest);
        let headers = [REST_HEADER, "Content-Type: application/json"];
        let answer = http::request("PATCH", &url, &headers, &patch.to_string()).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// Where the files and the logs are.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Where the sockets of its PostgreSQL are.
    pub(crate) fn sockets(&self) -> &Path {
        self.sockets.path()
    }

    /// The data folder of a member.
    pub(crate) fn data(&self, member: &Member) -> PathBuf {
        self.folder.join(&member.name)
    }
}

impl Member {
    /// What a path of its REST API says, if it answers with JSON; also with 503.
    pub(crate) fn ask(&self, path: &str) -> Option<Value> {
        let answer = http::get(&format!("http://127.0.0.1:{}/{path}", self.rest)).ok()?;
        serde_json::from_str(&answer.body).ok()
    }

    /// Runs SQL and returns what psql prints: rows of cells between `|`.
    #[track_caller]
    pub(crate) fn sql(&self, query: &str) -> String {
        sql(self.sql, query)
    }

    /// The process of its PostgreSQL whose title holds this, such as `walreceiver`, or ` -D ` for the first one.
    pub(crate) fn process(&self, title: &str) -> Option<u32> {
        descendant(self.server.pid(), title)
    }
}

/// Runs SQL at a port, which may be a proxy's.
#[track_caller]
pub(crate) fn sql(port: u16, query: &str) -> String {
    let mut psql = Command::new("psql");
    psql.env("PGPASSWORD", PASSWORD)
        .env("PGCONNECT_TIMEOUT", "5");
    psql.args([
        "-h",
        "127.0.0.1",
        "-p",
        &port.to_string(),
        "-U",
        "postgres",
        "-qAt",
        "-c",
        query,
    ]);
    output(&mut psql).trim().to_owned()
}

/// Arguments of setpriv: the user, because PostgreSQL refuses root, with the right to read what root alone may reach.
pub(crate) const AS_POSTGRES: [&str; 8] = [
    "--reuid=postgres",
    "--regid=postgres",
    "--init-groups",
    "--inh-caps",
    "+dac_read_search",
    "--ambient-caps",
    "+dac_read_search",
    "--",
];

/// Makes a folder of the user of PostgreSQL.
pub(crate) fn owned_folder(folder: &Folder, name: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(&path).unwrap();
    give_to_postgres(&path);
    path
}

fn give_to_postgres(path: &Path) {
    let number = |kind: &str| -> u32 {
        let id = output(Command::new("id").args([kind, "postgres"]));
        id.trim().parse().unwrap()
    };
    chown(path, Some(number("-u")), Some(number("-g"))).unwrap();
    // PostgreSQL refuses a data folder that others may enter.
    fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
}

/// The dynamic configuration that a cluster starts with. The times give a failover within 20 s.
fn dcs(follows: &Value, parameters: &Value) -> Value {
    let mut dcs = json!({
        "ttl": 20,
        "loop_wait": 2,
        "retry_timeout": 3,
        "maximum_lag_on_failover": 1_048_576,
        "slots": {SLOT: {"type": "physical"}},
        "postgresql": {"use_pg_rewind": true, "use_slots": true, "parameters": {
            "wal_level": "replica",
            "hot_standby": "on",
            "max_connections": 50,
            "max_wal_senders": 10,
            "max_replication_slots": 10,
            "wal_log_hints": "on",
            "shared_buffers": "32MB",
            "wal_keep_size": "64MB",
            "archive_mode": "on",
            "archive_command": "/bin/true",
            "archive_timeout": 300,
        }},
    });
    if !follows.is_null() {
        dcs["standby_cluster"] = follows.clone();
    }
    for (name, value) in parameters.as_object().unwrap() {
        dcs["postgresql"]["parameters"][name] = value.clone();
    }
    dcs
}

/// The local configuration of a member.
fn member(
    folder: &Folder,
    name: &str,
    (sql, rest): (u16, u16),
    store: u16,
    sockets: &Path,
    dcs: &Value,
) -> Value {
    let bin = packaged("/usr/lib/postgresql/15/bin");
    let user = |name: &str| json!({"username": name, "password": PASSWORD});
    let listen = |port: u16| format!("127.0.0.1:{port}");
    let home = owned_folder(folder, &format!("{name}-home"));
    json!({
        "scope": SCOPE,
        "name": name,
        "restapi": {
            "listen": listen(rest),
            "connect_address": listen(rest),
            "authentication": {"username": REST.0, "password": REST.1},
        },
        "etcd3": {"hosts": [listen(store)]},
        "bootstrap": {"dcs": dcs, "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"]},
        "postgresql": {
            "listen": listen(sql),
            "connect_address": listen(sql),
            "data_dir": owned_folder(folder, name),
            // A spread checkpoint would make the standby wait for half a minute.
            "basebackup": [{"checkpoint": "fast"}],
            "bin_dir": bin,
            "pgpass": home.join("pgpass"),
            "pg_hba": [
                "local all all peer",
                "host all all 127.0.0.1/32 scram-sha-256",
                "host replication all 127.0.0.1/32 scram-sha-256",
            ],
            "authentication": {
                "superuser": user("postgres"),
                "replication": user("replicator"),
                "rewind": user("rewinder"),
            },
            "parameters": {"unix_socket_directories": sockets},
        },
    })
}
