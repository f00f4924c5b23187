//! The integration tests, one binary.

mod cases;
mod redact;
mod rooms;
