//! Archives, where `--max-archive-depth` asks for them. Facts: gitleaks `--help`, and the names in its reports.

use super::binary;
use super::files::pieces;
use super::judge::{Judge, Tally, Text};
use crate::archive::{self, Kind, Limits};
use crate::finding::Incomplete;

/// The largest archive that is read, in bytes.
pub(super) const MAX_BYTES: u64 = 256 << 20;

/// Scans the files in an archive; `text` says where that stands.
pub(super) fn scan(judge: &Judge<'_>, bytes: &[u8], text: &Text<'_>, tally: &mut Tally) {
    let name = String::from_utf8_lossy(text.path).into_owned();
    let Some(kind) = archive::kind(bytes) else {
        if binary::is_application(bytes.get(..binary::HEAD).unwrap_or(bytes)) {
            tally.fail(Incomplete::new(name, "of archives, zip, tar and gzip can be opened"));
        } else {
            // a pointer to large storage, or a wrong name
            pieces(&mut &*bytes, judge, text, tally);
        }
        return;
    };
    let depth = usize::try_from(judge.options.max_archive_depth).unwrap_or(usize::MAX);
    let limits = Limits { depth, ..Limits::default() };
    // a compressed file has no name of its own there
    let mut compressed: Option<Vec<u8>> = (kind == Kind::Gzip).then(Vec::new);
    let mut late = false;
    let faults = archive::walk(bytes, text.path, &limits, &mut |inner, content| {
        late |= judge.is_late();
        if late {
            return;
        }
        let outer = compressed.as_deref().filter(|outer| is_content_of(inner, outer, text.path));
        let shown = match outer {
            Some(b"") => text.path.to_vec(),
            Some(outer) => [text.path, b"!", outer].concat(),
            None => [text.path, b"!", inner].concat(),
        };
        if archive::kind(content) == Some(Kind::Gzip) {
            compressed = Some(inner.to_vec());
        }
        let own = inner.rsplit(|b| *b == b'!').next().unwrap_or(inner);
        if judge.rules.skips_path(own) || judge.is_too_large(content.len() as u64) {
            return;
        }
        pieces(&mut &*content, judge, &Text { path: &shown, ..*text }, tally);
    });
    for fault in faults {
        let what = match &*fault.path {
            [] => name.clone(),
            inner => format!("{name}!{}", String::from_utf8_lossy(inner)),
        };
        if fault.is_deep {
            tally.warnings.push(format!("passed by, as deeper than --max-archive-depth: {what}"));
        } else {
            tally.fail(Incomplete::new(what, fault.why));
        }
    }
}

/// Whether `inner` is what the compressed file at `outer` holds; of the outermost one, `name` is the name.
fn is_content_of(inner: &[u8], outer: &[u8], name: &[u8]) -> bool {
    let file = if outer.is_empty() { name } else { outer };
    let file = file.rsplit(|b| matches!(b, b'/' | b'!')).next().unwrap_or_default();
    let Some(stem) = file.strip_suffix(b".gz") else { return false };
    let inside =
        if outer.is_empty() { Some(inner) } else { inner.strip_prefix(outer).and_then(|i| i.strip_prefix(b"!")) };
    inside == Some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_alone_goes_by_the_name_outside() {
        assert!(is_content_of(b"a.txt", b"", b"d/a.txt.gz"));
        assert!(is_content_of(b"d/b.gz!b", b"d/b.gz", b"x.zip"));
        assert!(!is_content_of(b"a.txt", b"", b"d/a.tar.gz") && !is_content_of(b"c!b", b"b.gz", b"x.zip"));
    }
}
