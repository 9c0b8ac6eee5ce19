//! A reader of Dockerfiles: directives, logical lines, instructions, words, variables, stages.
//!
//! It follows BuildKit's frontend (<https://github.com/moby/buildkit>, `frontend/dockerfile`), since what
//! that accepts gets built. Other than BuildKit it goes on after an error: an instruction that cannot be
//! read becomes a [`ParseError`], the next one is read as usual. Every node knows its bytes in the file.

pub mod ast;
pub mod budget;
pub mod expand;
mod json;
mod lexer;
pub mod mount;
mod parser;
pub mod scope;
pub mod stages;
pub mod words;

pub use ast::*;
pub(crate) use parser::is_heredoc;
pub use parser::{TooLarge, parse};

#[cfg(test)]
mod tests;
