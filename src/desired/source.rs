//! Where an environment is read from: a folder of the file system, or a Git revision.
//!
//! In: a root and a revision. Out: texts, and what identifies them: commit, tree ids, repository.
//! Must not know what the texts mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::{self, Folder, Found, Text, Tree, WorkTree};
use super::git::Git;
use super::{DesiredError, suggest};

/// The folder of all environments.
const ENVIRONMENTS: &str = "environments";
/// What the path of a record holds.
pub(super) const RECORDS: &str = "/records/";
/// The folder of the policies.
const POLICIES: &str = "policies";

/// A folder or a Git revision, opened for reading.
pub struct Source {
    place: Place,
    root: PathBuf,
}

enum Place {
    Folder(WorkTree, Option<Git>),
    Commit(Git),
}

/// What identifies the texts that an environment was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The commit; none outside Git and before the first commit.
    pub revision: Option<String>,
    /// The Git tree of the environment's folder at that commit.
    pub environment_tree: Option<String>,
    /// The Git tree of the policies at that commit.
    pub policies_tree: Option<String>,
    /// Whether the environment's folder or the policies differ from that commit.
    pub dirty: bool,
    /// The repository: where it comes from, without credentials, or else the folder's name.
    pub repository: String,
}

impl Tree for Git {
    fn found(&self, path: &str) -> Result<Option<Found>, DesiredError> {
        self.found(path)
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, DesiredError> {
        self.names(folder)
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, DesiredError> {
        self.bytes(path)
    }
}

impl Source {
    /// Opens a folder (by default the repository around the current one), or a revision of the
    /// repository that it lies in.
    ///
    /// A folder outside Git is read if it is named, or holds environments.
    pub fn open(root: Option<&Path>, rev: Option<&str>) -> Result<Self, DesiredError> {
        let start = folder(root.unwrap_or_else(|| Path::new(".")))?;
        let git = Git::around(&start)?;
        match (git, rev) {
            (Some(git), rev) => {
                let git = if root.is_none() { git.whole() } else { git };
                let top = if root.is_none() {
                    git.work_tree()
                } else {
                    None
                };
                let top = top.map_or(start, Path::to_owned);
                Self::in_repository(git, top, rev)
            }
            (None, None) if root.is_some() || start.join(ENVIRONMENTS).is_dir() => Ok(Self {
                place: Place::Folder(WorkTree(start.clone()), None),
                root: start,
            }),
            (None, _) => Err(DesiredError::NoRepository { path: start }),
        }
    }

    fn in_repository(git: Git, root: PathBuf, rev: Option<&str>) -> Result<Self, DesiredError> {
        let place = match rev {
            Some(rev) => Place::Commit(git.at(rev)?),
            None if git.work_tree().is_none() => {
                return Err(DesiredError::NoWorkTree {
                    path: git.path().to_owned(),
                });
            }
            None => Place::Folder(WorkTree(root.clone()), Some(git)),
        };
        Ok(Self { place, root })
    }

    /// Returns the folder that relative paths begin at.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the names of the environments, sorted.
    pub fn environments(&self) -> Result<Vec<String>, DesiredError> {
        let tree = self.tree();
        if tree.found(ENVIRONMENTS)? != Some(Found::Folder) {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for name in tree.names(ENVIRONMENTS)? {
            if tree.found(&format!("{ENVIRONMENTS}/{name}"))? == Some(Found::Folder) {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Returns the files that make up an environment's document.
    ///
    /// The waivers beside them have a schema of their own.
    pub fn read_environment(&self, name: &str) -> Result<Folder, DesiredError> {
        let folder = environment_folder(name);
        let named = !name.contains('/') && files::is_plain(name);
        let found = if named {
            self.tree().found(&folder)?
        } else {
            None
        };
        if matches!(found, None | Some(Found::File(_) | Found::Other)) {
            let known = self.environments()?;
            let near = suggest::nearest(name, known.iter().map(String::as_str));
            return Err(DesiredError::NoEnvironment {
                name: name.to_owned(),
                near: near.map(str::to_owned),
                known,
            });
        }
        let waivers = format!("{folder}/waivers.toml");
        let mut texts = self.read_folder(&folder)?;
        let mut records = self.read_records(&folder)?;
        texts.files.append(&mut records.files);
        texts.refused.append(&mut records.refused);
        texts.files.retain(|(path, _)| *path != waivers);
        texts.refused.retain(|refused| refused.path() != waivers);
        Ok(texts)
    }

    /// Returns the records of an environment: the files of each folder below `records/`.
    fn read_records(&self, environment: &str) -> Result<Folder, DesiredError> {
        let folder = format!("{environment}/records");
        let mut all = Folder::default();
        if self.tree().found(&folder)? != Some(Found::Folder) {
            return Ok(all);
        }
        let mut kinds = self.tree().names(&folder)?;
        kinds.sort_unstable();
        for kind in kinds {
            let mut own = self.read_folder(&format!("{folder}/{kind}"))?;
            all.files.append(&mut own.files);
            all.refused.append(&mut own.refused);
        }
        Ok(all)
    }

    /// Returns who committed each of these files last; a file that is in no commit, or differs
    /// from it, has nobody.
    pub fn authors(&self, paths: &[&str]) -> Result<BTreeMap<String, String>, DesiredError> {
        match &self.place {
            Place::Folder(_, Some(git)) => git.authors(paths, true),
            Place::Folder(_, None) => Ok(BTreeMap::new()),
            Place::Commit(git) => git.authors(paths, false),
        }
    }

    /// Returns the TOML files that lie directly in a folder, such as `policies`; none if there is
    /// no such folder.
    pub fn read_folder(&self, folder: &str) -> Result<Folder, DesiredError> {
        files::read_folder(self.tree(), folder)
    }

    /// Returns the text of one file.
    pub fn read_file(&self, path: &str) -> Result<Text, DesiredError> {
        files::read(self.tree(), path)
    }

    /// Returns how many commits lead to another revision and not to this source's; none outside Git.
    pub fn lacks(&self, revision: &str) -> Result<usize, DesiredError> {
        match &self.place {
            Place::Folder(_, None) => Ok(0),
            Place::Folder(_, Some(git)) | Place::Commit(git) => git.lacks(revision),
        }
    }

    /// Returns the commits since a folder had this tree that changed it, the newest first; none
    /// outside Git.
    pub fn moved_since(&self, folder: &str, tree: &str) -> Result<Vec<String>, DesiredError> {
        match &self.place {
            Place::Folder(_, None) => Ok(Vec::new()),
            Place::Folder(_, Some(git)) | Place::Commit(git) => git.moved_since(folder, tree),
        }
    }

    /// Returns what identifies the texts of an environment.
    pub fn origin(&self, environment: &str) -> Result<Origin, DesiredError> {
        let (git, from_commit) = match &self.place {
            Place::Folder(_, git) => (git.as_ref(), false),
            Place::Commit(git) => (Some(git), true),
        };
        let name = || {
            let name = self.root.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let Some(git) = git else {
            return Ok(Origin {
                repository: name(),
                ..Origin::default()
            });
        };
        let folder = environment_folder(environment);
        Ok(Origin {
            revision: git.commit(),
            environment_tree: git.tree_id(&folder)?,
            policies_tree: git.tree_id(POLICIES)?,
            dirty: !from_commit && git.dirty(&[&folder, POLICIES])?,
            repository: git.identity().unwrap_or_else(name),
        })
    }

    fn tree(&self) -> &dyn Tree {
        match &self.place {
            Place::Folder(folder, _) => folder,
            Place::Commit(git) => git,
        }
    }
}

fn environment_folder(name: &str) -> String {
    format!("{ENVIRONMENTS}/{name}")
}

fn folder(path: &Path) -> Result<PathBuf, DesiredError> {
    match path.canonicalize() {
        Ok(full) if full.is_dir() => Ok(full),
        _ => Err(DesiredError::NoRoot {
            path: path.to_owned(),
        }),
    }
}
