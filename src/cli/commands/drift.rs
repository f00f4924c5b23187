//! `drsync drift`: where live differs from Git. It holds no writer.

use crate::cli::args::{Common, DriftOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::{planning, print};
use crate::report::Mode;

pub(crate) async fn run(common: &Common, options: &DriftOptions) -> Result<Exit, CliError> {
    let planned = planning::plan(common, &options.planning, None).await?;
    print::result(&planned.report(common.format, Mode::Drift, options.planning.expand)?);
    let plan = &planned.plan;
    let exit = Exit::of([
        (!plan.is_complete(), Exit::Incomplete),
        (!planned.parity.is_complete(), Exit::Incomplete),
        (!plan.is_empty(), Exit::Changes),
        (planned.parity.has_drift(), Exit::Changes),
    ]);
    planned.leave();
    Ok(exit)
}
