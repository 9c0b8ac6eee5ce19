//! Entries of the lists of tables, and what each must at least say.

use super::datum::Datum;
use super::document::{AllowEntry, Block, Body, Walk};
use super::{Allow, RequiredHook, Signer};
use crate::finding::Span;

/// Values of a table that are not settings of their own.
pub(super) struct Fields {
    pub(super) values: Vec<(&'static str, Datum, Span)>,
    /// Whether a value could not be read: what is missing then is no fault of its own.
    pub(super) spoiled: bool,
}

impl Fields {
    pub(super) fn take(&mut self, name: &str) -> Option<(Datum, Span)> {
        let at = self.values.iter().position(|(n, ..)| *n == name)?;
        let (_, datum, span) = self.values.swap_remove(at);
        Some((datum, span))
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)?.0 {
            Datum::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        match self.take(name) {
            Some((Datum::Texts(list), _)) => list,
            _ => Vec::new(),
        }
    }
}

impl Walk<'_> {
    pub(super) fn missing(&mut self, path: &str, what: &str, example: &str, at: Span) {
        let message = format!("{path} has no `{what}`");
        self.reader.problems.push(self.reader.fault("policy::missing", at, message).help(format!("add {example}")));
    }

    pub(super) fn signer(&mut self, mut fields: Fields, path: &str, at: Span) -> Option<Signer> {
        let name = fields.text("name");
        let openpgp = match fields.take("openpgp") {
            Some((Datum::Files(files), _)) => files,
            _ => Vec::new(),
        };
        let signer = Signer {
            name: name.clone().unwrap_or_default(),
            emails: fields.texts("emails"),
            openpgp,
            ssh: fields.texts("ssh"),
        };
        if fields.spoiled {
            return None;
        }
        if name.is_none() {
            self.missing(path, "name", "name = \"…\"", at);
        }
        if signer.openpgp.is_empty() && signer.ssh.is_empty() {
            let message = format!("{path} has no key to sign with");
            let help = "add openpgp = [\"keys/NAME.asc\"] or ssh = [\"ssh-ed25519 AAAA…\"]";
            self.reader.problems.push(self.reader.fault("policy::missing", at, message).help(help));
        }
        Some(signer)
    }

    pub(super) fn hook(&mut self, mut fields: Fields, path: &str, at: Span) -> Option<RequiredHook> {
        let id = fields.text("id");
        let hook = RequiredHook {
            id: id.clone().unwrap_or_default(),
            source: fields.texts("source"),
            min_rev: fields.text("min_rev"),
            stages: fields.texts("stages"),
        };
        if fields.spoiled {
            return None;
        }
        if id.is_none() {
            self.missing(path, "id", "id = \"…\", the hook's id in hook configurations", at);
        }
        Some(hook)
    }

    pub(super) fn allow(&mut self, mut fields: Fields, path: &str, at: Span) -> Option<AllowEntry> {
        let fingerprint = match fields.take("fingerprint") {
            Some((Datum::Fingerprint(print), _)) => Some(print),
            _ => None,
        };
        let (rule, rule_span) = match fields.take("rule") {
            Some((Datum::Text(rule), span)) => (Some(rule), span),
            _ => (None, Span::default()),
        };
        let globs = match fields.take("path") {
            Some((Datum::Globs(globs), _)) => Some(globs),
            _ => None,
        };
        let reason = fields.text("reason");
        let until = match fields.take("until") {
            Some((Datum::Date(day), _)) => Some(day),
            _ => None,
        };
        if fields.spoiled {
            return None;
        }
        let said = match (&fingerprint, &rule, &globs) {
            (Some(_), ..) | (None, Some(_), Some(_)) => None,
            (None, Some(_), None) => Some(("`rule` without `path`", "add path = [\"tests/**\"]")),
            (None, None, Some(_)) => Some(("`path` without `rule`", "add rule = \"ID\"")),
            (None, None, None) => {
                Some(("nothing to allow", "add fingerprint = \"gw1:…\" of the finding, or `rule` and `path`"))
            }
        };
        if let Some((what, help)) = said {
            let message = format!("{path} has {what}");
            self.reader.problems.push(self.reader.fault("policy::missing", at, message).help(help));
        }
        if globs.as_ref().is_some_and(|g| g.patterns.is_empty()) {
            let message = format!("{path}.path is empty and means no file");
            self.reader.problems.push(self.reader.fault("policy::value", at, message).help("name the files"));
        }
        if reason.is_none() {
            self.missing(path, "reason", "reason = \"…\": whoever reviews it must learn why", at);
        }
        let layer = self.reader.layer;
        let reason = reason.unwrap_or_default();
        let allow = Allow { fingerprint, rule, path: globs, reason, until, layer };
        Some(AllowEntry { allow, by: self.reader.by(at), rule: rule_span })
    }

    pub(super) fn block(&mut self, mut fields: Fields, body: Body, matched: bool, at: Span) -> Option<Block> {
        let remote = match fields.take("remote") {
            Some((Datum::Texts(list), _)) => Some(list),
            _ => None,
        };
        let not_remote = fields.texts("not_remote");
        if fields.spoiled {
            return None;
        }
        let empty = remote.as_ref().map_or(not_remote.is_empty(), Vec::is_empty);
        if empty {
            let what = if matched { "an empty `match`" } else { "no `match`" };
            let message = format!("[[repo]] has {what}");
            let help = "add match = { remote = [\"git.corp.example/team/**\"] }; what holds for all repositories stands \
                        at the top level";
            self.reader.problems.push(self.reader.fault("policy::missing", at, message).help(help));
        }
        Some(Block { remote, not_remote, body })
    }
}
