//! Connections to services: credentials and endpoints in, Readers and Writers out.
//!
//! A Reader can only read, by type; a Writer is made from its own credentials. Both share rate
//! limits, retries and the count of calls. Must not know kinds or plans.

mod aws_reader;
mod bucket;
mod calls;
mod connection;
mod eks;
mod error;
mod http;
pub mod kubernetes;
mod limiter;
mod line;
mod link;
mod reader;
#[cfg(test)]
mod script;
mod secret;
pub mod service;
mod transport;
mod writer;

pub use aws_reader::{AwsReader, Route53Reader, S3Reader};
pub use bucket::{Bucket, open_bucket};
pub use calls::{CallCounts, Calls};
pub use connection::{AwsSettings, Platform, Rate, Rates};
pub use error::{CloudError, ErrorCause};
pub use line::{Line, LineError};
pub use link::{Reader, Settings, Writer};
pub use reader::Readers;
pub use secret::Secret;
pub use transport::Fence;
pub use writer::{AwsWriter, Effect, Writers};
