//! `drsync check`: what Git declares, checked offline.

use crate::assess;
use crate::cli::args::{Common, Format};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::cli::session::{Session, print_findings};
use crate::desired::Text;
use crate::model::{Severity, Sources};
use crate::policy::{PolicySet, Waivers};

pub(crate) fn run(common: &Common) -> Result<Exit, CliError> {
    let session = Session::open(common)?;
    let mut sources = Sources::clone(session.desired.sources());
    let mut findings = session.findings.clone();
    findings.extend(assess::contradictions(&session.desired));
    let policies = session
        .source
        .read_folder("policies")
        .map_err(CliError::Desired)?;
    for refused in policies.refused {
        findings.push(refused.finding(&mut sources));
    }
    let (_, more) = PolicySet::load(&policies.files, &mut sources);
    findings.extend(more);
    let path = format!(
        "environments/{}/waivers.toml",
        session.desired.environment()
    );
    match session.source.read_file(&path).map_err(CliError::Desired)? {
        Text::Absent => {}
        Text::Refused(refused) => findings.push(refused.finding(&mut sources)),
        Text::Read(text) => findings.extend(Waivers::load(&path, &text, &mut sources).1),
    }
    print_findings(common.format, &findings, &sources)?;
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let text = format!(
        "{}: {} declared in {}, {}, {}",
        session.desired.environment(),
        print::count(session.desired.declared().len(), "object"),
        print::count(session.desired.scopes().len(), "scope"),
        print::count(errors, "error"),
        print::count(findings.len() - errors, "other finding")
    );
    match common.format {
        Format::Json if findings.is_empty() => {
            print::result("{\"format_version\":\"1.0\",\"findings\":[]}");
        }
        Format::Json => {}
        Format::Text | Format::Markdown => print::result(&text),
    }
    Ok(Exit::of([(errors > 0, Exit::Error)]))
}
