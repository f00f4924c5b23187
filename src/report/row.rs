//! One line of a plan: a change or a held item, in one form for all renderings.
//!
//! In: a plan. Out: rows that borrow from it, sorted by site, component and address. Must not
//! know how rows are drawn.

use crate::kinds;
use crate::model::{Action, Address, Cause, Change, Class, FieldChange, Held, Shape, Source};
use crate::plan::Plan;

use super::words;

/// Finds the field table of a kind.
pub(super) type Tables = fn(&str) -> Option<&'static Shape>;

/// Returns the field table of a kind that the crate knows.
pub(super) fn known_tables(kind: &str) -> Option<&'static Shape> {
    kinds::by_name(kind).map(kinds::Kind::shape)
}

/// What happens to the objects of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark<'a> {
    Change(Action),
    Held(&'a Held),
}

/// A change or a held item of one object, or of several of the same shape.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) mark: Mark<'a>,
    /// The first object.
    pub(super) address: &'a Address,
    /// The other objects; empty unless rows were collapsed.
    pub(super) others: Vec<&'a Address>,
    /// What is read as one piece with the object.
    pub(super) scope: Option<&'a crate::model::Scope>,
    pub(super) component: Option<&'a str>,
    pub(super) cause: Cause,
    pub(super) class: Class,
    pub(super) fields: &'a [FieldChange],
    pub(super) reasons: &'a [String],
    pub(super) source: Option<&'a Source>,
    pub(super) table: Option<&'static Shape>,
}

impl<'a> Row<'a> {
    /// Returns how many objects it stands for.
    pub(super) fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// Returns the word for what happens.
    pub(super) fn event(&self) -> &'a str {
        match self.mark {
            Mark::Change(action) => words::action(action),
            Mark::Held(held) => &held.code,
        }
    }

    /// Returns the cause, if it is known and asked for, and the class, if it is not ordinary.
    pub(super) fn remarks(&self, with_cause: bool) -> Vec<&'a str> {
        // That a deletion deletes need not be said twice.
        let is_said = matches!(
            (self.mark, self.class),
            (Mark::Change(Action::Delete), Class::Deletion)
        );
        let cause = with_cause.then(|| words::cause(self.cause)).flatten();
        let class = words::class(self.class).filter(|_| !is_said);
        cause.into_iter().chain(class).collect()
    }

    /// Returns whether the fields have but one side, because the object comes, goes or is left.
    pub(super) const fn one_sided(&self) -> bool {
        matches!(
            self.mark,
            Mark::Change(Action::Create | Action::Delete | Action::Forget)
        )
    }

    fn of_change(change: &'a Change, tables: Tables) -> Self {
        Self {
            mark: Mark::Change(change.action),
            address: change.address(),
            others: Vec::new(),
            scope: Some(&change.object.scope),
            component: change.component.as_deref(),
            cause: change.cause,
            class: change.class,
            fields: &change.fields,
            reasons: &change.reasons,
            source: change.source.as_ref(),
            table: tables(change.address().kind()),
        }
    }

    fn of_held(held: &'a Held, tables: Tables) -> Self {
        Self {
            mark: Mark::Held(held),
            address: &held.address,
            others: Vec::new(),
            scope: None,
            component: None,
            cause: held.cause,
            class: Class::Ordinary,
            fields: &held.fields,
            reasons: std::slice::from_ref(&held.reason),
            source: held.source.as_ref(),
            table: tables(held.address.kind()),
        }
    }
}

/// Returns the changes of a plan.
pub(super) fn changes(plan: &Plan, tables: Tables) -> Vec<Row<'_>> {
    sorted(
        plan.changes
            .iter()
            .map(|change| Row::of_change(change, tables)),
    )
}

/// Returns the held items of a plan.
pub(super) fn held(held: &[Held], tables: Tables) -> Vec<Row<'_>> {
    sorted(held.iter().map(|held| Row::of_held(held, tables)))
}

/// Returns the changes and the held items of a plan.
pub(super) fn all(plan: &Plan, tables: Tables) -> Vec<Row<'_>> {
    let mut all = changes(plan, tables);
    all.extend(held(&plan.held, tables));
    sorted(all.into_iter())
}

fn sorted<'a>(rows: impl Iterator<Item = Row<'a>>) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = rows.collect();
    rows.sort_by_key(|row| (row.address.site(), row.component, row.address));
    rows
}
