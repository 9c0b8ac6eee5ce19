//! `DL3021`: several sources, and a target that does not read as a directory.

use super::{Context, Offence, Rule, always};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::{Keyword, Kind};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3021",
        aliases: &["copy-target-slash", "DS-0011"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "COPY of several sources to a target that does not end in /",
        docs: "With more than one source the target is a directory, and builders want it to end in `/`.",
        bad: &["FROM alpine:3\nCOPY a b /dir\n", "FROM alpine:3\nCOPY [\"a\", \"b\", \"dir\"]\n"],
        good: &[
            "FROM alpine:3\nCOPY a b /dir/\n",
            "FROM alpine:3\nCOPY a b \"dir/\"\n",
            "FROM alpine:3\nCOPY a b .\n",
            "FROM alpine:3\nCOPY a /dir\n",
            "FROM alpine:3\nCOPY a b $DIR\n",
        ],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for instruction in cx.instructions().filter(|i| i.keyword == Keyword::Copy) {
        let Kind::Transfer(transfer) = &instruction.kind else { continue };
        let target = transfer.target.unquoted();
        let directory =
            matches!(target, [.., b'/' | b'\\'] | b"." | b"..") || target.ends_with(b"/.") || target.contains(&b'$');
        if transfer.sources.len() > 1 && !directory {
            let message = "several sources are copied to a target that does not end in /";
            out.push(Offence::at(instruction, message).help("end the target with /"));
        }
    }
}
