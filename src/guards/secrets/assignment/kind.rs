//! What a path says about values without quotes.

use super::super::list::List;

/// How values stand in a kind of file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) enum Kind {
    /// A word without quotes is a name of something else.
    #[default]
    Code,
    /// XML and the like: as in code; names of attributes have values.
    Markup,
    /// Prose and whatever has no telling name: a value is a word.
    Prose,
    /// Commands: a value is a word.
    Shell,
    /// `ENV name=value` and `ENV name value`; commands.
    Dockerfile,
    /// `name = value` up to the end of the line.
    Properties,
    /// `name: value` up to the end of the line.
    Yaml,
}

/// Endings that say what is done with a file, not what it is.
static WRAPPERS: List = List::of(&[
    "bak",
    "default",
    "dev",
    "development",
    "dist",
    "erb",
    "example",
    "in",
    "j2",
    "jinja",
    "jinja2",
    "local",
    "old",
    "orig",
    "prod",
    "production",
    "sample",
    "staging",
    "template",
    "test",
    "tmpl",
    "tpl",
]);
static YAML: List = List::of(&["eyaml", "yaml", "yml"]);
static PROPERTIES: List = List::of(&[
    "boto",
    "cfg",
    "cnf",
    "conf",
    "config",
    "credentials",
    "desktop",
    "dockercfg",
    "editorconfig",
    "env",
    "envrc",
    "gitconfig",
    "inf",
    "ini",
    "netrc",
    "npmrc",
    "pgpass",
    "prefs",
    "properties",
    "props",
    "pypirc",
    "rc",
    "reg",
    "s3cfg",
    "secret",
    "secrets",
    "service",
    "tfvars",
    "toml",
    "vars",
    "yarnrc",
]);
static SHELL: List = List::of(&[
    "bash",
    "bash_history",
    "bash_profile",
    "bashrc",
    "bat",
    "cmd",
    "command",
    "csh",
    "fish",
    "gnumakefile",
    "justfile",
    "ksh",
    "mak",
    "makefile",
    "mk",
    "procfile",
    "profile",
    "sh",
    "zsh",
    "zsh_history",
    "zshrc",
]);
static PROSE: List = List::of(&[
    "adoc", "asciidoc", "eml", "http", "log", "markdown", "md", "mdx", "org", "out", "rest", "rst", "text", "textile",
    "txt", "wiki",
]);
static MARKUP: List = List::of(&[
    "csproj", "htm", "html", "jmx", "jsp", "plist", "pom", "pubxml", "resx", "settings", "svg", "wsdl", "xaml",
    "xhtml", "xml", "xsd",
]);

impl Kind {
    /// The kind of the file at `path`.
    pub(crate) fn of(path: &[u8]) -> Self {
        let name = path.rsplit(|&b| b == b'/' || b == b'\\').next().unwrap_or(path);
        let starts = |word: &[u8]| name.get(..word.len()).is_some_and(|n| n.eq_ignore_ascii_case(word));
        if starts(b"dockerfile") || starts(b"containerfile") || name.to_ascii_lowercase().ends_with(b".dockerfile") {
            return Kind::Dockerfile;
        }
        if starts(b".env") {
            return Kind::Properties;
        }
        if starts(b"web.config") || starts(b"app.config") || starts(b"nuget.config") {
            return Kind::Markup;
        }
        let mut parts = name.rsplit(|&b| b == b'.').peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            for (list, kind) in [
                (&YAML, Kind::Yaml),
                (&PROPERTIES, Kind::Properties),
                (&SHELL, Kind::Shell),
                (&PROSE, Kind::Prose),
                (&MARKUP, Kind::Markup),
            ] {
                if list.has(part) {
                    return kind;
                }
            }
            if last {
                // a name without an ending: README, LICENSE, hosts
                return Kind::Prose;
            }
            if !WRAPPERS.has(part) {
                return Kind::Code;
            }
        }
        Kind::Code
    }

    /// The kind of a text that stands at all of `paths`: the one that reads most. No path (a message, or an
    /// unknown one): prose.
    pub(crate) fn of_all(paths: &[&[u8]]) -> Self {
        paths.iter().map(|path| Kind::of(path)).max().unwrap_or(Kind::Prose)
    }
}
