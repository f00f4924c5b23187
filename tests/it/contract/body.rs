//! The body: declare, apply, change behind the back, find exactly that, apply, remove, gone.

use std::time::Duration;

use drsync::apply::{Outcome, OutcomeState};
use drsync::model::{Action, Cause};
use drsync::plan::Plan;
use futures::future::BoxFuture;

use super::clients::Clients;
use crate::support::room::Room;

/// What is done behind drsync's back.
pub(super) type Meddle = for<'a> fn(&'a Clients) -> BoxFuture<'a, Result<(), String>>;

/// One kind in one shape.
pub(super) struct Case {
    /// The name: it is part of the names of zones and buckets, so that cases do not meet.
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    /// What must be there and is not drsync's to make.
    pub(super) setup: Meddle,
    /// What is declared, with `{case}` for the name of the case.
    pub(super) declared: &'static str,
    /// The id of the object, with `{case}` for the name of the case.
    pub(super) id: &'static str,
    pub(super) meddle: Meddle,
    /// The paths that differ after that.
    pub(super) drifts: &'static [&'static str],
    /// What is left in the file when the object leaves Git.
    pub(super) left: &'static str,
    /// How it shows that the object is gone: what declaring it again would do.
    pub(super) again: Again,
}

/// What declaring an object again does after it was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// It is made: there was none.
    Create,
    /// It is taken over: what every bucket has is left of it.
    Default,
    /// It cannot be removed, is forgotten and still as declared.
    InSync,
}

/// Where a cloud leaves the contract.
#[derive(Debug)]
pub(super) struct Deviation {
    pub(super) step: &'static str,
    pub(super) what: String,
}

/// Runs the body; the first thing that is not as it must be ends it.
pub(super) fn prove(case: &Case, room: &Room) -> Result<(), Deviation> {
    let at = |step| move |what: String| Deviation { step, what };
    let named = |text: &str| text.replace("{case}", case.name);
    let clients = Clients::new(room, case.name);
    room.wait((case.setup)(&clients)).map_err(at("set up"))?;

    room.declare(&named(case.declared));
    done(&room.apply()).map_err(at("apply"))?;
    empty(&room.plan()).map_err(at("plan after apply"))?;

    room.wait((case.meddle)(&clients)).map_err(at("meddle"))?;
    // Some answers are late, and the sandbox has time only when somebody waits.
    room.clock.advance(Duration::from_secs(10));
    exactly(&room.plan(), case, &named(case.id)).map_err(at("drift"))?;
    done(&room.apply_now()).map_err(at("mend"))?;
    empty(&room.plan()).map_err(at("plan after mending"))?;

    room.declare(&named(case.left));
    let wanted = match case.again {
        Again::InSync => Action::Forget,
        Again::Create | Again::Default => Action::Delete,
    };
    let plan = room.plan();
    let removes = plan.changes.iter().any(|change| {
        change.action == wanted
            && change.address().kind() == case.kind
            && change.address().id() == named(case.id)
    });
    if !removes {
        return Err(at("leave Git")(format!("{:#?}", plan.changes)));
    }
    done(&room.apply()).map_err(at("remove"))?;
    empty(&room.plan()).map_err(at("plan after removing"))?;

    room.declare(&named(case.declared));
    let plan = room.plan();
    let action = plan
        .changes
        .iter()
        .find(|change| {
            change.address().kind() == case.kind && change.address().id() == named(case.id)
        })
        .map(|change| change.action);
    let held = plan
        .held
        .iter()
        .any(|held| held.address.kind() == case.kind);
    let found = match (action, held) {
        (Some(Action::Create), false) => Some(Again::Create),
        (None, true) | (Some(Action::Adopt | Action::Update), _) => Some(Again::Default),
        (None, false) => Some(Again::InSync),
        _ => None,
    };
    if found != Some(case.again) {
        return Err(at("gone")(format!(
            "declared again it is {found:?}: {:#?}",
            plan.changes
        )));
    }
    Ok(())
}

fn done(outcomes: &[Outcome]) -> Result<(), String> {
    let left: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome.state != OutcomeState::Done)
        .map(|outcome| {
            format!(
                "{}: {:?}: {}",
                outcome.address, outcome.state, outcome.message
            )
        })
        .collect();
    if left.is_empty() {
        Ok(())
    } else {
        Err(left.join("\n"))
    }
}

fn empty(plan: &Plan) -> Result<(), String> {
    if plan.is_empty() && plan.is_complete() {
        return Ok(());
    }
    let fields: Vec<String> = plan
        .changes
        .iter()
        .flat_map(|change| {
            change.fields.iter().map(move |field| {
                format!(
                    "{:?} {} {} {:?} -> {:?}",
                    change.action,
                    change.address(),
                    field.path,
                    field.before,
                    field.after
                )
            })
        })
        .collect();
    Err(format!("{fields:#?} {:#?} {:#?}", plan.held, plan.gaps))
}

/// Fails unless the plan holds the one change, with exactly these paths, as drift.
fn exactly(plan: &Plan, case: &Case, id: &str) -> Result<(), String> {
    let mut found: Vec<(&str, &str, &str, Cause)> = plan
        .changes
        .iter()
        .map(|change| (change.address(), change.cause, &change.fields))
        .chain(
            plan.held
                .iter()
                .map(|held| (&held.address, held.cause, &held.fields)),
        )
        .flat_map(|(address, cause, fields)| {
            fields
                .iter()
                .map(move |field| (address.kind(), address.id(), field.path.as_str(), cause))
        })
        .collect();
    found.sort_by_key(|(_, _, path, _)| *path);
    let mut wanted: Vec<(&str, &str, &str, Cause)> = case
        .drifts
        .iter()
        .map(|path| (case.kind, id, *path, Cause::Drift))
        .collect();
    wanted.sort_by_key(|(_, _, path, _)| *path);
    if found == wanted && plan.is_complete() {
        Ok(())
    } else {
        Err(format!(
            "found {found:#?}, wanted {wanted:#?}, {:#?}",
            plan.gaps
        ))
    }
}
