//! Connections to data services that speak HTTP: the API of Patroni, of a search engine.
//!
//! In: addresses and references to secrets. Out: [`ServiceReader`], which can only GET, and
//! [`ServiceWriter`]. What an answer means is for the kinds.

mod client;
mod reader;
mod settings;
#[cfg(test)]
mod tests;
mod writer;

pub use reader::{Answer, ServiceReader};
pub use settings::{ServiceSettings, ServiceUser};
pub use writer::ServiceWriter;

pub(super) use reader::reader;
pub(super) use writer::writer;
