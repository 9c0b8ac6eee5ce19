//! Every kind of fault, with its place, message and help.

use super::*;
use miette::Diagnostic;

/// Every fault as `line:column code: message | help | help`.
fn faults(case: &Case<'_>) -> Vec<String> {
    let error = case.try_load().expect_err("a fault");
    let line = |p: &crate::policy::Problem| {
        let at = p.position.as_ref().map_or("-".to_owned(), |at| format!("{}:{}", at.line, at.column));
        let mut line = format!("{at} {}: {}", p.code.trim_start_matches("policy::"), p.message);
        for help in &p.help {
            line.push_str(" | ");
            line.push_str(help);
        }
        line
    };
    error.problems().iter().map(line).collect()
}

fn org_faults(text: &str) -> Vec<String> {
    faults(&Case { org: &[text], ..NOTHING })
}

fn repo_faults(text: &str) -> Vec<String> {
    faults(&Case { repo: Some(text), ..NOTHING })
}

type Table = &'static [(&'static str, &'static [&'static str])];

const FAULTS_OF_AN_ORGANISATION: Table = &[
    (
        "pin = \n",
        &[
            "1:7 syntax: not valid TOML: string values must be quoted, expected literal string | write text in quotes, true and false without",
        ],
    ),
    ("[images\npin = \"tag\"\n", &["1:8 syntax: not valid TOML: unclosed table, expected `]`"]),
    (
        "[images]\npin = tag\n",
        &[
            "2:7 syntax: not valid TOML: invalid boolean, expected `true` | write text in quotes, true and false without",
        ],
    ),
    (
        "[images]\npin = \"tag\"\npin = \"tag\"\n",
        &["3:1 syntax: not valid TOML: duplicate key | a key or table stands once in a file: put both in one place"],
    ),
    (
        "[images]\n[images]\n",
        &["2:2 syntax: not valid TOML: duplicate key | a key or table stands once in a file: put both in one place"],
    ),
    (
        "[secrets]\nrules = [\"default\"]\n[secrets.rules.github-pat]\nlevel = \"warn\"\n",
        &[
            "3:10 syntax: not valid TOML: cannot extend value of type array with a dotted key | `rules` of [secrets] is already the list of rule sources: write [secrets.rule.ID] for the level of a rule",
        ],
    ),
    ("version = 2\n", &["1:11 version: version is 2; this gitward reads version 1 | write `version = 1`"]),
    ("version = \"1\"\n", &["1:11 version: version is \"1\"; this gitward reads version 1 | write `version = 1`"]),
    (
        "[image]\n",
        &[
            "1:2 unknown_key: unknown key `image` at the top level | did you mean `images`? | keys of the top level: version, extends, fail_level, locked, open, secrets, images, signatures, hooks, allow, limits, repo",
        ],
    ),
    (
        "[images]\nregistires = []\n",
        &[
            "2:1 unknown_key: unknown key `registires` in [images] | did you mean `registries`? | keys of [images]: enabled, exclude, rule, registries, final_base, multi_stage, pin",
        ],
    ),
    (
        "pin = \"tag\"\n",
        &[
            "1:1 unknown_key: unknown key `pin` at the top level | `pin` is a key of [images] | keys of the top level: version, extends, fail_level, locked, open, secrets, images, signatures, hooks, allow, limits, repo",
        ],
    ),
    (
        "[images]\nlevel = \"warn\"\n",
        &[
            "2:1 unknown_key: unknown key `level` in [images] | `level` is a key of [GUARD.rule.ID] | keys of [images]: enabled, exclude, rule, registries, final_base, multi_stage, pin",
        ],
    ),
    (
        "[images]\nähnlich = 1\n",
        &[
            "2:1 syntax: not valid TOML: invalid unquoted key, expected letters, numbers, `-`, `_` | write a key with other characters in quotes",
        ],
    ),
    (
        "[images]\n\"ä\\u001b\" = 1\n",
        &[
            "2:1 unknown_key: unknown key `ä\\u{1b}` in [images] | keys of [images]: enabled, exclude, rule, registries, final_base, multi_stage, pin",
        ],
    ),
    (
        "[images.rule]\n\"a\\u001b\" = 1\n",
        &["2:13 type: images.rule.a\\u{1b} takes one of \"allow\", \"note\", \"warn\", \"deny\", \"forbid\", not 1"],
    ),
    (
        "[images]\nexclude = [\"ok\", \"a[\"]\n[secrets]\nmin_confidence = 3\n",
        &[
            "2:18 glob: images.exclude: \"a[\" is not a glob: unclosed character class; missing ']' | `*` stops at `/`, `**` does not; a backslash makes the next character plain",
            "4:18 type: secrets.min_confidence takes one of \"low\", \"medium\", \"high\", not 3",
        ],
    ),
    (
        "[defaults.images]\npin = \"tag\"\n",
        &[
            "1:2 unknown_key: unknown key `defaults` at the top level | keys of the top level: version, extends, fail_level, locked, open, secrets, images, signatures, hooks, allow, limits, repo",
        ],
    ),
    ("a = [1, 2\n\n", &["1:10 syntax: not valid TOML: unclosed array, expected `]`"]),
    ("version = 1\nfail_level = \"deny\n", &["2:19 syntax: not valid TOML: invalid basic string, expected `\"`"]),
    ("images = 1\n", &["1:10 type: images takes a table, not 1"]),
    ("[images]\npin = 1\n", &["2:7 type: images.pin takes one of \"none\", \"tag\", \"digest\", not 1"]),
    (
        "[images]\npin = \"digets\"\n",
        &["2:7 value: images.pin cannot be \"digets\" | did you mean \"digest\"? | it is one of none, tag, digest"],
    ),
    ("[images]\nmulti_stage = \"yes\"\n", &["2:15 type: images.multi_stage takes true or false, not \"yes\""]),
    (
        "[images]\nexclude = \"vendor\"\n",
        &[
            "2:11 type: images.exclude takes a list of globs such as [\"vendor/**\"], not \"vendor\" | put it in brackets: [\"…\"]",
        ],
    ),
    (
        "[images]\nexclude = [\"vendor\", 1]\n",
        &["2:22 type: images.exclude takes a list of globs such as [\"vendor/**\"]; this entry is 1"],
    ),
    (
        "[images]\nexclude = [\"ok/**\", \"a{b\", \"\"]\n",
        &[
            "2:21 glob: images.exclude: \"a{b\" is not a glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?) | `*` stops at `/`, `**` does not; a backslash makes the next character plain",
            "2:28 glob: images.exclude: \"\" is not a glob: it is empty and matches nothing | `*` stops at `/`, `**` does not; a backslash makes the next character plain",
        ],
    ),
    (
        "[secrets]\nmin_confidence = \"hihg\"\n",
        &[
            "2:18 value: secrets.min_confidence cannot be \"hihg\" | did you mean \"high\"? | it is one of low, medium, high",
        ],
    ),
    (
        "fail_level = \"none\"\n",
        &[
            "1:14 value: fail_level cannot be \"none\" | did you mean \"note\"? | it is one of allow, note, warn, deny, forbid",
        ],
    ),
    (
        "[limits]\nmax_blob = \"256MB\"\ndeadline = -1\n",
        &[
            "2:12 type: limits.max_blob takes bytes or a size such as \"256MiB\" (B, KiB, MiB, GiB), not \"256MB\"",
            "3:12 type: limits.deadline takes seconds or a duration such as \"24h\" (s, m, h, d), not -1",
        ],
    ),
    (
        "[signatures]\nmax_skew = \"one day\"\nmin_rsa_bits = 99999999\n",
        &[
            "2:12 type: signatures.max_skew takes seconds or a duration such as \"24h\" (s, m, h, d), not \"one day\"",
            "3:16 type: signatures.min_rsa_bits takes an integer from 0 to 16384, not 99999999",
        ],
    ),
    (
        "[[allow]]\n",
        &[
            "1:1 missing: allow has nothing to allow | add fingerprint = \"gw1:…\" of the finding, or `rule` and `path`",
            "1:1 missing: allow has no `reason` | add reason = \"…\": whoever reviews it must learn why",
        ],
    ),
    (
        "[[allow]]\nrule = \"github-pat\"\nreason = \"x\"\n",
        &["1:1 missing: allow has `rule` without `path` | add path = [\"tests/**\"]"],
    ),
    (
        "[[allow]]\npath = [\"a\"]\nreason = \"x\"\n",
        &["1:1 missing: allow has `path` without `rule` | add rule = \"ID\""],
    ),
    (
        "[[allow]]\nrule = \"github-pat\"\npath = []\nreason = \"x\"\n",
        &["1:1 value: allow.path is empty and means no file | name the files"],
    ),
    (
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\n",
        &["1:1 missing: allow has no `reason` | add reason = \"…\": whoever reviews it must learn why"],
    ),
    ("[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"  \"\n", &["3:10 value: allow.reason is empty"]),
    (
        "[[allow]]\nfingerprint = \"gw1:xyz\"\nreason = \"x\"\n",
        &[
            "2:15 value: allow.fingerprint = \"gw1:xyz\" is not a fingerprint | copy it from the finding: `gw1:` and 12 to 64 hexadecimal digits",
        ],
    ),
    (
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"x\"\nuntil = \"2027-02-30\"\n",
        &["4:9 type: allow.until takes a day such as 2027-03-31, not \"2027-02-30\""],
    ),
    (
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"x\"\nuntil = 2027-02-30\n",
        &["4:9 syntax: not valid TOML: invalid date, expected day between 01 and 28"],
    ),
    (
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"x\"\nuntil = 2027-03-31T00:00:00Z\n",
        &["4:9 type: allow.until takes a day such as 2027-03-31, not 2027-03-31T00:00:00Z"],
    ),
    (
        "[[allow]]\nrule = \"github-pta\"\npath = [\"a\"]\nreason = \"x\"\n",
        &[
            "2:8 rule: there is no rule \"github-pta\" | did you mean `github-pat`? | `gitward rules list` names every rule",
        ],
    ),
    (
        "[allow]\nreason = \"x\"\n",
        &["1:1 type: allow is a list of tables | write [[allow]] with two brackets on each side"],
    ),
    ("allow = [1]\n", &["1:10 type: allow takes tables under [[allow]], not 1"]),
    (
        "[secrets]\nrules = [\"default\", \"none.toml\"]\n",
        &[
            "2:21 file: secrets.rules: cannot read rule file \"none.toml\": entity not found | file names are relative to /etc/gitward/policy.toml",
        ],
    ),
    (
        "[secrets]\nrules = [\"latin1.toml\"]\n",
        &["2:10 file: secrets.rules: rule file \"latin1.toml\" is not UTF-8 text: byte 5 is not valid"],
    ),
    (
        "[signatures.trust]\nallowed_signers = \"none\"\n",
        &[
            "2:19 file: signatures.trust.allowed_signers: cannot read key file \"none\": entity not found | file names are relative to /etc/gitward/policy.toml",
        ],
    ),
    (
        "[[signatures.signer]]\nname = \"a\"\nopenpgp = [\"keys/a.asc\", \"none\"]\n",
        &[
            "3:26 file: signatures.signer.openpgp: cannot read key file \"none\": entity not found | file names are relative to /etc/gitward/policy.toml",
        ],
    ),
    (
        "[[signatures.signer]]\nname = \"a\"\n",
        &[
            "1:1 missing: signatures.signer has no key to sign with | add openpgp = [\"keys/NAME.asc\"] or ssh = [\"ssh-ed25519 AAAA…\"]",
        ],
    ),
    (
        "[[signatures.signer]]\nssh = [\"ssh-ed25519 AAAAC3\"]\n",
        &["1:1 missing: signatures.signer has no `name` | add name = \"…\""],
    ),
    (
        "[[signatures.signer]]\nname = \"a\"\nssh = [\"keys/a.pub\"]\n",
        &[
            "3:8 value: signatures.signer.ssh: this is not an SSH public key | write the line of the .pub file: \"ssh-ed25519 AAAA…\"",
        ],
    ),
    (
        "[[signatures.signer]]\nname = \"a\"\nssh = \"ssh-ed25519 AAAAC3\"\n",
        &["3:7 type: signatures.signer.ssh takes a list of SSH public keys, not a text | put it in brackets: [\"…\"]"],
    ),
    (
        "[[hooks.require]]\nstages = [\"pre-commit\"]\n",
        &["1:1 missing: hooks.require has no `id` | add id = \"…\", the hook's id in hook configurations"],
    ),
    (
        "[[hooks.require]]\nid = \"a\"\nstages = [\"precommit\"]\nmin_rev = \"main\"\n",
        &[
            "3:11 value: hooks.require.stages cannot be \"precommit\" | did you mean \"pre-commit\"? | it is one of commit-msg, post-checkout, post-commit, post-merge, post-rewrite, pre-commit, pre-merge-commit, pre-push, prepare-commit-msg",
            "4:11 value: hooks.require.min_rev = \"main\" is not a version | write one such as \"1.4.0\"",
        ],
    ),
    (
        "[[hooks.require]]\nid = \"a\"\n[[hooks.require]]\nid = \"a\"\n",
        &["3:1 duplicate: hook \"a\" is required twice | remove one of the two"],
    ),
    (
        "[images.rules.DL30007]\nlevel = \"warn\"\n",
        &[
            "1:15 rule: there is no rule \"DL30007\" in images | did you mean `DL3007`? | `gitward rules list` names every rule",
        ],
    ),
    (
        "[images.rule.github-pat]\nlevel = \"warn\"\n",
        &[
            "1:14 rule: there is no rule \"github-pat\" in images | github-pat is a rule of secrets: [secrets.rule.github-pat] | `gitward rules list` names every rule",
        ],
    ),
    (
        "[images.rule]\nDL3007 = \"warning\"\n",
        &["2:10 value: images.rule.DL3007 cannot be \"warning\" | it is one of allow, note, warn, deny, forbid"],
    ),
    ("[images.rule.DL3007]\n", &["1:1 missing: images.rule.DL3007 has no `level` | add level = \"warn\""]),
    (
        "[images.rule.DL3007]\nlevle = \"warn\"\n",
        &[
            "2:1 unknown_key: unknown key `levle` in [GUARD.rule.ID] | did you mean `level`? | keys of [GUARD.rule.ID]: level",
        ],
    ),
    (
        "[images]\nrules = [\"DL3007\"]\n",
        &["2:9 type: images.rule takes a table of rules | write [images.rule.ID] and level = \"warn\" under it"],
    ),
    (
        "[images.rule]\nDL3007 = \"warn\"\nimage-latest = \"deny\"\n",
        &["3:1 duplicate: the level of image-latest is set twice | remove one of the two"],
    ),
    (
        "locked = [\"secret.*\", \"images.rule.DL9\"]\n",
        &[
            "1:11 value: locked: \"secret.*\" is no key | did you mean \"secrets.*\"? | name keys in full, such as \"images.pin\" or \"secrets.*\"",
            "1:23 rule: there is no rule \"DL9\" in images | `gitward rules list` names every rule",
        ],
    ),
    (
        "open = [\"\"]\n",
        &["1:9 value: open: \"\" is no key | name keys in full, such as \"images.pin\" or \"secrets.*\""],
    ),
    (
        "extends = \"stirct\"\n",
        &["1:11 value: extends cannot be \"stirct\" | did you mean \"strict\"? | it is one of baseline, strict"],
    ),
    (
        "[[repo]]\n[repo.images]\npin = \"tag\"\n",
        &[
            "1:1 missing: [[repo]] has no `match` | add match = { remote = [\"git.corp.example/team/**\"] }; what holds for all repositories stands at the top level",
        ],
    ),
    (
        "[[repo]]\nmatch = {}\n",
        &[
            "1:1 missing: [[repo]] has an empty `match` | add match = { remote = [\"git.corp.example/team/**\"] }; what holds for all repositories stands at the top level",
        ],
    ),
    (
        "[[repo]]\nmatch = { remote = [\"a{\"] }\n",
        &[
            "2:21 glob: match.remote: \"a{\" is not a glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?) | `*` stops at `/`, `**` does not; a backslash makes the next character plain",
        ],
    ),
    (
        "[[repo]]\nmatch = { remote = [\"a\"] }\nextends = \"strict\"\n",
        &[
            "3:1 unknown_key: unknown key `extends` in [[repo]] | `extends` is a key of the top level | keys of [[repo]]: match, fail_level, secrets, images, signatures, hooks, allow, limits",
        ],
    ),
];

const FAULTS_OF_A_REPOSITORY: Table = &[
    (
        "locked = [\"a\"]\n",
        &[
            "1:1 misplaced: `locked` belongs in an organisation's policy | remove it: a repository's policy speaks of this repository alone",
        ],
    ),
    (
        "[[repo]]\n",
        &[
            "1:3 misplaced: `repo` belongs in an organisation's policy | remove it: a repository's policy speaks of this repository alone",
        ],
    ),
    (
        "[signatures.trust]\nallowed_signers = \"../x\"\n",
        &[
            "2:19 file: signatures.trust.allowed_signers: cannot read key file \"../x\": a repository's policy names files of the repository alone, relative to itself | file names are relative to .gitward.toml",
        ],
    ),
    (
        "[secrets]\nrules=[\"/etc/x\"]\n",
        &[
            "2:8 file: secrets.rules: cannot read rule file \"/etc/x\": a repository's policy names files of the repository alone, relative to itself | file names are relative to .gitward.toml",
        ],
    ),
];

#[test]
fn every_fault_has_its_place_and_the_way_out() {
    for (text, want) in FAULTS_OF_AN_ORGANISATION {
        assert_eq!(org_faults(text), *want, "{text}");
    }
    for (text, want) in FAULTS_OF_A_REPOSITORY {
        assert_eq!(repo_faults(text), *want, "{text}");
    }
}

#[test]
fn faults_of_all_files_come_together_in_order() {
    let case = Case { org: &["a = 1\n[images]\npin = 1\n[hooks]\nb = 1\n"], repo: Some("c = 1"), ..NOTHING };
    let error = case.try_load().unwrap_err();
    assert_eq!(
        error.to_string(),
        "/etc/gitward/policy.toml:1:1: unknown key `a` at the top level\n\
         /etc/gitward/policy.toml:3:7: images.pin takes one of \"none\", \"tag\", \"digest\", not 1\n\
         /etc/gitward/policy.toml:5:1: unknown key `b` in [hooks]\n\
         .gitward.toml:1:1: unknown key `c` at the top level"
    );
}

#[test]
fn a_fault_speaks_miettes_protocol_and_plain_parts() {
    let error = Case { repo: Some("[images]\npin = \"digets\"\n"), ..NOTHING }.try_load().unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    assert_eq!((problem.file.as_str(), problem.line(), problem.column()), (REPO, Some(2), Some(7)));
    assert_eq!(problem.position.as_ref().unwrap().snippet.text, b"pin = \"digets\"");
    assert_eq!(Diagnostic::code(problem).unwrap().to_string(), "policy::value");
    assert_eq!(
        Diagnostic::help(problem).unwrap().to_string(),
        "did you mean \"digest\"?\nit is one of none, tag, digest"
    );
    let label = problem.labels().unwrap().next().unwrap();
    let shown = problem.source_code().unwrap().read_span(label.inner(), 0, 0).unwrap();
    assert_eq!((shown.name(), shown.data()), (Some(REPO), &b"\"digets\""[..]));
    assert_eq!(error.related().unwrap().count(), 1);
}

#[test]
fn two_places_are_named_for_what_stands_twice() {
    let text = "[images]\nrule.DL3007 = \"warn\"\nrules.image-latest = \"deny\"\n";
    let error = Case { repo: Some(text), ..NOTHING }.try_load().unwrap_err();
    let problem = &error.problems()[0];
    assert_eq!((problem.line(), problem.related[0].position.line), (Some(3), 2));
}

#[test]
fn what_is_not_text_or_too_large_is_refused() {
    let load = |bytes: &[u8]| {
        let repo = Some(PolicySource { name: REPO.to_owned(), bytes, read: &read_file });
        let overrides = Overrides::default();
        load(LoadRequest { org: Vec::new(), repo, remotes: &[], overrides, known_rules: &|| rules() })
            .unwrap_err()
            .to_string()
    };
    assert_eq!(load(b"a = 1\nb = \"\xe4\xff\"\n"), ".gitward.toml:2:6: not valid TOML: the file is not UTF-8 text");
    let large = format!("#{}", "x".repeat(1 << 20));
    assert_eq!(load(large.as_bytes()), ".gitward.toml: the policy has 1048577 bytes; 1048576 are the most");
}

/// A megabyte of faults of each kind is judged at once, and the report stays short.
#[test]
fn many_faults_cost_little() {
    let many = |line: &dyn Fn(usize) -> String| (0..40_000).map(line).collect::<String>();
    let deep = format!("a = {}", "[".repeat(100_000));
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    for text in [
        many(&|n| format!("k{n} = 1\n")),
        format!("[images.rule]\n{}", many(&|n| format!("r{n} = \"warn\"\n"))),
        format!("[images]\nexclude = [{}]", "\"[\",".repeat(4000)),
        format!("[images]\nexclude = [{}]", "\"a\",".repeat(5000)),
        "[[allow]]\n".repeat(40_000),
        "[[repo]]\n".repeat(40_000),
        format!("locked = [{}]", "\"x\",".repeat(4000)),
        "= \n".repeat(40_000),
        deep,
        dotted,
    ] {
        let error = Case { org: &[&text], ..NOTHING }.try_load().unwrap_err();
        assert!(error.problems().len() <= 50, "{}", error.problems().len());
        assert!(!error.problems().is_empty());
    }
}
