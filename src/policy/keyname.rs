//! Names of keys in `locked` and `open`: `images.pin`, `secrets.*`, `hooks`.

use super::SetBy;
use super::keys::{Kind, ROOT, Table};
use crate::finding::{GuardId, Span};

/// An entry of `locked` or `open`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct KeyName {
    /// The name, with `*` for one part, and rules under `rule`.
    pub(super) text: String,
    /// Where it stands.
    pub(super) by: SetBy,
    /// Its bytes.
    pub(super) span: Span,
}

/// Parts of a name; no key lies deeper.
const MAX_PARTS: usize = 4;

impl KeyName {
    /// `images.rules.X` is `images.rule.X`; `secrets.rules` alone stays the list of rule sources.
    pub(super) fn new(text: &str, by: SetBy, span: Span) -> Self {
        let mut parts: Vec<&str> = text.splitn(MAX_PARTS, '.').collect();
        let guard = parts.first().and_then(|first| GuardId::from_name(first));
        let many = parts.len() > 2;
        if let (Some(guard), Some(second)) = (guard, parts.get_mut(1))
            && *second == "rules"
            && (many || guard != GuardId::Secrets)
        {
            *second = "rule";
        }
        KeyName { text: parts.join("."), by, span }
    }

    /// The guard and name where it is `GUARD.rule.NAME`.
    pub(super) fn rule(&self) -> Option<(GuardId, &str)> {
        let mut parts = self.text.splitn(3, '.');
        let (first, second, name) = (parts.next()?, parts.next()?, parts.next()?);
        (second == "rule" && name != "*").then_some(())?;
        Some((GuardId::from_name(first)?, name))
    }

    /// Whether it means the key at `path`, or a table around it.
    pub(super) fn selects(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        self.text.split('.').all(|wanted| match parts.next() {
            Some(part) => wanted == "*" || wanted.eq_ignore_ascii_case(part),
            // `secrets.rule.*` means `secrets.rule` as well
            None => wanted == "*",
        })
    }

    /// Whether it means any key at all.
    pub(super) fn selects_any(&self) -> bool {
        self.rule().is_some() || paths().iter().any(|path| self.selects(path))
    }
}

/// Every key that a repository's policy can set: `fail_level`, `images.pin`, `secrets.rule` …
pub(super) fn paths() -> Vec<String> {
    let mut out = Vec::new();
    collect(&ROOT, "", &mut out);
    out
}

fn collect(table: &Table, prefix: &str, out: &mut Vec<String>) {
    for key in table.keys().filter(|k| !k.org_only && !matches!(k.kind, Kind::Version)) {
        let path = format!("{prefix}{}", key.name);
        if let Kind::Section(inner) = key.kind {
            collect(inner, &format!("{path}."), out);
        } else {
            out.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> KeyName {
        KeyName::new(text, SetBy::Default, Span::default())
    }

    #[test]
    fn names_select_keys_and_tables() {
        for (text, path, want) in [
            ("images.pin", "images.pin", true),
            ("images.pin", "images.registries", false),
            ("images.*", "images.pin", true),
            ("images", "images.pin", true),
            ("*", "images.pin", true),
            ("*", "fail_level", true),
            ("*.enabled", "hooks.enabled", true),
            ("*.enabled", "hooks.require", false),
            ("images.*", "images.rule.DL3007", true),
            ("images.rules", "images.rule.DL3007", true),
            ("images.rules.dl3007", "images.rule.DL3007", true),
            ("secrets.rules", "secrets.rules", true),
            ("secrets.rules", "secrets.rule.aws", false),
            ("secrets.rules.aws", "secrets.rule.aws", true),
            ("images.pin.x", "images.pin", false),
            ("image", "images.pin", false),
        ] {
            assert_eq!(name(text).selects(path), want, "{text} {path}");
        }
        assert!(name("images.rule.*").selects_any());
        assert!(name("signatures.trust.*").selects_any());
        assert!(name("allow").selects_any());
        assert!(!name("secret.*").selects_any());
        assert!(!name("").selects_any());
        assert!(!name("locked").selects_any());
    }
}
