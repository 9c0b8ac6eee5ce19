//! The signatures guard.
