//! Files that gitleaks passes by: archives by their names, and what begins as a program, document, font or other
//! `application/*` content does. Facts: the formats' own specifications, as file(1) lists them.

use std::path::Path;

/// Bytes that [`is_application`] needs at most; those of the last mark of an ISO image.
pub(super) const HEAD: usize = 32774;

/// Extensions of archives and compressed files.
const ARCHIVES: &[&str] =
    &["zip", "gz", "bz2", "xz", "zst", "7z", "rar", "lz4", "lz", "sz", "s2", "br", "zz", "mz", "tgz", "tbz2", "txz"];

/// Whether a file's name is that of an archive or of a compressed file.
pub(super) fn is_archive(path: &Path) -> bool {
    let Some(name) = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()) else { return false };
    let last = name.rsplit_once('.').map(|(_, e)| e);
    name.split('.').skip(1).any(|e| e == "tar") || last.is_some_and(|e| ARCHIVES.contains(&e))
}

/// How a kind of content begins: bytes at an offset, and the size that it has at least.
struct Magic {
    at: usize,
    bytes: &'static [u8],
    least: usize,
}

const fn at(at: usize, bytes: &'static [u8], least: usize) -> Magic {
    Magic { at, bytes, least }
}

const MAGIC: &[Magic] = &[
    // archives and compression
    at(0, b"PK\x03\x04", 4),
    at(0, b"PK\x05\x06", 4),
    at(0, b"PK\x07\x08", 4),
    at(257, b"ustar", 262),
    at(0, b"Rar!\x1a\x07\x00", 7),
    at(0, b"Rar!\x1a\x07\x01", 7),
    at(0, b"\x1f\x8b\x08", 3),
    at(0, b"BZh", 3),
    at(0, b"7z\xbc\xaf\x27\x1c", 6),
    at(0, b"\xfd7zXZ\x00", 6),
    at(0, b"\x28\xb5\x2f\xfd", 4),
    at(0, b"\x1f\xa0", 2),
    at(0, b"\x1f\x9d", 2),
    at(0, b"LZIP", 4),
    at(0, b"MSCF", 4),
    at(0, b"ISc(", 4),
    at(0, b"!<arch>", 7),
    at(0, b"\xed\xab\xee\xdb", 97),
    at(0, b"Cr24", 4),
    at(32769, b"CD001", 32774),
    // documents
    at(0, b"%PDF", 4),
    at(0, b"{\\rtf", 5),
    at(0, b"%!", 2),
    at(0, b"\xd0\xcf\x11\xe0", 4),
    at(128, b"DICM", 132),
    // programs and data
    at(0, b"MZ", 2),
    at(0, b"\x7fELF", 53),
    at(0, b"\xfe\xed\xfa\xcf", 4),
    at(0, b"\xfe\xed\xfa\xce", 4),
    at(0, b"\xcf\xfa\xed\xfe", 4),
    at(0, b"\xce\xfa\xed\xfe", 4),
    at(0, b"\xca\xfe\xba\xbe", 4),
    at(0, b"\xbe\xba\xfe\xca", 4),
    at(0, b"\x00asm\x01\x00\x00\x00", 8),
    at(0, b"dex\n", 37),
    at(0, b"dey\n", 101),
    at(0, b"CWS", 3),
    at(0, b"FWS", 3),
    at(0, b"SQLi", 4),
    at(0, b"NES\x1a", 4),
    // fonts
    at(0, b"wOFF\x00\x01\x00\x00", 8),
    at(0, b"wOF2\x00\x01\x00\x00", 8),
    at(0, b"\x00\x01\x00\x00\x00", 5),
    at(0, b"OTTO\x00", 5),
];

/// Whether content begins as `application/*` does. Images, sound and film are none of it, and are scanned.
pub(super) fn is_application(head: &[u8]) -> bool {
    MAGIC.iter().any(|m| head.len() >= m.least && head.get(m.at..).is_some_and(|rest| rest.starts_with(m.bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_known_by_name() {
        for archive in ["a.zip", "d/a.TAR.gz", "a.tar", "x.tgz", "a.tar.old", "b.7z"] {
            assert!(is_archive(Path::new(archive)), "{archive}");
        }
        for other in ["zip", "a.zip.txt", "tar", "a.targets", "gz/x"] {
            assert!(!is_archive(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn programs_and_documents_are_known_by_content() {
        let tar = [&[0; 257][..], b"ustar"].concat();
        for binary in [&b"\x7fELF\x02\x01"[..], b"%PDF-1.7", b"PK\x03\x04", &tar] {
            let mut long = binary.to_vec();
            long.resize(long.len().max(300), 0);
            assert!(is_application(&long), "{binary:?}");
        }
        for text in [&b""[..], b"a = 1\n", b"\x89PNG\r\n", b"\x7fELF", b"#!/bin/sh"] {
            assert!(!is_application(text), "{text:?}");
        }
    }
}
