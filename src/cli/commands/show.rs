//! `drsync show`: a saved plan, as its reviewers saw it; a stale one is shown all the same.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::cli::args::{Common, Format, ShowOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::print;
use crate::model::Sources;
use crate::plan::PlanFile;
use crate::report::{Mode, View, plan_json, plan_markdown, plan_text};

/// Reads a plan file.
pub(crate) fn read(path: &Path) -> Result<PlanFile, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::File {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    PlanFile::parse(&text).map_err(|reason| CliError::PlanFile {
        path: path.to_owned(),
        reasons: vec![reason],
    })
}

pub(crate) fn run(common: &Common, options: &ShowOptions) -> Result<Exit, CliError> {
    let file = read(&options.plan)?;
    let notes = [format!(
        "plan {} for {}, made {:.0}, good until {:.0}",
        file.id, file.binding.environment, file.created, file.expires
    )];
    let (sources, calls) = (Sources::default(), BTreeMap::new());
    let summary = &file.plan.summary;
    let objects = summary.in_sync + summary.unknown + file.plan.changes.len();
    let view = View {
        plan: &file.plan,
        findings: &[],
        sources: &sources,
        calls: &calls,
        elapsed: Duration::ZERO,
        tool_version: &file.tool_version,
        mode: Mode::Plan,
        objects,
        budget: None,
        notes: &notes,
        parity: None,
    };
    print::result(&match common.format {
        Format::Text => plan_text(&view, print::options(options.expand)),
        Format::Json => plan_json(&view).map_err(CliError::Report)?,
        Format::Markdown => plan_markdown(&view).map_err(CliError::Report)?,
    });
    Ok(Exit::Success)
}
