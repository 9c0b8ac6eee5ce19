//! Patterns of image names, as policies write them.
//!
//! A pattern is matched against the fully qualified name. `*` stands for any run of characters within a
//! part, `**` for any number of whole parts. A pattern without tag fits every tag, one without digest every
//! digest. Names are completed as in image references (`alpine` is `docker.io/library/alpine`), a host alone
//! stands for everything on it, and `scratch` for the empty base.

use super::glob::Glob;
use super::reference::{DEFAULT_HOST, DEFAULT_NAMESPACE, LEGACY_HOST, Reference, is_host};
use crate::policy::ImagesPolicy;

/// The keyword of the empty base.
pub const SCRATCH: &str = "scratch";

/// One pattern, ready to match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// `None`: `scratch`.
    name: Option<Vec<Part>>,
    tag: Option<Glob>,
    digest: Option<Glob>,
}

/// What stands between two `/`.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// `**`
    Any,
    One(Glob),
}

impl Pattern {
    /// Reads a pattern. Every text is one; characters that no image name has make it fit nothing.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        if text == SCRATCH {
            return Pattern { name: None, tag: None, digest: None };
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Glob::stars(digest))),
            None => (text, None),
        };
        let (first, below) = match rest.split_once('/') {
            Some((first, below)) => (first, Some(below)),
            None => (rest, None),
        };
        let wild = first.contains('*');
        let mut parts: Vec<String> = Vec::new();
        let mut tag = None;
        let mut split_tag = |path: &str| match path.rsplit_once(':') {
            Some((path, t)) if !t.contains('/') => {
                tag = Some(Glob::stars(t));
                path.to_owned()
            }
            _ => path.to_owned(),
        };
        match below {
            // a host alone: the dot must stand before a colon, which otherwise begins a tag (`alpine:3.20`)
            None if is_host(first.split(':').next().unwrap_or_default()) => {
                parts.extend([host_name(first), "**".to_owned()]);
            }
            None if first == "**" => parts.push("**".to_owned()),
            None => parts.extend([DEFAULT_HOST.to_owned(), DEFAULT_NAMESPACE.to_owned(), split_tag(first)]),
            Some(below) => {
                let below = split_tag(below);
                let explicit = wild || is_host(first);
                let host = if explicit { host_name(first) } else { DEFAULT_HOST.to_owned() };
                let library = explicit && host == DEFAULT_HOST && !below.contains('/') && below != "**";
                parts.push(host);
                if !explicit {
                    parts.push(first.to_owned());
                } else if library {
                    parts.push(DEFAULT_NAMESPACE.to_owned());
                }
                parts.extend(below.split('/').map(str::to_owned));
            }
        }
        let part = |text: &String| if text == "**" { Part::Any } else { Part::One(Glob::stars(text)) };
        Pattern { name: Some(parts.iter().map(part).collect()), tag, digest }
    }

    /// Whether it allows the empty base.
    pub fn is_scratch(&self) -> bool {
        self.name.is_none()
    }

    /// Whether an image fits.
    pub fn matches(&self, image: &Reference) -> bool {
        let Some(name) = &self.name else { return false };
        let host = std::iter::once(image.host.as_str());
        let parts: Vec<&str> = host.chain(image.path.split('/')).collect();
        parts_match(name, &parts)
            && self.tag.as_ref().is_none_or(|t| image.effective_tag().is_some_and(|have| t.fits(have.as_bytes())))
            && self.digest.as_ref().is_none_or(|d| image.digest.as_ref().is_some_and(|have| d.fits(have.as_bytes())))
    }
}

/// A host as it stands in the normal form of names.
fn host_name(written: &str) -> String {
    if written == LEGACY_HOST { DEFAULT_HOST.to_owned() } else { written.to_ascii_lowercase() }
}

/// `**` among whole parts; one row of a table a pattern part, so the work is the product of both lengths.
fn parts_match(pattern: &[Part], parts: &[&str]) -> bool {
    // reach[i]: the pattern so far can fit the first i parts
    let mut reach = vec![false; parts.len() + 1];
    reach[0] = true;
    for want in pattern {
        let mut next = vec![false; parts.len() + 1];
        match want {
            Part::Any => {
                let mut any = false;
                for (to, from) in next.iter_mut().zip(&reach) {
                    any |= from;
                    *to = any;
                }
            }
            Part::One(glob) => {
                for ((to, from), part) in next.iter_mut().skip(1).zip(&reach).zip(parts) {
                    *to = *from && glob.fits(part.as_bytes());
                }
            }
        }
        reach = next;
    }
    reach.last() == Some(&true)
}

/// The policy's lists, compiled once a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    /// `registries`
    pub(crate) registries: Option<Vec<Pattern>>,
    /// `final_base`
    pub(crate) final_base: Option<Vec<Pattern>>,
}

impl Patterns {
    /// Compiles what the policy asks for.
    pub(crate) fn new(policy: &ImagesPolicy) -> Self {
        let compile = |list: &Option<crate::policy::Value<Vec<String>>>| {
            list.as_ref().map(|v| v.value.iter().map(|p| Pattern::new(p)).collect())
        };
        Patterns { registries: compile(&policy.registries), final_base: compile(&policy.final_base) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let pinned = format!("alpine@{digest}");
        let cases: &[(&str, &str, bool)] = &[
            ("registry.corp.example/**", "registry.corp.example/a/b:1", true),
            ("registry.corp.example/**", "registry.corp.example:5000/a", false),
            ("registry.corp.example/**", "registry.corp.example.evil.com/a", false),
            ("registry.corp.example/**", "evil.com/registry.corp.example/a", false),
            ("registry.corp.example", "registry.corp.example/a/b", true),
            ("registry.corp.example/base/*", "registry.corp.example/base/x", true),
            ("registry.corp.example/base/*", "registry.corp.example/base/x/y", false),
            ("registry.corp.example/base/*", "registry.corp.example/based", false),
            ("Registry.Corp.example/**", "registry.corp.EXAMPLE/a", true),
            ("docker.io/library/*", "alpine", true),
            ("docker.io/library/*", "index.docker.io/alpine:3", true),
            ("docker.io/library/*", "bitnami/redis", false),
            ("docker.io/*", "alpine", true),
            ("docker.io/*", "bitnami/redis", false),
            ("docker.io/**", "bitnami/redis", true),
            ("index.docker.io/**", "alpine", true),
            ("docker.io", "alpine", true),
            ("index.docker.io", "alpine", true),
            ("alpine", "alpine:3.20", true),
            ("alpine", "evil.com/alpine", false),
            ("alpine:3.*", "alpine:3.20", true),
            ("alpine:3.20", "alpine:3.20", true),
            ("alpine:3.20", "alpine", false),
            ("alpine:latest", "alpine", true),
            ("alpine:3", &pinned, false),
            ("alpine@sha256:*", &pinned, true),
            ("alpine@sha256:*", "alpine:3", false),
            ("library/alpine", "alpine", true),
            ("gcr.io/distroless/**", "gcr.io/distroless/static-debian12:nonroot", true),
            ("gcr.io/distroless/**", "gcr.io/distroless-evil/x", false),
            ("registry.corp.example/**/alpine", "registry.corp.example/alpine", true),
            ("registry.corp.example/**/alpine", "registry.corp.example/a/b/alpine:3", true),
            ("registry.corp.example/**/alpine", "registry.corp.example/a/alpine/b", false),
            ("**/alpine", "quay.io/x/alpine", true),
            ("**", "quay.io/x/alpine", true),
            ("*.corp.example/**", "a.corp.example/x", true),
            ("*.corp.example/**", "corp.example/x", false),
            ("registry:5000/**", "registry:5000/x", true),
            ("localhost:5000", "localhost:5000/x", true),
            ("scratch", "alpine", false),
            ("", "alpine", false),
        ];
        for (pattern, image, want) in cases {
            let image = Reference::parse(image.as_bytes()).unwrap();
            assert_eq!(Pattern::new(pattern).matches(&image), *want, "{pattern} on {image}");
        }
        assert!(Pattern::new("scratch").is_scratch());
    }

    #[test]
    fn many_stars_stay_cheap() {
        let pattern = Pattern::new(&format!("docker.io/{}", "**/*a*/".repeat(2000)));
        let image = Reference::parse("a/".repeat(120).trim_end_matches('/').as_bytes()).unwrap();
        assert!(!pattern.matches(&image));
    }
}
