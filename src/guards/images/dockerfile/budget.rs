//! A bound on the work that a hostile file can cause.

use std::cell::Cell;

/// The budget is used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spent;

/// Work that all expansions of a file may do together, in steps of about a byte.
#[derive(Debug)]
pub struct Budget(Cell<u64>);

impl Budget {
    /// So many steps.
    pub fn new(steps: u64) -> Self {
        Budget(Cell::new(steps))
    }

    /// Takes steps away.
    ///
    /// # Errors
    /// When none are left.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Spent> {
        let left = self.0.get().checked_sub(steps as u64).ok_or(Spent)?;
        self.0.set(left);
        Ok(())
    }
}

impl Default for Budget {
    /// Far more than any real file needs, a fraction of a second of work.
    fn default() -> Self {
        Budget::new(20_000_000)
    }
}
