//! `DL3025`: `CMD` or `ENTRYPOINT` in shell form.

use super::{Context, Offence, Rule, always};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::{Command, Keyword, Kind};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3025",
        aliases: &["json-command", "JSONArgsRecommended", "prefer-json-notation"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "CMD or ENTRYPOINT is not a JSON array",
        docs: "In shell form a shell is process 1 and takes the signals: the program is killed rather than asked to \
               stop. Text that is nearly JSON is shell form too.",
        bad: &["FROM alpine:3\nCMD run me\n", "FROM alpine:3\nENTRYPOINT ['run']\n", "FROM alpine:3\nONBUILD CMD x\n"],
        good: &[
            "FROM alpine:3\nCMD [\"run\", \"me\"]\n",
            "FROM alpine:3\nENTRYPOINT []\nRUN true\n",
            "FROM alpine:3\nCMD\n",
        ],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for instruction in cx.instructions().filter(|i| matches!(i.keyword, Keyword::Cmd | Keyword::Entrypoint)) {
        let Kind::Command(Command::Shell(text)) = &instruction.kind else { continue };
        if !text.bytes.is_empty() {
            let message = format!("{} is not a JSON array", instruction.keyword.name());
            out.push(Offence::at(instruction, message).help("write it as [\"program\", \"argument\"]"));
        }
    }
}
