//! What every command that looks at an environment begins with: the source and what it declares.

use crate::desired::{self, Desired, Loaded, Source};
use crate::model::{Finding, Severity};
use crate::report::{findings_json, findings_text};

use super::args::{Common, Format};
use super::error::CliError;
use super::print;

/// An environment that was read and found right.
pub(crate) struct Session {
    /// Where it was read from.
    pub(crate) source: Source,
    /// What it declares.
    pub(crate) desired: Desired,
    /// Warnings and notes about it.
    pub(crate) findings: Vec<Finding>,
}

impl Session {
    /// Reads the environment that the arguments name. What is wrong with it is printed, all at
    /// once, and ends the command.
    pub(crate) fn open(common: &Common) -> Result<Self, CliError> {
        let source = Source::open(common.root.as_deref(), common.rev.as_deref())
            .map_err(CliError::Desired)?;
        let environment = environment(common, &source)?;
        let Loaded {
            desired,
            findings,
            sources,
        } = desired::load(&source, &environment).map_err(CliError::Desired)?;
        if let Some(desired) = desired {
            Ok(Self {
                source,
                desired,
                findings,
            })
        } else {
            print_findings(common.format, &findings, &sources)?;
            let count = findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
                .count();
            Err(CliError::Findings {
                environment,
                errors: print::count(count, "error"),
            })
        }
    }
}

/// Returns the environment that the arguments name, or the only one there is.
fn environment(common: &Common, source: &Source) -> Result<String, CliError> {
    if let Some(name) = &common.env {
        return Ok(name.clone());
    }
    let mut known = source.environments().map_err(CliError::Desired)?;
    match known.len() {
        0 => Err(CliError::NoEnvironment(
            "; there is none yet, `drsync init NAME` starts one".to_owned(),
        )),
        1 => Ok(known.remove(0)),
        _ => Err(CliError::NoEnvironment(format!(" ({})", known.join(", ")))),
    }
}

/// Prints findings: to stdout as JSON, where a program reads it, and to stderr for people.
pub(crate) fn print_findings(
    format: Format,
    findings: &[Finding],
    sources: &crate::model::Sources,
) -> Result<(), CliError> {
    if findings.is_empty() {
        return Ok(());
    }
    match format {
        Format::Json => print::result(
            &findings_json(findings, sources, env!("CARGO_PKG_VERSION"))
                .map_err(CliError::Report)?,
        ),
        Format::Text | Format::Markdown => {
            print::remark(&findings_text(findings, sources, print::options(false)));
        }
    }
    Ok(())
}
