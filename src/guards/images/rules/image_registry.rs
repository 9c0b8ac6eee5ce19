//! `image-registry`: an image from a registry or repository that the policy does not allow.

use super::{Context, Offence, Rule, listed};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::stages::Place;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "image-registry",
        aliases: &["DL3026"],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "an image comes from a registry that the policy does not allow",
        docs: "Whoever controls an image controls what is built on it. `images.registries` names the images that may \
               be used, as patterns of the full name; every place that pulls one is judged: `FROM`, `COPY --from`, \
               `RUN --mount from`, their `ONBUILD` forms and the frontend in `# syntax=`. Names of stages count only \
               where they are exactly an earlier stage's.",
        bad: &[
            "FROM ubuntu:24.04\n",
            "FROM registry.corp.example/base:1 AS ubuntu\nFROM ubuntu:1\n",
            "ARG R=evil.example\nFROM ${R}/x:1\n",
            "FROM registry.corp.example/a:1\nCOPY --from=evil.example/x:1 /a /b\n",
            "FROM registry.corp.example/a:1\nRUN --mount=type=bind,from=evil.example/x,target=/x true\n",
            "FROM registry.corp.example/a:1\nONBUILD COPY --from=evil.example/x:1 /a /b\n",
            "FROM registry.corp.example/a:1\nONBUILD RUN --mount=from=evil.example/x:1 true\n",
            "# syntax=evil.example/frontend:1\nFROM registry.corp.example/a:1\n",
            "FROM localhost:5000/x:1\n",
            "FROM registry.corp.example:5000/x:1\n",
        ],
        good: &[
            "FROM registry.corp.example/base:1 AS Build\nFROM scratch\nCOPY --from=build /a /\nCOPY --from=0 /b /\n",
            "# syntax=docker/dockerfile:1\nFROM registry.corp.example/base:1\n",
            "FROM registry.corp.example/a:1 AS b\nFROM B\nRUN --mount=from=B true\n",
            "ARG R=registry.corp.example\nFROM ${R}/x:1\n",
            "FROM registry.corp.example/a:1\nRUN <<EOF\nFROM evil.example/x\nEOF\n",
        ],
    },
    asked: |policy| policy.registries.is_some(),
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    let (Some(asked), Some(patterns)) = (&cx.policy.images.registries, &cx.patterns.registries) else { return };
    for (used, image) in cx.pulled() {
        if patterns.iter().any(|p| p.matches(image)) {
            continue;
        }
        let what = match used.place {
            Place::Frontend => "the frontend that reads this file",
            _ if used.onbuild => "the image that a trigger pulls",
            _ => "the image",
        };
        out.push(
            Offence::image(used, image, format!("{what} is {}, which no allowed pattern covers", image.name()))
                .by(asked.by, "only these are allowed")
                .help(format!("use an image of: {}", listed(&asked.value)))
                .help("or have its registry added to images.registries"),
        );
    }
}
