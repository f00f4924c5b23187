//! The drsync program.
fn main() {}
