//! Where a hook comes from, in a form in which a configuration and a policy can be compared.
//!
//! `https://user@Git.Example:8443/team/hooks.git`, `git@git.example:team/hooks` and the policy's
//! `git.example/team/hooks` are one place. What is not surely the same place is a different one: nothing
//! is decoded, no `..` is resolved, and a text without scheme is a host in a policy but, as Git has it, a
//! path of the repository's own choosing in a configuration.

/// A place that hooks come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Source<'a> {
    /// `local`, `meta`, `builtin`: no other repository.
    Word(&'a str),
    /// A repository on a host.
    Host {
        /// Lower case, without user and port.
        host: String,
        /// Without leading and trailing `/`, without `.git`.
        path: &'a str,
    },
    /// A path on disk, or a form that is not understood; equal to the very same text alone.
    Other(&'a str),
}

/// Words that hook managers take in place of a URL.
const WORDS: [&str; 3] = ["local", "meta", "builtin"];
/// Schemes whose URLs name a repository on a host. Others may run a remote helper of any kind.
const SCHEMES: [&str; 6] = ["https", "http", "ssh", "git", "git+ssh", "ssh+git"];

impl<'a> Source<'a> {
    /// Reads `repo` of a hook configuration.
    pub(super) fn configured(text: &'a str) -> Self {
        let text = text.trim();
        if WORDS.contains(&text) {
            return Source::Word(text);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            return from_url(scheme, rest).unwrap_or(Source::Other(text));
        }
        // `user@host:path`; a `/` before the colon makes it a path, `::` names a remote helper
        match text.split_once(':') {
            Some((host, path)) if !host.contains('/') && !path.starts_with(':') && host.len() > 1 => {
                from_host(host, path).unwrap_or(Source::Other(text))
            }
            _ => Source::Other(trim_repository(text)),
        }
    }

    /// Reads an entry of `source` in a policy: what a configuration can say, and `host/path`.
    pub(super) fn allowed(text: &'a str) -> Self {
        let text = text.trim();
        let first = text.split('/').next().unwrap_or_default();
        let port = first.split_once(':').is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let is_path = text.starts_with(['/', '.']);
        match text.split_once('/') {
            Some((host, path)) if port && !is_path && !text.contains("://") => {
                from_host(host, path).unwrap_or(Source::Other(text))
            }
            _ => Source::configured(text),
        }
    }

    /// Whether it lies in the repository itself or in the hook manager, where no `rev` applies.
    pub(super) fn is_word(&self) -> bool {
        matches!(self, Source::Word(_))
    }
}

fn from_url<'a>(scheme: &str, rest: &'a str) -> Option<Source<'a>> {
    if scheme.eq_ignore_ascii_case("file") {
        return Some(Source::Other(trim_repository(rest)));
    }
    if !SCHEMES.iter().any(|s| scheme.eq_ignore_ascii_case(s)) {
        return None;
    }
    // the authority ends at any of these, whatever an `@` behind them pretends
    let end = rest.find(['/', '?', '#', '\\'])?;
    let (authority, path) = rest.split_at(end);
    from_host(authority, path.strip_prefix('/')?)
}

/// From `[user@]host[:port]` and a path.
fn from_host<'a>(authority: &str, path: &'a str) -> Option<Source<'a>> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'[' | b']' | b':');
    let path = trim_repository(path.strip_prefix('/').unwrap_or(path));
    if host.is_empty() || !host.bytes().all(plain) || path.is_empty() {
        return None;
    }
    Some(Source::Host { host: host.to_ascii_lowercase(), path })
}

/// Without a trailing `/` and `.git`.
fn trim_repository(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.strip_suffix(".git").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_in_many_spellings() {
        let allowed = Source::allowed("git.corp.example/mirrors/gitward");
        for text in [
            "https://git.corp.example/mirrors/gitward",
            "https://git.corp.example/mirrors/gitward.git",
            "https://git.corp.example/mirrors/gitward/",
            "HTTPS://user:word@Git.Corp.Example:8443/mirrors/gitward.git",
            "ssh://git@git.corp.example:2222/mirrors/gitward",
            "git://git.corp.example/mirrors/gitward",
            "git@git.corp.example:mirrors/gitward.git",
            "git.corp.example:/mirrors/gitward",
            " https://git.corp.example/mirrors/gitward ",
        ] {
            assert_eq!(Source::configured(text), allowed, "{text}");
            assert_eq!(Source::allowed(text), allowed, "{text}");
        }
        assert_eq!(Source::allowed("GIT.corp.example:8443/mirrors/gitward.git"), allowed);
    }

    #[test]
    fn other_places_stay_other() {
        let allowed = Source::allowed("git.corp.example/mirrors/gitward");
        for text in [
            // a directory of the repository itself
            "git.corp.example/mirrors/gitward",
            "./git.corp.example/mirrors/gitward",
            "https://evil.example/mirrors/gitward",
            "https://git.corp.example@evil.example/mirrors/gitward",
            "https://evil.example#@git.corp.example/mirrors/gitward",
            "https://evil.example?@git.corp.example/mirrors/gitward",
            "https://evil.example\\@git.corp.example/mirrors/gitward",
            "https://git.corp.example/mirrors/../evil/gitward",
            "https://git.corp.example/mirrors/gitward?x",
            "https://git.corp.example/Mirrors/gitward",
            "https://git.corp.example/mirrors/gitward2",
            "https://git.corp.example//mirrors//gitward",
            "ext::https://git.corp.example/mirrors/gitward",
            "evil::git.corp.example/mirrors/gitward",
            "evil://git.corp.example/mirrors/gitward",
            "file://git.corp.example/mirrors/gitward",
            "local",
            "",
            "://",
            ":",
            "https://",
            "https:///mirrors/gitward",
        ] {
            assert_ne!(Source::configured(text), allowed, "{text}");
        }
    }

    #[test]
    fn paths_and_words_are_literal() {
        assert_eq!(Source::configured("local"), Source::allowed("local"));
        assert_eq!(Source::configured("/srv/hooks.git"), Source::allowed("/srv/hooks"));
        assert_eq!(Source::configured("file:///srv/hooks"), Source::allowed("/srv/hooks"));
        assert_ne!(Source::configured("/srv/hooks"), Source::allowed("srv/hooks"));
        assert_eq!(Source::configured("C:\\hooks"), Source::Other("C:\\hooks"));
        assert!(Source::configured("meta").is_word() && !Source::configured("./local").is_word());
    }
}
