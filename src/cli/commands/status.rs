//! `drsync status`: where the strategy stands, tier by tier.

use crate::assess::{self, Verdict};
use crate::cli::args::{Common, Format, StatusOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning::open_readers;
use crate::cli::print;
use crate::cli::reading::Reading;
use crate::cli::session::{Session, print_findings};
use crate::live;
use crate::report::{StatusView, status_json, status_markdown, status_text};

pub(crate) async fn run(common: &Common, options: &StatusOptions) -> Result<Exit, CliError> {
    let session = Session::open(common)?;
    let desired = &session.desired;
    print_findings(Format::Text, &session.findings, desired.sources())?;
    let readers = open_readers(common, &session, None).await?;
    let reading = Reading::begin(readers.counter());
    let live = live::observe(desired, None, &readers, false)
        .await
        .map_err(CliError::Live)?;
    drop(reading);
    let assessment = assess::assess(desired, Some(&live));
    let view = StatusView {
        environment: desired.environment(),
        assessment: &assessment,
        gaps: live.gaps(),
        explain: options.explain,
        tool_version: env!("CARGO_PKG_VERSION"),
    };
    let text = match common.format {
        Format::Text => status_text(&view, print::options(false)),
        Format::Json => status_json(&view).map_err(CliError::Report)?,
        Format::Markdown => status_markdown(&view),
    };
    print::result(&text);
    let is = |wanted: Verdict| assessment.tiers.iter().any(|tier| tier.verdict == wanted);
    Ok(Exit::of([
        (
            is(Verdict::Unknown) || !live.gaps().is_empty(),
            Exit::Incomplete,
        ),
        (
            is(Verdict::NotRecoverable) || is(Verdict::AtRisk),
            Exit::Changes,
        ),
    ]))
}
