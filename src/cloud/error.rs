//! What can go wrong between drsync and a service, sorted by what it means for the reader.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::model::GapCode;

/// A call that did not give an answer.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{message}")]
pub struct CloudError {
    /// What kind of failure it is.
    pub code: GapCode,
    /// The service's own error code, if it gave one.
    pub service_code: Option<String>,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The region that the service names as the right one, if the request went to a wrong one.
    pub right_region: Option<String>,
    /// What happened, in one sentence, without secrets.
    pub message: String,
    /// Whether the call may have had its effect all the same.
    pub maybe_done: bool,
    /// What exactly the service objects to, where it says so by field.
    pub causes: Vec<ErrorCause>,
}

/// One objection of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCause {
    /// The service's own code, such as `FieldManagerConflict`.
    pub reason: String,
    /// What it says.
    pub message: String,
    /// The field, in the service's own spelling; may be empty.
    pub field: String,
}

/// Error codes by which services say that credentials are missing, wrong or expired.
const CREDENTIAL_CODES: [&str; 9] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "IncompleteSignature",
];
const FORBIDDEN_CODES: [&str; 5] = [
    "AccessDenied",
    "AccessDeniedException",
    "Forbidden",
    "UnauthorizedAccess",
    "AllAccessDisabled",
];
const THROTTLE_CODES: [&str; 6] = [
    "Throttling",
    "ThrottlingException",
    "SlowDown",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "PriorRequestNotComplete",
];

impl CloudError {
    /// Returns the error of a call to an operation, such as `ListResourceRecordSets`.
    pub fn of<E>(operation: &str, error: &SdkError<E, Response>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let status = error
            .raw_response()
            .map(|response| response.status().as_u16());
        let right_region = error
            .raw_response()
            .and_then(|response| response.headers().get("x-amz-bucket-region"))
            .map(str::to_owned);
        let base = Self {
            code: GapCode::Service,
            service_code: None,
            status,
            right_region,
            message: String::new(),
            maybe_done: true,
            causes: Vec::new(),
        };
        match error {
            SdkError::ServiceError(service) => {
                let (code, text) = (service.err().code(), service.err().message());
                base.answered(operation, code, text)
            }
            SdkError::ResponseError(_) => Self {
                code: GapCode::Garbled,
                message: format!(
                    "{operation}: the answer (HTTP {}) is not one of the service: {}",
                    status.unwrap_or_default(),
                    chain(error)
                ),
                ..base
            },
            SdkError::TimeoutError(_) => Self {
                code: GapCode::Unreachable,
                message: format!("{operation}: no answer in time"),
                ..base
            },
            SdkError::DispatchFailure(failure) => {
                let text = failure
                    .as_connector_error()
                    .map(|error| chain(error))
                    .unwrap_or_default();
                let credentials = text.contains("credential");
                Self {
                    code: if credentials {
                        GapCode::Credentials
                    } else {
                        GapCode::Unreachable
                    },
                    message: if credentials {
                        without_credentials(operation, &text)
                    } else {
                        format!("{operation}: {text}")
                    },
                    // A connection that was refused, or a request that a fence held back, carried nothing.
                    maybe_done: !credentials && !failure.is_user() && !text.contains("refused"),
                    ..base
                }
            }
            other => {
                let text = chain(other);
                let credentials = text.contains("credential");
                Self {
                    code: if credentials {
                        GapCode::Credentials
                    } else {
                        GapCode::Service
                    },
                    message: if credentials {
                        without_credentials(operation, &text)
                    } else {
                        format!("{operation}: {text}")
                    },
                    maybe_done: false,
                    ..base
                }
            }
        }
    }

    fn answered(self, operation: &str, code: Option<&str>, text: Option<&str>) -> Self {
        let Some(code) = code else {
            let status = self.status.unwrap_or_default();
            return Self {
                code: GapCode::Garbled,
                message: format!(
                    "{operation}: HTTP {status} without an error code; is the endpoint the service's own?"
                ),
                // Only a refusal says that nothing was done; a page for people says nothing.
                maybe_done: !(400..500).contains(&status),
                ..self
            };
        };
        let kind = if CREDENTIAL_CODES.contains(&code) {
            GapCode::Credentials
        } else if FORBIDDEN_CODES.contains(&code) {
            GapCode::Forbidden
        } else if THROTTLE_CODES.contains(&code) {
            GapCode::Throttled
        } else {
            GapCode::Service
        };
        Self {
            code: kind,
            service_code: Some(code.to_owned()),
            message: match text {
                Some(text) if !text.is_empty() && kind == GapCode::Credentials => {
                    format!("{operation}: {code}: {text}; use other credentials, or renew these")
                }
                Some(text) if !text.is_empty() => format!("{operation}: {code}: {text}"),
                _ => format!("{operation}: {code}"),
            },
            // A refusal has no effect; a failure inside the service may come after it.
            maybe_done: self.status.is_some_and(|status| status >= 500)
                && kind != GapCode::Throttled,
            ..self
        }
    }

    /// Returns whether the service answered with this code.
    #[must_use]
    pub fn is(&self, service_code: &str) -> bool {
        self.service_code.as_deref() == Some(service_code)
    }

    /// Returns an error that did not come from a call.
    #[must_use]
    pub fn local(code: GapCode, message: impl Into<String>) -> Self {
        Self {
            code,
            service_code: None,
            status: None,
            right_region: None,
            message: message.into(),
            maybe_done: false,
            causes: Vec::new(),
        }
    }
}

/// Returns what to say where a call could not be signed.
///
/// The SDK lists every place where it looked; only a place that was set up and failed is news.
fn without_credentials(operation: &str, text: &str) -> String {
    if text.contains("no credentials found in chain") || text.contains("no providers in chain") {
        return format!(
            "{operation}: no credentials were found; set AWS_PROFILE or the other AWS_* variables, or log in"
        );
    }
    format!(
        "{operation}: the credentials cannot be used: {text}; set AWS_PROFILE or the other AWS_* variables, or log in"
    )
}

/// Returns an error and its sources as one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}
