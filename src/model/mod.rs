//! The shared vocabulary: what an object, a field, a change, a finding and a gap are.
//!
//! In: nothing. Out: plain values that every other room passes on. Must not know any service, any
//! I/O, any clock. A type belongs here only when `kinds` and a later room both need it.

mod address;
pub mod amount;
mod change;
mod compare;
mod digest;
mod fact;
mod finding;
mod gap;
mod object;
mod secret;
mod shape;
pub mod signature;
mod span;
pub mod units;
mod value;

pub use address::{Address, AddressError, GLOBAL};
pub use change::{Action, Cause, Change, Class, FieldChange, Held};
pub use compare::{Difference, compare, item_name, pointer, pointer_names, set_at};
pub use digest::Digest;
pub use fact::{Fact, FactName, FactValue};
pub use finding::{Finding, Label, Severity};
pub use gap::{Gap, GapCode};
pub use object::{Flags, Object, Resource, Scope, cluster_connection, service_connection};
pub use secret::SecretRef;
pub use shape::{Absent, Field, Identity, Relation, Shape};
pub use span::{Source, SourceId, Sources, Span};
pub use value::{Key, Map, Value};
