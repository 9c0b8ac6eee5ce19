//! gitleaks' rule files where the policy names none: a repository that has one is searched by it too.

use super::failure::Failure;
use super::files::{Files, read_file};
use crate::env;
use crate::finding::Incomplete;
use crate::guards::secrets::GITLEAKS_FILE;
use crate::guards::secrets::gitleaks::Config;
use crate::policy::schema::SetBy;
use crate::policy::{Policy, RuleSource};
use std::path::Path;
use std::sync::Arc;

/// Files that a chain of extensions may add.
const MAX_EXTENDS: usize = 2;

/// Adds gitleaks' rule file to the rules of a policy: that of `--gitleaks-config`. Where there is no such option, and
/// the policy says nothing of rules: `$GITLEAKS_CONFIG`, or else `$GITLEAKS_CONFIG_TOML`, or else the repository's
/// `.gitleaks.toml`. The built-in rules stay.
///
/// # Errors
/// When a file is there, or named, and cannot be read.
pub(super) fn gitleaks_rules(policy: &mut Policy, files: Option<&Files>, option: Option<&Path>) -> Result<(), Failure> {
    if let Some(path) = option {
        let name = path.display().to_string();
        let bytes = read_file(path).map_err(|e| Failure::unreadable("rule file", path, &e))?;
        let file = RuleSource::File { text: text(&name, bytes)?.into(), name };
        // what it extends is relative to the working directory, as for gitleaks
        let rules = &mut policy.secrets.rules;
        if rules.by == SetBy::Default && rules.value.is_empty() {
            rules.value.push(RuleSource::Builtin);
        }
        rules.value.push(file.into_gitleaks(None)?);
        return policy_files(policy, files);
    }
    let rules = &mut policy.secrets.rules;
    if rules.by == SetBy::Default {
        if rules.value.is_empty() {
            rules.value.push(RuleSource::Builtin);
        }
        let (name, text) = if let Some(path) = env::GITLEAKS_CONFIG.os() {
            let path = Path::new(&path);
            let bytes = read_file(path).map_err(|e| Failure::unreadable("rule file", path, &e))?;
            (path.display().to_string(), Some(text(&path.display().to_string(), bytes)?))
        } else if let Some(text) = env::GITLEAKS_CONFIG_TOML.text() {
            (env::GITLEAKS_CONFIG_TOML.name.to_owned(), Some(text))
        } else {
            (GITLEAKS_FILE.to_owned(), files.map_or(Ok(None), |files| files.text(GITLEAKS_FILE))?)
        };
        if let Some(text) = text {
            rules.value.push(RuleSource::File { name, text: text.into() }.into_gitleaks(files)?);
        }
        return Ok(());
    }
    policy_files(policy, files)
}

/// Reads rule files that a policy names as gitleaks', where they have the name of gitleaks' files.
fn policy_files(policy: &mut Policy, files: Option<&Files>) -> Result<(), Failure> {
    for source in &mut policy.secrets.rules.value {
        if let RuleSource::File { name, .. } = source
            && Path::new(name).file_name().is_some_and(|file| file == GITLEAKS_FILE)
        {
            *source = source.clone().into_gitleaks(files)?;
        }
    }
    Ok(())
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Incomplete::new(name, "it is not UTF-8 text").into())
}

impl RuleSource {
    /// A rule file as one of gitleaks, with what it extends: from the repository, or else from the working directory.
    fn into_gitleaks(self, files: Option<&Files>) -> Result<RuleSource, Failure> {
        let RuleSource::File { name, text: whole } = self else { return Ok(self) };
        let mut extends: Vec<(String, Arc<str>)> = Vec::new();
        let mut next = Config::extends(&whole);
        while let Some(path) = next.take().filter(|_| extends.len() < MAX_EXTENDS) {
            let found = match files {
                Some(files) => files.text(&path)?,
                None => match read_file(Path::new(&path)) {
                    Ok(bytes) => Some(text(&path, bytes)?),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                    Err(e) => return Err(Failure::unreadable("rule file", Path::new(&path), &e)),
                },
            };
            // what is not there is told of with its place
            let Some(found) = found else { break };
            next = Config::extends(&found);
            extends.push((path, found.into()));
        }
        Ok(RuleSource::Gitleaks { name, text: whole, extends })
    }
}
