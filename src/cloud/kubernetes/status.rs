//! What the error answers of an API server mean.

use http::StatusCode;
use serde_json::Value as Json;

use crate::cloud::error::{CloudError, ErrorCause};
use crate::model::GapCode;

/// Returns the error of an answer that is none of success.
///
/// Rule: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
pub(super) fn error_of(operation: &str, status: StatusCode, body: &[u8]) -> CloudError {
    let base = CloudError {
        status: Some(status.as_u16()),
        // Only a refusal says that nothing was done.
        maybe_done: !status.is_client_error(),
        ..CloudError::local(GapCode::Service, String::new())
    };
    let answer: Json = serde_json::from_slice(body).unwrap_or_default();
    if answer.get("kind").and_then(Json::as_str) != Some("Status") {
        // The server itself answers some errors without a Status: an unknown path, an overload.
        let text = String::from_utf8_lossy(body);
        let line = text.lines().next().unwrap_or_default().trim();
        let (code, reason) = match status {
            StatusCode::NOT_FOUND => (GapCode::Service, Some("NotFound")),
            StatusCode::UNAUTHORIZED => (GapCode::Credentials, Some("Unauthorized")),
            StatusCode::FORBIDDEN => (GapCode::Forbidden, Some("Forbidden")),
            StatusCode::TOO_MANY_REQUESTS => (GapCode::Throttled, Some("TooManyRequests")),
            _ => (GapCode::Garbled, None),
        };
        let short: String = line.chars().take(200).collect();
        return CloudError {
            code,
            service_code: reason.map(str::to_owned),
            message: format!("{operation}: HTTP {}: {short}", status.as_u16()),
            ..base
        };
    }
    let text = |pointer: &str| answer.pointer(pointer).and_then(Json::as_str);
    let reason = text("/reason").unwrap_or_default();
    let message = text("/message").unwrap_or("no reason given");
    let code = match status {
        StatusCode::UNAUTHORIZED => GapCode::Credentials,
        StatusCode::FORBIDDEN => GapCode::Forbidden,
        StatusCode::TOO_MANY_REQUESTS => GapCode::Throttled,
        _ => GapCode::Service,
    };
    let advice = match code {
        GapCode::Credentials => "; log in again, or use another context",
        GapCode::Forbidden => "; give the user of this context the permission (RBAC)",
        _ => "",
    };
    let causes = answer.pointer("/details/causes").and_then(Json::as_array);
    let word = |cause: &Json, key: &str| {
        let word = cause.get(key).and_then(Json::as_str);
        word.unwrap_or_default().to_owned()
    };
    let causes = causes.into_iter().flatten().map(|cause| ErrorCause {
        reason: word(cause, "reason"),
        message: word(cause, "message"),
        field: word(cause, "field"),
    });
    CloudError {
        code,
        service_code: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        message: format!("{operation}: {message}{advice}"),
        // A refusal for speed comes before the work; a time-out may come after it.
        maybe_done: base.maybe_done && code != GapCode::Throttled,
        causes: causes.collect(),
        ..base
    }
}
