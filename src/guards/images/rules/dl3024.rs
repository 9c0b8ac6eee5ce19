//! `DL3024`: two stages of one name.

use super::{Context, Offence, Rule, always, shown};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::Kind;
use crate::rule::RuleMeta;
use std::collections::HashMap;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "DL3024",
        aliases: &["duplicate-stage", "DuplicateStageName", "DS-0012", "CKV_DOCKER_11", "alias-must-be-unique"],
        guard: GuardId::Images,
        level: Level::Warn,
        summary: "two stages have the same name",
        docs: "Which of them a later `FROM` or `COPY --from` means depends on where it stands.",
        bad: &["FROM alpine:3 AS a\nFROM alpine:3 AS A\n"],
        good: &["FROM alpine:3 AS a\nFROM alpine:3 AS b\nFROM scratch\nFROM scratch\n"],
    },
    asked: always,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    let mut first = HashMap::new();
    for stage in &cx.build.stages {
        let Some(Kind::From(from)) = cx.file.instructions.get(stage.from).map(|i| &i.kind) else { continue };
        let (Some(key), Some(name)) = (&stage.name, &from.name) else { continue };
        match first.get(key) {
            Some(span) => out.push(
                Offence::new(name.span, key, format!("a stage above is called {} as well", shown(&name.text)))
                    .related(*span, "the first of the name")
                    .help("give each stage a name of its own"),
            ),
            None => {
                first.insert(key, name.span);
            }
        }
    }
}
