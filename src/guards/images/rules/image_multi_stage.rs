//! `image-multi-stage`: building and shipping are not parted.

use super::{Context, Offence, Rule};
use crate::finding::{GuardId, Level};
use crate::guards::images::dockerfile::stages::Base;
use crate::guards::images::dockerfile::{Command, Instruction, Keyword, Kind};
use crate::rule::RuleMeta;

pub(super) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "image-multi-stage",
        aliases: &["prefer-multi-stage-build"],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "the file does not part building from shipping",
        docs: "A compiler, its caches and the source are of no use in a running container and of much use to an \
               intruder. With `images.multi_stage = true` the final stage must use at least one other stage, and \
               neither it nor a stage that it descends from may run a compiler or build tool.",
        bad: &[
            "FROM golang:1\nRUN go build -o /app .\n",
            "FROM golang:1 AS build\nRUN go build -o /app .\nFROM build\nCMD [\"/app\"]\n",
            "FROM scratch AS unused\nFROM alpine:3\nCOPY app /\n",
            "FROM alpine:3 AS files\nFROM golang:1\nCOPY --from=files /x /x\nRUN cd /src && CGO_ENABLED=0 go build\n",
            "FROM alpine:3 AS files\nFROM golang:1\nCOPY --from=files /x /x\nRUN <<EOF\ngo build ./...\nEOF\n",
        ],
        good: &[
            "FROM golang:1 AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n",
            "FROM alpine:3 AS base\nRUN apk add tini\nFROM golang:1 AS build\nRUN make\nFROM base\nCOPY --from=1 /a /a\n",
        ],
    },
    asked: |policy| policy.multi_stage.value,
    check,
};

fn check(cx: &Context<'_>, out: &mut Vec<Offence>) {
    let Some(last) = cx.build.last() else { return };
    let Some(stage) = cx.build.stages.get(last) else { return };
    let by = cx.policy.images.multi_stage.by;
    let asks = "several stages are asked for here";
    let advice = "build in a stage of its own: FROM … AS build, then COPY --from=build into the final stage";
    let subject = [&b"multi-stage "[..], stage.name.as_deref().unwrap_or_default()].concat();
    let parts_used = used_stages(cx, last);
    if parts_used < 2 {
        let message = match cx.build.stages.len() {
            1 => "the file has a single stage",
            _ => "the final stage uses no other stage",
        };
        out.push(Offence::new(stage.base_span, &subject, message).by(by, asks).help(advice));
        return;
    }
    for n in cx.build.lineage(last) {
        let found = cx.body(n).iter().find_map(|i| Some((i, build_tool(cx, i)?)));
        let Some((instruction, tool)) = found else { continue };
        let message = match n == last {
            true => format!("the final stage runs {tool}"),
            false => format!("the final stage descends from a stage that runs {tool}"),
        };
        let mut offence = Offence::new(instruction.span, &subject, message).by(by, asks).help(advice);
        if n != last {
            offence = offence.related(stage.base_span, "the final stage begins here");
        }
        out.push(offence);
        return;
    }
}

/// How many stages a build of `last` runs, itself included.
fn used_stages(cx: &Context<'_>, last: usize) -> usize {
    let mut uses_of = vec![Vec::new(); cx.build.stages.len()];
    for used in &cx.build.uses {
        let Base::Stages(targets) = &used.target else { continue };
        if let Some(list) = used.stage.and_then(|stage| uses_of.get_mut(stage)) {
            list.extend(targets.iter().copied());
        }
    }
    let mut seen = vec![false; uses_of.len()];
    let mut todo = vec![last];
    while let Some(n) = todo.pop() {
        if let Some(seen) = seen.get_mut(n).filter(|s| !**s) {
            *seen = true;
            todo.extend(uses_of.get(n).into_iter().flatten());
        }
    }
    seen.into_iter().filter(|s| *s).count()
}

/// Compilers and build tools; the second word must follow where one is given.
const TOOLS: &[(&str, &[&str])] = &[
    ("make", &[]),
    ("gmake", &[]),
    ("cmake", &[]),
    ("ninja", &[]),
    ("meson", &[]),
    ("bazel", &["build"]),
    ("gcc", &[]),
    ("g++", &[]),
    ("cc", &[]),
    ("c++", &[]),
    ("clang", &[]),
    ("clang++", &[]),
    ("rustc", &[]),
    ("cargo", &["build", "install"]),
    ("go", &["build", "install"]),
    ("javac", &[]),
    ("mvn", &[]),
    ("mvnw", &[]),
    ("gradle", &[]),
    ("gradlew", &[]),
    ("sbt", &[]),
    ("dotnet", &["build", "publish"]),
    ("msbuild", &[]),
    ("tsc", &[]),
    ("ghc", &[]),
    ("stack", &["build", "install"]),
    ("cabal", &["build", "install"]),
    ("swiftc", &[]),
    ("swift", &["build"]),
    ("zig", &["build"]),
];

/// The tool that a `RUN` starts, if it is one of [`TOOLS`]. Words are taken as they stand: quoting that
/// hides a command is not undone.
fn build_tool(cx: &Context<'_>, instruction: &Instruction) -> Option<&'static str> {
    let Kind::Command(command) = &instruction.kind else { return None };
    if instruction.keyword != Keyword::Run {
        return None;
    }
    let started = match command {
        Command::Exec(words) => tool(words.iter().map(|w| w.text.as_slice())),
        Command::Shell(text) => script_tool(&text.bytes),
    };
    started.or_else(|| instruction.heredocs.iter().find_map(|h| script_tool(h.body.of(cx.text))))
}

fn script_tool(script: &[u8]) -> Option<&'static str> {
    script
        .split(|b| matches!(b, b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'{' | b'}' | b'`'))
        .find_map(|part| tool(part.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty())))
}

fn tool<'w>(words: impl Iterator<Item = &'w [u8]>) -> Option<&'static str> {
    const PREFIXES: [&[u8]; 8] = [b"sudo", b"env", b"exec", b"time", b"then", b"do", b"else", b"if"];
    let mut words = words.skip_while(|w| w.contains(&b'=') || PREFIXES.contains(w));
    let first = words.next()?;
    let name = first.rsplit(|&b| b == b'/').next().unwrap_or(first);
    let (tool, verbs) = TOOLS.iter().find(|(tool, _)| tool.as_bytes() == name)?;
    let verb = words.find(|w| !w.starts_with(b"-"));
    (verbs.is_empty() || verb.is_some_and(|v| verbs.iter().any(|x| x.as_bytes() == v))).then_some(*tool)
}
