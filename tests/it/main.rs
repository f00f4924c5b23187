//! The integration tests, one binary.

mod schemas;
