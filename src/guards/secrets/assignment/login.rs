//! Calls that take a user and a password by their order alone: `login("user", "password")`,
//! `new NetworkCredential("user", "password")`, `btoa("user:password")`.

use super::lex::{at, before, is_at, is_name, quote_at, run, skip_space};
use super::{Pair, Place, Quote, Reading};
use crate::finding::Span;
use crate::guards::secrets::compile::schema::Reader;

/// The furthest that arguments are read, in bytes.
const MAX_ARGUMENTS: usize = 512;
/// The longest user or password, in bytes.
const MAX_PART: usize = 128;
/// The shortest password, in bytes.
const MIN_PART: usize = 4;

/// Which argument is the password, counted from 1; 0: the first one, behind a colon.
const CALLS: &[(&[u8], usize)] = &[
    // most libraries of mail, FTP and the like
    (b"login(", 2),
    // UsernamePasswordCredentials, NetworkCredential, BasicAWSCredentials, PSCredential
    (b"credential(", 2),
    (b"credentials(", 2),
    (b"passwordauthentication(", 2),
    // HTTPBasicAuth, SetBasicAuth
    (b"basicauth(", 2),
    (b"basic_auth", 2),
    (b".basic(", 2),
    (b".auth(", 2),
    (b"auth=(", 2),
    (b"auth = (", 2),
    (b"username_pw_set(", 2),
    (b"wifi.begin(", 2),
    // what is signed, and the key
    (b".signwith(", 2),
    (b"jwt.sign(", 2),
    (b"jwt.verify(", 2),
    (b"jwt.encode(", 2),
    (b"jwt.decode(", 2),
    (b"sp_addlogin", 2),
    // SMTP in Go: identity, user, password, host
    (b"plainauth(", 3),
    // JDBC, Perl's DBI, PHP: where, user, password
    (b"getconnection(", 3),
    (b"dbi->connect(", 3),
    (b"mysqli_connect(", 3),
    (b"mysql_connect(", 3),
    (b"new mysqli(", 3),
    (b"new pdo(", 3),
    // what is encoded for a header
    (b"btoa(", 0),
    (b"b64encode(", 0),
    (b"base64_encode(", 0),
    (b"buffer.from(", 0),
    (b"encodetostring([]byte(", 0),
];

/// Reads the call whose name and bracket stand at `hit`.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span) {
    if reading.is_passed(Reader::Login, hit.start) {
        return;
    }
    let word = hit.of(text);
    let Some((_, wanted)) = CALLS.iter().find(|(call, _)| word.eq_ignore_ascii_case(call)) else { return };
    // a method of one's own begins differently: `is_login(`, `relogin(`
    if matches!(before(text, hit.start), b'_' | b'-') {
        return;
    }
    let mut i = hit.end;
    // Ruby and SQL need no brackets
    i += usize::from(!word.ends_with(b"(") && at(text, i) == b'(');
    let limit = text.len().min(hit.end.saturating_add(MAX_ARGUMENTS));
    let call = text.get(..limit).unwrap_or(text);
    // the tenant, the client, its secret
    let is_of_client = hit.start.checked_sub(b"clientsecret".len()).is_some_and(|i| is_at(text, i, b"clientsecret"));
    let wanted = &(*wanted + usize::from(is_of_client));
    let mut name = Span::new(hit.start, hit.end - usize::from(word.ends_with(b"(")));
    for number in 1..=(*wanted).max(1) {
        let from = i;
        i = skip_space(call, i);
        let argument = string(reading, call, i);
        let end = argument.map_or_else(|| expression(call, i), |(value, quote)| value.end + quote);
        reading.spend(end - from);
        reading.pass(Reader::Login, end);
        if number == (*wanted).max(1) {
            if let Some((value, _)) = argument.filter(|_| closes(call, end)) {
                if is_at(text, hit.start, b"jwt.") {
                    // a key, which should be random: words beside it are those of tests
                    let name = Span::new(hit.start, hit.start + b"jwt".len());
                    reading.push(Pair { name, value, place: Place::Argument, quote: Quote::Double });
                } else {
                    push(reading, text, name, value, *wanted == 0);
                }
            }
            return;
        }
        if let Some((user, _)) = argument {
            name = user;
        }
        i = skip_space(call, end);
        if at(call, i) != b',' {
            return;
        }
        i += 1;
    }
}

fn push(reading: &mut Reading, text: &[u8], name: Span, value: Span, encoded: bool) {
    let (mut name, mut value) = (name, value);
    if encoded {
        let Some(colon) = memchr::memchr(b':', value.of(text)).filter(|&n| n > 0) else { return };
        name = Span::new(value.start, value.start + colon);
        value.start += colon + 1;
        // base64 of any text with a colon is not that of a pair
        if !name.of(text).iter().all(|&b| is_name(b) || matches!(b, b'@' | b'+')) {
            return;
        }
    }
    if (MIN_PART..=MAX_PART).contains(&(value.end - value.start)) {
        reading.push(Pair { name, value, place: Place::Login, quote: Quote::Double });
    }
}

/// The string at `i` and the length of its quote.
fn string(reading: &mut Reading, text: &[u8], i: usize) -> Option<(Span, usize)> {
    let i = i + usize::from(
        matches!(at(text, i), b'b' | b'u' | b'r' | b'@' | b'N') && matches!(at(text, i + 1), b'"' | b'\''),
    );
    let i = i + if is_at(text, i, b"some(") { b"some(".len() } else { 0 };
    let quote = quote_at(text, i, false)?;
    let empty = quote_at(text, i + quote.len, false) == Some(quote);
    let value =
        if empty { Span::new(i + quote.len, i + quote.len) } else { quote.content(reading, text, i + quote.len)? };
    Some((value, quote.len))
}

/// The end of an argument that is no string: names, dots, brackets without commas.
fn expression(text: &[u8], i: usize) -> usize {
    if at(text, i) == b'{' {
        // an object, which may hold others
        let mut depth = 0usize;
        let object = text.get(i..).unwrap_or_default().iter().take(MAX_PART);
        let mut closes = |b: u8| {
            depth = match b {
                b'{' => depth + 1,
                b'}' => depth - 1,
                _ => depth,
            };
            depth == 0
        };
        return object.copied().position(&mut closes).map_or(i, |n| i + n + 1);
    }
    run(text, i, MAX_PART, |b| {
        is_name(b) || matches!(b, b'$' | b'@' | b':' | b'>' | b'[' | b']' | b'(' | b'"' | b'\'' | b' ')
    })
}

/// Whether the argument that ends at `i` is the whole of it.
fn closes(text: &[u8], i: usize) -> bool {
    let i = skip_space(text, i);
    matches!(at(text, i), b',' | b')' | b';' | 0)
        || before(text, i) == b'\n'
        || is_at(text, i, b".tochararray()")
        || is_at(text, i, b".encode(")
}
