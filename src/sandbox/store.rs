//! A sandbox that outlives the process.
//!
//! In: a directory and a world. Out: a sandbox whose state is in `sandbox.json`, replaced as a
//! whole after each request that changed something, and locked against other processes. It must
//! not know what the state means.

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::error::SandboxError;
use super::kubernetes::Watch;
use super::sandbox::{Reply, Sandbox};
use super::world::World;

const STATE: &str = "sandbox.json";
const LOCK: &str = "sandbox.lock";

/// The state of a sandbox in a directory; nobody else has it while this value lives.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    sandbox: Sandbox,
    world_changed: bool,
    _lock: File,
}

impl Store {
    /// Opens the state in a directory, which is made if need be. On first use it is seeded from
    /// the world; later the world only tells whether it is still the one that it was seeded from.
    pub fn open(directory: &Path, world: &World) -> Result<Self, SandboxError> {
        std::fs::create_dir_all(directory).map_err(failed("create", directory))?;
        let lock_path = directory.join(LOCK);
        let lock = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(failed("open", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SandboxError::Locked(lock_path)),
            Err(TryLockError::Error(source)) => return Err(failed("lock", &lock_path)(source)),
        }
        let path = directory.join(STATE);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let sandbox = Sandbox::from_json(&text)?;
                let world_changed = sandbox.world() != world.digest();
                Ok(Self {
                    path,
                    sandbox,
                    world_changed,
                    _lock: lock,
                })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let sandbox = Sandbox::new(world)?;
                let store = Self {
                    path,
                    sandbox,
                    world_changed: false,
                    _lock: lock,
                };
                store.save()?;
                Ok(store)
            }
            Err(source) => Err(failed("read", &path)(source)),
        }
    }

    /// Whether the world given to [`Store::open`] differs from the one that the state was seeded
    /// from. The state is as it was; [`Store::reset`] starts again from a world.
    #[must_use]
    pub fn world_changed(&self) -> bool {
        self.world_changed
    }

    /// The sandbox.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Answers a request; the state is on disk before the answer is given.
    pub fn handle(
        &mut self,
        now: Timestamp,
        request: Request<Bytes>,
    ) -> Result<Reply, SandboxError> {
        self.change(|sandbox| Ok(sandbox.handle(now, request)))
    }

    /// What happened to a watch since it was last asked (see [`Sandbox::more`]).
    pub fn more(
        &mut self,
        now: Timestamp,
        watch: &mut Watch,
    ) -> Result<Option<Bytes>, SandboxError> {
        self.change(|sandbox| Ok(sandbox.more(now, watch)))
    }

    /// Lays a world over the state (see [`Sandbox::merge`]).
    pub fn merge(&mut self, world: &World) -> Result<(), SandboxError> {
        self.change(|sandbox| sandbox.merge(world))
    }

    /// Starts again from a world.
    pub fn reset(&mut self, world: &World) -> Result<(), SandboxError> {
        self.sandbox = Sandbox::new(world)?;
        self.world_changed = false;
        self.save()
    }

    fn change<T>(
        &mut self,
        act: impl FnOnce(&mut Sandbox) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        let before = self.sandbox.revision();
        let result = act(&mut self.sandbox)?;
        if self.sandbox.revision() != before {
            self.save()?;
        }
        Ok(result)
    }

    /// Replaces the file as a whole: it is the old or the new state, whatever happens.
    fn save(&self) -> Result<(), SandboxError> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let text = self.sandbox.to_json()?;
        let mut file =
            tempfile::NamedTempFile::new_in(directory).map_err(failed("create", directory))?;
        file.write_all(text.as_bytes())
            .map_err(failed("write", &self.path))?;
        file.as_file()
            .sync_all()
            .map_err(failed("write", &self.path))?;
        file.persist(&self.path)
            .map_err(|error| failed("replace", &self.path)(error.error))?;
        File::open(directory)
            .and_then(|directory| directory.sync_all())
            .map_err(failed("write", directory))
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> SandboxError {
    let path = path.to_owned();
    move |source| SandboxError::File {
        action,
        path,
        source,
    }
}
