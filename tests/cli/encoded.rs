//! Secrets that no plain look at the bytes of a file shows: encoded, packed, in very large files, and in the parts
//! of a repository that are no files.

use crate::support::{Repo, Run, Sandbox, github_pat, gzip, zip};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0usize, |n, &b| n << 8 | usize::from(b)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|n| char::from(DIGITS[bits >> (18 - 6 * n) & 63])));
        out.push_str(&"="[..].repeat(3 - chunk.len()));
    }
    out
}

fn each_byte(text: &str, prefix: &str, suffix: &str) -> String {
    text.bytes().map(|b| format!("{prefix}{b:02x}{suffix}")).collect()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

#[track_caller]
fn scan(repo: &Repo<'_>, name: &str, content: impl AsRef<[u8]>, code: i32) -> Run {
    repo.write(name, content);
    let run = repo.gitward(&["scan", name]).expect(code);
    std::fs::remove_file(repo.dir.join(name)).unwrap();
    assert!(!run.stdout.contains(&github_pat()[..8]), "{}", run.stdout);
    run
}

#[track_caller]
fn finds(repo: &Repo<'_>, content: impl AsRef<[u8]>, words: &[&str]) {
    let run = scan(repo, "file", content, 1);
    assert_eq!(run.stdout.matches("error[github-pat]").count(), 1, "{}", run.stdout);
    for word in words {
        assert!(run.stdout.contains(word), "{word:?} is not in {}", run.stdout);
    }
}

#[test]
fn encoded_secrets_are_found_where_they_lie() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let token = github_pat();
    let once = base64(token.as_bytes());
    finds(&repo, format!("kind: Secret\ndata:\n  token: {once}\n"), &["file:3:10", "decoded base64,"]);
    let text = format!("some words in front of it\ntoken = {token}\nand words behind it, in several lines\n");
    let lines: Vec<String> =
        base64(text.as_bytes()).as_bytes().chunks(76).map(|l| String::from_utf8_lossy(l).into()).collect();
    finds(
        &repo,
        format!("Content-Transfer-Encoding: base64\n\n{}\n", lines.join("\n")),
        &["file:3:", "decoded base64"],
    );
    finds(&repo, each_byte(&token, "", ""), &["file:1:1", "decoded hex"]);
    finds(
        &repo,
        format!("\ncurl 'https://example.com/?t={}'", each_byte(&token, "%", "")),
        &["file:2:30", "decoded percent"],
    );
    finds(&repo, format!("let t = \"{}\";", each_byte(&token, "\\u00", "")), &["file:1:10", "decoded escapes"]);
    finds(&repo, format!("let t = \"{}\";", each_byte(&token, "\\x", "")), &["decoded escapes"]);
    finds(&repo, format!("<t>{}</t>", each_byte(&token, "&#x", ";")), &["file:1:4", "decoded entities"]);
    let nested = base64(base64(each_byte(&token, "%", "").as_bytes()).as_bytes());
    finds(&repo, &nested, &["decoded base64 > base64 > percent"]);
    // an escape in front of it hides where a word begins
    finds(&repo, format!("{{\"text\": [\"output:\\n{token}\\n\"]}}"), &["file:1:21"]);
    // what is there plainly is told once
    finds(&repo, format!("{{\"text\": [\"first\\nsecond\", \"{token}\"]}}"), &["file:1:29"]);
}

#[test]
fn every_form_of_unicode_is_read() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let text = format!("größe = 1\r\nключ = \"{}\"\r\n", github_pat());
    for big in [false, true] {
        finds(&repo, utf16(&format!("\u{feff}{text}"), big), &["file:2:9", "ключ = \"ghp_"]);
        finds(&repo, utf16(&text, big), &["file:2:9"]);
    }
    finds(&repo, format!("\u{feff}{}", github_pat()), &["file:1:1"]);
    // what only claims to be UTF-16, invalid UTF-8, and bytes between zeros
    finds(&repo, [b"\xff\xfe", text.as_bytes()].concat(), &["file:2:"]);
    finds(&repo, [b"\xff\xc0\x80 ", github_pat().as_bytes(), b" \xed\xa0\x80"].concat(), &["file:1:"]);
    finds(&repo, [b"\0\0\x01\0", github_pat().as_bytes(), b"\0\0\0\xff"].concat(), &["file:1:"]);
    let wide = utf16(&github_pat(), false);
    finds(&repo, [&[0x7f, 0x80, 0x81, 0x82].repeat(100), &wide[..], b"\x90\x91\x92"].concat(), &["decoded utf-16"]);
}

#[test]
fn a_change_is_judged_by_what_is_encoded_in_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a.yaml", format!("a: {}\n", base64(github_pat().as_bytes())));
    repo.gitward(&["check"]).expect(1);
    repo.commit("slipped");
    repo.stage("a.yaml", format!("a: {}\nb: 1\n", base64(github_pat().as_bytes())));
    repo.gitward(&["check"]).expect(0);
    repo.stage("b.txt", utf16(&format!("one\ntwo = {}\n", github_pat()), false));
    assert!(repo.gitward(&["check"]).expect(1).stdout.contains("b.txt:2:7"));
}

#[test]
fn encodings_beyond_the_bound_are_reported() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let mut text = format!("the token is {} and nothing else", github_pat());
    for depth in 1..=18 {
        text = base64(text.as_bytes());
        let run = scan(&repo, "deep", &text, if depth > 16 { 2 } else { 1 });
        assert_eq!(run.stdout.contains("more than 16 times over"), depth > 16, "{}", run.stdout);
    }
    // a change that holds it does not pass either
    repo.stage("deep", &text);
    assert!(repo.gitward(&["check"]).expect(2).stdout.contains("could not check deep:"));
}

#[test]
fn rows_of_bytes_and_values_side_by_side_are_nothing_deep() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let rows = |byte: u8| [vec![byte; 24], vec![16], vec![byte; 16], vec![24]].concat();
    scan(&repo, "vectors.bin", (0..=255).rev().flat_map(rows).collect::<Vec<u8>>(), 0);
    let values = |n: usize| base64(format!("an ordinary text {n}").as_bytes()) + ",";
    scan(&repo, "values.csv", (0..50_000).map(values).collect::<String>(), 0);
}

#[test]
fn long_lines_of_hostile_text_are_read_to_their_end() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let start = Instant::now();
    // literals of rules among them, which are looked at wherever they stand
    for piece in ["A", "0", " ", "=", "password = \"", "\\\"", "%25", "ghp_", "\0", "\u{80}"] {
        let mut text = piece.repeat((1 << 20) / piece.len());
        text.push_str(&format!(" token = {} ", github_pat()));
        let run = scan(&repo, "line", &text, 1);
        assert_eq!(run.stdout.matches("error[github-pat]").count(), 1, "{piece}: {}", run.stdout);
    }
    // what takes time with the square of the length takes hours
    assert!(start.elapsed() < Duration::from_secs(120));
}

#[test]
fn archives_are_opened_where_asked() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let secret = format!("one\ntoken = {}\n", github_pat());
    let inner = zip("conf/app.properties", secret.as_bytes());
    repo.stage("lib/app.war", zip("WEB-INF/app.jar", &gzip(&inner)));
    repo.gitward(&["check"]).expect(0);
    repo.gitward(&["scan"]).expect(0);
    let path = "lib/app.war!WEB-INF/app.jar!content!conf/app.properties:2:9";
    for args in [&["check", "--archives"][..], &["scan", "--archives"], &["scan", "--archives", "lib"]] {
        assert!(repo.gitward(args).expect(1).stdout.contains(path), "{args:?}");
    }
    repo.stage(".gitward.toml", "version = 1\n[secrets]\narchives = true\n");
    assert!(repo.gitward(&["hook", "pre-commit"]).expect(1).stdout.contains(path));
    // deeper than three
    let deep = zip("a.zip", &zip("b.zip", &zip("c.zip", &inner)));
    repo.write("deep.zip", deep);
    let run = repo.gitward(&["scan", "--archives", "deep.zip"]).expect(2);
    assert!(run.stdout.contains("deep.zip!a.zip!b.zip!c.zip: there are more than 3 archives"), "{}", run.stdout);
    // what lies in an archive can be excluded like any path
    repo.stage(".gitward.toml", "version = 1\n[secrets]\narchives = true\nexclude = [\"lib/app.war!*/**\"]\n");
    repo.gitward(&["check"]).expect(0);
}

#[test]
fn bombs_end_at_their_bounds() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    // 256 MiB in 256 KiB, which are in a kilobyte
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..256 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let start = Instant::now();
    for (name, content) in [("bomb.gz", bomb.clone()), ("bomb.zip", zip("b", &bomb)), ("bomb.gz.gz", gzip(&bomb))] {
        repo.write(name, content);
        let run = repo.gitward(&["scan", "--archives", name]).expect(2);
        assert!(run.stdout.contains("could not check"), "{}", run.stdout);
        repo.gitward(&["scan", name]).expect(0);
    }
    assert!(start.elapsed() < Duration::from_secs(120));
    repo.write("cut.zip", &zip("a", b"content")[..40]);
    assert!(repo.gitward(&["scan", "--archives", "cut.zip"]).expect(2).stdout.contains("damaged"));
}

#[test]
fn large_files_are_read_in_windows() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let line = "some ordinary text without anything in it, again and again\n";
    let secret = format!("token = {}\n", github_pat());
    // one at a seam
    let mut text = line.repeat((8 << 20) / line.len());
    let lines = text.lines().count();
    text.push_str(&secret);
    text.push_str(&line.repeat((12 << 20) / line.len()));
    text.push_str(&secret);
    let all = text.lines().count();
    let run = scan(&repo, "large", &text, 1);
    for line in [lines + 1, all] {
        assert!(run.stdout.contains(&format!("large:{line}:9")), "{}", run.stdout);
    }
    assert_eq!(run.stdout.matches("error[github-pat]").count(), 2, "{}", run.stdout);
    // a single line
    let mut text = "x=1;".repeat(5 << 20);
    text.push_str(&secret);
    let run = scan(&repo, "minified.js", &text, 1);
    assert!(run.stdout.contains(&format!("minified.js:1:{}", (20 << 20) + 9)), "{}", run.stdout);
    // the bound of a policy still holds
    repo.stage(".gitward.toml", "version = 1\n[limits]\nmax_blob = \"16MiB\"\n");
    assert!(scan(&repo, "large", &text, 2).stdout.contains("limits.max_blob"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_beyond_the_bound_needs_little_memory() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    // more than `limits.max_blob`; sparse, so that it takes no space on disk
    let mut file = std::fs::File::create(repo.dir.join("huge")).unwrap();
    file.set_len(260 << 20).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(format!("\ntoken = {}\n", github_pat()).as_bytes()).unwrap();
    // a bound on address space, in KiB: stricter than one on resident memory
    let script = "ulimit -v 200000; exec gitward scan huge";
    let run = Run::of(repo.command("sh").args(["-c", script])).expect(1);
    assert!(run.stdout.contains("huge:2:9"), "{}", run.stdout);
}

#[test]
fn what_is_no_file_is_read_too() {
    let sandbox = Sandbox::new();
    let token = github_pat();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", "clean\n");
    repo.commit("first");
    let check = |args: &[&str], word: &str| {
        let run = repo.gitward(args).expect(1);
        assert!(run.stdout.contains("github-pat") && run.stdout.contains(word), "{args:?}: {}", run.stdout);
        assert!(!run.stdout.contains(&token[..8]), "{}", run.stdout);
    };
    let back = || {
        repo.git(&["reset", "-q", "--hard"]);
    };
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(format!("/srv/{token}/file"), repo.dir.join("link")).unwrap();
        repo.git(&["add", "link"]);
        check(&["check"], "link:1:");
        check(&["scan"], "link:1:");
        back();
    }
    repo.stage(".gitmodules", format!("[submodule \"a\"]\n\tpath = a\n\turl = https://{token}@example.com/a.git\n"));
    check(&["check"], ".gitmodules:3:");
    back();
    repo.stage(&format!("dir/{token}.txt"), "clean\n");
    check(&["check"], "dir/ghp_");
    back();
    repo.git(&["notes", "add", "-m", &format!("see {token}")]);
    check(&["scan", "--history"], "in the history");
    repo.git(&["update-ref", "-d", "refs/notes/commits"]);
    repo.git(&["tag", "-a", "v1", "-m", &format!("made with {token}")]);
    check(&["scan", "--history"], "commit ");
    repo.git(&["tag", "-d", "v1"]);
    let mut command = repo.command("git");
    command.args(["tag", "-a", "v2", "-m", "clean"]).env("GIT_COMMITTER_NAME", &token);
    Run::of(&mut command).expect(0);
    check(&["scan", "--history"], "commit ");
    repo.git(&["tag", "-d", "v2"]);
    let mut command = repo.command("git");
    command.args(["commit", "-q", "--allow-empty", "-m", "x"]).env("GIT_AUTHOR_EMAIL", format!("{token}@example.com"));
    Run::of(&mut command).expect(0);
    check(&["check", "--range", "HEAD~1..HEAD"], "commit ");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.commit(&format!("subject\n\nbody with {}", base64(token.as_bytes())));
    check(&["check", "--range", "HEAD~1..HEAD"], "decoded base64");
}
