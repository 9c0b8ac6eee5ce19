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

/// Does `work`; while it takes long, standard error, where it is a terminal, shows how far `watch` is.
pub(super) fn shown<T>(watch: &Watch, quiet: bool, work: impl FnOnce() -> T) -> T {
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
                draw(&line(done, total));
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

fn line(done: u64, total: u64) -> String {
    match (done * 100).checked_div(total) {
        Some(percent) => format!("{CLEAR}history: {done} of {total} objects ({}%)", percent.min(100)),
        None => format!("{CLEAR}history: opening the packs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        assert_eq!(line(0, 0), format!("{CLEAR}history: opening the packs"));
        assert_eq!(line(5, 20), format!("{CLEAR}history: 5 of 20 objects (25%)"));
        assert_eq!(line(30, 20), format!("{CLEAR}history: 30 of 20 objects (100%)"));
    }

    #[test]
    fn the_work_is_done_whatever_is_shown() {
        assert_eq!(shown(&Watch::default(), false, || 7), 7);
        assert_eq!(shown(&Watch::default(), true, || 8), 8);
    }
}
