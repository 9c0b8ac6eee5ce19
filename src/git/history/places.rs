//! Every path that a blob has had: each directory of each version is looked at once.

use super::trees::{Kind, NONE, Trees};
use crate::change::{EntryKind, Occurrence, Origin, RepoPath};
use crate::git::collect::PathFilter;
use crate::git::tree::MAX_DEPTH;
use crate::git::{GitError, pack::Bits};
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};

/// Pairs of path and blob that are kept; far more than any repository has that is no attack.
const MAX_SPOTS: usize = 1 << 24;
/// Bytes of the names of all directories.
const MAX_DIRS: usize = 256 << 20;

/// A blob at a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    blob: u32,
    dir: u32,
    entry: u32,
}

/// The paths of all blobs that a set of trees holds.
#[derive(Default)]
pub(super) struct Places {
    /// Names of directories, with `/` at the end unless empty.
    dirs: Vec<Box<[u8]>>,
    /// In the order of the blobs.
    spots: Vec<Spot>,
}

impl Places {
    /// Walks the trees below `roots`. What is not in the store is passed over.
    ///
    /// # Errors
    /// Directories nested too deeply; more paths than can be kept.
    pub(super) fn walk(
        trees: &Trees,
        roots: impl IntoIterator<Item = u32>,
        filter: &PathFilter,
    ) -> Result<Self, GitError> {
        let mut walk = Walk {
            trees,
            filter,
            first: vec![NONE; trees.bound()],
            others: HashSet::new(),
            numbers: HashMap::new(),
            text: 0,
            stack: Vec::new(),
            places: Places::default(),
        };
        let top = walk.dir(b"")?;
        let mut done = HashSet::new();
        for root in roots {
            if done.insert(root) {
                walk.stack.push((root, top, 0));
                walk.run()?;
            }
        }
        walk.places.spots.sort_unstable();
        Ok(walk.places)
    }

    /// Every blob with its places, `origin` being that of all.
    pub(super) fn of(&self, trees: &Trees, blob: u32, origin: Origin) -> SmallVec<[Occurrence; 1]> {
        self.spots(blob).iter().filter_map(|spot| self.occurrence(trees, spot, origin)).collect()
    }

    /// Whether two blobs have had exactly the same places, as the same kind of file. Says no where that is not plain.
    pub(super) fn are_same(&self, trees: &Trees, one: u32, other: u32) -> bool {
        let (one, other) = (self.spots(one), self.spots(other));
        let same = |(a, b): (&Spot, &Spot)| {
            a.dir == b.dir
                && trees.name(a.entry) == trees.name(b.entry)
                && trees.target(a.entry).0 == trees.target(b.entry).0
        };
        !one.is_empty() && one.len() == other.len() && one.iter().zip(other).all(same)
    }

    fn spots(&self, blob: u32) -> &[Spot] {
        let from = self.spots.partition_point(|spot| spot.blob < blob);
        let rest = self.spots.get(from..).unwrap_or_default();
        let len = rest.iter().take_while(|spot| spot.blob == blob).count();
        rest.get(..len).unwrap_or_default()
    }

    /// The blobs for which `pick` says yes at one of their places.
    pub(super) fn blobs(&self, trees: &Trees, len: usize, pick: impl Fn(&Occurrence) -> bool, origin: Origin) -> Bits {
        let picked = Bits::new(len);
        for spot in &self.spots {
            if !picked.has(spot.blob) && self.occurrence(trees, spot, origin).is_some_and(|seen| pick(&seen)) {
                picked.add(spot.blob);
            }
        }
        picked
    }

    fn occurrence(&self, trees: &Trees, spot: &Spot, origin: Origin) -> Option<Occurrence> {
        let Kind::Leaf(kind) = trees.target(spot.entry).0 else { return None };
        let path = [self.dirs.get(spot.dir as usize)?, trees.name(spot.entry)].concat();
        Some(Occurrence { path: RepoPath::new(&path), origin, kind, bases: SmallVec::new() })
    }
}

struct Walk<'a> {
    trees: &'a Trees,
    filter: &'a PathFilter,
    /// By entry the directory in which it was first seen: nearly all are only ever seen in one.
    first: Vec<u32>,
    /// The rest of what was seen: entry and directory.
    others: HashSet<(u32, u32)>,
    numbers: HashMap<Box<[u8]>, u32>,
    /// Bytes of all names of directories.
    text: usize,
    /// Trees to be looked at: object, directory, depth.
    stack: Vec<(u32, u32, usize)>,
    places: Places,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<(), GitError> {
        let trees = self.trees;
        while let Some((tree, dir, depth)) = self.stack.pop() {
            for &entry in trees.entries(tree).unwrap_or_default() {
                if !self.is_new(entry, dir) {
                    continue;
                }
                match trees.target(entry) {
                    (Kind::Leaf(EntryKind::Gitlink), _) | (_, NONE) => {}
                    (Kind::Leaf(_), blob) => self.leaf(blob, dir, entry)?,
                    (Kind::Tree, child) => {
                        if depth == MAX_DEPTH {
                            return Err(GitError::corrupt("directories nested too deeply"));
                        }
                        let path = [self.path(dir), trees.name(entry), b"/"].concat();
                        let below = self.dir(&path)?;
                        self.stack.push((child, below, depth + 1));
                    }
                }
            }
        }
        Ok(())
    }

    fn leaf(&mut self, blob: u32, dir: u32, entry: u32) -> Result<(), GitError> {
        if !self.filter.prefixes.is_empty() {
            let path = [self.path(dir), self.trees.name(entry)].concat();
            if !self.filter.admits(&path) {
                return Ok(());
            }
        }
        if self.places.spots.len() == MAX_SPOTS {
            return Err(too_many());
        }
        self.places.spots.push(Spot { blob, dir, entry });
        Ok(())
    }

    fn path(&self, dir: u32) -> &[u8] {
        self.places.dirs.get(dir as usize).map_or(&[], |path| path)
    }

    /// Whether an entry is seen in a directory for the first time.
    fn is_new(&mut self, entry: u32, dir: u32) -> bool {
        match self.first.get_mut(entry as usize) {
            Some(first) if *first == dir => false,
            Some(first) if *first == NONE => {
                *first = dir;
                true
            }
            _ => self.others.insert((entry, dir)),
        }
    }

    /// The number of a directory.
    fn dir(&mut self, path: &[u8]) -> Result<u32, GitError> {
        if let Some(known) = self.numbers.get(path) {
            return Ok(*known);
        }
        self.text += path.len();
        let number = self.places.dirs.len() as u32;
        if self.text > MAX_DIRS || number as usize == MAX_SPOTS {
            return Err(too_many());
        }
        self.numbers.insert(path.into(), number);
        self.places.dirs.push(path.into());
        Ok(number)
    }
}

fn too_many() -> GitError {
    GitError::corrupt("more paths than a history can have; the trees are nested into one another")
}
