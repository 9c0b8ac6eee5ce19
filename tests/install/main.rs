//! Hooks on a real disk, run by the real Git: `gitward::install`, `hooks/shim.sh`, `install.sh` and
//! `.pre-commit-hooks.yaml`. A script that writes down how it was called stands for the binary.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod chain;
mod manifest;
mod places;
mod sandbox;
mod script;
mod states;
