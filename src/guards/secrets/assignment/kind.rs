//! What a path says about values without quotes.

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
const WRAPPERS: &[&[u8]] = &[
    b"example",
    b"sample",
    b"dist",
    b"template",
    b"tmpl",
    b"tpl",
    b"j2",
    b"jinja",
    b"jinja2",
    b"erb",
    b"bak",
    b"old",
    b"orig",
    b"local",
    b"dev",
    b"development",
    b"prod",
    b"production",
    b"staging",
    b"test",
    b"default",
    b"in",
];
const YAML: &[&[u8]] = &[b"yaml", b"yml", b"eyaml"];
const PROPERTIES: &[&[u8]] = &[
    b"env",
    b"envrc",
    b"properties",
    b"props",
    b"ini",
    b"inf",
    b"toml",
    b"conf",
    b"cfg",
    b"cnf",
    b"config",
    b"npmrc",
    b"yarnrc",
    b"pypirc",
    b"netrc",
    b"pgpass",
    b"gitconfig",
    b"editorconfig",
    b"credentials",
    b"tfvars",
    b"service",
    b"desktop",
    b"rc",
    b"reg",
    b"prefs",
    b"secret",
    b"secrets",
    b"vars",
    b"s3cfg",
    b"boto",
    b"dockercfg",
];
const SHELL: &[&[u8]] = &[
    b"sh",
    b"bash",
    b"zsh",
    b"ksh",
    b"csh",
    b"fish",
    b"bashrc",
    b"zshrc",
    b"profile",
    b"bash_profile",
    b"bash_history",
    b"zsh_history",
    b"bat",
    b"cmd",
    b"mk",
    b"mak",
    b"makefile",
    b"gnumakefile",
    b"justfile",
    b"procfile",
    b"command",
];
const PROSE: &[&[u8]] = &[
    b"md",
    b"markdown",
    b"mdx",
    b"txt",
    b"text",
    b"rst",
    b"adoc",
    b"asciidoc",
    b"org",
    b"log",
    b"out",
    b"http",
    b"rest",
    b"eml",
    b"textile",
    b"wiki",
];
const MARKUP: &[&[u8]] = &[
    b"xml",
    b"html",
    b"htm",
    b"xhtml",
    b"plist",
    b"csproj",
    b"xaml",
    b"jmx",
    b"pom",
    b"svg",
    b"wsdl",
    b"xsd",
    b"jsp",
    b"settings",
    b"pubxml",
    b"resx",
];

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
        let is = |list: &[&[u8]], part: &[u8]| list.iter().any(|word| part.eq_ignore_ascii_case(word));
        let mut parts = name.rsplit(|&b| b == b'.').peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            for (list, kind) in [
                (YAML, Kind::Yaml),
                (PROPERTIES, Kind::Properties),
                (SHELL, Kind::Shell),
                (PROSE, Kind::Prose),
                (MARKUP, Kind::Markup),
            ] {
                if is(list, part) {
                    return kind;
                }
            }
            if last {
                // a name without an ending: README, LICENSE, hosts
                return Kind::Prose;
            }
            if !is(WRAPPERS, part) {
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
