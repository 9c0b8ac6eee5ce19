//! `image-digest`: the policy asks for a digest.

use super::{Context, Offence, Rule};
use crate::finding::{GuardId, Level};
use crate::policy::Pin;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "image-digest",
        aliases: &["dockerfile-source-not-pinned"],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "an image has no digest, and the policy asks for one",
        docs: "A tag can be moved, a digest cannot. With `images.pin = \"digest\"` every image that is pulled needs \
               one; the tag may stay in front of it for people.",
        bad: &[
            "FROM alpine:3.20\n",
            "FROM scratch\nCOPY --from=busybox:1 /a /b\n",
            "# syntax=docker/dockerfile:1\nFROM scratch\n",
        ],
        good: &[
            "FROM scratch\n",
            "FROM alpine:3.20@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa AS a\nFROM a\n",
        ],
    },
    asked: |policy| policy.pin.value == Pin::Digest,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for (used, image) in cx.pulled().filter(|(_, image)| image.digest.is_none()) {
        out.push(
            Offence::image(used, image, "the image has no digest")
                .by(cx.policy.images.pin.by, "a digest is asked for here")
                .help("docker buildx imagetools inspect NAME shows it; write NAME:TAG@sha256:…"),
        );
    }
}
