//! The base of a review: the revision that a plan is compared with, and by whose rules it is judged.
//!
//! What a pull request brings is data to be judged. So connections, policies and waivers are taken
//! from the base, and only what is desired from the revision itself.

use crate::desired::{self, Desired, Source};
use crate::model::{GLOBAL, Severity, Sources};
use crate::plan;

use super::args::{Common, Format};
use super::error::CliError;
use super::print;
use super::session::{Session, print_findings};

/// A base that was read and found right.
pub(crate) struct Base {
    /// Where it was read from.
    pub(crate) source: Source,
    /// What it declares; none if it does not have the environment.
    pub(crate) desired: Option<Desired>,
    revision: String,
}

impl Base {
    /// Reads the environment of a session at another revision.
    pub(crate) fn open(
        common: &Common,
        revision: &str,
        session: &Session,
    ) -> Result<Self, CliError> {
        let environment = session.desired.environment();
        let source =
            Source::open(common.root.as_deref(), Some(revision)).map_err(CliError::Desired)?;
        let known = source.environments().map_err(CliError::Desired)?;
        let commit = source
            .origin(environment)
            .map_err(CliError::Desired)?
            .revision;
        let mut base = Self {
            source,
            desired: None,
            revision: commit.unwrap_or_else(|| revision.to_owned()),
        };
        if !known.iter().any(|name| name == environment) {
            return Ok(base);
        }
        let loaded = desired::load(&base.source, environment).map_err(CliError::Desired)?;
        if loaded.desired.is_none() {
            let errors = loaded.findings;
            print_findings(Format::Text, &errors, &loaded.sources)?;
            let errors = errors.iter().filter(|one| one.severity == Severity::Error);
            return Err(CliError::Findings {
                environment: format!("{environment} at the base {revision}"),
                errors: print::count(errors.count(), "error"),
            });
        }
        base.desired = loaded.desired;
        Ok(base)
    }

    /// Returns what planning compares with.
    pub(crate) fn compared(&self) -> plan::Base<'_> {
        plan::Base {
            revision: &self.revision,
            desired: self.desired.as_ref(),
        }
    }

    /// Returns the texts that the base was read from.
    pub(crate) fn sources(&self) -> Sources {
        let sources = self.desired.as_ref().map(Desired::sources);
        sources
            .map(|sources| Sources::clone(sources))
            .unwrap_or_default()
    }

    /// Returns remarks on what a review by this base cannot show.
    pub(crate) fn notes(&self, session: &Session) -> Result<Vec<String>, CliError> {
        let mut notes = Vec::new();
        let missing = session
            .source
            .lacks(&self.revision)
            .map_err(CliError::Desired)?;
        if missing > 0 {
            notes.push(format!(
                "the base has {} that this revision lacks, so what they changed shows as taken back; rebase, or plan the merge",
                print::count(missing, "commit")
            ));
        }
        let names = session.desired.sites().keys().map(String::as_str);
        for name in names.chain([GLOBAL]) {
            let known = self.desired.as_ref().and_then(|base| base.aws(name));
            if session.desired.aws(name).is_some() && known.is_none() {
                notes.push(format!(
                    "the base does not declare the connection of `{name}`, so nothing was read over it; it is read once it is merged"
                ));
            }
        }
        Ok(notes)
    }
}
