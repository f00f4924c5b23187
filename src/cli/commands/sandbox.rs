//! `drsync sandbox`: serve it to other tools, start it again, or disturb it behind drsync's back.

use std::path::Path;

use crate::cli::args::{Common, SandboxAction, SandboxOptions};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::stop::Stop;
use crate::cli::{print, sandboxed};

pub(crate) async fn run(common: &Common, options: &SandboxOptions) -> Result<Exit, CliError> {
    let session = Session::open(common)?;
    let (root, environment) = (session.source.root(), session.desired.environment());
    match &options.action {
        SandboxAction::Serve { port } => serve(root, environment, *port).await?,
        SandboxAction::Reset => reset(root, environment)?,
        SandboxAction::Merge { file } => {
            let overlay = sandboxed::world_at(file)?;
            sandboxed::open(root, environment)?
                .merge(&overlay)
                .map_err(CliError::Sandbox)?;
            print::remark(&format!(
                "the sandbox of `{environment}` now has what {} says; drsync was not told",
                file.display()
            ));
        }
    }
    Ok(Exit::Success)
}

async fn serve(root: &Path, environment: &str, port: u16) -> Result<(), CliError> {
    let endpoint = sandboxed::start(sandboxed::open(root, environment)?, port).await?;
    print::result(&format!(
        "export AWS_ENDPOINT_URL={endpoint} AWS_SECRET_ACCESS_KEY=made-up AWS_REGION=us-east-1"
    ));
    print::remark(
        "the access key is the twelve digits of the account: AWS_ACCESS_KEY_ID=...; Ctrl-C ends it",
    );
    let stop = Stop::listen();
    while !stop.is_asked() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Starts again from the world file; the record of what was applied to the old one goes too.
fn reset(root: &Path, environment: &str) -> Result<(), CliError> {
    let world = sandboxed::world(root, environment)?;
    sandboxed::open(root, environment)?
        .reset(&world)
        .map_err(CliError::Sandbox)?;
    let state = sandboxed::local_folder(root, environment)
        .join("sandbox")
        .join("state");
    match std::fs::remove_dir_all(&state) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => {
            return Err(CliError::File {
                action: "remove",
                path: state,
                source,
            });
        }
    }
    print::remark(&format!(
        "the sandbox of `{environment}` is as its world file says"
    ));
    Ok(())
}
