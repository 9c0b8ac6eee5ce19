//! What a Dockerfile consists of. Owns its text, so that it can outlive the file's bytes.

use crate::finding::Span;

/// A file that was read.
#[derive(Clone, Debug, Default)]
pub struct Dockerfile {
    /// The directives at the top, in order.
    pub directives: Vec<Directive>,
    /// The frontend that the file asks for (`# syntax=`), wherever BuildKit looks for it.
    pub frontend: Option<Directive>,
    /// The escape character: `\` or a backtick.
    pub escape: u8,
    /// Every comment line, from its `#` to the end of the line, in order; directives are among them.
    pub comments: Vec<Span>,
    /// Blank lines inside continued instructions.
    pub empty_continuations: Vec<Span>,
    /// Every instruction that could be read, in order.
    pub instructions: Vec<Instruction>,
    /// What could not be read, in order.
    pub errors: Vec<ParseError>,
}

/// `# name=value` at the top of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// `syntax`, `escape` or `check`, lower case.
    pub name: String,
    /// The value, without blanks around it.
    pub value: Vec<u8>,
    /// Where the value stands.
    pub span: Span,
}

/// Something that BuildKit would refuse as well.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// Where.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// From the keyword to the last byte of the arguments, continuation lines included, heredocs not.
    pub span: Span,
    /// The keyword.
    pub keyword: Keyword,
    /// The keyword as it stands in the file.
    pub keyword_span: Span,
    /// `--name=value`, in order.
    pub flags: Vec<Flag>,
    /// Everything after keyword and flags.
    pub args: Joined,
    /// The arguments, read as the keyword wants it.
    pub kind: Kind,
    /// Here-documents, in the order of their bodies. Those of a trigger stand at its `ONBUILD`.
    pub heredocs: Vec<Heredoc>,
}

impl Instruction {
    /// The value of the first flag of that name.
    pub fn flag(&self, name: &str) -> Option<&Word> {
        self.flags.iter().find(|f| f.name == name.as_bytes())?.value.as_ref()
    }
}

/// The instructions of the language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
}

impl Keyword {
    /// Every keyword with its name.
    pub const ALL: [(Keyword, &'static str); 18] = [
        (Keyword::Add, "ADD"),
        (Keyword::Arg, "ARG"),
        (Keyword::Cmd, "CMD"),
        (Keyword::Copy, "COPY"),
        (Keyword::Entrypoint, "ENTRYPOINT"),
        (Keyword::Env, "ENV"),
        (Keyword::Expose, "EXPOSE"),
        (Keyword::From, "FROM"),
        (Keyword::Healthcheck, "HEALTHCHECK"),
        (Keyword::Label, "LABEL"),
        (Keyword::Maintainer, "MAINTAINER"),
        (Keyword::Onbuild, "ONBUILD"),
        (Keyword::Run, "RUN"),
        (Keyword::Shell, "SHELL"),
        (Keyword::Stopsignal, "STOPSIGNAL"),
        (Keyword::User, "USER"),
        (Keyword::Volume, "VOLUME"),
        (Keyword::Workdir, "WORKDIR"),
    ];

    /// The keyword written so, in any case of letters.
    pub fn parse(text: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, name)| name.as_bytes().eq_ignore_ascii_case(text)).map(|(k, _)| k)
    }

    /// The name in upper case.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(k, _)| *k == self).map_or("", |(_, name)| name)
    }
}

/// `--name` or `--name=value`, without its quotes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flag {
    /// Without the hyphens.
    pub name: Vec<u8>,
    /// `None`: there is no `=`.
    pub value: Option<Word>,
    /// The whole flag.
    pub span: Span,
}

/// A piece of an instruction. Quotes and variables are as in the file unless stated otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Word {
    /// The bytes; continuation lines are joined.
    pub text: Vec<u8>,
    /// Where it stands.
    pub span: Span,
}

impl Word {
    /// The text without one pair of quotes around it.
    pub fn unquoted(&self) -> &[u8] {
        match self.text.as_slice() {
            [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
            text => text,
        }
    }
}

/// `key=value`; the value is `None` where there is no `=` (only `ARG` has that).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// In front of the `=`.
    pub key: Word,
    /// Behind it, with its quotes.
    pub value: Option<Word>,
    /// Whether key and value are parted by a blank (`ENV key value`).
    pub legacy: bool,
}

/// What `RUN`, `CMD`, `ENTRYPOINT`, `SHELL` and `HEALTHCHECK CMD` run.
#[derive(Clone, Debug)]
pub enum Command {
    /// JSON form: the decoded strings.
    Exec(Vec<Word>),
    /// Shell form; may be empty.
    Shell(Joined),
}

/// `COPY` and `ADD`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// All but the last argument; here-documents among them keep their `<<`.
    pub sources: Vec<Word>,
    /// The last argument.
    pub target: Word,
    /// Whether the arguments are a JSON array; the words are decoded then.
    pub json: bool,
}

/// `FROM`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct From {
    /// The base as written, variables and all.
    pub image: Word,
    /// The stage's name as written.
    pub name: Option<Word>,
}

/// Arguments by keyword.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `FROM`
    From(From),
    /// `RUN`, `CMD`, `ENTRYPOINT`, `SHELL`
    Command(Command),
    /// `COPY`, `ADD`
    Transfer(Transfer),
    /// `ARG`, `ENV`, `LABEL`
    Pairs(Vec<Pair>),
    /// `EXPOSE`, `VOLUME`: one word each; `WORKDIR`, `USER`, `STOPSIGNAL`, `MAINTAINER`: all in one word
    Words(Vec<Word>),
    /// `HEALTHCHECK`; `None`: `HEALTHCHECK NONE`
    Healthcheck(Option<Command>),
    /// `ONBUILD`
    Onbuild(Box<Instruction>),
}

/// A here-document of `RUN`, `COPY` or `ADD`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: Vec<u8>,
    /// Whether variables in the body are expanded: no part of the word was quoted.
    pub expand: bool,
    /// `<<-`: leading tabs go.
    pub strip_tabs: bool,
    /// The body, without the line that ends it.
    pub body: Span,
}

/// Text joined from continuation lines, with the way back to the file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Joined {
    /// The text.
    pub bytes: Vec<u8>,
    /// For each piece where it begins in `bytes` and in the file; in order.
    pieces: Vec<(usize, usize)>,
}

impl Joined {
    /// Appends bytes that stand at `source` in the file.
    pub(crate) fn push(&mut self, source: usize, bytes: &[u8]) {
        if self.bytes.is_empty() {
            self.pieces.clear();
        }
        self.pieces.push((self.bytes.len(), source));
        self.bytes.extend_from_slice(bytes);
    }

    /// Where the byte at `offset` stands in the file.
    fn source(&self, offset: usize) -> usize {
        let n = self.pieces.partition_point(|(at, _)| *at <= offset);
        match n.checked_sub(1).and_then(|n| self.pieces.get(n)) {
            Some((at, source)) => source + (offset - at),
            None => 0,
        }
    }

    /// The bytes of the file that `start..end` comes from.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let end = end.min(self.bytes.len());
        if start >= end {
            let at = self.source(start.min(self.bytes.len()));
            return Span::new(at, at);
        }
        Span::new(self.source(start), self.source(end - 1) + 1)
    }

    /// All of it in the file.
    pub fn whole(&self) -> Span {
        self.span(0, self.bytes.len())
    }

    /// The part `start..end` as a text of its own.
    pub fn slice(&self, start: usize, end: usize) -> Joined {
        let end = end.min(self.bytes.len());
        let start = start.min(end);
        let first = self.pieces.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        let pieces = self.pieces.iter().skip(first).take_while(|(at, _)| *at < end.max(start + 1));
        let pieces = pieces.map(|&(at, source)| (at.saturating_sub(start), source + start.saturating_sub(at)));
        Joined { bytes: self.bytes[start..end].to_vec(), pieces: pieces.collect() }
    }

    /// The part `start..end` as a word.
    pub fn word(&self, start: usize, end: usize) -> Word {
        let end = end.min(self.bytes.len());
        Word { text: self.bytes[start.min(end)..end].to_vec(), span: self.span(start, end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_text_leads_back() {
        let mut text = Joined::default();
        text.push(10, b"abc");
        text.push(20, b"def");
        assert_eq!(text.span(1, 2), Span::new(11, 12));
        assert_eq!(text.span(2, 4), Span::new(12, 21));
        assert_eq!(text.span(3, 6), Span::new(20, 23));
        assert_eq!(text.span(6, 6), Span::new(23, 23));
        let part = text.slice(1, 5);
        assert_eq!(part.bytes, b"bcde");
        assert_eq!(part.span(0, 1), Span::new(11, 12));
        assert_eq!(part.span(2, 4), Span::new(20, 22));
        assert_eq!(text.slice(4, 6).whole(), Span::new(21, 23));
        assert_eq!(text.slice(9, 9).bytes, b"");
    }
}
