//! The pass over a store: every wanted object once, bases before their deltas.

use super::delta::{self, Changes};
use super::file::Window;
use super::forest::Pack;
use super::inflate::Inflater;
use super::{Bits, Store, threads};
use crate::git::ObjectKind;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The largest object that is made here, in bytes; one by one, larger ones cost no more than the time.
const MAX_OBJECT: usize = 32 << 20;
/// Bytes that all threads together hold of objects.
const BUDGET: usize = 80 << 20;
/// Buffers that a thread keeps for the next objects, and their largest capacity.
const SPARE: (usize, usize) = (8, 1 << 20);
/// Trees of deltas that a thread takes at a time.
const BATCH: usize = 8;
/// Objects below which a second thread costs more than it brings.
const WORTH: usize = 256;

/// How far a pass is, and when it has to end.
#[derive(Default, Debug)]
pub struct Watch {
    /// When to stop; the rest counts as not visited.
    pub deadline: Option<Instant>,
    /// Objects that have been visited.
    pub done: AtomicU64,
    /// Objects that are known to be visited in the end.
    pub total: AtomicU64,
}

impl Watch {
    /// Whether the time is over.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|d| Instant::now() >= d)
    }
}

/// A tree of deltas, or a loose object.
#[derive(Clone, Copy)]
enum Task {
    /// Number of the pack, entry that is no delta.
    Root(u32, u32),
    Loose(u32),
}

impl Store {
    /// Calls `visit` for the objects of a set, each once, from several threads: `state` makes what each has for
    /// itself, which is returned. Also returns which objects were visited; the rest could not be made here.
    pub(in crate::git) fn sweep<S: Send>(
        &self,
        wanted: &Bits,
        watch: &Watch,
        state: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, u32, ObjectKind, &[u8]) + Sync,
    ) -> (Vec<S>, Bits) {
        let never = None::<fn(&mut S, &Version<'_>) -> bool>;
        self.sweep_versions(wanted, watch, state, never, visit)
    }

    /// As [`Store::sweep`]. Of what is made by a delta, `glance` is asked first whether the changes alone tell
    /// enough; `visit` is not called where they do. The thread that makes an object asks, at once.
    pub(in crate::git) fn sweep_versions<S: Send>(
        &self,
        wanted: &Bits,
        watch: &Watch,
        state: impl Fn() -> S + Sync,
        glance: Option<impl Fn(&mut S, &Version<'_>) -> bool + Sync>,
        visit: impl Fn(&mut S, u32, ObjectKind, &[u8]) + Sync,
    ) -> (Vec<S>, Bits) {
        let mut tasks = Vec::new();
        let mut needed = Vec::with_capacity(self.packs.len());
        for (at, (pack, first)) in self.packs.iter().zip(&self.firsts).enumerate() {
            let set = pack.with_bases(wanted, *first);
            let is_root = |n: &u32| pack.entries.get(*n as usize).is_some_and(|e| e.base == super::forest::NONE);
            tasks.extend(set.iter().filter(is_root).map(|n| Task::Root(at as u32, n)));
            needed.push(set);
        }
        tasks.extend(self.loose().filter(|n| wanted.has(*n)).map(Task::Loose));
        let (next, held, visited) = (AtomicUsize::new(0), AtomicUsize::new(0), Bits::new(self.len()));
        let count = if wanted.count() < WORTH { 1 } else { threads::count() };
        let handed = Handed::new(count);
        let shared =
            Shared { store: self, wanted, needed: &needed, watch, held: &held, visited: &visited, handed: &handed };
        let states = threads::each(count, |_| {
            let making = Making(&handed);
            let mut worker = Worker::new(shared, Own { state: state(), glance: glance.as_ref(), visit: &visit });
            loop {
                let from = next.fetch_add(BATCH, Ordering::Relaxed);
                let Some(batch) = tasks.get(from..tasks.len().min(from.saturating_add(BATCH))) else { break };
                if batch.is_empty() || watch.is_over() {
                    break;
                }
                batch.iter().for_each(|task| worker.run(*task));
            }
            drop(making);
            while let Some((n, kind, bytes)) = handed.next() {
                worker.own.visit(n, kind, &bytes);
                worker.let_go(bytes);
            }
            worker.own.state
        });
        (states, visited)
    }
}

/// An object that was made by a delta.
pub(in crate::git) struct Version<'a> {
    /// Its number.
    pub(in crate::git) n: u32,
    /// The number of what the delta is against, in the same pack.
    pub(in crate::git) base: u32,
    /// What of both.
    pub(in crate::git) kind: ObjectKind,
    /// Its content.
    pub(in crate::git) bytes: &'a [u8],
    /// What in it is not as in the base: ascending ranges; an empty one is a seam.
    pub(in crate::git) changes: &'a [Range<usize>],
}

/// What a thread does with objects, and what it has for itself.
struct Own<'a, S, G, V> {
    state: S,
    glance: Option<&'a G>,
    visit: &'a V,
}

/// Someone who looks at objects.
trait Look {
    /// Whether changes are asked about.
    fn glances(&self) -> bool;
    /// Whether the changes tell enough.
    fn glance(&mut self, version: &Version<'_>) -> bool;
    fn visit(&mut self, n: u32, kind: ObjectKind, bytes: &[u8]);
}

impl<S, G: Fn(&mut S, &Version<'_>) -> bool, V: Fn(&mut S, u32, ObjectKind, &[u8])> Look for Own<'_, S, G, V> {
    fn glances(&self) -> bool {
        self.glance.is_some()
    }

    fn glance(&mut self, version: &Version<'_>) -> bool {
        self.glance.is_some_and(|glance| glance(&mut self.state, version))
    }

    fn visit(&mut self, n: u32, kind: ObjectKind, bytes: &[u8]) {
        (self.visit)(&mut self.state, n, kind, bytes);
    }
}

#[derive(Clone, Copy)]
struct Shared<'a> {
    store: &'a Store,
    wanted: &'a Bits,
    /// For each pack what is wanted of it and what that is made of.
    needed: &'a [Bits],
    watch: &'a Watch,
    /// Bytes that all threads hold.
    held: &'a AtomicUsize,
    visited: &'a Bits,
    handed: &'a Handed,
}

/// Objects that one thread has made and another is to visit. Half of a history can be one file, whose versions
/// form one tree of deltas: one thread makes them, and whoever has nothing else to do helps to look at them.
struct Handed {
    queue: Mutex<Queue>,
    changed: Condvar,
    /// Threads that wait for objects.
    idle: AtomicUsize,
    /// Objects that may lie in the queue.
    room: usize,
}

struct Queue {
    objects: VecDeque<(u32, ObjectKind, Vec<u8>)>,
    /// Threads that may still add some.
    makers: usize,
}

impl Handed {
    fn new(threads: usize) -> Self {
        let queue = Queue { objects: VecDeque::new(), makers: threads };
        Handed { queue: Mutex::new(queue), changed: Condvar::new(), idle: AtomicUsize::new(0), room: 2 * threads }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether someone waits for objects and the queue has room for one.
    fn is_hungry(&self) -> bool {
        self.idle.load(Ordering::Relaxed) > 0 && self.lock().objects.len() < self.room
    }

    fn add(&self, n: u32, kind: ObjectKind, bytes: Vec<u8>) {
        self.lock().objects.push_back((n, kind, bytes));
        self.changed.notify_one();
    }

    /// The next object; waits for it. `None`: none will come any more.
    fn next(&self) -> Option<(u32, ObjectKind, Vec<u8>)> {
        self.idle.fetch_add(1, Ordering::Relaxed);
        let mut queue = self.lock();
        while queue.objects.is_empty() && queue.makers > 0 {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        self.idle.fetch_sub(1, Ordering::Relaxed);
        queue.objects.pop_front()
    }
}

/// A thread that makes objects. Dropped even when it panics: nobody waits for what will not come.
struct Making<'a>(&'a Handed);

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.0.lock().makers -= 1;
        self.0.changed.notify_all();
    }
}

/// An object that waits for the rest of its deltas to be made.
struct Base {
    entry: u32,
    bytes: Vec<u8>,
    /// How many of its children have been looked at.
    next: usize,
}

struct Worker<'a, L> {
    shared: Shared<'a>,
    own: L,
    /// Of the object that was made last, where they are asked about.
    changes: Option<Changes>,
    window: Window,
    inflater: Inflater,
    delta: Vec<u8>,
    spare: Vec<Vec<u8>>,
    stack: Vec<Base>,
}

impl<'a, L: Look> Worker<'a, L> {
    fn new(shared: Shared<'a>, own: L) -> Self {
        Worker {
            shared,
            changes: own.glances().then(Changes::default),
            own,
            window: Window::default(),
            inflater: Inflater::new(),
            delta: Vec::new(),
            spare: Vec::new(),
            stack: Vec::new(),
        }
    }

    fn run(&mut self, task: Task) {
        match task {
            Task::Root(pack, entry) => self.tree(pack as usize, entry),
            Task::Loose(n) => self.loose(n),
        }
    }

    fn loose(&mut self, n: u32) {
        let store = self.shared.store;
        let mut bytes = self.spare.pop().unwrap_or_default();
        let number = n - store.first_loose;
        // the compressed file takes the place that a delta has elsewhere
        let kind = store.loose.read(number, MAX_OBJECT, &mut self.inflater, &mut self.delta, &mut bytes);
        if let Some(kind) = kind {
            self.seen(n, None, kind, &bytes);
        }
        self.recycle(bytes);
    }

    /// Makes a whole object and everything below it that is needed. Depth first: a base is kept only until its
    /// last delta has been made.
    fn tree(&mut self, number: usize, root: u32) {
        let (store, needed) = (self.shared.store, self.shared.needed);
        let (Some(pack), Some(first), Some(needed)) =
            (store.packs.get(number), store.firsts.get(number), needed.get(number))
        else {
            return;
        };
        let Some(kind) = pack.entries.get(root as usize).and_then(|e| e.kind) else { return };
        let Some(bytes) = self.whole(pack, number, root) else { return };
        self.made(pack, *first, root, None, kind, bytes);
        while let Some(mut base) = self.stack.pop() {
            let children = pack.children(base.entry);
            let is_needed = |n: usize| children.get(n).is_some_and(|child| needed.has(*child));
            while base.next < children.len() && !is_needed(base.next) {
                base.next += 1;
            }
            let Some(&child) = children.get(base.next) else {
                self.let_go(base.bytes);
                continue;
            };
            base.next += 1;
            let parent = base.entry;
            let made = self.undelta(pack, number, child, &base.bytes);
            // the last delta takes the base's place
            if (base.next..children.len()).any(is_needed) {
                self.stack.push(base);
            } else {
                self.let_go(base.bytes);
            }
            if let Some(bytes) = made {
                self.made(pack, *first, child, Some(first + parent), kind, bytes);
            }
        }
    }

    fn made(&mut self, pack: &Pack, first: u32, entry: u32, base: Option<u32>, kind: ObjectKind, bytes: Vec<u8>) {
        self.seen(first + entry, base, kind, &bytes);
        if pack.children(entry).is_empty() {
            self.let_go(bytes);
        } else {
            self.stack.push(Base { entry, bytes, next: 0 });
        }
    }

    fn seen(&mut self, n: u32, base: Option<u32>, kind: ObjectKind, bytes: &[u8]) {
        if self.shared.wanted.has(n) && self.shared.visited.add(n) {
            self.shared.watch.done.fetch_add(1, Ordering::Relaxed);
            if let (Some(base), Some(changes)) = (base, &self.changes)
                && self.own.glance(&Version { n, base, kind, bytes, changes: changes.ranges() })
            {
                return;
            }
            let copy = if self.shared.handed.is_hungry() { self.take(bytes.len()) } else { None };
            match copy {
                Some(mut copy) => {
                    copy.clear();
                    copy.extend_from_slice(bytes);
                    self.shared.handed.add(n, kind, copy);
                }
                None => self.own.visit(n, kind, bytes),
            }
        }
    }

    fn whole(&mut self, pack: &Pack, number: usize, entry: u32) -> Option<Vec<u8>> {
        let size = pack.entries.get(entry as usize)?.size as usize;
        let mut bytes = self.take(size)?;
        if self.inflate(pack, number, entry, size, &mut bytes).is_none() {
            self.give_back(size, bytes);
            return None;
        }
        Some(bytes)
    }

    fn undelta(&mut self, pack: &Pack, number: usize, entry: u32, base: &[u8]) -> Option<Vec<u8>> {
        let size = pack.entries.get(entry as usize)?.size as usize;
        if size > MAX_OBJECT {
            return None;
        }
        let mut delta = std::mem::take(&mut self.delta);
        let inflated = self.inflate(pack, number, entry, size, &mut delta);
        let made = inflated.and_then(|()| {
            let len = delta::result_len(&delta)?;
            let mut bytes = self.take(len)?;
            match delta::apply(base, &delta, &mut bytes, self.changes.as_mut()) {
                Ok(()) => Some(bytes),
                Err(delta::BadDelta) => {
                    self.give_back(len, bytes);
                    None
                }
            }
        });
        if delta.capacity() <= SPARE.1 {
            self.delta = delta;
        }
        made
    }

    fn inflate(&mut self, pack: &Pack, number: usize, entry: u32, size: usize, out: &mut Vec<u8>) -> Option<()> {
        let at = pack.entries.get(entry as usize)?;
        let start = at.offset + u64::from(at.header);
        let len = usize::try_from(pack.end_of(entry).checked_sub(start)?).ok()?;
        // beyond this the stream is followed by something else, or blown up
        let len = len.min(size.saturating_add(size / 1000).saturating_add(1 << 10));
        let src = self.window.get(&pack.file, number, start, len).ok()?;
        self.inflater.exact(src, size, out).ok()
    }

    /// A buffer for an object of that size, if all threads together have room for it.
    fn take(&mut self, size: usize) -> Option<Vec<u8>> {
        if size > MAX_OBJECT {
            return None;
        }
        if self.shared.held.fetch_add(size, Ordering::Relaxed) + size > BUDGET {
            self.shared.held.fetch_sub(size, Ordering::Relaxed);
            return None;
        }
        Some(self.spare.pop().unwrap_or_default())
    }

    fn let_go(&mut self, bytes: Vec<u8>) {
        self.give_back(bytes.len(), bytes);
    }

    fn give_back(&mut self, size: usize, bytes: Vec<u8>) {
        self.shared.held.fetch_sub(size, Ordering::Relaxed);
        self.recycle(bytes);
    }

    fn recycle(&mut self, bytes: Vec<u8>) {
        if self.spare.len() < SPARE.0 && bytes.capacity() <= SPARE.1 {
            self.spare.push(bytes);
        }
    }
}
