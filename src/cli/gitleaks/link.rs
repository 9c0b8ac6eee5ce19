//! Links to a line in a commit, as the forges write them. Facts: the forges' own pages; gitleaks `--platform`.

use crate::report::gitleaks::Finding;

/// The kinds of forges that are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Forge {
    GitHub,
    GitLab,
    AzureDevOps,
    Gitea,
    Bitbucket,
}

/// What `--platform` asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Platform {
    /// As the remote's host suggests.
    Auto,
    /// No links.
    None,
    /// This one.
    Known(Forge),
}

impl Platform {
    /// By name, in any case; `None` for another one.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "" | "unknown" => Platform::Auto,
            "none" => Platform::None,
            "github" => Platform::Known(Forge::GitHub),
            "gitlab" => Platform::Known(Forge::GitLab),
            "azuredevops" => Platform::Known(Forge::AzureDevOps),
            "gitea" => Platform::Known(Forge::Gitea),
            "bitbucket" => Platform::Known(Forge::Bitbucket),
            _ => return None,
        })
    }
}

/// Where a repository is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Site {
    forge: Forge,
    /// Its address, without user and password.
    address: String,
}

impl Site {
    /// From the address of a remote; `None` where the forge is not known.
    pub(super) fn new(platform: Platform, remote: &str) -> Option<Self> {
        let address = web_address(remote);
        let forge = match platform {
            Platform::None => return None,
            Platform::Known(forge) => forge,
            Platform::Auto => match host(&address)?.to_ascii_lowercase().as_str() {
                "github.com" => Forge::GitHub,
                "gitlab.com" => Forge::GitLab,
                "dev.azure.com" | "visualstudio.com" => Forge::AzureDevOps,
                "gitea.com" | "code.forgejo.org" | "codeberg.org" => Forge::Gitea,
                "bitbucket.org" => Forge::Bitbucket,
                _ => return None,
            },
        };
        Some(Site { forge, address })
    }

    /// The link to a finding in a commit; empty outside of one.
    pub(super) fn link(&self, f: &Finding) -> String {
        if f.commit.is_empty() {
            return String::new();
        }
        let path = String::from_utf8_lossy(&f.file).replace('%', "%25").replace(' ', "%20");
        // a file in an archive has no lines that a forge could show
        let (path, inner) = path.split_once('!').map_or((path.as_str(), false), |(outer, _)| (outer, true));
        let (site, commit) = (&self.address, &f.commit);
        let mut link = match self.forge {
            Forge::GitHub | Forge::GitLab => format!("{site}/blob/{commit}/{path}"),
            Forge::AzureDevOps => format!("{site}/commit/{commit}?path=/{path}"),
            Forge::Gitea => format!("{site}/src/commit/{commit}/{path}"),
            Forge::Bitbucket => format!("{site}/src/{commit}/{path}"),
        };
        if inner {
            return link;
        }
        let (first, last) = (f.start_line, f.end_line);
        let lines = |from: &str, to: &str| {
            let start = if first == 0 { String::new() } else { format!("{from}{first}") };
            let end = if last == first { String::new() } else { format!("{to}{last}") };
            start + &end
        };
        let extension = path.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
        let rendered = matches!(extension.as_deref(), Some("ipynb" | "md"));
        link.push_str(match self.forge {
            Forge::GitHub if rendered => "?plain=1",
            Forge::Gitea if rendered => "?display=source",
            _ => "",
        });
        link.push_str(&match self.forge {
            Forge::GitHub | Forge::Gitea => lines("#L", "-L"),
            Forge::GitLab => lines("#L", "-"),
            Forge::AzureDevOps => {
                // without columns nothing is marked
                lines("&line=", "&lineEnd=")
                    + "&lineStartColumn=1&lineEndColumn=10000000&type=2&lineStyle=plain&_a=files"
            }
            Forge::Bitbucket => lines("#lines-", ":"),
        });
        link
    }
}

/// `git@host:path.git` as `https://host/path`; user and password are taken out of other addresses.
fn web_address(remote: &str) -> String {
    if let Some((host, path)) = remote.strip_prefix("git@").and_then(|rest| rest.split_once(':')) {
        let host_ok = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        // a port in front of the path
        let path = match path.split_once('/') {
            Some((port, rest)) if (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit()) => rest,
            _ => path,
        };
        let path = path.strip_suffix(".git").unwrap_or(path);
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/' | b'.' | b'-');
        if host_ok && !path.is_empty() && path.bytes().all(word) {
            return format!("https://{host}/{path}");
        }
    }
    let remote = remote.strip_suffix(".git").unwrap_or(remote);
    match remote.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => remote.to_owned(),
    }
}

fn host(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.split(['/', ':']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_is_private() {
        let github = |remote| Site::new(Platform::Auto, remote).map(|s| s.address);
        for remote in ["git@github.com:a/b.git", "https://u:p@github.com/a/b.git", "https://github.com/a/b"] {
            assert_eq!(github(remote).as_deref(), Some("https://github.com/a/b"), "{remote}");
        }
        assert_eq!(web_address("git@h.example:2222/a/b.git"), "https://h.example/a/b");
        assert_eq!(web_address("ssh://git@h.example:22/a/b.git"), "ssh://h.example:22/a/b");
        for unknown in ["origin", "/srv/git/x.git", "https://example.com/a/b", "git@:x"] {
            assert_eq!(github(unknown), None, "{unknown}");
        }
        assert_eq!(Platform::from_name("GitLab"), Some(Platform::Known(Forge::GitLab)));
        assert_eq!(Platform::from_name("forge"), None);
    }

    #[test]
    fn every_forge_has_its_form() {
        let at = |file: &str, first, last| Finding {
            commit: "c".into(),
            file: file.as_bytes().to_vec(),
            start_line: first,
            end_line: last,
            ..Finding::default()
        };
        let link = |name: &str, f: &Finding| {
            Site::new(Platform::from_name(name).unwrap(), "https://x.example/a").unwrap().link(f)
        };
        assert_eq!(link("github", &at("d e/f.md", 1, 3)), "https://x.example/a/blob/c/d%20e/f.md?plain=1#L1-L3");
        assert_eq!(link("gitlab", &at("f%", 2, 3)), "https://x.example/a/blob/c/f%25#L2-3");
        assert_eq!(link("gitea", &at("f.ipynb", 2, 2)), "https://x.example/a/src/commit/c/f.ipynb?display=source#L2");
        assert_eq!(link("bitbucket", &at("f", 2, 4)), "https://x.example/a/src/c/f#lines-2:4");
        assert!(
            link("azuredevops", &at("f", 2, 2)).starts_with("https://x.example/a/commit/c?path=/f&line=2&lineStart")
        );
        assert_eq!(link("github", &at("x.key", 0, 0)), "https://x.example/a/blob/c/x.key");
        assert_eq!(link("github", &at("o.zip!i", 1, 1)), "https://x.example/a/blob/c/o.zip");
        assert_eq!(link("github", &Finding { commit: String::new(), ..at("f", 1, 1) }), "");
    }
}
