//! What every real server of the bench needs: its program, a port, a folder, a log, and an end.
//!
//! In: a command. Out: a process that is ready, and that is gone when its owner is, even when the test process is
//! killed. Knows no service.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// What is installed, and in which version.
const VERSIONS: &str = include_str!("../../live/versions");
/// How long a server may take to start and a state to come about. Generous: the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_mins(3);
/// How often it is asked for.
const PAUSE: Duration = Duration::from_millis(100);
/// Ports of servers; below those that the kernel gives to connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// How long the folders of ended processes are kept, so that a failure can be looked at.
const KEPT: Duration = Duration::from_hours(1);
/// How much of a log a failure shows.
const LINES: usize = 30;

/// The version of a tool.
pub(crate) fn version(tool: &str) -> &'static str {
    VERSIONS
        .lines()
        .find_map(|line| line.strip_prefix(tool)?.strip_prefix('='))
        .unwrap_or_else(|| panic!("tests/live/versions has no {tool}"))
}

/// A file that `tests/live/install` has put into the folder of a tool.
pub(crate) fn installed(folder: &str, tool: &str, file: &str) -> PathBuf {
    let cache = std::env::var_os("DRSYNC_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/drsync"),
        PathBuf::from,
    );
    existing(cache.join(format!("{folder}-{}", version(tool))).join(file))
}

/// A program of the distribution, which `tests/live/install` has installed.
pub(crate) fn packaged(path: &str) -> PathBuf {
    existing(PathBuf::from(path))
}

fn existing(path: PathBuf) -> PathBuf {
    assert!(
        path.exists(),
        "{} is not there: run tests/live/install",
        path.display()
    );
    path
}

/// A program that the kernel kills when this process ends in whatever way.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}

/// A program whose own children end with it too: it runs in a process namespace of its own.
///
/// The first process of the namespace is a shell, because the kernel forgets whose end is to be followed when a
/// process changes its user; when the first one ends, all of the namespace do.
pub(crate) fn namespaced(program: impl AsRef<OsStr>) -> Command {
    let mut command = command("unshare");
    command
        .args(["--pid", "--fork", "--kill-child=KILL", "--mount-proc"])
        .args(["sh", "-c", "\"$@\" & wait $!", "sh"])
        .arg(program);
    command
}

/// A port of loopback that no other server of any test process here uses.
///
/// The kernel's own choice would be free only until somebody's connection takes it.
pub(crate) fn port() -> u16 {
    static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let folder = std::env::temp_dir().join("drsync-ports");
    fs::create_dir_all(&folder).unwrap();
    let count = u32::from(PORTS.end - PORTS.start);
    let first = std::process::id().wrapping_mul(97);
    for _ in 0..count {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = u16::try_from(first.wrapping_add(step) % count).unwrap();
        let port = PORTS.start + offset;
        // Open files are inherited by no child, so the lock ends with this process.
        let lock = File::create(folder.join(port.to_string())).unwrap();
        if lock.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            TAKEN.lock().unwrap().push(lock);
            return port;
        }
    }
    panic!("no port of {PORTS:?} is free");
}

/// A folder for the files and logs of one server. It is kept for an hour when the test fails, and where the
/// server lives as long as the process.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A fresh folder.
    pub(crate) fn new(name: &str) -> Self {
        static OWN: LazyLock<PathBuf> = LazyLock::new(own_folder);
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = OWN.join(format!("{count:02}-{name}"));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path of a file in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("kept for you: {}", self.0.display());
        } else {
            fs::remove_dir_all(&self.0).ok();
        }
    }
}

/// The folder of this process, after old ones of ended processes are removed.
fn own_folder() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live");
    fs::create_dir_all(&all).unwrap();
    for entry in fs::read_dir(&all).unwrap().flatten() {
        let ended = !Path::new("/proc").join(entry.file_name()).exists();
        let age = entry.metadata().and_then(|data| data.modified()).ok();
        if ended
            && age
                .and_then(|time| time.elapsed().ok())
                .is_some_and(|age| age > KEPT)
        {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
    all.join(std::process::id().to_string())
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    name: String,
    command: Option<Command>,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a program; what it prints goes to `<name>.log` in the folder.
    pub(crate) fn start(folder: &Folder, name: &str, mut command: Command) -> Self {
        let log = folder.join(&format!("{name}.log"));
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            // A key at the terminal ends the test process, and the kernel the servers.
            .process_group(0);
        let (command, child) = spawn(command);
        Self {
            name: name.to_owned(),
            command: Some(command),
            child: child.unwrap_or_else(|error| panic!("{name}: {error}")),
            log,
        }
    }

    /// Waits until the probe says that it is ready.
    #[track_caller]
    pub(crate) fn wait(&mut self, mut ready: impl FnMut() -> bool) {
        let begin = Instant::now();
        while !ready() {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && begin.elapsed() < PATIENCE,
                "{} is not ready after {:?} ({}); {} ends with\n{}",
                self.name,
                begin.elapsed(),
                ended.map_or_else(|| "it runs".to_owned(), |status| status.to_string()),
                self.log.display(),
                self.last_lines()
            );
            thread::sleep(PAUSE);
        }
    }

    /// Whether it has not ended.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it logs.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The end of the log.
    pub(crate) fn last_lines(&self) -> String {
        let file = BufReader::new(File::open(&self.log).unwrap());
        let mut lines = VecDeque::with_capacity(LINES);
        for line in file.split(b'\n').map_while(Result::ok) {
            if lines.len() == LINES {
                lines.pop_front();
            }
            lines.push_back(String::from_utf8_lossy(&line).into_owned());
        }
        Vec::from(lines).join("\n")
    }

    /// Kills it, as the death of its machine would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Starts it again with the same command, killing it first where it runs.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let (command, child) = spawn(self.command.take().unwrap());
        self.command = Some(command);
        self.child = child.unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// Stops it without an end: it holds its connections and answers nothing, until [`Server::resume`].
    pub(crate) fn pause(&self) {
        signal(self.pid(), "STOP");
    }

    /// Lets a paused server run on.
    pub(crate) fn resume(&self) {
        signal(self.pid(), "CONT");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("log of {}: {}", self.name, self.log.display());
        }
    }
}

/// Sends a signal to one process.
#[track_caller]
pub(crate) fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status();
    assert!(sent.unwrap().success(), "no process {pid}");
}

/// A process below this one, as this process sees them, whose command line holds the text.
pub(crate) fn descendant(ancestor: u32, text: &str) -> Option<u32> {
    let mut pending = vec![ancestor];
    while let Some(pid) = pending.pop() {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        if pid != ancestor
            && String::from_utf8_lossy(&line)
                .replace('\0', " ")
                .contains(text)
        {
            return Some(pid);
        }
        let children = fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        for list in children {
            pending.extend(
                list.split_whitespace()
                    .filter_map(|pid| pid.parse::<u32>().ok()),
            );
        }
    }
    None
}

/// Waits until the state has come about and returns what is known of it then.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut state: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = state() {
            return found;
        }
        assert!(
            begin.elapsed() < PATIENCE,
            "not so after {PATIENCE:?}: {what}"
        );
        thread::sleep(PAUSE);
    }
}

/// Runs a program to its end and returns what it printed; it must succeed.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?} ends with {}\n{text}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// A command that is to be run, and where its child goes.
type Order = (Command, mpsc::Sender<(Command, io::Result<Child>)>);

/// Runs a command on a thread that lives as long as the process.
///
/// The kernel's "parent is gone" means the thread that started the child, and a test's thread ends before servers
/// that others use.
fn spawn(command: Command) -> (Command, io::Result<Child>) {
    static KEEPER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, reply) in orders {
                let child = command.spawn();
                reply.send((command, child)).ok();
            }
        });
        sender
    });
    let (reply, answer) = mpsc::channel();
    KEEPER.send((command, reply)).unwrap();
    answer.recv().unwrap()
}
