//! One commit of a Git repository, read straight out of the object database.
//!
//! In: a repository and a revision. Out: names, bytes, tree ids, identity, and whether folders of
//! the work tree differ from the commit. Never checks anything out and never runs a hook or a
//! filter. Must not know what the files mean.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, FileMode, ObjectType, Oid, Repository, StatusOptions, TreeEntry};

use super::DesiredError;
use super::files::Found;

/// How many commits are looked at for the author of a file.
const MOST_COMMITS: usize = 20_000;
/// How many commits are looked back at most.
const HISTORY: usize = 1000;

/// A repository at one commit, seen from a folder of it.
pub(super) struct Git {
    repository: Repository,
    /// The way from the repository's root to the folder.
    prefix: PathBuf,
    /// None before the first commit.
    commit: Option<Oid>,
}

impl Git {
    /// Opens the repository around a folder; none if there is none.
    pub(super) fn around(folder: &Path) -> Result<Option<Self>, DesiredError> {
        let repository = match Repository::discover(folder) {
            Ok(repository) => repository,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(source) => return Err(failed("open the Git repository")(source)),
        };
        let prefix = repository
            .workdir()
            .and_then(|root| root.canonicalize().ok())
            .and_then(|root| Some(folder.strip_prefix(root).ok()?.to_owned()))
            .unwrap_or_default();
        let commit = match repository.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Some(commit.id()),
            Err(_) => None,
        };
        Ok(Some(Self {
            repository,
            prefix,
            commit,
        }))
    }

    /// Moves to the commit that a revision names.
    pub(super) fn at(mut self, rev: &str) -> Result<Self, DesiredError> {
        self.commit = Some(self.commit_of(rev)?);
        Ok(self)
    }

    /// Returns the root of the work tree; none for a bare repository.
    pub(super) fn work_tree(&self) -> Option<&Path> {
        self.repository.workdir()
    }

    /// Sees everything from the repository's root instead of a folder in it.
    pub(super) fn whole(mut self) -> Self {
        self.prefix = PathBuf::new();
        self
    }

    /// Returns the folder of the repository itself.
    pub(super) fn path(&self) -> &Path {
        self.repository.path()
    }

    /// Returns the id of the commit.
    pub(super) fn commit(&self) -> Option<String> {
        self.commit.map(|id| id.to_string())
    }

    /// Returns how many commits lead to another revision and not to this one.
    pub(super) fn lacks(&self, revision: &str) -> Result<usize, DesiredError> {
        let Some(commit) = self.commit else {
            return Ok(0);
        };
        let other = self.commit_of(revision)?;
        let (_, behind) = self
            .repository
            .graph_ahead_behind(commit, other)
            .map_err(failed("compare two revisions"))?;
        Ok(behind)
    }

    /// Returns the commits on the first-parent line that changed a folder since it had this tree,
    /// the newest first, as `1a2b3c4d5e6f its title`.
    pub(super) fn moved_since(
        &self,
        folder: &str,
        tree: &str,
    ) -> Result<Vec<String>, DesiredError> {
        let doing = failed("walk the history");
        let path = self.prefix.join(folder);
        let mut moved = Vec::new();
        let Some(commit) = self.commit else {
            return Ok(moved);
        };
        let tree_of = |commit: &git2::Commit<'_>| {
            let entry = commit.tree().ok()?.get_path(&path).ok()?;
            Some(entry.id().to_string())
        };
        let mut commit = self.repository.find_commit(commit).map_err(&doing)?;
        for _ in 0..HISTORY {
            let own = tree_of(&commit);
            if own.as_deref() == Some(tree) {
                return Ok(moved);
            }
            // A shallow clone or the first commit ends the line.
            let parent = commit.parent(0).ok();
            if parent.as_ref().and_then(tree_of) != own {
                let title = commit.summary().ok().flatten().unwrap_or_default();
                let id = commit.id().to_string();
                moved.push(format!("{} {title}", &id[..12]));
            }
            match parent {
                Some(parent) => commit = parent,
                None => break,
            }
        }
        Ok(moved)
    }

    fn commit_of(&self, revision: &str) -> Result<Oid, DesiredError> {
        let object = self.repository.revparse_single(revision);
        object
            .and_then(|object| object.peel_to_commit())
            .map(|commit| commit.id())
            .map_err(|source| DesiredError::NoRevision {
                rev: revision.to_owned(),
                source,
            })
    }

    /// Returns what a path is.
    pub(super) fn found(&self, path: &str) -> Result<Option<Found>, DesiredError> {
        Ok(self.entry(path)?.map(|entry| self.kind(&entry)))
    }

    /// Returns the names in a folder.
    pub(super) fn names(&self, folder: &str) -> Result<Vec<String>, DesiredError> {
        let Some(entry) = self.entry(folder)? else {
            return Ok(Vec::new());
        };
        let tree = self
            .repository
            .find_tree(entry.id())
            .map_err(failed("read a folder of the commit"))?;
        Ok(tree
            .iter()
            .map(|entry| String::from_utf8_lossy(entry.name_bytes()).into_owned())
            .collect())
    }

    /// Returns the content of a file.
    pub(super) fn bytes(&self, path: &str) -> Result<Vec<u8>, DesiredError> {
        let doing = failed("read a file of the commit");
        let Some(entry) = self.entry(path)? else {
            return Err(doing(git2::Error::from_str("no such file")));
        };
        let blob = self.repository.find_blob(entry.id()).map_err(doing)?;
        Ok(blob.content().to_vec())
    }

    /// Returns the id of a folder's tree, which a merge or a squash keeps.
    pub(super) fn tree_id(&self, folder: &str) -> Result<Option<String>, DesiredError> {
        Ok(self
            .entry(folder)?
            .filter(|entry| entry.kind() == Some(ObjectType::Tree))
            .map(|entry| entry.id().to_string()))
    }

    /// Returns whether folders of the work tree differ from the commit.
    pub(super) fn dirty(&self, folders: &[&str]) -> Result<bool, DesiredError> {
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .include_ignored(true)
            .recurse_ignored_dirs(true)
            .disable_pathspec_match(true);
        for folder in folders {
            options.pathspec(self.prefix.join(folder));
        }
        let statuses = self
            .repository
            .statuses(Some(&mut options))
            .map_err(failed("compare the work tree with the commit"))?;
        // An ignored file is read like any other if it is TOML, and is not in the commit.
        Ok(statuses
            .iter()
            .any(|entry| !entry.status().is_ignored() || entry.path_bytes().ends_with(b".toml")))
    }

    /// Returns who committed each of these files last, from the commit on back in time.
    ///
    /// With `clean`, a file that differs from the commit is nobody's. A shallow clone knows no
    /// more than its oldest commit, so what that holds is nobody's either.
    pub(super) fn authors(
        &self,
        paths: &[&str],
        clean: bool,
    ) -> Result<BTreeMap<String, String>, DesiredError> {
        let doing = || failed("read who committed a record");
        let (Some(head), false) = (self.commit, paths.is_empty()) else {
            return Ok(BTreeMap::new());
        };
        let mut open = Vec::new();
        for path in paths {
            let known = self.entry(path)?.map(|entry| entry.id());
            if known.is_some() && !(clean && self.dirty(&[path])?) {
                open.push((*path, known));
            }
        }
        let mut walk = self.repository.revwalk().map_err(doing())?;
        walk.push(head).map_err(doing())?;
        let mut authors = BTreeMap::new();
        for id in walk.take(MOST_COMMITS) {
            if open.is_empty() {
                break;
            }
            let commit = id
                .and_then(|id| self.repository.find_commit(id))
                .map_err(doing())?;
            if commit.parent_count() == 0 && self.repository.is_shallow() {
                continue;
            }
            let tree = commit.tree().map_err(doing())?;
            let parents = commit.parents().map(|parent| parent.tree());
            let parents: Vec<_> = parents.collect::<Result<_, _>>().map_err(doing())?;
            let at = |tree: &git2::Tree<'_>, path: &str| {
                let entry = tree.get_path(&self.prefix.join(path));
                entry.ok().map(|entry| entry.id())
            };
            open.retain(|(path, known)| {
                let is_here = at(&tree, path) == *known;
                let is_new = parents.iter().all(|parent| at(parent, path) != *known);
                if is_here && is_new {
                    let author = commit.author();
                    let name = author.name().unwrap_or_default().to_owned();
                    authors.insert((*path).to_owned(), name);
                }
                !(is_here && is_new)
            });
        }
        Ok(authors)
    }

    /// Returns the repository's identity: where it comes from, however it was fetched.
    pub(super) fn identity(&self) -> Option<String> {
        let remote = self.repository.find_remote("origin").ok()?;
        remote
            .url()
            .ok()
            .map(plain_url)
            .filter(|url| !url.is_empty())
    }

    fn kind(&self, entry: &TreeEntry<'_>) -> Found {
        // The mode tells links and submodules apart, which are blobs and commits otherwise.
        let mode = entry.filemode();
        if mode == i32::from(FileMode::Tree) {
            Found::Folder
        } else if mode == i32::from(FileMode::Link) {
            Found::Symlink
        } else if mode == i32::from(FileMode::Commit) {
            Found::Submodule
        } else {
            Found::File(self.size(entry.id()))
        }
    }

    fn size(&self, id: Oid) -> u64 {
        let header = self.repository.odb().and_then(|odb| odb.read_header(id));
        header.map_or(0, |(size, _)| u64::try_from(size).unwrap_or(u64::MAX))
    }

    fn entry(&self, path: &str) -> Result<Option<TreeEntry<'static>>, DesiredError> {
        let Some(commit) = self.commit else {
            return Ok(None);
        };
        let tree = self
            .repository
            .find_commit(commit)
            .and_then(|commit| commit.tree())
            .map_err(failed("read the commit"))?;
        match tree.get_path(&self.prefix.join(path)) {
            Ok(entry) => Ok(Some(entry)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(source) => Err(failed("read the commit")(source)),
        }
    }
}

fn failed(doing: &'static str) -> impl Fn(git2::Error) -> DesiredError {
    move |source| DesiredError::Git { doing, source }
}

/// Returns a URL without scheme, credentials, query and suffix, such as `github.com/org/name`.
///
/// A plan that a job made over HTTPS with a token is so bound to the same repository as a clone
/// over SSH.
fn plain_url(url: &str) -> String {
    let (scheme, rest) = url
        .split_once("://")
        .map_or((None, url), |(s, r)| (Some(s), r));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let plain = match (scheme, rest.split_once('/')) {
        (Some(_), Some((host, path))) => format!("{}/{path}", without_user(host)),
        // Without a scheme Git reads `user@host:path`, and everything else as a path.
        (None, _) => match rest.split_once(':') {
            Some((host, path)) if !host.contains('/') => {
                format!("{}/{}", without_user(host), path.trim_start_matches('/'))
            }
            _ => rest.to_owned(),
        },
        (Some(_), None) => without_user(rest).to_owned(),
    };
    let plain = plain.trim_end_matches('/');
    plain.strip_suffix(".git").unwrap_or(plain).to_owned()
}

fn without_user(host: &str) -> &str {
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_holds_no_credential_and_no_transport() {
        for url in [
            "https://user:token@example.com/org/name.git",
            "https://example.com/org/name?token=1",
            "ssh://git@example.com/org/name.git/",
            "git@example.com:org/name.git",
        ] {
            assert_eq!(plain_url(url), "example.com/org/name", "{url}");
        }
        assert_eq!(plain_url("/srv/git/name.git"), "/srv/git/name");
        assert_eq!(plain_url("file:///srv/git/name.git"), "/srv/git/name");
    }
}
