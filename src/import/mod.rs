//! The way in for people who already have things: what is live, written as TOML.
//!
//! In: resources and the kinds' field tables. Out: TOML text that reads well and plans empty, with
//! a report of what was left out. Must not know plans or writers.

mod entries;
mod strategy;
mod toml_text;

pub use entries::{Imported, bucket_like, zone_like};
pub use strategy::{Certainty, Note, StrategyFiles, strategy};
pub use toml_text::inline;
