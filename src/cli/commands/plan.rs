//! `drsync plan`: what would change, and a file of exactly that.

use std::path::Path;

use crate::cli::args::{Common, PlanOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::key;
use crate::cli::planning::{self, Planned};
use crate::cli::print;
use crate::model::units::parse_seconds;
use crate::plan::{PlanFile, Trust};
use crate::report::Mode;

pub(crate) async fn run(common: &Common, options: &PlanOptions) -> Result<Exit, CliError> {
    let planned = planning::plan(common, &options.planning, options.base.as_deref()).await?;
    print::result(&planned.report(common.format, Mode::Plan, options.planning.expand)?);
    if let Some(path) = &options.out {
        save(common, options, &planned, path)?;
    }
    let plan = &planned.plan;
    let exit = Exit::of([
        (planned.verdict.refused(), Exit::Refused),
        (!plan.is_complete(), Exit::Incomplete),
        (options.detailed_exitcode && !plan.is_empty(), Exit::Changes),
    ]);
    planned.leave();
    Ok(exit)
}

fn save(
    common: &Common,
    options: &PlanOptions,
    planned: &Planned,
    path: &Path,
) -> Result<(), CliError> {
    if planned.session.desired.origin().dirty && !common.sandbox {
        return Err(CliError::Uncommitted(
            planned.session.desired.environment().to_owned(),
        ));
    }
    let seconds = parse_seconds(&options.expires)
        .map_err(|why| CliError::Unknown(format!("--expires {}: {why}", options.expires)))?;
    let created = planned.readers.now();
    let expires = created
        .saturating_add(jiff::SignedDuration::from_secs(seconds))
        .unwrap_or(jiff::Timestamp::MAX);
    let id = uuid::Uuid::new_v4().to_string();
    let key = key::given(options.key.as_deref())?;
    let mut file = PlanFile::new(
        planned.plan.clone(),
        planned.memory.record.as_ref(),
        planned.binding(common),
        id,
        created,
        expires,
    );
    if let Some(key) = &key {
        file.sign(key).map_err(|source| CliError::Key {
            place: key.public(),
            source,
        })?;
    }
    let trust = Trust {
        keys: &planned.plan_keys,
        sandbox: common.sandbox,
    };
    // A plan that nobody would apply is better refused now than after its review.
    if let Some(reason) = file.distrust(trust) {
        return Err(CliError::Unsignable(reason.to_string()));
    }
    let text = file.to_text().map_err(|reason| CliError::PlanFile {
        path: path.to_owned(),
        reasons: vec![reason],
    })?;
    write_private(path, &text)?;
    print::remark(&format!(
        "saved {} ({}), good until {expires:.0}; `drsync apply {}` makes exactly this",
        path.display(),
        file.digest,
        path.display()
    ));
    Ok(())
}

/// Writes a file that only its owner can read, whole or not at all.
fn write_private(path: &Path, text: &str) -> Result<(), CliError> {
    use std::io::Write as _;
    let failed = |source| CliError::File {
        action: "write",
        path: path.to_owned(),
        source,
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // A temporary file of this crate has mode 0600 from its first moment.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
