//! `DL3000`: a relative `WORKDIR`.

use super::{Context, Offence, Rule, always};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::{Keyword, Kind};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3000",
        aliases: &["workdir-relative", "WorkdirRelativePath", "DS-0009", "CKV_DOCKER_10", "use-absolute-workdir"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "WORKDIR is not absolute",
        docs: "A relative `WORKDIR` depends on the one before it, which the base image may change.",
        bad: &[
            "FROM alpine:3\nWORKDIR app\n",
            "FROM alpine:3\nWORKDIR \"app/x\"\n",
            "FROM alpine:3\nONBUILD WORKDIR x\n",
        ],
        good: &[
            "FROM alpine:3\nWORKDIR /app\n",
            "FROM alpine:3\nWORKDIR \"/app\"\n",
            "FROM alpine:3\nWORKDIR $HOME/app\n",
            "FROM alpine:3\nWORKDIR c:\\\\app\n",
        ],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for instruction in cx.instructions().filter(|i| i.keyword == Keyword::Workdir) {
        let Kind::Words(words) = &instruction.kind else { continue };
        let path = words.first().map_or(&[][..], |w| w.unquoted());
        let absolute = match path {
            // a variable may hold an absolute path
            [b'/' | b'\\' | b'$', ..] => true,
            [drive, b':', ..] => drive.is_ascii_alphabetic(),
            _ => false,
        };
        if !absolute {
            out.push(Offence::at(instruction, "WORKDIR is relative").help("write the path from / on"));
        }
    }
}
