//! Work over many items on as many threads as it is worth.

use super::{Part, Pass};
use crate::finding::Incomplete;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// More threads than this only wait for the object store.
const MAX_THREADS: usize = 16;

impl Pass<'_> {
    /// Calls `work` for every item below `count`, each once. One thread does it below `worth` items; `state`
    /// makes what each thread, numbered from 0, has for itself. At the deadline the rest is left and that is noted.
    pub(super) fn fan_out<S>(
        &self,
        count: usize,
        worth: usize,
        what: &str,
        state: impl Fn(usize) -> S + Sync,
        work: impl Fn(&mut S, usize, &mut Part) + Sync,
    ) -> Part {
        let next = AtomicUsize::new(0);
        let one = |thread: usize| {
            let (mut part, mut own) = (Part::default(), state(thread));
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return part;
                }
                if self.deadline.is_some_and(|d| Instant::now() >= d) {
                    let why = format!("the deadline passed after {n} of {count}");
                    let help = "raise `limits.deadline` in the policy, or push less at a time";
                    part.incomplete.push(Incomplete::new(format!("the {what} of this change"), why).help(help));
                    next.store(count, Ordering::Relaxed);
                    return part;
                }
                work(&mut own, n, &mut part);
            }
        };
        if count < worth {
            return one(0);
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || one(thread))).collect();
            let mut total = one(0);
            for other in others {
                match other.join() {
                    Ok(part) => total.join(part),
                    Err(_) => {
                        total.incomplete.push(Incomplete::new(format!("the {what} of this change"), "a thread failed"))
                    }
                }
            }
            total
        })
    }
}
