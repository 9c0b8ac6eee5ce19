//! Names of repositories: the URL of a remote as `host/path`.

/// The name under which `[[repo]]` blocks match a remote: `host/path`, without scheme, user, port, query
/// and a final `.git`, the host in lower case, the path without empty and `.` parts and with `%XX` decoded,
/// so that another spelling of the same URL is the same name. Understands URLs and `user@host:path`.
///
/// `None` for a local path, for `file:` and for text that names no host or no path.
pub fn normalise_remote(url: &str) -> Option<String> {
    let url = url.trim();
    let (host, path, is_url) = match url.split_once("://") {
        Some((scheme, rest)) => {
            if scheme.eq_ignore_ascii_case("file") || scheme.contains(['/', ':']) {
                return None;
            }
            let rest = rest.split(['?', '#']).next().unwrap_or_default();
            let (authority, path) = rest.split_once('/')?;
            (without_port(without_user(authority)), path, true)
        }
        None => {
            let (host, path) = scp_like(url)?;
            (host, path, false)
        }
    };
    // a single letter is a drive, not a host
    if host.len() < 2 {
        return None;
    }
    let path = if is_url { percent_decoded(path) } else { path.to_owned() };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let path = parts.join("/");
    let path = path.strip_suffix(".git").unwrap_or(&path).trim_end_matches('/');
    if path.is_empty() || path.contains(char::is_control) {
        return None;
    }
    // a final dot makes the name absolute in DNS and changes nothing
    let host = host.strip_suffix('.').unwrap_or(host);
    Some(format!("{}/{path}", host.to_ascii_lowercase()))
}

fn without_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Drops `:22`; an IPv6 address keeps its brackets.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            if name.starts_with('[') && !name.ends_with(']') { host } else { name }
        }
        _ => host,
    }
}

/// `user@host:path`, `host:path`, `[host:port]:path`: a slash before the first colon makes it a local path
/// (git-clone(1), "Git URLs").
fn scp_like(url: &str) -> Option<(&str, &str)> {
    let start = url.find(['@', '/', ':']).filter(|&n| url.as_bytes().get(n) == Some(&b'@')).map_or(0, |n| n + 1);
    let rest = url.get(start..)?;
    if let Some(inner) = rest.strip_prefix('[') {
        let (host, path) = inner.split_once("]:")?;
        let colons = host.bytes().filter(|&b| b == b':').count();
        // `[host:22]:path` holds a port, `[::1]:path` an address
        return if colons == 1 { Some((without_port(host), path)) } else { Some((rest.get(..host.len() + 2)?, path)) };
    }
    let (host, path) = rest.split_once(':')?;
    (!host.contains('/')).then_some((host, path))
}

/// Decodes `%XX`; a sequence that is not text stays as it is.
fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let decoded = match tail {
            [high, low, ..] if byte == b'%' => {
                char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16)).map(|(h, l)| (h * 16 + l) as u8)
            }
            _ => None,
        };
        match decoded {
            Some(value) => {
                out.push(value);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_one_name() {
        for url in [
            "https://git.example/team/api",
            "https://git.example/team/api.git",
            "https://Git.Example:8443/team/api.git/",
            "https://user:word@git.example/team/api.git",
            "ssh://git@git.example:22/team/api.git",
            "git+ssh://git.example./team/api",
            "git@git.example:team/api.git",
            "git.example:team/api",
            "git@GIT.example:/team/api.git",
            "[git.example:22]:team/api",
            "git@[git.example:22]:team/api",
            "https://git.example//team/./api",
            "https://git.example/x/../team/%61pi?a=b#c",
            " https://git.example/team/api\n",
        ] {
            assert_eq!(normalise_remote(url).as_deref(), Some("git.example/team/api"), "{url}");
        }
        assert_eq!(normalise_remote("ssh://git@[::1]:22/a/b.git").as_deref(), Some("[::1]/a/b"));
        assert_eq!(normalise_remote("ssh://[::1]/a").as_deref(), Some("[::1]/a"));
        assert_eq!(normalise_remote("[::1]:a").as_deref(), Some("[::1]/a"));
        assert_eq!(normalise_remote("ssh://h.example/~me/a").as_deref(), Some("h.example/~me/a"));
        assert_eq!(normalise_remote("https://h.example/Team/%zz%").as_deref(), Some("h.example/Team/%zz%"));
    }

    #[test]
    fn local_and_empty_have_no_name() {
        for url in [
            "",
            "/srv/git/a.git",
            "../a",
            "./a:b",
            "a/b:c",
            "file:///srv/a.git",
            "C:\\git\\a",
            "c:/git/a",
            "https://git.example",
            "https://git.example/",
            "https://git.example/.git",
            "https:///a",
            ":a",
            "@:a",
            "git@git.example:",
            "https://git.example/a%0ab",
        ] {
            assert_eq!(normalise_remote(url), None, "{url}");
        }
    }
}
