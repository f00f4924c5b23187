//! Plays the sandbox as an HTTP client of the SDK: no socket, no thread, no real time.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use drsync::cloud::LineError;
use drsync::sandbox::{Reply, Sandbox};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};

use super::clock::{Clock, yields};
use super::mortal::Body;

/// More calls than any look makes.
const MOST_CALLS: u64 = 5000;

/// What is done to a request before it is answered; the tests of page sizes and orders use it.
pub(crate) type Bend = dyn Fn(&mut Request<Bytes>) + Send + Sync;

/// An HTTP client that is the sandbox.
#[derive(Clone)]
pub(crate) struct Player {
    pub(crate) sandbox: Arc<Mutex<Sandbox>>,
    pub(crate) clock: Clock,
    /// Feeds how long each answer waits for others; none answers in the order of the questions.
    pub(crate) shuffle: Option<Arc<Mutex<u64>>>,
    pub(crate) bend: Option<Arc<Bend>>,
    /// Bends one answer in three, so that it is not what the service said.
    pub(crate) garble: Option<Arc<Mutex<u64>>>,
    /// The process that asks, if it can die.
    pub(crate) body: Option<Body>,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Player")
    }
}

impl HttpClient for Player {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Line {
            player: self.clone(),
            patience: settings.read_timeout().unwrap_or(Duration::from_mins(1)),
        })
    }
}

/// A connector that waits for an answer as long as it was told to.
#[derive(Debug)]
struct Line {
    player: Player,
    patience: Duration,
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (player, patience) = (self.player.clone(), self.patience);
        HttpConnectorFuture::new(async move { player.play(request, patience).await })
    }
}

impl Player {
    fn garbled(&self, response: Response<Bytes>) -> Response<Bytes> {
        let Some(state) = &self.garble else {
            return response;
        };
        let calls: u64 = self.sandbox.lock().unwrap().calls().values().sum();
        assert!(calls < MOST_CALLS, "it asks for ever");
        let seed = next(&mut state.lock().unwrap());
        if seed.is_multiple_of(3) {
            response.map(|body| bent(&body, seed).into())
        } else {
            response
        }
    }

    async fn step(&self) {
        if let Some(body) = &self.body {
            body.step().await;
        }
    }

    /// Asks the sandbox, as another end of the line would be asked.
    async fn ask(&self, mut request: Request<Bytes>) -> Reply {
        if let Some(path) = request.uri().path_and_query() {
            *request.uri_mut() = path.as_str().parse().unwrap();
        }
        if let Some(bend) = &self.bend {
            bend(&mut request);
        }
        if let Some(shuffle) = &self.shuffle {
            let times = next(&mut shuffle.lock().unwrap()) % 6;
            yields(u32::try_from(times).unwrap()).await;
        }
        self.step().await;
        let now = self.clock.timestamp();
        let reply = self.sandbox.lock().unwrap().handle(now, request);
        self.step().await;
        match reply {
            Reply::Answer(response) => Reply::Answer(self.garbled(response)),
            other => other,
        }
    }

    async fn play(
        &self,
        request: HttpRequest,
        patience: Duration,
    ) -> Result<HttpResponse, ConnectorError> {
        let request = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let (parts, body) = request.into_parts();
        let body = body
            .collect()
            .await
            .map_err(ConnectorError::user)?
            .to_bytes();
        match self.ask(Request::from_parts(parts, body)).await {
            Reply::Answer(response) => Ok(whole(response)),
            Reply::Delay(milliseconds, response) => {
                self.clock.advance(Duration::from_millis(milliseconds));
                Ok(whole(response))
            }
            Reply::Truncate(response) => Ok(cut(response)),
            Reply::Drop => Err(ConnectorError::io(
                io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer").into(),
            )),
            // No client of AWS watches.
            Reply::Hang | Reply::Watch(_) => {
                self.clock.advance(patience);
                Err(ConnectorError::timeout("no answer in time".into()))
            }
        }
    }
}

/// Clusters and data services are played in the same way.
#[async_trait]
impl drsync::cloud::Line for Player {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, LineError> {
        let lost = |message: &str| LineError {
            message: message.to_owned(),
            ..LineError::late()
        };
        match self.ask(request).await {
            Reply::Answer(response) => Ok(response),
            Reply::Delay(milliseconds, response) => {
                self.clock.advance(Duration::from_millis(milliseconds));
                Ok(response)
            }
            Reply::Truncate(_) => Err(lost("the answer broke off")),
            Reply::Drop => Err(lost("connection reset by peer")),
            // Clusters are asked again and again, never watched.
            Reply::Hang | Reply::Watch(_) => {
                self.clock.advance(Duration::from_mins(1));
                Err(LineError::late())
            }
        }
    }
}

/// Bends bytes: flips, cuts, repeats, moves and digits of another size, a few at once.
pub(crate) fn bent(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = bytes.to_vec();
    for _ in 0..=next(&mut state) % 4 {
        let mut any = |below: usize| {
            let below = u64::try_from(below.max(1)).unwrap();
            usize::try_from(next(&mut state) % below).unwrap()
        };
        let from = any(bytes.len());
        let to = (from + 1 + any(24)).min(bytes.len());
        match any(6) {
            0 => bytes.truncate(from),
            1 => bytes[from..to].iter_mut().for_each(|byte| *byte ^= 0x41),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let piece = bytes[from..to].repeat(1 + any(40));
                let at = any(bytes.len());
                bytes.splice(at..at, piece);
            }
            4 => {
                let values = [
                    "99999999999999999999",
                    "-1",
                    "null",
                    "\u{0}",
                    "\"",
                    "[[[[[[[[",
                    "é",
                ];
                let value = values[any(values.len())].bytes();
                bytes.splice(from..to, value);
            }
            _ => {
                // A number becomes another one.
                if let Some(digit) = bytes[from..].iter_mut().find(|byte| byte.is_ascii_digit()) {
                    *digit = b'0' + u8::try_from(any(10)).unwrap();
                }
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

/// A small generator of numbers (splitmix64): the same seed gives the same run.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn whole(response: Response<Bytes>) -> HttpResponse {
    HttpResponse::try_from(response.map(SdkBody::from)).unwrap()
}

/// Not the whole body: reading it ends in an error.
fn cut(response: Response<Bytes>) -> HttpResponse {
    let half = |body: Bytes| {
        let most = body.len() / 2;
        SdkBody::from_body_1_x(Limited::new(Full::new(body), most))
    };
    HttpResponse::try_from(response.map(half)).unwrap()
}
