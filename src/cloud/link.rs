//! One connection of any family: an AWS account, a cluster or a data service.
//!
//! The rooms that pass connections on know only this; a kind takes the family that it needs.

use std::time::Duration;

use super::aws_reader::AwsReader;
use super::error::CloudError;
use super::kubernetes::{ClusterReader, ClusterSettings, ClusterWriter};
use super::service::{ServiceReader, ServiceSettings, ServiceWriter};
use super::writer::AwsWriter;
use crate::cloud::AwsSettings;
use crate::model::GapCode;

/// How one connection is made.
#[derive(Clone, Debug, PartialEq)]
pub enum Settings {
    /// To an AWS account and region.
    Account(AwsSettings),
    /// To a Kubernetes cluster.
    Cluster(ClusterSettings),
    /// To a data service.
    Service(ServiceSettings),
}

/// One connection, for reading.
#[derive(Clone, Debug)]
pub enum Reader {
    /// To an AWS account and region.
    Account(AwsReader),
    /// To a Kubernetes cluster.
    Cluster(ClusterReader),
    /// To a data service.
    Service(ServiceReader),
}

/// One connection, for writing, and a reader with the same credentials.
#[derive(Clone, Debug)]
pub struct Writer {
    reader: Reader,
    own: Own,
}

#[derive(Clone, Debug)]
enum Own {
    Account(AwsWriter),
    Cluster(ClusterWriter),
    Service(ServiceWriter),
}

impl Reader {
    /// Returns the AWS account.
    pub fn aws(&self) -> Result<&AwsReader, CloudError> {
        match self {
            Self::Account(reader) => Ok(reader),
            _ => Err(other("an AWS account")),
        }
    }

    /// Returns the cluster.
    pub fn cluster(&self) -> Result<&ClusterReader, CloudError> {
        match self {
            Self::Cluster(reader) => Ok(reader),
            _ => Err(other("a Kubernetes cluster")),
        }
    }

    /// Returns the data service.
    pub fn service(&self) -> Result<&ServiceReader, CloudError> {
        match self {
            Self::Service(reader) => Ok(reader),
            _ => Err(other("a data service")),
        }
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        match self {
            Self::Account(reader) => reader.now(),
            Self::Cluster(reader) => reader.now(),
            Self::Service(reader) => reader.now(),
        }
    }

    /// Sleeps.
    pub async fn sleep(&self, duration: Duration) {
        match self {
            Self::Account(reader) => reader.sleep(duration).await,
            Self::Cluster(reader) => reader.sleep(duration).await,
            Self::Service(reader) => reader.sleep(duration).await,
        }
    }
}

impl Writer {
    /// Returns a reader with the writer's credentials, for reading back.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Returns the AWS account.
    pub fn aws(&self) -> Result<&AwsWriter, CloudError> {
        match &self.own {
            Own::Account(writer) => Ok(writer),
            _ => Err(other("an AWS account")),
        }
    }

    /// Returns the cluster.
    pub fn cluster(&self) -> Result<&ClusterWriter, CloudError> {
        match &self.own {
            Own::Cluster(writer) => Ok(writer),
            _ => Err(other("a Kubernetes cluster")),
        }
    }

    /// Returns the data service.
    pub fn service(&self) -> Result<&ServiceWriter, CloudError> {
        match &self.own {
            Own::Service(writer) => Ok(writer),
            _ => Err(other("a data service")),
        }
    }
}

impl From<AwsWriter> for Writer {
    fn from(writer: AwsWriter) -> Self {
        Self {
            reader: Reader::Account(writer.reader().clone()),
            own: Own::Account(writer),
        }
    }
}

impl From<ClusterWriter> for Writer {
    fn from(writer: ClusterWriter) -> Self {
        Self {
            reader: Reader::Cluster(writer.reader().clone()),
            own: Own::Cluster(writer),
        }
    }
}

impl From<ServiceWriter> for Writer {
    fn from(writer: ServiceWriter) -> Self {
        Self {
            reader: Reader::Service(writer.reader().clone()),
            own: Own::Service(writer),
        }
    }
}

/// A kind that asks for another family than its section says: a mistake of drsync.
fn other(wanted: &str) -> CloudError {
    CloudError::local(
        GapCode::Service,
        format!(
            "this connection is not one to {wanted}, which the kind needs; report it as a bug of drsync"
        ),
    )
}
