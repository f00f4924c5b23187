//! `drsync parity`: the DR sites against the primary, live against live. It holds no writer.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::cli::args::{Common, Format, ParityOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::planning;
use crate::cli::print;
use crate::cli::reading::Reading;
use crate::cli::selection::Selected;
use crate::cli::session::{Session, print_findings};
use crate::live;
use crate::plan::{self, ParityRules};
use crate::report::{ParityView, parity_json, parity_markdown, parity_text};

pub(crate) async fn run(common: &Common, options: &ParityOptions) -> Result<Exit, CliError> {
    let started = Instant::now();
    let mut session = Session::open(common)?;
    print_findings(Format::Text, &session.findings, session.desired.sources())?;
    let rules = planning::parity_rules(&session.source, &session)?;
    let mut notes = Vec::new();
    select(&mut session, options, &rules, &mut notes)?;
    let readers = planning::open_readers(common, &session, None).await?;
    let reading = Reading::begin(readers.counter());
    let live = live::observe(&session.desired, None, &readers, false)
        .await
        .map_err(CliError::Live)?;
    drop(reading);
    let parity = plan::parity(&session.desired, &live, &rules);
    let calls = readers.calls();
    let view = ParityView {
        parity: &parity,
        environment: session.desired.environment(),
        revision: session.desired.revision(),
        calls: &calls,
        elapsed: started.elapsed(),
        tool_version: env!("CARGO_PKG_VERSION"),
        notes: &notes,
    };
    print::result(&match common.format {
        Format::Text => parity_text(&view, print::options(options.expand)),
        Format::Json => parity_json(&view, options.expand).map_err(CliError::Report)?,
        Format::Markdown => parity_markdown(&view),
    });
    Ok(Exit::of([
        (!parity.is_complete(), Exit::Incomplete),
        (parity.has_drift(), Exit::Changes),
    ]))
}

/// Leaves only what has a partner at another site, or is asked something by itself: nothing else
/// needs to be read.
fn select(
    session: &mut Session,
    options: &ParityOptions,
    rules: &ParityRules,
    notes: &mut Vec<String>,
) -> Result<(), CliError> {
    let selected = Selected::of(&options.selection, &session.desired)?;
    let pairs: BTreeSet<String> = session
        .desired
        .declared()
        .filter(|declared| selected.has(declared))
        .filter_map(|declared| declared.pair.clone())
        .collect();
    let desired = session.desired.clone();
    session.desired = desired.select(|declared| match &declared.pair {
        Some(pair) => pairs.contains(pair),
        None => selected.has(declared) && rules.asks_each(declared.object.address.kind()),
    });
    if !selected.is_all() {
        notes.push("only a part of the environment was looked at".to_owned());
        if session.desired.declared().len() == 0 {
            return Err(CliError::Unknown(format!(
                "no object of environment `{}` is selected",
                session.desired.environment()
            )));
        }
    }
    Ok(())
}
