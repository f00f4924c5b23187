//! What can only be said when the whole document was read: names that must exist, priorities that
//! are tiers, tables that lack something.
//!
//! In: a [`Draft`]. Out: the same, such that an environment may hold it.

use std::collections::BTreeSet;

use toml::Value;

use super::draft::{Draft, Entry};
use super::names::key;

/// Fields that name a role.
const ROLES: &[(&str, &str)] = &[
    ("strategy", "owner"),
    ("strategy", "declared_by"),
    ("exclusion", "owner"),
    ("component", "owner"),
    ("step", "owner"),
];

/// Fields without which a table means nothing.
const NEEDED: &[(&str, &[&str])] = &[
    ("tier", &["rto", "rpo"]),
    ("message", &["audience", "channels"]),
];

/// Finishes a draft.
pub(super) fn finish(draft: &mut Draft) {
    incomplete(draft);
    priorities(draft);
    roles(draft);
}

/// Leaves out tables that lack what they need, and says so.
fn incomplete(draft: &mut Draft) {
    let lacks = |entry: &Entry| {
        let (_, needed) = NEEDED.iter().find(|(head, _)| *head == entry.head)?;
        needed
            .iter()
            .find(|field| entry.get(field).is_none())
            .copied()
    };
    let (kept, left): (Vec<Entry>, Vec<Entry>) = std::mem::take(&mut draft.entries)
        .into_iter()
        .partition(|entry| lacks(entry).is_none());
    draft.entries = kept;
    for entry in left {
        let name = entry.name.clone().unwrap_or_default();
        let why = format!(
            "a {} needs `{}`",
            entry.head,
            lacks(&entry).unwrap_or_default()
        );
        let line = entry.lines.first().copied().unwrap_or_default();
        draft.not_placed(line, &format!("{}.{name}", entry.head), &why);
    }
    let tiers: BTreeSet<String> = names(draft, "tier");
    for entry in &mut draft.entries {
        let known = |value: &Value| value.as_str().is_some_and(|name| tiers.contains(name));
        if entry.head == "component" && entry.get("tier").is_some_and(|tier| !known(tier)) {
            entry.fields.retain(|(field, _)| field != "tier");
        }
    }
}

/// Turns the priority of a component into its tier, where no table of tiers names it.
fn priorities(draft: &mut Draft) {
    let tiers: Vec<(String, String)> = draft
        .entries
        .iter()
        .filter(|entry| entry.head == "tier")
        .map(|entry| {
            let meaning = entry
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            (entry.name.clone().unwrap_or_default(), key(meaning))
        })
        .collect();
    let mut remarks = Vec::new();
    for entry in draft
        .entries
        .iter_mut()
        .filter(|entry| entry.head == "component")
    {
        let Some(priority) = entry
            .get("priority")
            .and_then(Value::as_str)
            .map(str::to_owned)
        else {
            continue;
        };
        entry.fields.retain(|(field, _)| field != "priority");
        let (line, name) = (
            entry.lines.first().copied().unwrap_or_default(),
            entry.name.clone().unwrap_or_default(),
        );
        let meant = tiers
            .iter()
            .find(|(tier, meaning)| *tier == priority || *meaning == priority);
        let there = entry.get("tier").and_then(Value::as_str);
        match (there, meant) {
            (None, Some((tier, _))) => {
                let tier = tier.clone();
                remarks.push((
                    line,
                    priority,
                    format!("`{name}` is put into tier `{tier}`, which its priority names"),
                    false,
                ));
                entry.set("tier", tier);
            }
            (Some(there), Some((tier, _))) if there != tier => {
                remarks.push((
                    line,
                    priority,
                    format!("`{name}` is in tier `{there}` elsewhere; that one is kept"),
                    false,
                ));
            }
            (None, None) => remarks.push((
                line,
                priority,
                format!("no tier has this name, so `{name}` has none"),
                true,
            )),
            _ => {}
        }
    }
    for (line, text, why, lost) in remarks {
        if lost {
            draft.not_placed(line, &text, &why);
        } else {
            draft.guessed(line, &text, &why);
        }
    }
}

/// Declares the roles that are named and nowhere described.
fn roles(draft: &mut Draft) {
    let known = names(draft, "role");
    let mut wanted = Vec::new();
    for entry in &draft.entries {
        for (_, field) in ROLES.iter().filter(|(head, _)| *head == entry.head) {
            if let Some(role) = entry
                .get(field)
                .and_then(Value::as_str)
                .filter(|role| !known.contains(*role))
            {
                wanted.push((
                    role.to_owned(),
                    entry.lines.first().copied().unwrap_or_default(),
                ));
            }
        }
    }
    for (role, line) in wanted {
        if !draft.has("role", &role) {
            draft.named("role", &role, line).set("primary", "TBD");
            draft.guessed(
                line,
                &role,
                "it is taken for a role; who plays it is not in the document",
            );
        }
    }
}

fn names(draft: &Draft, head: &str) -> BTreeSet<String> {
    let entries = draft.entries.iter().filter(|entry| entry.head == head);
    entries.filter_map(|entry| entry.name.clone()).collect()
}
