//! Reading from folders and from Git.

use std::fs;
use std::path::Path;

use git2::{IndexAddOption, Repository, Signature};
use tempfile::TempDir;

use super::kinds::KINDS;
use super::{HEAD, show};
use crate::desired::{DesiredError, Loaded, Source, Text, load_with};

const ZONE: &str = "[[zone]]\nname = \"example.com\"\n";

/// A folder with one environment, `prod`.
fn folder() -> TempDir {
    let root = TempDir::new().unwrap();
    write(root.path(), "environments/prod/head.toml", HEAD);
    write(root.path(), "environments/prod/zones.toml", ZONE);
    write(
        root.path(),
        "environments/prod/waivers.toml",
        "[[waiver]]\n",
    );
    write(root.path(), "environments/prod/.#zones.toml", "an editor's");
    write(
        root.path(),
        "environments/prod/templates/x.toml",
        "not direct",
    );
    write(root.path(), "policies/dns.toml", "[[rule]]\n");
    root
}

fn write(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Commits everything below a root.
fn commit(root: &Path) -> String {
    let repository = Repository::init(root).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = Signature::now("test", "test@example.com").unwrap();
    let parent = repository
        .head()
        .ok()
        .and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<_> = parent.iter().collect();
    let id = repository.commit(Some("HEAD"), &author, &author, "test", &tree, &parents);
    id.unwrap().to_string()
}

fn load(root: &Path, rev: Option<&str>) -> Loaded {
    let source = Source::open(Some(root), rev).unwrap();
    load_with(&source, "prod", KINDS).unwrap()
}

fn open_error(root: &Path, rev: Option<&str>) -> DesiredError {
    Source::open(Some(root), rev).err().unwrap()
}

#[test]
fn a_folder_outside_git_has_no_revision() {
    let root = folder();
    let desired = load(root.path(), None).desired.unwrap();
    assert_eq!(desired.declared().len(), 1);
    assert_eq!(desired.revision(), None);
    assert!(!desired.origin().dirty);
    let name = root.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(desired.origin().repository, name);
    let error = open_error(root.path(), Some("HEAD"));
    assert!(
        error.to_string().starts_with("no Git repository"),
        "{error}"
    );
}

#[test]
fn a_revision_reads_like_the_work_tree_it_was_made_of() {
    let root = folder();
    let id = commit(root.path());
    let texts = |rev| {
        Source::open(Some(root.path()), rev)
            .unwrap()
            .read_environment("prod")
            .unwrap()
            .files
    };
    assert_eq!(texts(None), texts(Some("HEAD")));
    assert_eq!(texts(None).len(), 2);
    let (tree, revision) = (load(root.path(), None), load(root.path(), Some(&id)));
    let (tree, revision) = (tree.desired.unwrap(), revision.desired.unwrap());
    assert_eq!(tree.origin(), revision.origin());
    assert_eq!(tree.revision(), Some(id.as_str()));
    assert!(tree.origin().environment_tree.is_some());
    assert!(tree.origin().policies_tree.is_some());
    let policies = Source::open(Some(root.path()), Some(&id)).unwrap();
    assert_eq!(policies.read_folder("policies").unwrap().files.len(), 1);
    assert!(matches!(
        policies.read_file("environments/prod/waivers.toml").unwrap(),
        Text::Read(text) if text == "[[waiver]]\n"
    ));
    assert!(matches!(
        policies.read_file("nothing.toml").unwrap(),
        Text::Absent
    ));
}

#[test]
fn a_revision_is_not_touched_by_the_work_tree() {
    let root = folder();
    let first = commit(root.path());
    write(
        root.path(),
        "environments/prod/more.toml",
        ZONE.replace("example", "sample"),
    );
    let now = load(root.path(), None).desired.unwrap();
    assert_eq!(now.declared().len(), 2);
    assert!(now.origin().dirty);
    let then = load(root.path(), Some(&first)).desired.unwrap();
    assert_eq!(then.declared().len(), 1);
    assert!(!then.origin().dirty);
    let second = commit(root.path());
    assert_ne!(first, second);
    let base = load(root.path(), Some("HEAD~1")).desired.unwrap();
    assert_eq!(base.revision(), Some(first.as_str()));
    assert!(!load(root.path(), None).desired.unwrap().origin().dirty);
    // Other folders do not matter.
    write(root.path(), "elsewhere.toml", "");
    assert!(!load(root.path(), None).desired.unwrap().origin().dirty);
    write(root.path(), "policies/new.toml", "");
    assert!(load(root.path(), None).desired.unwrap().origin().dirty);
}

#[test]
fn an_ignored_file_that_is_read_makes_the_work_tree_dirty() {
    let root = folder();
    write(root.path(), ".gitignore", "local*\n");
    commit(root.path());
    write(root.path(), "environments/prod/local.swp", "");
    assert!(!load(root.path(), None).desired.unwrap().origin().dirty);
    write(root.path(), "environments/prod/local.toml", "");
    assert!(load(root.path(), None).desired.unwrap().origin().dirty);
}

#[test]
fn the_root_may_be_a_folder_of_the_repository() {
    let top = TempDir::new().unwrap();
    write(
        top.path(),
        "infra/environments/prod/zones.toml",
        format!("{HEAD}{ZONE}"),
    );
    commit(top.path());
    let root = top.path().join("infra");
    let (tree, revision) = (load(&root, None), load(&root, Some("HEAD")));
    let (tree, revision) = (tree.desired.unwrap(), revision.desired.unwrap());
    assert_eq!(tree.origin(), revision.origin());
    assert!(tree.origin().environment_tree.is_some());
    assert_eq!(revision.declared().len(), 1);
    write(top.path(), "infra/environments/prod/more.toml", "");
    assert!(load(&root, None).desired.unwrap().origin().dirty);
}

#[test]
fn what_is_not_there_is_named() {
    let root = folder();
    commit(root.path());
    let source = Source::open(Some(root.path()), None).unwrap();
    for name in ["prd", "../prod", "", "prod/templates"] {
        let error = load_with(&source, name, KINDS).unwrap_err();
        assert!(
            matches!(error, DesiredError::NoEnvironment { .. }),
            "{name}: {error}"
        );
    }
    let error = load_with(&source, "prd", KINDS).unwrap_err().to_string();
    assert_eq!(
        error,
        "no environment `prd` in environments/; did you mean `prod`? There are: prod"
    );
    let error = open_error(root.path(), Some("no-such")).to_string();
    assert!(error.starts_with("no revision `no-such`"), "{error}");
    let error = open_error(&root.path().join("nowhere"), None);
    assert!(matches!(error, DesiredError::NoRoot { .. }), "{error}");
}

#[test]
fn a_repository_without_a_commit_is_a_dirty_work_tree() {
    let root = folder();
    Repository::init(root.path()).unwrap();
    let desired = load(root.path(), None).desired.unwrap();
    assert_eq!(desired.revision(), None);
    assert!(desired.origin().dirty);
}

#[test]
fn a_file_that_is_not_utf8_is_refused_with_its_byte() {
    let root = folder();
    write(
        root.path(),
        "environments/prod/bad.toml",
        b"x = 1\ny = \"\xff\"\n",
    );
    commit(root.path());
    for rev in [None, Some("HEAD")] {
        let loaded = load(root.path(), rev);
        assert!(loaded.desired.is_none());
        assert_eq!(
            show(&loaded),
            "file-not-utf8 environments/prod/bad.toml:2:6 environments/prod/bad.toml is not UTF-8: \
             the byte at position 11 is 0xff (save it as UTF-8)\n"
        );
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let root = folder();
    write(
        root.path(),
        "environments/prod/big.toml",
        vec![b'#'; (16 << 20) + 1],
    );
    let loaded = load(root.path(), None);
    assert_eq!(loaded.findings[0].code, "file-too-large");
    assert!(loaded.desired.is_none());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_never_followed() {
    use std::os::unix::fs::symlink;

    let root = folder();
    let outside = TempDir::new().unwrap();
    write(outside.path(), "secret.toml", "secret = 1\n");
    let file = root.path().join("environments/prod/link.toml");
    symlink(outside.path().join("secret.toml"), &file).unwrap();
    commit(root.path());
    for rev in [None, Some("HEAD")] {
        let loaded = load(root.path(), rev);
        assert!(loaded.desired.is_none());
        assert_eq!(
            show(&loaded),
            "file-refused environments/prod/link.toml:1:1 environments/prod/link.toml is a \
             symbolic link (links are not followed; put the content itself there)\n"
        );
    }
    fs::remove_file(file).unwrap();
    fs::remove_dir_all(root.path().join("policies")).unwrap();
    symlink(outside.path(), root.path().join("policies")).unwrap();
    symlink(outside.path(), root.path().join("environments/linked")).unwrap();
    commit(root.path());
    for rev in [None, Some("HEAD")] {
        let source = Source::open(Some(root.path()), rev).unwrap();
        let policies = source.read_folder("policies").unwrap();
        assert!(policies.files.is_empty() && policies.refused.len() == 1);
        let through = source.read_file("policies/secret.toml").unwrap();
        assert!(matches!(through, Text::Refused(_)), "{through:?}");
        let linked = load_with(&source, "linked", KINDS).unwrap();
        assert_eq!(linked.findings[0].code, "file-refused");
        for path in [
            "../x.toml",
            "/etc/passwd",
            "environments/../x",
            "a//b",
            "./a",
        ] {
            let text = source.read_file(path).unwrap();
            assert!(matches!(text, Text::Refused(_)), "{path}: {text:?}");
        }
    }
}

#[test]
fn a_submodule_is_refused() {
    let root = folder();
    let inner = root.path().join("environments/prod/inner.toml");
    fs::create_dir_all(&inner).unwrap();
    Repository::init(&inner).unwrap();
    let loaded = load(root.path(), None);
    assert_eq!(loaded.findings[0].code, "file-refused");
    assert!(loaded.findings[0].message.ends_with("is a submodule"));
}
