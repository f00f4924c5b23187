//! Why a plan does not do something yet: the codes, each with what it means and what releases it.
//!
//! In: nothing. Out: [`HOLDS`], for `explain` and for the planner's own tests.

/// The codes of what a plan holds, each with what it means.
pub const HOLDS: &[(&str, &str)] = &[
    (
        "adopt",
        "the object is there and drsync did not make it; `adopt = true` on it or on what it lies in takes it over",
    ),
    (
        "conversion",
        "the change would turn the object into another thing, such as a routing policy into another; `convert = true` allows it",
    ),
    (
        "in-the-way",
        "something is there beside which the service keeps no other, such as a CNAME at the name of a new record; it has to go first",
    ),
    (
        "lifetime-first",
        "the lifetime (TTL) is lowered first; the rest follows when no reader keeps the old answer; `--now` does both at once",
    ),
    (
        "lifetime-wait",
        "readers may still keep the old answer; `--now` changes it at once",
    ),
    (
        "observe-only",
        "the object is declared with `observe = true`: compared, never written",
    ),
    (
        "read-only",
        "the object is owned by something else, such as a traffic policy",
    ),
    (
        "role",
        "the change would promote, demote or re-seed a database, which a plain apply never does: it is a failover's step",
    ),
    (
        "unknown-scope",
        "the object is to be deleted and was read, but something else in its scope was not; nothing is deleted where anything is unknown",
    ),
];
