//! Small histories of every shape, made from a seed.

use super::{agree, places};
use crate::support::random::Random;
use crate::support::{Repo, Sandbox, github_pat};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

/// A stream for `git fast-import`: branches, merges, files that come, change, move, copy and go, in directories
/// that repeat; some hold a secret.
fn history(random: &mut Random, commits: usize) -> String {
    let token = github_pat();
    let mut out = String::new();
    for n in 1..=commits {
        let branch = random.next(3);
        // times go back now and then
        let time = 1_750_000_000 + n * 60 - random.next(4) * 300;
        let message = if random.next(12) == 0 { format!("with {token}\n") } else { format!("commit {n}\n") };
        writeln!(out, "commit refs/heads/b{branch}\nmark :{n}").unwrap();
        writeln!(out, "author A{} <a@example.com> {time} +0000", n % 4).unwrap();
        writeln!(out, "committer C <c@example.com> {time} +0000").unwrap();
        writeln!(out, "data {}\n{message}", message.len()).unwrap();
        if n > 1 {
            if random.next(5) == 0 {
                writeln!(out, "from :{}", 1 + random.next(n - 1)).unwrap();
            }
            if random.next(4) == 0 {
                writeln!(out, "merge :{}", 1 + random.next(n - 1)).unwrap();
            }
        }
        for _ in 0..1 + random.next(3) {
            let dirs = ["", "a/", "a/b/", "c/", "c/b/", "deep/er/and/"];
            let mut path = || format!("{}f{}", dirs[random.next(dirs.len())], random.next(4));
            let (one, two) = (path(), path());
            match random.next(10) {
                0 => writeln!(out, "D {one}").unwrap(),
                1 => writeln!(out, "D {}", one.split('/').next().unwrap()).unwrap(),
                kind => {
                    let mode = ["100644", "100755", "120000"][[0, 0, 0, 0, 0, 0, 1, 2][kind - 2]];
                    let mut text: String =
                        (0..random.next(6)).map(|l| format!("line {l} {}\n", random.next(3))).collect();
                    for _ in 0..random.next(3) {
                        let secret = if random.next(2) == 0 { token.clone() } else { token.to_uppercase() };
                        writeln!(text, "token = \"{secret}\" # {}", random.next(2)).unwrap();
                    }
                    writeln!(out, "M {mode} inline {two}\ndata {}\n{text}", text.len()).unwrap();
                }
            }
        }
        out.push('\n');
    }
    out
}

fn import(repo: &Repo<'_>, stream: &str) {
    let mut command = repo.command("git");
    command.args(["fast-import", "--quiet", "--force"]).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn random_histories_have_the_same_findings_both_ways() {
    let sandbox = Sandbox::new();
    let mut total = 0;
    for seed in 0..24 {
        let mut random = Random(seed);
        let repo = sandbox.repo(&format!("repo{seed}"), &[]);
        let commits = 5 + random.next(40);
        import(&repo, &history(&mut random, commits));
        match seed % 3 {
            0 => drop(repo.git(&["repack", "-q", "-adf", "--depth=50"])),
            1 => drop(repo.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-adf"])),
            _ => {}
        }
        total += places(&agree(&repo, &format!("seed {seed}"))).len();
    }
    assert!(total > 100, "{total} findings prove little");
}

/// Versions of two long files, of which each changes a little of the one before: a secret comes in halves, moves, is
/// put together where text between its halves goes, and goes.
fn versions(random: &mut Random, commits: usize) -> String {
    let token = github_pat();
    let (head, tail) = token.split_at(10);
    let pieces: [&str; 9] = [head, tail, &token, "password = \"", "tG7#kQ9!xZ2mW4", "\"\n", "\n", "plain words ", "`"];
    let plain = |random: &mut Random, len: usize| {
        let words = ["let x = ", "of the line", "\n", "return ", "(a, b) "];
        let mut text = String::new();
        while text.len() < len {
            text.push_str(random.pick(&words));
        }
        text
    };
    let mut texts = [plain(random, 20_000), plain(random, 9_000)];
    let mut out = String::new();
    for n in 1..=commits {
        writeln!(out, "commit refs/heads/main\nmark :{n}\ncommitter C <c@example.com> {} +0000", 1_750_000_000 + n)
            .unwrap();
        writeln!(out, "data 2\nx\n").unwrap();
        for (name, text) in ["a.py", "b/c.txt"].iter().zip(&mut texts) {
            let at = random.next(text.len());
            match random.next(4) {
                0 => {
                    let end = text.len().min(at + random.next(400));
                    text.replace_range(at..end, "");
                }
                1 => {
                    let moved = text.split_off(at);
                    text.insert_str(0, &moved);
                }
                _ => text.insert_str(at, random.pick(&pieces)),
            }
            writeln!(out, "M 100644 inline {name}\ndata {}\n{text}", text.len()).unwrap();
        }
        out.push('\n');
    }
    out
}

#[test]
fn versions_have_the_same_findings_both_ways() {
    let sandbox = Sandbox::new();
    let mut total = 0;
    for seed in 0..6 {
        let mut random = Random(seed);
        let repo = sandbox.repo(&format!("repo{seed}"), &[]);
        import(&repo, &versions(&mut random, 60));
        repo.git(&["repack", "-q", "-adf", "--depth=50", "--window=50"]);
        total += places(&agree(&repo, &format!("seed {seed}"))).len();
    }
    assert!(total > 20, "{total} findings prove little");
}
