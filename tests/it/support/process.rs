//! A real process of drsync, and the sandbox that it talks to, which outlives it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use drsync::sandbox::{Sandbox, World, serve};
use tempfile::TempDir;

/// The longest that anything here may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// An environment in a repository, with its cloud on loopback.
pub(crate) struct Scene {
    folder: TempDir,
    sandbox: Arc<Mutex<Sandbox>>,
    endpoint: String,
    /// The declared place of the state, if it is not in the folder.
    state: Option<String>,
    /// Variables of every process.
    variables: Vec<(String, String)>,
}

/// A command that is about to run.
pub(crate) struct Run(Command);

/// Two zones with records, the second of which needs a health check.
const ENVIRONMENT: &str = r#"
[global]
aws = { account = "111111111111", region = "us-east-1" }
[[route53_zone]]
name = "one.example"
[[route53_zone]]
name = "two.example"
[[route53_health_check]]
name = "front"
type = "HTTPS"
host = "front.example.com"
"#;

impl Scene {
    /// A scene whose changes take this long to have effect.
    pub(crate) fn new(insync_after_ms: u64) -> Self {
        let world = format!(
            "[behaviour]\ninsync_after_ms = {insync_after_ms}\n[[account]]\nid = \"111111111111\"\n\
             [[zone]]\nname = \"one.example\"\n[[zone]]\nname = \"two.example\"\n"
        );
        let sandbox = Sandbox::new(&World::parse(&world).unwrap()).unwrap();
        let sandbox = Arc::new(Mutex::new(sandbox));
        let (send, receive) = std::sync::mpsc::channel();
        let served = Arc::clone(&sandbox);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
                    .await
                    .unwrap();
                send.send(listener.local_addr().unwrap()).unwrap();
                serve(listener, served).await.unwrap();
            });
        });
        let scene = Self {
            folder: tempfile::tempdir().unwrap(),
            sandbox,
            endpoint: format!("http://{}", receive.recv().unwrap()),
            state: None,
            variables: Vec::new(),
        };
        scene.write_environment();
        scene
    }

    /// Declares where the state is, as a TOML value.
    pub(crate) fn declare_state(&mut self, value: &str) {
        self.state = Some(format!("[environment]\nstate = {value}\n"));
        self.write_environment();
    }

    /// Gives every process a profile of AWS with this key.
    pub(crate) fn write_credentials(&self, profile: &str, key: &str, secret: &str) {
        let folder = self.root().join(".aws");
        std::fs::create_dir_all(&folder).unwrap();
        let text =
            format!("[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
        std::fs::write(folder.join("credentials"), text).unwrap();
    }

    /// Gives every process a variable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    fn write_environment(&self) {
        let mut text = self.state.clone().unwrap_or_default() + ENVIRONMENT;
        for zone in ["one", "two"] {
            for number in 0..6 {
                let record = format!(
                    "[[route53_record]]\nzone = \"{zone}.example\"\nname = \"r{number}\"\ntype = \"A\"\n\
                     ttl = \"60s\"\nvalues = [\"192.0.2.{number}\"]\n"
                );
                text.push_str(&record);
            }
        }
        // What needs the health check waits for it: the second zone is written after the first.
        text.push_str(
            "[[route53_record]]\nzone = \"two.example\"\nname = \"checked\"\ntype = \"A\"\nfailover = [\n\
             { id = \"a\", role = \"primary\", ttl = \"60s\", values = [\"192.0.2.98\"], health_check = \"front\" },\n\
             { id = \"b\", role = \"secondary\", ttl = \"60s\", values = [\"192.0.2.99\"] },\n]\n",
        );
        let folder = self.root().join("environments/proof");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::create_dir_all(self.root().join("policies")).unwrap();
        std::fs::write(folder.join("all.toml"), text).unwrap();
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn state_folder(&self) -> PathBuf {
        self.root().join("state")
    }

    /// A command over this scene.
    pub(crate) fn command(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drsync"));
        command
            .env_clear()
            .env("HOME", self.root())
            .env("USER", "tester")
            .env("HOSTNAME", "here")
            .env("NO_COLOR", "1")
            .env("LANG", "C.UTF-8")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ACCESS_KEY_ID", "111111111111")
            .env("AWS_SECRET_ACCESS_KEY", "made-up")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .args(arguments)
            .args(["--env", "proof", "--root"])
            .arg(self.root());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if self.state.is_none() {
            command.arg("--state").arg(self.state_folder());
        }
        Run(command)
    }

    /// An apply of whatever is to be done, agreed beforehand.
    pub(crate) fn apply(&self) -> Run {
        let planned = self.command(&["plan", "--format", "json"]).run();
        let plan: serde_json::Value =
            serde_json::from_str(&planned.stdout).unwrap_or_else(|_| panic!("{planned:?}"));
        let digest = plan["digest"].as_str().unwrap().to_owned();
        self.command(&["apply", "--expect-digest", &digest])
    }

    /// Waits for a process.
    pub(crate) fn ended(child: Child) -> Told {
        let output = child.wait_with_output().unwrap();
        Told {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn snapshot(&self) -> Sandbox {
        self.sandbox.lock().unwrap().clone()
    }

    /// Waits until a service has taken a write.
    pub(crate) fn wait_for_write(&self) {
        let begin = Instant::now();
        while !self.has_written() {
            assert!(begin.elapsed() < PATIENCE, "nothing was written");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn has_written(&self) -> bool {
        let calls: BTreeMap<String, u64> = self.sandbox.lock().unwrap().calls().clone();
        calls.contains_key("route53:ChangeResourceRecordSets")
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.state_folder().join(name)).unwrap()
    }

    /// Whether a batch was begun and not ended.
    pub(crate) fn journal_is_open(&self) -> bool {
        let journal = self.read("journal.jsonl");
        journal.matches("{\"begin\":").count() > journal.matches("{\"end\":").count()
    }

    /// The id of the lock, as the state has it.
    pub(crate) fn lock_id(&self) -> String {
        let lock: serde_json::Value = serde_json::from_str(&self.read("lock.json")).unwrap();
        lock["holder"]["id"].as_str().unwrap().to_owned()
    }

    /// The command that breaks the lock.
    pub(crate) fn unlock_command(&self) -> String {
        let state = self.state_folder();
        format!(
            "drsync unlock {} --env proof --state {}",
            self.lock_id(),
            state.display()
        )
    }

    /// The record and the journal.
    pub(crate) fn state_bytes(&self) -> [String; 2] {
        [self.read("applied.json"), self.read("journal.jsonl")]
    }
}

impl Run {
    /// Runs to the end.
    pub(crate) fn run(self) -> Told {
        Scene::ended(self.spawn())
    }

    /// Starts, and does not wait.
    pub(crate) fn spawn(mut self) -> Child {
        self.0
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// Sends a signal to a process that this test started.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}
