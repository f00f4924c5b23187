//! The embedded sandbox of an environment, served on loopback while a command runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;

use crate::sandbox::{SandboxError, Store, World, serve};

use super::error::CliError;
use super::print;

/// Returns the folder of everything that drsync keeps for an environment; Git ignores it.
pub(crate) fn local_folder(root: &Path, environment: &str) -> PathBuf {
    root.join(".drsync").join(environment)
}

/// Opens the sandbox of an environment, seeding it from its world file on first use.
pub(crate) fn open(root: &Path, environment: &str) -> Result<Store, CliError> {
    let world = world(root, environment)?;
    let store = Store::open(&local_folder(root, environment).join("sandbox"), &world)
        .map_err(CliError::Sandbox)?;
    if store.world_changed() {
        print::remark(&format!(
            "note: the world file changed after the sandbox was seeded from it; `drsync sandbox reset --env {environment}` starts again"
        ));
    }
    Ok(store)
}

/// Reads the world file; always the one of the work tree.
pub(crate) fn world(root: &Path, environment: &str) -> Result<World, CliError> {
    let path = root
        .join("environments")
        .join(environment)
        .join("sandbox")
        .join("world.toml");
    world_at(&path)
}

/// Reads a file of the form of the world file.
pub(crate) fn world_at(path: &Path) -> Result<World, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::File {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    World::parse(&text).map_err(|source| CliError::World {
        path: path.to_owned(),
        source,
    })
}

/// Serves a sandbox on a port of loopback (0 is any free one) and returns its address.
pub(crate) async fn start(store: Store, port: u16) -> Result<String, CliError> {
    let failed = |source| CliError::Sandbox(SandboxError::Serve(source));
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let store = Arc::new(Mutex::new(store));
    tokio::spawn(async move {
        if let Err(error) = serve(listener, store).await {
            tracing::error!(%error, "the sandbox stopped");
        }
    });
    Ok(format!("http://{address}"))
}
