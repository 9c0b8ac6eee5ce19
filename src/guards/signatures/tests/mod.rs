//! Tests of the guard as a whole: objects, keys and signatures made here, and real ones made by Git.

mod allowed_signers;
mod git;
mod guard;
mod hostile;
mod object;
mod openpgp;
mod ssh;
mod ssh_certificate;
mod support;
