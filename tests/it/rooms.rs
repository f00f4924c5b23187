//! The rooms of the house: each uses only those above it, says what it is, and engines are blind.
//!
//! The order is that of the `pub mod` lines of `src/lib.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms that know no service: a new kind changes nothing in them.
const BLIND: [&str; 6] = ["live", "plan", "assess", "policy", "apply", "report"];

/// What names a service; a word of the code that holds one of them breaks the rule.
const SERVICES: [&str; 7] = [
    "route53",
    "s3",
    "aws",
    "bucket",
    "kubernetes",
    "velero",
    "eks",
];

/// The words that a blind room may hold all the same: room, word, and why.
const ALLOWED: [(&str, &str, &str); 1] = [(
    "policy",
    "route53_record",
    "stands in the help of a waiver, as a sample of a pattern",
)];

/// A source file of a room.
struct Source {
    room: String,
    path: PathBuf,
    text: String,
}

impl Source {
    /// Returns the code alone: without comments and without tests.
    fn code(&self) -> String {
        let before_tests = match self.text.find("#[cfg(test)]\nmod tests {") {
            Some(at) => &self.text[..at],
            None => &self.text,
        };
        before_tests
            .lines()
            .map(|line| {
                line.split_once("//").map_or(line, |(code, comment)| {
                    // A `//` inside of a text, as in `https://`, is no comment.
                    if comment.is_empty() || code.ends_with(':') {
                        line
                    } else {
                        code
                    }
                })
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Returns whether the file is compiled for tests only.
    fn is_test(&self) -> bool {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let in_tests = folder.file_name().is_some_and(|folder| folder == "tests");
        let outer = fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
        let declared = format!("#[cfg(test)]\nmod {name};");
        in_tests || name == "tests" || outer.contains(&declared)
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the rooms, the first that data comes to first.
fn rooms() -> Vec<String> {
    let text = fs::read_to_string(src().join("lib.rs")).unwrap();
    let rooms: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect();
    assert!(rooms.len() > 5, "src/lib.rs lists the rooms");
    rooms
}

/// Returns every file of every room.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for room in rooms() {
        let mut folders = vec![src().join(&room)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    sources.push(Source {
                        room: room.clone(),
                        text: fs::read_to_string(&path).unwrap(),
                        path,
                    });
                }
            }
        }
    }
    assert!(sources.len() > 50, "the rooms have files");
    sources
}

/// Returns the rooms that a text of code names: `crate::room`, and each of `crate::{a, b::C}`.
fn used(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (at, start) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + start.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            rooms.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && c.is_alphanumeric() => {
                    rooms.insert(word(&group[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    rooms
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn uses_are_found_in_every_form() {
    let code = "use crate::{plan::{Plan, Other}, model}; use crate::kinds::x; crate::live::y()";
    let found: Vec<String> = used(code).into_iter().collect();
    assert_eq!(found, ["kinds", "live", "model", "plan"]);
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let rooms = rooms();
    let place = |room: &str| rooms.iter().position(|known| known == room);
    let mut wrong = Vec::new();
    for source in sources() {
        // A doc comment may point at any room; tests stand in their own room.
        let text = source
            .text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for room in used(&text).into_iter().filter(|room| *room != source.room) {
            let above = match (place(&room), place(&source.room)) {
                _ if source.room == "sandbox" => room == "model",
                (Some(room), Some(own)) => room < own,
                _ => false,
            };
            if !above {
                wrong.push(format!("{} uses `{room}`", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_a_room() {
    let rooms: BTreeSet<String> = rooms().into_iter().collect();
    let folders: BTreeSet<String> = fs::read_dir(src())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, rooms);
}

#[test]
fn every_file_says_what_it_is() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let tests = fs::read_dir(tests)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let top = ["lib.rs", "main.rs"].map(|name| src().join(name));
    let silent: Vec<String> = sources()
        .into_iter()
        .map(|source| source.path)
        .chain(tests)
        .chain(top)
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! "))
        .map(|path| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "no //! in {}", silent.join(", "));
}

#[test]
fn engines_name_no_service() {
    let mut wrong = Vec::new();
    let mut needed = BTreeSet::new();
    for source in sources() {
        if !BLIND.contains(&source.room.as_str()) || source.is_test() {
            continue;
        }
        for token in source
            .code()
            .split(|c: char| !c.is_alphanumeric() && c != '_')
        {
            let parts = token.to_lowercase();
            let names_one = SERVICES.iter().any(|service| {
                // `s3` is two letters: only a whole part of a word counts.
                if service.len() < 3 {
                    parts.split('_').any(|part| part == *service)
                } else {
                    parts.contains(service)
                }
            });
            let allowed = ALLOWED
                .iter()
                .position(|(room, word, _)| *room == source.room && *word == token);
            match allowed {
                Some(at) => {
                    needed.insert(at);
                }
                None if names_one => {
                    wrong.push(format!("{} names `{token}`", source.path.display()));
                }
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (at, (room, word, _)) in ALLOWED.iter().enumerate() {
        assert!(
            needed.contains(&at),
            "`{word}` in {room} is allowed and not there"
        );
    }
}
