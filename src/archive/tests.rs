use super::*;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use proptest::prelude::*;
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        let mut put = |name: &str, kind: u8, content: &[u8]| {
            let mut block = [0u8; tar::BLOCK];
            let short = &name.as_bytes()[..name.len().min(100)];
            block[..short.len()].copy_from_slice(short);
            block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
            block[148..156].fill(b' ');
            block[156] = kind;
            block[257..263].copy_from_slice(b"ustar\0");
            let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
            block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            out.extend(block);
            out.extend(content);
            out.resize(out.len().next_multiple_of(tar::BLOCK), 0);
        };
        if name.len() > 100 {
            let record = format!(" path={name}\n");
            let len = record.len() + 3;
            put("pax", b'x', format!("{len}{record}").as_bytes());
        }
        put(name, b'0', content);
    }
    out.resize(out.len() + 2 * tar::BLOCK, 0);
    out
}

fn zip(files: &[(&str, u16, &[u8])]) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, method, content) in files {
        let data = if *method == 8 { deflate(content) } else { content.to_vec() };
        let mut common = Vec::new();
        for n in [20u16, 0, *method, 0, 0] {
            common.extend(n.to_le_bytes());
        }
        for n in [0, data.len() as u32, content.len() as u32] {
            common.extend(n.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        central.extend(b"PK\x01\x02\x14\0");
        central.extend(&common);
        central.extend([0; 10]);
        central.extend((out.len() as u32).to_le_bytes());
        central.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(data);
    }
    let (start, count) = (out.len() as u32, files.len() as u16);
    out.extend(&central);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((central.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// The files with their lengths, and the faults with their reasons.
type Seen = (Vec<(String, usize)>, Vec<(String, String)>);

fn look(bytes: &[u8], limits: &Limits) -> Seen {
    let mut seen = Vec::new();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let faults = walk(bytes, b"dir/outer.gz", limits, &mut |path, bytes| seen.push((text(path), bytes.len())));
    (seen, faults.into_iter().map(|f| (text(&f.path), f.why)).collect())
}

#[track_caller]
fn holds(bytes: &[u8], expected: &[(&str, usize)]) {
    let (seen, faults) = look(bytes, &Limits::default());
    assert_eq!(faults, []);
    let expected: Vec<(String, usize)> = expected.iter().map(|(name, len)| ((*name).to_owned(), *len)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn every_kind_is_told_by_content_and_opened() {
    let long = format!("{}/file", "d".repeat(140));
    let files: [(&str, &[u8]); 3] = [("a/b.txt", b"hello"), ("empty", b""), (&long, &[7; 1000])];
    let expected = [("a/b.txt", 5), ("empty", 0), (&long, 1000)];
    holds(&tar(&files), &expected);
    holds(&gzip(&tar(&files)), &expected);
    holds(&gzip(b"text"), &[("outer", 4)]);
    // members of a gzip file that follow each other are one
    holds(&[gzip(b"one"), gzip(b"two")].concat(), &[("outer", 6)]);
    let zipped = zip(&[("a", 0, b"stored"), ("dir/", 0, b""), ("dir/b", 8, &[b'x'; 5000])]);
    holds(&zipped, &[("a", 6), ("dir/b", 5000)]);
    // something in front of an archive is no part of it
    let mut seen = 0;
    let moved = [b"PK\x03\x04 stub".as_slice(), &zipped].concat();
    assert_eq!(walk(&moved, b"", &Limits::default(), &mut |_, _| seen += 1), []);
    assert_eq!(seen, 2);
    holds(b"plain text", &[]);
}

#[test]
fn archives_in_each_other_are_opened_so_far() {
    let inner = zip(&[("secret.txt", 8, b"here")]);
    let middle = gzip(&tar(&[("inner.jar", &inner)]));
    let outer = zip(&[("lib/middle.tgz", 0, &middle)]);
    let names = |bytes: &[u8]| look(bytes, &Limits::default()).0.into_iter().map(|(n, _)| n).collect::<Vec<_>>();
    let path = "lib/middle.tgz!inner.jar!secret.txt";
    assert_eq!(names(&outer), ["lib/middle.tgz", "lib/middle.tgz!inner.jar", path]);
    let (seen, faults) = look(&zip(&[("outer.zip", 0, &outer)]), &Limits::default());
    assert_eq!(seen.len(), 3);
    assert_eq!(faults[0].0, "outer.zip!lib/middle.tgz!inner.jar");
    assert!(faults[0].1.contains("more than 3 archives"), "{faults:?}");
}

#[test]
fn every_bound_is_reported() {
    let limits = Limits { entry: 1 << 20, total: 20 << 20, ..Limits::default() };
    let why = |bytes: &[u8], limits: &Limits| {
        let (seen, faults) = look(bytes, limits);
        assert!(seen.iter().map(|(_, len)| *len as u64).sum::<u64>() <= limits.total);
        faults.into_iter().map(|(_, why)| why).collect::<Vec<_>>().join("; ")
    };
    let zeros = vec![0; 30 << 20];
    assert!(why(&gzip(&zeros), &limits).contains("more than 1048576 bytes"));
    assert!(why(&gzip(&zeros), &Limits::default()).contains("more than 200 times its length"));
    let large = Limits { entry: 1 << 30, total: 20 << 20, ratio: u64::MAX, ..Limits::default() };
    assert!(why(&gzip(&zeros), &large).contains("more than 20971520 bytes"));
    let few = Limits { entries: 2, ..Limits::default() };
    let three = zip(&[("a", 0, b"a"), ("b", 0, b"b"), ("c", 0, b"c")]);
    assert!(why(&three, &few).contains("more than 2 files"));
    // what is passed over counts too
    let bomb = gzip(&tar(&[("a", &zeros)]));
    assert!(why(&bomb, &limits).contains("times its length"));
}

#[test]
fn what_cannot_be_opened_is_reported() {
    let whole = zip(&[("a", 8, b"hello hello hello"), ("b", 0, b"two")]);
    assert!(!look(&whole[..whole.len() - 30], &Limits::default()).1.is_empty());
    assert!(look(&zip(&[("a", 12, b"bzip2")]), &Limits::default()).1[0].1.contains("method 12"));
    let mut encrypted = whole.clone();
    let at = memchr::memmem::find(&encrypted, b"PK\x01\x02").unwrap();
    encrypted[at + 8] = 1;
    let (seen, faults) = look(&encrypted, &Limits::default());
    assert_eq!((seen.len(), faults[0].1.as_str()), (1, "it is encrypted"));
    let packed = gzip(&tar(&[("a", &[1; 3000]), ("b", b"two")]));
    assert!(!look(&packed[..packed.len() / 2], &Limits::default()).1.is_empty());
    let mut damaged = tar(&[("a", b"one"), ("b", b"two")]);
    damaged[1024] = b'x';
    let (seen, faults) = look(&damaged, &Limits::default());
    assert_eq!((seen.len(), faults.len()), (1, 1));
}

proptest! {
    #[test]
    fn damage_breaks_nothing(at in 0usize..4000, byte: u8, cut in 0usize..4000, which in 0..3) {
        let files: [(&str, &[u8]); 2] = [("a/b.txt", b"hello"), ("c", &[7; 1000])];
        let mut bytes = match which {
            0 => tar(&files),
            1 => gzip(&tar(&files)),
            _ => zip(&[("a", 8, b"hello hello"), ("t.tgz", 0, &gzip(&tar(&files)))]),
        };
        let len = bytes.len();
        bytes[at % len] = byte;
        bytes.truncate(len.saturating_sub(cut % len / 2));
        let mut total = 0;
        let limits = Limits { total: 1 << 20, ..Limits::default() };
        walk(&bytes, b"x", &limits, &mut |_, content| total += content.len());
        prop_assert!(total <= 1 << 20);
    }

    #[test]
    fn noise_breaks_nothing(noise in prop::collection::vec(any::<u8>(), 0..2000), which in 0..3) {
        let head: &[u8] = match which { 0 => b"PK\x03\x04", 1 => b"\x1f\x8b\x08", _ => b"PK\x05\x06" };
        let bytes = [head, &noise].concat();
        walk(&bytes, b"x", &Limits::default(), &mut |_, _| {});
    }
}
