//! `drsync runbook`: the recovery order for people, from what Git declares.

use crate::assess;
use crate::cli::args::{Common, Drawing, Format, RunbookOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::cli::session::{Session, print_findings};
use crate::desired::Text;
use crate::report::{RUNBOOK, order_mermaid, order_svg, runbook};

pub(crate) fn run(common: &Common, options: &RunbookOptions) -> Result<Exit, CliError> {
    let session = Session::open(common)?;
    let desired = &session.desired;
    if desired.strategy().steps.is_empty() {
        return Err(CliError::Unknown(format!(
            "environment `{}` declares no step of a recovery; add `[step.NAME]`",
            desired.environment()
        )));
    }
    let mut findings = assess::contradictions(desired);
    // A runbook that is not written yet is what this command is for.
    findings.retain(|one| one.code != assess::codes::RUNBOOK_MISSING);
    print_findings(Format::Text, &findings, desired.sources())?;
    let assessment = assess::assess(desired, None);
    let text = if let (Some(drawing), Some(tier)) = (options.draw, assessment.tiers.first()) {
        match drawing {
            Drawing::Mermaid => order_mermaid(&tier.time),
            Drawing::Svg => order_svg(&tier.time),
        }
    } else {
        let path = format!(
            "environments/{}/templates/runbook.md",
            desired.environment()
        );
        let own = match session.source.read_file(&path).map_err(CliError::Desired)? {
            Text::Read(text) => Some(text),
            Text::Absent => None,
            Text::Refused(refused) => {
                return Err(CliError::Unknown(format!(
                    "{} cannot be read",
                    refused.path()
                )));
            }
        };
        let template = own.as_deref().unwrap_or(RUNBOOK);
        runbook(desired, &assessment, template).map_err(CliError::Report)?
    };
    print::result(&text);
    Ok(Exit::Success)
}
