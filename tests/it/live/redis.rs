//! Real Redis: a primary, a replica at the DR site that follows it through a link, and three Sentinels.

use std::process::Command;

use super::bench::{self, Folder, Server, command, output, packaged, wait_for};
use super::relay::Relay;

/// The password of servers and Sentinels.
pub(crate) const PASSWORD: &str = "bench-redis-secret";
/// The name by which Sentinels know the primary.
pub(crate) const MASTER: &str = "orders";

/// One server or Sentinel; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Redis {
    port: u16,
    /// The process.
    pub(crate) server: Server,
    _folder: Folder,
}

impl Redis {
    /// A server that is its own primary. Under 1 s.
    pub(crate) fn start(name: &str) -> Self {
        Self::serve(name, None)
    }

    /// A replica that follows the server behind a port.
    pub(crate) fn replica(name: &str, of: u16) -> Self {
        let replica = Self::serve(name, Some(of));
        wait_for("the link is up", || {
            replica
                .info("replication")
                .contains("master_link_status:up")
                .then_some(())
        });
        replica
    }

    fn serve(name: &str, follows: Option<u16>) -> Self {
        let folder = Folder::new(name);
        let port = bench::port();
        let follows = follows.map_or_else(String::new, |source| {
            format!("replicaof 127.0.0.1 {source}\n")
        });
        let text = format!(
            "bind 127.0.0.1\nport {port}\ndir {}\nappendonly yes\nrequirepass {PASSWORD}\nmasterauth {PASSWORD}\n\
             repl-diskless-sync-delay 0\n{follows}",
            folder.path().display()
        );
        Self::run(folder, port, "redis-server", &text)
    }

    fn run(folder: Folder, port: u16, program: &str, text: &str) -> Self {
        let config = folder.write("redis.conf", text);
        let mut redis = command(packaged(&format!("/usr/bin/{program}")));
        redis.arg(config);
        let server = Server::start(&folder, program, redis);
        let mut redis = Self {
            port,
            server,
            _folder: folder,
        };
        redis.server.wait(|| {
            let answer = cli(port).arg("ping").output();
            answer.is_ok_and(|answer| answer.stdout.starts_with(b"PONG"))
        });
        redis
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Runs redis-cli; it must succeed. Returns what it printed.
    #[track_caller]
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        output(cli(self.port).args(arguments)).trim().to_owned()
    }

    /// A section of INFO.
    #[track_caller]
    pub(crate) fn info(&self, section: &str) -> String {
        self.cli(&["info", section])
    }

    /// One value of INFO.
    #[track_caller]
    pub(crate) fn value(&self, section: &str, key: &str) -> String {
        let info = self.info(section);
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {key} in\n{info}"))
            .trim()
            .to_owned()
    }
}

/// A primary and a replica behind a link.
#[derive(Debug)]
pub(crate) struct Pair {
    /// At the DR site.
    pub(crate) replica: Redis,
    /// The way of the DR site to the primary.
    pub(crate) link: Relay,
    /// At the primary site.
    pub(crate) primary: Redis,
}

impl Pair {
    /// Both, in sync. About 1 s.
    pub(crate) fn start() -> Self {
        let primary = Redis::start("redis-primary");
        let link = Relay::to(primary.port());
        let replica = Redis::replica("redis-replica", link.port());
        Self {
            replica,
            link,
            primary,
        }
    }

    /// Three Sentinels with a quorum of two, which know the primary by the link (else they would lead the replica
    /// around it) and all each other and the replica. They act when the link is cut. About 10 s.
    pub(crate) fn watched(&self) -> Vec<Redis> {
        let sentinels: Vec<Redis> = (1..=3)
            .map(|number| {
                let folder = Folder::new(&format!("sentinel-{number}"));
                let port = bench::port();
                let text = format!(
                    "bind 127.0.0.1\nport {port}\ndir {}\nrequirepass {PASSWORD}\n\
                     sentinel sentinel-pass {PASSWORD}\nsentinel monitor {MASTER} 127.0.0.1 {} 2\n\
                     sentinel auth-pass {MASTER} {PASSWORD}\nsentinel down-after-milliseconds {MASTER} 2000\n\
                     sentinel failover-timeout {MASTER} 10000\n",
                    folder.path().display(),
                    self.link.port()
                );
                Redis::run(folder, port, "redis-sentinel", &text)
            })
            .collect();
        for sentinel in &sentinels {
            wait_for("the Sentinel knows all", || {
                let known = sentinel.cli(&["sentinel", "master", MASTER]);
                let value = |key: &str| {
                    known
                        .lines()
                        .skip_while(|line| *line != key)
                        .nth(1)
                        .unwrap()
                };
                (value("num-slaves") == "1" && value("num-other-sentinels") == "2").then_some(())
            });
        }
        sentinels
    }
}

fn cli(port: u16) -> Command {
    let mut cli = Command::new("redis-cli");
    cli.env("REDISCLI_AUTH", PASSWORD);
    cli.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    cli
}
