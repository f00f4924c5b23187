//! A real PowerDNS with its HTTP API.

use std::io;
use std::process::{Command, Stdio};

use super::bench::{self, Folder, Server, command, output, packaged};
use super::http::{self, Answer};

/// The key of the API.
pub(crate) const KEY: &str = "bench-powerdns-secret";

/// A running server; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct PowerDns {
    port: u16,
    /// The port of DNS.
    pub(crate) dns: u16,
    /// The process.
    pub(crate) server: Server,
    _folder: Folder,
}

impl PowerDns {
    /// A server without zones, whose answers change at once. Under 1 s.
    pub(crate) fn start() -> Self {
        let folder = Folder::new("powerdns");
        let (port, dns) = (bench::port(), bench::port());
        let database = folder.join("zones.sqlite3");
        let schema = packaged("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql");
        let mut sqlite = Command::new("sqlite3");
        sqlite
            .arg(&database)
            .stdin(Stdio::from(std::fs::File::open(schema).unwrap()));
        output(&mut sqlite);
        folder.write(
            "pdns.conf",
            &format!(
                "launch=gsqlite3\ngsqlite3-database={}\napi=yes\napi-key={KEY}\nwebserver=yes\n\
                 webserver-address=127.0.0.1\nwebserver-port={port}\nlocal-address=127.0.0.1\nlocal-port={dns}\n\
                 zone-cache-refresh-interval=0\nquery-cache-ttl=0\ncache-ttl=0\nsocket-dir={}\ndnsupdate=yes\n\
                 allow-dnsupdate-from=127.0.0.0/8\nsecurity-poll-suffix=\n",
                database.display(),
                folder.path().display()
            ),
        );
        let mut pdns = command(packaged("/usr/sbin/pdns_server"));
        pdns.arg(format!("--config-dir={}", folder.path().display()));
        pdns.args(["--daemon=no", "--guardian=no"]);
        let mut server = Server::start(&folder, "pdns", pdns);
        server.wait(|| {
            let answer = ask(port, "GET", "/servers/localhost", "");
            answer.is_ok_and(|answer| answer.status == 200)
        });
        Self {
            port,
            dns,
            server,
            _folder: folder,
        }
    }

    /// Where the API answers.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A call of the API with the key; the path begins after `/api/v1`.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        ask(self.port, method, path, body).unwrap()
    }
}

fn ask(port: u16, method: &str, path: &str, body: &str) -> io::Result<Answer> {
    let url = format!("http://127.0.0.1:{port}/api/v1{path}");
    let key = format!("X-API-Key: {KEY}");
    http::request(
        method,
        &url,
        &[&key, "Content-Type: application/json"],
        body,
    )
}
