//! STS, the query protocol of 2011-06-15: who am I, and becoming a role.
//!
//! In: a form. Out: the service's answers. A role exists if its account does: the sandbox has no
//! IAM. It must not know what the session is used for.

use super::answer::{Answer, Refusal};
use super::sandbox::{Route, Visit};
use super::state::{Session, State, identifier, instant};
use super::wire::{Call, form};
use super::xml::Element;

/// The operation of a call.
pub(crate) fn route(call: &Call) -> Option<Route> {
    match parameter(call, "Action")?.as_str() {
        "GetCallerIdentity" => Some(Route::new("GetCallerIdentity", identity, "")),
        "AssumeRole" => Some(Route::new("AssumeRole", assume, "")),
        _ => None,
    }
}

/// A parameter, of the body or of the query.
fn parameter(call: &Call, name: &str) -> Option<String> {
    let body = form(&String::from_utf8_lossy(&call.body));
    body.into_iter()
        .chain(call.query.iter().cloned())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

fn respond(name: &str, visit: &Visit<'_>, result: Element) -> Answer {
    let id = identifier("", &format!("{name} {}", visit.now)).to_ascii_lowercase();
    Answer::xml(
        Element::new(&format!("{name}Response"))
            .with(result)
            .with(Element::new("ResponseMetadata").with_leaf("RequestId", id)),
    )
}

/// GetCallerIdentity.
#[expect(clippy::unnecessary_wraps, reason = "all operations have one type")]
fn identity(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let (arn, user) = match state.sessions.get(&visit.call.access_key) {
        Some(session) => (session.arn.clone(), session.user_id.clone()),
        None => (
            format!("arn:aws:iam::{}:user/sandbox", visit.account),
            identifier("AIDA", visit.account)[..21].to_owned(),
        ),
    };
    let result = Element::new("GetCallerIdentityResult")
        .with_leaf("Arn", arn)
        .with_leaf("UserId", user)
        .with_leaf("Account", visit.account);
    Ok(respond("GetCallerIdentity", visit, result))
}

/// AssumeRole: into any account of the world.
fn assume(state: &mut State, visit: &Visit<'_>) -> Result<Answer, Refusal> {
    let invalid = |reason: String| Refusal::new(400, "ValidationError", reason);
    let arn = parameter(visit.call, "RoleArn")
        .ok_or_else(|| invalid("RoleArn must not be null".to_owned()))?;
    let session = parameter(visit.call, "RoleSessionName")
        .filter(|name| (2..=64).contains(&name.len()))
        .ok_or_else(|| invalid("RoleSessionName must have 2 to 64 characters".to_owned()))?;
    let seconds = match parameter(visit.call, "DurationSeconds") {
        None => 3600,
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|seconds| (900..=43_200).contains(seconds))
            .ok_or_else(|| invalid(format!("DurationSeconds {text} is not 900 to 43200")))?,
    };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (account, role) = match parts.as_slice() {
        ["arn", _, "iam", "", account, resource] => {
            (*account, resource.strip_prefix("role/").unwrap_or_default())
        }
        _ => ("", ""),
    };
    if role.is_empty() {
        return Err(invalid(format!("{arn} is invalid")));
    }
    if !state.accounts.contains_key(account) {
        let message = format!(
            "User: arn:aws:iam::{}:user/sandbox is not authorized to perform: sts:AssumeRole on resource: {arn}",
            visit.account
        );
        return Err(Refusal::new(403, "AccessDenied", message));
    }
    let number = state.next();
    let key = format!("ASIA{account}{number:04X}");
    let secret = identifier("", &format!("secret {key}"));
    let token = identifier("", &format!("token {key}"));
    let role_name = role.rsplit('/').next().unwrap_or(role);
    let assumed = format!("arn:aws:sts::{account}:assumed-role/{role_name}/{session}");
    let user_id = format!("{}:{session}", &identifier("AROA", &arn)[..21]);
    let expires = visit.now.saturating_add(seconds.saturating_mul(1000));
    let result = Element::new("AssumeRoleResult")
        .with(
            Element::new("AssumedRoleUser")
                .with_leaf("Arn", &assumed)
                .with_leaf("AssumedRoleId", &user_id),
        )
        .with(
            Element::new("Credentials")
                .with_leaf("AccessKeyId", &key)
                .with_leaf(
                    "SecretAccessKey",
                    format!("{secret}{}", secret.to_ascii_lowercase()),
                )
                .with_leaf("SessionToken", token)
                .with_leaf("Expiration", instant(expires)),
        );
    let account = account.to_owned();
    state.sessions.insert(
        key,
        Session {
            account,
            arn: assumed,
            user_id,
            expires,
        },
    );
    Ok(respond("AssumeRole", visit, result))
}
