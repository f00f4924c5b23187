//! drsync keeps a disaster-recovery posture true: what Git declares of a primary and a DR site
//! against what is there, field by field.
//!
//! # The flow
//!
//! `desired` reads TOML out of Git; `live` observes the services over `cloud`, by `kinds`; `plan`
//! compares the two, with the record in `state` of what was applied last; `assess` works out whether
//! the strategy can keep its promises; `policy` judges the plan
//! and alone can approve it; `apply` carries an approved plan out; `report` turns any of it into
//! text. `cli` is the only room that knows them all.
//!
//! # The rooms
//!
//! A room may use only the rooms above it in this list; `tests/it/rooms.rs` reads the order from
//! here and fails on a violation.
//!
//! # Invariants
//!
//! 1. No delete unless every read in its scope succeeded.
//! 2. `plan` right after a successful `apply` is empty.
//! 3. Applying the same plan twice does nothing the second time.
//! 4. After a crash at any point, running apply again converges to the same end state.
//! 5. Two applies never interleave writes on one scope.
//! 6. `drift` exits 0 only if every object was read.
//! 7. The plan is the same bytes for the same inputs, whatever the order of files, pages and answers.
//! 8. No byte of a secret in any output, plan file, journal or log.
//! 9. An object is written only if it is declared, and deleted only because the applied record says
//!    that we applied it with `prune = true`, or because it lies in a scope declared `exclusive`
//!    that was read whole.
//! 10. `plan` and `drift` hold no writer; a credential without write permission is enough.
//! 11. What a pull request contains cannot run code, reach the network or read outside its
//!     repository.

pub mod model;

pub mod cloud;

pub mod state;

pub mod kinds;

pub mod desired;

pub mod live;

pub mod plan;

pub mod assess;

pub mod policy;

pub mod apply;

pub mod import;

pub mod report;

pub mod sandbox;

pub mod cli;
