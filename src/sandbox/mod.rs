//! An embedded AWS and Kubernetes: Route 53, the bucket configuration of S3, STS, EKS, Auto Scaling, and
//! clusters, as a function from request to response with a thin shell on loopback.
//!
//! In: a [`World`] and HTTP requests of real clients. Out: a [`Reply`] for each. It shares no code
//! with the rooms that talk to AWS, so that it cannot share their mistakes: the rules here are
//! those of the services' documentation.

mod answer;
mod autoscaling;
mod eks;
mod error;
mod fault;
mod kubernetes;
mod play;
mod route53;
mod s3;
#[expect(clippy::module_inception, reason = "the room's noun and its main type")]
mod sandbox;
mod seed;
mod serve;
mod state;
mod store;
mod sts;
mod wire;
mod world;
mod xml;

#[cfg(test)]
mod capacity_tests;
#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod tests;

pub use error::SandboxError;
pub use fault::{Effect, Fault};
pub use kubernetes::{TOKEN, Watch};
pub use sandbox::{Reply, Sandbox};
pub use serve::{Handler, serve};
pub use store::Store;
pub use world::{
    Account, Alias, AutoScalingGroup, Behaviour, Bucket, Cidr, Cluster, ClusterObject, ClusterUser,
    Coordinates, EksCluster, Geo, Geoproximity, Health, HealthCheck, NodeGroup, Nodes, Record, Vpc,
    World, Zone,
};
