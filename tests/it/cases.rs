//! Runs every folder of `tests/cases`: the real program, in a folder of its own, step by step.
//!
//! A case is a repository as a person would have it, `case.toml` with the steps, and `expected/`
//! with what each step prints. `DRSYNC_BLESS=1 cargo test --test it cases` writes `expected/` anew;
//! `DRSYNC_CASES=zone` runs only the cases whose name holds that word.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use similar::TextDiff;

use super::redact::redact;

/// How many cases run at once.
const AT_ONCE: usize = 6;
/// A step that takes longer hangs.
const LONGEST: Duration = Duration::from_mins(2);
/// What stands in place of the digest that was printed last.
const DIGEST: &str = "$DIGEST";
/// What stands in place of the address of the sandbox that a step has served.
const ENDPOINT: &str = "$ENDPOINT";
/// What stands in files in place of a day in the near future, and what an output shows for it.
const SOON: (&str, &str) = ("2000-01-31", "[soon]");

/// What `case.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the case shows; one sentence.
    description: String,
    /// Whether the policies that come with drsync are there, unless the case has its own.
    #[serde(default = "yes")]
    policies: bool,
    /// What is run, in this order.
    #[serde(rename = "step")]
    steps: Vec<Step>,
}

/// One run of the program, and what happens before it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// The arguments; `$DIGEST` is the digest that an earlier step printed last.
    run: String,
    /// The exit code.
    #[serde(default)]
    exit: i32,
    /// Files that are written first, by path.
    #[serde(default)]
    write: BTreeMap<String, String>,
    /// Texts that are replaced first; each stands there once.
    #[serde(default)]
    edit: Vec<Edit>,
    /// Files that are removed first.
    #[serde(default)]
    remove: Vec<String>,
    /// Symbolic links that are made first, by path.
    #[serde(default)]
    link: BTreeMap<String, String>,
    /// Everything is committed first.
    #[serde(default)]
    commit: bool,
    /// Variables of the environment; `$ENDPOINT` is the address of the served sandbox.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// The sandbox is served meanwhile, as for another tool.
    #[serde(default)]
    serve: bool,
    /// A file whose lock is held meanwhile, as by another run.
    lock: Option<String>,
}

/// A text that is replaced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    from: String,
    to: String,
}

fn yes() -> bool {
    true
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let only = std::env::var("DRSYNC_CASES").unwrap_or_default();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains(&only))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no case is named like `{only}`");
    let bless = std::env::var_os("DRSYNC_BLESS").is_some();
    let queue = Mutex::new(names.iter());
    let failures = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(name) = queue.lock().unwrap().next() else {
                        break;
                    };
                    if let Err(why) = run_case(&folder.join(name), bless) {
                        failures.lock().unwrap().insert(name.clone(), why);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let report = failures.iter().fold(String::new(), |text, (name, why)| {
        format!("{text}\n=== {name}\n{why}")
    });
    assert!(
        failures.is_empty(),
        "{} of {} cases fail\n{report}",
        failures.len(),
        names.len()
    );
}

/// Runs one case; returns what is wrong with it.
fn run_case(folder: &Path, bless: bool) -> Result<(), String> {
    let text = read(&folder.join("case.toml"))?;
    let case: Case = toml::from_str(&text).map_err(|error| format!("case.toml: {error}"))?;
    if case.description.trim().is_empty() || case.steps.is_empty() {
        return Err("case.toml says nothing, or does nothing".to_owned());
    }
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut stage = Stage::new(folder, temporary.path(), case.policies)?;
    stage.inputs.push_str(&text);
    let mut printed = BTreeMap::new();
    let mut wrong = String::new();
    for (index, step) in case.steps.iter().enumerate() {
        let ran = stage
            .step(step)
            .map_err(|why| format!("step {}, `{}`: {why}", index + 1, step.run))?;
        if ran.exit != Some(step.exit) {
            let exit = ran
                .exit
                .map_or("a signal".to_owned(), |code| code.to_string());
            let _ = writeln!(
                wrong,
                "step {}, `{}`: ends with {exit} and not {}\n{}{}",
                index + 1,
                step.run,
                step.exit,
                ran.stdout,
                ran.stderr
            );
        }
        let command = step.run.split_whitespace().next().unwrap_or("none");
        for (stream, text) in [("stdout", ran.stdout), ("stderr", ran.stderr)] {
            if !text.is_empty() {
                printed.insert(format!("{}-{command}.{stream}", index + 1), text);
            }
        }
    }
    let expected = folder.join("expected");
    if bless && wrong.is_empty() {
        return write_expected(&expected, &printed);
    }
    wrong.push_str(&differences(&expected, &printed).unwrap_or_else(|why| why));
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Compares what was printed with what is expected, file by file.
fn differences(expected: &Path, printed: &BTreeMap<String, String>) -> Result<String, String> {
    if !expected.is_dir() {
        return Err("there is no expected/; DRSYNC_BLESS=1 writes it".to_owned());
    }
    let mut wanted = BTreeMap::new();
    for path in list(expected)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        wanted.insert(name.into_owned(), read(&path)?);
    }
    let names: std::collections::BTreeSet<&String> = wanted.keys().chain(printed.keys()).collect();
    let mut wrong = String::new();
    let nothing = String::new();
    for name in names {
        let before = wanted.get(name).unwrap_or(&nothing);
        let after = printed.get(name).unwrap_or(&nothing);
        if before != after {
            let diff = TextDiff::from_lines(before, after);
            let _ = write!(
                wrong,
                "{}",
                diff.unified_diff()
                    .header(&format!("expected/{name}"), name)
            );
        }
    }
    Ok(wrong)
}

fn write_expected(expected: &Path, printed: &BTreeMap<String, String>) -> Result<(), String> {
    if expected.is_dir() {
        fs::remove_dir_all(expected).map_err(|error| error.to_string())?;
    }
    fs::create_dir_all(expected).map_err(|error| error.to_string())?;
    for (name, text) in printed {
        put(&expected.join(name), text)?;
    }
    Ok(())
}

/// What one run of the program did.
struct Ran {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

/// The folder that a case runs in.
struct Stage {
    /// Where the output goes, and the home folder.
    outside: PathBuf,
    /// The repository.
    root: PathBuf,
    /// All that the case says, as one text.
    inputs: String,
    /// The digest that was printed last.
    digest: String,
    /// How many commits were made.
    commits: i64,
    /// A day in the near future, and the one after it, which it is for a run over midnight.
    soon: [String; 2],
}

impl Stage {
    fn new(case: &Path, temporary: &Path, policies: bool) -> Result<Self, String> {
        let temporary = temporary
            .canonicalize()
            .map_err(|error| error.to_string())?;
        let today = jiff::tz::TimeZone::UTC
            .to_datetime(jiff::Timestamp::now())
            .date();
        // The name of the folder is that of the repository.
        let root = temporary.join("repo");
        let mut stage = Self {
            outside: temporary,
            root: root.clone(),
            inputs: String::new(),
            digest: String::new(),
            commits: 0,
            soon: [30, 31].map(|days| today.saturating_add(jiff::ToSpan::days(days)).to_string()),
        };
        stage.copy(case, &root)?;
        let own = root.join("policies");
        if policies && !own.exists() {
            let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
            stage.copy(&shipped, &own)?;
        }
        Ok(stage)
    }

    fn copy(&mut self, from: &Path, to: &Path) -> Result<(), String> {
        fs::create_dir_all(to).map_err(|error| error.to_string())?;
        for path in list(from)? {
            let name = path.file_name().unwrap_or_default();
            let target = to.join(name);
            if path.is_dir() {
                if name != "expected" {
                    self.copy(&path, &target)?;
                }
            } else if name != "case.toml" {
                let bytes = fs::read(&path).map_err(|error| error.to_string())?;
                let bytes = match String::from_utf8(bytes) {
                    Ok(text) => {
                        self.inputs.push_str(&text);
                        text.replace(SOON.0, &self.soon[0]).into_bytes()
                    }
                    Err(other) => other.into_bytes(),
                };
                fs::write(&target, bytes).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<Ran, String> {
        self.prepare(step)?;
        let _lock = match &step.lock {
            Some(path) => Some(self.lock(path)?),
            None => None,
        };
        let served = if step.serve {
            Some(self.serve()?)
        } else {
            None
        };
        let endpoint = served
            .as_ref()
            .map_or("", |served| served.endpoint.as_str());
        let arguments = step.run.replace(DIGEST, &self.digest);
        let mut command = self.command(&arguments);
        for (name, value) in &step.env {
            command.env(name, value.replace(ENDPOINT, endpoint));
        }
        let (out, err) = (self.outside.join("stdout"), self.outside.join("stderr"));
        let file = |path: &Path| File::create(path).map_err(|error| error.to_string());
        let child = command.stdout(file(&out)?).stderr(file(&err)?).spawn();
        let exit = wait(child.map_err(|error| error.to_string())?)?;
        let (stdout, stderr) = (read(&out)?, read(&err)?);
        let last = [&stderr, &stdout]
            .into_iter()
            .find_map(|text| last_digest(text));
        if let Some(digest) = last {
            self.digest = digest;
        }
        let root = self.root.to_string_lossy();
        let plain = |text: &str| {
            let text = self
                .soon
                .iter()
                .fold(text.to_owned(), |text, day| text.replace(day, SOON.1));
            redact(&text, &root, &self.inputs)
        };
        Ok(Ran {
            exit,
            stdout: plain(&stdout),
            stderr: plain(&stderr),
        })
    }

    fn prepare(&mut self, step: &Step) -> Result<(), String> {
        for path in &step.remove {
            fs::remove_file(self.root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        }
        for (path, text) in &step.write {
            put(&self.root.join(path), text)?;
        }
        for edit in &step.edit {
            let path = self.root.join(&edit.file);
            let text = read(&path)?;
            if text.matches(&edit.from).count() != 1 {
                return Err(format!(
                    "`{}` does not stand once in {}",
                    edit.from, edit.file
                ));
            }
            put(&path, &text.replace(&edit.from, &edit.to))?;
        }
        for (path, target) in &step.link {
            std::os::unix::fs::symlink(target, self.root.join(path))
                .map_err(|error| format!("{path}: {error}"))?;
        }
        if step.commit {
            self.commits += 1;
            commit(&self.root, self.commits).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Returns the program with an environment that is the same everywhere.
    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drsync"));
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.root)
            .env_clear()
            .env("HOME", &self.outside)
            .env("USER", "tester")
            .env("HOSTNAME", "here")
            .env("COLUMNS", "100")
            .env("NO_COLOR", "1")
            .env("LANG", "C.UTF-8")
            // Without it the SDK asks the metadata service of a machine in the cloud.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    fn lock(&self, path: &str) -> Result<File, String> {
        let path = self.root.join(path);
        if !path.exists() {
            put(&path, "")?;
        }
        let file = File::open(&path).map_err(|error| error.to_string())?;
        file.try_lock().map_err(|error| error.to_string())?;
        Ok(file)
    }

    fn serve(&self) -> Result<Served, String> {
        let mut command = self.command("sandbox serve");
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| error.to_string())?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("no output")?;
        BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        let endpoint = line
            .split_whitespace()
            .find_map(|word| word.strip_prefix("AWS_ENDPOINT_URL="))
            .unwrap_or_default()
            .to_owned();
        let served = Served { child, endpoint };
        if served.endpoint.is_empty() {
            return Err(format!("the sandbox is not served: {line}"));
        }
        Ok(served)
    }
}

/// A served sandbox; it ends with this value.
struct Served {
    child: Child,
    endpoint: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended by itself if it cannot be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait(mut child: Child) -> Result<Option<i32>, String> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status.code());
        }
        if begin.elapsed() > LONGEST {
            child.kill().map_err(|error| error.to_string())?;
            return Err(format!("it does not end within {} s", LONGEST.as_secs()));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Commits everything, at a moment that is the same in every run.
fn commit(root: &Path, number: i64) -> Result<(), git2::Error> {
    let repository = match git2::Repository::open(root) {
        Ok(repository) => repository,
        Err(_) => git2::Repository::init(root)?,
    };
    let mut index = repository.index()?;
    index.add_all(
        ["environments", "policies"],
        git2::IndexAddOption::DEFAULT,
        None,
    )?;
    index.update_all(["*"], None)?;
    index.write()?;
    let tree = repository.find_tree(index.write_tree()?)?;
    let moment = git2::Time::new(1_800_000_000 + number, 0);
    let who = git2::Signature::new("Tester", "tester@example.com", &moment)?;
    let parent = match repository.head() {
        Ok(head) => Some(head.peel_to_commit()?),
        Err(_) => None,
    };
    let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
    let message = format!("commit {number}");
    repository.commit(Some("HEAD"), &who, &who, &message, &tree, &parents)?;
    Ok(())
}

fn last_digest(text: &str) -> Option<String> {
    let at = text.rfind("sha256:")?;
    text.get(at..at + "sha256:".len() + 64).map(str::to_owned)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|e| e.path())).collect();
    let mut paths = paths.map_err(|error| error.to_string())?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
