//! The binary as people meet it: commits, checks, errors, output.

mod added;
mod closed;
mod commit;
mod encoded;
mod formats;
mod gitleaks;
mod paths;
mod policy;
mod suppress;
