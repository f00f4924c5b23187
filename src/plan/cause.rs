//! Why an object differs from Git: who moved.
//!
//! In: what this revision, the base and the applied record say of one object, and what was
//! observed. Out: the cause, and a remark where one word does not tell all of it. Pure.

use crate::desired::Desired;
use crate::model::{Cause, FieldChange, Map, Shape, compare};

/// What this revision is compared with, so that what it introduces is told from what was there.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    /// Its commit.
    pub revision: &'a str,
    /// What it declares; none if it does not have the environment.
    pub desired: Option<&'a Desired>,
}

/// What is known of one object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'a> {
    pub(super) shape: &'a Shape,
    /// What this revision declares; none if it does not declare the object.
    pub(super) desired: Option<&'a Map>,
    /// What the base declares; without a base, the same as this revision.
    pub(super) base: Option<&'a Map>,
    /// What was applied last; none if the object is not in the applied record.
    pub(super) applied: Option<&'a Map>,
    /// Whether there is an applied record of the environment at all.
    pub(super) recorded: bool,
    /// What was observed; none if the object is not there.
    pub(super) live: Option<&'a Map>,
}

/// The cause, and what was there before this revision, if both are so.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attributed {
    pub(super) cause: Cause,
    pub(super) remark: Option<String>,
}

impl From<Cause> for Attributed {
    fn from(cause: Cause) -> Self {
        Self {
            cause,
            remark: None,
        }
    }
}

impl Sides<'_> {
    /// Tells who moved: this revision, Git before it, the live object, or several of them.
    ///
    /// The one observation is judged against both revisions: what already differed from the base is
    /// not introduced, and its cause is that which the record gives it.
    pub(super) fn attribute(&self) -> Attributed {
        let base = self.base;
        if base == self.desired {
            return self.by_record(base).into();
        }
        let before = self.differences(base);
        let here = self.differences(self.desired);
        if before.is_empty() && (base.is_none() || self.live.is_some()) {
            return Cause::Introduced.into();
        }
        let is_new = |change: &FieldChange| !before.contains(change);
        if self.desired.is_some() && !here.iter().any(is_new) {
            return self.by_record(base).into();
        }
        match self.by_record(base) {
            Cause::Drift | Cause::Conflict => Cause::Conflict.into(),
            Cause::Introduced | Cause::Pending | Cause::Unattributed => Attributed {
                cause: Cause::Introduced,
                remark: already(&here, &before),
            },
        }
    }

    /// Tells who moved since the last apply, if this is what Git declares.
    fn by_record(&self, declared: Option<&Map>) -> Cause {
        let Some(applied) = self.applied else {
            // Neither applied nor there: only Git moved, since the record would know it otherwise.
            let is_new = declared.is_some() && self.live.is_none() && self.recorded;
            return if is_new {
                Cause::Pending
            } else {
                Cause::Unattributed
            };
        };
        let git_moved = declared != Some(applied);
        let live_moved = self
            .live
            .is_none_or(|live| !compare(self.shape, applied, live).is_empty());
        match (git_moved, live_moved) {
            (true, true) => Cause::Conflict,
            (true, false) => Cause::Pending,
            (false, _) => Cause::Drift,
        }
    }

    fn differences(&self, declared: Option<&Map>) -> Vec<FieldChange> {
        let nothing = Map::new();
        let live = self.live.unwrap_or(&nothing);
        let declared = declared.into_iter();
        declared
            .flat_map(|declared| compare(self.shape, declared, live))
            .map(|difference| difference.change)
            .collect()
    }
}

/// Returns the remark on fields that differed from Git before this revision as they do now.
fn already(here: &[FieldChange], before: &[FieldChange]) -> Option<String> {
    let paths: Vec<&str> = here
        .iter()
        .filter(|change| before.contains(change))
        .map(|change| change.path.trim_start_matches('/'))
        .collect();
    (!paths.is_empty()).then(|| {
        format!(
            "not of this revision: {} differed from Git before",
            paths.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::model::units::PLAIN;

    static TABLE: Shape = Shape::Table(&[
        Field::new("a", Shape::Text(&PLAIN), ""),
        Field::new("b", Shape::Text(&PLAIN), ""),
    ]);

    /// Reads `1x` as a = 1, b = x; `-` as nothing there.
    fn map(word: &str) -> Option<Map> {
        let mut letters = word.chars().map(|letter| letter.to_string());
        let first = letters.next().filter(|letter| letter != "-")?;
        let second = letters.next().unwrap_or_default();
        Some([("a", first), ("b", second)].into_iter().collect())
    }

    /// Attributes `this revision / base / applied / live`; `.` is no base, or no record at all.
    fn attribute(sides: &str) -> Attributed {
        let words: Vec<&str> = sides.split_whitespace().collect();
        let [desired, base, applied, live] = words[..] else {
            panic!("{sides}")
        };
        let maps = [desired, base, applied, live].map(|word| map(word).filter(|_| word != "."));
        let [own, before, record, there] = &maps;
        Sides {
            shape: &TABLE,
            desired: own.as_ref(),
            base: if base == "." { own } else { before }.as_ref(),
            applied: record.as_ref(),
            recorded: applied != ".",
            live: there.as_ref(),
        }
        .attribute()
    }

    #[test]
    fn every_combination_has_its_cause() {
        use Cause::{Conflict, Drift, Introduced, Pending, Unattributed};
        let table = [
            // Without a base: Git against the record, the record against live.
            ("1x .  1x 2x", Drift),
            ("1x .  1x - ", Drift),
            ("2x .  1x 1x", Pending),
            ("2x .  1x 3x", Conflict),
            ("2x .  1x - ", Conflict),
            ("1x .  .  2x", Unattributed),
            ("1x .  .  - ", Unattributed),
            ("1x .  -  2x", Unattributed),
            ("1x .  -  - ", Pending),
            ("-  .  1x 1x", Pending),
            ("-  .  1x 2x", Conflict),
            ("-  .  -  1x", Unattributed),
            // The base says the same: as without one.
            ("1x 1x 1x 2x", Drift),
            ("1x 1x 1x - ", Drift),
            ("2x 2x 1x 1x", Pending),
            ("2x 2x 1x 3x", Conflict),
            ("1x 1x .  2x", Unattributed),
            ("1x 1x -  - ", Pending),
            ("-  -  1x 1x", Pending),
            ("-  -  1x 2x", Conflict),
            // The base is live: whatever differs comes from this revision, record or not.
            ("2x 1x 1x 1x", Introduced),
            ("2x 1x .  1x", Introduced),
            ("2x 1x 3x 1x", Introduced),
            ("-  1x 1x 1x", Introduced),
            // This revision brings the object.
            ("1x -  -  - ", Introduced),
            ("1x -  .  - ", Introduced),
            ("1x -  .  2x", Introduced),
            ("1x -  2x 2x", Introduced),
            // Live moved and this revision moves too.
            ("2x 1x 1x 3x", Conflict),
            ("2x 1x 1x - ", Conflict),
            ("1y 1x 1x 2x", Conflict),
            ("-  1x 1x 2x", Conflict),
            // The base was not applied yet, and this revision moves on.
            ("3x 2x 1x 1x", Introduced),
            ("2y 2x 1x 1x", Introduced),
            ("3x 2x 1x 4x", Conflict),
            ("2x 1x .  3x", Introduced),
            ("2x 1x -  - ", Introduced),
            // This revision moves where live already is; the rest differed before.
            ("1x 2x 2y 1y", Conflict),
            ("1x 2x .  1y", Unattributed),
            ("1x 2x 1y 1y", Pending),
        ];
        for (sides, cause) in table {
            assert_eq!(attribute(sides).cause, cause, "{sides}");
        }
    }

    #[test]
    fn what_differed_before_is_said_beside_what_is_introduced() {
        let attributed = attribute("2y 2x 1x 1x");
        assert_eq!(
            attributed.remark.as_deref(),
            Some("not of this revision: a differed from Git before")
        );
        assert_eq!(attribute("3x 2x 1x 1x").remark, None);
        assert_eq!(attribute("2x 1x 1x 1x").remark, None);
    }
}
