//! `image-unresolvable`: the policy asks about an image whose name cannot be told.

use super::{Context, Offence, Rule, shown};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::stages::{Base, Place};
use crate::policy::{Pin, Policy, SetBy};
use crate::rule::RuleMeta;
use std::collections::HashSet;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "image-unresolvable",
        aliases: &[],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "the policy asks about an image whose name cannot be told from the file",
        docs: "An argument without a default, a malformed substitution or a malformed name leaves open what is \
               pulled. As long as the policy restricts images, that is refused. Give the `ARG` a default that is \
               allowed, or write the name out.",
        bad: &[
            "ARG BASE\nFROM ${BASE}\n",
            "FROM $UNDECLARED/x:1\n",
            "FROM ${X:1}\n",
            "FROM registry.corp.example/a:1\nARG I\nCOPY --from=$I /a /b\n",
            "FROM registry.corp.example/a:1\nCOPY --from=3 /a /b\n",
            "FROM registry.corp.example/UPPER\n",
        ],
        good: &["ARG BASE=registry.corp.example/a:1\nFROM $BASE\n", "FROM registry.corp.example/a:1\n"],
    },
    asked: |policy| policy.registries.is_some() || policy.final_base.is_some() || policy.pin.value > Pin::None,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    let (by, every) = asked_by(cx.policy);
    // a policy on the final base alone does not ask about other stages
    let roots: HashSet<usize> = cx.build.last().into_iter().flat_map(|n| cx.build.lineage(n)).collect();
    for used in &cx.build.uses {
        let Base::Unresolved(why) = &used.target else { continue };
        let is_root = used.place == Place::From && used.stage.is_some_and(|s| roots.contains(&s));
        if !every && !is_root {
            continue;
        }
        let message = format!("it cannot be told which image {} {} means", used.place.words(), shown(&used.written));
        out.push(
            Offence::new(used.span, &used.written, message)
                .note(shown(why.as_bytes()))
                .by(by, "this asks about it")
                .help("give the ARG an allowed default in front of the first FROM, or write the name out"),
        );
    }
}

/// Which value asks, and whether it asks about every image.
fn asked_by(policy: &Policy) -> (SetBy, bool) {
    let images = &policy.images;
    match (&images.registries, &images.final_base) {
        (Some(list), _) => (list.by, true),
        _ if images.pin.value > Pin::None => (images.pin.by, true),
        (None, Some(list)) => (list.by, false),
        (None, None) => (SetBy::Default, false),
    }
}
