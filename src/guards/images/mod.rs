//! The images guard.
