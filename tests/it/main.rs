//! The integration tests, one binary.

mod contract;
mod faults;
mod properties;
mod schemas;
mod support;
