//! What the path of a file says about the values in it.

use super::super::list::List;

/// Kinds of files, by what credentials are worth looking for in them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum PathClass {
    /// Code, and all else.
    #[default]
    Source,
    /// Settings: values stand without quotes, and passwords may be words.
    Config,
    /// Tests and their data: most credentials in them are made up.
    Test,
    /// Documentation and examples.
    Docs,
    /// Texts in people's languages.
    Translation,
    /// Other people's code.
    Vendored,
    /// Versions and hashes of dependencies.
    Lock,
    /// Code that a tool made of code.
    Minified,
}

#[rustfmt::skip]
static TRANSLATIONS: List = List::of(&[
    "i18n", "intl", "l10n", "lang", "langs", "language", "languages", "lc_messages", "locale", "locales",
    "localization", "translation", "translations",
]);
#[rustfmt::skip]
static VENDORED: List = List::of(&[
    "bower_components", "carthage", "godeps", "jspm_packages", "node_modules", "pods", "site-packages",
    "third-party", "third_party", "thirdparty", "vendor", "vendored",
]);
#[rustfmt::skip]
static TESTS: List = List::of(&[
    "__fixtures__", "__mocks__", "__snapshots__", "__tests__", "androidtest", "cassettes", "cypress", "dockertest",
    "e2e", "fixture", "fixtures", "golden", "integration-test", "integration-tests", "integration_tests",
    "integrationtest", "inttest", "mock", "mocks", "molecule", "smoke-test", "smoke-tests", "smoke_tests", "snapshots",
    "spec", "specs", "test", "test-data", "testdata", "testing", "tests", "testutil",
]);
#[rustfmt::skip]
static DOCS: List = List::of(&[
    "demo", "demos", "doc", "docs", "documentation", "example", "examples", "guide", "guides", "sample",
    "samples", "tutorial", "tutorials",
]);
#[rustfmt::skip]
static LOCKS: List = List::of(&[
    "cargo.lock", "composer.lock", "flake.lock", "gemfile.lock", "go.sum", "gopkg.lock", "gradle.lockfile",
    "mix.lock", "npm-shrinkwrap.json", "package-lock.json", "packages.lock.json", "pdm.lock", "pipfile.lock",
    "pnpm-lock.yaml", "podfile.lock", "poetry.lock", "pubspec.lock", "uv.lock", "yarn.lock",
]);
#[rustfmt::skip]
static CONFIGS: List = List::of(&[
    "cfg", "cnf", "conf", "config", "dockerfile", "env", "ini", "json", "plist", "properties", "tf", "tfstate",
    "tfvars", "toml", "xml", "yaml", "yml",
]);
static TEXTS: List = List::of(&["adoc", "asciidoc", "md", "mdx", "rst", "txt"]);
static LANGUAGES: List = List::of(&["arb", "mo", "po", "pot", "resx", "strings", "xlf", "xliff"]);

impl PathClass {
    /// The class of a path as Git writes it, with `/`.
    pub(crate) fn of(path: &[u8]) -> PathClass {
        let mut parts = path.rsplit(|&b| b == b'/');
        let file = parts.next().unwrap_or_default();
        let (stem, extension) = match memchr::memrchr(b'.', file) {
            Some(dot) => (file.get(..dot).unwrap_or_default(), file.get(dot + 1..).unwrap_or_default()),
            None => (file, file),
        };
        let folder = |list: &List| parts.clone().any(|part| list.has(part));
        let word = |wanted: &[u8]| has_word(stem, wanted);
        if LOCKS.has(file) {
            PathClass::Lock
        } else if folder(&VENDORED) {
            PathClass::Vendored
        } else if LANGUAGES.has(extension) || folder(&TRANSLATIONS) || is_translation(stem) {
            PathClass::Translation
        } else if ends_with_any(file, &[".min.js", ".min.css", ".bundle.js", ".map"]) {
            PathClass::Minified
        } else if folder(&TESTS) || word(b"test") || word(b"tests") || word(b"spec") || word(b"mock") {
            PathClass::Test
        } else if folder(&DOCS) || TEXTS.has(extension) || has_word(stem, b"examples") || has_word(stem, b"samples") {
            PathClass::Docs
        } else if CONFIGS.has(extension) || file.starts_with(b".env") || file.starts_with(b"Dockerfile") {
            PathClass::Config
        } else {
            PathClass::Source
        }
    }
}

/// Whether `wanted` is a word of a name: between marks, or from a hump on, as in `FooTest`.
fn has_word(name: &[u8], wanted: &[u8]) -> bool {
    name.split(|b| !b.is_ascii_alphanumeric()).any(|w| w.eq_ignore_ascii_case(wanted))
        || name.windows(wanted.len() + 1).any(|w| {
            w.first().is_some_and(u8::is_ascii_lowercase)
                && w.get(1).is_some_and(u8::is_ascii_uppercase)
                && w.get(1..).is_some_and(|w| w.eq_ignore_ascii_case(wanted))
        })
}

fn ends_with_any(file: &[u8], ends: &[&str]) -> bool {
    ends.iter().any(|end| file.ends_with(end.as_bytes()))
}

/// `messages`, `messages_de`, `strings.fr`: files of texts by their names.
fn is_translation(stem: &[u8]) -> bool {
    let mut words = stem.split(|b| matches!(b, b'_' | b'-' | b'.'));
    let first = words.next().unwrap_or_default();
    let language = |w: &[u8]| w.len() == 2 && w.iter().all(u8::is_ascii_alphabetic);
    static NAMES: List = List::of(&["i18n", "locale", "messages", "strings", "translation", "translations"]);
    NAMES.has(first) && words.next().is_none_or(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        use PathClass::{Config, Docs, Lock, Minified, Source, Test, Translation, Vendored};
        for (class, paths) in [
            (Source, "src/main.rs lib/auth.py latest.go contest.py Makefile testimony/a.c"),
            (Config, ".env .env.production config/app.yml settings.json Dockerfile Dockerfile.dev a/db.properties"),
            (
                Test,
                "tests/a.py src/a_test.go src/FooTest.java spec/x.rb test_a.py a.spec.ts testdata/key.json integration-tests/a.py src/dockerTest/a.yml",
            ),
            (Docs, "README.md docs/a.html examples/config.yml data/examples-1.json"),
            (Translation, "i18n/de.json src/locales/fr.yml messages_de.properties po/de.po res/strings.xml"),
            (Vendored, "vendor/a/b.go web/node_modules/x/y.js"),
            (Lock, "Cargo.lock a/package-lock.json go.sum"),
            (Minified, "static/app.min.js"),
        ] {
            for path in paths.split_whitespace() {
                assert_eq!(PathClass::of(path.as_bytes()), class, "{path}");
            }
        }
        assert_eq!(PathClass::of(b""), Source);
        assert_eq!(PathClass::of(b"///"), Source);
    }
}
