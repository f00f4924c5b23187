//! Policy as its callers see it: the starter guards, mistakes in files, waivers and verdicts.

mod guards;
mod judging;
mod language;
mod mistakes;

use jiff::Timestamp;

use super::*;
use crate::model::{
    Action, Address, Cause, Change, Class, Digest, Finding, Flags, Map, Object, Scope, Severity,
    Sources,
};
use crate::plan::{Plan, ScopeTotals, Summary};

const ZONE: &str = "global/route53_zone/example.com";

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// Returns a change of a record of the zone, or of any other kind in a scope of its own.
fn change(action: Action, kind: &str, id: &str) -> Change {
    let scope = if kind == "route53_record" {
        "route53_zone/example.com".to_owned()
    } else {
        format!("bucket/{id}")
    };
    Change {
        object: Object {
            address: Address::new("global", kind, id),
            scope: Scope::new("global", scope),
            identity: Map::new(),
            fields: Map::new(),
        },
        action,
        cause: Cause::Pending,
        class: if action == Action::Delete {
            Class::Deletion
        } else {
            Class::Ordinary
        },
        fields: Vec::new(),
        reasons: Vec::new(),
        component: None,
        source: None,
        flags: Flags::default(),
        after: Vec::new(),
        observed: Some(Digest::of_bytes(b"live")),
        before: None,
        raw: None,
    }
}

fn record(action: Action, name: &str, kind: &str) -> Change {
    let mut change = change(
        action,
        "route53_record",
        &format!("example.com/{name}/{kind}"),
    );
    change.object.identity = [("zone", "Z1"), ("name", name), ("type", kind)]
        .into_iter()
        .collect();
    change
}

/// Returns as many changed records as asked for.
fn records(action: Action, count: usize) -> Vec<Change> {
    (0..count)
        .map(|number| record(action, &format!("h{number}.example.com"), "A"))
        .collect()
}

/// Returns a plan of changes, with totals counted as planning does, over a zone with live objects.
fn plan(changes: Vec<Change>, live: usize) -> Plan {
    let mut summary = Summary::default();
    let mut totals = ScopeTotals {
        live,
        ..ScopeTotals::default()
    };
    for change in &changes {
        *match change.action {
            Action::Create => &mut summary.create,
            Action::Update => &mut summary.update,
            Action::Replace => &mut summary.replace,
            Action::Delete => &mut summary.delete,
            Action::Forget => &mut summary.forget,
            Action::Adopt => &mut summary.adopt,
        } += 1;
        if change.object.scope.to_string() == ZONE {
            totals.changed +=
                usize::from(!matches!(change.action, Action::Create | Action::Forget));
            totals.deleted += usize::from(change.action == Action::Delete);
        }
    }
    Plan {
        environment: "foundry".into(),
        changes,
        scopes: [(ZONE.to_owned(), totals)].into(),
        summary,
        ..Plan::default()
    }
}

fn built_in() -> PolicySet {
    PolicySet::load(&[], &mut Sources::default()).0
}

/// Returns a set of one file, which must be free of errors.
fn set(text: &str) -> PolicySet {
    let files = [("policies/own.toml".to_owned(), text.to_owned())];
    let (set, findings) = PolicySet::load(&files, &mut Sources::default());
    let errors: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    set
}

fn waivers(text: &str) -> Waivers {
    let mut sources = Sources::default();
    let (waivers, findings) = Waivers::load("waivers.toml", text, &mut sources);
    assert!(findings.is_empty(), "{findings:#?}");
    waivers
}

fn judge(set: &PolicySet, plan: &Plan) -> Verdict {
    set.judge(plan, &Waivers::default(), &[], now())
}

/// Returns severity and code of each finding.
fn seen(verdict: &Verdict) -> Vec<(Severity, &str)> {
    verdict
        .findings()
        .iter()
        .map(|finding| (finding.severity, finding.code.as_ref()))
        .collect()
}
