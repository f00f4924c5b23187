//! drsync keeps a disaster-recovery posture true.
pub mod model;
pub mod sandbox;
