//! The rules of the house: what is required, what is forbidden, and who said so.
//!
//! [`schema`] holds the typed values that guards read; every value remembers where it was set. [`load`]
//! makes them from the texts of policy files, [`show`] lists them, [`keys`] is the one table of all keys.
//!
//! Layers, strongest first: the organisation's files, the repository's `.gitward.toml`, the defaults. A
//! repository may tighten what its organisation set, never weaken it; a weaker value is ignored and becomes
//! one of [`Policy::notices`]:
//!
//! - Words, numbers and switches go one way each, lists of what is allowed may shrink, lists of what is asked
//!   are added to. Which way is in the tables of [`keys`].
//! - `fail_level`, `enabled`, `exclude` and `secrets.rules` are guarded wherever an organisation's policy exists, even if it
//!   does not mention them: a weaker value would undo all the rest. So are the levels of rules that block by
//!   themselves, in a section in which the organisation set anything.
//! - Who is trusted to sign is the organisation's to say once it names anybody.
//! - `locked = ["secrets.*"]`: a repository may not set these at all; `open = ["images.exclude"]`: freely.
//!
//! `extends = "strict"` starts from a built-in policy. That of an organisation binds repositories as if it had
//! been written out; it allows no image but `scratch` until `images.registries` names where images may
//! come from.

mod cover;
mod datum;
mod defaults;
mod document;
mod entries;
mod error;
mod keyname;
pub mod keys;
pub mod load;
mod merge;
mod presets;
mod read;
mod remote;
mod resolve;
mod rulebook;
pub mod schema;
mod setting;
pub mod show;
#[cfg(test)]
mod tests;
mod units;
mod wording;

pub use error::{PolicyError, Problem};
pub use remote::normalise_remote;
pub use schema::*;
