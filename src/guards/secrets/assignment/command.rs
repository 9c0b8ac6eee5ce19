//! Credentials in the short options of known programs: `curl -u user:password`, `mysql -ppassword`.

use super::lex::{at, before, is_at, quote_at, run, run_back, skip_blanks};
use super::{Pair, Place, Quote, Reading};
use crate::finding::Span;
use crate::guards::secrets::compile::schema::Reader;

/// The longest command that is read, in bytes.
const MAX_COMMAND: usize = 1024;
/// The longest value, in bytes.
const MAX_ARGUMENT: usize = 256;
/// Pairs that are read of one command.
const MAX_PAIRS: usize = 4;

/// How a program takes a password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `-u user:password`: what stands behind the first colon.
    User,
    /// `-p value` and `-pvalue`.
    Value,
    /// `-pvalue` alone: behind a space stands something else.
    Attached,
    /// `-u user%password` and `-u user,password`.
    Split(u8),
}

/// Programs whose last argument is a password, behind a user.
const LAST: &[&[u8]] = &[b"htpasswd", b"rabbitmqctl add_user", b"rabbitmqctl change_password"];
/// Commands that read a password, or `user:password`, from a pipe, as they end.
const PIPES: &[(&[u8], bool)] =
    &[(b"chpasswd", true), (b"--password-stdin", false), (b"sudo -s", false), (b"passwd --stdin", false)];
/// The furthest that the beginning of a pipe is looked for, in bytes.
const MAX_PIPE: usize = 256;

/// Programs by the beginning of their names, their option, and its form.
const PROGRAMS: &[(&[u8], &[u8], Form)] = &[
    (b"curl", b"-u", Form::User),
    (b"curl", b"--user", Form::User),
    (b"curl", b"--proxy-user", Form::User),
    (b"mysql", b"-p", Form::Attached),
    (b"mariadb", b"-p", Form::Attached),
    (b"sshpass", b"-p", Form::Value),
    (b"mongo", b"-p", Form::Value),
    (b"redis-cli", b"-a", Form::Value),
    (b"docker login", b"-p", Form::Value),
    (b"docker login", b"-p=", Form::Value),
    (b"podman login", b"-p", Form::Value),
    (b"oc login", b"-p", Form::Value),
    (b"az login", b"-p", Form::Value),
    (b"sqlcmd", b"-p", Form::Value),
    (b"ldapsearch", b"-w", Form::Value),
    (b"ldapadd", b"-w", Form::Value),
    (b"ldapmodify", b"-w", Form::Value),
    (b"openssl", b"-passin pass:", Form::Attached),
    (b"openssl", b"-passout pass:", Form::Attached),
    (b"openssl", b"-pass pass:", Form::Attached),
    (b"openssl", b"-k", Form::Value),
    (b"keytool", b"-storepass", Form::Value),
    (b"keytool", b"-keypass", Form::Value),
    (b"keytool", b"-srcstorepass", Form::Value),
    (b"keytool", b"-deststorepass", Form::Value),
    (b"keytool", b"-srckeypass", Form::Value),
    (b"keytool", b"-destkeypass", Form::Value),
    (b"jarsigner", b"-storepass", Form::Value),
    (b"jarsigner", b"-keypass", Form::Value),
    (b"ssh-keygen", b"-N", Form::Value),
    (b"cypher-shell", b"-p", Form::Value),
    (b"7z a", b"-p", Form::Attached),
    (b"7z x", b"-p", Form::Attached),
    (b"twine upload", b"-p", Form::Value),
    (b"mosquitto_", b"-P", Form::Value),
    (b"ipmitool", b"-P", Form::Value),
    (b"plink", b"-pw", Form::Value),
    (b"pscp", b"-pw", Form::Value),
    (b"psexec", b"-p", Form::Value),
    (b"smbclient", b"-U", Form::Split(b'%')),
    (b"lftp", b"-u", Form::Split(b',')),
];

/// Reads the command whose program's name stands at `hit`.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span) {
    if let Some((_, is_pair)) = PIPES.iter().find(|(word, _)| hit.of(text).eq_ignore_ascii_case(word)) {
        return piped(reading, text, hit.start, *is_pair);
    }
    if reading.is_passed(Reader::Command, hit.start) || before(text, hit.start).is_ascii_alphanumeric() {
        return;
    }
    let end = command_end(text, hit.end);
    reading.pass(Reader::Command, end);
    reading.spend(end - hit.start);
    if LAST.iter().any(|word| hit.of(text).eq_ignore_ascii_case(word)) {
        return last(reading, text, hit, end);
    }
    let command = |&&(program, _, _): &&(&[u8], &[u8], Form)| is_at(text, hit.start, program);
    for i in hit.end..end {
        if at(text, i) != b'-' || !matches!(before(text, i), b' ' | b'\t' | b'"' | b'\'') {
            continue;
        }
        let option = PROGRAMS.iter().filter(command).find_map(|&(program, option, form)| {
            // options tell upper from lower case, except where a program is known to take both
            let same = if program == b"sqlcmd" {
                is_at(text, i, option)
            } else {
                text.get(i..).is_some_and(|t| t.starts_with(option))
            };
            (same && ends(text, i + option.len(), option, form)).then_some((Span::new(i, i + option.len()), form))
        });
        if let Some((option, form)) = option {
            argument(reading, text, option, form);
        }
        if reading.pairs.len() >= MAX_PAIRS {
            return;
        }
    }
}

/// Whether the option ends at `i`.
fn ends(text: &[u8], i: usize, option: &[u8], form: Form) -> bool {
    let next = at(text, i);
    match form {
        Form::Attached => !matches!(next, b' ' | b'\t' | b'\n' | b'\r' | b'-' | 0),
        Form::User if option.starts_with(b"--") => matches!(next, b' ' | b'='),
        Form::User | Form::Split(_) => true,
        Form::Value => matches!(next, b' ' | b'\t' | b'"' | b'\'' | b'='),
    }
}

fn argument(reading: &mut Reading, text: &[u8], option: Span, form: Form) {
    // between the elements of an array: "-u", "user:password"
    let mut i = run(text, option.end, 1, |b| matches!(b, b'"' | b'\'' | b'='));
    i = run(text, i, 1, |b| b == b',');
    i = skip_blanks(text, i);
    let quote = quote_at(text, i, false);
    let (value, quote) = match quote {
        Some(quote) => match quote.content(reading, text, i + quote.len) {
            Some(value) => (value, quote.quote),
            None => return,
        },
        None => {
            let stops =
                |b: u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'|' | b';' | b'<' | b'>' | b')');
            let end = run(text, i, MAX_ARGUMENT, |b| !stops(b));
            reading.spend(end - i);
            (Span::new(i, end), Quote::None)
        }
    };
    let (mut name, mut value) = (option, value);
    let sign = match form {
        Form::User => Some(b':'),
        Form::Split(sign) => Some(sign),
        Form::Value | Form::Attached => None,
    };
    if let Some(sign) = sign {
        let Some(colon) = memchr::memchr(sign, value.of(text)).filter(|&n| n > 0) else { return };
        name = Span::new(value.start, value.start + colon);
        value.start += colon + 1;
    }
    if value.end - value.start >= 4 && value.end - value.start < MAX_ARGUMENT && name.end <= value.start {
        reading.push(Pair { name, value, place: Place::Command, quote });
    }
}

/// `htpasswd -b file user password`: the last of several words, where an option allows one.
fn last(reading: &mut Reading, text: &[u8], hit: Span, end: usize) {
    let in_clear = |word: &[u8]| word.starts_with(b"-") && !word.starts_with(b"--") && word.contains(&b'b');
    let mut allowed = !is_at(text, hit.start, b"htpasswd");
    let (mut i, mut words, mut name, mut value) = (hit.end, 0, hit, None);
    loop {
        i = skip_blanks(text, i);
        if i >= end || matches!(at(text, i), b'|' | b';' | b'>' | b'<' | b'&' | b')' | b'#' | b'\\' | b'\r' | b'\n') {
            break;
        }
        let (word, quote, next) = match quote_at(text, i, false) {
            Some(quote) => match quote.content(reading, text, i + quote.len) {
                Some(word) => (word, quote.quote, word.end + quote.len),
                None => break,
            },
            None => {
                let stop = run(text, i, MAX_ARGUMENT, |b| {
                    !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`' | b';' | b')')
                });
                (Span::new(i, stop), Quote::None, stop)
            }
        };
        if next == i {
            break;
        }
        i = next;
        if word.of(text).starts_with(b"-") {
            allowed |= in_clear(word.of(text));
            // the cost of the hash
            i = if word.of(text) == b"-C" { run(text, skip_blanks(text, i), 2, |b| b.is_ascii_digit()) } else { i };
            continue;
        }
        words += 1;
        name = value.map_or(hit, |(word, _)| word);
        value = Some((word, quote));
    }
    if let Some((value, quote)) = value.filter(|_| allowed && words >= 2)
        && (4..MAX_ARGUMENT).contains(&(value.end - value.start))
    {
        reading.push(Pair { name, value, place: Place::Command, quote });
    }
}

/// `echo password | …`, `echo user:password | …`: what is echoed on the line whose command begins at `command`.
fn piped(reading: &mut Reading, text: &[u8], command: usize, is_pair: bool) {
    let start = run_back(text, command, MAX_PIPE, |b| b != b'\n');
    reading.spend(command - start);
    let line = Span::new(start, command).of(text);
    let Some(bar) = memchr::memrchr(b'|', line) else { return };
    let Some(echo) = memchr::memmem::rfind(line.get(..bar).unwrap_or_default(), b"echo ") else { return };
    let name = Span::new(start + echo, start + echo + 4);
    let mut i = skip_blanks(text, name.end);
    while at(text, i) == b'-' {
        i = skip_blanks(text, run(text, i, 4, |b| b == b'-' || b.is_ascii_alphabetic()));
    }
    let (value, quote) = match quote_at(text, i, false) {
        Some(quote) => match quote.content(reading, text, i + quote.len) {
            Some(value) => (value, quote.quote),
            None => return,
        },
        None => (Span::new(i, run(text, i, MAX_ARGUMENT, |b| !b.is_ascii_whitespace() && b != b'|')), Quote::None),
    };
    if value.end > start + bar {
        return;
    }
    let (mut name, mut value) = (name, value);
    if is_pair {
        let Some(colon) = memchr::memchr(b':', value.of(text)).filter(|&n| n > 0) else { return };
        name = Span::new(value.start, value.start + colon);
        value.start += colon + 1;
    }
    if value.end - value.start >= 4 && value.end - value.start < MAX_ARGUMENT {
        reading.push(Pair { name, value, place: Place::Command, quote });
    }
}

/// The end of the command: the line's, unless a backslash stands there.
fn command_end(text: &[u8], from: usize) -> usize {
    let limit = text.len().min(from.saturating_add(MAX_COMMAND));
    let rest = text.get(..limit).unwrap_or(text);
    let mut at = from;
    while let Some(n) = rest.get(at..).and_then(|r| memchr::memchr(b'\n', r)) {
        let line = rest.get(at..at + n).unwrap_or_default().trim_ascii_end();
        if !line.ends_with(b"\\") {
            return at + n;
        }
        at += n + 1;
    }
    limit
}
