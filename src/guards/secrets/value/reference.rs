//! Values that name a value: variables, templates, calls, types, places where a secret is kept.

use super::super::list::List;
use super::random;

/// Brackets of references and templates around a whole value.
const AROUND: &[(&[u8], &[u8])] = &[
    (b"<", b">"),
    (b"((", b"))"),
    (b"[", b"]"),
    (b"%", b"%"),
    (b"@", b"@"),
    (b"__", b"__"),
    (b"`", b"`"),
    (b"|", b"|"),
];
/// What opens a reference anywhere in a value.
const OPENING: &[&[u8]] = &[b"${", b"$(", b"{{", b"<%", b"#{", b"@{", b"$[", b"%{", b"{%", b"\\(", b"<?", b"}}"];
/// What only code has.
const CODE: &[&[u8]] =
    &[b"::", b"->", b"=>", b"&&", b"||", b"==", b"!=", b"+=", b"();", b"()", b"\" +", b"' +", b"+ \"", b"?."];
/// Beginnings of addresses of secrets, and of objects that read them.
const BEGINNINGS: &[&[u8]] = &[
    b"process.env",
    b"os.environ",
    b"os.getenv",
    b"getenv",
    b"system.getenv",
    b"env.",
    b"env[",
    b"env(",
    b"vault:",
    b"vault/",
    b"secret/",
    b"secrets/",
    b"op://",
    b"arn:",
    b"ssm:",
    b"kms:",
    b"file:",
    b"env:",
    b"ref:",
    b"ref+",
    b"secret:",
    b"secretref",
    b"keychain:",
    b"keyring:",
    b"projects/",
    b"enc[",
    b"enc(",
    b"{cipher}",
    b"!vault",
    b"!ref",
    b"!sub",
    b"!env",
    b"!secret",
    b"!getatt",
    b"!importvalue",
    b"@microsoft.keyvault",
    b"resolve:",
    b"{{resolve",
    b"secret://",
    b"bao:",
    b"awssm:",
    b"gcpsm:",
    b"$ansible_vault",
    b"$env:",
    b"%env(",
];
/// Types, modes and constants that stand where a value would.
#[rustfmt::skip]
static TYPES: List = List::of(&[
    "always", "any", "array", "binary", "blob", "bool", "boolean", "byte", "bytea", "bytes", "char", "confirmed",
    "const", "data", "date", "dict", "digest", "false", "float", "func", "function", "hash", "hashed", "int", "int32",
    "int64", "integer", "keyof", "list", "long", "map", "never", "new", "nil", "none", "null", "nullable", "number",
    "object", "optional", "passthrough", "password", "readonly", "required", "securestring", "self", "static", "str", "string",
    "symbol", "text", "this", "true", "type", "undefined", "unknown", "username", "users", "uuid", "varchar", "void",
]);
/// Names score less, see [`random::Score::bits`].
const NAME: f32 = 13.0;

/// Whether `value` refers to a value. Without quotes every name does that in code (`bare`).
pub(super) fn refers(value: &[u8], bare: bool) -> bool {
    around(value)
        || OPENING.iter().any(|open| memchr::memmem::find(value, open).is_some())
        || BEGINNINGS.iter().any(|w| value.get(..w.len()).is_some_and(|v| v.eq_ignore_ascii_case(w)))
        || is_variable(value)
        || has_format(value)
        || is_type(value)
        || is_path_of_names(value)
        || is_code(value)
        || is_constant(value)
        || is_rule(value)
        || bare && is_name(value)
}

fn around(value: &[u8]) -> bool {
    let inside = |open: &[u8], close: &[u8]| value.strip_prefix(open).and_then(|v| v.strip_suffix(close));
    AROUND.iter().any(|(open, close)| inside(open, close).is_some())
        // as build tools write what they have encrypted
        || inside(b"{", b"}").is_some_and(is_base64)
        // an object in a string may hold a secret, a name in braces does not
        || inside(b"{", b"}").is_some_and(|v| !v.contains(&b'"') && !v.contains(&b':') && written(v))
}

/// Whole groups of four digits of base64, 24 bytes or more.
fn is_base64(text: &[u8]) -> bool {
    text.len() >= 32
        && text.len().is_multiple_of(4)
        && text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
}

/// `$NAME`, `$name$`, `&name`, `*name`, `@name`, `:name`, `%NAME%`, `!name` as a whole.
fn is_variable(value: &[u8]) -> bool {
    let [b'$' | b'&' | b'*' | b'@' | b':' | b'!' | b'#', rest @ ..] = value else { return false };
    let rest = rest.strip_prefix(b"$").or(rest.strip_suffix(b"$")).unwrap_or(rest);
    !rest.is_empty()
        && rest.iter().all(|&b| is_word(b) || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
        && written(rest)
}

/// `%s`, `%(name)s`, `{}`, `{0}`, `{name}`, `%1$s`.
fn has_format(value: &[u8]) -> bool {
    let verb = |b: u8| matches!(b, b's' | b'd' | b'v' | b'q' | b'@' | b'x' | b'i' | b'f' | b'u' | b'r');
    let percent = value.windows(2).enumerate().any(|(at, w)| {
        let next = value.get(at + 2);
        // %d3 is an escaped byte
        w[0] == b'%' && (verb(w[1]) && !next.is_some_and(u8::is_ascii_alphanumeric) || w[1] == b'(')
    });
    percent
        || memchr::memchr_iter(b'{', value).any(|at| {
            let rest = value.get(at + 1..).unwrap_or_default();
            memchr::memchr(b'}', rest.get(..40).unwrap_or(rest)).is_some_and(|end| {
                rest.get(..end).is_some_and(|name| name.iter().all(|&b| is_word(b) || b".[]'\"".contains(&b)))
                    && end < 24
            })
        })
}

/// `String`, `string!`, `Option<String>`, `&str`, `string | null`, `Vec<u8>`.
fn is_type(value: &[u8]) -> bool {
    let end = value.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(value.len());
    let (word, rest) = value.split_at(end);
    let generic = |b: &u8| {
        is_word(*b) || matches!(b, b'<' | b'>' | b'[' | b']' | b'?' | b'!' | b'|' | b' ' | b',' | b'&' | b'(' | b')')
    };
    TYPES.has(word) && rest.iter().all(generic) && (rest.is_empty() || rest.iter().any(|&b| !is_word(b)))
        || rest.first() == Some(&b'<') && rest.last() == Some(&b'>') && rest.iter().all(generic)
}

/// `config.database.password`, `self.token`, `aws_iam_access_key.user.secret`: names with dots between, none random.
fn is_path_of_names(value: &[u8]) -> bool {
    let mut parts = value.split(|&b| b == b'.');
    value.contains(&b'.')
        && parts.all(|part| {
            let bracket = part.iter().position(|&b| matches!(b, b'[' | b'(')).unwrap_or(part.len());
            let (head, tail) = part.split_at(bracket);
            let first = head.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
            let closed = tail.is_empty() || matches!(tail.last(), Some(b']' | b')'));
            first && closed && head.iter().all(|&b| is_word(b) || b == b'-')
        })
        && written(value)
}

/// `getPassword()`, `tokens[0]`, `a::b`, `x ? y : z`.
fn is_code(value: &[u8]) -> bool {
    let name = value.iter().position(|&b| !is_word(b) && b != b'.').unwrap_or(value.len());
    let (head, rest) = value.split_at(name);
    let called =
        matches!((rest.first(), rest.last()), (Some(b'('), Some(b')' | b';' | b',')) | (Some(b'['), Some(b']')));
    let opened = matches!(rest, [b'(', ..]) && !rest.contains(&b')') && head.len() >= 3;
    (called || opened) && !head.is_empty() && written(head)
        || CODE.iter().any(|code| memchr::memmem::find(value, code).is_some()) && written(value)
}

/// `DB_PASSWORD`: the name of a constant or of a variable of the environment.
fn is_constant(value: &[u8]) -> bool {
    value.contains(&b'_')
        && value.first().is_some_and(u8::is_ascii_uppercase)
        && value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && written(value)
}

/// `min:8`, `required|max:64`: what a validator asks of a value, not the value.
fn is_rule(value: &[u8]) -> bool {
    static RULES: List = List::of(&["between", "confirmed", "digits", "max", "min", "required", "size"]);
    let part = |part: &[u8]| {
        let (word, number) = part.iter().position(|&b| b == b':').map_or((part, &b""[..]), |at| part.split_at(at));
        let number = number.strip_prefix(b":").unwrap_or_default();
        RULES.has(word) && number.iter().all(|b| b.is_ascii_digit() || *b == b',')
    };
    value.split(|&b| b == b'|').all(part)
}

fn is_name(value: &[u8]) -> bool {
    value.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && value.iter().all(|&b| is_word(b))
        && written(value)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether people wrote it.
fn written(text: &[u8]) -> bool {
    random::score(text).bits < NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for text in [
            "${PASS}",
            "$PASS",
            "$pass->word",
            "{{ pass }}",
            "((demo-password))",
            "<your token>",
            "%s",
            "%(password)s",
            "{0}",
            "#{token}",
            "@password@",
            "process.env.TOKEN",
            "os.environ['X']",
            "config.db.password",
            "getPassword()",
            "tokens[0]",
            "String!",
            "Option<String>",
            "string | null",
            "DB_PASSWORD",
            "Foo::BAR",
            "vault:secret/db#pw",
            "%DB_PASS%",
            "&password",
            ":password",
            "!Ref Password",
            "op://vault/item/field",
            "ENC[AES256]",
            "string",
            "user.get(\"token\")",
            "password_%d",
            "pre-{name}-post",
            "request.headers.authorization",
            "always",
            "required|min:8",
            "max:64",
            "$ldap$",
            "_{item[0]}_{item[1]}",
            "{Ur5BpeQGlYUHhXsHahO/HbMBcPSFSUtN5gbWuFFPYGw=}",
        ] {
            assert!(refers(text.as_bytes(), false), "{text}");
        }
        assert!(refers(b"keystorePassword", true));
        for text in
            ["hunter2!", "television", "hT7$kq2Lw9", "x8Kq.2mLw9.ZtR7u", "p%d3x9", "P@ss:word", "keystorePassword"]
        {
            assert!(!refers(text.as_bytes(), false), "{text}");
        }
    }
}
