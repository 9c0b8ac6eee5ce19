//! `DL4004`: more than one `ENTRYPOINT` in a stage.

use super::{Context, Offence, Rule, always, repeated};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::Keyword;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL4004",
        aliases: &["multiple-entrypoint", "DS-0007", "multiple-entrypoint-instructions"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "a stage has more than one ENTRYPOINT",
        docs: "Only the last `ENTRYPOINT` of a stage counts; those above it mislead the reader.",
        bad: &["FROM alpine:3\nENTRYPOINT [\"a\"]\nENTRYPOINT [\"b\"]\n"],
        good: &["FROM alpine:3 AS a\nENTRYPOINT [\"a\"]\nFROM a\nENTRYPOINT [\"b\"]\nONBUILD ENTRYPOINT [\"c\"]\n"],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    repeated(cx, Keyword::Entrypoint, out);
}
