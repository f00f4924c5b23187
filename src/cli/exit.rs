//! The exit code, decided in one place.

use std::process::ExitCode;

/// How a run ended; the order is that of precedence, the one that wins first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// The arguments make no sense.
    Usage,
    /// Something failed.
    Error,
    /// Somebody else holds the lock.
    Locked,
    /// Policy refuses, or an approval is missing.
    Refused,
    /// Something is unknown.
    Incomplete,
    /// There are changes, or drift.
    Changes,
    /// All is well.
    Success,
}

impl Exit {
    /// Returns the exit of a run in which all of these hold.
    pub(crate) fn of(conditions: impl IntoIterator<Item = (bool, Self)>) -> Self {
        conditions
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, exit)| exit)
            .min()
            .unwrap_or(Self::Success)
    }

    /// Returns the number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Incomplete => 3,
            Self::Refused => 4,
            Self::Locked => 5,
            Self::Usage => 64,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_several_hold_the_gravest_wins() {
        let all = [
            Exit::Success,
            Exit::Changes,
            Exit::Incomplete,
            Exit::Refused,
            Exit::Locked,
            Exit::Error,
            Exit::Usage,
        ];
        let codes: Vec<u8> = (1..=all.len())
            .map(|n| Exit::of(all[..n].iter().map(|exit| (true, *exit))).code())
            .collect();
        assert_eq!(codes, [0, 2, 3, 4, 5, 1, 64]);
        assert_eq!(Exit::of([(false, Exit::Error)]), Exit::Success);
    }
}
