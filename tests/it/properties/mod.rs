//! What holds for any world and any environment, found by random ones.
//!
//! `PROPTEST_CASES` asks for more cases than the few that fit into the usual run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails by panicking"
)]

mod batches;
mod faulted;
mod orders;
mod records;
mod worlds;

use proptest::test_runner::Config;

/// Few cases in the usual run, as many as `PROPTEST_CASES` says in a longer one. What failed once
/// is printed as a value and not kept in a file.
fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    Config {
        cases: asked.unwrap_or(usual),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    }
}
