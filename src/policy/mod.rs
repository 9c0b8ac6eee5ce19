//! The rules of the house: what is required, what is forbidden, and who said so.
//!
//! [`schema`] holds the typed values that guards read; every value remembers where it was set.

pub mod schema;

pub use schema::*;
