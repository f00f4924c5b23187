//! What every request to a cluster passes through: the rate limit, the count, the errors.
//!
//! The only place that knows which requests change nothing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use serde_json::Value as Json;

use super::FIELD_MANAGER;
use super::api::{Api, Place, step};
use super::status::error_of;
use crate::cloud::error::CloudError;
use crate::cloud::limiter::Limiter;
use crate::cloud::line::{ANSWER_TIMEOUT, Line, LineError};
use crate::cloud::reader::Shared;
use crate::model::GapCode;

/// Attempts of a request that changes nothing.
const ATTEMPTS: u32 = 4;
/// The first pause between attempts; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The media type by which a server is asked for all its types at once.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,\
                          application/json";
/// The media type of a server-side apply; JSON is YAML.
const APPLY: &str = "application/apply-patch+yaml";

/// A request that changes nothing on the server.
#[derive(Debug)]
pub(super) enum Ask<'a> {
    /// Gets a document that belongs to no object, such as a discovery document.
    Document(&'a str),
    /// Gets an object, or a part of it.
    Get(Place<'a>, Option<&'a str>),
    /// Lists the objects of a type.
    List {
        api: &'a Api,
        namespace: Option<&'a str>,
        /// Limit, continuation and selector.
        query: String,
    },
    /// Asks what a server-side apply would make of an object.
    Predict {
        place: Place<'a>,
        object: &'a Json,
        force: bool,
    },
}

/// A request that may change something.
#[derive(Debug)]
pub(super) enum Order<'a> {
    /// A server-side apply.
    Apply {
        place: Place<'a>,
        object: &'a Json,
        force: bool,
    },
    /// Merges a patch into an object, or into a part of it.
    Merge {
        place: Place<'a>,
        part: Option<&'a str>,
        patch: &'a Json,
    },
    /// Makes an object.
    Create {
        api: &'a Api,
        namespace: Option<&'a str>,
        object: &'a Json,
    },
    /// Deletes an object, under preconditions.
    Delete { place: Place<'a>, options: &'a Json },
}

/// A connection to one cluster.
#[derive(Clone)]
pub(super) struct Channel {
    pub(super) shared: Arc<Shared>,
    pub(super) line: Arc<dyn Line>,
    pub(super) limiter: Arc<Limiter>,
    /// The address that paths are below; empty if the line knows it.
    pub(super) base: String,
    /// What the cluster is called, for messages.
    pub(super) name: String,
    /// The token of requests, if the line adds none.
    pub(super) token: Option<HeaderValue>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({})", self.name)
    }
}

/// A request before it has an address.
pub(super) struct Parts {
    pub(super) operation: String,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(header::HeaderName, &'static str)>,
    pub(super) body: Bytes,
}

impl Ask<'_> {
    /// Returns the request: a GET, or a PATCH that says `dryRun=All`, and nothing else.
    pub(super) fn parts(&self) -> Parts {
        let get = |operation: String, path: String| Parts {
            operation,
            method: Method::GET,
            path,
            headers: vec![(header::ACCEPT, "application/json")],
            body: Bytes::new(),
        };
        match self {
            Self::Document(path) => Parts {
                headers: vec![(header::ACCEPT, AGGREGATED)],
                ..get(format!("GET {path}"), (*path).to_owned())
            },
            Self::Get(place, part) => {
                let (path, name) = (place.path(), place.api.full_name());
                match part {
                    Some(part) => get(format!("GET {name}/{part}"), format!("{path}/{part}")),
                    None => get(format!("GET {name}"), path),
                }
            }
            Self::List {
                api,
                namespace,
                query,
            } => get(
                format!("LIST {}", api.full_name()),
                format!("{}?{query}", api.path(*namespace)),
            ),
            Self::Predict {
                place,
                object,
                force,
            } => {
                let apply = apply_parts("PREDICT", *place, object, *force);
                Parts {
                    path: format!("{}&dryRun=All", apply.path),
                    ..apply
                }
            }
        }
    }
}

impl Order<'_> {
    fn parts(&self) -> Parts {
        let json = |object: &Json| Bytes::from(object.to_string());
        match self {
            Self::Apply {
                place,
                object,
                force,
            } => apply_parts("APPLY", *place, object, *force),
            Self::Merge { place, part, patch } => {
                let part = part.map(|part| format!("/{part}")).unwrap_or_default();
                Parts {
                    operation: format!("PATCH {}{part}", place.api.full_name()),
                    method: Method::PATCH,
                    path: format!("{}{part}?fieldManager={FIELD_MANAGER}", place.path()),
                    headers: vec![(header::CONTENT_TYPE, "application/merge-patch+json")],
                    body: json(patch),
                }
            }
            Self::Create {
                api,
                namespace,
                object,
            } => Parts {
                operation: format!("CREATE {}", api.full_name()),
                method: Method::POST,
                path: format!("{}?fieldManager={FIELD_MANAGER}", api.path(*namespace)),
                headers: vec![(header::CONTENT_TYPE, "application/json")],
                body: json(object),
            },
            Self::Delete { place, options } => Parts {
                operation: format!("DELETE {}", place.api.full_name()),
                method: Method::DELETE,
                path: place.path(),
                headers: vec![(header::CONTENT_TYPE, "application/json")],
                body: json(options),
            },
        }
    }
}

fn apply_parts(word: &str, place: Place<'_>, object: &Json, force: bool) -> Parts {
    Parts {
        operation: format!("{word} {}", place.api.full_name()),
        method: Method::PATCH,
        path: format!(
            "{}?fieldManager={FIELD_MANAGER}&fieldValidation=Strict&force={force}",
            place.path()
        ),
        headers: vec![(header::CONTENT_TYPE, APPLY)],
        body: Bytes::from(object.to_string()),
    }
}

/// Returns the query of one page of a list.
pub(super) fn page(limit: u32, from: Option<&str>, selector: Option<&str>) -> String {
    let mut query = format!("limit={limit}");
    for (key, value) in [("continue", from), ("labelSelector", selector)] {
        if let Some(value) = value {
            query = format!("{query}&{key}={}", step(value));
        }
    }
    query
}

impl Channel {
    /// Sends a request that changes nothing; one that fails in passing is repeated.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Json, CloudError> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let error = match self.once(ask.parts()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let passes = matches!(error.code, GapCode::Throttled | GapCode::Unreachable)
                || error.status.is_some_and(|status| status >= 500);
            if !passes || attempt == ATTEMPTS {
                return Err(error);
            }
            self.shared.sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// Sends a request that may change something, once.
    pub(super) async fn order(&self, order: &Order<'_>) -> Result<Json, CloudError> {
        self.once(order.parts()).await
    }

    async fn once(&self, parts: Parts) -> Result<Json, CloudError> {
        let operation = parts.operation;
        let mut request = Request::builder()
            .method(parts.method)
            .uri(format!("{}{}", self.base, parts.path));
        for (name, value) in parts.headers {
            request = request.header(name, value);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, token.clone());
        }
        let request = request.body(parts.body).map_err(|error| {
            CloudError::local(GapCode::Service, format!("{operation}: {error}"))
        })?;
        self.limiter.take(1).await;
        self.shared.count("kubernetes", &operation);
        let sent = tokio::time::timeout(ANSWER_TIMEOUT, self.line.send(request)).await;
        let answer = sent.unwrap_or_else(|_| Err(LineError::late()));
        let answer = answer.map_err(|error| CloudError {
            maybe_done: error.maybe_sent,
            ..CloudError::local(
                error.code,
                format!("{operation} of {}: {}", self.name, error.message),
            )
        })?;
        let (status, body) = (answer.status(), answer.body());
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.limiter.throttled();
        } else {
            self.limiter.answered();
        }
        if !status.is_success() {
            let operation = format!("{operation} of {}", self.name);
            return Err(error_of(&operation, status, body));
        }
        serde_json::from_slice(body).map_err(|error| CloudError {
            status: Some(status.as_u16()),
            maybe_done: true,
            ..CloudError::local(
                GapCode::Garbled,
                format!(
                    "{operation} of {}: the answer is no JSON: {error}",
                    self.name
                ),
            )
        })
    }
}
