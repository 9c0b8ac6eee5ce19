//! `DL3023`: `COPY --from` that names its own stage.

use super::{Context, Offence, Rule, always, shown};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::stages::{Base, Place};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3023",
        aliases: &["copy-from-own-stage", "DS-0006", "copy-from-own-alias"],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "COPY --from names the stage that it stands in",
        docs: "A stage cannot copy from itself: the build ends with an error.",
        bad: &["FROM alpine:3 AS a\nCOPY --from=a /x /y\n"],
        good: &["FROM alpine:3 AS a\nFROM alpine:3 AS b\nCOPY --from=a /x /y\n"],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for used in cx.build.uses.iter().filter(|u| u.place == Place::CopyFrom) {
        let (Some(own), Base::Stages(stages)) = (used.stage, &used.target) else { continue };
        if stages.contains(&own) {
            let message = format!("--from={} is the stage itself", shown(&used.written));
            out.push(Offence::new(used.span, &used.written, message).help("leave --from out, or name another stage"));
        }
    }
}
