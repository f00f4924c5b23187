//! Real pgBackRest for the cluster of one Patroni site, with a repository in a folder and one in a bucket at the DR
//! site.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::bench::{Folder, output, packaged};
use super::minio::{self, Minio};
use super::patroni::{AS_POSTGRES, SCOPE, Site, owned_folder};

/// The bucket of the second repository.
pub(crate) const BUCKET: &str = "dr-wal";
/// The path of the second repository in the bucket.
pub(crate) const PATH: &str = "/pgbackrest";

/// The configuration of a stanza, and the store of its second repository.
#[derive(Debug)]
pub(crate) struct Pgbackrest {
    /// The store of the second repository; it speaks TLS, because pgBackRest speaks nothing else to S3.
    pub(crate) store: Minio,
    config: PathBuf,
    folder: Folder,
}

impl Pgbackrest {
    /// Makes the stanza and has the site archive to both repositories. About 3 s; no backup is made.
    pub(crate) fn start(site: &Site) -> Self {
        let store = Minio::start_tls("repository");
        store.mc(&["mb", &format!("here/{BUCKET}")]);
        let folder = Folder::new("pgbackrest");
        let own = |name| owned_folder(&folder, name).display().to_string();
        let leader = &site.members[0];
        let mut text =
            String::from("[global]\nstart-fast=y\ncompress-type=lz4\nlog-level-console=warn\n");
        for (key, value) in [
            ("log-path", own("log")),
            ("lock-path", own("lock")),
            ("spool-path", own("spool")),
            ("repo1-path", own("repository")),
            ("repo1-retention-full", "2".to_owned()),
            ("repo2-type", "s3".to_owned()),
            ("repo2-path", PATH.to_owned()),
            ("repo2-retention-full", "2".to_owned()),
            ("repo2-s3-bucket", BUCKET.to_owned()),
            ("repo2-s3-endpoint", "127.0.0.1".to_owned()),
            ("repo2-storage-port", store.port().to_string()),
            (
                "repo2-storage-ca-file",
                store.authority().display().to_string(),
            ),
            ("repo2-s3-region", "us-east-1".to_owned()),
            ("repo2-s3-uri-style", "path".to_owned()),
            ("repo2-s3-key", minio::KEY.to_owned()),
            ("repo2-s3-key-secret", minio::SECRET.to_owned()),
        ] {
            writeln!(text, "{key}={value}").unwrap();
        }
        writeln!(
            text,
            "[{SCOPE}]\npg1-path={}\npg1-port={}\npg1-socket-path={}",
            site.data(leader).display(),
            leader.sql,
            site.sockets().display()
        )
        .unwrap();
        let config = folder.write("pgbackrest.conf", &text);
        let pgbackrest = Self {
            store,
            config,
            folder,
        };
        pgbackrest.run(&["stanza-create"]);
        // Whoever leads runs it in its own data folder.
        let push = format!(
            "pgbackrest --config={} --stanza={SCOPE} --pg1-path=\"$PWD\" archive-push %p",
            pgbackrest.config.display()
        );
        site.configure(&json!({"postgresql": {"parameters": {"archive_command": push}}}));
        super::bench::wait_for("the leader archives", || {
            let command = leader.sql("SHOW archive_command");
            command.starts_with("pgbackrest").then_some(())
        });
        pgbackrest.run(&["check"]);
        pgbackrest
    }

    /// The folder of the first repository.
    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.join("repository")
    }

    /// Makes a full backup in a repository. About 3 s.
    #[track_caller]
    pub(crate) fn back_up(&self, repository: u8) {
        self.run(&["--type=full", &format!("--repo={repository}"), "backup"]);
    }

    /// What `info` says.
    #[track_caller]
    pub(crate) fn info(&self) -> Value {
        serde_json::from_str(&self.run(&["--output=json", "info"])).unwrap()
    }

    /// Runs pgBackRest; it must succeed. Returns what it printed.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("setpriv");
        command
            .args(AS_POSTGRES)
            .arg(packaged("/usr/bin/pgbackrest"));
        command.arg(format!("--config={}", self.config.display()));
        command.arg(format!("--stanza={SCOPE}"));
        output(command.args(arguments))
    }
}
