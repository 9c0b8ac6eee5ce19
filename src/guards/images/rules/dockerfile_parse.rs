//! `dockerfile-parse`: an instruction that no builder accepts.

use super::{Context, Offence, Rule, always};
use crate::finding::{GuardId, Level};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "dockerfile-parse",
        aliases: &["DL1000"],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "an instruction cannot be read",
        docs: "The build ends with an error there. The instructions around it are judged all the same.",
        bad: &[
            "FORM alpine:3\n",
            "FROM alpine:3 AS\n",
            "FROM a b c d\n",
            "FROM alpine:3 AS 1st\n",
            "FROM alpine:3\nCOPY a\n",
            "FROM alpine:3\nENV x\n",
            "FROM alpine:3\nONBUILD FROM x\n",
            "FROM alpine:3\nCMD [\"a\", 1]\n",
            "FROM alpine:3\nRUN <<EOF\ntrue\n",
            "# escape=x\nFROM alpine:3\n",
            "FROM alpine:3\nHEALTHCHECK sometimes\n",
        ],
        good: &[
            "FROM alpine:3\nRUN <<EOF\ntrue\nEOF\nUSER 1\n",
            "FROM alpine:3\nRUN\nENTRYPOINT []\nCMD [bad json\n",
            "# escape=`\nFROM alpine:3\nRUN a `\n  b\n",
        ],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for error in &cx.file.errors {
        let mut offence = Offence::new(error.span, error.message.as_bytes(), error.message.clone());
        if !error.help.is_empty() {
            offence = offence.help(error.help.clone());
        }
        out.push(offence);
    }
}
