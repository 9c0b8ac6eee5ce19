//! Who may change what.

use super::*;
use crate::finding::Confidence;
use crate::policy::{Layer, Pin, Require, RuleSource, SetBy};

#[test]
fn nothing_is_the_default() {
    let policy = NOTHING.load();
    assert!(policy.files.is_empty() && policy.notices.is_empty());
    assert_eq!(policy.fail_level.value, Level::Deny);
    assert_eq!(policy.secrets.rules.value, [RuleSource::Builtin]);
    assert_eq!(policy.secrets.min_confidence.value, Confidence::Medium);
    assert_eq!(policy.images.registries, None);
    assert_eq!(policy.images.pin.value, Pin::None);
    assert_eq!(policy.signatures.require.value, Require::Off);
    assert_eq!((policy.signatures.max_skew.value, policy.signatures.min_rsa_bits.value), (86_400, 2048));
    assert_eq!((policy.limits.max_blob.value, policy.limits.deadline.value), (256 << 20, 0));
}

#[test]
fn rules_are_asked_for_only_when_one_is_named() {
    let read = |_: &str| Err(io::Error::other("no file is named"));
    let never = || -> Vec<RuleMeta<'_>> { panic!("no rule is named") };
    let bytes = b"[images]\npin = \"tag\"\n";
    let repo = Some(PolicySource { name: REPO.to_owned(), bytes, read: &read });
    let request =
        LoadRequest { org: Vec::new(), repo, remotes: &[], overrides: Overrides::default(), known_rules: &never };
    assert_eq!(load(request).unwrap().images.pin.value, Pin::Tag);
}

/// Of an organisation's and a repository's text: the value that holds, and the remark, if there is one.
#[test]
fn a_repository_tightens_and_does_not_weaken() {
    let table: &[(&str, &str, &str, &str, &str)] = &[
        // key, organisation, repository, value and origin that hold, remark
        ("images.pin", "[images]\npin = \"tag\"", "[images]\npin = \"digest\"", "\"digest\" (.gitward.toml:2:7)", ""),
        (
            "images.pin",
            "[images]\npin = \"tag\"",
            "[images]\npin = \"none\"",
            "\"tag\" (/etc/gitward/policy.toml:2:7)",
            ".gitward.toml:2:7: images.pin = \"none\" is ignored: weaker than \"tag\", set at /etc/gitward/policy.toml:2:7",
        ),
        (
            "images.pin",
            "[images]\npin = \"tag\"",
            "[images]\npin = \"tag\"",
            "\"tag\" (/etc/gitward/policy.toml:2:7)",
            "",
        ),
        ("images.pin", "fail_level = \"deny\"", "[images]\npin = \"none\"", "\"none\" (.gitward.toml:2:7)", ""),
        (
            "fail_level",
            "fail_level = \"warn\"",
            "fail_level = \"deny\"",
            "\"warn\" (/etc/gitward/policy.toml:1:14)",
            ".gitward.toml:1:14: fail_level = \"deny\" is ignored: weaker than \"warn\", set at /etc/gitward/policy.toml:1:14",
        ),
        (
            "fail_level",
            "version = 1",
            "fail_level = \"forbid\"",
            "\"deny\" (default)",
            ".gitward.toml:1:14: fail_level = \"forbid\" is ignored: weaker than \"deny\", the default",
        ),
        ("fail_level", "version = 1", "fail_level = \"note\"", "\"note\" (.gitward.toml:1:14)", ""),
        (
            "secrets.enabled",
            "version = 1",
            "secrets.enabled = false",
            "true (default)",
            ".gitward.toml:1:19: secrets.enabled = false is ignored: weaker than true, the default",
        ),
        (
            "secrets.exclude",
            "version = 1",
            "secrets.exclude = [\"**\"]",
            "[] (default)",
            ".gitward.toml:1:19: secrets.exclude = [\"**\"] is ignored: \"**\" is not within [], the default",
        ),
        (
            "secrets.exclude",
            "secrets.exclude = [\"vendor/**\"]",
            "secrets.exclude = [\"vendor/a/**\"]",
            "[\"vendor/a/**\"] (.gitward.toml:1:19)",
            "",
        ),
        (
            "images.registries",
            "images.registries = [\"corp.example/**\", \"docker.io/library/*\"]",
            "images.registries = [\"corp.example/base/*\", \"docker.io/library/alpine\"]",
            "[\"corp.example/base/*\", \"docker.io/library/alpine\"] (.gitward.toml:1:21)",
            "",
        ),
        (
            "images.registries",
            "images.registries = [\"corp.example/*\"]",
            "images.registries = [\"corp.example/**\"]",
            "[\"corp.example/*\"] (/etc/gitward/policy.toml:1:21)",
            ".gitward.toml:1:21: images.registries = [\"corp.example/**\"] is ignored: \"corp.example/**\" is not within \
             [\"corp.example/*\"], set at /etc/gitward/policy.toml:1:21",
        ),
        (
            "images.final_base",
            "images.final_base = [\"scratch\"]",
            "images.final_base = []",
            "[] (.gitward.toml:1:21)",
            "",
        ),
        (
            "secrets.min_confidence",
            "secrets.min_confidence = \"medium\"",
            "secrets.min_confidence = \"high\"",
            "\"medium\" (/etc/gitward/policy.toml:1:26)",
            ".gitward.toml:1:26: secrets.min_confidence = \"high\" is ignored: weaker than \"medium\", set at \
             /etc/gitward/policy.toml:1:26",
        ),
        (
            "secrets.rules",
            "secrets.rules = [\"default\"]",
            "secrets.rules = [\"rules.toml\"]",
            "[\"default\", \"rules.toml\"] (.gitward.toml:1:17)",
            "",
        ),
        (
            "signatures.refs",
            "signatures.refs = [\"refs/heads/main\"]",
            "signatures.refs = [\"refs/heads/next\"]",
            "[\"refs/heads/main\", \"refs/heads/next\"] (.gitward.toml:1:19)",
            "",
        ),
        ("signatures.refs", "signatures.refs = [\"a\"]", "signatures.refs = []", "[] (.gitward.toml:1:19)", ""),
        (
            "signatures.refs",
            "signatures.refs = []",
            "signatures.refs = [\"a\"]",
            "[] (/etc/gitward/policy.toml:1:19)",
            ".gitward.toml:1:19: signatures.refs = [\"a\"] is ignored: weaker than [], which means all, set at \
             /etc/gitward/policy.toml:1:19",
        ),
        (
            "signatures.max_skew",
            "signatures.max_skew = \"1h\"",
            "signatures.max_skew = 3601",
            "\"1h\" (/etc/gitward/policy.toml:1:23)",
            ".gitward.toml:1:23: signatures.max_skew = \"3601s\" is ignored: weaker than \"1h\", set at \
             /etc/gitward/policy.toml:1:23",
        ),
        (
            "signatures.min_rsa_bits",
            "signatures.min_rsa_bits = 3072",
            "signatures.min_rsa_bits = 4096",
            "4096 (.gitward.toml:1:27)",
            "",
        ),
        (
            "limits.deadline",
            "limits.deadline = 60",
            "limits.deadline = 0",
            "\"1m\" (/etc/gitward/policy.toml:1:19)",
            ".gitward.toml:1:19: limits.deadline = 0 is ignored: weaker than \"1m\", set at /etc/gitward/policy.toml:1:19",
        ),
        ("limits.deadline", "limits.deadline = 0", "limits.deadline = 60", "\"1m\" (.gitward.toml:1:19)", ""),
        (
            "signatures.trust.allowed_signers",
            "[[signatures.signer]]\nname = \"a\"\nopenpgp = [\"keys/a.asc\"]",
            "[signatures.trust]\nallowed_signers = \"keys/allowed_signers\"",
            "not set (default)",
            ".gitward.toml:2:19: signatures.trust.allowed_signers = \"keys/allowed_signers\" is ignored: whom to trust is \
             the organisation's to say, set at /etc/gitward/policy.toml:1:1",
        ),
        (
            "signatures.signer",
            "signatures.trust.allowed_signers = \"keys/allowed_signers\"",
            "[[signatures.signer]]\nname = \"a\"\nopenpgp = [\"keys/a.asc\"]",
            "[] (default)",
            ".gitward.toml:1:1: signatures.signer is ignored: /etc/gitward/policy.toml:1:36 names who is trusted",
        ),
        (
            "images.rule.image-latest",
            "images.rule.DL3007 = \"deny\"",
            "images.rule.image-latest = \"warn\"",
            "\"deny\" (/etc/gitward/policy.toml:1:22)",
            ".gitward.toml:1:28: images.rule.image-latest = \"warn\" is ignored: weaker than \"deny\", set at \
             /etc/gitward/policy.toml:1:22",
        ),
        (
            "images.rule.apt-unpinned",
            "images.pin = \"tag\"",
            "images.rule.DL3008 = \"allow\"",
            "\"allow\" (.gitward.toml:1:22)",
            "",
        ),
        (
            "secrets.rule.github-pat",
            "images.pin = \"tag\"",
            "secrets.rule.github-pat = \"allow\"",
            "\"allow\" (.gitward.toml:1:27)",
            "",
        ),
    ];
    for (key, org, repo, value, remark) in table {
        let policy = both(org, repo);
        assert_eq!(shown(&policy, key), [*value], "{org} / {repo}");
        let remarks: &[&str] = if remark.is_empty() { &[] } else { &[remark] };
        assert_eq!(policy.notices, remarks, "{org} / {repo}");
    }
}

#[test]
fn a_rule_that_serves_the_organisation_keeps_blocking() {
    let org = "[images]\nregistries = [\"corp.example/**\"]\n";
    let policy = both(org, "[images.rules.image-registry]\nlevel = \"note\"\n");
    assert!(shown(&policy, "images.rule.image-registry").is_empty());
    assert_eq!(
        policy.notices,
        [
            ".gitward.toml:2:9: images.rule.image-registry = \"note\" is ignored: the rule blocks by itself, and [images] is \
          the organisation's (/etc/gitward/policy.toml:2:14)"
        ]
    );
    let policy =
        both(&format!("open = [\"images.rules.image-registry\"]\n{org}"), "images.rule.image-registry = \"note\"");
    assert_eq!(policy.images.common.levels["image-registry"].value, Level::Note);
    assert!(policy.notices.is_empty());
}

#[test]
fn locked_keys_are_not_set_even_tighter_and_open_ones_freely() {
    let org = "locked = [\"secrets.*\", \"hooks.require\", \"allow\", \"extends\"]\nopen = [\"images\", \"secrets\"]\n\
               [images]\npin = \"digest\"\n";
    let repo = "extends = \"strict\"\n[secrets]\nmin_confidence = \"low\"\nrule.github-pat = \"forbid\"\n\
                [images]\npin = \"none\"\nexclude = [\"**\"]\n[[hooks.require]]\nid = \"a\"\n\
                [[allow]]\nrule = \"image-latest\"\npath = [\"a\"]\nreason = \"b\"\n";
    let policy = both(org, repo);
    assert_eq!(
        policy.notices,
        [
            ".gitward.toml:1:11: extends is ignored: locked at /etc/gitward/policy.toml:1:50",
            ".gitward.toml:3:18: secrets.min_confidence is ignored: locked at /etc/gitward/policy.toml:1:11",
            ".gitward.toml:4:19: secrets.rule.github-pat is ignored: locked at /etc/gitward/policy.toml:1:11",
            ".gitward.toml:8:1: hooks.require is ignored: locked at /etc/gitward/policy.toml:1:24",
            ".gitward.toml:10:1: allow is ignored: locked at /etc/gitward/policy.toml:1:41",
        ]
    );
    assert_eq!(policy.images.pin.value, Pin::None);
    assert_eq!(policy.images.common.exclude.value.patterns, ["**"]);
    assert!(policy.allow.is_empty() && policy.hooks.require.is_empty());
}

#[test]
fn a_lock_on_one_rule_holds_under_its_other_name() {
    let policy = both("locked = [\"images.rule.DL3007\"]", "images.rule.image-latest = \"forbid\"");
    assert_eq!(
        policy.notices,
        [".gitward.toml:1:28: images.rule.image-latest is ignored: locked at /etc/gitward/policy.toml:1:11"]
    );
}

#[test]
fn presets_order() {
    let (baseline, strict) = (org("extends = \"baseline\""), org("extends = \"strict\""));
    assert!(baseline.images.pin.value < strict.images.pin.value);
    assert!(baseline.signatures.require.value < strict.signatures.require.value);
    assert_eq!(baseline.images.registries, None);
    assert_eq!(strict.images.registries.as_ref().map(|v| v.value.len()), Some(0));
    assert!(strict.images.multi_stage.value);
    assert_eq!(strict.images.pin.by, SetBy::Preset("strict"));
    assert_eq!(strict.hooks.require.len(), 1);
    assert_eq!(shown(&strict, "images.pin"), ["\"digest\" (preset strict)"]);
    assert!(strict.notices.is_empty() && baseline.notices.is_empty());
}

#[test]
fn a_file_refines_the_preset_that_it_extends() {
    let text = "extends = \"strict\"\n[images]\npin = \"tag\"\nregistries = [\"ghcr.io/**\"]\n\
                [[hooks.require]]\nid = \"gitward\"\nmin_rev = \"1.2.0\"\n";
    for policy in [org(text), repo(text)] {
        assert_eq!(policy.images.pin.value, Pin::Tag);
        assert!(policy.images.multi_stage.value);
        let hooks: Vec<_> = policy.hooks.require.iter().map(|h| h.value.min_rev.as_deref()).collect();
        assert_eq!(hooks, [Some("1.2.0")]);
        assert!(policy.notices.is_empty());
    }
}

#[test]
fn an_organisations_preset_binds_like_its_own_words() {
    let policy = both("extends = \"strict\"", "[images]\npin = \"tag\"\nregistries = [\"ghcr.io/**\"]\n");
    assert_eq!(policy.images.pin.value, Pin::Digest);
    assert_eq!(
        policy.notices,
        [
            ".gitward.toml:2:7: images.pin = \"tag\" is ignored: weaker than \"digest\", of preset strict",
            ".gitward.toml:3:14: images.registries = [\"ghcr.io/**\"] is ignored: \"ghcr.io/**\" is not within [], of preset strict",
        ]
    );
}

#[test]
fn a_repositorys_preset_tightens_only() {
    // what the repository then says itself is held against the organisation, not against its own preset
    let policy = both("[images]\npin = \"tag\"\n", "extends = \"strict\"\n[images]\npin = \"tag\"\n");
    assert_eq!(shown(&policy, "images.pin"), ["\"tag\" (/etc/gitward/policy.toml:2:7)"]);
    assert!(policy.images.multi_stage.value && policy.notices.is_empty());
    let policy = both("[images]\npin = \"digest\"\n[signatures]\nrequire = \"valid\"\n", "extends = \"baseline\"\n");
    assert_eq!(policy.images.pin.value, Pin::Digest);
    assert_eq!(
        policy.notices,
        [
            ".gitward.toml:1:11: extends = \"baseline\" changes nothing in images.pin, signatures.require: the organisation's \
          policy is stricter there, or locks it"
        ]
    );
}

#[test]
fn required_hooks_and_exceptions_of_both_stand_side_by_side() {
    let hook = |rev: &str| format!("[[hooks.require]]\nid = \"gitward\"\nmin_rev = \"{rev}\"\n");
    let allow = "[[allow]]\nfingerprint = \"gw1:4F9A12C07B3E\"\nreason = \"sample\"\n";
    let policy = both(&format!("{}{allow}", hook("1.4.0")), &format!("{}{allow}", hook("1.0.0")));
    let revs: Vec<_> = policy.hooks.require.iter().map(|h| h.value.min_rev.as_deref().unwrap()).collect();
    assert_eq!(revs, ["1.4.0", "1.0.0"]);
    let layers: Vec<_> = policy.allow.iter().map(|a| a.value.layer).collect();
    assert_eq!(layers, [Layer::Org, Layer::Repo]);
    assert_eq!(policy.allow[0].value.fingerprint.as_ref().unwrap().as_str(), "gw1:4f9a12c07b3e");
    assert!(policy.notices.is_empty());
}

#[test]
fn later_files_of_a_directory_refine_earlier_ones() {
    let policy = Case { org: &["images.pin = \"digest\"", "images.pin = \"tag\""], ..NOTHING }.load();
    assert_eq!(policy.images.pin.value, Pin::Tag);
    assert_eq!(policy.files.len(), 2);
}

const BLOCKS: &str = "[images]\npin = \"tag\"\n\
    [[repo]]\nmatch = { remote = [\"git.corp.example/pay/**\"], not_remote = [\"git.corp.example/pay/sandbox-*\"] }\n\
    [repo.images]\npin = \"digest\"\n\
    [[repo]]\nmatch = { remote = [\"git.corp.example/attic/**\"] }\n\
    fail_level = \"forbid\"\n\
    [repo.images]\npin = \"none\"\n\
    [[repo.allow]]\nrule = \"DL3007\"\npath = [\"**\"]\nreason = \"archived\"\n";

#[test]
fn blocks_go_by_the_remotes() {
    let with = |remotes: &[&str]| Case { org: &[BLOCKS], remotes, ..NOTHING }.load();
    for (remotes, pin, level) in [
        (&[][..], Pin::Tag, Level::Deny),
        (&["git.corp.example/pay/api"], Pin::Digest, Level::Deny),
        (&["git.corp.example/Pay/API"], Pin::Digest, Level::Deny),
        (&["git.corp.example/pay/sandbox-7"], Pin::Tag, Level::Deny),
        (&["git.corp.example/pay"], Pin::Tag, Level::Deny),
        (&["git.corp.example/attic/old"], Pin::None, Level::Forbid),
        // a remote more can tighten, it cannot weaken
        (&["git.corp.example/pay/sandbox-7", "git.corp.example/pay/api"], Pin::Digest, Level::Deny),
        (&["git.corp.example/attic/old", "git.corp.example/pay/api"], Pin::Digest, Level::Deny),
    ] {
        let policy = with(remotes);
        assert_eq!((policy.images.pin.value, policy.fail_level.value), (pin, level), "{remotes:?}");
    }
    assert_eq!(with(&["git.corp.example/attic/old"]).allow[0].value.rule.as_deref(), Some("image-latest"));
    assert_eq!(
        with(&["git.corp.example/attic/old", "git.corp.example/x"]).notices,
        [
            "/etc/gitward/policy.toml:9:14: fail_level = \"forbid\" is ignored: weaker than \"deny\", the default, and the \
             block is for some of the remotes alone",
            "/etc/gitward/policy.toml:11:7: images.pin = \"none\" is ignored: weaker than \"tag\", set at \
             /etc/gitward/policy.toml:2:7, and the block is for some of the remotes alone",
            "/etc/gitward/policy.toml:12:1: allow is ignored: /etc/gitward/policy.toml:12:1 is for some of the remotes alone",
        ]
    );
}

#[test]
fn an_option_tightens_what_the_organisation_set() {
    let with = |org: &[&str], repo, level| {
        let policy = Case { org, repo, fail_level: Some(level), ..NOTHING }.load();
        (shown(&policy, "fail_level").remove(0), policy.notices)
    };
    assert_eq!(with(&[], None, Level::Forbid), ("\"forbid\" (--fail-level)".to_owned(), vec![]));
    let repo = Some("fail_level = \"warn\"");
    assert_eq!(with(&[], repo, Level::Deny), ("\"deny\" (--fail-level)".to_owned(), vec![]));
    let org = &["fail_level = \"deny\""][..];
    assert_eq!(with(org, None, Level::Note), ("\"note\" (--fail-level)".to_owned(), vec![]));
    assert_eq!(
        with(org, None, Level::Forbid),
        (
            "\"deny\" (/etc/gitward/policy.toml:1:14)".to_owned(),
            vec![
                "--fail-level: fail_level = \"forbid\" is ignored: weaker than \"deny\", set at \
                  /etc/gitward/policy.toml:1:14"
                    .to_owned()
            ]
        )
    );
}

#[test]
fn files_are_read_and_their_rules_known() {
    let policy = repo(
        "[secrets]\nrules = [\"default\", \"rules.toml\"]\nrule.acme-token.level = \"warn\"\n\
         [[signatures.signer]]\nname = \"Ada\"\nopenpgp = [\"keys/a.asc\", \"keys/b.asc\"]\nssh = [\"ssh-ed25519 AAAAC3 ada\"]\n",
    );
    assert_eq!(policy.secrets.common.levels["acme-token"].value, Level::Warn);
    assert!(
        matches!(&policy.secrets.rules.value[1], RuleSource::File { name, text } if name == "rules.toml" && text.contains("acme"))
    );
    let signer = &policy.signatures.signers[0].value;
    assert_eq!(&*signer.openpgp[1].bytes, b"keys/b.asc");
    assert!(policy.notices.is_empty());
}

#[test]
fn levels_of_rules_can_be_written_in_every_form() {
    for text in [
        "[secrets.rule.github-pat]\nlevel = \"warn\"",
        "[secrets.rules.github-pat]\nlevel = \"warn\"",
        "[secrets]\nrules = [\"default\"]\nrule.github-pat = \"warn\"",
        "[secrets.rule]\nGITHUB-PAT = \"warn\"",
        "[secrets]\nrule = { github-pat = { level = \"warn\" } }",
        "\u{feff}secrets.rules.github-pat = \"warn\"\r\n",
    ] {
        assert_eq!(repo(text).secrets.common.levels["github-pat"].value, Level::Warn, "{text}");
    }
}

#[test]
fn remarks_are_bounded() {
    let allow = "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"x\"\n".repeat(4000);
    let policy = both("locked = [\"allow\"]", &allow);
    assert_eq!(policy.notices.len(), 51);
    assert_eq!(policy.notices[50], "3950 more values of the policies are ignored");
}

#[test]
fn the_built_in_secret_rules_stay_where_an_organisation_has_a_policy() {
    let policy = both("version = 1", "secrets.rules = []");
    assert_eq!(policy.secrets.rules.value, [RuleSource::Builtin]);
    assert!(repo("secrets.rules = []").secrets.rules.value.is_empty());
}
