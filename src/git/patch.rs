//! What `git log -p` and `git diff` print: the added lines of each hunk, with the commit and the file that they
//! are of. Read as a stream; nothing in it can make the reader hold more than a few pieces.

use super::GitError;
use std::io::BufRead;
use std::sync::Arc;

/// The `--format` of `git log` that [`PatchReader`] understands: NUL in front of and behind each field. Names as
/// `.mailmap` has them, which is what `git log` shows.
pub(super) const FORMAT: &str = "--format=%x00%H%x00%aN%x00%aE%x00%at%x00%B%x00";
/// NUL bytes in it.
const FIELD_MARKS: usize = 6;
/// Most bytes of added lines that are handed out at once; what is longer comes in pieces.
const MAX_PIECE: usize = 8 << 20;
/// Most bytes of a line that are kept together.
const MAX_LINE: u64 = 8 << 20;
/// Most bytes of a commit's fields that are kept.
const MAX_HEADER: usize = 1 << 20;

/// A commit as `git log` tells of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogCommit {
    /// Its id in hexadecimal.
    pub id: String,
    /// The author's name.
    pub author: Vec<u8>,
    /// The author's e-mail address.
    pub email: Vec<u8>,
    /// When it was written, in seconds since 1970; `None` where that is no number.
    pub time: Option<i64>,
    /// Subject and body as they were written.
    pub message: Vec<u8>,
}

/// Lines that stand together and were added together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hunk {
    /// The commit; `None` for what is not committed.
    pub commit: Option<Arc<LogCommit>>,
    /// The file from the repository's top.
    pub path: Arc<[u8]>,
    /// The line at which it starts, from 1; 0 where a file was emptied.
    pub first_line: usize,
    /// The lines with their ends; empty where lines were only removed.
    pub added: Vec<u8>,
    /// Whether it stands for a file without lines, for readers that were asked for these.
    pub is_binary: bool,
}

/// Where the reader is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Between files.
    Outside,
    /// Behind a line that starts with `diff`.
    Header,
    /// Behind `@@`; with as many columns of marks as there are parents.
    Lines { marks: usize },
}

/// Reads patches.
#[derive(Debug)]
pub struct PatchReader<R> {
    input: R,
    line: Vec<u8>,
    /// Whether the line just read goes on in the next one, being too long.
    goes_on: bool,
    /// Whether the line is to be looked at again.
    again: bool,
    state: State,
    commit: Option<Arc<LogCommit>>,
    /// `None`: the file is gone, or not known yet.
    path: Option<Arc<[u8]>>,
    /// The number of the next line in the new file.
    number: usize,
    pending: Option<Hunk>,
    /// Whether the last line was an added one.
    adding: bool,
    /// Whether files without lines are handed out too.
    with_binary: bool,
}

impl<R: BufRead> PatchReader<R> {
    /// Reads from the standard output of git.
    pub fn new(input: R) -> Self {
        PatchReader {
            input,
            line: Vec::new(),
            goes_on: false,
            again: false,
            state: State::Outside,
            commit: None,
            path: None,
            number: 0,
            pending: None,
            adding: false,
            with_binary: false,
        }
    }

    /// Hands out binary files that are there afterwards too: a hunk without lines each.
    #[must_use]
    pub fn with_binary(mut self, wanted: bool) -> Self {
        self.with_binary = wanted;
        self
    }

    /// The next added lines.
    ///
    /// # Errors
    /// A stream that cannot be read or has another form.
    pub fn next_hunk(&mut self) -> Result<Option<Hunk>, GitError> {
        loop {
            if std::mem::take(&mut self.again) {
                // it was kept for this
            } else if !self.read_line()? {
                return Ok(self.pending.take());
            }
            if let Some(hunk) = self.step()? {
                return Ok(Some(hunk));
            }
        }
    }

    /// Reads a line, or as much of one as may be kept; `false` at the end.
    fn read_line(&mut self) -> Result<bool, GitError> {
        let continued = self.goes_on;
        self.line.clear();
        let read = std::io::Read::take(&mut self.input, MAX_LINE).read_until(b'\n', &mut self.line);
        let count = read.map_err(|e| GitError::corrupt(format!("the output of git cannot be read: {e}")))?;
        self.goes_on = count as u64 == MAX_LINE && self.line.last() != Some(&b'\n');
        if continued && count > 0 {
            // the rest of a line that was too long
            let line = std::mem::take(&mut self.line);
            if self.adding
                && let Some(hunk) = &mut self.pending
            {
                hunk.added.extend_from_slice(&line);
            }
            self.line = line;
            self.line.clear();
            if !self.goes_on {
                self.end_line();
            }
        }
        Ok(count > 0)
    }

    /// Looks at the line; a hunk that it ends.
    fn step(&mut self) -> Result<Option<Hunk>, GitError> {
        if self.line.is_empty() {
            return Ok(self.full_piece());
        }
        if let State::Lines { marks } = self.state {
            if matches!(self.line.first(), Some(b'+' | b'-' | b' ' | b'\\')) {
                return Ok(self.content(marks));
            }
            self.state = State::Header;
            self.adding = false;
            if let Some(hunk) = self.pending.take() {
                self.again = true;
                return Ok(Some(hunk));
            }
        }
        if self.line.first() == Some(&0) {
            self.state = State::Outside;
            self.path = None;
            self.commit = Some(Arc::new(self.read_commit()?));
        } else if self.line.starts_with(b"diff --") {
            self.state = State::Header;
            self.path = None;
        } else if self.state == State::Header {
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            if let Some(names) = line.strip_prefix(b"Binary files ").filter(|_| self.with_binary) {
                let path = binary_name(names.strip_suffix(b" differ").unwrap_or(names))?;
                return Ok(path.map(|path| Hunk {
                    commit: self.commit.clone(),
                    path: path.into(),
                    is_binary: true,
                    ..Hunk::default()
                }));
            }
            self.header()?;
        }
        Ok(None)
    }

    fn header(&mut self) -> Result<(), GitError> {
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        if let Some(name) = line.strip_prefix(b"+++ ") {
            let name = file_name(name)?;
            self.path = (name != b"/dev/null").then(|| name.strip_prefix(b"b/").unwrap_or(&name).into());
        } else if line.starts_with(b"@@") {
            let marks = line.iter().take_while(|&&b| b == b'@').count() - 1;
            self.number =
                first_line(line).ok_or_else(|| GitError::corrupt("unexpected output of git: a hunk's head"))?;
            self.state = State::Lines { marks };
            self.adding = false;
            self.pending = self.path.as_ref().map(|path| Hunk {
                commit: self.commit.clone(),
                path: Arc::clone(path),
                first_line: self.number,
                added: Vec::new(),
                is_binary: false,
            });
        }
        Ok(())
    }

    /// A line of a hunk.
    fn content(&mut self, marks: usize) -> Option<Hunk> {
        let (before, text) = self.line.split_at_checked(marks).unwrap_or((&self.line, b""));
        if self.line.first() == Some(&b'\\') {
            // the line before has no end
            if self.adding
                && let Some(hunk) = &mut self.pending
                && hunk.added.last() == Some(&b'\n')
            {
                hunk.added.pop();
            }
            return None;
        }
        self.adding = !before.contains(&b'-') && before.contains(&b'+');
        if self.adding {
            if let Some(hunk) = &mut self.pending {
                hunk.added.extend_from_slice(text);
            }
            if !self.goes_on {
                self.end_line();
            }
            return self.full_piece();
        }
        if before.contains(&b'-') {
            return None;
        }
        // a line that was there before: what follows is no neighbour of what was added above it
        self.number += 1;
        self.cut()
    }

    fn end_line(&mut self) {
        self.number += usize::from(self.adding);
    }

    /// Hands out what is pending once it is large.
    fn full_piece(&mut self) -> Option<Hunk> {
        if self.pending.as_ref().is_some_and(|h| h.added.len() >= MAX_PIECE) { self.cut() } else { None }
    }

    /// Hands out what is pending, if there is anything, and starts anew at the next line.
    fn cut(&mut self) -> Option<Hunk> {
        let hunk = self.pending.as_mut()?;
        let rest = Hunk { first_line: self.number, added: Vec::new(), ..hunk.clone_head() };
        let done = std::mem::replace(hunk, rest);
        (!done.added.is_empty()).then_some(done)
    }

    /// Reads a commit's fields, of which the line has the first.
    fn read_commit(&mut self) -> Result<LogCommit, GitError> {
        let bad = || GitError::corrupt("unexpected output of git log");
        let mut head = Vec::new();
        let mut marks = 0;
        loop {
            marks += memchr::memchr_iter(0, &self.line).count();
            let room = MAX_HEADER.saturating_sub(head.len());
            head.extend_from_slice(self.line.get(..room).unwrap_or(&self.line));
            if marks >= FIELD_MARKS {
                break;
            }
            self.line.clear();
            let read = std::io::Read::take(&mut self.input, MAX_LINE).read_until(b'\n', &mut self.line);
            if read.map_err(|_| bad())? == 0 {
                return Err(bad());
            }
        }
        let mut fields = head.split(|&b| b == 0).skip(1);
        let mut field = || fields.next().ok_or_else(bad);
        let id = String::from_utf8(field()?.to_vec()).map_err(|_| bad())?;
        let (author, email) = (field()?.to_vec(), field()?.to_vec());
        let time = std::str::from_utf8(field()?).ok().and_then(|t| t.parse().ok());
        Ok(LogCommit { id, author, email, time, message: field()?.to_vec() })
    }
}

impl Hunk {
    fn clone_head(&self) -> Hunk {
        Hunk { commit: self.commit.clone(), path: Arc::clone(&self.path), ..Hunk::default() }
    }
}

/// The new name in `OLD and NEW`; `None` where there is no new file.
fn binary_name(names: &[u8]) -> Result<Option<Vec<u8>>, GitError> {
    const AND: &[u8] = b" and ";
    let new = if names.ends_with(b"\"") {
        memchr::memmem::rfind(names, b" and \"b/").and_then(|at| names.get(at + AND.len()..))
    } else if let Some(new) = names.strip_prefix(b"/dev/null and ") {
        Some(new)
    } else {
        // mostly the same name twice, in which " and " may stand; else where the last name can begin
        let half = names.split_at_checked(names.len().saturating_sub(AND.len()) / 2);
        let twice = half.and_then(|(old, rest)| Some((old.strip_prefix(b"a/")?, rest.strip_prefix(AND)?)));
        match twice.filter(|(old, new)| new.strip_prefix(b"b/") == Some(*old)) {
            Some((_, new)) => Some(new),
            None => memchr::memmem::rfind(names, b" and b/").and_then(|at| names.get(at + AND.len()..)),
        }
    };
    let Some(new) = new else { return Ok(None) };
    let name = file_name(new)?;
    Ok(name.strip_prefix(b"b/").map(<[u8]>::to_vec))
}

/// The first line in the new file: the number behind the last ` +`.
fn first_line(head: &[u8]) -> Option<usize> {
    let marks = head.iter().take_while(|&&b| b == b'@').count();
    let ranges = head.get(marks..)?;
    let ranges = ranges.get(..memchr::memmem::find(ranges, b" @@")?)?;
    let plus = memchr::memrchr(b'+', ranges)?;
    let digits = ranges.get(plus + 1..)?.split(|b| !b.is_ascii_digit()).next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A name as git writes it in a patch: between quotes, with escapes as in C, where it has unusual characters;
/// followed by a tab where it has blanks. Facts: git-config, `core.quotePath`.
fn file_name(text: &[u8]) -> Result<Vec<u8>, GitError> {
    let bad = || GitError::corrupt("unexpected output of git: a quoted name");
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return Ok(text.strip_suffix(b"\t").unwrap_or(text).to_vec());
    };
    let mut out = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter().copied();
    loop {
        match bytes.next().ok_or_else(bad)? {
            b'"' => return Ok(out),
            b'\\' => out.push(match bytes.next().ok_or_else(bad)? {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                first @ b'0'..=b'3' => {
                    let mut value = first - b'0';
                    for _ in 0..2 {
                        match bytes.next() {
                            Some(digit @ b'0'..=b'7') => value = value * 8 + (digit - b'0'),
                            _ => return Err(bad()),
                        }
                    }
                    value
                }
                other => other,
            }),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunks(text: &[u8]) -> Vec<Hunk> {
        let mut reader = PatchReader::new(text);
        std::iter::from_fn(|| reader.next_hunk().unwrap()).collect()
    }

    fn brief(text: &[u8]) -> Vec<(String, usize, String)> {
        let show = |h: &Hunk| {
            let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
            (text(&h.path), h.first_line, text(&h.added))
        };
        hunks(text).iter().map(show).collect()
    }

    #[test]
    fn added_lines_of_each_hunk() {
        let text = b"diff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1 +1,2 @@ fn x\n-old\n+new\n+--- a/not a header\n\
            @@ -9,0 +12 @@\n+last\n\\ No newline at end of file\n\
            diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
            diff --git a/less b/less\n--- a/less\n+++ b/less\n@@ -3 +2,0 @@\n-x\n\
            diff --git a/bin b/bin\nBinary files a/bin and b/bin differ\n";
        let line = |p: &str, n, t: &str| (p.to_owned(), n, t.to_owned());
        let expected = [line("f", 1, "new\n--- a/not a header\n"), line("f", 12, "last"), line("less", 2, "")];
        assert_eq!(brief(text), expected);
    }

    #[test]
    fn commits_and_their_fields() {
        let text =
            b"\0c1\0A N\0a@x\x0012\0subject\n\nbody\n\0\n\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+x\n\n\
            \0c2\0B\0b@x\0nonsense\0s\0\n\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -0,0 +2 @@\n+y\n";
        let found = hunks(text);
        let commit = found[0].commit.as_deref().unwrap();
        assert_eq!((commit.id.as_str(), commit.time, &*commit.message), ("c1", Some(12), &b"subject\n\nbody\n"[..]));
        assert_eq!((&*commit.author, &*commit.email), (&b"A N"[..], &b"a@x"[..]));
        assert_eq!(found[1].commit.as_deref().map(|c| (c.id.as_str(), c.time)), Some(("c2", None)));
    }

    #[test]
    fn context_parts_what_was_added_around_it() {
        let text = b"diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,4 @@\n+a\n x\n+b\n-y\n+c\n z\n";
        let line = |n, t: &str| ("f".to_owned(), n, t.to_owned());
        let found: Vec<_> = brief(text).into_iter().filter(|h| !h.2.is_empty()).collect();
        assert_eq!(found, [line(1, "a\n"), line(3, "b\nc\n")]);
    }

    #[test]
    fn merges_show_what_either_side_lacks() {
        let text = b"diff --cc f\nindex 1,2..3\n--- a/f\n+++ b/f\n@@@ -1,1 -1,1 +1,3 @@@\n  both\n++mine\n+ one\n- gone\n -gone\n";
        let found: Vec<_> = brief(text).into_iter().filter(|h| !h.2.is_empty()).collect();
        assert_eq!(found, [("f".to_owned(), 2, "mine\none\n".to_owned())]);
    }

    #[test]
    fn names_with_blanks_and_quotes() {
        assert_eq!(file_name(b"b/e sp/x\t").unwrap(), b"b/e sp/x");
        assert_eq!(file_name(br#""b/\303\251\t\"\\\001""#).unwrap(), b"b/\xc3\xa9\t\"\\\x01");
        for wrong in [&br#""b/x"#[..], br#""\30""#, br#""\"#] {
            assert!(file_name(wrong).is_err());
        }
    }

    #[test]
    fn long_lines_come_in_pieces() {
        let body = "x".repeat(MAX_LINE as usize * 2 + 5);
        let text = format!("diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -0,0 +1,3 @@\n+{body}\n context\n+diff --git\n");
        let found = brief(text.as_bytes());
        let joined: String = found.iter().map(|h| h.2.as_str()).collect();
        assert_eq!(joined, format!("{body}\ndiff --git\n"));
        assert!(found.iter().all(|h| h.2.len() <= MAX_PIECE + MAX_LINE as usize));
        // however many pieces a line has, it is one line
        assert_eq!(found.last().map(|h| h.1), Some(3));
    }

    #[test]
    fn garbage_ends_in_an_error_or_nothing() {
        for wrong in [&b"\0c1\0a"[..], b"diff --git a/f b/f\n+++ b/f\n@@ nonsense\n"] {
            assert!(PatchReader::new(wrong).next_hunk().is_err());
        }
        for nothing in [&b""[..], b"\n\n", b"diff --git", b"@@ -1 +1 @@\n+x\n"] {
            assert_eq!(hunks(nothing), []);
        }
    }
}
