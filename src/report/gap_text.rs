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
    for gap in gaps {
        paper
            .blanks(2)
            .ink(LOUD, "?")
            .blanks(1)
            .ink(BOLD, &gap.scope);
        paper.blanks(2).ink(RED, words::gap(gap.code));
        let objects = words::count(gap.addresses.len(), "object");
        paper.blanks(2).ink(PLAIN, &objects).end();
        paper.paragraph(PLAIN, 6, &gap.cause);
        let every = paper.options.expand;
        let kinds: BTreeSet<&str> = gap.addresses.iter().map(Address::kind).collect();
        let names: Vec<String> = gap
            .addresses
            .iter()
            .map(|address| match kinds.len() {
                1 => address.id().to_owned(),
                _ => format!("{} {}", address.kind(), address.id()),
            })
            .collect();
        let names = names.iter().map(String::as_str);
        paper.paragraph(DIM, 6, &first_names(names, every));
    }
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
        let every = paper.options.expand;
        let line = format!("read {method}: {}", first_names(scopes.into_iter(), every));
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
