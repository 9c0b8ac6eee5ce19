//! `DL3007`: a base with the tag `latest`.

use super::{Context, Offence, Rule};
use crate::finding::{GuardId, Level};
use crate::policy::Pin;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3007",
        aliases: &["image-latest", "avoid-latest-version"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "a base image has the tag latest",
        docs: "`latest` is whatever the registry holds under it that day. Where the policy sets `images.pin`, \
               `image-tag` or `image-digest` says it instead.",
        bad: &["FROM alpine:latest\n"],
        good: &[
            "FROM alpine:3\n",
            "FROM alpine:latest@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        ],
    },
    asked: |policy| policy.pin.value == Pin::None,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    let latest = cx.bases().filter(|(_, i)| i.tag.as_deref() == Some("latest") && i.digest.is_none());
    for (used, image) in latest {
        out.push(Offence::image(used, image, "the image's tag is latest").help("name the version that is meant"));
    }
}
