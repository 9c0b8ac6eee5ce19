//! gitward: the gate that every commit and every push passes.
//!
//! One read of a change, four guards over it: leaked [`guards::secrets`], base [`guards::images`],
//! [`guards::signatures`] and mandatory [`guards::hooks`].
//!
//! What it deliberately does not do: talk to a network, verify a credential with its provider, write to
//! the repository that it checks, or run anything from it.
//!
//! Modules in layers; imports point down only (`tests/architecture.rs` holds them to it):
//!
//! | layer | modules |
//! |---|---|
//! | shell | `cli`, `install` |
//! | output | `report` |
//! | pipeline | `run`, `suppress` |
//! | guards | `guard`, `guards` |
//! | sources | `git`, `tree`, `archive` |
//! | values | `finding`, `rule`, `change`, `secret`, `outcome`, `policy`, `error`, `env` |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod archive;
pub mod change;
pub mod cli;
pub mod env;
pub mod finding;
pub mod git;
pub mod guard;
pub mod guards;
pub mod install;
pub mod outcome;
pub mod policy;
pub mod report;
pub mod rule;
pub mod run;
pub mod secret;
pub mod suppress;
pub mod tree;
