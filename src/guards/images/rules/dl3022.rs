//! `DL3022`: `COPY --from` that names no earlier stage.

use super::{Context, Offence, Rule, always, shown};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::stages::{Base, Place};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3022",
        aliases: &["copy-from-unknown-stage"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "COPY --from names no earlier stage",
        docs: "A name that is no earlier stage's is taken for an image and pulled: often a stage's name was misspelt, \
               and somebody may own the image of that name. An image that is meant has a tag, a digest or a path.",
        bad: &[
            "FROM alpine:3 AS build\nFROM scratch\nCOPY --from=biuld /a /a\n",
            "FROM alpine:3\nCOPY --from=5 /a /a\n",
        ],
        good: &[
            "FROM alpine:3 AS build\nFROM scratch\nCOPY --from=BUILD /a /a\nCOPY --from=0 /b /b\n",
            "FROM scratch\nCOPY --from=busybox:1 /a /a\n",
            "FROM scratch\nCOPY --from=registry.corp.example/x /a /a\n",
            "FROM scratch\nONBUILD COPY --from=build /a /a\n",
        ],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for used in cx.build.uses.iter().filter(|u| u.place == Place::CopyFrom && !u.onbuild) {
        let bare = match &used.target {
            Base::Image(_) => !used.written.iter().any(|b| matches!(b, b':' | b'@' | b'/')),
            Base::Unresolved(_) => true,
            _ => false,
        };
        if bare {
            let message = format!("--from={} is no earlier stage", shown(&used.written));
            let help = "name a stage above, or the image with its tag";
            out.push(Offence::new(used.span, &used.written, message).help(help));
        }
    }
}
