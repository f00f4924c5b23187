//! Where the state of an environment is kept, opened for a command.

use std::path::Path;
use std::sync::Arc;

use crate::cloud::Platform;
use crate::desired::StateStore;
use crate::state::{Location, Owner, StateError, StateReader, StateWriter, Store};

use super::args::Common;
use super::error::CliError;
use super::sandboxed::local_folder;
use super::session::Session;

/// Whether the state is opened to be read or to be written: each has its own role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// Returns where the state is kept.
fn location(
    common: &Common,
    session: &Session,
    declared: Option<&StateStore>,
    access: Access,
) -> Result<Location, CliError> {
    let root = session.source.root();
    let local = local_folder(root, session.desired.environment());
    let parse = |place: &str, base: &Path| {
        Location::parse(place, base).map_err(|why| CliError::Place {
            place: place.to_owned(),
            why,
        })
    };
    let mut location = match (&common.state, common.sandbox, declared) {
        (Some(place), _, _) => parse(place, Path::new(""))?,
        // The sandbox and the real world never share a record.
        (None, true, _) => Location::Folder(local.join("sandbox").join("state")),
        (None, false, Some(declared)) => parse(&declared.url, root)?,
        (None, false, None) => Location::Folder(local.join("state")),
    };
    if let (Location::Bucket { bucket, .. }, None, Some(declared)) =
        (&mut location, &common.state, declared)
    {
        bucket.region.clone_from(&declared.region);
        bucket.endpoint.clone_from(&declared.endpoint);
        bucket.path_style = declared.path_style;
        bucket.profile.clone_from(&declared.profile);
        bucket.role.clone_from(match access {
            Access::Read => &declared.read_role,
            Access::Write => &declared.write_role,
        });
    }
    Ok(location)
}

/// The state of an environment, to be read.
pub(crate) struct Reading {
    /// The reader, or why there is none.
    pub(crate) reader: Result<StateReader, StateError>,
    /// Where it is kept, for people.
    pub(crate) place: String,
    /// Whether it is kept where other machines see it, and so can be out of reach.
    pub(crate) shared: bool,
}

/// Opens the state to look at it, where it is declared to be.
pub(crate) async fn read(
    common: &Common,
    session: &Session,
    declared: Option<&StateStore>,
) -> Result<Reading, CliError> {
    let location = location(common, session, declared, Access::Read)?;
    let opened = location.open(&Platform::real()).await;
    Ok(Reading {
        reader: opened.map(StateReader::new).map_err(StateError::Store),
        place: location.to_string(),
        shared: location.is_shared(),
    })
}

/// Takes the lock.
pub(crate) async fn lock(common: &Common, session: &Session) -> Result<StateWriter, CliError> {
    let (store, platform) = open(common, session).await?;
    StateWriter::lock(&store, &owner("apply"), &platform)
        .await
        .map_err(|source| failed(common, session, store.place(), source))
}

/// Breaks the lock with this id and returns the sentence that says whose it was.
pub(crate) async fn unlock(
    common: &Common,
    session: &Session,
    id: &str,
) -> Result<String, CliError> {
    let (store, platform) = open(common, session).await?;
    let holder = StateWriter::unlock(&store, &owner("unlock"), &platform, id)
        .await
        .map_err(|source| failed(common, session, store.place(), source))?;
    Ok(format!("the lock of {} is broken", holder.owner))
}

async fn open(common: &Common, session: &Session) -> Result<(Arc<dyn Store>, Platform), CliError> {
    let location = location(common, session, session.desired.state(), Access::Write)?;
    let platform = Platform::real();
    match location.open(&platform).await {
        Ok(store) => Ok((store, platform)),
        Err(error) => Err(failed(
            common,
            session,
            location.to_string(),
            StateError::Store(error),
        )),
    }
}

/// Returns the failure to use a state, with the command that breaks its lock.
pub(crate) fn failed(
    common: &Common,
    session: &Session,
    place: String,
    source: StateError,
) -> CliError {
    let unlock = match &source {
        StateError::Locked { holder } | StateError::WrongId { holder, .. } => {
            let environment = session.desired.environment();
            let mut command = format!("drsync unlock {} --env {environment}", holder.id);
            if let Some(place) = &common.state {
                command = format!("{command} --state {place}");
            }
            if common.sandbox {
                command.push_str(" --sandbox");
            }
            Some(command)
        }
        _ => None,
    };
    CliError::State {
        place,
        unlock,
        source: Box::new(source),
    }
}

/// Returns who this process is, to be told to whoever finds the lock taken.
fn owner(purpose: &str) -> Owner {
    Owner {
        who: who(),
        purpose: purpose.to_owned(),
        pid: std::process::id(),
        run: run(),
    }
}

/// Returns the page of the CI job, by the variables of GitHub, GitLab and Jenkins.
fn run() -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let (Some(server), Some(repository), Some(id)) = (
        variable("GITHUB_SERVER_URL"),
        variable("GITHUB_REPOSITORY"),
        variable("GITHUB_RUN_ID"),
    ) {
        return Some(format!("{server}/{repository}/actions/runs/{id}"));
    }
    variable("CI_JOB_URL").or_else(|| variable("BUILD_URL"))
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
