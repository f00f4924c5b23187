//! A real HAProxy that leads clients to the writer of a Patroni site.

use std::fmt::Write as _;

use super::bench::{self, Folder, Server, command, packaged, wait_for};
use super::http;

/// What HAProxy leads to: the name, the port of SQL and the port that is asked for health.
pub(crate) type Backend<'a> = (&'a str, u16, u16);

/// A running proxy; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Haproxy {
    writer: u16,
    stats: u16,
    /// The process.
    pub(crate) server: Server,
    _folder: Folder,
}

impl Haproxy {
    /// The name of the proxy that leads to the writer.
    pub(crate) const WRITER: &str = "pg_primary_rw";

    /// A proxy before these servers, which leads to the one whose health check answers 200 to `/primary`.
    pub(crate) fn start(name: &str, backends: &[Backend<'_>]) -> Self {
        let folder = Folder::new(name);
        let (writer, stats) = (bench::port(), bench::port());
        let mut config = format!(
            "global\n  maxconn 200\n\
             defaults\n  mode tcp\n  timeout connect 2s\n  timeout client 30m\n  timeout server 30m\n  timeout check 2s\n\
             listen stats\n  mode http\n  bind 127.0.0.1:{stats}\n  stats enable\n  stats uri /\n\
             listen {}\n  bind 127.0.0.1:{writer}\n  option httpchk OPTIONS /primary\n  http-check expect status 200\n  \
             default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions\n",
            Self::WRITER
        );
        for (name, sql, health) in backends {
            writeln!(
                config,
                "  server {name} 127.0.0.1:{sql} check port {health}"
            )
            .unwrap();
        }
        let mut haproxy = command(packaged("/usr/sbin/haproxy"));
        haproxy
            .arg("-db")
            .arg("-f")
            .arg(folder.write("haproxy.cfg", &config));
        let mut server = Server::start(&folder, "haproxy", haproxy);
        server.wait(|| http::is_ok(&format!("http://127.0.0.1:{stats}/;csv")));
        Self {
            writer,
            stats,
            server,
            _folder: folder,
        }
    }

    /// The port that leads to the writer.
    pub(crate) fn writer(&self) -> u16 {
        self.writer
    }

    /// Where the statistics answer.
    pub(crate) fn stats(&self) -> String {
        format!("http://127.0.0.1:{}", self.stats)
    }

    /// The servers that the proxy leads to just now.
    pub(crate) fn up(&self) -> Vec<String> {
        let table = http::get(&format!("{}/;csv", self.stats())).unwrap().body;
        let mut lines = table
            .lines()
            .map(|line| line.split(',').collect::<Vec<_>>());
        let heads = lines.next().unwrap();
        let status = heads.iter().position(|head| *head == "status").unwrap();
        lines
            .filter(|cells| cells.first() == Some(&Self::WRITER) && cells[status].starts_with("UP"))
            .map(|cells| cells[1].to_owned())
            .filter(|name| name != "BACKEND")
            .collect()
    }

    /// Waits until it leads to a writer.
    pub(crate) fn wait_for_writer(&self) {
        wait_for("the proxy has a writer", || {
            (self.up().len() == 1).then_some(())
        });
    }
}
