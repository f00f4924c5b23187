//! The errors of an API server: Status objects.
//!
//! In: what was asked and why it is refused. Out: a [`Failure`] in the server's own words. It must
//! not know how requests are read. Rules: `metav1.Status` and `apimachinery/pkg/api/errors`.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::managed::Conflict;
use super::resource::Resource;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    /// The HTTP status.
    pub(super) code: u16,
    reason: &'static str,
    message: String,
    details: Option<Value>,
    /// Members of the list metadata.
    meta: Value,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cause {
    reason: &'static str,
    message: String,
    field: String,
}

impl Cause {
    /// A required field that is not there.
    pub(super) fn required(field: &str, hint: &str) -> Self {
        let hint = if hint.is_empty() {
            String::new()
        } else {
            format!(": {hint}")
        };
        Self::new("FieldValueRequired", field, format!("Required value{hint}"))
    }

    /// Whether a field is missing.
    pub(super) fn is_missing(&self) -> bool {
        self.reason == "FieldValueRequired"
    }

    /// A value that breaks a rule.
    pub(super) fn invalid(field: &str, value: &Value, rule: &str) -> Self {
        Self::new(
            "FieldValueInvalid",
            field,
            format!("Invalid value: {value}: {rule}"),
        )
    }

    /// A value that is none of a choice.
    pub(super) fn unsupported(field: &str, value: &Value, choice: &[&str]) -> Self {
        let choice: Vec<String> = choice.iter().map(|one| format!("\"{one}\"")).collect();
        let message = format!(
            "Unsupported value: {value}: supported values: {}",
            choice.join(", ")
        );
        Self::new("FieldValueNotSupported", field, message)
    }

    /// What may not be changed or given here.
    pub(super) fn forbidden(field: &str, rule: &str) -> Self {
        Self::new("FieldValueForbidden", field, format!("Forbidden: {rule}"))
    }

    /// A value of another type than the schema says.
    pub(super) fn of_type(field: &str, value: &Value, rule: &str) -> Self {
        Self::new(
            "FieldValueTypeInvalid",
            field,
            format!("Invalid value: {value}: {rule}"),
        )
    }

    fn new(reason: &'static str, field: &str, message: String) -> Self {
        Self {
            reason,
            message,
            field: field.to_owned(),
        }
    }
}

impl Failure {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details: None,
            meta: json!({}),
        }
    }

    fn about(mut self, resource: &Resource, name: &str) -> Self {
        let mut details = json!({ "kind": resource.plural });
        if !name.is_empty() {
            details["name"] = json!(name);
        }
        if !resource.group.is_empty() {
            details["group"] = json!(resource.group);
        }
        self.details = Some(details);
        self
    }

    /// A wrong token.
    pub(super) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// A path that the user may not see.
    pub(super) fn forbidden_path(user: &str, verb: &str, path: &str) -> Self {
        let message = format!("forbidden: User \"{user}\" cannot {verb} path \"{path}\"");
        let mut failure = Self::new(403, "Forbidden", message);
        failure.details = Some(json!({}));
        failure
    }

    /// An object or list that the user may not touch; `place` is a namespace or empty.
    pub(super) fn forbidden(
        resource: &Resource,
        (sub, name): (&str, &str),
        user: &str,
        verb: &str,
        place: &str,
    ) -> Self {
        let subject = if name.is_empty() {
            String::new()
        } else {
            format!(" \"{name}\"")
        };
        let place = if place.is_empty() {
            "at the cluster scope".to_owned()
        } else {
            format!("in the namespace \"{place}\"")
        };
        let sub = if sub.is_empty() {
            String::new()
        } else {
            format!("/{sub}")
        };
        let message = format!(
            "{}{subject} is forbidden: User \"{user}\" cannot {verb} resource \"{}{sub}\" in API group \"{}\" {place}",
            resource.key(),
            resource.plural,
            resource.group
        );
        Self::new(403, "Forbidden", message).about(resource, name)
    }

    /// No object of that name.
    pub(super) fn not_found(resource: &Resource, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", resource.key());
        Self::new(404, "NotFound", message).about(resource, name)
    }

    /// An object of that name already.
    pub(super) fn exists(resource: &Resource, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", resource.key());
        Self::new(409, "AlreadyExists", message).about(resource, name)
    }

    /// Somebody else was faster.
    pub(super) fn conflict(resource: &Resource, name: &str, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": {why}",
            resource.key()
        );
        Self::new(409, "Conflict", message).about(resource, name)
    }

    /// An object that is another than the caller thinks; the server names its kind here.
    pub(super) fn precondition(resource: &Resource, name: &str, why: &str) -> Self {
        let kind = Resource {
            plural: resource.kind.clone(),
            ..resource.clone()
        };
        Self::conflict(&kind, name, why)
    }

    /// Others own fields of an applied configuration.
    pub(super) fn owned(conflicts: &[Conflict]) -> Self {
        let message = match conflicts {
            [one] => format!(
                "Apply failed with 1 conflict: conflict with {}: {}",
                one.manager, one.path
            ),
            all => {
                let mut lines = Vec::new();
                let mut last = "";
                for conflict in all {
                    if conflict.manager != last {
                        lines.push(format!("conflicts with {}:", conflict.manager));
                        last = &conflict.manager;
                    }
                    lines.push(format!("- {}", conflict.path));
                }
                format!(
                    "Apply failed with {} conflicts: {}",
                    all.len(),
                    lines.join("\n")
                )
            }
        };
        let causes = conflicts.iter().map(|conflict| {
            json!({ "reason": "FieldManagerConflict", "message": format!("conflict with {}", conflict.manager), "field": conflict.path })
        });
        let mut failure = Self::new(409, "Conflict", message);
        failure.details = Some(json!({ "causes": causes.collect::<Vec<_>>() }));
        failure
    }

    /// Fields that break rules.
    pub(super) fn invalid(group: &str, kind: &str, name: &str, causes: &[Cause]) -> Self {
        let shown: Vec<String> = causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect();
        let shown = match shown.as_slice() {
            [one] => one.clone(),
            all => format!("[{}]", all.join(", ")),
        };
        let qualified = if group.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}.{group}")
        };
        let mut failure = Self::new(
            422,
            "Invalid",
            format!("{qualified} \"{name}\" is invalid: {shown}"),
        );
        let causes: Vec<Value> = causes
            .iter()
            .map(|cause| json!({ "reason": cause.reason, "message": cause.message, "field": cause.field }))
            .collect();
        let mut details = json!({ "kind": kind, "causes": causes });
        if !name.is_empty() {
            details["name"] = json!(name);
        }
        if !group.is_empty() {
            details["group"] = json!(group);
        }
        failure.details = Some(details);
        failure
    }

    /// A request that makes no sense.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// A list or watch from a moment that the server has forgotten.
    pub(super) fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// The same, with a token to go on without consistency.
    #[must_use]
    pub(super) fn resumable(mut self, token: &str) -> Self {
        self.meta = json!({ "continue": token });
        self
    }

    /// A moment that has not come yet.
    pub(super) fn too_large(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        let mut failure = Self::new(504, "Timeout", message);
        failure.details = Some(
            json!({ "causes": [{ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" }], "retryAfterSeconds": 1 }),
        );
        failure
    }

    /// A verb that the resource does not have.
    pub(super) fn method() -> Self {
        let mut failure = Self::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        );
        failure.details = Some(json!({}));
        failure
    }

    /// A body of a type that the server does not read.
    pub(super) fn media_type(accepted: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Self::new(415, "UnsupportedMediaType", message)
    }

    /// Something that a server has and the sandbox has not.
    pub(super) fn not_in_sandbox(what: &str) -> Self {
        Self::new(
            501,
            "NotImplemented",
            format!("the sandbox does not serve {what}"),
        )
    }

    /// A schema that does not fit, as server-side apply says it.
    pub(super) fn untyped(message: impl Into<String>) -> Self {
        Self::new(500, "", message)
    }

    /// The server failed.
    pub(super) fn internal(why: &str) -> Self {
        let mut failure = Self::new(
            500,
            "InternalError",
            format!("Internal error occurred: {why}"),
        );
        failure.details = Some(json!({ "causes": [{ "message": why }] }));
        failure
    }

    /// A group that the server has, and no resource of that name in it.
    pub(super) fn no_resource() -> Self {
        let message = "the server could not find the requested resource";
        let mut failure = Self::new(404, "NotFound", message);
        failure.details = Some(json!({}));
        failure
    }

    /// Too many requests.
    pub(super) fn throttled() -> Self {
        let message = "Too many requests, please try again later.";
        let mut failure = Self::new(429, "TooManyRequests", message);
        failure.details = Some(json!({ "retryAfterSeconds": 1 }));
        failure
    }

    /// The server is not there for the moment.
    pub(super) fn unavailable() -> Self {
        Self::new(
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        )
    }

    /// The text for people.
    pub(super) fn message(&self) -> String {
        self.message.clone()
    }

    /// The Status object.
    pub(super) fn object(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": self.meta, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status
    }

    /// The whole answer.
    pub(super) fn response(&self) -> Response<Bytes> {
        let mut response = json_response(self.code, &self.object());
        if self.code == 429 || self.code == 504 {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// An answer with a JSON body.
pub(super) fn json_response(code: u16, body: &Value) -> Response<Bytes> {
    respond(code, "application/json", body.to_string())
}

/// An answer with text.
pub(super) fn respond(code: u16, content_type: &'static str, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() =
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
