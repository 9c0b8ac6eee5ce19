//! `gitward plumbing`: what the tests and a curious person may see of the inside. Not a stable interface.

use crate::change::Oid;
use crate::git::{Backend, GitError, Version};

/// Prints the staged list as `git diff-index --cached --raw -z` does.
///
/// # Errors
/// When the repository cannot be read.
pub fn staged(repo: &dyn Backend, text: &mut Vec<u8>) -> Result<(), GitError> {
    let zero = Oid::zero(repo.layout().format.id_len());
    let side = |v: Option<Version>| v.map_or((0, zero), |v| (v.mode, v.oid));
    for change in repo.staged()? {
        let ((old_mode, old), (new_mode, new)) = (side(change.old), side(change.new));
        let head = format!(":{old_mode:06o} {new_mode:06o} {old} {new} {}", change.status.letter());
        text.extend_from_slice(head.as_bytes());
        text.push(0);
        text.extend_from_slice(change.path.as_bytes());
        text.push(0);
    }
    Ok(())
}
