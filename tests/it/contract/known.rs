//! What is wrong with the doubles: one row for each case that a double does not carry through.
//!
//! Real AWS was not asked; what is right is its documentation. A row must show: a double that was
//! mended, or that fails in another way, fails the test.

/// A known deviation.
#[derive(Debug)]
pub(super) struct Known {
    /// The double.
    pub(super) cloud: &'static str,
    /// The case.
    pub(super) case: &'static str,
    /// The step of the body that fails.
    pub(super) step: &'static str,
    /// A part of what is found there.
    pub(super) shows: &'static str,
    /// What the double does.
    pub(super) reason: &'static str,
}

pub(super) const KNOWN: &[Known] = &[];
