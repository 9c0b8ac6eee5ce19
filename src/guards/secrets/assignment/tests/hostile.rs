//! Texts that are made to be slow.

use super::*;

const KINDS: [Kind; 7] =
    [Kind::Code, Kind::Markup, Kind::Prose, Kind::Shell, Kind::Dockerfile, Kind::Properties, Kind::Yaml];

#[test]
fn the_work_is_linear_in_hostile_texts() {
    let units = [
        "key=",
        "key=key ",
        "key:",
        "key\":\"",
        "key='key=\"key=`",
        "key=\\\"key=\\\\\\\"",
        "key:[",
        "key:[\"",
        "\"key\":[\"a\",",
        "key ",
        "key(",
        "key(\"",
        "key=Some(",
        "key=get(a,",
        "key: a ",
        "key=a||",
        "keykey",
        "<key>",
        "=\"key\">",
        "key:\n- ",
        "--key ",
        "?key=",
        ";key=",
        "\"key:",
        "'key: ",
        "key\n value:",
        "://a:b@",
        "://",
        "basic a1",
        "bearer a",
        "bearer /",
        "curl -u ",
        "curl -u a:",
        "curl ",
        "mysql -p'",
        "identified by '",
        "identified with a",
        "kty\":\"oct\"",
        "\"kty\":\"RSA\"",
        "\"kty\":\"RSA\",\"d\":\"",
        "convertto-securestring ",
        "convertto-securestring '-asplaintext",
        "key=\"\"\"",
        "key=&quot;",
        "key%22%3A%22",
        "key: |\n  key: |\n",
        "key = \\\n",
        "key = 'a1' + ",
        "key = 'a1'\n",
        "key = q{",
        "key = [[",
        "key = a ? ",
        "login(",
        "login('a',",
        "basic_auth 'a', 'b",
        "getconnection(a, ",
        "btoa('a:",
        "insert into t (key,",
        "insert into t (key) values ('a'),",
        "('a'),",
        "htpasswd -b ",
        "echo a | chpasswd ",
        "| chpasswd",
        "key</a><value>",
        "getkey() { return ",
        "'--key', default",
        "setenv key ",
        "{key} = ",
        "key:\n  a\n",
        "##key=",
        "// key: ",
        ">key=",
    ];
    for unit in units {
        for filler in ["", "a", "\n", "                "] {
            let unit = format!("{unit}{filler}");
            let work = |len: usize| {
                let text = unit.repeat(len / unit.len());
                KINDS.into_iter().map(|kind| pairs(text.as_bytes(), kind).1).max().unwrap_or(0)
            };
            let (small, large) = (work(1 << 12), work(1 << 14));
            // the constant is what bounded values and gaps cost at worst, not what texts cost
            assert!(large <= 64 << 14, "{unit:?}: {} steps a byte", large >> 14);
            assert!(large <= 5 * small + (1 << 15), "{unit:?}: {small} steps, four times the text {large}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn spans_lie_in_the_text_and_in_order(
        parts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec![
                    "password", "apiKey", "token", "secret", "://", "basic ", "bearer ", "curl", " -u ", "kty", "mysql",
                    "identified", " by ", "convertto-securestring", "-asplaintext", "\"", "'", "`", "\\\"", "\\\\\\\"",
                    "&quot;", "%22", "\\u0022", "\"\"\"", "=", ":", "=>", ":=", "==", "(", ")", "[", "]", "{", "}", "<",
                    ">", ",", ";", "?", "&", "@", " ", "\n", "\r\n", "\t", "--", "-", "- ", "value", "Some(", "ENV ",
                    "hunter22", "\\", "|", "$", "\u{e9}", "\0", "d", "k", "oct", "RSA", "<![CDATA[", "]]>", "login(", "btoa(", "insert into ", "values",
                    "htpasswd -b ", "echo ", " | chpasswd", "apikey ", "+", "q", "%w", "</", "default", "return", "!", "#", "%",
                ]).prop_map(|s| s.as_bytes().to_vec()),
                prop::collection::vec(any::<u8>(), 0..6),
            ],
            0..60,
        ),
    ) {
        let text = parts.concat();
        for kind in KINDS {
            for pair in pairs(&text, kind).0 {
                prop_assert!(pair.name.start < pair.name.end && pair.name.end <= text.len());
                prop_assert!(pair.value.start < pair.value.end && pair.value.end <= text.len());
                prop_assert!(pair.name.end <= pair.value.start || pair.place == Place::Jwk);
                prop_assert!(pair.value.end - pair.value.start <= MAX_VALUE);
            }
        }
    }
}
