//! `image-tag`: the policy asks for a tag other than `latest`.

use super::{Context, Offence, Rule};
use crate::finding::{GuardId, Level};
use crate::policy::Pin;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "image-tag",
        aliases: &["DS-0001", "CKV_DOCKER_7"],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "an image has no tag, or the tag latest, and the policy asks for a fixed one",
        docs: "Without a tag, or with `latest`, a build takes whatever the registry holds that day. With \
               `images.pin = \"tag\"` every image that is pulled needs a tag other than `latest`, or a digest.",
        bad: &[
            "FROM alpine\n",
            "FROM alpine:latest\n",
            "FROM alpine:3\nCOPY --from=busybox /a /b\n",
            "# syntax=docker/dockerfile\nFROM alpine:3\n",
        ],
        good: &[
            "FROM alpine:3.20 AS a\nFROM a\n",
            "FROM scratch\n",
            "FROM alpine@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        ],
    },
    asked: |policy| policy.pin.value == Pin::Tag,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for (used, image) in cx.pulled() {
        let message = match (&image.tag, &image.digest) {
            (_, Some(_)) => continue,
            (None, None) => "the image has no tag",
            (Some(tag), None) if tag == "latest" => "the image's tag is latest",
            _ => continue,
        };
        out.push(
            Offence::image(used, image, message)
                .by(cx.policy.images.pin.by, "a fixed tag is asked for here")
                .help("name the version that is meant, such as :3.20, or a digest"),
        );
    }
}
