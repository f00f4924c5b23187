//! The desired state: what Git declares, with file and line of every value.
//!
//! In: a work tree or a Git revision, and the kinds. Out: [`Desired`], or findings with places.
//! Must not know the cloud: nothing here sends a request, and nothing that an environment says can
//! run code, reach the network or read outside the repository.
//!
//! The flow: [`Source`] gives texts; `document` joins them; `decode` gives them types by the field
//! tables of `tables` and of the kinds; `validate` checks them against each other.

pub mod codes;
mod decode;
mod desired_value;
mod document;
mod entry;
mod error;
mod files;
mod git;
mod graph;
mod group;
mod load;
mod parsed;
mod pieces;
mod places;
mod profile;
mod reach;
mod relation;
mod schema;
mod site;
mod source;
pub mod strategy;
mod suggest;
mod syntax;
mod tables;
#[cfg(test)]
mod tests;
mod validate;

pub use desired_value::{Counterpart, Desired};
pub use error::DesiredError;
pub use files::{Folder, Refused, Text};
pub use load::{Loaded, load, load_with};
pub use places::Places;
pub use relation::DeclaredRelation;
pub use schema::{environment_schema, environment_schema_with, record_schema};
pub use site::{Aws, Cluster, Limits, Role, Service, Site, StateStore, User};
pub use source::{Origin, Source};
pub use strategy::{Component, Store, Strategy, Tier};
