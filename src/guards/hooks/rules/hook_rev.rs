//! `hook-rev`

use super::{BASE, narrow, shown};
use crate::finding::Fix;
use crate::guard::Sink;
use crate::guards::hooks::managers::{Hook, HookRepo};
use crate::guards::hooks::required::{Candidates, Case};
use crate::guards::hooks::snippet;
use crate::guards::hooks::source::Source;
use crate::guards::hooks::version::{Rev, Version};
use crate::rule::RuleMeta;
use std::cmp::Ordering;

pub(in super::super) const META: RuleMeta<'static> = RuleMeta {
    id: "hook-rev",
    summary: "a required hook is older than the policy asks, or follows a branch",
    docs: "`rev` must name a version tag at or above `min_rev`. A branch, `HEAD` or no `rev` at all is refused in \
           any case: what it names can change without a commit here. A commit id is accepted where the policy \
           names no `min_rev`; it cannot be compared with one. Versions compare as in Semantic Versioning, with \
           or without a leading `v`.",
    bad: &[
        "repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.3.9\n  hooks:\n  - id: gitward\n",
        "repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: main\n  hooks:\n  - id: gitward\n",
        "repos:\n- repo: https://git.corp.example/mirrors/gitward\n  hooks:\n  - id: gitward\n",
    ],
    good: &["repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.10.0\n  hooks:\n  - id: gitward\n"],
    ..BASE
};

/// Keeps the hooks that are new enough.
pub(in super::super) fn check<'a>(
    case: &Case<'a>,
    hooks: Candidates<'a>,
    least: Option<&Version>,
    sink: &mut Sink,
) -> Candidates<'a> {
    let required = case.hook();
    let repo = |hook: &Hook<'a>| case.config.repos.get(hook.repo);
    let verdict = |hook: &Hook<'a>| repo(hook).map_or(Ok(()), |repo| judge(repo, least));
    let (hooks, failed) = narrow(hooks, |hook| verdict(hook).is_ok());
    let Some((failed, repo, why)) = failed.and_then(|h| Some((h, repo(h)?, verdict(h).err()?))) else {
        return hooks;
    };
    let rev = repo.rev.map(|r| shown(r.value)).unwrap_or_default();
    let min = required.min_rev.as_deref().unwrap_or_default();
    let id = &required.id;
    let message = match why {
        Offence::Missing => format!("`{id}` has no `rev`"),
        Offence::Branch => format!("`{id}` follows `{rev}`, which is no version tag and can change"),
        Offence::Older => format!("`{id}` is at {rev}, older than {min}"),
        Offence::NotComparable => format!("`{id}` is at `{rev}`, which cannot be compared with {min}"),
    };
    let mut finding = case.finding(&META, message, repo.rev.map_or(failed.id.span, |r| r.span));
    finding.help.push(match required.min_rev {
        Some(_) => format!("write the tag of version {min} or a newer one in `rev`"),
        None => "write a version tag in `rev`".to_owned(),
    });
    if let (Offence::Older, Some(rev)) = (why, repo.rev) {
        // the tag as this source spells its tags
        let v = rev.value.get(..1).filter(|v| v.eq_ignore_ascii_case("v")).unwrap_or_default();
        let tag = format!("{v}{}", min.trim_start_matches(['v', 'V']));
        finding.fix = Some(Fix { span: rev.span, replacement: snippet::scalar(&tag) });
    }
    sink.push(finding);
    hooks
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Offence {
    Missing,
    Branch,
    Older,
    NotComparable,
}

fn judge(repo: &HookRepo<'_>, least: Option<&Version>) -> Result<(), Offence> {
    if Source::configured(repo.url.value).is_word() {
        return Ok(());
    }
    match (Rev::parse(repo.rev.ok_or(Offence::Missing)?.value), least) {
        (Rev::Branch, _) => Err(Offence::Branch),
        (_, None) => Ok(()),
        (Rev::Version(version), Some(least)) if version.order(least) == Ordering::Less => Err(Offence::Older),
        (Rev::Version(_), Some(_)) => Ok(()),
        (Rev::Commit | Rev::Tag, Some(_)) => Err(Offence::NotComparable),
    }
}
