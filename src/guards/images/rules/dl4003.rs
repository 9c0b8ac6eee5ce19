//! `DL4003`: more than one `CMD` in a stage.

use super::{Context, Offence, Rule, always, repeated};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::Keyword;
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL4003",
        aliases: &["multiple-cmd", "DS-0016", "multiple-cmd-instructions"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "a stage has more than one CMD",
        docs: "Only the last `CMD` of a stage counts; those above it mislead the reader.",
        bad: &["FROM alpine:3\nCMD [\"a\"]\nCMD [\"b\"]\n"],
        good: &["FROM alpine:3 AS a\nCMD [\"a\"]\nFROM a\nCMD [\"b\"]\nONBUILD CMD [\"c\"]\n"],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    repeated(cx, Keyword::Cmd, out);
}
