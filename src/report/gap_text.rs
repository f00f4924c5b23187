//! Draws for a terminal what could not be observed, what nobody declares, and how things were
//! read.
//!
//! In: the gaps and counts of a plan. Out: lines on the paper. Must not know what a scope is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::model::{Address, Gap};

use super::paper::{BOLD, DIM, LOUD, PLAIN, Paper, RED};
use super::words;

/// How many names of a list are shown.
const FIRST_NAMES: usize = 3;

/// Draws what could not be observed.
pub(super) fn draw_unknown(paper: &mut Paper, gaps: &[Gap]) {
    if gaps.is_empty() {
        return;
    }
    paper.gap();
    paper.ink(LOUD, "Unknown").end();
    let every = paper.options.expand;
    for group in by_cause(gaps, every) {
        let first = group[0];
        let scopes: BTreeSet<&str> = group.iter().map(|gap| gap.scope.as_str()).collect();
        let scopes = match scopes.len() {
            1 => first.scope.clone(),
            count => format!("{} and {} more", first.scope, count - 1),
        };
        paper.blanks(2).ink(LOUD, "?").blanks(1).ink(BOLD, &scopes);
        paper.blanks(2).ink(RED, words::gap(first.code));
        let total: usize = group.iter().map(|gap| gap.addresses.len()).sum();
        let objects = words::count(total, "object");
        paper.blanks(2).ink(PLAIN, &objects).end();
        let addresses: Vec<&Address> = group.iter().flat_map(|gap| &gap.addresses).collect();
        let kinds: BTreeSet<&str> = addresses.iter().map(|address| address.kind()).collect();
        let names: Vec<String> = addresses
            .iter()
            .map(|address| match kinds.len() {
                1 => address.id().to_owned(),
                _ => format!("{} {}", address.kind(), address.id()),
            })
            .collect();
        let names = names.iter().map(String::as_str);
        paper.paragraph(PLAIN, 6, &first.cause);
        paper.paragraph(DIM, 6, &first_names(names, every));
    }
}

/// Puts gaps of one cause together: credentials that have expired are one thing to repair, however
/// many scopes they hide.
fn by_cause(gaps: &[Gap], every: bool) -> Vec<Vec<&Gap>> {
    let mut groups: Vec<Vec<&Gap>> = Vec::new();
    for gap in gaps {
        let known = groups
            .iter_mut()
            .find(|group| !every && group[0].code == gap.code && group[0].cause == gap.cause);
        match known {
            Some(group) => group.push(gap),
            None => groups.push(vec![gap]),
        }
    }
    groups
}

/// Draws how many live objects nobody declares.
pub(super) fn draw_unmanaged(paper: &mut Paper, unmanaged: &BTreeMap<String, usize>) {
    let scopes: Vec<_> = unmanaged
        .iter()
        .filter(|(_, number)| **number > 0)
        .collect();
    if scopes.is_empty() {
        return;
    }
    paper.gap();
    for (scope, number) in scopes {
        let line = format!(
            "{} not declared in {scope}",
            words::count(*number, "object")
        );
        paper.ink(DIM, &line).end();
    }
}

/// Draws how the scopes were read, equal ways once.
pub(super) fn draw_methods(paper: &mut Paper, methods: &BTreeMap<String, String>) {
    let mut scopes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (scope, method) in methods {
        scopes.entry(method).or_default().push(scope);
    }
    for (method, scopes) in scopes {
        let total = scopes.len();
        // Which scopes were read in a way of their own is worth a line; a list of buckets is not.
        let line = if paper.options.expand || total <= FIRST_NAMES {
            let names = first_names(scopes.into_iter(), paper.options.expand);
            format!("read {method}: {names}")
        } else {
            format!("read {method}: {total} scopes (--expand lists them)")
        };
        paper.paragraph(DIM, 0, &line);
    }
}

fn first_names<'a>(names: impl ExactSizeIterator<Item = &'a str>, every: bool) -> String {
    let total = names.len();
    let shown = if every || total == FIRST_NAMES + 1 {
        total
    } else {
        FIRST_NAMES.min(total)
    };
    let mut text = names.take(shown).collect::<Vec<_>>().join(", ");
    if total > shown {
        let _ = write!(text, " and {} more", total - shown);
    }
    text
}
