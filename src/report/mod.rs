//! What people and machines read: terminal text, JSON, Markdown and excerpts of the source.
//!
//! In: finished values of the rooms above, gathered in a [`View`]. Out: texts; nothing is printed.
//! Must not know how values came to be, nor the name of any service.

mod change_text;
mod collapse;
mod drawing;
mod error;
mod field;
mod findings;
mod gap_text;
mod json;
mod json_parts;
mod json_words;
mod markdown;
mod markdown_escape;
mod outcome;
mod paper;
mod parity_json;
mod parity_markdown;
mod parity_text;
mod row;
mod runbook;
mod status;
mod status_json;
mod summary;
mod text;
mod verification;
mod view;
mod visible;
mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;

pub use drawing::{order_mermaid, order_svg};
pub use error::ReportError;
pub use findings::{findings_json, findings_text};
pub use json::{plan_json, plan_schema};
pub use markdown::plan_markdown;
pub use outcome::{OutcomesView, outcomes_json, outcomes_schema, outcomes_text};
pub use paper::TextOptions;
pub use parity_json::{parity_json, parity_schema};
pub use parity_markdown::parity_markdown;
pub use parity_text::parity_text;
pub use runbook::{RUNBOOK, runbook};
pub use status::{StatusView, status_markdown, status_text};
pub use status_json::status_json;
pub use summary::State;
pub use text::plan_text;
pub use verification::{Format, Moved, Verification, verification};
pub use view::{Budget, Mode, ParityView, View};
