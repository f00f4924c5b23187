//! What every request to a data service passes through: the limit, the count, who asks, errors.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};

use super::reader::Answer;
use super::settings::{ServiceSettings, ServiceUser};
use crate::cloud::error::{CloudError, chain};
use crate::cloud::limiter::Limiter;
use crate::cloud::line::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, Line, LineError};
use crate::cloud::reader::Shared;
use crate::cloud::secret::Secret;
use crate::model::GapCode;

/// Attempts of a request that changes nothing.
const ATTEMPTS: u32 = 3;
/// The first pause between attempts; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A connection to one data service.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) shared: Arc<Shared>,
    line: Arc<dyn Line>,
    limiter: Arc<Limiter>,
    /// What the service is called, for messages and counts.
    pub(super) name: String,
    pub(super) urls: Arc<[String]>,
    credential: Option<HeaderValue>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.name)
    }
}

impl Client {
    /// Opens a service: its secrets are read now; nothing is sent yet.
    pub(super) fn open(
        shared: &Arc<Shared>,
        connection: &str,
        settings: &ServiceSettings,
    ) -> Result<Self, CloudError> {
        let name = connection.rsplit('/').next().unwrap_or_default().to_owned();
        let line: Arc<dyn Line> = match shared.played() {
            Some(line) => line,
            None => Arc::new(ReqwestLine(build(settings, &name)?)),
        };
        Ok(Self {
            line,
            limiter: shared.limiter(connection, "service", settings.requests),
            name,
            urls: settings.urls.clone().into(),
            credential: credential(settings)?,
            shared: Arc::clone(shared),
        })
    }

    /// Sends a request that changes nothing; one that fails in passing is repeated.
    pub(super) async fn ask(&self, base: &str, path: &str) -> Result<Answer, CloudError> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let error = match self.once(Method::GET, base, path, None).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let passes = matches!(error.code, GapCode::Throttled | GapCode::Unreachable);
            if !passes || attempt == ATTEMPTS {
                return Err(error);
            }
            self.shared.sleep(pause).await;
            pause *= 2;
            attempt += 1;
        }
    }

    /// Sends a request once. An answer of any status but those about credentials and speed is an
    /// answer: what it means is for the asker.
    pub(super) async fn once(
        &self,
        method: Method,
        base: &str,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Answer, CloudError> {
        let operation = format!("{method} {}", path.split('?').next().unwrap_or_default());
        let about = format!("{operation} of {} ({base})", self.name);
        if !base.starts_with("http") {
            return Err(CloudError::local(
                GapCode::Unreachable,
                format!("{about}: it has no http:// or https:// address"),
            ));
        }
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{base}{path}"));
        request = request.header(header::ACCEPT, "application/json");
        if let Some(credential) = &self.credential {
            request = request.header(header::AUTHORIZATION, credential.clone());
        }
        let bytes = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(json.to_string())
            }
            None => Bytes::new(),
        };
        let request = request
            .body(bytes)
            .map_err(|error| CloudError::local(GapCode::Service, format!("{about}: {error}")))?;
        self.limiter.take(1).await;
        self.shared.count(&self.name, &operation);
        let sent = tokio::time::timeout(ANSWER_TIMEOUT, self.line.send(request)).await;
        let answer = sent.unwrap_or_else(|_| Err(LineError::late()));
        let answer = answer.map_err(|error| CloudError {
            maybe_done: error.maybe_sent,
            ..CloudError::local(error.code, format!("{about}: {}", error.message))
        })?;
        let status = answer.status().as_u16();
        let code = match status {
            401 => Some((
                GapCode::Credentials,
                "; renew the credentials of the service",
            )),
            403 => Some((GapCode::Forbidden, "; give its user the permission")),
            429 => Some((GapCode::Throttled, "")),
            _ => None,
        };
        if status == 429 {
            self.limiter.throttled();
        } else {
            self.limiter.answered();
        }
        if let Some((code, advice)) = code {
            return Err(CloudError {
                status: Some(status),
                ..CloudError::local(code, format!("{about}: HTTP {status}{advice}"))
            });
        }
        let (head, body) = answer.into_parts();
        Ok(Answer {
            status: head.status.as_u16(),
            body,
            about,
        })
    }
}

/// Returns the value of the header that says who asks.
fn credential(settings: &ServiceSettings) -> Result<Option<HeaderValue>, CloudError> {
    let text = if let Some(token) = &settings.token {
        format!("Bearer {}", Secret::read(token)?.expose())
    } else if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        let user = match user {
            ServiceUser::Named(name) => name.clone(),
            ServiceUser::Kept(reference) => Secret::read(reference)?.expose().to_owned(),
        };
        let pair = format!("{user}:{}", Secret::read(password)?.expose());
        format!("Basic {}", aws_smithy_types::base64::encode(pair))
    } else {
        return Ok(None);
    };
    let mut value = HeaderValue::try_from(text).map_err(|_| {
        let text = "a secret holds a character that a header cannot carry";
        CloudError::local(GapCode::Credentials, text)
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn build(settings: &ServiceSettings, name: &str) -> Result<reqwest::Client, CloudError> {
    let wrong = |error: &reqwest::Error| {
        CloudError::local(
            GapCode::Credentials,
            format!("the TLS settings of {name}: {}", chain(error)),
        )
    };
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(ANSWER_TIMEOUT)
        // A redirect could take the credentials to another host.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("drsync/", env!("CARGO_PKG_VERSION")));
    if let Some(ca) = &settings.ca {
        let pem = Secret::read(ca)?;
        let certificates = reqwest::Certificate::from_pem_bundle(pem.expose().as_bytes());
        builder = builder.tls_certs_merge(certificates.map_err(|error| wrong(&error))?);
    }
    if let (Some(certificate), Some(key)) = (&settings.certificate, &settings.key) {
        let (certificate, key) = (Secret::read(certificate)?, Secret::read(key)?);
        let pem = format!("{}\n{}\n", certificate.expose(), key.expose());
        let identity = reqwest::Identity::from_pem(pem.as_bytes());
        builder = builder.identity(identity.map_err(|error| wrong(&error))?);
    }
    builder.build().map_err(|error| wrong(&error))
}

/// The real network.
#[derive(Debug)]
struct ReqwestLine(reqwest::Client);

#[async_trait]
impl Line for ReqwestLine {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, LineError> {
        let request = reqwest::Request::try_from(request).map_err(|error| of_reqwest(&error))?;
        let answer = self.0.execute(request).await;
        let answer = answer.map_err(|error| of_reqwest(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| LineError {
            message: format!("the answer broke off: {}", chain(&error.without_url())),
            ..LineError::late()
        })?;
        let mut whole = Response::new(body);
        *whole.status_mut() = status;
        *whole.headers_mut() = headers;
        Ok(whole)
    }
}

fn of_reqwest(error: &reqwest::Error) -> LineError {
    LineError {
        maybe_sent: !error.is_connect() && !error.is_builder(),
        ..LineError::of(error)
    }
}
