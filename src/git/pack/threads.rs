//! How work is shared out.

use std::ops::Range;

/// More threads than this only wait for the memory.
const MAX: usize = 16;

/// How many threads are worth starting.
pub(in crate::git) fn count() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX)
}

/// Calls `work` for parts of `0..len`, one a thread, none smaller than `least` where there are several; the
/// results in the order of the parts.
pub(in crate::git) fn over_ranges<T: Send>(
    len: usize,
    least: usize,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Vec<T> {
    let parts = count().min(len / least.max(1)).max(1);
    let bound = |n: usize| (len as u128 * n as u128 / parts as u128) as usize;
    each(parts, |n| work(bound(n)..bound(n + 1)))
}

/// Calls `work` on `threads` threads, numbered from 0; the results in that order. A panic goes on in the caller.
pub(in crate::git) fn each<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if threads <= 1 {
        return vec![work(0)];
    }
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|n| scope.spawn(move || work(n))).collect();
        let mut results = vec![work(0)];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}
