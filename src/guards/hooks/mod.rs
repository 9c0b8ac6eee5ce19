//! The hooks guard.
