//! `drsync import live`: TOML for what exists, so that its first plan is empty.

use crate::cli::args::{Common, ImportFrom, ImportLive, ImportOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::{planning, print};
use crate::cloud::Readers;
use crate::import::{Imported, bucket_like, zone_like};
use crate::kinds::{self, Kind};
use crate::live;
use crate::model::{GLOBAL, Resource};

pub(crate) async fn run(common: &Common, options: &ImportOptions) -> Result<Exit, CliError> {
    let options = match &options.from {
        ImportFrom::Live(options) => options,
        ImportFrom::Strategy(options) => return super::import_strategy::run(options),
    };
    let session = Session::open(common)?;
    let readers = planning::open_readers(common, &session, None).await?;
    let environment = session.desired.environment();
    let mut imported = Imported::default();
    for zone in &options.zone {
        imported.append(zone_like(
            &scan(environment, &readers, GLOBAL, zone, false).await?,
        ));
    }
    for bucket in &options.bucket {
        let site = options.site.as_deref().unwrap_or_default();
        if !session.desired.sites().contains_key(site) {
            let known: Vec<&str> = session.desired.sites().keys().map(String::as_str).collect();
            let known = if known.is_empty() {
                "none is declared".to_owned()
            } else {
                format!("the sites are {}", known.join(", "))
            };
            return Err(CliError::Unknown(format!(
                "no site `{site}` in environment `{environment}`; {known}"
            )));
        }
        imported.append(bucket_like(
            bucket,
            site,
            &scan(environment, &readers, site, bucket, true).await?,
        ));
    }
    write(options, &imported)?;
    Ok(Exit::Success)
}

/// Reads everything that lies in a zone or a bucket.
async fn scan(
    environment: &str,
    readers: &Readers,
    connection: &str,
    name: &str,
    sited: bool,
) -> Result<Vec<(&'static dyn Kind, Vec<Resource>)>, CliError> {
    let mut parts = Vec::new();
    for kind in kinds::all()
        .iter()
        .copied()
        .filter(|kind| kind.section().sited == sited)
    {
        let Some(object) = kind.lookup(connection, name) else {
            continue;
        };
        let resources = live::scan(environment, readers, kind, &object)
            .await
            .map_err(CliError::Live)?;
        parts.push((kind, resources));
    }
    Ok(parts)
}

fn write(options: &ImportLive, imported: &Imported) -> Result<(), CliError> {
    use std::io::Write as _;
    match &options.out {
        None => print::result(&imported.text),
        Some(path) => {
            let failed = |source| CliError::File {
                action: "write",
                path: path.clone(),
                source,
            };
            // What is there is never overwritten.
            let mut file = std::fs::File::create_new(path).map_err(failed)?;
            file.write_all(imported.text.as_bytes()).map_err(failed)?;
        }
    }
    for left_out in &imported.left_out {
        print::remark(&format!("left out: {left_out}"));
    }
    let place = options.out.as_ref().map_or_else(String::new, |path| {
        format!(" written to {}", path.display())
    });
    print::remark(&format!(
        "{} objects{place}; put the file into the environment's folder, and `drsync plan` is empty for them",
        imported.objects
    ));
    Ok(())
}
