//! Takes a raw commit or tag apart into what is signed and the signature, byte for byte as Git does.
//!
//! The rules are those of `parse_buffer_signed_by_header` and `remove_signature` in Git's `commit.c`, and of
//! `parse_signature` in its `gpg-interface.c`.

use super::format::Format;

/// Every header that starts so is left out of what a commit's signature covers, known or not.
const PREFIX: &[u8] = b"gpgsig";
/// Signatures over the SHA-1 and the SHA-256 form of an object. A repository in transition from one to the
/// other keeps both; only that of its own hash can be checked.
const NAMES: [&[u8]; 2] = [b"gpgsig", b"gpgsig-sha256"];

/// An object with a signature.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Signed {
    /// What the signature is over.
    pub(super) payload: Vec<u8>,
    /// The signature in its armor, or what stands in its place; repeated headers one after the other.
    pub(super) signature: Vec<u8>,
    /// How many signatures there are.
    pub(super) count: usize,
    /// The name of a header that Git leaves out of what is signed, and that is not one signature over the
    /// other hash's form of the object. That one may stand: it can hold nothing that the armor of the signature
    /// itself, unsigned too, could not.
    pub(super) stray: Option<Vec<u8>>,
}

/// Takes a commit apart; `None` where it has no signature. `sha256`: of a SHA-256 repository.
pub(super) fn of_commit(raw: &[u8], sha256: bool) -> Option<Signed> {
    // most commits of most repositories have none: one look, no copy
    let head = raw.get(..memchr::memmem::find(raw, b"\n\n").unwrap_or(raw.len()))?;
    if !head.starts_with(PREFIX) && memchr::memmem::find(head, b"\ngpgsig").is_none() {
        return None;
    }
    let [ours, other] = names(sha256);
    let mut signed = Signed::default();
    let (mut in_ours, mut in_other, mut others) = (false, false, 0);
    let mut rest = raw;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if let (true, Some(more)) = (in_ours, line.strip_prefix(b" ")) {
            signed.signature.extend_from_slice(more);
        } else if let Some(value) = value_of(line, ours) {
            signed.count += 1;
            signed.signature.extend_from_slice(value);
            (in_ours, in_other) = (true, false);
        } else {
            in_ours = false;
            if line.starts_with(PREFIX) {
                in_other = true;
                others += 1;
                if others > 1 || !is_signature(line, other) {
                    signed.stray.get_or_insert_with(|| header_name(line).to_vec());
                }
            } else if !line.starts_with(b" ") {
                in_other = false;
            }
            if line == b"\n" {
                signed.payload.extend_from_slice(rest);
                break;
            }
            if !in_other {
                signed.payload.extend_from_slice(line);
            }
        }
        rest = after;
    }
    (signed.count > 0).then_some(signed)
}

/// Takes a tag apart; `None` where it has no signature. `sha256`: of a SHA-256 repository.
///
/// The signature is what stands from the last armor line on, to the end; earlier ones are part of the text.
pub(super) fn of_tag(raw: &[u8], sha256: bool) -> Option<Signed> {
    let at = last_armor(raw)?;
    let (text, signature) = raw.split_at_checked(at)?;
    let mut signed = Signed { signature: signature.to_vec(), count: 1, ..Signed::default() };
    let [ours, other] = names(sha256);
    let (mut in_header, mut others) = (false, 0);
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        if in_header && line.starts_with(b" ") {
            // goes with the header it continues
        } else if value_of(line, other).or(value_of(line, ours)).is_some() {
            in_header = true;
            others += 1;
            if others > 1 || !is_signature(line, other) {
                signed.stray.get_or_insert_with(|| header_name(line).to_vec());
            }
        } else if line == b"\n" {
            signed.payload.extend_from_slice(rest);
            break;
        } else {
            in_header = false;
            signed.payload.extend_from_slice(line);
        }
        rest = after;
    }
    Some(signed)
}

/// Our header and the other hash's.
fn names(sha256: bool) -> [&'static [u8]; 2] {
    let [sha1_name, sha256_name] = NAMES;
    if sha256 { [sha256_name, sha1_name] } else { [sha1_name, sha256_name] }
}

/// A line with its end, and what follows.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).map_or(text.len(), |n| n + 1);
    text.split_at_checked(end).unwrap_or((text, &[]))
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(name)?.strip_prefix(b" ")
}

/// Whether the header has this name and begins an armor.
fn is_signature(line: &[u8], name: &[u8]) -> bool {
    value_of(line, name).and_then(Format::of).is_some()
}

fn header_name(line: &[u8]) -> &[u8] {
    line.split(|b| b.is_ascii_whitespace()).next().unwrap_or_default()
}

/// Where the last line begins that an armor can start with.
fn last_armor(raw: &[u8]) -> Option<usize> {
    let is_start = |at: &usize| raw.get(*at..).and_then(Format::of).is_some();
    memchr::memrchr_iter(b'\n', raw).map(|n| n + 1).chain([0]).find(is_start)
}
