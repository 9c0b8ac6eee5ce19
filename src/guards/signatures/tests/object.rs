use super::super::object::{Signed, of_commit, of_tag};
use super::support::{header, insert, payload};

const ARMOR: &[u8] = b"-----BEGIN SSH SIGNATURE-----\nU1NI\n-----END SSH SIGNATURE-----\n";

fn plain() -> Vec<u8> {
    payload("t@acme.example", 1)
}

fn split(raw: &[u8]) -> Signed {
    of_commit(raw, false).unwrap()
}

#[test]
fn a_commit_without_the_header_is_unsigned() {
    assert_eq!(of_commit(&plain(), false), None);
    assert_eq!(of_commit(b"", false), None);
    // in the message it is text
    let raw = [plain(), header("gpgsig", ARMOR)].concat();
    assert_eq!(of_commit(&raw, false), None);
    // and with another name it is no signature
    assert_eq!(of_commit(&insert(&plain(), b"gpgsigx evil\n"), false), None);
}

#[test]
fn takes_the_header_out() {
    let raw = insert(&plain(), &header("gpgsig", ARMOR));
    let signed = split(&raw);
    assert_eq!(signed, Signed { payload: plain(), signature: ARMOR.to_vec(), count: 1, stray: None });
    // headers behind it stay, with their continuation lines
    let encoding = insert(&plain(), b"encoding latin1\n more\n");
    let raw = insert(&insert(&plain(), &header("gpgsig", ARMOR)), b"encoding latin1\n more\n");
    assert_eq!(split(&raw).payload, encoding);
}

#[test]
fn keeps_bytes_that_are_not_utf8() {
    let mut payload = plain();
    payload.extend_from_slice(b"\xff\xfe\0gpgsig x\n");
    let raw = insert(&payload, &header("gpgsig", ARMOR));
    assert_eq!(split(&raw).payload, payload);
}

#[test]
fn counts_repeated_headers() {
    let one = header("gpgsig", ARMOR);
    let raw = insert(&plain(), &one.repeat(2));
    let signed = split(&raw);
    assert_eq!((signed.count, signed.payload), (2, plain()));
    assert_eq!(signed.signature, ARMOR.repeat(2));
}

#[test]
fn sees_headers_that_are_not_signed() {
    let base = insert(&plain(), &header("gpgsig", ARMOR));
    for (stray, name) in [
        ("gpgsigx evil\n more\n", "gpgsigx"),
        ("gpgsig\n", "gpgsig"),
        ("gpgsig\n x\n", "gpgsig"),
        ("gpgsig-sha256 evil\n", "gpgsig-sha256"),
    ] {
        let signed = split(&insert(&base, stray.as_bytes()));
        assert_eq!(signed.payload, plain(), "{stray:?}");
        assert_eq!(signed.stray.as_deref(), Some(name.as_bytes()));
        assert_eq!(signed.signature, ARMOR);
    }
    // a signature over the other hash's form is Git's own, once
    let other = header("gpgsig-sha256", ARMOR);
    let signed = split(&insert(&base, &other));
    assert_eq!((signed.stray, signed.payload), (None, plain()));
    assert!(split(&insert(&base, &other.repeat(2))).stray.is_some());
}

#[test]
fn the_hash_decides_which_header_counts() {
    let raw = insert(&plain(), &header("gpgsig-sha256", ARMOR));
    assert_eq!(of_commit(&raw, false), None);
    assert_eq!(of_commit(&raw, true).unwrap().payload, plain());
    let raw = insert(&plain(), &header("gpgsig", ARMOR));
    assert_eq!(of_commit(&raw, true), None);
}

#[test]
fn a_tag_ends_in_its_signature() {
    let text = b"object 1\ntype commit\ntag v1\ntagger T <t@x> 1 +0000\n\nrelease\n".to_vec();
    assert_eq!(of_tag(&text, false), None);
    let signed = of_tag(&[&text[..], ARMOR].concat(), false).unwrap();
    assert_eq!(signed, Signed { payload: text.clone(), signature: ARMOR.to_vec(), count: 1, stray: None });
    // the last one counts, the first is text
    let quoting = [&text[..], ARMOR].concat();
    let signed = of_tag(&[&quoting[..], ARMOR].concat(), false).unwrap();
    assert_eq!((signed.payload, signed.signature), (quoting, ARMOR.to_vec()));
}

#[test]
fn headers_of_tags_come_out_too() {
    let text = b"object 1\ntype commit\ntag v1\ntagger T <t@x> 1 +0000\n\nrelease\n".to_vec();
    let of = |head: &[u8]| of_tag(&[insert(&text, head), ARMOR.to_vec()].concat(), false).unwrap();
    let other = header("gpgsig-sha256", ARMOR);
    assert_eq!((of(&other).payload, of(&other).stray), (text.clone(), None));
    let ours = header("gpgsig", ARMOR);
    assert_eq!((of(&ours).payload, of(&ours).stray.as_deref()), (text.clone(), Some(&b"gpgsig"[..])));
    assert!(of(&other.repeat(2)).stray.is_some());
    // Git signs headers of tags that it does not know
    assert_eq!(of(b"gpgsigx evil\n").payload, insert(&text, b"gpgsigx evil\n"));
}
