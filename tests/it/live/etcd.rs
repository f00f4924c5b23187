//! A real etcd with one member: the memory of a cluster, or of a Patroni site.

use super::bench::{self, Folder, Server, command, installed};
use super::http;

/// Starts it in the folder of the one that it serves; returns the address for clients, too. Under 1 s.
pub(crate) fn start(folder: &Folder) -> (Server, u16) {
    let port = bench::port();
    let (client, peer) = (local(port), local(bench::port()));
    let mut etcd = command(installed("etcd", "etcd", "etcd"));
    etcd.arg("--data-dir").arg(folder.join("etcd"));
    etcd.args([
        "--listen-client-urls",
        &client,
        "--advertise-client-urls",
        &client,
    ]);
    etcd.args([
        "--listen-peer-urls",
        &peer,
        "--initial-advertise-peer-urls",
        &peer,
    ]);
    etcd.args(["--initial-cluster", &format!("default={peer}")]);
    // A lost process loses nothing; a lost machine ends the test.
    etcd.args(["--unsafe-no-fsync", "--log-level", "warn"]);
    let mut server = Server::start(folder, "etcd", etcd);
    server.wait(|| http::is_ok(&format!("{client}/health")));
    (server, port)
}

fn local(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}
