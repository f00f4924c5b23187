//! Findings for what the TOML parser refuses.
//!
//! In: a text, what the parser recovered of it, and its errors. Out: findings with places; for a
//! key that is declared twice, both places. Must not know what a table is for.

use std::ops::Range;

use toml::de::{DeTable, DeValue, Error};

use super::codes;
use super::document::{Frame, twice};
use crate::model::Finding;

/// Reports all errors of a text.
pub(super) fn report(
    frame: Frame,
    text: &str,
    recovered: &DeTable<'_>,
    errors: &[Error],
    findings: &mut Vec<Finding>,
) {
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let span = frame.span(&range);
        if error.message() == "duplicate key"
            && let Some(first) = first_place(text, recovered, &range)
        {
            let what = format!("`{}`", text.get(range).unwrap_or_default());
            findings.push(twice(&what, span, frame.span(&first)));
            continue;
        }
        findings.push(
            Finding::error(codes::SYNTAX, format!("not TOML: {}", error.message())).at(span, ""),
        );
    }
}

/// Returns where a key that is declared again was declared first; the parser does not tell.
fn first_place(text: &str, recovered: &DeTable<'_>, again: &Range<usize>) -> Option<Range<usize>> {
    let line_start = text.get(..again.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(line_start..)?.lines().next()?.trim_start();
    if line.starts_with('[') {
        let header = &line[..=line.rfind(']')?];
        let at = text.get(..line_start)?.rfind(&format!("\n{header}"));
        let at = at
            .map(|at| at + 1)
            .or(text.starts_with(header).then_some(0))?;
        return Some(at..at + header.len());
    }
    let key = text.get(again.clone())?;
    let mut nearest = None;
    nearest_key(text, recovered, key, again.start, &mut nearest);
    nearest
}

/// Finds the last key of this name before a place, in a table that may still be open there.
fn nearest_key(
    text: &str,
    table: &DeTable<'_>,
    name: &str,
    before: usize,
    nearest: &mut Option<Range<usize>>,
) {
    for (key, value) in table {
        let at = key.span();
        if at.start < before
            && text.get(at.clone()) == Some(name)
            && nearest.as_ref().is_none_or(|known| known.start < at.start)
        {
            *nearest = Some(at);
        }
        let is_closed = |range: &Range<usize>| {
            range.end <= before && text.as_bytes().get(range.start) == Some(&b'{')
        };
        match value.get_ref() {
            DeValue::Table(inner) if !is_closed(&value.span()) => {
                nearest_key(text, inner, name, before, nearest);
            }
            DeValue::Array(items) => {
                for item in items.iter().filter(|item| !is_closed(&item.span())) {
                    if let DeValue::Table(inner) = item.get_ref() {
                        nearest_key(text, inner, name, before, nearest);
                    }
                }
            }
            _ => {}
        }
    }
}
