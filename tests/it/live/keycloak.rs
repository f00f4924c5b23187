//! A real Keycloak, one for each site, with a database of its own.

use std::process::Command;

use serde_json::Value;

use super::bench::{self, Folder, Server, installed, output};
use super::http::{self, Answer};

/// The administrator.
pub(crate) const ADMIN: &str = "admin";
/// The administrator's password.
pub(crate) const PASSWORD: &str = "bench-keycloak-secret";

/// A running server; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Keycloak {
    port: u16,
    /// The process.
    pub(crate) server: Server,
    _folder: Folder,
}

impl Keycloak {
    /// A server with the realm `master` only. 10 to 20 s, and half a GB of memory.
    pub(crate) fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let (port, health) = (bench::port(), bench::port());
        // It writes into its own folder.
        let program = installed("keycloak", "keycloak", "bin/kc.sh");
        let installation = program.parent().unwrap().parent().unwrap();
        let home = folder.join("keycloak");
        output(Command::new("cp").arg("-a").arg(installation).arg(&home));
        let mut keycloak = bench::namespaced(home.join("bin/kc.sh"));
        keycloak.args([
            "start",
            "--optimized",
            "--cache=local",
            "--http-enabled=true",
        ]);
        keycloak.args(["--hostname-strict=false", "--http-host=127.0.0.1"]);
        keycloak.arg(format!("--http-port={port}"));
        keycloak.arg(format!("--http-management-port={health}"));
        keycloak.env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN);
        keycloak.env("KC_BOOTSTRAP_ADMIN_PASSWORD", PASSWORD);
        keycloak.env("JAVA_OPTS_KC_HEAP", "-Xms128m -Xmx512m");
        let mut server = Server::start(&folder, "keycloak", keycloak);
        server.wait(|| http::is_ok(&format!("http://127.0.0.1:{health}/health/ready")));
        Self {
            port,
            server,
            _folder: folder,
        }
    }

    /// Where it answers.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A call of the admin API as administrator; the path begins after `/admin/realms`.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        // A token lives a minute: each call takes a new one.
        let form =
            format!("grant_type=password&client_id=admin-cli&username={ADMIN}&password={PASSWORD}");
        let url = format!(
            "{}/realms/master/protocol/openid-connect/token",
            self.endpoint()
        );
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let token = http::request("POST", &url, &[kind], &form).unwrap().json();
        let token = format!(
            "Authorization: Bearer {}",
            token["access_token"].as_str().unwrap()
        );
        let url = format!("{}/admin/realms{path}", self.endpoint());
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        http::request(
            method,
            &url,
            &[&token, "Content-Type: application/json"],
            &body,
        )
        .unwrap()
    }
}
