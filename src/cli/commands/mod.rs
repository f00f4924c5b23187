//! One file for each command.

pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod import_strategy;
pub(crate) mod init;
pub(crate) mod parity;
pub(crate) mod plan;
pub(crate) mod runbook;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod unlock;
pub(crate) mod verify;
