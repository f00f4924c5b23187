//! `drsync apply`: makes the changes of a reviewed plan, or of one that is planned and agreed now.

use std::path::Path;

use crate::apply::{self, Outcome, OutcomeState, Setting};
use crate::cli::args::{ApplyOptions, Common, Format};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{self, Planned};
use crate::cli::print;
use crate::cli::session::Session;
use crate::cli::state;
use crate::cli::stop::Stop;
use crate::cloud::{Readers, Writers};
use crate::plan::{Plan, PlanFileError, Trust};
use crate::policy::Verdict;
use crate::report::{Mode, OutcomesView, outcomes_json, outcomes_text};
use crate::state::{Pending, StateError, StateWriter};

use super::show;

/// What is to be applied, agreed by whoever had to agree.
struct Agreed {
    session: Session,
    readers: Readers,
    plan: Plan,
    verdict: Verdict,
    plan_id: Option<String>,
    state: StateWriter,
}

pub(crate) async fn run(common: &Common, options: &ApplyOptions) -> Result<Exit, CliError> {
    let agreed = match &options.plan {
        Some(path) => from_file(common, options, path).await?,
        None => match fresh(common, options).await? {
            Ok(agreed) => agreed,
            Err(exit) => return Ok(exit),
        },
    };
    carry_out(common, agreed).await
}

async fn from_file(
    common: &Common,
    options: &ApplyOptions,
    path: &Path,
) -> Result<Agreed, CliError> {
    let file = show::read(path)?;
    let environment = common
        .env
        .clone()
        .unwrap_or_else(|| file.binding.environment.clone());
    // A plan made against the sandbox is applied there, whether or not the flag is repeated.
    let common = &Common {
        env: Some(environment),
        sandbox: common.sandbox || file.binding.sandbox,
        ..common.clone()
    };
    let session = Session::open(common)?;
    let readers = planning::open_readers(common, &session, None).await?;
    let now = readers.now();
    let mut reasons = file.refusals(&planning::binding(common, &session), now);
    let keys = planning::trusted_keys(&session, None);
    reasons.extend(file.distrust(Trust {
        keys: &keys,
        sandbox: common.sandbox,
    }));
    if !file.plan.is_complete()
        && file
            .plan
            .changes
            .iter()
            .any(|change| change.action == crate::model::Action::Delete)
    {
        reasons.push(PlanFileError::Incomplete);
    }
    if !reasons.is_empty() {
        return Err(CliError::PlanFile {
            path: path.to_owned(),
            reasons,
        });
    }
    if session.desired.origin().dirty && !common.sandbox {
        return Err(CliError::Uncommitted(
            session.desired.environment().to_owned(),
        ));
    }
    let (verdict, _) = planning::judge(&session, None, &file.plan, &options.planning.allow, now)?;
    let state = state::lock(common, &session).await?;
    if let Some(reason) = file.outrun(state.applied()) {
        // A run of this plan that did not come to its end moved the record itself.
        if state
            .used(&file.id)
            .await
            .map_err(|source| CliError::Apply(Box::new(source)))?
            .is_none()
        {
            release(state).await;
            return Err(CliError::PlanFile {
                path: path.to_owned(),
                reasons: vec![reason],
            });
        }
    }
    Ok(Agreed {
        session,
        readers,
        plan: file.plan,
        verdict,
        plan_id: Some(file.id),
        state,
    })
}

async fn fresh(common: &Common, options: &ApplyOptions) -> Result<Result<Agreed, Exit>, CliError> {
    let Planned {
        session,
        readers,
        plan,
        verdict,
        memory,
        ..
    } = match plan_and_agree(common, options).await? {
        Ok(planned) => planned,
        Err(exit) => return Ok(Err(exit)),
    };
    let state = state::lock(common, &session).await?;
    if state.found() != memory.version.as_ref() {
        release(state).await;
        return Err(CliError::StateMoved);
    }
    Ok(Ok(Agreed {
        session,
        readers,
        plan,
        verdict,
        plan_id: None,
        state,
    }))
}

async fn plan_and_agree(
    common: &Common,
    options: &ApplyOptions,
) -> Result<Result<Planned, Exit>, CliError> {
    let mut planned = planning::plan(common, &options.planning, None).await?;
    if let Some((place, error)) = planned.memory.unknown.take() {
        return Err(state::failed(common, &planned.session, place, error));
    }
    let found = planned.plan.digest();
    let shown = planned.report(Format::Text, Mode::Plan, options.planning.expand)?;
    let agreed = match &options.expect_digest {
        Some(wanted) if wanted == found.as_str() => true,
        Some(wanted) => {
            print::remark(&shown);
            return Err(CliError::OtherDigest {
                found: found.to_string(),
                wanted: wanted.clone(),
            });
        }
        None if planned.plan.changes.is_empty() => true,
        None => {
            print::remark(&shown);
            if planned.verdict.refused() {
                true // said below, with everything that blocks
            } else {
                print::ask("Apply these changes?").ok_or(CliError::NoTerminal)?
            }
        }
    };
    if agreed {
        return Ok(Ok(planned));
    }
    print::remark("nothing was changed");
    Ok(Err(Exit::Refused))
}

async fn carry_out(common: &Common, agreed: Agreed) -> Result<Exit, CliError> {
    let Agreed {
        session,
        readers,
        plan,
        verdict,
        plan_id,
        mut state,
    } = agreed;
    let started = std::time::Instant::now();
    let incomplete = !plan.is_complete();
    let held = plan.held.clone();
    let approved = match verdict.approve(plan) {
        Ok(approved) => approved,
        Err(refusal) => {
            print::remark(&format!("error: {refusal}\n  nothing was changed"));
            release(state).await;
            return Ok(Exit::Refused);
        }
    };
    for gap in &approved.plan().gaps {
        print::remark(&format!(
            "unknown: {} could not be read, so nothing in it was touched: {}",
            gap.scope, gap.cause
        ));
    }
    let stop = Stop::listen();
    let heartbeat = Task(tokio::spawn(state.heartbeat()));
    if let Some(id) = &plan_id {
        // Only now: a plan that policy refused may be applied when it is allowed.
        if let Err(source) = state.spend(id).await {
            release(state).await;
            return Err(match source {
                StateError::Spent { .. } => CliError::Spent(Box::new(source)),
                source => CliError::Apply(Box::new(source)),
            });
        }
    }
    say_what_was_left(state.left_behind(), approved.plan(), plan_id.is_some());
    let asked = || stop.is_asked();
    let setting = Setting {
        desired: &session.desired,
        plan_id: plan_id.as_deref(),
        stop: &asked,
        progress: &print::progress,
    };
    let writers = Writers::new(&readers).fenced(state.fence());
    let apply::Applied {
        outcomes,
        mut failure,
    } = apply::apply(&approved, &writers, &mut state, &setting).await;
    if failure.is_none() && !stop.is_asked() {
        failure = state.finish_plan().await.err();
    }
    release(state).await;
    drop(heartbeat);
    let calls = readers.calls();
    let view = OutcomesView {
        environment: session.desired.environment(),
        outcomes: &outcomes,
        held: &held,
        calls: &calls,
        elapsed: started.elapsed(),
        tool_version: env!("CARGO_PKG_VERSION"),
    };
    print::result(&match common.format {
        Format::Json => outcomes_json(&view).map_err(CliError::Report)?,
        Format::Text | Format::Markdown => outcomes_text(&view, print::options(false)),
    });
    if stop.is_asked() {
        print::remark(&stopped(&outcomes));
    }
    if let Some(failure) = failure {
        return Err(CliError::Apply(Box::new(failure)));
    }
    let failed = outcomes
        .iter()
        .any(|outcome: &Outcome| outcome.state != OutcomeState::Done);
    Ok(Exit::of([
        (failed || stop.is_asked(), Exit::Error),
        (incomplete, Exit::Incomplete),
    ]))
}

/// A task that ends with what it was started for.
struct Task(tokio::task::JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Gives the lock back. If that fails it ends by itself, so it is only worth a word.
async fn release(state: StateWriter) {
    if let Err(error) = state.release().await {
        print::remark(&format!(
            "warning: the lock could not be given back and ends by itself: {error}"
        ));
    }
}

/// Says what a run that died left behind, object by object.
fn say_what_was_left(left: &Pending, plan: &Plan, from_file: bool) {
    for entry in &left.batches {
        print::remark(&format!(
            "an apply{} ended in the middle of a write that it began at {}:",
            if entry.who.is_empty() {
                String::new()
            } else {
                format!(" by {}", entry.who)
            },
            entry.at
        ));
        for item in &entry.batch.items {
            let planned = plan
                .changes
                .iter()
                .any(|change| *change.address() == item.address);
            let found = match (planned, from_file) {
                (false, _) => "nothing is left to do",
                (true, false) => "it is not as it was to be, and is in this plan",
                (true, true) => "it is read again before anything is written",
            };
            print::remark(&format!("  {}: {found}", item.address));
        }
    }
    if let Some(line) = left.torn_line {
        print::remark(&format!(
            "line {line} of the journal was torn off by a crash; nothing was sent on the strength of it"
        ));
    }
}

/// Says how far a run came that was asked to stop.
fn stopped(outcomes: &[Outcome]) -> String {
    let done = outcomes.iter().filter(|outcome| outcome.is_done()).count();
    format!(
        "stopped: {} made, {} not; the lock is given back, and applying again goes on from here",
        print::count(done, "change"),
        outcomes.len() - done
    )
}
