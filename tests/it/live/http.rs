//! One plain HTTP request on loopback, for the set-up and the readiness of servers.
//!
//! In: method, URL, headers, body. Out: status and body. Speaks HTTP/1.0, so that the end of an answer is
//! the end of the connection. HAProxy sends chunks all the same.

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
    parse(&answer).ok_or_else(|| io::Error::other(format!("{method} {url}: no HTTP in {answer:?}")))
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let is_chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    let body = if is_chunked {
        join(body)?
    } else {
        body.to_owned()
    };
    Some(Answer { status, body })
}

/// The text of chunks, each after its length.
fn join(mut rest: &str) -> Option<String> {
    let mut whole = String::new();
    loop {
        let (length, after) = rest.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole += after.get(..length)?;
        rest = after.get(length..)?.strip_prefix("\r\n")?;
    }
}
