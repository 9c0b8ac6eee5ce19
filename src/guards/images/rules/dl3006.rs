//! `DL3006`: a base without tag.

use super::{Context, Offence, Rule};
use crate::finding::{GuardId, Level};
use crate::policy::Pin;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3006",
        aliases: &["image-untagged", "missing-image-version"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "a base image has neither tag nor digest",
        docs: "Without a tag a build takes whatever the registry holds as `latest` that day. Where the policy sets \
               `images.pin`, `image-tag` or `image-digest` says it instead.",
        bad: &["FROM alpine\n", "ARG I=alpine\nFROM $I\n", "FROM localhost:5000/x\n"],
        good: &["FROM alpine:3\n", "FROM scratch\n", "FROM alpine:3 AS a\nFROM a\n", "FROM $UNKNOWN\n"],
    },
    asked: |policy| policy.pin.value == Pin::None,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for (used, image) in cx.bases().filter(|(_, i)| i.tag.is_none() && i.digest.is_none()) {
        out.push(Offence::image(used, image, "the image has no tag").help("name the version that is meant"));
    }
}
