//! Says in one line where something is.

use super::excerpt::Excerpts;
use crate::change::{Identity, Origin};
use crate::finding::{Brought, Label, Location, Position};
use jiff::Timestamp;

/// The columns that a path may take: longer ones exist only to be a nuisance.
const PATH_COLUMNS: usize = 1000;
/// The columns of a person's name.
const NAME_COLUMNS: usize = 100;

/// `src/app.py:5:11`, `commit 178b8e1`, `<stdin>:5:11`; `None` where there is no place to name.
pub(super) fn place(text: Excerpts<'_>, at: &Location) -> Option<String> {
    let name = match (&at.path, at.origin) {
        (Some(path), _) => text.path(path.as_bytes(), PATH_COLUMNS),
        (None, Origin::Commit(oid)) => format!("commit {}", oid.short()),
        (None, Origin::Stdin) => String::from("<stdin>"),
        (None, Origin::Index | Origin::WorkTree) => return None,
    };
    Some(with_position(name, at.position.as_ref()))
}

/// `178b8e1` where a file is meant as a commit brought it; [`place`] names the commit itself.
pub(super) fn commit_of_file(at: &Location) -> Option<String> {
    match at.origin {
        Origin::Commit(oid) if at.path.is_some() => Some(oid.short()),
        Origin::Commit(_) | Origin::Index | Origin::WorkTree | Origin::Stdin => None,
    }
}

/// When an identity says that it acted, if there is such a time.
pub(super) fn date(who: &Identity) -> Option<Timestamp> {
    Timestamp::from_second(who.time).ok()
}

/// ` by A U Thor on 2025-06-15, still in a tip`: what a history tells beside the commit.
pub(super) fn brought(text: Excerpts<'_>, brought: &Brought) -> String {
    let mut words = format!(" by {}", text.line(&brought.author.name, NAME_COLUMNS));
    if let Some(date) = date(&brought.author) {
        words.push_str(&format!(" on {}", date.to_zoned(jiff::tz::TimeZone::UTC).date()));
    }
    words.push_str(match brought.in_tip {
        Some(true) => ", still in a tip",
        Some(false) => ", in no tip any more",
        None => "",
    });
    words
}

/// `.gitward.toml:8:12`
pub(super) fn label(text: Excerpts<'_>, label: &Label) -> String {
    with_position(text.line(&label.file, PATH_COLUMNS), Some(&label.position))
}

fn with_position(name: String, position: Option<&Position>) -> String {
    match position {
        Some(p) => format!("{name}:{}:{}", p.line, p.column),
        None => name,
    }
}
