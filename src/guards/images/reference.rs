//! Image names: the distribution project's reference grammar and its normal form.
//!
//! Facts from <https://github.com/distribution/reference>: the first part is a host if it holds `.`, `:` or
//! an upper-case letter or is `localhost`; a name without host is at `docker.io`, one part there lies under
//! `library/`; `index.docker.io` is the old name of `docker.io`.

use std::fmt;

/// The registry of names that state none.
pub const DEFAULT_HOST: &str = "docker.io";
/// The namespace of one-part names at [`DEFAULT_HOST`].
pub const DEFAULT_NAMESPACE: &str = "library";
/// The old name of [`DEFAULT_HOST`].
pub(crate) const LEGACY_HOST: &str = "index.docker.io";
/// Longest reference that is looked at, in bytes: repository (255), host, tag (128) and digest fit well.
const MAX_LEN: usize = 1024;
/// Longest repository path, in bytes.
const MAX_PATH: usize = 255;
/// Longest tag, in bytes.
const MAX_TAG: usize = 128;

/// An image reference in its normal form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reference {
    /// Host and, where stated, `:port`; lower case; IPv6 in brackets.
    pub host: String,
    /// The repository below the host, such as `library/alpine`.
    pub path: String,
    /// Tag, as written.
    pub tag: Option<String>,
    /// `algorithm:hex`.
    pub digest: Option<String>,
    /// Whether the host was written, not supplied.
    pub explicit_host: bool,
}

/// Why a text is no image reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReferenceError {
    /// Nothing there.
    Empty,
    /// Beyond any length that a registry accepts.
    TooLong,
    /// The host part breaks the grammar.
    Host,
    /// The repository part breaks the grammar.
    Path,
    /// The repository part has upper-case letters.
    UpperCase,
    /// The tag breaks the grammar.
    Tag,
    /// The digest breaks the grammar or its algorithm is unknown.
    Digest,
    /// 64 hexadecimal digits: an image id, not a name.
    ImageId,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReferenceError::Empty => "the name is empty",
            ReferenceError::TooLong => "the name is too long",
            ReferenceError::Host => "the registry host is malformed",
            ReferenceError::Path => "the repository name is malformed",
            ReferenceError::UpperCase => "a repository name must be lower case",
            ReferenceError::Tag => "the tag is malformed",
            ReferenceError::Digest => "the digest is malformed",
            ReferenceError::ImageId => "it is an image id, not a name",
        })
    }
}

impl Reference {
    /// Parses and normalises.
    ///
    /// # Errors
    /// When `text` breaks the reference grammar.
    pub fn parse(text: &[u8]) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if text.len() > MAX_LEN {
            return Err(ReferenceError::TooLong);
        }
        let text = std::str::from_utf8(text).map_err(|_| ReferenceError::Path)?;
        if text.len() == 64 && text.bytes().all(is_lower_hex) {
            return Err(ReferenceError::ImageId);
        }
        let (host, rest) = match text.split_once('/') {
            Some((first, rest)) if is_host(first) => (Some(first), rest),
            _ => (None, text),
        };
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (rest, None),
        };
        // what is left has no port, so the first colon begins the tag
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        if host.is_some_and(|h| !valid_host(h)) {
            return Err(ReferenceError::Host);
        }
        if path.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(ReferenceError::UpperCase);
        }
        let explicit_host = host.is_some();
        let default = host.is_none_or(|h| h == DEFAULT_HOST || h == LEGACY_HOST);
        let path = if default && !path.contains('/') { format!("{DEFAULT_NAMESPACE}/{path}") } else { path.to_owned() };
        if path.len() > MAX_PATH || !path.split('/').all(valid_component) {
            return Err(ReferenceError::Path);
        }
        if tag.is_some_and(|t| !valid_tag(t)) {
            return Err(ReferenceError::Tag);
        }
        if digest.is_some_and(|d| !valid_digest(d)) {
            return Err(ReferenceError::Digest);
        }
        let host = if default { DEFAULT_HOST.to_owned() } else { host.unwrap_or_default().to_ascii_lowercase() };
        Ok(Reference { host, path, tag: tag.map(str::to_owned), digest: digest.map(str::to_owned), explicit_host })
    }

    /// Host and repository, without tag and digest.
    pub fn name(&self) -> String {
        format!("{}/{}", self.host, self.path)
    }

    /// The tag that is pulled: the written one, `latest` where there is neither tag nor digest.
    pub fn effective_tag(&self) -> Option<&str> {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => Some(tag),
            (None, None) => Some("latest"),
            (None, Some(_)) => None,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Whether the first part of a name is a registry host rather than a namespace.
pub(crate) fn is_host(part: &str) -> bool {
    part == "localhost" || part.bytes().any(|b| matches!(b, b'.' | b':') || b.is_ascii_uppercase())
}

fn is_lower_hex(b: u8) -> bool {
    matches!(b, b'0'..=b'9' | b'a'..=b'f')
}

fn valid_host(host: &str) -> bool {
    let (name, port) = if let Some(rest) = host.strip_prefix('[') {
        let Some((address, rest)) = rest.split_once(']') else { return false };
        if address.is_empty() || !address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
            return false;
        }
        match rest.strip_prefix(':') {
            Some(port) => (None, Some(port)),
            None if rest.is_empty() => (None, None),
            None => return false,
        }
    } else {
        match host.split_once(':') {
            Some((name, port)) => (Some(name), Some(port)),
            None => (Some(host), None),
        }
    };
    let good_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.is_none_or(|n| n.split('.').all(good_label))
        && port.is_none_or(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Lower-case letters and digits, in groups joined by `.`, `_`, `__` or hyphens.
fn valid_component(part: &str) -> bool {
    let bytes = part.as_bytes();
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    if !is_word(first) || !is_word(last) {
        return false;
    }
    bytes.split(|&b| is_word(b)).all(|joint| match joint {
        [] | [b'.' | b'_'] | [b'_', b'_'] => true,
        hyphens => hyphens.iter().all(|&b| b == b'-'),
    })
}

fn valid_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= MAX_TAG
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

/// The algorithms that clients accept, with the length of their digests in hexadecimal digits.
fn valid_digest(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    let len = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == len && hex.bytes().all(is_lower_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> String {
        Reference::parse(text.as_bytes()).map_or_else(|e| format!("error: {e:?}"), |r| r.to_string())
    }

    #[test]
    fn normal_form() {
        let hex = "0123456789abcdef".repeat(4);
        let cases = [
            ("alpine", "docker.io/library/alpine"),
            ("alpine:3.20", "docker.io/library/alpine:3.20"),
            ("library/alpine", "docker.io/library/alpine"),
            ("docker.io/alpine", "docker.io/library/alpine"),
            ("docker.io/library/alpine", "docker.io/library/alpine"),
            ("index.docker.io/alpine", "docker.io/library/alpine"),
            ("index.docker.io/bitnami/redis:7", "docker.io/bitnami/redis:7"),
            ("bitnami/redis", "docker.io/bitnami/redis"),
            ("a/b/c", "docker.io/a/b/c"),
            ("localhost/x", "localhost/x"),
            ("localhost:5000/x", "localhost:5000/x"),
            ("registry:5000/x:1", "registry:5000/x:1"),
            ("quay.io/a/b/c:tag", "quay.io/a/b/c:tag"),
            ("REG/x", "reg/x"),
            ("Registry.Corp.example/x", "registry.corp.example/x"),
            ("[::1]/x", "[::1]/x"),
            ("[fe80::1]:5000/x:1", "[fe80::1]:5000/x:1"),
            ("127.0.0.1:5000/x", "127.0.0.1:5000/x"),
            ("foo__bar/a-b.c_d", "docker.io/foo__bar/a-b.c_d"),
            ("a---b", "docker.io/library/a---b"),
            ("x:_tag.with-all", "docker.io/library/x:_tag.with-all"),
            ("docker.io:443/x", "docker.io:443/x"),
        ];
        for (text, want) in cases {
            assert_eq!(full(text), want, "{text}");
        }
        let pinned = format!("alpine:3@sha256:{hex}");
        assert_eq!(full(&pinned), format!("docker.io/library/{pinned}"));
        let pinned = format!("reg:5000/alpine@sha256:{hex}");
        assert_eq!(full(&pinned), pinned);
    }

    #[test]
    fn refused() {
        use ReferenceError as E;
        let hex = "0123456789abcdef".repeat(4);
        let owned = [
            (hex.clone(), E::ImageId),
            (format!("alpine@sha256:{}", hex.to_uppercase()), E::Digest),
            (format!("alpine@md5:{hex}"), E::Digest),
            (format!("alpine@sha256:{}", &hex[1..]), E::Digest),
            (format!("alpine@sha256:{hex}@sha256:{hex}"), E::Digest),
            (format!("x:{}", "t".repeat(129)), E::Tag),
            ("a".repeat(256), E::Path),
            ("a".repeat(5000), E::TooLong),
        ];
        let fixed = [
            ("", E::Empty),
            ("Alpine", E::UpperCase),
            ("docker.io/Foo/bar", E::UpperCase),
            ("-x", E::Path),
            ("x-", E::Path),
            ("a..b", E::Path),
            ("a___b", E::Path),
            ("a._b", E::Path),
            ("a//b", E::Path),
            ("/a", E::Path),
            ("a/", E::Path),
            ("x:", E::Tag),
            ("x:.a", E::Tag),
            ("x:a:b", E::Tag),
            ("x:a/b", E::Host),
            ("x@", E::Digest),
            ("evil.com./x", E::Host),
            (".evil.com/x", E::Host),
            ("evil.com:/x", E::Host),
            ("evil.com:a/x", E::Host),
            ("[::1/x", E::Host),
            ("[]:1/x", E::Host),
            ("[::1]x/x", E::Host),
            ("${x}", E::Path),
            ("a b", E::Path),
            ("<img>", E::Path),
        ];
        let fixed = fixed.into_iter().map(|(t, e)| (t.to_owned(), e));
        for (text, want) in owned.into_iter().chain(fixed) {
            match Reference::parse(text.as_bytes()) {
                Err(e) => assert_eq!(e, want, "{text}"),
                Ok(r) => panic!("{text} gave {r}"),
            }
        }
        assert!(Reference::parse(b"a\xff").is_err());
    }

    #[test]
    fn latest_is_implied_only_without_digest() {
        let tag = |t: &str| Reference::parse(t.as_bytes()).unwrap().effective_tag().map(str::to_owned);
        assert_eq!(tag("alpine").as_deref(), Some("latest"));
        assert_eq!(tag("alpine:3").as_deref(), Some("3"));
        assert_eq!(tag(&format!("alpine@sha256:{}", "a".repeat(64))), None);
    }
}
