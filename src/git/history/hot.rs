//! Which commits bring a blob that holds something: from the blobs up to the trees that hold them, and down
//! again where a commit's tree has one that no parent's has at that place.

use super::trees::{Kind, NONE, Trees};
use crate::change::EntryKind;
use crate::git::pack::Bits;
use crate::git::tree::MAX_DEPTH;
use smallvec::SmallVec;

/// Blobs that hold something and the trees above them. What is missing from the store counts as such: what it
/// holds is not known.
pub(super) struct Hot<'a> {
    trees: &'a Trees,
    blobs: &'a Bits,
    /// Trees with a hot blob somewhere below.
    hot: Bits,
    known: Bits,
}

impl<'a> Hot<'a> {
    /// Marks the trees below `roots`.
    pub(super) fn new(trees: &'a Trees, blobs: &'a Bits, len: usize, roots: impl IntoIterator<Item = u32>) -> Self {
        let mut hot = Hot { trees, blobs, hot: Bits::new(len), known: Bits::new(len) };
        roots.into_iter().for_each(|root| hot.mark(root));
        hot
    }

    /// Marks a tree and what is below, children first.
    fn mark(&mut self, root: u32) {
        let mut stack: Vec<(u32, usize)> = Vec::new();
        if root != NONE && self.known.add(root) {
            stack.push((root, 0));
        }
        while let Some((tree, next)) = stack.pop() {
            let Some(entries) = self.trees.entries(tree) else {
                self.hot.add(tree);
                continue;
            };
            // a child that is not known yet comes first; a tree inside itself, which only damage makes, does not
            let child = entries.iter().enumerate().skip(next).find_map(|(n, entry)| match self.trees.target(*entry) {
                (Kind::Tree, child) if child != NONE && self.known.add(child) => Some((n, child)),
                _ => None,
            });
            match child {
                Some((n, child)) => stack.extend([(tree, n + 1), (child, 0)]),
                None if entries.iter().any(|entry| self.is_hot(*entry)) => {
                    self.hot.add(tree);
                }
                None => {}
            }
        }
    }

    fn is_hot(&self, entry: u32) -> bool {
        match self.trees.target(entry) {
            (Kind::Leaf(EntryKind::Gitlink), _) => false,
            (_, NONE) => true,
            (Kind::Leaf(_), blob) => self.blobs.has(blob),
            (Kind::Tree, tree) => self.hot.has(tree),
        }
    }

    /// Whether the commit with the root tree `new` has something hot where none of its parents, with the root
    /// trees `olds`, has the same; [`NONE`] is a tree that is missing.
    pub(super) fn brings(&self, new: u32, olds: &[u32]) -> bool {
        if new != NONE && (olds.contains(&new) || self.known.has(new) && !self.hot.has(new)) {
            return false;
        }
        self.differs(new, olds, 0)
    }

    fn differs(&self, new: u32, olds: &[u32], depth: usize) -> bool {
        let Some(entries) = self.trees.entries(new) else { return true };
        let mut old_entries: SmallVec<[&[u32]; 2]> = SmallVec::new();
        for old in olds {
            match self.trees.entries(*old) {
                Some(entries) => old_entries.push(entries),
                None => return true,
            }
        }
        if depth > MAX_DEPTH {
            return true;
        }
        let is_new = |entry: &u32| !old_entries.iter().any(|old| old.contains(entry));
        entries.iter().filter(|entry| self.is_hot(**entry) && is_new(entry)).any(|entry| {
            let (Kind::Tree, child) = self.trees.target(*entry) else { return true };
            let name = self.trees.name(*entry);
            let same = |old: &&[u32]| {
                old.iter().find_map(|e| match self.trees.target(*e) {
                    (Kind::Tree, child) if self.trees.name(*e) == name => Some(child),
                    _ => None,
                })
            };
            let olds: SmallVec<[u32; 2]> = old_entries.iter().filter_map(same).collect();
            self.differs(child, &olds, depth + 1)
        })
    }

    /// The hot blobs below some trees.
    pub(super) fn below(&self, roots: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut stack: Vec<u32> = roots.into_iter().collect();
        let (mut seen, mut found) = (std::collections::HashSet::new(), Vec::new());
        while let Some(tree) = stack.pop() {
            if !seen.insert(tree) {
                continue;
            }
            for entry in self.trees.entries(tree).unwrap_or_default().iter().filter(|e| self.is_hot(**e)) {
                match self.trees.target(*entry) {
                    (_, NONE) => {}
                    (Kind::Tree, child) => stack.push(child),
                    (Kind::Leaf(_), blob) => found.push(blob),
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
