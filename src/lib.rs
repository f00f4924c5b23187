//! drsync keeps a disaster-recovery posture true.
pub mod cloud;
pub mod kinds;
pub mod desired;
pub mod model;
pub mod plan;
pub mod sandbox;
