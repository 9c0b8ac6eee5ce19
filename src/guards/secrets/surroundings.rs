//! Where a text stands, as far as it tells how to read it.

use super::assignment::Kind;
use super::gitleaks::Place;
use super::value::PathClass;
use smallvec::SmallVec;
use std::cell::OnceCell;

/// How unquoted values are read in a text that stands at all of these; `None`: it is not known where, and whatever can
/// be read is.
pub(crate) fn kind(paths: Option<&[&[u8]]>) -> Kind {
    paths.map_or(Kind::Yaml, Kind::of_all)
}

/// How much a value next to a telling name means in a text that stands at all of these.
pub(crate) fn class(paths: Option<&[&[u8]]>) -> PathClass {
    let classes = paths.unwrap_or_default().iter().map(|path| PathClass::of(path));
    // the same bytes at several paths: the one at which a credential is least expected to be made up
    let class = classes.min_by_key(|class| match class {
        PathClass::Source | PathClass::Config => 0,
        PathClass::Test | PathClass::Docs | PathClass::Minified => 1,
        PathClass::Translation | PathClass::Vendored | PathClass::Lock => 2,
    });
    class.unwrap_or_default()
}

/// The places of a text with what they say, which is found out once and asked at every layer of the text.
pub(crate) struct Site<'a> {
    /// All places; `None`: it is not known where, and rules that ask for a path take part all the same.
    pub(crate) places: Option<&'a [Place<'a>]>,
    /// The paths of the places that have one.
    pub(crate) paths: Option<SmallVec<[&'a [u8]; 4]>>,
    /// The [`kind`] of the text.
    pub(crate) kind: Kind,
    /// Its [`class`], once something was found that asks for it.
    class: OnceCell<PathClass>,
    /// Whether someone asks how far around a literal something had a say; finding that out takes second looks.
    pub(crate) asks_reach: bool,
}

impl<'a> Site<'a> {
    /// That of a text which stands at all of `places`.
    pub(crate) fn of(places: Option<&'a [Place<'a>]>) -> Self {
        let paths = places.map(Place::paths);
        let kind = kind(paths.as_deref());
        Site { places, paths, kind, class: OnceCell::new(), asks_reach: false }
    }

    /// The [`class`] of the text.
    pub(crate) fn class(&self) -> PathClass {
        *self.class.get_or_init(|| class(self.paths.as_deref()))
    }

    /// The same, for someone who asks for the reach.
    pub(crate) fn asking_reach(self) -> Self {
        Site { asks_reach: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_paths_the_one_that_asks_for_most_counts() {
        let class = |paths: &[&[u8]]| class(Some(paths));
        assert_eq!(class(&[b"vendor/a.py", b"tests/a.py"]), PathClass::Test);
        assert_eq!(class(&[b"vendor/a.py", b"tests/a.py", b"src/a.py"]), PathClass::Source);
        assert_eq!(class(&[b"vendor/a.py"]), PathClass::Vendored);
        assert_eq!(class(&[]), PathClass::Source);
    }
}
