//! The shell on loopback: sockets and the real clock around the function.
//!
//! In: a listener and a sandbox. Out: HTTP/1.1, and the transport faults played for real. It must
//! not know services.

use axum::body::Body;
use axum::extract::{ConnectInfo, connect_info::Connected};
use axum::serve::{IncomingStream, Listener};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::error::SandboxError;
use super::kubernetes::Watch;
use super::sandbox::{Reply, Sandbox};
use super::store::Store;

/// What can be served: a sandbox in memory or one in a file.
pub trait Handler: Send + 'static {
    /// Answers a request.
    fn answer(&mut self, now: jiff::Timestamp, request: Request<Bytes>) -> Reply;

    /// What happened to a watch since it was last asked; nothing once it is over.
    fn more(&mut self, now: jiff::Timestamp, watch: &mut Watch) -> Option<Bytes>;
}

impl Handler for Sandbox {
    fn answer(&mut self, now: jiff::Timestamp, request: Request<Bytes>) -> Reply {
        self.handle(now, request)
    }

    fn more(&mut self, now: jiff::Timestamp, watch: &mut Watch) -> Option<Bytes> {
        Sandbox::more(self, now, watch)
    }
}

impl Handler for Store {
    /// A state that cannot be kept is a server that failed.
    fn answer(&mut self, now: jiff::Timestamp, request: Request<Bytes>) -> Reply {
        self.handle(now, request).unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the state is not kept"
            );
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            Reply::Answer(response)
        })
    }

    fn more(&mut self, now: jiff::Timestamp, watch: &mut Watch) -> Option<Bytes> {
        Store::more(self, now, watch).unwrap_or_else(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the state is not kept"
            );
            None
        })
    }
}

/// Serves until the future is dropped. The listener must be on loopback, because the sandbox
/// checks no signatures.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<Mutex<H>>,
) -> Result<(), SandboxError> {
    let address = listener.local_addr().map_err(SandboxError::Serve)?;
    if !address.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(address));
    }
    let answer = move |ConnectInfo(line): ConnectInfo<Line>, request: Request<Body>| {
        let handler = Arc::clone(&handler);
        async move { play(&handler, &line, request).await }
    };
    let service = axum::Router::new()
        .fallback(answer)
        .into_make_service_with_connect_info::<Line>();
    axum::serve(Lines(listener), service)
        .await
        .map_err(SandboxError::Serve)
}

/// How often the shell asks a watch for more.
const WATCH_EVERY: Duration = Duration::from_millis(25);

async fn play<H: Handler>(
    handler: &Arc<Mutex<H>>,
    line: &Line,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    let request = Request::from_parts(parts, body.to_bytes());
    let now = jiff::Timestamp::now();
    let reply = handler
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .answer(now, request);
    match reply {
        Reply::Answer(response) => response.map(Body::from),
        Reply::Delay(milliseconds, response) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            response.map(Body::from)
        }
        Reply::Truncate(response) => truncated(response),
        Reply::Drop => {
            line.cut.store(true, Ordering::Release);
            Response::new(Body::empty())
        }
        Reply::Hang => std::future::pending().await,
        Reply::Watch(watch) => streamed(Arc::clone(handler), *watch),
    }
}

/// Events as they happen.
fn streamed<H: Handler>(handler: Arc<Mutex<H>>, watch: Watch) -> Response<Body> {
    let head = watch.head();
    let stream = futures::stream::unfold((handler, watch), |(handler, mut watch)| async move {
        loop {
            let now = jiff::Timestamp::now();
            let more = handler
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .more(now, &mut watch)?;
            if !more.is_empty() {
                return Some((Ok::<_, io::Error>(more), (handler, watch)));
            }
            tokio::time::sleep(WATCH_EVERY).await;
        }
    });
    head.map(|_| Body::from_stream(stream))
}

/// The headers with the full length, half of the body, and an error that ends the connection.
fn truncated(response: Response<Bytes>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let broken = async {
        // The first half must be on its way before the connection breaks.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    };
    let stream = futures::stream::iter([Ok(half)]).chain(futures::stream::once(broken));
    Response::from_parts(parts, Body::from_stream(stream))
}

/// A listener whose connections can be cut by who answers on them.
struct Lines(TcpListener);

/// The handle to cut a connection.
#[derive(Debug, Clone)]
struct Line {
    cut: Arc<AtomicBool>,
    peer: SocketAddr,
}

/// A connection that can be cut: nothing is written after that.
struct LineStream {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Listener for Lines {
    type Io = LineStream;
    type Addr = Line;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        stream.set_nodelay(true).ok();
        let cut = Arc::new(AtomicBool::new(false));
        (
            LineStream {
                stream,
                cut: Arc::clone(&cut),
            },
            Line { cut, peer },
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        let peer = self.0.local_addr()?;
        Ok(Line {
            cut: Arc::default(),
            peer,
        })
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        tracing::trace!(peer = %stream.remote_addr().peer, "connected");
        stream.remote_addr().clone()
    }
}

impl LineStream {
    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::Acquire) {
            return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
        }
        Ok(())
    }
}

impl AsyncRead for LineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
