//! A line that plays answers from a list, for tests of this room.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::test_util::instant_time_and_sleep;
use aws_smithy_async::time::SharedTimeSource;
use bytes::Bytes;
use http::{Request, Response};

use super::line::{Line, LineError};
use super::{Platform, Readers, Settings};

/// An answer of the script: a status and a body, or why none comes.
pub(super) type Played = Result<(u16, String), LineError>;

/// Plays answers and keeps the questions; the last answer is played again and again.
#[derive(Debug)]
pub(super) struct Script {
    answers: Mutex<VecDeque<Played>>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl Script {
    pub(super) fn new(answers: impl IntoIterator<Item = Played>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            seen: Mutex::default(),
        })
    }

    /// Returns readers of one connection whose other end is this script, on a clock of its own.
    pub(super) fn readers(self: &Arc<Self>, connection: &str, settings: Settings) -> Readers {
        let (time, sleep) = instant_time_and_sleep(std::time::UNIX_EPOCH);
        let platform = Platform {
            line: Some(Arc::clone(self) as Arc<dyn Line>),
            sleep: SharedAsyncSleep::new(sleep),
            time: SharedTimeSource::new(time),
            ..Platform::real()
        };
        Readers::new(platform, [(connection.to_owned(), settings)].into())
    }

    /// Returns each request so far: method, address, body.
    pub(super) fn seen(&self) -> Vec<(String, String, String)> {
        let seen = self.seen.lock().unwrap();
        let all = seen.iter().map(|request| {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            (
                request.method().to_string(),
                request.uri().to_string(),
                body,
            )
        });
        all.collect()
    }

    /// Returns a header of the first request.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let seen = self.seen.lock().unwrap();
        let value = seen.first()?.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }
}

#[async_trait]
impl Line for Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, LineError> {
        self.seen.lock().unwrap().push(request);
        let mut answers = self.answers.lock().unwrap();
        let played = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        let (status, body) = played.expect("the script has an answer")?;
        let answer = Response::builder().status(status).body(Bytes::from(body));
        Ok(answer.unwrap())
    }
}
