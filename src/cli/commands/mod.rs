//! One file for each command.

pub mod apply;
pub mod check;
pub mod completions;
pub mod drift;
pub mod explain;
pub mod import;
pub mod init;
pub mod plan;
pub mod sandbox;
pub mod schema;
pub mod show;
