//! `drsync verify`: whether a saved plan would still apply. It reads only what the plan rests on,
//! holds no writer and takes no lock.

use crate::cli::args::{Common, VerifyOptions};
use crate::cli::base::Base;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning;
use crate::cli::print;
use crate::cli::session::Session;
use crate::cli::state;
use crate::desired::Desired;
use crate::live;
use crate::model::{Digest, Map, compare};
use crate::plan::{PlanFile, Trust};
use crate::report::{Moved, Verification, verification};
use crate::state::{Applied, AppliedRecord};

use super::show;

pub(crate) async fn run(common: &Common, options: &VerifyOptions) -> Result<Exit, CliError> {
    let file = show::read(&options.plan)?;
    let common = &Common {
        env: Some(
            common
                .env
                .clone()
                .unwrap_or_else(|| file.binding.environment.clone()),
        ),
        sandbox: common.sandbox || file.binding.sandbox,
        ..common.clone()
    };
    let session = Session::open(common)?;
    let base = options.base.as_deref();
    let base = base
        .map(|revision| Base::open(common, revision, &session))
        .transpose()?;
    let readers = planning::open_readers(common, &session, base.as_ref()).await?;
    let mut found = Verification {
        plan: options.plan.display().to_string(),
        environment: file.binding.environment.clone(),
        expires: file.expires,
        changes: file.plan.changes.len(),
        ..Verification::default()
    };
    let keys = planning::trusted_keys(&session, base.as_ref());
    let trust = Trust {
        keys: &keys,
        sandbox: common.sandbox,
    };
    let here = planning::binding(common, &session);
    let refusals = file.refusals(&here, readers.now()).into_iter();
    let refusals = refusals.chain(file.distrust(trust));
    found
        .reasons
        .extend(refusals.map(|reason| reason.to_string()));
    for (path, tree) in &file.binding.trees {
        if here.trees.get(path) != Some(tree) {
            let moved = session
                .source
                .moved_since(path, tree)
                .map_err(CliError::Desired)?;
            found.commits.extend(moved);
        }
    }
    if session.desired.origin().dirty && !common.sandbox {
        found
            .reasons
            .push("the environment or the policies have uncommitted changes".to_owned());
    }
    by_state(common, &session, &file, &mut found).await?;
    // Whoever signed a plan may make us read; nobody else.
    if found.reasons.is_empty() {
        by_live(&session.desired, &file, &readers, &mut found).await?;
    }
    found.calls = readers.calls();
    print::result(&verification(&found, common.format.into()).map_err(CliError::Report)?);
    Ok(Exit::of([
        (found.is_refused(), Exit::Refused),
        (!found.unknown.is_empty(), Exit::Incomplete),
    ]))
}

async fn by_state(
    common: &Common,
    session: &Session,
    file: &PlanFile,
    found: &mut Verification,
) -> Result<(), CliError> {
    let opened = state::read(common, session, session.desired.state()).await?;
    let failed = |source| state::failed(common, session, opened.place.clone(), source);
    let reader = opened.reader.map_err(failed)?;
    match reader.used(&file.id).await.map_err(failed)? {
        Some(used) if used.finished => {
            let at = used.at;
            found
                .reasons
                .push(format!("it was used at {at:.0}; a plan is applied once"));
            return Ok(());
        }
        // A run of it that did not come to its end moved the record itself.
        Some(_) => return Ok(()),
        None => {}
    }
    let applied = reader.applied().await.map_err(failed)?.unwrap_or_default();
    found
        .reasons
        .extend(file.outrun(&applied).map(|reason| reason.to_string()));
    Ok(())
}

/// Reads the objects that change and compares them with what the plan saw.
async fn by_live(
    desired: &Desired,
    file: &PlanFile,
    readers: &crate::cloud::Readers,
    found: &mut Verification,
) -> Result<(), CliError> {
    let changes = &file.plan.changes;
    let is_changed = |address: &_| changes.iter().any(|change| change.address() == address);
    let part = desired
        .clone()
        .select(|declared| is_changed(&declared.object.address));
    // What is not declared any more is looked for as what was applied.
    let others = changes
        .iter()
        .filter(|change| part.get(change.address()).is_none());
    let others: AppliedRecord = others
        .map(|change| {
            let object = &change.object;
            let digest = Digest::of(&object.fields);
            let applied = Applied {
                scope: object.scope.clone(),
                identity: object.identity.clone(),
                fields: object.fields.clone(),
                prune: false,
                desired: digest.clone(),
                observed: digest,
                revision: None,
                effective_at: file.created,
                old_lifetime: None,
                change_id: None,
            };
            (object.address.clone(), applied)
        })
        .collect();
    let live = live::observe(&part, Some(&others), readers, false)
        .await
        .map_err(CliError::Live)?;
    for change in changes.iter().filter(|change| change.writes()) {
        let address = change.address();
        let now = live.get(address);
        if live.is_unknown(address) {
            found.unknown.push(address.clone());
        } else if now.map(|now| Digest::of(&now.fields)) != change.observed {
            let nothing = Map::new();
            let before = change.before.as_ref().unwrap_or(&nothing);
            let fields = now.map_or(&nothing, |now| &now.fields);
            let shape = crate::kinds::by_name(address.kind()).map(crate::kinds::Kind::shape);
            found.moved.push(Moved {
                address: address.clone(),
                fields: shape.map_or_else(Vec::new, |shape| {
                    let moved = compare(shape, before, fields);
                    moved.into_iter().map(|one| one.change.path).collect()
                }),
                gone: now.is_none(),
            });
        }
    }
    Ok(())
}
