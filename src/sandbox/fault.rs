//! Scripted faults: this call fails with that, before or after its effect.
//!
//! In: scripts and the calls as they come. Out: the fault that a call meets, if any. It must not
//! know what a call does, nor how an effect looks on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One scripted fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `route53`, `s3`, `sts`, `eks`, `autoscaling` or `kubernetes`; any if absent.
    pub service: Option<String>,
    /// The operation, as `ListResourceRecordSets` or `list deployments.apps`; `*` stands for any
    /// text, and absent for any.
    pub operation: Option<String>,
    /// The account that makes the call, or the cluster as `site/name`; any if absent.
    pub account: Option<String>,
    /// A part of the path and query, as a zone's id or a bucket's name; any if absent.
    pub resource: Option<String>,
    /// The matching call that it happens to first, counted from 1.
    #[serde(default = "one")]
    pub nth: u64,
    /// How many matching calls it happens to; 0 is all that follow.
    #[serde(default = "one")]
    pub times: u64,
    /// What happens.
    pub effect: Effect,
    /// Whether the call takes effect before the fault.
    #[serde(default)]
    pub after: bool,
    /// How late the answer comes, for `delay`.
    #[serde(default)]
    pub delay_ms: u64,
}

fn one() -> u64 {
    1
}

/// What a faulty call meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Route 53 and STS: 400 Throttling; S3: 503 SlowDown; Kubernetes: 429.
    Throttle,
    /// 400 PriorRequestNotComplete.
    PriorRequestNotComplete,
    /// 500 InternalError.
    #[serde(rename = "error_500")]
    Error500,
    /// 503 ServiceUnavailable.
    #[serde(rename = "error_503")]
    Error503,
    /// 403 AccessDenied.
    AccessDenied,
    /// ExpiredToken; Kubernetes: 401.
    ExpiredToken,
    /// Kubernetes: 410 Expired, as for a page of a list that is too old.
    Expired,
    /// The connection is closed without an answer.
    Drop,
    /// No answer ever comes.
    Hang,
    /// The connection is closed in the middle of the body.
    Truncate,
    /// 200 with a page for people.
    Html,
    /// A read answers as before the last change of the object.
    StaleRead,
    /// The answer comes late, by `delay_ms`.
    Delay,
}

impl Fault {
    /// A fault that happens once, to the next call of an operation, before its effect.
    #[must_use]
    pub fn new(service: &str, operation: &str, effect: Effect) -> Self {
        Self {
            service: Some(service.to_owned()),
            operation: Some(operation.to_owned()),
            account: None,
            resource: None,
            nth: 1,
            times: 1,
            effect,
            after: false,
            delay_ms: 0,
        }
    }

    /// The same fault, after the call's effect.
    #[must_use]
    pub fn after(self) -> Self {
        Self {
            after: true,
            ..self
        }
    }

    fn matches(&self, met: &Met<'_>) -> bool {
        let allows = |pattern: &Option<String>, text: &str| {
            pattern
                .as_ref()
                .is_none_or(|pattern| wildcard(pattern, text))
        };
        allows(&self.service, met.service)
            && allows(&self.operation, met.operation)
            && allows(&self.account, met.account)
            && self
                .resource
                .as_ref()
                .is_none_or(|part| met.target.contains(part.as_str()))
    }
}

/// A call, as scripts see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met<'a> {
    /// The service.
    pub(crate) service: &'a str,
    /// The operation.
    pub(crate) operation: &'a str,
    /// The account or the cluster.
    pub(crate) account: &'a str,
    /// The path and query.
    pub(crate) target: &'a str,
}

/// The scripts with the number of calls that each has seen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Script(Vec<(Fault, u64)>);

impl Script {
    /// Adds a fault.
    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push((fault, 0));
    }

    /// Counts a call and gives the first fault that happens to it; true if any script counted.
    pub(crate) fn meet(&mut self, call: &Met<'_>) -> (Option<Fault>, bool) {
        let mut met = None;
        let mut counted = false;
        for (fault, seen) in &mut self.0 {
            if !fault.matches(call) {
                continue;
            }
            counted = true;
            *seen += 1;
            let last = fault.nth.saturating_add(fault.times.saturating_sub(1));
            let happens = *seen >= fault.nth && (fault.times == 0 || *seen <= last);
            if happens && met.is_none() {
                met = Some(fault.clone());
            }
        }
        (met, counted)
    }
}

/// Whether the text fits a pattern in which `*` stands for any text.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            (0..=tail.len())
                .filter(|at| tail.is_char_boundary(*at))
                .any(|at| wildcard(rest, &tail[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, fits) in [
            ("s3:Put*", "s3:PutBucketPolicy", true),
            ("s3:Put*", "s3:GetBucketPolicy", false),
            ("*", "", true),
            ("route53:*Zone", "route53:GetHostedZone", true),
            ("route53:*Zone", "route53:ListHostedZones", false),
        ] {
            assert_eq!(wildcard(pattern, text), fits, "{pattern} {text}");
        }
    }
}
