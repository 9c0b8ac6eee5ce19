//! Places where credentials stand in the world, each in its own syntax, and texts of the same languages that hold
//! none: references, prompts, types, declarations, translations, hashes.

use super::*;

/// `== path` and the text below it, again and again; each run of `§` stands for a random value, 20 bytes a sign.
const PLACES: &str = include_str!("places.txt");
/// The same without values.
const SILENT: &str = include_str!("silent.txt");

/// Path and text of each case.
fn cases(file: &str) -> Vec<(&str, &str)> {
    file.strip_prefix("== ").unwrap().split("\n== ").map(|case| case.split_once('\n').unwrap()).collect()
}

/// The text of case `n` with values in it, and these.
fn filled(n: usize, text: &str) -> (String, Vec<String>) {
    let (mut out, mut values, mut rest) = (String::new(), Vec::new(), text);
    while let Some(at) = rest.find('§') {
        let (head, tail) = rest.split_at(at);
        let next = tail.trim_start_matches('§');
        let signs = (tail.len() - next.len()) / '§'.len_utf8();
        let value =
            template::expand(&format!("{{{{alnum:{}}}}}", 20 * signs), &format!("{n} {}", values.len())).unwrap();
        out.extend([head, &value]);
        values.push(value);
        rest = next;
    }
    (out + rest, values)
}

#[test]
fn credentials_are_found_in_their_places() {
    let policy = policy(Confidence::Medium, &[]);
    let mut missed = Vec::new();
    let cases = cases(PLACES);
    assert!(cases.len() > 250);
    for (n, (path, text)) in cases.iter().enumerate() {
        let (text, values) = filled(n, text);
        assert!(!values.is_empty(), "{path}");
        let found: Vec<Span> = findings(&policy, path, text.as_bytes()).iter().filter_map(place).collect();
        for value in values {
            let start = text.find(&value).unwrap();
            if !found.iter().any(|span| span.start <= start && start + value.len() <= span.end) {
                missed.push(format!("{path}: {text}"));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

/// Where a finding stands in its file.
fn place(finding: &Finding) -> Option<Span> {
    finding.at.position.as_ref().map(|position| position.span)
}

#[test]
fn what_holds_no_credential_stays_silent() {
    let policy = policy(Confidence::Medium, &[]);
    let cases = cases(SILENT);
    assert!(cases.len() > 70);
    let spoke: Vec<String> = cases
        .iter()
        .flat_map(|(path, text)| findings(&policy, path, text.as_bytes()).into_iter().map(move |f| (path, text, f)))
        .map(|(path, text, f)| {
            let span = place(&f).unwrap_or(Span::new(0, 0));
            format!("{} {path}: {}", f.rule, String::from_utf8_lossy(span.of(text.as_bytes())))
        })
        .collect();
    assert!(spoke.is_empty(), "{}", spoke.join("\n"));
}
