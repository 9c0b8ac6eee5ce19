//! The command line: arguments to a request, a request to an exit code. One file a verb.

pub mod plumbing;
