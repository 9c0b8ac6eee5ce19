//! Corner cases of the language, one line each, and what must hold for any bytes.

use super::*;
use crate::finding::Span;
use proptest::prelude::*;

/// Writes an instruction so that tests can name it: keyword, flags, arguments as they were read.
fn sketch(instruction: &Instruction) -> String {
    let text = |w: &Word| String::from_utf8_lossy(&w.text).into_owned();
    let list = |words: &[Word]| words.iter().map(text).collect::<Vec<_>>().join("|");
    let command = |c: &Command| match c {
        Command::Exec(words) => format!("exec {}", list(words)),
        Command::Shell(shell) => String::from_utf8_lossy(&shell.bytes).into_owned(),
    };
    let mut out = instruction.keyword.name().to_owned();
    for flag in &instruction.flags {
        out += &format!(" --{}", String::from_utf8_lossy(&flag.name));
        out += &flag.value.as_ref().map(|v| format!("={}", text(v))).unwrap_or_default();
    }
    out += ": ";
    out += &match &instruction.kind {
        Kind::From(from) => {
            text(&from.image) + &from.name.as_ref().map(|n| format!(" AS {}", text(n))).unwrap_or_default()
        }
        Kind::Command(c) => command(c),
        Kind::Transfer(t) => {
            format!("{}{} -> {}", if t.json { "json " } else { "" }, list(&t.sources), text(&t.target))
        }
        Kind::Pairs(pairs) => {
            let pair = |p: &Pair| match &p.value {
                Some(value) => format!("{}{}{}", text(&p.key), if p.legacy { "~" } else { "=" }, text(value)),
                None => text(&p.key),
            };
            pairs.iter().map(pair).collect::<Vec<_>>().join("|")
        }
        Kind::Words(words) => list(words),
        Kind::Healthcheck(Some(c)) => command(c),
        Kind::Healthcheck(None) => "none".to_owned(),
        Kind::Onbuild(trigger) => sketch(trigger),
    };
    for heredoc in &instruction.heredocs {
        let mode = if heredoc.expand { "" } else { "'" };
        out += &format!(
            " <{mode}{}{}>",
            if heredoc.strip_tabs { "-" } else { "" },
            String::from_utf8_lossy(&heredoc.name)
        );
    }
    out
}

fn read(text: &str) -> String {
    let file = parse(text.as_bytes()).unwrap();
    let mut lines: Vec<String> = file.instructions.iter().map(sketch).collect();
    lines.extend(file.errors.iter().map(|e| format!("! {}", e.message)));
    lines.join("\n")
}

#[test]
fn corner_cases() {
    let cases: &[(&str, &str)] = &[
        ("", ""),
        ("\n \n# only\n", ""),
        ("FROM a", "FROM: a"),
        ("\u{feff}FROM a\r\nRUN b\r\n", "FROM: a\nRUN: b"),
        ("  from a as B", "FROM: a AS B"),
        ("FROM --platform=linux/amd64 a AS b", "FROM --platform=linux/amd64: a AS b"),
        ("FROM a AS", "FROM: a\n! FROM takes an image, or an image, AS and a name"),
        ("FROM", "! FROM needs an image"),
        // continuation
        ("RUN a \\\n  b", "RUN: a   b"),
        ("RUN a \\ \t\n b", "RUN: a  b"),
        ("RUN a \\\r\n b", "RUN: a  b"),
        ("RUN a \\\\\nUSER b", "RUN: a \\\\\nUSER: b"),
        ("RUN a \\\n# c\n  # d \\\n\n b", "RUN: a  b"),
        ("RUN a \\", "RUN: a"),
        ("RUN a # b", "RUN: a # b"),
        ("FR\\\nOM a", "FROM: a"),
        ("\\\nFROM a", "FROM: a"),
        // directives
        ("# escape=`\nRUN a `\n b", "RUN: a  b"),
        ("#ESCAPE = `  \nRUN a \\\nUSER b", "RUN: a \\\nUSER: b"),
        ("# a\n# escape=`\nRUN a `\nUSER b", "RUN: a `\nUSER: b"),
        ("\n# escape=`\nRUN a `\nUSER b", "RUN: a `\nUSER: b"),
        ("# check=skip=all\n# escape=`\nRUN a `\n b", "RUN: a  b"),
        ("# escape=x\nRUN a \\\n b", "RUN: a  b\n! the escape character must be \\ or `"),
        ("# escape=\\\n# escape=`\nRUN a `\nUSER b", "RUN: a `\nUSER: b\n! only one escape directive is allowed"),
        // here-documents
        ("RUN <<E\na\nE\nUSER b", "RUN: <<E <E>\nUSER: b"),
        ("RUN <<E\na\nE\n# c\nUSER b", "RUN: <<E <E>\nUSER: b"),
        ("RUN <<-E\n\ta\n\tE\nUSER b", "RUN: <<-E <-E>\nUSER: b"),
        ("RUN <<E\n\tE\nE", "RUN: <<E <E>"),
        ("RUN <<'E'\nE", "RUN: <<'E' <'E>"),
        ("RUN <<\"E F\"\nE F", "RUN: <<\"E F\" <'E F>"),
        ("RUN <<E bash\n# not a comment\n\\\nE\nUSER b", "RUN: <<E bash <E>\nUSER: b"),
        ("RUN cat << E > f\nx\nE\nUSER b", "RUN: cat << E > f <E>\nUSER: b"),
        ("RUN 3<<E <<F\nE\nF\nUSER b", "RUN: 3<<E <<F <E> <F>\nUSER: b"),
        ("RUN cat <<<E\nUSER b", "RUN: cat <<<E\nUSER: b"),
        ("RUN a<<E\nUSER b", "RUN: a<<E\nUSER: b"),
        ("RUN [\"<<E\"]\nUSER b", "RUN: exec <<E\nUSER: b"),
        ("COPY <<a <<b /x/\n1\na\n2\nb\nUSER c", "COPY: <<a|<<b -> /x/ <a> <b>\nUSER: c"),
        ("ADD <<-EOT /x\n\tEOT\nUSER c", "ADD: <<-EOT -> /x <-EOT>\nUSER: c"),
        ("COPY a <<b\nUSER c", "USER: c\n! COPY cannot have a here-document as its target"),
        ("ONBUILD RUN <<E\nFROM x\nE\nUSER b", "ONBUILD: RUN: <<E <E>\nUSER: b"),
        ("CMD <<E\nUSER b", "CMD: <<E\nUSER: b"),
        ("RUN <<E\r\na\r\nE\r\nUSER b", "RUN: <<E <E>\nUSER: b"),
        ("RUN <<E\nUSER b", "RUN: <<E\nUSER: b\n! no line ends the here-document E"),
        // JSON
        ("CMD []\nENTRYPOINT [ ]", "CMD: exec \nENTRYPOINT: exec "),
        ("CMD [\"a\", \"b\\u0041\"]", "CMD: exec a|bA"),
        ("CMD ['a']", "CMD: ['a']"),
        ("CMD [\"a\"] b", "CMD: [\"a\"] b"),
        ("CMD [\"a\", 1]", "! CMD has a JSON array of something else than strings"),
        ("RUN [[\"a\"]]", "! RUN has a JSON array of something else than strings"),
        ("COPY [\"a b\", \"c\"]", "COPY: json a b -> c"),
        ("COPY [\"a\"", "! COPY needs a source and a target"),
        ("SHELL [\"a\"]", "SHELL: exec a"),
        ("SHELL a", "! SHELL needs a JSON array"),
        ("VOLUME [\"/a\"]\nVOLUME /b /c", "VOLUME: /a\nVOLUME: /b|/c"),
        // flags
        ("COPY --from=a --chown=1:1 b c", "COPY --from=a --chown=1:1: b -> c"),
        ("COPY --from=\"a\" -- --b c", "COPY --from=a: --b -> c"),
        ("COPY --from=a --from=b c d", "COPY --from=a --from=b: c -> d\n! --from may stand only once"),
        ("COPY --from a b", "COPY --from: a -> b\n! --from needs a value"),
        ("RUN --mount=type=bind --network=none a --b", "RUN --mount=type=bind --network=none: a --b"),
        // pairs
        ("ENV a=1 b=\"2 3\" c=4\\ 5", "ENV: a=1|b=\"2 3\"|c=4\\ 5"),
        ("ENV a b c", "ENV: a~b c"),
        ("ENV a", "! ENV needs a value: name=value"),
        ("ENV a=1 b", "! ENV must be of the form name=value"),
        ("ARG a b=1 c=", "ARG: a|b=1|c="),
        ("ARG", "! ARG needs at least one argument"),
        ("LABEL \"a b\"=c", "LABEL: \"a b\"=c"),
        // the rest
        ("RUN", "RUN: "),
        ("HEALTHCHECK NONE\nHEALTHCHECK --interval=1s CMD a b", "HEALTHCHECK: none\nHEALTHCHECK --interval=1s: a b"),
        ("HEALTHCHECK x", "! HEALTHCHECK needs CMD or NONE"),
        ("ONBUILD ONBUILD RUN a", "! ONBUILD cannot be a trigger of ONBUILD"),
        ("ONBUILD from a", "! FROM cannot be a trigger of ONBUILD"),
        ("EXPOSE 80 $P", "EXPOSE: 80|$P"),
        ("WORKDIR /a b", "WORKDIR: /a b"),
        ("USER", "! USER needs an argument"),
        ("FORM a\nUSER b", "USER: b\n! unknown instruction FORM"),
    ];
    for (text, want) in cases {
        assert_eq!(read(text), *want, "{text:?}");
    }
}

#[test]
fn comments_and_bodies_have_their_places() {
    let text = "# one\nRUN a \\\n  # two\n  b <<E\n# body\nE\n#three";
    let file = parse(text.as_bytes()).unwrap();
    let at = |span: &Span| std::str::from_utf8(span.of(text.as_bytes())).unwrap();
    assert_eq!(file.comments.iter().map(at).collect::<Vec<_>>(), ["# one", "# two", "#three"]);
    let run = &file.instructions[0];
    assert_eq!(at(&run.span), "RUN a \\\n  # two\n  b <<E");
    assert_eq!(at(&run.keyword_span), "RUN");
    assert_eq!(at(&run.heredocs[0].body), "# body\n");
    let text = "ENV a=\"b c\" \\\n d=e\nCOPY [\"x\\\"y\", \"z\"]\nRUN a \\\n\n b";
    let file = parse(text.as_bytes()).unwrap();
    let at = |span: Span| std::str::from_utf8(span.of(text.as_bytes())).unwrap();
    let Kind::Pairs(pairs) = &file.instructions[0].kind else { panic!() };
    assert_eq!(at(pairs[0].value.as_ref().unwrap().span), "\"b c\"");
    assert_eq!(at(pairs[1].key.span), "d");
    let Kind::Transfer(copy) = &file.instructions[1].kind else { panic!() };
    assert_eq!((at(copy.sources[0].span), at(copy.target.span)), ("\"x\\\"y\"", "\"z\""));
    assert_eq!(file.empty_continuations.len(), 1);
}

#[test]
fn scopes() {
    let value = |text: &str| {
        let file = parse(text.as_bytes()).unwrap();
        let build = stages::resolve(&file);
        let last = build.last().unwrap();
        let scope = scope::stage_scope(&file, &build, last, file.instructions.len());
        let show = |name: &[u8]| scope.get(name).map(|v| String::from_utf8_lossy(v).into_owned());
        (show(b"x"), show(b"y"))
    };
    let some = |a: &str| Some(a.to_owned());
    assert_eq!(value("ARG x=1\nFROM a\n"), (None, None));
    assert_eq!(value("ARG x=1\nFROM a\nARG x\nENV y=$x\n"), (some("1"), some("1")));
    assert_eq!(value("FROM a\nENV x=1\nARG x=2\n"), (some("1"), None));
    assert_eq!(value("FROM a\nENV x=1\nENV x=2 y=$x\n"), (some("2"), some("1")));
    assert_eq!(value("FROM a AS b\nENV x=1\nARG y=2\nFROM b\n"), (some("1"), None));
    assert_eq!(value("FROM a\nENV x '1 2'\n"), (some("1 2"), None));
}

#[test]
fn many_lost_heredocs_stay_cheap() {
    let text = b"RUN <<A <<Z\n".repeat(20_000);
    let file = parse(&text).unwrap();
    assert_eq!(file.instructions.len(), 20_000);
    assert_eq!(file.errors.len(), 20_000);
}

fn spans(instruction: &Instruction, out: &mut Vec<Span>) {
    out.extend([instruction.span, instruction.keyword_span, instruction.args.whole()]);
    out.extend(instruction.flags.iter().map(|f| f.span));
    out.extend(instruction.heredocs.iter().map(|h| h.body));
    match &instruction.kind {
        Kind::From(from) => out.extend(from.name.iter().chain([&from.image]).map(|w| w.span)),
        Kind::Command(Command::Exec(words)) | Kind::Words(words) => out.extend(words.iter().map(|w| w.span)),
        Kind::Command(Command::Shell(text)) | Kind::Healthcheck(Some(Command::Shell(text))) => out.push(text.whole()),
        Kind::Healthcheck(_) => {}
        Kind::Transfer(t) => out.extend(t.sources.iter().chain([&t.target]).map(|w| w.span)),
        Kind::Pairs(pairs) => {
            out.extend(pairs.iter().flat_map(|p| p.value.iter().chain([&p.key])).map(|w| w.span));
        }
        Kind::Onbuild(trigger) => spans(trigger, out),
    }
}

/// Pieces that meet each other's corners more often than random bytes do.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "FROM ",
        "RUN ",
        "COPY ",
        "ARG x",
        "ENV ",
        "ONBUILD ",
        "HEALTHCHECK ",
        "CMD ",
        " AS ",
        "--from=",
        "--mount=",
        "from=",
        "\\",
        "`",
        "\n",
        "\r\n",
        "\t",
        " ",
        "#",
        "# escape=`\n",
        "# syntax=",
        "<<",
        "<<-E",
        "E\n",
        "\"",
        "'",
        "[",
        "]",
        ",",
        "${",
        "}",
        "$x",
        ":-",
        "/",
        "//",
        "x",
        "=",
        "\u{feff}",
        "\u{a0}",
        "é",
        "{\"syntax\":\"",
        "\0",
    ]);
    prop_oneof![
        prop::collection::vec(pieces, 0..40).prop_map(|p| p.concat().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_can_be_read(text in soup()) {
        let file = parse(&text).unwrap();
        let build = stages::resolve(&file);
        let mut all: Vec<Span> = file.comments.clone();
        all.extend(&file.empty_continuations);
        all.extend(file.errors.iter().map(|e| e.span));
        all.extend(file.directives.iter().chain(&file.frontend).map(|d| d.span));
        all.extend(build.uses.iter().map(|u| u.span));
        all.extend(build.stages.iter().map(|s| s.base_span));
        for instruction in &file.instructions {
            spans(instruction, &mut all);
        }
        for span in all {
            prop_assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {}", text.len());
        }
        for n in 0..build.stages.len() {
            scope::stage_scope(&file, &build, n, file.instructions.len());
            build.lineage(n);
        }
    }
}
