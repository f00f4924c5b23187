//! `drsync apply`: makes the changes of a reviewed plan, or of one that is planned and agreed now.

use std::path::Path;

use crate::apply::{self, Outcome, OutcomeState, Setting};
use crate::cli::args::{ApplyOptions, Common, Format};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::{self, Planned};
use crate::cli::print;
use crate::cli::session::Session;
use crate::cli::stop::Stop;
use crate::cloud::{Readers, Writers};
use crate::plan::{Plan, PlanFileError};
use crate::policy::Verdict;
use crate::report::{Mode, OutcomesView, outcomes_json, outcomes_text};
use crate::state::{Owner, StateError, StateWriter};

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

/// Takes the lock first, so that nothing moves between planning and writing.
fn lock(common: &Common, session: &Session, now: jiff::Timestamp) -> Result<StateWriter, CliError> {
    let folder = session.state_folder(common);
    let owner = Owner {
        who: who(),
        purpose: "apply".to_owned(),
        since: now,
        pid: std::process::id(),
    };
    StateWriter::lock(&folder, &owner).map_err(|source| CliError::State { folder, source })
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
    let state = lock(common, &session, now)?;
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
        ..
    } = match plan_and_agree(common, options).await? {
        Ok(planned) => planned,
        Err(exit) => return Ok(Err(exit)),
    };
    let state = lock(common, &session, readers.now())?;
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
    let planned = planning::plan(common, &options.planning, None).await?;
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
            return Ok(Exit::Refused);
        }
    };
    for gap in &approved.plan().gaps {
        print::remark(&format!(
            "unknown: {} could not be read, so nothing in it was touched: {}",
            gap.scope, gap.cause
        ));
    }
    if let Some(id) = &plan_id {
        // Only now: a plan that policy refused may be applied when it is allowed.
        let folder = session.state_folder(common);
        state
            .spend(id, readers.now())
            .map_err(|source| match source {
                StateError::Spent { .. } => CliError::Spent(source),
                source => CliError::State { folder, source },
            })?;
    }
    let stop = Stop::listen();
    let asked = || stop.is_asked();
    let setting = Setting {
        desired: &session.desired,
        plan_id: plan_id.as_deref(),
        stop: &asked,
        progress: &print::progress,
    };
    let writers = Writers::new(&readers);
    let outcomes = apply::apply(&approved, &writers, &mut state, &setting)
        .await
        .map_err(CliError::Apply)?;
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
    let failed = outcomes
        .iter()
        .any(|outcome: &Outcome| outcome.state != OutcomeState::Done);
    Ok(Exit::of([
        (failed, Exit::Error),
        (incomplete, Exit::Incomplete),
    ]))
}

fn who() -> String {
    let name = |variables: &[&str]| {
        variables
            .iter()
            .find_map(|variable| std::env::var(variable).ok())
            .filter(|name| !name.is_empty())
    };
    let user = name(&["USER", "LOGNAME", "GITHUB_ACTOR"]).unwrap_or_else(|| "somebody".to_owned());
    let host = name(&["HOSTNAME"])
        .or_else(|| {
            std::fs::read_to_string("/etc/hostname")
                .ok()
                .map(|host| host.trim().to_owned())
        })
        .unwrap_or_else(|| "somewhere".to_owned());
    format!("{user}@{host}")
}
