//! drsync keeps a disaster-recovery posture true.
pub mod cloud;
pub mod kinds;
pub mod model;
pub mod plan;
pub mod report;
pub mod sandbox;
pub mod state;
