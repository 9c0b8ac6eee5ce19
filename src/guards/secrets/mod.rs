//! The secrets guard.
