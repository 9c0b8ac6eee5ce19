//! The history read in bulk: every object once in storage order, then only what holds something in the order of
//! the commits.

use super::cache::{self, Cache, Key, Record};
use super::commits::{Node, in_order};
use super::hot::Hot;
use super::places::Places;
use super::tips::Tips;
use super::trees::{NONE, Reader, Table, Trees};
use super::{Judge, add_refs, standing};
use crate::change::{Blob, ChangeSet, Changes, Commit, CommitEntry, Glance, History, Oid, Origin, Reach, Scope};
use crate::finding::Incomplete;
use crate::git::collect::{Gather, PathFilter, add_changes};
use crate::git::pack::{Bits, Store, Version, Watch};
use crate::git::{Backend, GitError, Object, ObjectKind, ObjectReader, tree};
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A commit as far as the shape of the history goes.
#[derive(Clone)]
struct Found {
    object: u32,
    /// [`NONE`] where it is missing.
    tree: u32,
    /// As `tree`.
    parents: SmallVec<[u32; 2]>,
    time: i64,
    /// Whether its message or identities hold something.
    hot: bool,
}

/// What the first pass brings: commits and trees.
struct Metadata {
    commits: HashMap<u32, Found>,
    trees: Trees,
}

/// What a look at a history is made with.
pub(super) struct Ask<'a> {
    pub(super) judge: &'a dyn Judge,
    pub(super) watch: &'a Watch,
    pub(super) cache: Option<&'a Cache>,
}

pub(super) fn collect(
    repo: &Arc<dyn Backend>,
    store: &Store,
    filter: &PathFilter,
    ask: &Ask<'_>,
) -> Result<ChangeSet, GitError> {
    let mut reader = repo.reader()?;
    let tips = Tips::of(repo.as_ref(), reader.as_mut(), |oid| store.kind(store.find(oid.as_bytes())?))?;
    let mut old = ask.cache.and_then(Cache::load).unwrap_or_default();
    let now = tips.digest(&repo.shallow());
    let (mut record, trees) = if old.tips == now && old.is_within(store) {
        (old, None)
    } else {
        let look = Look { repo, store, ask, tips: &tips };
        match look.at_all(filter, reader.as_mut(), std::mem::take(&mut old.clean))? {
            Ok((record, trees)) => (record, Some(trees)),
            Err(unfinished) => return Ok(unfinished),
        }
    };
    let mut reader = Memory { store, trees, inner: reader };
    let reader: &mut dyn ObjectReader = &mut reader;
    let hot: HashSet<Oid> = record.blobs.iter().map(|(oid, _)| *oid).collect();
    let keep = |oid: &Oid| hot.contains(oid) || store.find(oid.as_bytes()).is_none();
    let mut gather = Gather::new(Scope::History);
    let [blobs, bytes, commits] = record.counts;
    let mut history = History { blobs, bytes, commits, ..History::default() };
    let shallow = repo.shallow();
    for (oid, brings, holds) in &record.commits {
        let commit = tree::read_commit(reader, oid)?;
        history.authors.insert(*oid, commit.author.clone());
        if *brings {
            add_changes(repo, &mut gather, reader, &commit, &shallow, filter, &keep)?;
        }
        if *holds {
            gather.set.commits.push(CommitEntry { commit, is_new: true, refs: SmallVec::new() });
        }
    }
    add_refs(repo, &mut gather, reader, tips.trees.iter(), &tips.blobs, filter, &keep)?;
    let mut set = gather.set;
    let held: HashSet<Oid> = record.blobs.iter().filter(|(_, stands)| *stands).map(|(oid, _)| *oid).collect();
    history.standing = standing(&set, |oid| held.contains(oid));
    set.history = Some(history);
    set.tags = tips.tags;
    set.incomplete.extend(tips.incomplete);
    // what is missing today may be there tomorrow
    if let Some(cache) = ask.cache
        && record.tips != now
        && set.incomplete.is_empty()
        && set.blobs.iter().all(|blob| blob.oid.is_some_and(|oid| store.find(oid.as_bytes()).is_some()))
    {
        record.tips = now;
        cache.store(&record);
    }
    Ok(set)
}

/// A look at every object.
struct Look<'a> {
    repo: &'a Arc<dyn Backend>,
    store: &'a Store,
    ask: &'a Ask<'a>,
    tips: &'a Tips,
}

impl Look<'_> {
    /// What is worth a second look, what is not, and the trees; or else that it could not be finished in time.
    /// Blobs that are known to be `clean` are passed over.
    #[allow(clippy::type_complexity, reason = "taken apart at once")]
    fn at_all(
        &self,
        filter: &PathFilter,
        reader: &mut dyn ObjectReader,
        clean: HashMap<Key, u64>,
    ) -> Result<Result<(Record, Trees), ChangeSet>, GitError> {
        let Look { repo, store, ask, tips } = *self;
        let (judge, watch) = (ask.judge, ask.watch);
        let distinct = distinct(store);
        let mut metadata = metadata(repo, store, &distinct, judge, watch)?;
        if watch.is_over() {
            return Ok(Err(unfinished("the commits")));
        }
        let order = metadata.reachable(repo.as_ref(), store, tips, judge, reader)?;
        let number = |oid: &Oid| store.find(oid.as_bytes());
        let trees = &metadata.trees;
        let roots: Vec<u32> =
            order.iter().map(|c| c.tree).chain(tips.trees.iter().filter_map(number)).filter(|n| *n != NONE).collect();
        // the paths are the blobs' for good, whichever commit they are of
        let origin = Origin::Commit(Oid::zero(repo.layout().format.id_len()));
        let places = Places::walk(trees, roots.iter().copied(), filter)?;
        let wanted = places.blobs(trees, store.len(), |seen| judge.wants(seen), origin);
        let pass = Pass { store, trees, places: &places, judge, origin, remembers: ask.cache.is_some() };
        let scanned = pass.run(&wanted, watch, &clean);
        drop(clean);
        if watch.is_over() {
            return Ok(Err(unfinished("the files")));
        }
        let hot = Hot::new(trees, &scanned.hot, store.len(), roots.iter().copied());
        let mut record = Record { counts: [scanned.blobs, scanned.bytes, 0], ..Record::default() };
        for found in &order {
            let parents: SmallVec<[u32; 2]> =
                found.parents.iter().map(|p| metadata.commits.get(p).map_or(NONE, |p| p.tree)).collect();
            let brings = hot.brings(found.tree, &parents);
            record.counts[2] += u64::from(!found.hot);
            if (brings || found.hot)
                && let Some(oid) = store.id(found.object)
            {
                record.commits.push((oid, brings, found.hot));
            }
        }
        let tip_trees = tips.branches.iter().filter_map(|oid| Some(metadata.commits.get(&number(oid)?)?.tree));
        let held: HashSet<u32> = hot.below(tip_trees).into_iter().collect();
        record.blobs = scanned.hot.iter().filter_map(|n| Some((store.id(n)?, held.contains(&n)))).collect();
        record.clean = scanned.clean;
        Ok(Ok((record, metadata.trees)))
    }
}

/// Trees from memory, the rest from the store.
struct Memory<'a> {
    store: &'a Store,
    trees: Option<Trees>,
    inner: Box<dyn ObjectReader>,
}

impl ObjectReader for Memory<'_> {
    fn read(&mut self, oid: &Oid, max: u64) -> Result<Object, GitError> {
        let known = self.trees.as_ref().and_then(|trees| {
            let entries = trees.entries(self.store.find(oid.as_bytes())?)?;
            Some(entries.iter().flat_map(|entry| trees.raw(*entry)).copied().collect())
        });
        match known {
            Some(data) => Ok(Object { kind: ObjectKind::Tree, data }),
            None => self.inner.read(oid, max),
        }
    }
}

fn unfinished(what: &str) -> ChangeSet {
    let mut set = ChangeSet::empty(Scope::History);
    let help = "raise `limits.deadline` in the policy";
    set.incomplete
        .push(Incomplete::new("the history", format!("the deadline passed while {what} were read")).help(help));
    set
}

/// Each object by the one number under which it is found.
fn distinct(store: &Store) -> Bits {
    let all = Bits::new(store.len());
    for n in 0..store.len() as u32 {
        if store.is_single() || store.id(n).is_some_and(|id| store.find(id.as_bytes()) == Some(n)) {
            all.add(n);
        }
    }
    all
}

/// Reads all commits and trees, and asks about the commits.
fn metadata(
    repo: &Arc<dyn Backend>,
    store: &Store,
    distinct: &Bits,
    judge: &dyn Judge,
    watch: &Watch,
) -> Result<Metadata, GitError> {
    let wanted = Bits::new(store.len());
    for n in distinct.iter() {
        let first = store.loose().contains(&n) || matches!(store.kind(n), Some(ObjectKind::Commit | ObjectKind::Tree));
        if first {
            wanted.add(n);
        }
    }
    watch.total.fetch_add(wanted.count() as u64, Ordering::Relaxed);
    let table = Table::new(repo.layout().format);
    #[derive(Default)]
    struct Own {
        commits: Vec<Found>,
        trees: Reader,
        failed: Option<GitError>,
    }
    let (states, _) = store.sweep(&wanted, watch, Own::default, |own, n, kind, bytes| match kind {
        ObjectKind::Commit => {
            // what is no commit is read again, and complained of, if something leads to it
            if let Some(commit) = store.id(n).and_then(|oid| Commit::parse(oid, bytes.to_vec())) {
                own.commits.push(found(store, n, &commit, judge));
            }
        }
        ObjectKind::Tree => {
            // a malformed tree is as good as missing
            if let Err(error @ GitError::Unsupported(_)) = own.trees.add(&table, n, bytes, |id| store.find(id)) {
                own.failed = Some(error);
            }
        }
        ObjectKind::Blob | ObjectKind::Tag => {}
    });
    let (mut commits, mut readers) = (HashMap::new(), Vec::new());
    for own in states {
        if let Some(error) = own.failed {
            return Err(error);
        }
        commits.extend(own.commits.into_iter().map(|found| (found.object, found)));
        readers.push(own.trees);
    }
    Ok(Metadata { commits, trees: table.finish(readers, store.len()) })
}

fn found(store: &Store, object: u32, commit: &Commit, judge: &dyn Judge) -> Found {
    let number = |oid: &Oid| store.find(oid.as_bytes()).unwrap_or(NONE);
    Found {
        object,
        tree: number(&commit.tree),
        parents: commit.parents.iter().map(number).collect(),
        time: commit.committer.time,
        hot: judge.commit(commit),
    }
}

impl Metadata {
    /// The commits that the tips lead to, in the order of all readers. A commit that the pass could not make is
    /// read by itself.
    fn reachable(
        &mut self,
        repo: &dyn Backend,
        store: &Store,
        tips: &Tips,
        judge: &dyn Judge,
        reader: &mut dyn ObjectReader,
    ) -> Result<Vec<Found>, GitError> {
        let shallow: HashSet<u32> = repo.shallow().iter().filter_map(|oid| store.find(oid.as_bytes())).collect();
        let mut stack = Vec::new();
        for oid in &tips.commits {
            stack.push(store.find(oid.as_bytes()).ok_or(GitError::Missing { oid: *oid })?);
        }
        let (mut seen, mut nodes) = (HashSet::new(), Vec::new());
        while let Some(object) = stack.pop() {
            if !seen.insert(object) {
                continue;
            }
            let oid = store.id(object).ok_or_else(|| GitError::corrupt("an object without an id"))?;
            let commit = match self.commits.entry(object) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(found(store, object, &tree::read_commit(reader, &oid)?, judge))
                }
            };
            if shallow.contains(&object) {
                commit.parents.clear();
            }
            if commit.parents.contains(&NONE) {
                let parents = tree::read_commit(reader, &oid)?.parents;
                let gone = parents.into_iter().find(|p| store.find(p.as_bytes()).is_none());
                return Err(gone
                    .map_or_else(|| GitError::corrupt("a commit without a parent"), |oid| GitError::Missing { oid }));
            }
            stack.extend(&commit.parents);
            nodes.push(Node { key: object, oid, parents: commit.parents.clone(), time: commit.time });
        }
        let order = in_order(&nodes).into_iter().filter_map(|n| self.commits.get(&nodes.get(n)?.key).cloned());
        Ok(order.collect())
    }
}

/// What the pass over the blobs brings.
struct Scanned {
    /// Blobs that hold something, and those that could not be made.
    hot: Bits,
    /// The others, and their bytes.
    blobs: u64,
    bytes: u64,
    /// The same by what they are remembered by.
    clean: HashMap<Key, u64>,
}

/// Blobs that say all about a version of theirs but what that changes, and how far around.
struct Settled(Vec<AtomicU32>);

impl Settled {
    fn new(len: usize) -> Self {
        Settled((0..len).map(|_| AtomicU32::new(0)).collect())
    }

    /// The reach of both kinds in a half each; 0 stands for none.
    fn add(&self, n: u32, reach: Reach) {
        let both = u32::from(reach.plain.max(1)) << 16 | u32::from(reach.encoded);
        self.0.get(n as usize).into_iter().for_each(|known| known.store(both, Ordering::Relaxed));
    }

    fn of(&self, n: u32) -> Option<Reach> {
        let both = self.0.get(n as usize)?.load(Ordering::Relaxed);
        (both != 0).then_some(Reach { plain: (both >> 16) as u16, encoded: both as u16 })
    }
}

/// The pass over the blobs.
struct Pass<'a> {
    store: &'a Store,
    trees: &'a Trees,
    places: &'a Places,
    judge: &'a dyn Judge,
    origin: Origin,
    remembers: bool,
}

impl Pass<'_> {
    /// Looks at the wanted blobs but those that are known to be clean.
    fn run(&self, wanted: &Bits, watch: &Watch, known: &HashMap<Key, u64>) -> Scanned {
        let (store, hot) = (self.store, Bits::new(self.store.len()));
        let mut scanned = Scanned { hot: Bits::default(), blobs: 0, bytes: 0, clean: HashMap::new() };
        let rest = Bits::new(store.len());
        for n in wanted.iter() {
            let key = (!known.is_empty()).then(|| self.key(n)).flatten();
            match key.and_then(|key| Some((key, known.get(&key)?))) {
                Some((key, bytes)) => {
                    scanned.clean.insert(key, *bytes);
                }
                None => {
                    rest.add(n);
                }
            }
        }
        watch.total.fetch_add(rest.count() as u64, Ordering::Relaxed);
        let settled = Settled::new(store.len());
        let look = |n: u32, kind: ObjectKind, bytes: &[u8], changes: Option<Changes<'_>>| {
            if kind != ObjectKind::Blob || bytes.len() as u64 > self.judge.max_blob() {
                return false;
            }
            let seen = self.places.of(self.trees, n, self.origin);
            match self.judge.blob(&Blob { oid: store.id(n), bytes, seen: &seen }, changes) {
                Glance::Something => false,
                Glance::Nothing { settled: reach } => {
                    reach.into_iter().for_each(|reach| settled.add(n, reach));
                    true
                }
            }
        };
        let glance = |clean: &mut Vec<(u32, u64)>, version: &Version<'_>| {
            let Version { n, base, kind, bytes, changes: ranges } = *version;
            let known = settled.of(base).filter(|_| self.places.are_same(self.trees, n, base));
            let is_clean = known.is_some_and(|reach| look(n, kind, bytes, Some(Changes { ranges, reach })));
            if is_clean {
                clean.push((n, bytes.len() as u64));
            }
            is_clean
        };
        let (states, visited) = store.sweep_versions(&rest, watch, Vec::new, Some(glance), |clean, n, kind, bytes| {
            if look(n, kind, bytes, None) {
                clean.push((n, bytes.len() as u64));
            } else {
                hot.add(n);
            }
        });
        // what was not visited is read in the ordinary way, which says why it cannot be
        rest.iter().filter(|n| !visited.has(*n)).for_each(|n| {
            hot.add(n);
        });
        scanned.blobs = scanned.clean.len() as u64;
        scanned.bytes = scanned.clean.values().sum();
        for (n, bytes) in states.into_iter().flatten() {
            scanned.blobs += 1;
            scanned.bytes += bytes;
            if self.remembers {
                scanned.clean.extend(self.key(n).map(|key| (key, bytes)));
            }
        }
        Scanned { hot, ..scanned }
    }

    fn key(&self, blob: u32) -> Option<Key> {
        Some(cache::key(&self.store.id(blob)?, &self.places.of(self.trees, blob, self.origin)))
    }
}
