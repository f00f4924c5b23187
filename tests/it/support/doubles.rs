//! The doubles that others wrote, as child processes on free ports of loopback.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep, TokioSleep};
use drsync::cloud::Platform;

use super::clock::Clock;
use super::room::Room;

/// How often the health of a starting double is asked, and how long each pause is.
const PATIENCE: (u32, Duration) = (600, Duration::from_millis(100));

/// The seconds after which a connection and a read are given up.
const TIMEOUTS: [u64; 2] = [5, 30];

/// A double that runs until it is dropped.
pub(crate) struct Double {
    child: Child,
    port: u16,
    /// The path that makes it forget everything.
    reset: &'static str,
}

impl Double {
    /// Starts ministack.
    pub(crate) fn ministack() -> Self {
        let mut command = program("ministack", "ministack");
        let port = free_port();
        command
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("LOG_LEVEL", "WARNING");
        Self::start(command, port, "/_ministack/reset")
    }

    /// Starts moto.
    pub(crate) fn moto() -> Self {
        let mut command = program("moto", "moto_server");
        let port = free_port();
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        // Every access key is this account; moto has no other way to tell.
        command.env("MOTO_ACCOUNT_ID", super::room::ACCOUNT);
        Self::start(command, port, "/moto-api/reset")
    }

    fn start(mut command: Command, port: u16, reset: &'static str) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut double = Self { child, port, reset };
        let (times, pause) = PATIENCE;
        for _ in 0..times {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return double;
            }
            if let Some(status) = double.child.try_wait().unwrap() {
                panic!("{command:?} ended with {status}");
            }
            std::thread::sleep(pause);
        }
        panic!("{command:?} does not listen on port {port}");
    }

    /// A room whose cloud it is, with nothing in it.
    pub(crate) fn room(&self) -> Room {
        self.forget();
        let platform = Platform {
            sleep: SharedAsyncSleep::new(Hurried(TokioSleep::new())),
            ..Platform::real()
        };
        Room::at(
            &format!("http://127.0.0.1:{}", self.port),
            platform,
            Clock::new(),
        )
    }
}

impl Double {
    fn forget(&self) {
        let mut line = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.reset
        );
        line.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        assert!(answer.contains(" 200 "), "{answer}");
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Polls twenty times faster; time-outs stay as they are.
#[derive(Debug)]
struct Hurried(TokioSleep);

impl AsyncSleep for Hurried {
    fn sleep(&self, duration: Duration) -> Sleep {
        let is_timeout = TIMEOUTS.contains(&duration.as_secs());
        self.0
            .sleep(if is_timeout { duration } else { duration / 20 })
    }
}

fn program(double: &str, name: &str) -> Command {
    let cache = std::env::var_os("DRSYNC_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/drsync"),
        PathBuf::from,
    );
    let path = cache.join(double).join("bin").join(name);
    assert!(
        path.exists(),
        "{} is not there: run tests/tools/install",
        path.display()
    );
    Command::new(path)
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port()
}
