//! The integration tests, one binary.

mod faults;
mod properties;
mod support;
