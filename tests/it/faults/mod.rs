//! What happens when things go wrong, played in one process on a virtual clock.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

mod calls;
mod crashes;
mod reads;
pub(crate) mod story;
mod writes;
