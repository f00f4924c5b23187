//! The integration tests, one binary.
//!
//! Each module says `cfg(test)`, so that lints know it for a test.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod import_strategy;
#[cfg(test)]
mod live;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod redact;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod schemas;
#[cfg(test)]
mod support;
