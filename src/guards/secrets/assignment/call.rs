//! What functions and types are called that give back, hold, list or ask for a credential.

use super::lex::at;
use super::operand::{ends_with, starts_with};

/// Last words of calls that give their argument back in another type, in lower case.
const WRAPPERS: &[&[u8]] = &[
    b"some",
    b"ok",
    b"just",
    b"byte",
    b"u8",
    b"string",
    b"from",
    b"of",
    b"to",
    b"new",
    b"secret",
    b"secretstr",
    b"secretstring",
    b"bytes",
    b"bytearray",
    b"str",
    b"b64decode",
    b"atob",
    b"text",
    b"_t",
    b"t",
    b"decodestring",
    b"mustdecode",
    b"fromhex",
    b"unhexlify",
    b"hex",
    b"stringwithstring",
    b"literal",
    b"encode",
    b"option",
    b"optional",
    b"sensitive",
    b"wrap",
    b"ptr",
    b"pointer",
    b"stringptr",
    b"from_str",
    b"from_static",
    b"parse",
    b"utf8",
    b"buffer",
    b"char",
    b"password",
    b"passwordauthentication",
    b"tochararray",
    b"decode",
    b"unsafeplaintext",
    b"into",
    b"to_string",
    b"quote",
    b"uint8list",
    b"vec",
    b"sha256",
    b"strdup",
    b"getbytes",
    b"get_bytes",
    b"base64decode",
    b"base64_decode",
    b"decodebase64",
    b"frombase64string",
    b"frombase64",
    b"hexdecode",
    b"hex_decode",
    b"decodehex",
    b"fromhexstring",
    b"parsehexbinary",
    b"parsebase64binary",
    b"hextobytes",
    b"hex2bin",
];
/// What the names of types end in that hold one string, in lower case.
const HOLDERS: [&[u8]; 9] =
    [b"value", b"secret", b"literal", b"string", b"password", b"passphrase", b"credential", b"token", b"bytes"];
/// Last words of calls that make a list of their arguments, in lower case.
const LISTS: &[&[u8]] = &[b"array", b"aslist", b"listof", b"setof", b"arrayof", b"arraylist", b"vector"];
/// Last words of calls whose second argument stands in where the first names nothing, in lower case.
const DEFAULTS: &[&[u8]] = &[
    b"get",
    b"getenv",
    b"env",
    b"fetch",
    b"config",
    b"getstring",
    b"getproperty",
    b"getordefault",
    b"get_or_default",
    b"environ",
    b"setting",
    b"pop",
    b"getoption",
    b"lookupenv",
    b"envor",
    b"getenvordefault",
    b"get_env",
    b"default",
    b"coalesce",
    b"option",
    b"str",
    b"optional",
    b"setdefault",
];
/// First words of functions that ask for a credential, and so are not given one.
const QUESTIONS: &[&[u8]] = &[
    b"get",
    b"getpass",
    b"is",
    b"has",
    // a test passes
    b"pass",
    b"read",
    b"find",
    b"load",
    b"fetch",
    b"lookup",
    b"validate",
    b"verify",
    b"check",
    b"match",
    b"delete",
    b"remove",
    b"generate",
    b"create",
    b"make",
    b"parse",
    b"forgot",
    b"reset",
    b"test",
    b"contains",
    b"by",
    b"resolve",
    b"should",
    b"on",
    b"require",
    b"ensure",
    b"prompt",
    b"ask",
    b"show",
    b"hide",
    b"describe",
];

/// Whether a call gives its argument back, or makes a value of it.
pub(super) fn is_wrapper(word: &[u8]) -> bool {
    is_one_of(WRAPPERS, word) || is_holder(word)
}

/// Whether a call makes a list of its arguments.
pub(super) fn is_list(word: &[u8]) -> bool {
    is_one_of(LISTS, word)
}

/// Whether the second argument of a call stands in where the first names nothing.
pub(super) fn is_default(word: &[u8]) -> bool {
    is_one_of(DEFAULTS, word)
}

/// Whether a call makes a value that holds its argument: a type by its capital, named after what it holds.
fn is_holder(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_uppercase) && HOLDERS.iter().any(|end| ends_with(word, end)) && !asks(word)
}

/// Whether a call describes a setting, or reads one, and may be told what stands in for it.
pub(super) fn is_setting(word: &[u8]) -> bool {
    let ends: [&[u8]; 4] = [b"field", b"column", b"argument", b"option"];
    is_one_of(DEFAULTS, word) || ends.iter().any(|end| ends_with(word, end))
}

fn is_one_of(words: &[&[u8]], word: &[u8]) -> bool {
    words.iter().any(|w| w.eq_ignore_ascii_case(word))
}

/// Whether a function called so asks for a credential: `getToken` and `get_token`, not `getter`, nor `PASSWORD`.
pub(super) fn asks(function: &[u8]) -> bool {
    let constant = !function.iter().any(u8::is_ascii_lowercase);
    QUESTIONS.iter().any(|word| {
        let next = at(function, word.len());
        starts_with(function, word) && !next.is_ascii_lowercase() && !(constant && next.is_ascii_uppercase())
    })
}
