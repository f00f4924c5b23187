//! What the contract, property and fault tests share: a cloud in the same process, environments in
//! a temporary folder, and the doubles that others wrote.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

pub(crate) mod clock;
pub(crate) mod doubles;
pub(crate) mod mortal;
pub(crate) mod player;
pub(crate) mod process;
pub(crate) mod room;
pub(crate) mod worlds;
