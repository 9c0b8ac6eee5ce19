//! `DL4000`: `MAINTAINER`.

use super::{Context, Offence, Rule, always};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::Keyword;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL4000",
        aliases: &["maintainer", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6", "maintainer-is-deprecated"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "MAINTAINER is deprecated",
        docs: "`LABEL org.opencontainers.image.authors` took its place.",
        bad: &["FROM alpine:3\nMAINTAINER somebody\n"],
        good: &["FROM alpine:3\nLABEL org.opencontainers.image.authors=\"somebody\"\n"],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for instruction in cx.instructions().filter(|i| i.keyword == Keyword::Maintainer) {
        let help = "write LABEL org.opencontainers.image.authors=\"…\"";
        out.push(Offence::at(instruction, "MAINTAINER is deprecated").help(help));
    }
}
