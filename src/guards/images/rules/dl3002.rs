//! `DL3002`: the last `USER` of a stage is root.

use super::{Context, Offence, Rule, always};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::scope::stage_scope;
use crate::guards::images::dockerfile::{Keyword, Kind};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3002",
        aliases: &["user-root", "CKV_DOCKER_8", "last-user-is-root"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "the last USER of a stage is root",
        docs: "Whoever breaks out of a process that runs as root is root outside it as well, unless user namespaces \
               stand in between. Switch back to another user after what needs root.",
        bad: &[
            "FROM alpine:3\nUSER root\n",
            "FROM alpine:3\nUSER app\nUSER 0:0\n",
            "FROM alpine:3\nARG WHO=root\nUSER $WHO\n",
        ],
        good: &[
            "FROM alpine:3\nUSER root\nRUN true\nUSER app\n",
            "FROM alpine:3\nUSER 1000\n",
            "FROM alpine:3\nUSER $WHO\n",
        ],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    for (n, stage) in cx.build.stages.iter().enumerate() {
        let last = cx.body(n).iter().enumerate().rev().find(|(_, i)| i.keyword == Keyword::User);
        let Some((at, instruction)) = last else { continue };
        let Kind::Words(words) = &instruction.kind else { continue };
        let Some(word) = words.first() else { continue };
        let mut user = word.unquoted().to_vec();
        if user.contains(&b'$') {
            let scope = stage_scope(cx.file, cx.build, n, stage.body.start + at);
            let value = scope.expand(&word.text, cx.file.escape, &cx.build.budget);
            let Some(value) = value.ok().filter(|v| v.unset.is_empty()) else { continue };
            user = value.text;
        }
        let name = user.split(|&b| b == b':').next().unwrap_or_default();
        let is_root = name == b"root" || !name.is_empty() && name.iter().all(|&b| b == b'0');
        if is_root {
            let message = "the last USER of the stage is root";
            out.push(Offence::at(instruction, message).help("end the stage with a USER that is not root"));
        }
    }
}
