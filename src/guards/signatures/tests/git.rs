//! Objects that Git itself signed, with `ssh-keygen` and `gpg`. Without these programs the tests say so and pass.

use super::super::{Signatures, Verdict};
use super::support::{allowed, policy};
use crate::change::{Commit, Oid, Tag};
use crate::policy::{KeyFile, Policy, Require, Signer};
use std::path::Path;
use std::process::Command;

const EMAIL: &str = "t@acme.example";

/// A directory for repository and keys, and the programs in it without the configuration of the machine.
struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    /// `None` where a program is missing.
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    fn new(programs: &[&str]) -> Option<Self> {
        for program in programs.iter().chain(&["git"]) {
            // ssh-keygen has no option that only succeeds: that it starts is enough
            if Command::new(program).arg("--version").output().is_err() {
                eprintln!("skipped: `{program}` is not installed");
                return None;
            }
        }
        Some(Bench { dir: tempfile::Builder::new().prefix("gw").tempdir().unwrap() })
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn try_run(&self, program: &str, args: &[&str]) -> Option<Vec<u8>> {
        let output = Command::new(program)
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path())
            .env("GNUPGHOME", self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        output.status.success().then_some(output.stdout)
    }

    fn run(&self, program: &str, args: &[&str]) -> Vec<u8> {
        self.try_run(program, args).unwrap_or_else(|| panic!("{program} {args:?}"))
    }

    fn git(&self, args: &[&str]) -> Vec<u8> {
        self.run("git", args)
    }

    fn init(&self, hash: &str) {
        self.git(&["init", "-q", &format!("--object-format={hash}"), "."]);
        for (key, value) in [("user.name", "Tëst"), ("user.email", EMAIL)] {
            self.git(&["config", key, value]);
        }
    }

    /// An SSH key and its public line; Git is told to use it.
    fn ssh_key(&self, args: &[&str]) -> String {
        let _ = std::fs::remove_file(self.path().join("id"));
        self.run("ssh-keygen", &[&["-q", "-N", "", "-C", "", "-f", "id"], args].concat());
        self.git(&["config", "gpg.format", "ssh"]);
        self.git(&["config", "user.signingkey", self.path().join("id.pub").to_str().unwrap()]);
        std::fs::read_to_string(self.path().join("id.pub")).unwrap()
    }

    fn commit(&self, args: &[&str]) -> Commit {
        self.git(&[&["commit", "-q", "--allow-empty"], args].concat());
        let oid = self.oid("HEAD");
        Commit::parse(oid, self.git(&["cat-file", "commit", "HEAD"])).unwrap()
    }

    fn tag(&self, name: &str) -> Tag {
        self.git(&["tag", "-s", "-m", "release", name]);
        let refname = format!("refs/tags/{name}");
        Tag { oid: self.oid(&refname), raw: self.git(&["cat-file", "tag", &refname]), refname: Some(refname) }
    }

    fn oid(&self, rev: &str) -> Oid {
        Oid::from_hex(self.git(&["rev-parse", rev]).trim_ascii()).unwrap()
    }
}

fn commit_verdict(policy: &Policy, commit: &Commit) -> Verdict {
    Signatures::new(policy).verify_commit(commit).unwrap().verdict
}

#[test]
fn ssh_commits_and_tags_of_both_hashes() {
    for hash in ["sha1", "sha256"] {
        let Some(bench) = Bench::new(&["ssh-keygen"]) else { return };
        bench.init(hash);
        let policy = allowed(&format!("{EMAIL} {}", bench.ssh_key(&["-t", "ed25519"])));
        let commit = bench.commit(&["-S", "-m", "ünï\n\n gpgsig x\ngpgsig y"]);
        assert_eq!(commit_verdict(&policy, &commit), Verdict::Good, "{hash}");
        let tag = bench.tag("v1");
        assert_eq!(Signatures::new(&policy).verify_tag(&tag).unwrap().verdict, Verdict::Good, "{hash}");
        let renamed = Tag { refname: Some("refs/tags/v2".into()), ..tag };
        assert_eq!(Signatures::new(&policy).verify_tag(&renamed).unwrap().verdict, Verdict::TagName);
        assert_eq!(commit_verdict(&policy, &bench.commit(&["--no-gpg-sign", "-m", "x"])), Verdict::Unsigned);
        // a merge of a signed tag keeps the tag, signature and all, in a header
        bench.git(&["checkout", "-q", "--detach", "v1"]);
        bench.commit(&["-S", "-m", "side"]);
        bench.git(&["tag", "-s", "-m", "side", "side"]);
        bench.git(&["checkout", "-q", "-"]);
        bench.git(&["merge", "-q", "-S", "--no-ff", "-m", "merge", "side"]);
        let merge = Commit::parse(bench.oid("HEAD"), bench.git(&["cat-file", "commit", "HEAD"])).unwrap();
        assert!(memchr::memmem::find(&merge.raw, b"mergetag ").is_some());
        assert_eq!(commit_verdict(&policy, &merge), Verdict::Good, "{hash}");
    }
}

#[test]
fn ssh_kinds_of_key() {
    let Some(bench) = Bench::new(&["ssh-keygen"]) else { return };
    bench.init("sha1");
    for (args, want) in [
        (["-t", "ecdsa", "-b", "256"], Verdict::Good),
        (["-t", "ecdsa", "-b", "384"], Verdict::Good),
        (["-t", "ecdsa", "-b", "521"], Verdict::Good),
        (["-t", "rsa", "-b", "2048"], Verdict::Good),
        (["-t", "rsa", "-b", "1024"], Verdict::Weak),
    ] {
        let mut policy = allowed(&format!("* {}", bench.ssh_key(&args)));
        let commit = bench.commit(&["-S", "-m", "x"]);
        assert_eq!(commit_verdict(&policy, &commit), want, "{args:?}");
        if args[1] == "rsa" {
            policy.signatures.min_rsa_bits.value = 3072;
            assert_eq!(commit_verdict(&policy, &commit), Verdict::Weak);
        }
    }
}

#[test]
fn ssh_certificates() {
    let Some(bench) = Bench::new(&["ssh-keygen"]) else { return };
    bench.init("sha1");
    let authority = bench.ssh_key(&["-t", "ed25519"]);
    std::fs::rename(bench.path().join("id"), bench.path().join("ca")).unwrap();
    let policy = allowed(&format!("*@acme.example cert-authority {authority}"));
    for (kind, args) in [("ed25519", ["-n", EMAIL, "-V", "always:forever"]), ("rsa", ["-n", EMAIL, "-V", "-1d:+1d"])] {
        bench.ssh_key(&["-t", kind]);
        bench.run("ssh-keygen", &[&["-q", "-s", "ca", "-I", "id"], &args[..], &["id.pub"]].concat());
        let certificate = bench.path().join("id-cert.pub");
        bench.git(&["config", "user.signingkey", certificate.to_str().unwrap()]);
        // without an agent ssh-keygen finds the private key by the name of the public one
        std::fs::copy(bench.path().join("id"), bench.path().join("id-cert")).unwrap();
        let commit = bench.commit(&["-S", "-m", "x"]);
        assert_eq!(commit_verdict(&policy, &commit), Verdict::Good, "{kind}");
        std::fs::remove_file(bench.path().join("id-cert")).unwrap();
    }
}

#[test]
fn git_agrees_on_what_is_signed() {
    let Some(bench) = Bench::new(&["ssh-keygen"]) else { return };
    bench.init("sha1");
    let policy = allowed(&format!("{EMAIL} {}", bench.ssh_key(&["-t", "ed25519"])));
    std::fs::write(bench.path().join("allowed"), &policy.signatures.allowed_signers.as_ref().unwrap().value.bytes)
        .unwrap();
    bench.git(&["config", "gpg.ssh.allowedSignersFile", bench.path().join("allowed").to_str().unwrap()]);
    let good = bench.commit(&["-S", "-m", "x"]).raw;
    let head_end = memchr::memmem::find(&good, b"\n\n").unwrap() + 1;
    let start = memchr::memmem::find(&good, b"gpgsig ").unwrap();
    for (at, text, want) in [
        (head_end, "", Verdict::Good),
        (head_end, "gpgsigx evil\n more\n", Verdict::UnsignedHeader),
        (start, "gpgsig\n evil\n", Verdict::UnsignedHeader),
        (start, "gpgsig-sha256 evil\n", Verdict::UnsignedHeader),
        (start, "gpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n", Verdict::Good),
        (start, "extra signed\n", Verdict::Bad),
        (head_end, "extra signed\n", Verdict::Bad),
        (good.len(), "more", Verdict::Bad),
    ] {
        let raw = [&good[..at], text.as_bytes(), &good[at..]].concat();
        std::fs::write(bench.path().join("object"), &raw).unwrap();
        let hex = bench.git(&["hash-object", "-w", "--literally", "-t", "commit", "object"]);
        let hex = String::from_utf8(hex.trim_ascii().to_vec()).unwrap();
        let commit = Commit::parse(Oid::from_hex(hex.as_bytes()).unwrap(), raw).unwrap();
        let got = commit_verdict(&policy, &commit);
        assert_eq!(got, want, "{text:?} at {at}");
        // Git has no objection to unsigned headers; on the rest both agree
        let git = bench.try_run("git", &["verify-commit", &hex]).is_some();
        assert_eq!(git, want != Verdict::Bad, "{text:?} at {at}");
    }
}

/// A GnuPG home with one key; its agent ends with it.
struct Gpg<'b>(&'b Bench);

impl<'b> Gpg<'b> {
    fn new(bench: &'b Bench, algorithm: &str) -> (Self, Policy) {
        let gpg = Gpg(bench);
        bench.run(
            "gpg",
            &[
                "--batch",
                "--quiet",
                "--passphrase",
                "",
                "--quick-gen-key",
                &format!("T <{EMAIL}>"),
                algorithm,
                "sign",
                "never",
            ],
        );
        bench.git(&["config", "gpg.format", "openpgp"]);
        bench.git(&["config", "user.signingkey", EMAIL]);
        let bytes = bench.run("gpg", &["--batch", "--armor", "--export", EMAIL]);
        let file = KeyFile { name: "t.asc".into(), bytes: bytes.into() };
        let signer = Signer { name: "T".into(), emails: vec![EMAIL.into()], openpgp: vec![file], ssh: vec![] };
        (gpg, policy(Require::Trusted, vec![signer]))
    }
}

impl Drop for Gpg<'_> {
    fn drop(&mut self) {
        let _ = self.0.try_run("gpgconf", &["--kill", "all"]);
    }
}

#[test]
fn gnupg_commits_and_tags() {
    let Some(bench) = Bench::new(&["gpg", "gpgconf"]) else { return };
    bench.init("sha1");
    let (_gpg, policy) = Gpg::new(&bench, "ed25519");
    let commit = bench.commit(&["-S", "-m", "x"]);
    assert_eq!(commit_verdict(&policy, &commit), Verdict::Good);
    assert_eq!(Signatures::new(&policy).verify_tag(&bench.tag("v1")).unwrap().verdict, Verdict::Good);
    let mut raw = commit.raw.clone();
    raw.extend_from_slice(b"more");
    assert_eq!(commit_verdict(&policy, &Commit::parse(commit.oid, raw).unwrap()), Verdict::Bad);
    // another committer than the key's
    bench.git(&["config", "user.email", "other@acme.example"]);
    bench.git(&["config", "user.signingkey", EMAIL]);
    assert_eq!(commit_verdict(&policy, &bench.commit(&["-S", "-m", "y"])), Verdict::WrongEmail);
}

#[test]
fn gnupg_weak_rsa() {
    let Some(bench) = Bench::new(&["gpg", "gpgconf"]) else { return };
    bench.init("sha1");
    let (_gpg, policy) = Gpg::new(&bench, "rsa1024");
    assert_eq!(commit_verdict(&policy, &bench.commit(&["-S", "-m", "x"])), Verdict::Weak);
}
