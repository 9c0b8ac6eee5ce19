//! The images guard.
pub mod dockerfile;
pub mod policy;
pub mod reference;
