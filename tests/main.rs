//! Everything that is tested from outside: real repositories, the real binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::print_stderr
)]

mod architecture;
mod cli;
mod frameworks;
mod git;
mod gitleaks;
mod history;
mod receive;
mod support;
