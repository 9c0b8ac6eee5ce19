//! The tables of keys agree with the types behind them.

use super::*;
use crate::finding::Confidence;
use crate::policy::datum::Datum;
use crate::policy::keys::{Kind, LEVELS, ROOT, Table};
use crate::policy::{Pin, Require, SetBy};

fn each(
    table: &'static Table,
    prefix: &str,
    guard: GuardId,
    out: &mut Vec<(String, GuardId, &'static super::super::keys::Key)>,
) {
    for key in table.keys() {
        let path = format!("{prefix}{}", key.name);
        if let Kind::Section(inner) = key.kind {
            each(inner, &format!("{path}."), GuardId::from_name(key.name).unwrap_or(guard), out);
        }
        out.push((path, guard, key));
    }
}

#[test]
fn names_of_choices_are_those_of_the_types() {
    let words = |path: &str| {
        let (table, key) = path.split_once('.').unwrap_or(("", path));
        let table = match ROOT.key(table).map(|k| k.kind) {
            Some(Kind::Section(table)) => table,
            _ => &ROOT,
        };
        match table.key(key).unwrap().kind {
            Kind::Choice(words) => words,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(LEVELS, Level::ALL.map(Level::name));
    assert_eq!(words("fail_level"), Level::ALL.map(Level::name));
    assert_eq!(words("secrets.min_confidence"), Confidence::ALL.map(Confidence::name));
    assert_eq!(words("images.pin"), Pin::ALL.map(Pin::name));
    assert_eq!(words("signatures.require"), Require::ALL.map(Require::name));
}

#[test]
fn every_setting_is_put_where_it_is_read() {
    let mut all = Vec::new();
    each(&ROOT, "", GuardId::Run, &mut all);
    let mut seen = 0;
    for (path, guard, key) in all {
        assert!(!key.doc.is_empty(), "{path}");
        assert!(!key.doc.ends_with('.'), "{path}");
        let Some(setting) = &key.setting else { continue };
        seen += 1;
        let datum = match key.kind {
            Kind::Bool => Datum::Bool(true),
            Kind::Choice(words) => Datum::Word(words.last().unwrap()),
            Kind::Count(_) | Kind::Size | Kind::Duration => Datum::Number(77),
            Kind::Patterns => Datum::Texts(vec!["a/**".to_owned()]),
            Kind::Globs => Datum::Globs(crate::policy::Globs { patterns: vec!["a".to_owned()], ..Default::default() }),
            Kind::Rules => Datum::Sources(Vec::new()),
            Kind::File => Datum::File(crate::policy::KeyFile { name: "f".to_owned(), bytes: (*b"x").into() }),
            other => panic!("{path}: {other:?}"),
        };
        let by = SetBy::Option("--test");
        let mut policy = Policy::default();
        (setting.set)(&mut policy, guard, datum.clone(), by);
        let got = (setting.get)(&policy, guard).unwrap();
        assert_eq!((got.value, got.by), (datum, by), "{path}");
        // a datum of another kind changes nothing
        (setting.set)(&mut policy, guard, Datum::Text("x".to_owned()), SetBy::Default);
        assert_eq!((setting.get)(&policy, guard).unwrap().by, by, "{path}");
    }
    assert_eq!(seen, 23);
}

#[test]
fn show_lists_every_key_in_order() {
    let policy = both(
        "version = 1\nfail_level = \"warn\"\n[secrets]\nmin_confidence = \"low\"\n[images]\npin = \"tag\"\n",
        concat!(
            "[images]\npin = \"digest\"\nrule.DL3007 = \"forbid\"\n",
            "[signatures.trust]\nallowed_signers = \"keys/allowed_signers\"\n",
            "[[signatures.signer]]\nname = \"Ada\"\nemails = [\"ada@corp.example\"]\nopenpgp = [\"keys/a.asc\"]\n",
            "[[hooks.require]]\nid = \"gitward\"\nmin_rev = \"1.0.0\"\nstages = [\"pre-push\"]\n",
            "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"say \\\"why\\\"\\u001b\"\nuntil = 2027-03-31\n",
            "[limits]\ndeadline = \"90s\"\n",
        ),
    );
    let lines: Vec<String> = crate::policy::show::show(&policy)
        .into_iter()
        .map(|k| format!("{} = {} ({})", k.key, k.value, k.origin))
        .collect();
    assert_eq!(
        lines,
        [
            "fail_level = \"warn\" (/etc/gitward/policy.toml:2:14)",
            "secrets.enabled = true (default)",
            "secrets.exclude = [] (default)",
            "secrets.rules = [\"default\"] (default)",
            "secrets.min_confidence = \"low\" (/etc/gitward/policy.toml:4:18)",
            "secrets.archives = false (default)",
            "images.enabled = true (default)",
            "images.exclude = [] (default)",
            "images.rule.image-latest = \"forbid\" (.gitward.toml:3:15)",
            "images.registries = not set (default)",
            "images.final_base = not set (default)",
            "images.multi_stage = false (default)",
            "images.pin = \"digest\" (.gitward.toml:2:7)",
            "signatures.enabled = true (default)",
            "signatures.exclude = [] (default)",
            "signatures.require = \"off\" (default)",
            "signatures.refs = [] (default)",
            "signatures.signer = { name = \"Ada\", emails = [\"ada@corp.example\"], openpgp = [\"keys/a.asc\"] } (.gitward.toml:6:1)",
            "signatures.trust.allowed_signers = \"keys/allowed_signers\" (.gitward.toml:5:19)",
            "signatures.max_skew = \"1d\" (default)",
            "signatures.min_rsa_bits = 2048 (default)",
            "hooks.enabled = true (default)",
            "hooks.exclude = [] (default)",
            "hooks.require = { id = \"gitward\", min_rev = \"1.0.0\", stages = [\"pre-push\"] } (.gitward.toml:10:1)",
            "allow = { fingerprint = \"gw1:4f9a12c07b3e\", reason = \"say \\\"why\\\"\\u{1b}\", until = 2027-03-31 } (.gitward.toml:14:1)",
            "limits.max_blob = \"256MiB\" (default)",
            "limits.deadline = \"90s\" (.gitward.toml:19:12)",
        ]
    );
}
