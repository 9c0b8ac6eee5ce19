//! The header of an object in a pack: type, size, and for a delta what it is against.

use crate::git::ObjectKind;

/// What an entry of a pack is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form<'a> {
    /// The object as it is.
    Whole(ObjectKind),
    /// A delta against the entry that begins so many bytes in front of this one.
    Behind(u64),
    /// A delta against the object of this id.
    Against(&'a [u8]),
}

/// A parsed header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header<'a> {
    pub(super) form: Form<'a>,
    /// Bytes of what is compressed behind the header: the object, or the delta.
    pub(super) size: u64,
    /// Bytes of the header itself.
    pub(super) len: u8,
}

/// A header is no longer than this: 10 bytes of size, an id.
pub(super) const MAX_LEN: usize = 10 + 32;

/// Reads the header that `bytes` begin with.
pub(super) fn parse(bytes: &[u8], id_len: usize) -> Option<Header<'_>> {
    let mut at = 0;
    let mut next = || {
        let byte = bytes.get(at).copied();
        at += 1;
        byte
    };
    let first = next()?;
    let (mut size, mut shift, mut more) = (u64::from(first & 15), 4, first & 0x80 != 0);
    while more {
        let byte = next()?;
        let part = u64::from(byte & 0x7f);
        size |= part.checked_shl(shift).filter(|v| v >> shift == part)?;
        shift += 7;
        more = byte & 0x80 != 0;
    }
    let form = match first >> 4 & 7 {
        1 => Form::Whole(ObjectKind::Commit),
        2 => Form::Whole(ObjectKind::Tree),
        3 => Form::Whole(ObjectKind::Blob),
        4 => Form::Whole(ObjectKind::Tag),
        6 => {
            let mut byte = next()?;
            let mut back = u64::from(byte & 0x7f);
            while byte & 0x80 != 0 {
                byte = next()?;
                back = back.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
            }
            Form::Behind(back)
        }
        7 => {
            let id = bytes.get(at..at + id_len)?;
            at += id_len;
            Form::Against(id)
        }
        _ => return None,
    };
    Some(Header { form, size, len: u8::try_from(at).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        let parse = |bytes| parse(bytes, 20);
        assert_eq!(parse(&[0x35]), Some(Header { form: Form::Whole(ObjectKind::Blob), size: 5, len: 1 }));
        let large = Header { form: Form::Whole(ObjectKind::Commit), size: 5 | 3 << 4 | 1 << 11, len: 3 };
        assert_eq!(parse(&[0x95, 0x83, 0x01]), Some(large));
        assert_eq!(parse(&[0x60, 0x81, 0x02]), Some(Header { form: Form::Behind(258), size: 0, len: 3 }));
        let id = [9u8; 20];
        let against = [&[0x71][..], &id].concat();
        assert_eq!(parse(&against), Some(Header { form: Form::Against(&id), size: 1, len: 21 }));
    }

    #[test]
    fn refuses_what_is_cut_unknown_or_too_large() {
        for bad in [&[][..], &[0x95], &[0x05], &[0x55], &[0x60], &[0x60, 0x80], &[0x71, 1, 2, 3], &[0xff; 60]] {
            assert_eq!(parse(bad, 20), None, "{bad:?}");
        }
    }
}
