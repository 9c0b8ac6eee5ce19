//! Tests of the guard as a whole.
