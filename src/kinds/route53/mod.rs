//! What the Route 53 kinds share: names on the wire, finding a zone, waiting for INSYNC.

pub(super) mod names;
pub(super) mod sync;
pub(super) mod zone;
