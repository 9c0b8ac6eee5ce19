//! From the texts of policies to the effective [`Policy`].

use super::document::{self, Document};
use super::error::{PolicyError, Problem};
use super::merge::{self, Merge, Mode};
use super::presets;
use super::read::builder;
use super::rulebook::RuleBook;
use super::{Layer, Policy, PolicyFile, SetBy, Value};
use crate::finding::{Level, Span};
use crate::rule::RuleMeta;
use std::io;
use std::sync::Arc;

/// Reads a file that a policy names, by the name written there. A relative name is relative to the policy;
/// how much is read, and whether a link is followed, is its business. The names in a repository's policy
/// come here only if they are relative and hold no `..`.
pub type ReadFile<'a> = dyn Fn(&str) -> io::Result<Vec<u8>> + 'a;

/// A policy file, read already.
pub struct PolicySource<'a> {
    /// Its name as people know it: a path, or `.gitward.toml`.
    pub name: String,
    /// Its content; at most 1 MiB of UTF-8 text is taken.
    pub bytes: &'a [u8],
    /// Reads the rule and key files that it names.
    pub read: &'a ReadFile<'a>,
}

/// Values from outside of all files, each with the name of its option or variable.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// `--fail-level`
    pub fail_level: Option<(Level, &'static str)>,
}

/// All that a policy is made of.
pub struct LoadRequest<'a> {
    /// The organisation's files, in the order in which later ones refine earlier ones.
    pub org: Vec<PolicySource<'a>>,
    /// The repository's `.gitward.toml`, if there is one.
    pub repo: Option<PolicySource<'a>>,
    /// The repository's remotes as [`normalise_remote`](super::normalise_remote) names them; on a server the
    /// one name under which it serves the repository.
    pub remotes: &'a [String],
    /// What the command line and the environment say.
    pub overrides: Overrides,
    /// Every rule that there is; called once at most, and only if a policy names a rule. Pass a closure: a
    /// plain function would demand that all else here lives for ever.
    pub known_rules: &'a dyn Fn() -> Vec<RuleMeta<'a>>,
}

/// The effective policy: the organisation's files over the built-in policy that they extend over the
/// defaults, then what the repository's file may change of that, then the options.
///
/// Without any file this is [`Policy::default`]: nothing is parsed or compiled.
///
/// # Errors
/// Every fault of every file. A policy with a fault is not applied in part: a typing error must not turn a
/// check off.
pub fn load(request: LoadRequest<'_>) -> Result<Policy, PolicyError> {
    let mut merge = Merge::default();
    if !request.org.is_empty() || request.repo.is_some() {
        layers(&request, &mut merge)?;
    }
    if let Some((level, option)) = request.overrides.fail_level
        && let Some(entry) = merge::fail_level(level, SetBy::Option(option))
    {
        merge.setting(entry, Mode::Repo);
    }
    Ok(merge.finish())
}

fn layers(request: &LoadRequest<'_>, merge: &mut Merge) -> Result<(), PolicyError> {
    let mut rules = RuleBook::new(request.known_rules);
    let mut problems = Vec::new();
    let mut org = Vec::with_capacity(request.org.len());
    for source in &request.org {
        org.push(read(source, Layer::Org, merge, &mut rules, &mut problems));
    }
    let repo = request.repo.as_ref().map(|source| read(source, Layer::Repo, merge, &mut rules, &mut problems));
    PolicyError::check(problems)?;

    if !org.is_empty() {
        if let Some(preset) = org.iter().rev().find_map(|d| d.extends.clone()) {
            extend(preset, Layer::Org, merge, &mut rules)?;
        }
        for document in &mut org {
            merge.locked.append(&mut document.locked);
            merge.open.append(&mut document.open);
        }
        for document in org {
            merge.apply(document.body, Mode::Replace);
            for block in document.blocks {
                if let Some(mode) = applies(block.remote.as_deref(), &block.not_remote, request.remotes) {
                    merge.apply(block.body, mode);
                }
            }
        }
        merge.close_org();
    }
    if let Some(document) = repo {
        if let Some(preset) = document.extends
            && !merge.is_locked("extends", preset.by, Mode::Repo)
        {
            extend(preset, Layer::Repo, merge, &mut rules)?;
        }
        merge.apply(document.body, Mode::Repo);
    }
    Ok(())
}

fn read(
    source: &PolicySource<'_>,
    layer: Layer,
    merge: &mut Merge,
    rules: &mut RuleBook<'_>,
    problems: &mut Vec<Problem>,
) -> Document {
    let text = match std::str::from_utf8(source.bytes) {
        Ok(text) => text,
        Err(why) => {
            let good = String::from_utf8_lossy(source.bytes.get(..why.valid_up_to()).unwrap_or_default());
            let end = good.len();
            // the text up to the fault is enough to show its place
            let text = Arc::from(format!("{good}\u{fffd}"));
            let span = Span::new(end, end + '\u{fffd}'.len_utf8());
            let message = "not valid TOML: the file is not UTF-8 text".to_owned();
            let problem = Problem::at("policy::syntax", &source.name, &text, span, message);
            problems.push(problem.help("save it as UTF-8"));
            return Document::default();
        }
    };
    let text: Arc<str> = Arc::from(text);
    let files = &mut merge.policy.files;
    files.push(PolicyFile { name: source.name.clone(), layer, text: Arc::clone(&text) });
    let by = SetBy::File(files.len() - 1, Span::default());
    document::read(source, &text, layer, by, rules, problems)
}

/// Lays a built-in policy under what follows.
fn extend(
    preset: Value<&'static str>,
    layer: Layer,
    merge: &mut Merge,
    rules: &mut RuleBook<'_>,
) -> Result<(), PolicyError> {
    let name = preset.value;
    let Some(bytes) = presets::text(name) else {
        let message = format!("there is no built-in policy {name}");
        return PolicyError::check(vec![Problem::whole("policy::value", name, message)]);
    };
    let read = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    let source = PolicySource { name: format!("preset {name}"), bytes: bytes.as_bytes(), read: &read };
    let mut problems = Vec::new();
    let text = Arc::from(bytes);
    let document = document::read(&source, &text, layer, SetBy::Preset(name), rules, &mut problems);
    PolicyError::check(problems)?;
    match layer {
        Layer::Org => merge.apply(document.body, Mode::Replace),
        Layer::Repo => {
            merge.apply(document.body, Mode::RepoPreset);
            if !merge.passed_over.is_empty() {
                let place = merge.policy.origin(preset.by);
                let kept = merge.passed_over.join(", ");
                let notice = format!(
                    "{place}: extends = \"{name}\" changes nothing in {kept}: the organisation's policy is stricter \
                     there, or locks it"
                );
                merge.policy.notices.push(notice);
            }
        }
    }
    Ok(())
}

/// How a block applies to a repository with these remotes, if it does. A clone can be given any remote, so a
/// block that is for some of them alone may only tighten.
fn applies(remote: Option<&[String]>, not_remote: &[String], remotes: &[String]) -> Option<Mode> {
    if remotes.is_empty() {
        return remote.is_none().then_some(Mode::Replace);
    }
    // many forges take a path in any case of letters, none tells two repositories apart by it
    let matches = |pattern: &String, name: &str| {
        let glob = builder(pattern).case_insensitive(true).build();
        glob.is_ok_and(|g| g.compile_matcher().is_match(name))
    };
    let fits = |name: &&String| {
        remote.is_none_or(|list| list.iter().any(|p| matches(p, name))) && !not_remote.iter().any(|p| matches(p, name))
    };
    match remotes.iter().filter(fits).count() {
        0 => None,
        n if n == remotes.len() => Some(Mode::Replace),
        _ => Some(Mode::Tighten),
    }
}
