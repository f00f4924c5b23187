//! drsync keeps a disaster-recovery posture true.
pub mod cloud;
pub mod state;
pub mod kinds;
pub mod model;
pub mod plan;
pub mod policy;
pub mod sandbox;
