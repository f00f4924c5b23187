//! A real MinIO, the object store of one site, and its own client (mc).

use std::process::Command;

use super::bench::{self, Folder, Server, command, installed, output};
use super::http;

/// The access key of every store of the bench.
pub(crate) const KEY: &str = "bench-minio";
/// The secret key of every store of the bench.
pub(crate) const SECRET: &str = "bench-minio-secret";

/// A running store; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Minio {
    port: u16,
    /// The process; a test that owns the store may kill, pause and restart it.
    pub(crate) server: Server,
    folder: Folder,
}

impl Minio {
    /// An empty store. About 1 s.
    pub(crate) fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let port = bench::port();
        let mut minio = command(installed("minio", "minio", "minio"));
        minio
            .args([
                "server",
                "--quiet",
                "--address",
                &format!("127.0.0.1:{port}"),
            ])
            .arg(folder.join("data"));
        minio.envs([
            ("MINIO_ROOT_USER", KEY),
            ("MINIO_ROOT_PASSWORD", SECRET),
            ("MINIO_BROWSER", "off"),
        ]);
        let mut server = Server::start(&folder, "minio", minio);
        server.wait(|| http::is_ok(&format!("http://127.0.0.1:{port}/minio/health/ready")));
        Self {
            port,
            server,
            folder,
        }
    }

    /// The port of the S3 and admin APIs.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where the S3 and admin APIs answer.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Runs mc, where this store is `here`; it must succeed. Returns what it printed.
    #[track_caller]
    pub(crate) fn mc(&self, arguments: &[&str]) -> String {
        let mut mc = Command::new(installed("mc", "mc", "mc"));
        mc.env(
            "MC_HOST_here",
            format!("http://{KEY}:{SECRET}@127.0.0.1:{}", self.port),
        );
        mc.arg("--config-dir").arg(self.folder.join("mc"));
        output(mc.args(["--json", "--quiet"]).args(arguments))
    }
}
