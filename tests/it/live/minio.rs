//! A real MinIO, the object store of one site, and its own client (mc).

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::bench::{self, Folder, Server, command, installed, output};

/// The access key of every store of the bench.
pub(crate) const KEY: &str = "bench-minio";
/// The secret key of every store of the bench.
pub(crate) const SECRET: &str = "bench-minio-secret";

/// A running store; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Minio {
    scheme: &'static str,
    port: u16,
    /// The process; a test that owns the store may kill, pause and restart it.
    pub(crate) server: Server,
    folder: Folder,
}

impl Minio {
    /// An empty store. About 1 s.
    pub(crate) fn start(name: &str) -> Self {
        Self::serve(Folder::new(name), "http")
    }

    /// An empty store that speaks TLS, with a certificate of [`Minio::authority`]. About 1 s.
    pub(crate) fn start_tls(name: &str) -> Self {
        let folder = Folder::new(name);
        fs::create_dir(folder.join("certs")).unwrap();
        let request = |files: [&str; 2], more: &[&str]| {
            let mut openssl = Command::new("openssl");
            openssl
                .current_dir(folder.path())
                .args(["req", "-x509", "-nodes", "-days", "2"]);
            openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
            output(
                openssl
                    .args(["-out", files[0], "-keyout", files[1]])
                    .args(more),
            );
        };
        request(["ca.crt", "ca.key"], &["-subj", "/CN=bench"]);
        // pgBackRest looks for an address among the names only.
        let leaf = [
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1",
        ];
        let signed = [
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ];
        request(
            ["certs/public.crt", "certs/private.key"],
            &[leaf.as_slice(), &signed].concat(),
        );
        Self::serve(folder, "https")
    }

    fn serve(folder: Folder, scheme: &'static str) -> Self {
        let port = bench::port();
        let mut minio = command(installed("minio", "minio", "minio"));
        minio.args(["server", "--quiet", "--address"]);
        minio.arg(format!("127.0.0.1:{port}"));
        // Without certificates there it speaks plain HTTP.
        minio.arg("--certs-dir").arg(folder.join("certs"));
        minio.arg(folder.join("data"));
        minio.envs([
            ("MINIO_ROOT_USER", KEY),
            ("MINIO_ROOT_PASSWORD", SECRET),
            ("MINIO_BROWSER", "off"),
        ]);
        let server = Server::start(&folder, "minio", minio);
        let mut store = Self {
            scheme,
            port,
            server,
            folder,
        };
        let mut list = store.client();
        list.args(["ls", "here"]);
        store
            .server
            .wait(|| list.output().unwrap().status.success());
        store
    }

    /// The certificate of the authority that the store's own is signed by, where it speaks TLS.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// The port of the S3 and admin APIs.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where the S3 and admin APIs answer.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Runs mc, where this store is `here`; it must succeed. Returns what it printed.
    #[track_caller]
    pub(crate) fn mc(&self, arguments: &[&str]) -> String {
        output(self.client().args(arguments))
    }

    fn client(&self) -> Command {
        let mut mc = Command::new(installed("mc", "mc", "mc"));
        let here = format!("{}://{KEY}:{SECRET}@127.0.0.1:{}", self.scheme, self.port);
        mc.env("MC_HOST_here", here);
        mc.arg("--config-dir").arg(self.folder.join("mc"));
        mc.args(["--json", "--quiet", "--insecure"]);
        mc
    }
}
