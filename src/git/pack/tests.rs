//! Stores as Git makes them: what is visited is what Git itself lists.

use super::{Bits, Store, Watch};
use crate::change::Oid;
use crate::git::{ObjectFormat, ObjectKind};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

type Objects = BTreeMap<Oid, (ObjectKind, Vec<u8>)>;

fn command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "T").env(format!("GIT_{who}_EMAIL"), "t@example.com");
        command.env(format!("GIT_{who}_DATE"), "1750000000 +0000");
    }
    command.args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
    command
}

fn git(dir: &Path, args: &[&str]) -> Vec<u8> {
    let output = command(dir).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// All objects as `git cat-file` prints them.
fn by_git(dir: &Path) -> Objects {
    let out = git(dir, &["cat-file", "--batch-all-objects", "--batch", "--unordered"]);
    let (mut at, mut objects) = (0, Objects::new());
    while at < out.len() {
        let end = at + memchr::memchr(b'\n', &out[at..]).unwrap();
        let words: Vec<&[u8]> = out[at..end].split(|&b| b == b' ').collect();
        let size: usize = std::str::from_utf8(words[2]).unwrap().parse().unwrap();
        let bytes = out[end + 1..end + 1 + size].to_vec();
        objects.insert(Oid::from_hex(words[0]).unwrap(), (ObjectKind::from_name(words[1]).unwrap(), bytes));
        at = end + 1 + size + 1;
    }
    objects
}

/// What a sweep over everything visits; the objects that [`Store::find`] knows.
fn by_sweep(dir: &Path, format: ObjectFormat) -> Result<Objects, crate::git::GitError> {
    let store = Store::open(&dir.join(".git/objects"), format)?;
    let all = Bits::new(store.len());
    (0..store.len() as u32).for_each(|n| {
        all.add(n);
    });
    let objects = Mutex::new(Objects::new());
    let (_, visited) = store.sweep(
        &all,
        &Watch::default(),
        || (),
        |(), n, kind, bytes| {
            let oid = store.id(n).unwrap();
            assert!(store.kind(n).is_none_or(|k| k == kind));
            if let Some((old, twin)) = objects.lock().unwrap().insert(oid, (kind, bytes.to_vec())) {
                assert!((old, &twin[..]) == (kind, bytes), "{oid} has two contents");
            }
        },
    );
    let objects = objects.into_inner().unwrap();
    assert!(objects.keys().all(|oid| visited.has(store.find(oid.as_bytes()).unwrap())));
    Ok(objects)
}

/// Commits that change lines of some files and keep the rest, so that Git finds deltas; a binary file and an
/// empty one; a tag.
fn fill(dir: &Path, from: usize, commits: usize) {
    let mut text: Vec<String> = (0..400).map(|n| format!("line {n} of a text {}\n", n * n * 7919 % 1013)).collect();
    for n in from..from + commits {
        text[n * 37 % 400] = format!("changed by {n}\n");
        text.insert(n * 11 % 300, format!("new with {n}\n"));
        std::fs::create_dir_all(dir.join(format!("a/b{}", n % 3))).unwrap();
        std::fs::write(dir.join(format!("a/b{}/file", n % 3)), text.concat()).unwrap();
        std::fs::write(dir.join("a/all"), text.concat().repeat(3)).unwrap();
        let noise: Vec<u8> = (0..3000u32).map(|b| (b.wrapping_mul(2_654_435_761) >> 13) as u8 ^ n as u8).collect();
        std::fs::write(dir.join("noise"), noise).unwrap();
        std::fs::write(dir.join("empty"), "").unwrap();
        git(dir, &["add", "-A"]);
        git(dir, &["commit", "-q", "-m", &format!("commit {n}")]);
    }
    git(dir, &["tag", "-a", "-m", "a tag", &format!("v{from}")]);
}

fn repo(args: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &[&["init", "-q", "-b", "main"], args].concat());
    dir
}

#[track_caller]
fn agree(dir: &Path, format: ObjectFormat) {
    let (git, here) = (by_git(dir), by_sweep(dir, format).unwrap());
    assert!(git.len() > 20 && git.len() == here.len(), "{} objects, {} visited", git.len(), here.len());
    for (oid, object) in &git {
        assert!(here.get(oid) == Some(object), "{oid}");
    }
}

#[test]
fn every_object_is_visited_with_its_content() {
    for (args, format) in [(&[][..], ObjectFormat::Sha1), (&["--object-format=sha256"][..], ObjectFormat::Sha256)] {
        let dir = repo(args);
        let dir = dir.path();
        fill(dir, 0, 30);
        agree(dir, format); // loose
        git(dir, &["repack", "-q", "-adf", "--depth=50", "--window=50"]);
        assert!(String::from_utf8_lossy(&verify(dir)).contains("chain length = 1"), "the test needs deltas");
        agree(dir, format); // one pack of deltas by offset
        fill(dir, 30, 8);
        agree(dir, format); // a pack and loose ones
        git(dir, &["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-d"]);
        agree(dir, format); // two packs, one of deltas by id
        git(dir, &["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-adf"]);
        agree(dir, format); // deltas by id alone
        git(dir, &["multi-pack-index", "write"]);
        git(dir, &["-c", "pack.indexVersion=2", "-c", "pack.packSizeLimit=1m", "repack", "-q", "-adf"]);
        agree(dir, format);
    }
}

fn verify(dir: &Path) -> Vec<u8> {
    let packs = dir.join(".git/objects/pack");
    let idx = std::fs::read_dir(packs).unwrap().map(|e| e.unwrap().path()).find(|p| p.extension().unwrap() == "idx");
    git(dir, &["verify-pack", "-v", idx.unwrap().to_str().unwrap()])
}

#[test]
fn a_fetched_pack_and_borrowed_objects_are_visited() {
    let source = repo(&[]);
    fill(source.path(), 0, 10);
    git(source.path(), &["repack", "-q", "-adf"]);
    let target = tempfile::tempdir().unwrap();
    // a clone that borrows everything, then fetches a thin pack, which Git completes
    git(target.path(), &["clone", "-q", "--shared", source.path().to_str().unwrap(), "clone"]);
    let clone = target.path().join("clone");
    fill(source.path(), 10, 6);
    git(&clone, &["-c", "fetch.unpackLimit=1", "fetch", "-q", "--tags"]);
    agree(&clone, ObjectFormat::Sha1);
    git(&clone, &["-c", "fetch.unpackLimit=1", "-c", "pack.depth=10", "fetch", "-q", "origin", "main:other"]);
    agree(&clone, ObjectFormat::Sha1);
}

#[test]
fn only_what_is_wanted_is_visited() {
    let dir = repo(&[]);
    fill(dir.path(), 0, 12);
    git(dir.path(), &["repack", "-q", "-adf", "--depth=50"]);
    let store = Store::open(&dir.path().join(".git/objects"), ObjectFormat::Sha1).unwrap();
    let wanted = Bits::new(store.len());
    (0..store.len() as u32).filter(|n| n % 5 == 3).for_each(|n| {
        wanted.add(n);
    });
    let (seen, visited) = store.sweep(&wanted, &Watch::default(), Vec::new, |seen, n, _, _| seen.push(n));
    let mut seen = seen.concat();
    seen.sort_unstable();
    assert_eq!(seen, wanted.iter().collect::<Vec<_>>());
    assert_eq!(visited.count(), seen.len());
    let over = Watch { deadline: Some(std::time::Instant::now()), ..Watch::default() };
    assert_eq!(store.sweep(&wanted, &over, || (), |(), _, _, _| {}).1.count(), 0);
}

/// Whatever byte is wrong: no panic, and nothing is visited with a content of its own making but what a damaged
/// length or id of the index explains - those are what `git fsck` is for.
#[test]
fn a_damaged_pack_is_left_to_others() {
    let dir = repo(&[]);
    let dir = dir.path();
    for n in 0..6 {
        let text = (0..40).map(|l| format!("{l} {}\n", if l == n { n + 7 } else { l * l })).collect::<String>();
        std::fs::write(dir.join("file"), text).unwrap();
        git(dir, &["add", "file"]);
        git(dir, &["commit", "-q", "-m", &format!("commit {n}")]);
    }
    git(dir, &["repack", "-q", "-adf", "--depth=50"]);
    let good = by_git(dir);
    let packs = dir.join(".git/objects/pack");
    let files: Vec<_> = std::fs::read_dir(packs)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "pack" || e == "idx"))
        .collect();
    assert!(files.len() == 2 && good.len() == 18, "{files:?}, {} objects", good.len());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let is_pack = file.extension().unwrap() == "pack";
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            std::fs::remove_file(&file).unwrap();
            std::fs::write(&file, &bad).unwrap();
            let found = visit_all(dir).unwrap_or_default();
            for (oid, object) in found.iter().filter(|_| is_pack) {
                // a base offset that points at another object is all that no checksum guards
                let is_same = good.get(oid).is_some_and(|g| g == object);
                assert!(
                    is_same || good.get(oid).is_some_and(|g| g.1.len() == object.1.len() || g.0 != object.0),
                    "{at}"
                );
            }
            if at % 16 == 0 {
                std::fs::write(&file, &bytes[..at]).unwrap();
                let _ = visit_all(dir);
            }
        }
        std::fs::write(&file, &bytes).unwrap();
    }
    assert_eq!(by_sweep(dir, ObjectFormat::Sha1).unwrap(), good);
}

fn visit_all(dir: &Path) -> Result<Objects, crate::git::GitError> {
    let store = Store::open(&dir.join(".git/objects"), ObjectFormat::Sha1)?;
    let all = Bits::new(store.len());
    (0..store.len() as u32).for_each(|n| {
        all.add(n);
    });
    let objects = Mutex::new(Objects::new());
    store.sweep(
        &all,
        &Watch::default(),
        || (),
        |(), n, kind, bytes| {
            if let Some(oid) = store.id(n) {
                objects.lock().unwrap().insert(oid, (kind, bytes.to_vec()));
            }
        },
    );
    Ok(objects.into_inner().unwrap())
}

/// Deltas against one another, and chains of thousands.
#[test]
fn cycles_and_long_chains_end() {
    let dir = repo(&[]);
    let dir = dir.path();
    let objects = dir.join(".git/objects/pack");
    let mut pack = Pack::default();
    let root = pack.add(0x30, &[], b"the text that all of them share, and some more of it");
    // each copies its base and adds a byte
    let (mut last, mut len) = (root, 52);
    let chain = 6000u16;
    for n in 0..chain {
        let delta = [&size(len)[..], &size(len + 1), &[0xb0], &(len as u16).to_le_bytes(), &[1, b'a' + (n % 26) as u8]]
            .concat();
        last = pack.add(0x70, &last, &delta);
        len += 1;
    }
    let (a, b) = ([0xaa; 20], [0xbb; 20]);
    pack.add_as(a, 0x70, &b, &[1, 1, 1, b'x']);
    pack.add_as(b, 0x70, &a, &[1, 1, 1, b'x']);
    pack.add_as([0xcc; 20], 0x70, &[0xcc; 20], &[1, 1, 1, b'x']);
    pack.add_as([0xdd; 20], 0x70, &[0xee; 20], &[1, 1, 1, b'x']);
    pack.write(&objects);
    let found = visit_all(dir).unwrap();
    assert_eq!(found.len(), chain as usize + 1);
    assert_eq!(found[&Oid::from_bytes(&last).unwrap()].1.len(), 52 + chain as usize);
}

/// Sizes that are lies cost no memory.
#[test]
fn huge_sizes_are_not_believed() {
    let dir = repo(&[]);
    let dir = dir.path();
    let mut pack = Pack::default();
    let honest = pack.add(0x30, &[], b"honest");
    pack.raw(b"\xbf\xff\xff\x7f", &[], b"says 250 MB");
    pack.raw(b"\xbf\xff\xff\xff\xff\xff\xff\xff\xff\x0f", &[], b"says 2^63");
    let delta = [&size(6)[..], &size(31 << 20), &[0x90, 6]].concat();
    pack.add(0x70, &honest, &delta);
    pack.write(&dir.join(".git/objects/pack"));
    let found = visit_all(dir).unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), [&Oid::from_bytes(&honest).unwrap()]);
}

fn size(mut n: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
    out
}

/// A pack in the making; ids are counted, since nothing here hashes.
#[derive(Default)]
struct Pack {
    body: Vec<u8>,
    index: Vec<([u8; 20], u32)>,
}

impl Pack {
    fn add(&mut self, kind: u8, base: &[u8], content: &[u8]) -> [u8; 20] {
        let mut id = [1; 20];
        id[..4].copy_from_slice(&(self.index.len() as u32).to_be_bytes());
        self.add_as(id, kind, base, content);
        id
    }

    fn add_as(&mut self, id: [u8; 20], kind: u8, base: &[u8], content: &[u8]) {
        let mut header = vec![kind | (content.len() & 15) as u8];
        if content.len() > 15 {
            header[0] |= 0x80;
            header.extend(size(content.len() >> 4));
        }
        self.at(id, &header, base, content);
    }

    fn raw(&mut self, header: &[u8], base: &[u8], content: &[u8]) {
        let mut id = [2; 20];
        id[..4].copy_from_slice(&(self.index.len() as u32).to_be_bytes());
        self.at(id, header, base, content);
    }

    fn at(&mut self, id: [u8; 20], header: &[u8], base: &[u8], content: &[u8]) {
        self.index.push((id, 12 + self.body.len() as u32));
        self.body.extend(header);
        self.body.extend(base);
        let mut z = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut out = vec![0; z.zlib_compress_bound(content.len())];
        let n = z.zlib_compress(content, &mut out).unwrap();
        self.body.extend(&out[..n]);
    }

    fn write(mut self, dir: &Path) {
        let count = self.index.len() as u32;
        let pack = [b"PACK\0\0\0\x02", &count.to_be_bytes()[..], &self.body, &[5; 20]].concat();
        self.index.sort_unstable();
        let mut idx = b"\xfftOc\0\0\0\x02".to_vec();
        for first in 0..=255u8 {
            idx.extend((self.index.iter().filter(|(id, _)| id[0] <= first).count() as u32).to_be_bytes());
        }
        self.index.iter().for_each(|(id, _)| idx.extend(id));
        idx.extend(vec![0; 4 * self.index.len()]);
        self.index.iter().for_each(|(_, at)| idx.extend(at.to_be_bytes()));
        idx.extend([5; 20]);
        idx.extend([6; 20]);
        std::fs::create_dir_all(dir).unwrap();
        std::fs::write(dir.join("pack-x.pack"), pack).unwrap();
        std::fs::write(dir.join("pack-x.idx"), idx).unwrap();
    }
}
