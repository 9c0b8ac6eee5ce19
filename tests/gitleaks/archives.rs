//! What `--max-archive-depth` opens, and how it is named.

use super::{gitleaks, places, repo, report, token};
use crate::support::{Sandbox, gzip, zip};

#[test]
fn archives_are_opened_as_deep_as_asked() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    let inner = zip("d/in.txt", format!("\n{}\n", token(1)).as_bytes());
    repo.write("out.zip", zip("in.zip", &inner));
    repo.write("log.txt.gz", gzip(token(2).as_bytes()));
    repo.write("flat.zip", zip("skip.key", token(3).as_bytes()));
    let at = |depth: &str, code| places(&report(&repo, &["dir", ".", "--max-archive-depth", depth], code));
    assert_eq!(at("0", 0), [""; 0]);
    // the file in `flat.zip` is found by its name too
    assert_eq!(at("2", 1), ["flat.zip!skip.key:0", "flat.zip!skip.key:1", "log.txt.gz:1", "out.zip!in.zip!d/in.txt:2"]);
    // what lies deeper is passed by with a word
    assert_eq!(at("1", 1), ["flat.zip!skip.key:0", "flat.zip!skip.key:1", "log.txt.gz:1"]);
    let run = gitleaks(&repo, &["dir", "out.zip", "--max-archive-depth", "1"]).expect(0);
    assert!(run.stderr.contains("out.zip!in.zip"), "{}", run.stderr);
    // an ignored place, an allowed path
    repo.write(".gitleaksignore", "flat.zip!skip.key:tok:1\nflat.zip!skip.key:key-file:0\n");
    assert_eq!(places(&report(&repo, &["dir", ".", "--max-archive-depth", "1"], 1)), ["log.txt.gz:1"]);
}

#[test]
fn what_is_no_archive_that_can_be_opened_is_an_error() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    for (name, content) in [("a.7z", &b"7z\xbc\xaf\x27\x1c"[..]), ("b.xz", b"\xfd7zXZ\0"), ("c.zip", b"PK\x03\x04")] {
        repo.write(name, content);
        let run = gitleaks(&repo, &["dir", name, "--max-archive-depth", "1"]).expect(1);
        assert!(run.stderr.contains(name) && run.stderr.contains("partial scan"), "{}", run.stderr);
        gitleaks(&repo, &["dir", name]).expect(0);
        std::fs::remove_file(repo.dir.join(name)).unwrap();
    }
    // a text under such a name is one
    repo.write("d.zip", token(1));
    assert_eq!(places(&report(&repo, &["dir", ".", "--max-archive-depth", "1"], 1)), ["d.zip:1"]);
}

#[test]
fn archives_in_commits_and_in_the_index() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("a and b.zip", zip("f", token(1).as_bytes()));
    repo.stage("bild.bin", zip("f", token(2).as_bytes()));
    let commit = repo.commit("c");
    repo.git(&["rm", "-q", "a and b.zip"]);
    repo.commit("d");
    let found = report(&repo, &["git", "--max-archive-depth", "1"], 1);
    assert_eq!(places(&found), ["a and b.zip!f:1"]);
    assert_eq!(found[0]["Commit"], commit.as_str());
    assert_eq!(found[0]["Fingerprint"], format!("{commit}:a and b.zip!f:tok:1"));
    assert_eq!(report(&repo, &["git"], 0).len(), 0);
    repo.stage("ä.zip", zip("f", token(3).as_bytes()));
    assert_eq!(places(&report(&repo, &["git", "--staged", "--max-archive-depth", "1"], 1)), ["ä.zip!f:1"]);
    repo.commit("e");
    repo.write("ä.zip", zip("g", token(4).as_bytes()));
    assert_eq!(places(&report(&repo, &["git", "--pre-commit", "--max-archive-depth", "1"], 1)), ["ä.zip!g:1"]);
}

#[test]
fn templates_stay_refused() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    let run = gitleaks(&repo, &["dir", ".", "-r", "-", "-f", "template", "--report-template", "x.tmpl"]).expect(1);
    assert!(run.stderr.contains("templates are not supported") && run.stderr.contains("json"), "{}", run.stderr);
}
