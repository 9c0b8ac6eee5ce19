//! `image-final-base`: the final stage is built on something that the policy does not allow.

use super::{Context, Offence, Rule, listed};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::stages::{Base, Stage};
use crate::guards::images::policy::Pattern;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "image-final-base",
        aliases: &[],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "the final stage is built on an image that the policy does not allow",
        docs: "What the final stage is built on ships with the product. `images.final_base` names the bases that may; \
               `FROM stage` is followed to the image that it began with. `scratch` is allowed where it is listed.",
        bad: &[
            "FROM registry.corp.example/ubuntu:24.04\n",
            "FROM registry.corp.example/golang:1 AS build\nFROM build\n",
            "FROM registry.corp.example/golang:1 AS scratch\nFROM scratch\n",
            "FROM registry.corp.example/evil:1 AS base-arm64\nFROM scratch AS base-amd64\nFROM base-${TARGETARCH}\n",
        ],
        good: &[
            "FROM scratch\n",
            "FROM registry.corp.example/golang:1 AS build\nFROM gcr.io/distroless/static:nonroot\n",
            "FROM registry.corp.example/base/alpine:3 AS base\nFROM golang AS build\nFROM base\n",
        ],
    },
    asked: |policy| policy.final_base.is_some(),
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    let (Some(asked), Some(patterns)) = (&cx.policy.images.final_base, &cx.patterns.final_base) else { return };
    let Some(last) = cx.build.last() else { return };
    let Some(last_stage) = cx.build.stages.get(last) else { return };
    for n in cx.build.lineage(last) {
        let Some(stage) = cx.build.stages.get(n) else { continue };
        let Some(name) = refused(stage, patterns) else { continue };
        let mut offence = Offence::new(
            stage.base_span,
            name.as_bytes(),
            format!("the final stage is built on {name}, which is not allowed"),
        )
        .note(name)
        .by(asked.by, "only these are allowed")
        .help(format!("allowed as the base of the final stage: {}", listed(&asked.value)))
        .help("build in an earlier stage and copy the result with COPY --from");
        if n != last {
            offence = offence.related(last_stage.base_span, "the final stage begins here");
        }
        out.push(offence);
    }
}

/// The name of the stage's base where it is not allowed. What cannot be told is another rule's.
fn refused(stage: &Stage, patterns: &[Pattern]) -> Option<String> {
    match &stage.base {
        Base::Scratch if !patterns.iter().any(Pattern::is_scratch) => Some("scratch".to_owned()),
        Base::Image(image) if !patterns.iter().any(|p| p.matches(image)) => Some(image.to_string()),
        _ => None,
    }
}
