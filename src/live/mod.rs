//! What is there: the declared scopes, read in the fewest calls.
//!
//! In: Desired, the applied record, Readers. Out: Live: resources, and gaps for what could not be
//! read. Each scope fails by itself. Must not know writers.

mod observe;

pub use observe::{Live, LiveError, ScopeRead, observe, scan};
