//! What happens when things go wrong, played in one process on a virtual clock.
//!
//! The invariants of the crate, each with the tests that fail without it; each was broken once on
//! purpose to see them fail.
//!
//! | invariant | tests |
//! |---|---|
//! | 1: no delete unless its scope was read | `faults::calls`, `properties::faulted` |
//! | 2: a plan after an apply is empty | `properties::worlds::a_plan_after_an_apply_is_empty`, `contract` |
//! | 3: the same plan twice does nothing | `properties::worlds::a_plan_after_an_apply_is_empty` |
//! | 4: after a crash the next run converges | `faults::crashes`, `faults::simulation`, `processes::a_process_killed_at_any_moment_is_followed_by_one_that_ends_as_if_nothing_had_been` |
//! | 5: two applies never interleave | `faults::crashes::of_two_applies_on_one_folder_the_second_is_locked`, `processes`, `state::tests::a_late_write_is_refused_by_its_number_alone` |
//! | 6: complete only if all was read | `faults::reads::what_could_not_be_read_is_unknown_and_the_look_is_incomplete` |
//! | 7: the same bytes in any order | `properties::orders` |
//! | 9: only what is declared is written | `properties::worlds::a_plan_after_an_apply_is_empty`, `faults::calls` |
//! | 10: looking holds no writer | `faults::reads::a_look_makes_only_calls_that_read`, `faults::reads::a_credential_without_write_permission_sees_the_same_plan` |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

mod calls;
mod crashes;
mod reads;
mod simulation;
pub(crate) mod story;
mod writes;
