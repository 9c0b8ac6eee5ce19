//! The secrets engine by itself: what a byte costs in each of its stages, and what making an engine costs.
//!
//! The text is source code of this crate's dependencies where Cargo's registry is at hand, else the crate's own.
//! `GITWARD_BENCH_GITLEAKS` names a configuration of gitleaks to measure beside the built-in rules.

use divan::Bencher;
use divan::counter::BytesCount;
use gitward::change::{Blob, EntryKind, Occurrence, Origin, RepoPath};
use gitward::guard::{Guard, Sink};
use gitward::guards::secrets::Secrets;
use gitward::policy::schema::{Policy, RuleSource, SetBy, Value};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Bytes of text: more than the caches hold.
const SIZE: usize = 32 << 20;
/// Names the file with gitleaks' rules.
const GITLEAKS: &str = "GITWARD_BENCH_GITLEAKS";
/// The places of the text: rules and judges ask what kind of file it is.
const SOURCE: &[u8] = b"src/main.rs";

static TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let mut text = Vec::with_capacity(SIZE);
    if let Some(home) = home {
        collect(&home.join("registry/src"), &mut text);
    }
    if text.is_empty() {
        collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut text);
    }
    text.into_iter().cycle().take(SIZE).collect()
});

/// The built-in rules.
static OWN: LazyLock<Policy> = LazyLock::new(Policy::default);

/// The rules of gitleaks' configuration and no others; `None` where there is none to read.
static OTHERS: LazyLock<Option<Policy>> = LazyLock::new(|| {
    let name = std::env::var(GITLEAKS).ok()?;
    let text = std::fs::read_to_string(&name).ok()?.into();
    let mut policy = Policy::default();
    policy.secrets.rules = Value::new(vec![RuleSource::Gitleaks { name, text, extends: Vec::new() }], SetBy::Default);
    Some(policy)
});

/// The Rust and C files of a folder, in the order of their names, until there is enough.
fn collect(folder: &Path, text: &mut Vec<u8>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if text.len() >= SIZE {
            return;
        }
        if path.is_dir() {
            collect(&path, text);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "c" || e == "h") {
            text.extend(std::fs::read(path).unwrap_or_default());
        }
    }
}

fn seen() -> [Occurrence; 1] {
    let path = RepoPath::new(SOURCE);
    [Occurrence { path, origin: Origin::Index, kind: EntryKind::File, bases: Default::default() }]
}

fn guard() -> Option<Secrets<'static>> {
    Secrets::new(&OWN).ok()
}

/// Passes the whole text, cut into files of that many bytes, by a guard.
fn whole(bencher: Bencher<'_, '_>, guard: Option<Secrets<'_>>, file: usize) {
    let seen = seen();
    let Some(guard) = guard else { return };
    bencher.counter(BytesCount::new(TEXT.len())).bench(|| {
        let mut sink = Sink::default();
        for bytes in TEXT.chunks(file) {
            let _ = guard.blob(&Blob { oid: None, bytes, seen: &seen }, &mut sink);
        }
        sink.findings.len()
    });
}

/// Passes the whole text, cut into files of 16 KiB, by one stage.
fn stage(bencher: Bencher<'_, '_>, stage: impl Fn(&[u8]) -> usize + Sync) {
    bencher
        .counter(BytesCount::new(TEXT.len()))
        .bench(|| divan::black_box(&**TEXT).chunks(16 << 10).map(&stage).sum::<usize>());
}

/// The literal pass alone.
#[divan::bench(sample_count = 10)]
fn automaton(bencher: Bencher<'_, '_>) {
    let guard = guard();
    stage(bencher, |text| guard.as_ref().and_then(|g| g.count_literals(text).ok()).unwrap_or_default());
}

/// The literal pass, with each rule's regex or reader where a literal stands; nothing is judged.
#[divan::bench(sample_count = 10)]
fn matches(bencher: Bencher<'_, '_>) {
    let guard = guard();
    stage(bencher, |text| guard.as_ref().and_then(|g| g.count_matches(text).ok()).unwrap_or_default());
}

/// The search for what is encoded, and its decoding.
#[divan::bench(sample_count = 10)]
fn decode(bencher: Bencher<'_, '_>) {
    stage(bencher, Secrets::count_decoded);
}

/// The whole guard, by the size of the files that the text is cut into.
#[divan::bench(args = [1 << 10, 16 << 10, 1 << 20, SIZE], sample_count = 10)]
fn scan(bencher: Bencher<'_, '_>, file: usize) {
    whole(bencher, guard(), file);
}

/// The whole guard with gitleaks' rules; nothing where there are none.
#[divan::bench(args = [16 << 10, 1 << 20], sample_count = 10)]
fn gitleaks(bencher: Bencher<'_, '_>, file: usize) {
    whole(bencher, OTHERS.as_ref().and_then(|policy| Secrets::new(policy).ok()), file);
}

/// Making the guard with the built-in rules, and a first small file.
#[divan::bench]
fn start(bencher: Bencher<'_, '_>) {
    let seen = seen();
    bencher.bench(|| {
        let mut sink = Sink::default();
        if let Some(guard) = guard() {
            let _ = guard.blob(&Blob { oid: None, bytes: b"fn main() {}\n", seen: &seen }, &mut sink);
        }
        sink.findings.len()
    });
}

fn main() {
    divan::main();
}
