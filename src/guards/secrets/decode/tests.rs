use super::super::base64::encode;
use super::*;
use proptest::prelude::*;
use std::fmt::Write;

const TEXT: &str = "user = admin; password = correct horse battery staple";

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        write!(out, "{b:02x}").unwrap();
        out
    })
}

fn each_byte(text: &str, prefix: &str, suffix: &str) -> String {
    text.bytes().map(|b| format!("{prefix}{b:02x}{suffix}")).collect()
}

/// How `needle` is encoded in `text`, and its place: the outermost that is found.
fn find(text: &[u8], needle: &str) -> Option<(String, Span)> {
    let mut found = None;
    let limit = each(text, |layer| {
        if let Some(at) = memchr::memmem::find(layer.text(), needle.as_bytes())
            && let Some((span, how)) = layer.source(Span::new(at, at + needle.len()))
        {
            found.get_or_insert((how, span));
        }
        Ok(())
    });
    assert_eq!(limit.unwrap().limit, None);
    found
}

#[track_caller]
fn finds(text: &str, how: &str, place: &str) {
    let (found, span) = find(text.as_bytes(), "horse battery").unwrap_or_else(|| panic!("not found in {text}"));
    assert_eq!(found, how);
    assert_eq!(String::from_utf8_lossy(span.of(text.as_bytes())), place);
}

/// Where the digits of `needle` lie in those of `text`.
fn digits(text: &str, needle: &str) -> String {
    let at = text.find(needle).unwrap();
    let encoded = encode(text.as_bytes());
    encoded[at * 8 / 6..((at + needle.len()) * 8).div_ceil(6)].to_owned()
}

#[test]
fn single_encodings_are_opened_and_placed() {
    let place = digits(TEXT, "horse battery");
    finds(&encode(TEXT.as_bytes()), "base64", &place);
    finds(&format!("data:\n  token: \"{}\"\n  other: x\n", encode(TEXT.as_bytes())), "base64", &place);
    finds(&format!("https://example.com/some/path/{}=", encode(TEXT.as_bytes())), "base64", &place);
    finds(&format!("key: 0x{}", hex(TEXT)), "hex", &hex("horse battery"));
    let place = each_byte("horse battery", "%", "");
    finds(&format!("a {} b", each_byte(TEXT, "%", "")), "percent", &place);
    finds(&format!("a {} b", each_byte(TEXT, "\\x", "")), "escapes", &each_byte("horse battery", "\\x", ""));
    finds(&format!("a {} b", each_byte(TEXT, "\\u00", "")), "escapes", &each_byte("horse battery", "\\u00", ""));
    finds(&format!("<a>{}</a>", each_byte(TEXT, "&#x", ";")), "entities", &each_byte("horse battery", "&#x", ";"));
}

#[test]
fn wrapped_lines_are_one_text() {
    let encoded = encode(TEXT.repeat(6).as_bytes());
    for (width, indent, end) in [(64, "", "\n"), (76, "", "\r\n"), (60, "    ", "\n"), (80, "\t", "\n")] {
        let lines: Vec<&str> = encoded.as_bytes().chunks(width).map(|l| std::str::from_utf8(l).unwrap()).collect();
        let text = format!("block: |{end}{indent}{}{end}next: line{end}", lines.join(&format!("{end}{indent}")));
        let (how, _) = find(text.as_bytes(), &TEXT.repeat(6)).unwrap();
        assert_eq!(how, "base64", "{width}");
    }
    // a value in one line ends with it
    let text = format!("a: {}\nEND", encode(TEXT.as_bytes()));
    assert_eq!(find(text.as_bytes(), &format!("{TEXT}\n")), None);
    let mut last = Vec::new();
    each(text.as_bytes(), |layer| {
        last = layer.text().to_vec();
        Ok(())
    })
    .unwrap();
    assert_eq!(String::from_utf8_lossy(&last), format!("a: {TEXT}\n"));
}

#[test]
fn encodings_in_each_other_are_named_from_the_outside() {
    let percent = each_byte(TEXT, "%", "");
    let base64 = encode(percent.as_bytes());
    finds(&base64, "base64 > percent", &digits(&percent, &each_byte("horse battery", "%", "")));
    let wide: Vec<u8> = TEXT.bytes().flat_map(|b| [b, 0]).collect();
    assert_eq!(find(encode(&wide).as_bytes(), "horse battery").unwrap().0, "base64 > utf-16");
    let mut text = TEXT.to_owned();
    for depth in 1..=MAX_DEPTH + 3 {
        text = encode(text.as_bytes());
        let mut seen = 0;
        let limit = each(text.as_bytes(), |_| {
            seen += 1;
            Ok(())
        });
        assert_eq!(seen, depth.min(MAX_DEPTH));
        assert_eq!(limit.unwrap().limit, (depth > MAX_DEPTH).then_some(Limit::Depth), "{depth}");
    }
}

#[test]
fn strings_of_a_list_are_one_text() {
    let notebook =
        "{\"source\": [\n  \"key = \\\"abc\\\"\\n\",\n  \"---- BEGIN\\n\",\n  \"line\\n\",\n  \"---- END\"\n ]}";
    let (how, _) = find(notebook.as_bytes(), "key = \"abc\"\n---- BEGIN\nline\n---- END").unwrap();
    assert_eq!(how, "escapes");
    // what an escape joins to the word behind it
    assert_eq!(find(b"'first line\\nsecond line'", "line\nsecond").unwrap().1, Span::new(7, 19));
    assert_eq!(find(b"{\"a\":\"{\\\"b\\\":\\\"c d e\\\"}\"}", "\"b\":\"c d e\"").unwrap().0, "escapes");
    assert_eq!(find("\\ud83d\\ude00 smile".as_bytes(), "\u{1f600} smile").unwrap().0, "escapes");
}

#[test]
fn wide_characters_among_other_bytes() {
    for big in [false, true] {
        let wide = TEXT.bytes().flat_map(|b| if big { [0, b] } else { [b, 0] });
        let text: Vec<u8> = b"\x7fELF\x80\x01".iter().copied().chain(wide).chain(*b"\x80\x81").collect();
        let (how, span) = find(&text, "battery staple").unwrap();
        assert_eq!((how.as_str(), span.of(&text).len().div_ceil(2)), ("utf-16", 14), "{big}");
    }
}

#[test]
fn whole_texts_in_utf_16_keep_their_lines_and_columns() {
    let text = format!("größe = 1\r\n\r\nкнига \u{1f600} = {TEXT}\n");
    for (mark, big) in [(true, false), (true, true), (false, false), (false, true)] {
        let text = if mark { format!("\u{feff}{text}") } else { text.clone() };
        let units = text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() });
        let bytes: Vec<u8> = units.collect();
        let decoded = Transcoded::of(&bytes).unwrap();
        assert!(decoded.hides_bytes());
        let at = memchr::memmem::find(decoded.text(), b"correct").unwrap();
        let mut position = Position::new(decoded.text(), Span::new(at, at + 7));
        decoded.locate(&mut position);
        assert_eq!((position.line, position.column, position.end_line, position.end_column), (3, 36, 3, 43));
        assert_eq!(position.span.of(&bytes).len(), 14);
        assert!(position.span.of(&bytes).starts_with(if big { b"\0c" } else { b"c\0" }));
    }
    let text = [MARK, b"key = value"].concat();
    let marked = Transcoded::of(&text).unwrap();
    let mut position = Position::new(marked.text(), Span::new(0, 3));
    marked.locate(&mut position);
    assert_eq!((position.column, position.span), (1, Span::new(3, 6)));
    assert!(!marked.hides_bytes());
    for plain in
        [&b""[..], b"text", b"a\0b", b"\0\0\0\0\0\0\0\0", b"\xff\xfe\0\0a\0\0\0", b"\x7fELF\x02\x01\0\0\0\0\x03\0"]
    {
        assert!(Transcoded::of(plain).is_none(), "{plain:?}");
    }
}

#[test]
fn noise_is_left_alone() {
    let noise = "c0b5e8d1f3a2978465b4c3d2e1f0a9b8c7d6e5f4 SGVsbG8= sha512-Zx8kQ2vLm9Rt4Yp7Ws1Nb6Hd3Jf5KgZx8kQ2vLm9Rt==\n\
                 let configuration_of_the_application_window = initialise_application_window_settings();\n\
                 // ------------------------------------------------------------\n\
                 printf(\"%d %s 100%\\n\", a && b);\n  C:\\Program Files\\common  AT&T";
    let mut layers = 0;
    each(noise.as_bytes(), |_| {
        layers += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(layers, 0);
}

/// The layers of a text, and the bound that was reached.
fn layers(text: &[u8]) -> (Vec<Vec<u8>>, Option<Limit>) {
    let mut all = Vec::new();
    let limit = each(text, |layer| {
        all.push(layer.text().to_vec());
        Ok(())
    });
    (all, limit.unwrap().limit)
}

#[test]
fn values_side_by_side_are_not_in_each_other() {
    let mut line: Vec<String> = (0..100).map(|n| encode(format!("this is short text {n}").as_bytes())).collect();
    let (all, limit) = layers(line.join(" ").as_bytes());
    assert_eq!((all.len(), limit), (1, None));
    assert!((0..100).all(|n| memchr::memmem::find(&all[0], format!("short text {n}").as_bytes()).is_some()));
    // next to escapes of escapes only as often as those are in each other, and they in what stands beside them
    line[50] = "a \\\\\"b\\\\\" c".to_owned();
    let (all, limit) = layers(line.join(" ").as_bytes());
    assert!(all.len() <= 5 && limit.is_none(), "{} {limit:?}", all.len());
    // rows of one byte, as tables of test vectors have them
    let rows = |byte: u8| [vec![byte; 24], vec![16], vec![byte; 16], vec![24]].concat();
    let table: Vec<u8> = (0..=255).rev().flat_map(rows).collect();
    let (all, limit) = layers(&table);
    assert!(all.len() <= 5 && limit.is_none(), "{} {limit:?}", all.len());
    // short values make the most of their contexts
    let many = [encode(b"short texts in it!"), " ".to_owned()].concat().repeat(1 << 17);
    let (all, limit) = layers(many.as_bytes());
    assert_eq!((all.len(), limit), (1, None));
}

#[test]
fn a_name_is_decoded_together_with_its_value() {
    for value in [encode(TEXT.as_bytes()), each_byte(TEXT, "%", ""), each_byte(TEXT, "&#x", ";")] {
        let (all, limit) = layers(format!("{{\"body\": \"{{\\\"name\\\": \\\"{value}\\\"}}\"}}").as_bytes());
        let whole = format!("{{\"name\": \"{TEXT}\"");
        assert!(all.iter().any(|l| memchr::memmem::find(l, whole.as_bytes()).is_some()), "{value}");
        assert_eq!((all.len(), limit), (2, None), "{value}");
    }
}

#[test]
fn what_decodes_to_itself_is_nothing_new() {
    let backslashes = "\\".repeat(1 << 16);
    for text in ["3".repeat(1 << 16), "30".repeat(1 << 16), backslashes] {
        let (all, limit) = layers(text.as_bytes());
        assert_eq!((all.len(), limit), (usize::from(text.starts_with("30")), None), "{}", &text[..8]);
    }
    // but only all of it
    let text = "3".repeat(1 << 10) + &hex("and a text");
    assert_eq!(find(text.as_bytes(), "and a text").unwrap().0, "hex");
}

#[test]
fn escapes_of_escapes_end_at_a_bound() {
    let chain = format!("%{} ", "25".repeat(40));
    assert_eq!(layers(chain.repeat(50).as_bytes()).1, Some(Limit::Depth));
    let long = chain.repeat((1 << 20) / chain.len());
    let (all, limit) = layers(long.as_bytes());
    assert_eq!(limit, Some(Limit::Bytes));
    assert!(all.iter().map(Vec::len).sum::<usize>() <= TIMES * long.len() + SLACK);
}

#[test]
fn many_encoded_texts_end_at_the_bound() {
    // each `\"` makes a stretch of a few hundred bytes, but none makes more bytes than it takes
    let text = "\\\"a".repeat(1 << 18);
    let mut total = 0;
    let limit = each(text.as_bytes(), |layer| {
        total += layer.text().len();
        Ok(())
    });
    assert_eq!(limit.unwrap().limit, None);
    assert!(total <= TIMES * text.len() + SLACK);
}

fn encoded() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "\\n",
        "\\\"",
        "\\u0041",
        "\\ud83d",
        "\\x4",
        "\\\\",
        "%41",
        "%4",
        "&#65;",
        "&#x4",
        "&amp;",
        "=",
        "\n",
        "\"",
        ",",
        "\0",
        "a\0b\0",
        "QWxhZGRpbjpvcGVuIHNlc2FtZSBvcGVuIHNlc2FtZQ",
        "68656c6c6f20776f726c642068656c6c6f20776f726c64",
        "\u{feff}",
    ];
    let piece = prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_breaks_and_every_place_is_inside(text in encoded()) {
        each(&text, |layer| {
            let len = layer.text().len();
            for at in 0..len {
                for end in [at + 1, at + 7, len] {
                    if let Some((span, _)) = layer.source(Span::new(at, end.min(len))) {
                        assert!(span.start < span.end && span.end <= text.len());
                    }
                }
            }
            Ok(())
        }).unwrap();
        if let Some(decoded) = Transcoded::of(&text) {
            let mut position = Position::new(decoded.text(), Span::new(0, decoded.text().len()));
            decoded.locate(&mut position);
            prop_assert!(position.span.end <= text.len());
        }
    }

    #[test]
    fn what_is_encoded_in_each_other_is_found(
        text in "[ -~]{40,100}", how in prop::collection::vec(0..5, 1..5), beside in "[a-z \"\n]{0,200}",
    ) {
        let mut whole = text.clone();
        for how in how {
            let encoded = match how {
                0 => encode(whole.as_bytes()),
                1 => hex(&whole),
                2 => each_byte(&whole, "%", ""),
                3 => each_byte(&whole, "&#x", ";"),
                _ => each_byte(&whole, "\\x", ""),
            };
            let other = encode(TEXT.as_bytes());
            whole = format!("{other} \\\" {beside} {encoded} {other} {beside}");
        }
        let found = layers(whole.as_bytes()).0.iter().any(|l| memchr::memmem::find(l, text.as_bytes()).is_some());
        prop_assert!(found, "{}", whole);
    }

    #[test]
    fn what_is_encoded_is_found(text in "[ -~äß]{40,200}", how in 0..4, before in "[ -~]{0,20}") {
        let encoded = match how {
            0 => encode(text.as_bytes()),
            1 => hex(&text),
            2 => each_byte(&text, "%", ""),
            _ => each_byte(&text, "\\x", ""),
        };
        let whole = format!("{before} {encoded}\n");
        let mut found = false;
        each(whole.as_bytes(), |layer| {
            found |= memchr::memmem::find(layer.text(), text.as_bytes()).is_some();
            Ok(())
        }).unwrap();
        prop_assert!(found, "{}", whole);
    }
}
