//! An embedded AWS on loopback.
