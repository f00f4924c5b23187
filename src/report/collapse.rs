//! Makes one row of many that say the same, so that a reader sees what is special.
//!
//! In: rows. Out: fewer rows in the same order. Must not know how rows are drawn.

use std::collections::BTreeMap;

use crate::model::{Action, Address, Cause, Class, Scope, Value};

use super::row::{Mark, Row};

/// As many rows of the same shape in one scope are listed one by one.
const LISTED: usize = 40;

/// What rows must share to be of the same shape.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    place: (&'a str, Option<&'a Scope>, Option<&'a str>, &'a str),
    mark: (Option<Action>, &'a str),
    why: (Cause, Class, &'a [String]),
    fields: Vec<(&'a str, &'a Option<Value>, &'a Option<Value>)>,
}

impl<'a> Key<'a> {
    fn of(row: &Row<'a>) -> Self {
        let address = row.address;
        Self {
            place: (address.site(), row.scope, row.component, address.kind()),
            mark: match row.mark {
                Mark::Change(action) => (Some(action), ""),
                Mark::Held(held) => (None, &held.code),
            },
            why: (row.cause, row.class, row.reasons),
            fields: row
                .fields
                .iter()
                .map(|field| (field.path.as_str(), &field.before, &field.after))
                .collect(),
        }
    }
}

/// Collapses rows of the same shape where there are more than 40 of them.
pub(super) fn collapse(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    if rows.len() <= LISTED {
        return rows;
    }
    let mut alike: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        alike.entry(Key::of(row)).or_default().push(at);
    }
    let mut others: BTreeMap<usize, Vec<&Address>> = BTreeMap::new();
    let mut absorbed = vec![false; rows.len()];
    for members in alike.values().filter(|members| members.len() > LISTED) {
        if let Some((first, rest)) = members.split_first() {
            others.insert(*first, rest.iter().map(|at| rows[*at].address).collect());
            for at in rest {
                absorbed[*at] = true;
            }
        }
    }
    rows.into_iter()
        .enumerate()
        .filter(|(at, _)| !absorbed[*at])
        .map(|(at, row)| Row {
            others: others.remove(&at).unwrap_or_default(),
            ..row
        })
        .collect()
}
