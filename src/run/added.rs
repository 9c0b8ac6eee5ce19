//! Whether a place in a file came with the change or stood there before. Asked for candidates alone: a
//! whole blob is scanned faster than it is compared.

use super::content::Contents;
use crate::change::{Blob, ChangeSet, Occurrence, Oid, Removed};
use crate::git::lines;
use std::ops::Range;

/// Files that a change takes away and that are read to see whether a line only moved.
const MAX_MOVED: usize = 16;

/// Whether one of the `lines` (from 1, the end exclusive; `None`: the path itself) is new at this place: in
/// none of the versions that it replaced, and not moved here from a file that the change takes away.
///
/// What cannot be compared counts as new.
pub(super) fn is_added(
    blob: &Blob<'_>,
    seen: &Occurrence,
    lines: Option<Range<u32>>,
    set: &ChangeSet,
    contents: &mut Contents,
) -> bool {
    let Some(lines) = lines else { return seen.bases.is_empty() };
    if seen.bases.is_empty() {
        return !is_moved(blob, seen, &lines, set, contents);
    }
    seen.bases.iter().all(|base| touches(base, blob, &lines, contents))
}

/// Whether the blob has one of the lines that `old` has not.
fn touches(old: &Oid, blob: &Blob<'_>, lines: &Range<u32>, contents: &mut Contents) -> bool {
    match contents.added(old, blob.bytes) {
        Some(added) => !lines::intersect(added, std::slice::from_ref(lines)).is_empty(),
        None => true,
    }
}

/// A file that was moved brings nothing new but what was changed in it.
fn is_moved(blob: &Blob<'_>, seen: &Occurrence, lines: &Range<u32>, set: &ChangeSet, contents: &mut Contents) -> bool {
    let mut gone: Vec<&Removed> = set.removed.iter().filter(|r| r.origin == seen.origin).collect();
    if gone.iter().any(|r| Some(r.oid) == blob.oid) {
        return true;
    }
    // the likeliest first: the same name in another place
    gone.sort_by_key(|r| r.path.file_name() != seen.path.file_name());
    gone.iter().take(MAX_MOVED).any(|removed| {
        contents.object(&removed.oid).is_ok_and(|old| !old.is_empty()) && !touches(&removed.oid, blob, lines, contents)
    })
}
