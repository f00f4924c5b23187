//! Real Prometheus and Alertmanager.

use super::bench::{self, Folder, Server, command, packaged};
use super::http;

/// One of the two; killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Monitor {
    port: u16,
    /// The process.
    pub(crate) server: Server,
    _folder: Folder,
}

impl Monitor {
    /// Prometheus with one file of rules, evaluated each second, and an Alertmanager that it tells. Under 1 s.
    pub(crate) fn prometheus(rules: &str, alertmanager: &Self) -> Self {
        let folder = Folder::new("prometheus");
        let rules = folder.write("rules.yml", rules);
        // It learns of Alertmanager only after some seconds, and would tell it again after a minute.
        let more = ["--web.enable-lifecycle", "--rules.alert.resend-delay=1s"];
        let config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{}']\n\
             alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{}']}}]}}]}}\n",
            rules.display(),
            alertmanager.port
        );
        Self::start(folder, "prometheus", &config, &more, "storage.tsdb.path")
    }

    /// Alertmanager with this configuration. Under 1 s.
    pub(crate) fn alertmanager(config: &str) -> Self {
        let folder = Folder::new("alertmanager");
        // Alone: it would look for others on all interfaces.
        let alone = ["--cluster.listen-address="];
        Self::start(
            folder,
            "prometheus-alertmanager",
            config,
            &alone,
            "storage.path",
        )
    }

    fn start(folder: Folder, program: &str, config: &str, more: &[&str], storage: &str) -> Self {
        let port = bench::port();
        let config = folder.write("config.yml", config);
        let mut monitor = command(packaged(&format!("/usr/bin/{program}")));
        monitor.arg(format!("--config.file={}", config.display()));
        monitor.arg(format!("--{storage}={}", folder.join("data").display()));
        monitor.arg(format!("--web.listen-address=127.0.0.1:{port}"));
        monitor.args(more);
        let mut server = Server::start(&folder, program, monitor);
        server.wait(|| http::is_ok(&format!("http://127.0.0.1:{port}/-/ready")));
        Self {
            port,
            server,
            _folder: folder,
        }
    }

    /// Where the API answers.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
