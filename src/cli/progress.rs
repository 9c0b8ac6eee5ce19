//! A line on the terminal that says how far a long scan is.

use crate::git::history::Watch;
use std::io::{IsTerminal, Write};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// A shorter scan says nothing.
const FIRST: Duration = Duration::from_millis(500);
/// How often the line is drawn anew.
const EACH: Duration = Duration::from_millis(100);
/// Back to the start of the line, which is cleared.
const CLEAR: &str = "\r\x1b[K";

/// What is watched.
#[derive(Clone, Copy)]
pub(super) struct Words {
    name: &'static str,
    /// What is counted.
    units: &'static str,
    /// What is done before anything can be counted.
    before: &'static str,
}

/// A scan of everything that any ref leads to.
pub(super) const HISTORY: Words = Words { name: "history", units: "objects", before: "opening the packs" };
/// A scan of plain files.
pub(super) const FILES: Words = Words { name: "scan", units: "files", before: "listing files" };

/// Does `work`; while it takes long, standard error, where it is a terminal, shows how far `watch` is.
pub(super) fn shown<T>(words: Words, watch: &Watch, quiet: bool, work: impl FnOnce() -> T) -> T {
    let dumb = crate::env::TERM.text().is_none_or(|term| term == "dumb");
    if quiet || dumb || !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (stop, stopped) = channel::<()>();
        scope.spawn(move || {
            let (mut wait, mut drawn) = (FIRST, false);
            // the sender is dropped when the work is done, or has panicked
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let (done, total) = (watch.done.load(Ordering::Relaxed), watch.total.load(Ordering::Relaxed));
                draw(&line(words, done, total));
                (wait, drawn) = (EACH, true);
            }
            if drawn {
                draw(CLEAR);
            }
        });
        let result = work();
        drop(stop);
        result
    })
}

fn draw(text: &str) {
    let mut out = std::io::stderr().lock();
    // a terminal that went away needs no progress
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn line(words: Words, done: u64, total: u64) -> String {
    let Words { name, units, before } = words;
    match done.saturating_mul(100).checked_div(total) {
        Some(percent) => format!("{CLEAR}{name}: {done} of {total} {units} ({}%)", percent.min(100)),
        None => format!("{CLEAR}{name}: {before}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        assert_eq!(line(HISTORY, 0, 0), format!("{CLEAR}history: opening the packs"));
        assert_eq!(line(HISTORY, 5, 20), format!("{CLEAR}history: 5 of 20 objects (25%)"));
        assert_eq!(line(FILES, 30, 20), format!("{CLEAR}scan: 30 of 20 files (100%)"));
    }

    #[test]
    fn the_work_is_done_whatever_is_shown() {
        assert_eq!(shown(FILES, &Watch::default(), false, || 7), 7);
        assert_eq!(shown(FILES, &Watch::default(), true, || 8), 8);
    }
}
