//! No format prints a secret, nor a byte that acts on a terminal, wherever they are planted.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::OnceLock;

/// What no output may hold of a secret.
const WINDOW: usize = 8;

/// Secrets of many lengths and alphabets. `*` is left out: it is what masks are made of.
fn secret() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[A-Za-z0-9_+/=-]{8,80}".prop_map(String::into_bytes),
        4 => "[0-9a-f]{32,64}".prop_map(String::into_bytes),
        4 => "[!-)+-~]{8,60}".prop_map(String::into_bytes),
        4 => "\\PC{8,40}".prop_map(String::into_bytes),
        2 => "[ab]{8,30}".prop_map(String::into_bytes),
        2 => "([A-Za-z0-9+/]{20,64}\n){2,12}[A-Za-z0-9+/]{0,30}".prop_map(String::into_bytes),
        4 => proptest::collection::vec(any::<u8>(), 8..200),
        // longer than what a snippet keeps around its mark
        1 => proptest::collection::vec(any::<u8>(), 4000..4500),
    ]
    .prop_map(|bytes| bytes.into_iter().map(|b| if b == b'*' { b'x' } else { b }).collect())
}

fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "[ -~]{0,40}".prop_map(String::into_bytes),
        "\\PC{0,20}".prop_map(String::into_bytes),
        "[\u{0}-\u{ff}\u{200b}-\u{202e}\u{2066}\u{2028}\u{301}日]{0,20}".prop_map(String::into_bytes),
    ]
}

/// An outcome that repeats the secrets in every field that holds text.
fn planted(secrets: &[Vec<u8>], noise: &[Vec<u8>]) -> Outcome {
    let sep = |n: usize| noise[n % noise.len()].as_slice();
    let mut line = Vec::new();
    for (n, secret) in secrets.iter().chain(secrets).enumerate() {
        line.extend_from_slice(sep(n));
        line.extend_from_slice(secret);
    }
    line.extend_from_slice(sep(0));
    let text = String::from_utf8_lossy(&line).into_owned();

    let mut findings = Vec::new();
    for (n, secret) in secrets.iter().enumerate() {
        let start = memchr::memmem::find(&line, secret).unwrap();
        let span = Span::new(start, start + secret.len());
        let path = [b"dir/", line.as_slice()].concat();
        let origin = if n % 2 == 0 { Origin::Index } else { Origin::Commit(commit_id()) };
        let at = Location::in_file(&path, origin, &line, span);
        let mut finding = Finding::new(
            "leak".into(),
            GuardId::Secrets,
            Level::ALL[1 + n % 4],
            text.clone(),
            at,
            fingerprint(n as u8 % 16),
        );
        finding.secret = Some(Secret::new(secret));
        finding.note = text.clone();
        finding.help = vec![text.clone(), format!("{text:?}")];
        finding.related.push(Label { file: text.clone(), position: Position::new(&line, span), message: text.clone() });
        finding.fix = Some(Fix { span, replacement: text.clone() });
        findings.push(finding);
    }
    let mut all = outcome(findings);
    // the last one is known from a suppressed finding alone
    if let Some(finding) = all.findings.pop() {
        all.suppressed.push(Suppressed { finding, by: Suppressor::Inline, reason: text.clone() });
    }
    let mut plain = base_image();
    plain.message.clone_from(&text);
    plain.at.position = Some(Position::new(&line, Span::new(line.len() / 2, line.len() / 2 + 1)));
    all.findings.push(plain);
    all.incomplete.push(Incomplete { what: text.clone(), why: text.clone(), help: text.clone() });
    all.notices.push(text);
    all
}

/// Every output but the one that may show secrets.
fn outputs(outcome: &Outcome) -> Vec<(String, Vec<u8>)> {
    let provenance = Some(Provenance { uri: format!("https://x.example/{}", outcome.notices[0]), revision: None });
    let mut all = Vec::new();
    let options = Options { verbose: true, show_secrets: true, provenance, ..Options::default() };
    for format in Format::ALL {
        let mut out = Vec::new();
        write(format, outcome, &[], &options, &mut out).unwrap();
        all.push((format!("{format:?}"), out));
    }
    let mut out = Vec::new();
    let policy = Some(outcome.notices[0].as_str());
    write_remote(outcome, Remote { verdict: Verdict::Rejected, policy, gitlab: true }, &mut out).unwrap();
    assert!(out.is_ascii());
    assert!(out.iter().filter(|b| **b == b'\n').count() <= 40);
    all.push((String::from("remote"), out));
    all
}

/// Every window of what the formats print around planted text: the same outcome with harmless text.
fn fixed_windows() -> &'static HashSet<[u8; WINDOW]> {
    static FIXED: OnceLock<HashSet<[u8; WINDOW]>> = OnceLock::new();
    FIXED.get_or_init(|| {
        let mut harmless = planted(&[vec![b'*'; 40], vec![b'*'; 41]], &[b"~".to_vec()]);
        harmless.findings.iter_mut().for_each(|f| f.secret = None);
        outputs(&harmless).iter().flat_map(|(_, out)| windows(out)).collect()
    })
}

fn windows(bytes: &[u8]) -> impl Iterator<Item = [u8; WINDOW]> + '_ {
    bytes.windows(WINDOW).filter_map(|w| w.try_into().ok())
}

/// Whether a window may come from what reports draw or write to make a byte visible: it can coincide with
/// a secret of few characters.
fn is_drawn(window: &[u8; WINDOW]) -> bool {
    let drawn = |b: &u8| b" \\*^-|%{}".contains(b);
    let digits = |b: &u8| b"xu0123456789abcdefABCDEF".contains(b);
    window.iter().any(drawn) && window.iter().all(|b| drawn(b) || digits(b))
}

/// The first window of a secret in the output of a format.
fn leak(secrets: &[Vec<u8>], outputs: &[(String, Vec<u8>)]) -> Option<String> {
    let known: HashSet<[u8; WINDOW]> = secrets.iter().flat_map(|s| windows(s)).collect();
    let leaked = |w: &[u8; WINDOW]| known.contains(w) && !is_drawn(w) && !fixed_windows().contains(w);
    outputs.iter().find_map(|(name, out)| {
        let window = windows(out).find(leaked)?;
        let at = memchr::memmem::find(out, &window)?;
        let around = &out[at.saturating_sub(100)..(at + 100).min(out.len())];
        Some(format!(
            "{name} prints {:?} in {:?}",
            window.escape_ascii().to_string(),
            around.escape_ascii().to_string()
        ))
    })
}

/// The same for the digits of a path that is not UTF-8.
fn leak_in_hex(secrets: &[Vec<u8>], outputs: &[(String, Vec<u8>)]) -> bool {
    let known: HashSet<[u8; WINDOW]> = secrets.iter().flat_map(|s| windows(s)).collect();
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let runs = outputs.iter().flat_map(|(_, out)| out.split(|b| digit(*b).is_none()));
    runs.filter(|run| run.len() >= 2 * WINDOW && run.len() % 2 == 0).any(|run| {
        let bytes: Vec<u8> = run.chunks(2).filter_map(|p| Some(digit(p[0])? << 4 | digit(p[1])?)).collect();
        windows(&bytes).any(|w| known.contains(&w))
    })
}

/// What stands in front of a word that is a password, and the word.
fn word() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof!["[a-z]{3,9}_password", "[A-Z]{4,12}", "  - [a-z]{2,20}"];
    let is = prop_oneof![Just(" = \""), Just(": "), Just("="), Just("='")];
    let word = prop_oneof!["[a-z]{4,12}", "[A-Z][a-z-]{4,20}", Just(String::from("name"))];
    ((name, is), word).prop_map(|((name, is), word)| (format!("{name}{is}"), word))
}

/// Two findings on one line, the first of which is a word, and a sentence of the program's own that has the word.
fn with_words(words: &[(String, String)], token: &[u8]) -> Outcome {
    let mut findings = Vec::new();
    for (n, (before, word)) in words.iter().enumerate() {
        let line = [before.as_bytes(), word.as_bytes(), b"\"; token = '", token, b"'"].concat();
        let own = format!("Password {word} in a file");
        for (secret, start) in
            [(Secret::word(word.as_bytes()), before.len()), (Secret::new(token), line.len() - 1 - token.len())]
        {
            let span = Span::new(start, start + secret.expose().len());
            let at = Location::in_file(format!("{word}/f").as_bytes(), Origin::Index, &line, span);
            let mut finding =
                Finding::new("leak".into(), GuardId::Secrets, Level::Warn, own.clone(), at, fingerprint(n as u8 % 16));
            finding.secret = Some(secret);
            finding.own_words = true;
            finding.help = vec![own.clone()];
            findings.push(finding);
        }
        let mut quoting = unsigned();
        quoting.message = String::from_utf8_lossy(&line).into_owned();
        findings.push(quoting);
    }
    let mut all = outcome(findings);
    all.notices.push(String::from("policy"));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_format_prints_a_window_of_a_secret(
        secrets in proptest::collection::vec(secret(), 1..4),
        noise in proptest::collection::vec(noise(), 1..4),
    ) {
        let outputs = outputs(&planted(&secrets, &noise));
        let leak = leak(&secrets, &outputs);
        prop_assert!(leak.is_none(), "{}", leak.unwrap_or_default());
        prop_assert!(!leak_in_hex(&secrets, &outputs));
    }

    #[test]
    fn no_format_prints_a_word_at_its_place_and_each_says_it_elsewhere(
        words in proptest::collection::vec(word(), 1..4),
        token in "[A-Za-z0-9]{20,40}",
    ) {
        for (name, out) in outputs(&with_words(&words, token.as_bytes())) {
            let out = String::from_utf8(out).unwrap();
            prop_assert!(!windows(token.as_bytes()).any(|w| memchr::memmem::find(out.as_bytes(), &w).is_some()));
            for (before, word) in &words {
                for before in [before.clone(), before.replace('"', "\\\"")] {
                    prop_assert!(!out.contains(&format!("{before}{word}")), "{name} prints {before}{word}: {out}");
                }
                let said = format!("Password {word} in a file");
                prop_assert!(name == "remote" || out.contains(&said), "{name} does not say {said}: {out}");
                let path = format!("{word}/f");
                prop_assert!(out.contains(&path), "{name} does not name {path}: {out}");
            }
        }
    }

    #[test]
    fn no_format_prints_a_control_character(
        secrets in proptest::collection::vec(secret(), 1..3),
        noise in proptest::collection::vec(noise(), 1..4),
    ) {
        for (name, out) in outputs(&planted(&secrets, &noise)) {
            let text = String::from_utf8(out).unwrap();
            let bad = text.chars().find(|c| *c != '\n' && neutralise::is_hostile(*c));
            prop_assert!(bad.is_none(), "{name} prints {bad:?}");
        }
    }
}
