//! Reading texts out of a folder or a commit, and refusing what is no plain text of the repository.
//!
//! In: a path relative to the root. Out: texts, or a refusal with its reason. A symbolic link is
//! never followed, so that nothing outside the repository can be read. Must not know TOML.

use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use super::{DesiredError, codes};
use crate::model::{Finding, Sources, Span};

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A regular file of so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A symbolic link.
    Symlink,
    /// Another repository inside this one.
    Submodule,
    /// A socket, a pipe or a device.
    Other,
}

/// The texts of a folder.
#[derive(Debug, Default)]
pub struct Folder {
    /// Path, relative to the root, and text; sorted by path.
    pub files: Vec<(String, String)>,
    /// The files that were refused.
    pub refused: Vec<Refused>,
}

/// A file that was refused.
#[derive(Debug)]
pub struct Refused {
    path: String,
    /// The text before the place where reading stopped.
    before: String,
    code: &'static str,
    message: String,
    help: &'static str,
}

impl Refused {
    fn new(path: &str, code: &'static str, what: &str, help: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            before: String::new(),
            code,
            message: format!("{path} {what}"),
            help,
        }
    }

    /// Returns the path of the file, relative to the root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the finding, and adds the file to the sources so that it can be pointed at.
    #[must_use]
    pub fn finding(self, sources: &mut Sources) -> Finding {
        let end = self.before.len();
        let id = sources.add(self.path, self.before);
        Finding::error(self.code, self.message)
            .at(Span::new(id, &(end..end)), "")
            .help(self.help)
    }
}

/// What came of reading one file.
#[derive(Debug)]
pub enum Text {
    /// The text.
    Read(String),
    /// There is no such file.
    Absent,
    /// The file may not be read.
    Refused(Refused),
}

/// Something that can be asked for files by path, relative to its root.
pub(super) trait Tree {
    /// Returns what a path is, without following a symbolic link at its end.
    fn found(&self, path: &str) -> Result<Option<Found>, DesiredError>;
    /// Returns the names in a folder, in any order.
    fn names(&self, folder: &str) -> Result<Vec<String>, DesiredError>;
    /// Returns the content of a file.
    fn bytes(&self, path: &str) -> Result<Vec<u8>, DesiredError>;
}

/// A folder of the file system.
pub(super) struct WorkTree(pub(super) PathBuf);

impl WorkTree {
    fn io(&self, path: &str, source: std::io::Error) -> DesiredError {
        DesiredError::Io {
            path: self.0.join(path),
            source,
        }
    }
}

impl Tree for WorkTree {
    fn found(&self, path: &str) -> Result<Option<Found>, DesiredError> {
        let full = self.0.join(path);
        let meta = match fs::symlink_metadata(&full) {
            Ok(meta) => meta,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(source) => return Err(self.io(path, source)),
        };
        let kind = meta.file_type();
        Ok(Some(if kind.is_symlink() {
            Found::Symlink
        } else if kind.is_file() {
            Found::File(meta.len())
        } else if !kind.is_dir() {
            Found::Other
        } else if full.join(".git").exists() {
            Found::Submodule
        } else {
            Found::Folder
        }))
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, DesiredError> {
        fs::read_dir(self.0.join(folder))
            .and_then(|entries| {
                entries
                    .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
                    .collect()
            })
            .map_err(|source| self.io(folder, source))
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, DesiredError> {
        let mut bytes = Vec::new();
        fs::File::open(self.0.join(path))
            // The file may have grown since it was looked at.
            .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
            .map_err(|source| self.io(path, source))?;
        Ok(bytes)
    }
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput
    )
}

/// Reads the TOML files that lie directly in a folder; a folder that is not there has none.
///
/// A name that begins with a dot belongs to an editor and is passed over.
pub(super) fn read_folder(tree: &dyn Tree, folder: &str) -> Result<Folder, DesiredError> {
    let mut out = Folder::default();
    match look(tree, folder)? {
        Look::At(Found::Folder) => {}
        Look::At(_) | Look::Absent => return Ok(out),
        Look::Refused(refused) => {
            out.refused.push(refused);
            return Ok(out);
        }
    }
    let mut names = tree.names(folder)?;
    names.retain(|name| {
        !name.starts_with('.') && Path::new(name).extension() == Some("toml".as_ref())
    });
    names.sort_unstable();
    for name in names {
        let path = format!("{folder}/{name}");
        match read(tree, &path)? {
            Text::Read(text) => out.files.push((path, text)),
            Text::Refused(refused) => out.refused.push(refused),
            Text::Absent => {}
        }
    }
    Ok(out)
}

/// Reads one file.
pub(super) fn read(tree: &dyn Tree, path: &str) -> Result<Text, DesiredError> {
    let refused = |code, what: &str, help| Ok(Text::Refused(Refused::new(path, code, what, help)));
    match look(tree, path)? {
        Look::Refused(refused) => Ok(Text::Refused(refused)),
        Look::Absent => Ok(Text::Absent),
        Look::At(Found::File(size)) if size > MAX_BYTES => refused(
            codes::FILE_TOO_LARGE,
            &format!("has {size} bytes, and a file has at most {MAX_BYTES}"),
            "split it into several files of the same folder",
        ),
        Look::At(Found::File(_)) => Ok(decode(path, tree.bytes(path)?)),
        Look::At(_) => refused(
            codes::FILE_REFUSED,
            "is not a regular file",
            "put a regular file in its place",
        ),
    }
}

fn decode(path: &str, bytes: Vec<u8>) -> Text {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Text::Read(text),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(at).copied().unwrap_or_default();
    let mut bytes = error.into_bytes();
    bytes.truncate(at);
    let what = format!("is not UTF-8: the byte at position {at} is 0x{byte:02x}");
    Text::Refused(Refused {
        before: String::from_utf8(bytes).unwrap_or_default(),
        ..Refused::new(path, codes::FILE_NOT_UTF8, &what, "save it as UTF-8")
    })
}

enum Look {
    At(Found),
    Absent,
    Refused(Refused),
}

/// Looks at a path step by step, so that no step of it is a link out of the root.
fn look(tree: &dyn Tree, path: &str) -> Result<Look, DesiredError> {
    let refused = |code, what: &str, help| Ok(Look::Refused(Refused::new(path, code, what, help)));
    if !is_plain(path) {
        return refused(
            codes::PATH_ESCAPES,
            "leaves the repository",
            "write a relative path without `..`",
        );
    }
    let ends = path.match_indices('/').map(|(at, _)| at);
    let mut found = None;
    for end in ends.chain([path.len()]) {
        found = tree.found(&path[..end])?;
        let (what, help) = match found {
            None => return Ok(Look::Absent),
            Some(Found::Symlink) => (
                "is a symbolic link",
                "links are not followed; put the content itself there",
            ),
            Some(Found::Submodule) => (
                "is a submodule",
                "submodules are not read; put the content itself there",
            ),
            Some(_) => continue,
        };
        let what = if end == path.len() {
            what.to_owned()
        } else {
            format!("cannot be read: {} {what}", &path[..end])
        };
        return refused(codes::FILE_REFUSED, &what, help);
    }
    Ok(found.map_or(Look::Absent, Look::At))
}

/// Returns whether a path is relative and goes only down.
pub(super) fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && Path::new(path)
            .components()
            .all(|step| matches!(step, Component::Normal(_)))
        && !path.split('/').any(|step| step.is_empty() || step == ".")
}
