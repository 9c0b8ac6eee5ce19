//! The secrets engine by itself: what a byte costs, and what making an engine costs.
//!
//! The text is source code of this crate's dependencies where Cargo's registry is at hand, else the crate's own.

use divan::Bencher;
use divan::counter::BytesCount;
use gitward::change::{Blob, EntryKind, Occurrence, Origin, RepoPath};
use gitward::guard::{Guard, Sink};
use gitward::guards::secrets::Secrets;
use gitward::policy::schema::Policy;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Bytes of text: more than the caches hold.
const SIZE: usize = 32 << 20;

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

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);

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
    let path = RepoPath::new(b"src/main.rs");
    [Occurrence { path, origin: Origin::Index, kind: EntryKind::File, bases: Default::default() }]
}

fn guard() -> Option<Secrets<'static>> {
    Secrets::new(&POLICY).ok()
}

/// The literal pass alone.
#[divan::bench(sample_count = 10)]
fn automaton(bencher: Bencher<'_, '_>) {
    let guard = guard();
    bencher
        .counter(BytesCount::new(TEXT.len()))
        .bench(|| guard.as_ref().map(|g| g.count_literals(divan::black_box(&TEXT))));
}

/// The whole guard, by the size of the files that the text is cut into.
#[divan::bench(args = [1 << 10, 16 << 10, 1 << 20, SIZE], sample_count = 10)]
fn scan(bencher: Bencher<'_, '_>, file: usize) {
    let (guard, seen) = (guard(), seen());
    bencher.counter(BytesCount::new(TEXT.len())).bench(|| {
        let mut sink = Sink::default();
        for bytes in TEXT.chunks(file) {
            if let Some(guard) = &guard {
                let _ = guard.blob(&Blob { oid: None, bytes, seen: &seen }, &mut sink);
            }
        }
        sink.findings.len()
    });
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
