//! Reads a request: which cluster, who, and what is asked of which object.
//!
//! In: an HTTP request. Out: a [`Visit`], or the refusal that comes before any look at objects. It
//! must not know what an operation does.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;
use std::collections::BTreeMap;

use super::super::fault::wildcard;
use super::super::state::State;
use super::super::wire::form;
use super::cluster::Cluster;
use super::resource::{self, Resource};
use super::status::{Failure, respond};

/// The token of a cluster whose world names no users.
pub const TOKEN: &str = "made-up";
/// A cluster is known by its site and name.
pub(crate) type ClusterId = (String, String);

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The cluster.
    pub(crate) cluster: ClusterId,
    /// As `list deployments.apps` or `get /version`: fault scripts and call counts use it.
    pub(crate) operation: String,
    /// The path and query as sent.
    pub(crate) target: String,
    pub(super) user: String,
    pub(super) ask: Ask,
    pub(super) query: BTreeMap<String, String>,
    pub(super) content_type: String,
    pub(super) accept: String,
    pub(super) agent: String,
    pub(super) body: Bytes,
    pub(super) now: i64,
}

/// What a path means.
#[derive(Debug, Clone)]
pub(super) enum Ask {
    /// A path without objects, such as discovery.
    Path(String),
    /// Objects.
    Objects(Box<Objects>),
}

/// A question about objects.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    /// As the authoriser names it.
    pub(super) verb: &'static str,
    /// The resource.
    pub(super) resource: Resource,
    /// The namespace, or empty.
    pub(super) namespace: String,
    /// The name, or empty.
    pub(super) name: String,
    /// `status`, `scale` or empty.
    pub(super) sub: String,
}

/// Whether a request is for a cluster: `/clusters/SITE/NAME/...` without an AWS signature.
pub(crate) fn claims<B>(request: &Request<B>) -> bool {
    let header = request.headers().get(http::header::AUTHORIZATION);
    let signed = header.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-"));
    !signed && request.uri().path().starts_with("/clusters/")
}

impl Visit {
    /// The value of a query parameter that is there and not empty.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether a parameter is true.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.param(name), Some("true" | "1"))
    }

    /// Whether nothing is kept.
    pub(super) fn dry(&self) -> bool {
        self.param("dryRun").is_some()
    }

    /// Whether the request only reads.
    pub(crate) fn reads(&self) -> bool {
        match &self.ask {
            Ask::Path(_) => true,
            Ask::Objects(ask) => matches!(ask.verb, "get" | "list" | "watch"),
        }
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Failure::bad(format!(
                "couldn't get version/kind; json parse error: {error}"
            ))
        })
    }
}

/// Reads a request.
pub(crate) fn read(
    state: &State,
    now: i64,
    request: Request<Bytes>,
) -> Result<Visit, Box<Response<Bytes>>> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let mut steps = path.trim_start_matches('/').splitn(4, '/').skip(1);
    let id = (
        steps.next().unwrap_or_default().to_owned(),
        steps.next().unwrap_or_default().to_owned(),
    );
    let rest = format!("/{}", steps.next().unwrap_or_default());
    let Some(cluster) = state
        .clusters
        .iter()
        .find(|one| one.site == id.0 && one.name == id.1)
    else {
        let text = format!("the sandbox has no cluster {}/{}\n", id.0, id.1);
        return Err(Box::new(respond(404, "text/plain; charset=utf-8", text)));
    };
    let header = |name: http::HeaderName| {
        let value = parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let query: BTreeMap<String, String> = form(parts.uri.query().unwrap_or_default())
        .into_iter()
        .collect();
    let user = authenticate(state, cluster, &header(http::header::AUTHORIZATION))
        .map_err(|failure| Box::new(failure.response()))?;
    let ask = ask(cluster, &parts.method, &rest, &query).map_err(|refusal| {
        Box::new(match refusal {
            Some(failure) => failure.response(),
            None => respond(
                404,
                "text/plain; charset=utf-8",
                "404 page not found\n".to_owned(),
            ),
        })
    });
    let ask = match ask {
        // Who is nobody learns nothing about paths.
        Err(_) if user == ANONYMOUS => Ask::Path(rest),
        ask => ask?,
    };
    let operation = match &ask {
        Ask::Path(path) => format!("get {path}"),
        Ask::Objects(ask) if ask.sub.is_empty() => format!("{} {}", ask.verb, ask.resource.key()),
        Ask::Objects(ask) => format!("{} {}/{}", ask.verb, ask.resource.key(), ask.sub),
    };
    let visit = Visit {
        cluster: id,
        operation,
        target: parts
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        user,
        ask,
        query,
        content_type: header(http::header::CONTENT_TYPE),
        accept: header(http::header::ACCEPT),
        agent: header(http::header::USER_AGENT),
        body,
        now,
    };
    Ok(visit)
}

const ANONYMOUS: &str = "system:anonymous";

/// The user of a token: one of the world, or the account of an EKS token.
fn authenticate(state: &State, cluster: &Cluster, header: &str) -> Result<String, Failure> {
    let Some(token) = header.strip_prefix("Bearer ") else {
        return Ok(ANONYMOUS.to_owned());
    };
    if let Some(presigned) = token.strip_prefix("k8s-aws-v1.") {
        return state
            .account_of_token(presigned)
            .filter(|account| cluster.account.as_ref() == Some(account))
            .map(|account| format!("arn:aws:iam::{account}:user/sandbox"))
            .ok_or_else(Failure::unauthorized);
    }
    if cluster.users.is_empty() && token == TOKEN {
        return Ok("sandbox".to_owned());
    }
    let user = cluster.users.iter().find(|user| user.token == token);
    user.map(|user| user.name.clone())
        .ok_or_else(Failure::unauthorized)
}

/// Refuses what the user may not do.
pub(super) fn authorize(cluster: &Cluster, visit: &Visit) -> Result<(), Failure> {
    let user = cluster.users.iter().find(|user| user.name == visit.user);
    let open = |path: &str| matches!(path, "/version" | "/readyz" | "/livez" | "/healthz");
    let may = |place: &str| match user {
        _ if visit.user == ANONYMOUS => false,
        None => true,
        Some(user) => {
            let spelled = format!("{} in {place}", visit.operation);
            let fits = |pattern: &String| {
                wildcard(pattern, &visit.operation) || wildcard(pattern, &spelled)
            };
            user.allow.iter().any(fits) && !user.deny.iter().any(fits)
        }
    };
    match &visit.ask {
        // Discovery is for everybody who has a name.
        Ask::Path(path) if open(path) || visit.user != ANONYMOUS => Ok(()),
        Ask::Path(path) => Err(Failure::forbidden_path(&visit.user, "get", path)),
        Ask::Objects(ask) if may(&ask.namespace) => Ok(()),
        Ask::Objects(ask) => Err(Failure::forbidden(
            &ask.resource,
            (&ask.sub, &ask.name),
            &visit.user,
            ask.verb,
            &ask.namespace,
        )),
    }
}

/// What a path means; nothing if the server has no such path.
fn ask(
    cluster: &Cluster,
    method: &Method,
    path: &str,
    query: &BTreeMap<String, String>,
) -> Result<Ask, Option<Failure>> {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let (group, version, rest) = match steps.as_slice() {
        ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
        _ => return Ok(Ask::Path(path.to_owned())),
    };
    let (namespace, plural, name, sub) = match rest {
        ["namespaces", name, sub @ ("status" | "finalize")] => ("", "namespaces", *name, *sub),
        ["namespaces", namespace, plural] => (*namespace, *plural, "", ""),
        ["namespaces", namespace, plural, name] => (*namespace, *plural, *name, ""),
        ["namespaces", namespace, plural, name, sub] => (*namespace, *plural, *name, *sub),
        [plural] => ("", *plural, "", ""),
        [plural, name] => ("", *plural, *name, ""),
        [plural, name, sub] => ("", *plural, *name, *sub),
        _ => return Err(None),
    };
    let Some(resource) = cluster.resource(group, version, plural) else {
        if resource::elsewhere(group, plural) {
            return Err(Some(Failure::not_in_sandbox(&format!(
                "{group}/{version} {plural}"
            ))));
        }
        let built_in = resource::built_in().iter().any(|one| one.group == group);
        return Err(built_in.then(Failure::no_resource));
    };
    let has = match sub {
        "" => true,
        "status" => resource.status,
        "scale" => resource.scale.is_some(),
        _ => false,
    };
    let placed = resource.namespaced || namespace.is_empty();
    if !has || !placed || (resource.namespaced && namespace.is_empty() && !name.is_empty()) {
        return Err(None);
    }
    let watch = query
        .get("watch")
        .is_some_and(|it| it == "true" || it == "1");
    let verb = match (method.as_str(), name.is_empty()) {
        ("GET", true) if watch => "watch",
        ("GET", true) => "list",
        ("GET", false) => "get",
        ("POST", true) => "create",
        ("PUT", false) => "update",
        ("PATCH", false) => "patch",
        ("DELETE", false) => "delete",
        _ => return Err(Some(Failure::method())),
    };
    Ok(Ask::Objects(Box::new(Objects {
        verb,
        resource,
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        sub: sub.to_owned(),
    })))
}
