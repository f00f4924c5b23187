//! Entries for what lies in a scope: its own entry, and those of its objects.

use std::fmt::Write as _;

use super::toml_text::{entry, part};
use crate::kinds::Kind;
use crate::model::{Map, Resource};

/// TOML text, with what it does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The text.
    pub text: String,
    /// How many objects it declares.
    pub objects: usize,
    /// What was left out, and why, each in one sentence.
    pub left_out: Vec<String>,
}

/// Returns the entries of a scope whose objects each have an entry of their own, such as a zone and
/// its records.
#[must_use]
pub fn zone_like(parts: &[(&'static dyn Kind, Vec<Resource>)]) -> Imported {
    let mut imported = Imported::default();
    for (kind, resources) in parts {
        for resource in resources {
            match kind.import(resource) {
                Some(map) => {
                    let text = entry(
                        kind.section().array,
                        &[kind.section().fields, kind.shape().fields()],
                        &map,
                    );
                    imported.add(&text);
                    imported.objects += 1;
                }
                None => imported.left_out.push(match resource.read_only {
                    Some(reason) => format!("{}: {reason}", resource.address),
                    None => format!("{}: it came with what it lies in", resource.address),
                }),
            }
        }
    }
    imported
}

/// Returns the one entry of a scope whose objects are parts of it, such as a bucket and its
/// settings.
#[must_use]
pub fn bucket_like(
    name: &str,
    site: &str,
    parts: &[(&'static dyn Kind, Vec<Resource>)],
) -> Imported {
    let mut imported = Imported::default();
    let Some((first, _)) = parts.first() else {
        return imported;
    };
    let settings: Map = [("name", name)].into_iter().collect();
    let mut text = entry(first.section().array, &[first.section().fields], &settings);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "site = {}", toml::Value::from(site));
    for (kind, resources) in parts {
        for resource in resources {
            if let (Some(key), Some(map)) = (kind.part(), kind.import(resource)) {
                text.push_str(&part(key, kind.shape(), &map));
                imported.objects += 1;
            }
        }
    }
    imported.add(&text);
    imported
}

impl Imported {
    fn add(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// Adds another text below this one.
    pub fn append(&mut self, other: Self) {
        self.add(&other.text);
        self.objects += other.objects;
        self.left_out.extend(other.left_out);
    }
}
