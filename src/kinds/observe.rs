//! What `live` asks a kind to observe, and what it gets back.

use super::{KindError, Memo};
use crate::cloud::kubernetes::ClusterReader;
use crate::cloud::service::ServiceReader;
use crate::cloud::{AwsReader, Reader};
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
    pub reader: &'a Reader,
    /// Reads shared with other kinds.
    pub memo: &'a Memo,
}

impl<'a> Ask<'a> {
    /// Returns the AWS account that the scope is read over.
    pub fn aws(&self) -> Result<&'a AwsReader, KindError> {
        self.reader.aws().map_err(KindError::Cloud)
    }

    /// Returns the cluster that the scope is read over.
    pub fn cluster(&self) -> Result<&'a ClusterReader, KindError> {
        self.reader.cluster().map_err(KindError::Cloud)
    }

    /// Returns the data service that the scope is read over.
    pub fn service(&self) -> Result<&'a ServiceReader, KindError> {
        self.reader.service().map_err(KindError::Cloud)
    }
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
