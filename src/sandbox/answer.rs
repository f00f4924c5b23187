//! What a service answers, and how the three protocols write it.
//!
//! In: an [`Answer`] or a [`Refusal`] of a handler. Out: an HTTP response in the service's own shape.
//! It must not know why a service refuses.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::wire::Service;
use super::xml::Element;

/// A success: status, headers and the body's tree, or raw text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// The HTTP status; 0 stands for 200.
    pub(crate) status: u16,
    /// Headers beside the usual ones.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body.
    pub(crate) body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone, Default)]
pub(crate) enum Body {
    /// No bytes at all.
    #[default]
    Empty,
    /// An XML document.
    Xml(Element),
    /// Text of another type.
    Text(&'static str, String),
}

impl Answer {
    /// 200 with a document.
    pub(crate) fn xml(root: Element) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: Body::Xml(root),
        }
    }

    /// A status without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// Another status.
    #[must_use]
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// One more header.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An error of a service: the code is what clients branch on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The error code.
    pub(crate) code: String,
    /// The text for people.
    pub(crate) message: String,
    /// Headers beside the usual ones.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// S3 adds elements beside code and message.
    pub(crate) details: Vec<Element>,
}

impl Refusal {
    /// A refusal.
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            headers: Vec::new(),
            details: Vec::new(),
        }
    }

    /// One more header.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// One more element in the body.
    #[must_use]
    pub(crate) fn detail(mut self, name: &str, text: &str) -> Self {
        self.details.push(Element::leaf(name, text));
        self
    }

    /// The call may not be made.
    pub(crate) fn denied(service: Service, account: &str, operation: &str) -> Self {
        match service {
            Service::S3 => Self::new(403, "AccessDenied", "Access Denied"),
            Service::Eks => Self::new(
                403,
                "AccessDeniedException",
                format!(
                    "User: arn:aws:iam::{account}:user/sandbox is not authorized to perform: eks:{operation}"
                ),
            ),
            Service::Route53 | Service::Sts | Service::Autoscaling => Self::new(
                403,
                "AccessDenied",
                format!(
                    "User: arn:aws:iam::{account}:user/sandbox is not authorized to perform: {}:{operation}",
                    service.name()
                ),
            ),
        }
    }

    /// The session is over.
    pub(crate) fn expired(service: Service) -> Self {
        match service {
            Service::S3 => Self::new(400, "ExpiredToken", "The provided token has expired."),
            Service::Route53 | Service::Sts | Service::Eks | Service::Autoscaling => Self::new(
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
        }
    }

    /// Too many calls.
    pub(crate) fn throttled(service: Service) -> Self {
        match service {
            Service::S3 => Self::new(503, "SlowDown", "Please reduce your request rate."),
            Service::Eks => Self::new(429, "ThrottlingException", "Rate exceeded"),
            Service::Route53 | Service::Sts | Service::Autoscaling => {
                Self::new(400, "Throttling", "Rate exceeded")
            }
        }
    }
}

/// Writes an answer the way the service does.
pub(crate) fn success(
    service: Service,
    head: bool,
    request_id: &str,
    answer: Answer,
) -> Response<Bytes> {
    let (content_type, text) = match answer.body {
        Body::Empty => (None, String::new()),
        Body::Xml(root) => (
            Some(service.content_type()),
            root.document(service.namespace()),
        ),
        Body::Text(content_type, text) => (Some(content_type), text),
    };
    let status = if answer.status == 0 {
        200
    } else {
        answer.status
    };
    respond(
        service,
        head,
        request_id,
        status,
        content_type,
        &answer.headers,
        text,
    )
}

/// Writes an error the way the service does.
pub(crate) fn failure(
    service: Service,
    head: bool,
    request_id: &str,
    refusal: &Refusal,
) -> Response<Bytes> {
    if service == Service::Eks {
        let body = serde_json::json!({ "message": refusal.message, "__type": refusal.code });
        let mut headers = refusal.headers.clone();
        headers.push(("x-amzn-errortype", refusal.code.clone()));
        let kind = Some(service.content_type());
        return respond(
            service,
            head,
            request_id,
            refusal.status,
            kind,
            &headers,
            body.to_string(),
        );
    }
    let error = Element::new("Error");
    let root = match service {
        Service::S3 => error
            .with_leaf("Code", &refusal.code)
            .with_leaf("Message", &refusal.message)
            .with_all(refusal.details.iter().cloned())
            .with_leaf("RequestId", request_id)
            .with_leaf("HostId", "sandbox"),
        Service::Route53 | Service::Sts | Service::Eks | Service::Autoscaling => {
            let kind = if refusal.status >= 500 {
                "Receiver"
            } else {
                "Sender"
            };
            Element::new("ErrorResponse")
                .with(
                    error
                        .with_leaf("Type", kind)
                        .with_leaf("Code", &refusal.code)
                        .with_leaf("Message", &refusal.message),
                )
                .with_leaf("RequestId", request_id)
        }
    };
    let namespace = if service == Service::S3 {
        ""
    } else {
        service.namespace()
    };
    respond(
        service,
        head,
        request_id,
        refusal.status,
        Some(service.content_type()),
        &refusal.headers,
        root.document(namespace),
    )
}

/// A page of a proxy or a captive portal where an API was expected.
pub(crate) fn html() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><p>Sign in to continue.<br></body></html>\n",
    ));
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

fn respond(
    service: Service,
    head: bool,
    request_id: &str,
    status: u16,
    content_type: Option<&'static str>,
    headers: &[(&'static str, String)],
    text: String,
) -> Response<Bytes> {
    let mut response = Response::new(if head {
        Bytes::new()
    } else {
        Bytes::from(text)
    });
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let map = response.headers_mut();
    let id_header = match service {
        Service::S3 => "x-amz-request-id",
        Service::Route53 | Service::Sts | Service::Eks | Service::Autoscaling => "x-amzn-requestid",
    };
    let usual = content_type.map(|value| ("content-type", value.to_owned()));
    let all = usual
        .iter()
        .chain(headers)
        .map(|(name, value)| (*name, value.as_str()));
    for (name, value) in all.chain([(id_header, request_id)]) {
        if let Ok(value) = HeaderValue::from_str(value) {
            map.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
