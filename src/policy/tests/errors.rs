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

#[test]
fn print_all() {
    for text in [
        "pin = \n",
        "[images\npin = \"tag\"\n",
        "[images]\npin = tag\n",
        "[images]\npin = \"tag\"\npin = \"tag\"\n",
        "[images]\n[images]\n",
        "[secrets]\nrules = [\"default\"]\n[secrets.rules.github-pat]\nlevel = \"warn\"\n",
        "version = 2\n",
        "version = \"1\"\n",
        "[image]\n",
        "[images]\nregistires = []\n",
        "pin = \"tag\"\n",
        "[images]\nlevel = \"warn\"\n",
        "[images]\nähnlich = 1\n",
        "images = 1\n",
        "[images]\npin = 1\n",
        "[images]\npin = \"digets\"\n",
        "[images]\nmulti_stage = \"yes\"\n",
        "[images]\nexclude = \"vendor\"\n",
        "[images]\nexclude = [\"vendor\", 1]\n",
        "[images]\nexclude = [\"ok/**\", \"a{b\", \"\"]\n",
        "[secrets]\nmin_confidence = \"hihg\"\n",
        "fail_level = \"none\"\n",
        "[limits]\nmax_blob = \"256MB\"\ndeadline = -1\n",
        "[signatures]\nmax_skew = \"one day\"\nmin_rsa_bits = 99999999\n",
        "[[allow]]\n",
        "[[allow]]\nrule = \"github-pat\"\nreason = \"x\"\n",
        "[[allow]]\npath = [\"a\"]\nreason = \"x\"\n",
        "[[allow]]\nrule = \"github-pat\"\npath = []\nreason = \"x\"\n",
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\n",
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"  \"\n",
        "[[allow]]\nfingerprint = \"gw1:xyz\"\nreason = \"x\"\n",
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"x\"\nuntil = \"2027-02-30\"\n",
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"x\"\nuntil = 2027-02-30\n",
        "[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\nreason = \"x\"\nuntil = 2027-03-31T00:00:00Z\n",
        "[[allow]]\nrule = \"github-pta\"\npath = [\"a\"]\nreason = \"x\"\n",
        "[allow]\nreason = \"x\"\n",
        "allow = [1]\n",
        "[secrets]\nrules = [\"default\", \"none.toml\"]\n",
        "[secrets]\nrules = [\"latin1.toml\"]\n",
        "[signatures.trust]\nallowed_signers = \"none\"\n",
        "[[signatures.signer]]\nname = \"a\"\nopenpgp = [\"keys/a.asc\", \"none\"]\n",
        "[[signatures.signer]]\nname = \"a\"\n",
        "[[signatures.signer]]\nssh = [\"ssh-ed25519 AAAAC3\"]\n",
        "[[signatures.signer]]\nname = \"a\"\nssh = [\"keys/a.pub\"]\n",
        "[[signatures.signer]]\nname = \"a\"\nssh = \"ssh-ed25519 AAAAC3\"\n",
        "[[hooks.require]]\nstages = [\"pre-commit\"]\n",
        "[[hooks.require]]\nid = \"a\"\nstages = [\"precommit\"]\nmin_rev = \"main\"\n",
        "[[hooks.require]]\nid = \"a\"\n[[hooks.require]]\nid = \"a\"\n",
        "[images.rules.DL30007]\nlevel = \"warn\"\n",
        "[images.rule.github-pat]\nlevel = \"warn\"\n",
        "[images.rule]\nDL3007 = \"warning\"\n",
        "[images.rule.DL3007]\n",
        "[images.rule.DL3007]\nlevle = \"warn\"\n",
        "[images]\nrules = [\"DL3007\"]\n",
        "[images.rule]\nDL3007 = \"warn\"\nimage-latest = \"deny\"\n",
        "locked = [\"secret.*\", \"images.rule.DL9\"]\n",
        "open = [\"\"]\n",
        "extends = \"stirct\"\n",
        "[[repo]]\n[repo.images]\npin = \"tag\"\n",
        "[[repo]]\nmatch = {}\n",
        "[[repo]]\nmatch = { remote = [\"a{\"] }\n",
        "[[repo]]\nmatch = { remote = [\"a\"] }\nextends = \"strict\"\n",
    ] {
        println!("{text:?}\n   => {:#?}", org_faults(text));
    }
    for text in [
        "locked = [\"a\"]\n",
        "[[repo]]\n",
        "[signatures.trust]\nallowed_signers = \"../x\"\n",
        "[secrets]\nrules=[\"/etc/x\"]\n",
    ] {
        println!("{text:?}\n   => {:#?}", repo_faults(text));
    }
    let _ = Diagnostic::code;
}
