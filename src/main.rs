//! The `gitward` binary.

fn main() {}
