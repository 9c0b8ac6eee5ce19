mod errors;
mod layers;
mod tables;

use super::load::{LoadRequest, Overrides, PolicySource, load};
use super::{Policy, PolicyError};
use crate::finding::{GuardId, Level};
use crate::rule::RuleMeta;
use std::io;

const ORG: &str = "/etc/gitward/policy.toml";
const REPO: &str = ".gitward.toml";

fn rule(guard: GuardId, id: &'static str, aliases: &'static [&'static str], level: Level) -> RuleMeta<'static> {
    RuleMeta { id, aliases, guard, level, summary: "", docs: "", bad: &[], good: &[] }
}

fn rules() -> Vec<RuleMeta<'static>> {
    vec![
        rule(GuardId::Secrets, "github-pat", &[], Level::Deny),
        rule(GuardId::Secrets, "generic-password", &[], Level::Deny),
        rule(GuardId::Images, "image-latest", &["DL3007"], Level::Warn),
        rule(GuardId::Images, "apt-unpinned", &["DL3008"], Level::Warn),
        rule(GuardId::Images, "image-registry", &[], Level::Deny),
        rule(GuardId::Signatures, "unsigned", &[], Level::Deny),
        rule(GuardId::Hooks, "hook-missing", &[], Level::Deny),
    ]
}

fn read_file(name: &str) -> io::Result<Vec<u8>> {
    match name {
        "keys/a.asc" | "keys/b.asc" | "keys/allowed_signers" => Ok(name.into()),
        "rules.toml" => Ok(b"[[rules]]\nid = \"acme-token\"\nregex = 'acme_[0-9]+'\n".to_vec()),
        "latin1.toml" => Ok(b"# caf\xe9".to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    }
}

struct Case<'a> {
    org: &'a [&'a str],
    repo: Option<&'a str>,
    remotes: &'a [&'a str],
    fail_level: Option<Level>,
}

const NOTHING: Case<'static> = Case { org: &[], repo: None, remotes: &[], fail_level: None };

impl Case<'_> {
    fn try_load(&self) -> Result<Policy, PolicyError> {
        let source = |name: &str, text| PolicySource { name: name.to_owned(), bytes: text, read: &read_file };
        let org = self.org.iter().map(|text| source(ORG, text.as_bytes())).collect();
        let repo = self.repo.map(|text| source(REPO, text.as_bytes()));
        let remotes: Vec<String> = self.remotes.iter().map(|&r| r.to_owned()).collect();
        let overrides = Overrides { fail_level: self.fail_level.map(|level| (level, "--fail-level")) };
        load(LoadRequest { org, repo, remotes: &remotes, overrides, known_rules: &|| rules() })
    }

    fn load(&self) -> Policy {
        self.try_load().unwrap_or_else(|why| panic!("{why}"))
    }
}

fn org(text: &str) -> Policy {
    Case { org: &[text], ..NOTHING }.load()
}

fn repo(text: &str) -> Policy {
    Case { repo: Some(text), ..NOTHING }.load()
}

fn both(org: &str, repo: &str) -> Policy {
    Case { org: &[org], repo: Some(repo), ..NOTHING }.load()
}

/// The value and origin of a key as `policy show` prints them.
fn shown(policy: &Policy, key: &str) -> Vec<String> {
    super::show::show(policy)
        .into_iter()
        .filter(|k| k.key == key)
        .map(|k| format!("{} ({})", k.value, k.origin))
        .collect()
}
