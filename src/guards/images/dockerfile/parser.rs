//! Instructions: keyword, flags, arguments, here-documents.

use super::ast::{
    Command, Dockerfile, Flag, From, Heredoc, Instruction, Joined, Keyword, Kind, ParseError, Transfer, Word,
};
use super::budget::Budget;
use super::expand::{ExpandError, cooked_words, raw_words};
use super::json::{self, Array};
use super::lexer::{self, Lexer};
use super::words;
use crate::finding::Span;
use crate::rule::did_you_mean;
use std::fmt;

/// Instructions and errors that one file may have together.
const MAX_INSTRUCTIONS: usize = 50_000;

/// A file with more instructions than anybody writes: it was not read to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it has more than {MAX_INSTRUCTIONS} instructions")
    }
}

/// Reads a Dockerfile. Errors in it are in [`Dockerfile::errors`].
///
/// # Errors
/// When the file holds too many instructions to be judged.
pub fn parse(text: &[u8]) -> Result<Dockerfile, TooLarge> {
    let head = lexer::directives(text);
    let mut lexer = Lexer::new(text, head.escape);
    let mut file = Dockerfile {
        directives: head.list,
        frontend: head.frontend,
        escape: head.escape,
        errors: head.errors,
        ..Dockerfile::default()
    };
    let budget = Budget::default();
    while let Some(line) = lexer.instruction() {
        if file.instructions.len() + file.errors.len() >= MAX_INSTRUCTIONS {
            return Err(TooLarge);
        }
        let mut reader = Reader { escape: head.escape, errors: &mut file.errors };
        let Some(mut instruction) = reader.instruction(&line, false) else { continue };
        match heredocs(&instruction, &line, &mut lexer, &budget) {
            Ok(found) => instruction.heredocs = found,
            Err(message) => {
                let help = "end it with a line that holds the word alone".to_owned();
                file.errors.push(ParseError { span: instruction.span, message, help });
            }
        }
        file.instructions.push(instruction);
    }
    file.comments = lexer.comments;
    file.empty_continuations = lexer.empty_continuations;
    Ok(file)
}

/// Reads the bodies of an instruction's here-documents. After an error the lexer stands where it stood: what
/// was meant as a body is then read as instructions, so nothing in it stays unseen.
fn heredocs(
    instruction: &Instruction,
    line: &Joined,
    lexer: &mut Lexer<'_>,
    budget: &Budget,
) -> Result<Vec<Heredoc>, String> {
    let holder = match &instruction.kind {
        Kind::Onbuild(trigger) => trigger,
        _ => instruction,
    };
    let shell_form = match &holder.kind {
        Kind::Command(Command::Shell(_)) => holder.keyword == Keyword::Run,
        Kind::Transfer(transfer) => !transfer.json,
        _ => false,
    };
    if !shell_form || memchr::memmem::find(&line.bytes, b"<<").is_none() {
        return Ok(Vec::new());
    }
    let too_large = |e: ExpandError| format!("its here-documents cannot be told: {e}");
    let mut found = Vec::new();
    let mark = lexer.mark();
    for word in raw_words(&line.bytes, budget).map_err(too_large)?.unwrap_or_default() {
        let Some((name, expand, strip_tabs)) = heredoc_word(&word, budget).map_err(too_large)? else { continue };
        let Some(body) = lexer.heredoc(&name, strip_tabs) else {
            lexer.back_to(mark);
            return Err(format!("no line ends the here-document {}", shortened(&name)));
        };
        found.push(Heredoc { name, expand, strip_tabs, body });
    }
    Ok(found)
}

/// `[fd]<<[-][blanks]WORD`: the unquoted word, whether it was bare, whether tabs go.
type HeredocWord = (Vec<u8>, bool, bool);

fn heredoc_word(word: &[u8], budget: &Budget) -> Result<Option<HeredocWord>, ExpandError> {
    let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
    let Some(rest) = word.get(digits..).and_then(|w| w.strip_prefix(b"<<")) else { return Ok(None) };
    let (strip_tabs, rest) = match rest.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_ascii_start();
    if rest.is_empty() || rest.contains(&b'<') {
        return Ok(None);
    }
    let Some(mut names) = cooked_words(rest, budget)? else { return Ok(None) };
    let (Some(name), true) = (names.pop(), names.is_empty()) else { return Ok(None) };
    let quotes = |text: &[u8]| text.iter().filter(|b| matches!(b, b'"' | b'\'')).count();
    let expand = quotes(&name) == quotes(rest);
    Ok(Some((name, expand, strip_tabs)))
}

/// Whether a source or target of `COPY` or `ADD` is a here-document.
pub(crate) fn is_heredoc(word: &Word) -> bool {
    matches!(heredoc_word(&word.text, &Budget::default()), Ok(Some(_)))
}

struct Reader<'e> {
    escape: u8,
    errors: &'e mut Vec<ParseError>,
}

impl Reader<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(ParseError { span, message: message.into(), help: help.into() });
    }

    /// Reads one joined line. `None`: it is an error, which is recorded.
    fn instruction(&mut self, line: &Joined, trigger: bool) -> Option<Instruction> {
        let text = &line.bytes;
        let start = text.len() - words::trim_start(text).len();
        let end = words::trim_end(text).len().max(start);
        let body = text.get(start..end).unwrap_or_default();
        let len = body.iter().take_while(|&&b| !words::is_blank(b)).count();
        let keyword_span = line.span(start, start + len);
        let written = body.get(..len).unwrap_or_default();
        let Some(keyword) = Keyword::parse(written) else {
            self.unknown(keyword_span, written);
            return None;
        };
        let span = line.span(start, end);
        // the arguments end where the line does without blanks
        let line = &line.slice(0, end);
        let (flags, rest) = words::flags(line, start + len);
        let args = line.slice(rest, end);
        if trigger && matches!(keyword, Keyword::Onbuild | Keyword::From | Keyword::Maintainer) {
            self.error(keyword_span, format!("{} cannot be a trigger of ONBUILD", keyword.name()), "");
            return None;
        }
        let kind = match self.kind(keyword, &args, span) {
            Ok(kind) => kind?,
            Err(message) => {
                self.error(span, format!("{} {message}", keyword.name()), "");
                return None;
            }
        };
        self.check_flags(keyword, &flags);
        Some(Instruction { span, keyword, keyword_span, flags, args, kind, heredocs: Vec::new() })
    }

    fn unknown(&mut self, span: Span, written: &[u8]) {
        let name = shortened(written);
        let help = did_you_mean(&name, Keyword::ALL.map(|(_, name)| name))
            .map_or_else(|| "every line outside an instruction must be one".to_owned(), |k| format!("is {k} meant?"));
        self.error(span, format!("unknown instruction {name}"), help);
    }

    /// The flags that name images decide what is pulled: they must be clear.
    fn check_flags(&mut self, keyword: Keyword, flags: &[Flag]) {
        let name: &[u8] = match keyword {
            Keyword::Copy => b"from",
            Keyword::From => b"platform",
            Keyword::Run => b"mount",
            _ => return,
        };
        let mut named = flags.iter().filter(|f| f.name == name);
        let first = named.next();
        let shown = String::from_utf8_lossy(name);
        if let Some(flag) = first.filter(|f| f.value.is_none()) {
            self.error(flag.span, format!("--{shown} needs a value"), "");
        }
        if let Some(second) = named.next().filter(|_| keyword != Keyword::Run) {
            self.error(second.span, format!("--{shown} may stand only once"), "");
        }
    }

    /// The arguments by keyword; `Ok(None)`: the error is recorded.
    fn kind(&mut self, keyword: Keyword, args: &Joined, span: Span) -> Result<Option<Kind>, &'static str> {
        let required = || if args.bytes.is_empty() { Err("needs an argument") } else { Ok(()) };
        Ok(Some(match keyword {
            Keyword::From => Kind::From(self.from(args, span)?),
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => Kind::Command(command(args)?),
            Keyword::Shell => match command(args)? {
                Command::Exec(words) if !words.is_empty() => Kind::Command(Command::Exec(words)),
                _ => return Err("needs a JSON array"),
            },
            Keyword::Copy | Keyword::Add => Kind::Transfer(transfer(args)?),
            Keyword::Arg => Kind::Pairs(words::pairs(args, self.escape, true)?),
            Keyword::Env | Keyword::Label => Kind::Pairs(words::pairs(args, self.escape, false)?),
            Keyword::Expose => {
                required()?;
                Kind::Words(words::plain(args))
            }
            Keyword::Volume => {
                required()?;
                Kind::Words(list(args)?.1)
            }
            Keyword::Workdir | Keyword::User | Keyword::Stopsignal | Keyword::Maintainer => {
                required()?;
                Kind::Words(vec![args.word(0, args.bytes.len())])
            }
            Keyword::Healthcheck => Kind::Healthcheck(healthcheck(args)?),
            Keyword::Onbuild => {
                required()?;
                // one level: a trigger is never an ONBUILD
                let Some(trigger) = self.instruction(args, true) else { return Ok(None) };
                Kind::Onbuild(Box::new(trigger))
            }
        }))
    }

    /// `FROM image [AS name]`. With the wrong number of words the stage is kept: what follows belongs to it.
    fn from(&mut self, args: &Joined, span: Span) -> Result<From, &'static str> {
        let mut words = words::plain(args).into_iter();
        let image = words.next().ok_or("needs an image")?;
        let (r#as, name, more) = (words.next(), words.next(), words.next());
        let is_as = r#as.as_ref().is_some_and(|w| w.text.eq_ignore_ascii_case(b"as"));
        if more.is_some() || r#as.is_some() && !(is_as && name.is_some()) {
            self.error(span, "FROM takes an image, or an image, AS and a name", "");
        }
        let name = name.filter(|_| is_as);
        if let Some(name) = name.as_ref().filter(|n| !valid_stage_name(&n.text)) {
            self.error(name.span, "the name of the stage is malformed", "a letter, then letters, digits, - _ or .");
        }
        Ok(From { image, name })
    }
}

/// Text of the file for a message.
fn shortened(text: &[u8]) -> String {
    String::from_utf8_lossy(text.get(..160).unwrap_or(text)).chars().take(40).collect()
}

fn valid_stage_name(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

const NOT_STRINGS: &str = "has a JSON array of something else than strings";

fn command(args: &Joined) -> Result<Command, &'static str> {
    match json::array(args) {
        Array::Words(words) => Ok(Command::Exec(words)),
        Array::NotStrings => Err(NOT_STRINGS),
        Array::No => Ok(Command::Shell(args.clone())),
    }
}

/// JSON array or words; whether it is the former.
fn list(args: &Joined) -> Result<(bool, Vec<Word>), &'static str> {
    match json::array(args) {
        Array::Words(words) => Ok((true, words)),
        Array::NotStrings => Err(NOT_STRINGS),
        Array::No => Ok((false, words::plain(args))),
    }
}

fn transfer(args: &Joined) -> Result<Transfer, &'static str> {
    let (json, mut sources) = list(args)?;
    match sources.pop() {
        Some(target) if !sources.is_empty() => {
            if !json && is_heredoc(&target) {
                return Err("cannot have a here-document as its target");
            }
            Ok(Transfer { sources, target, json })
        }
        _ => Err("needs a source and a target"),
    }
}

fn healthcheck(args: &Joined) -> Result<Option<Command>, &'static str> {
    let len = args.bytes.iter().take_while(|&&b| !words::is_blank(b)).count();
    let (word, rest) = args.bytes.split_at(len);
    let start = args.bytes.len() - words::trim_start(rest).len();
    let rest = args.slice(start, args.bytes.len());
    if word.eq_ignore_ascii_case(b"NONE") {
        return if rest.bytes.is_empty() { Ok(None) } else { Err("NONE takes no arguments") };
    }
    if !word.eq_ignore_ascii_case(b"CMD") {
        return Err("needs CMD or NONE");
    }
    if rest.bytes.is_empty() {
        return Err("CMD needs a command");
    }
    Ok(Some(command(&rest)?))
}
