//! drsync keeps a disaster-recovery posture true.
pub mod sandbox;
