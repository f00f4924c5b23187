//! What `live` asks a kind to observe, and what it gets back.

use super::Memo;
use crate::cloud::AwsReader;
use crate::model::{Object, Resource, Scope};

/// A question: these objects of one scope.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// The scope that they lie in.
    pub scope: &'a Scope,
    /// The objects, declared or formerly applied.
    pub objects: &'a [&'a Object],
    /// Whether to read everything in the scope, declared or not.
    pub whole: bool,
    /// The connection.
    pub reader: &'a AwsReader,
    /// Reads shared with other kinds.
    pub memo: &'a Memo,
}

/// An answer: what is there.
#[derive(Debug, Default)]
pub struct Observation {
    /// The objects that exist, declared and undeclared.
    pub resources: Vec<Resource>,
    /// Whether everything in the scope was read.
    pub whole: bool,
    /// How it was read, for people.
    pub method: String,
}
