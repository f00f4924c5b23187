//! One plain HTTP request on loopback, for the set-up and the readiness of servers.
//!
//! In: method, URL, headers, body. Out: status and body. Speaks HTTP/1.0, so that no answer comes in chunks.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// How long one answer may take.
const LONGEST: Duration = Duration::from_mins(1);

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Whether a GET answers 200.
pub(crate) fn is_ok(url: &str) -> bool {
    get(url).is_ok_and(|answer| answer.status == 200)
}

/// A GET.
pub(crate) fn get(url: &str) -> io::Result<Answer> {
    request("GET", url, &[], "")
}

/// Any request; `headers` are whole lines.
pub(crate) fn request(method: &str, url: &str, headers: &[&str], body: &str) -> io::Result<Answer> {
    let rest = url
        .strip_prefix("http://")
        .unwrap_or_else(|| panic!("{url}"));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut line = TcpStream::connect(host)?;
    line.set_read_timeout(Some(LONGEST))?;
    line.set_write_timeout(Some(LONGEST))?;
    let headers = [headers, &[""]].concat().join("\r\n");
    let length = body.len();
    write!(
        line,
        "{method} /{path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned());
    status
        .zip(body)
        .map(|(status, body)| Answer { status, body })
        .ok_or_else(|| io::Error::other(format!("{method} {url}: no HTTP in {answer:?}")))
}
