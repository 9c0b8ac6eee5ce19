//! What the name of a value promises: a password, a token, a key …, or that the value only belongs to one, as in
//! `password_file`, `token_url`, `public_key`.
//!
//! A name is split into words: at separators, at humps (`apiKey`, `HTTPToken`) and before what follows a known word
//! (`passwordfield`). The last word that names a credential decides; words behind it may turn it into something
//! about a credential, and so may words before it. In dotted names only the last part counts.

use super::super::list::List;
use smallvec::SmallVec;

/// Longer names are judged by their end.
const MAX_NAME: usize = 128;
/// Words of a name that count; of more the last.
const MAX_WORDS: usize = 16;

/// What the value of a name is, by the name alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Promise {
    /// A password: people choose it, so it may be a word.
    Password,
    /// A secret or token, or a key that is one by its name, such as `api_key`: made by machines.
    Secret,
    /// A key of an unknown kind: many are names of entries.
    Key,
    /// Something that goes with credentials: signature, salt, session, authorization.
    Other,
}

#[rustfmt::skip]
static PASSWORDS: List = List::of(&[
    "contrasena", "haslo", "heslo", "jelszo", "kennwort", "kodeord", "losenord", "lozinka", "mdp", "motdepasse",
    "parola", "pass", "passcode", "passe", "passord", "passphrase", "passwd", "password", "passwort", "passwrd",
    "paswoord", "psw", "pswd", "pw", "pwd", "salasana", "senha", "sifre", "wachtwoord",
]);
static SECRETS: List =
    List::of(&["apikey", "bearer", "jwt", "mnemonic", "passkey", "pat", "psk", "secret", "token", "totp"]);
#[rustfmt::skip]
static OTHERS: List = List::of(&[
    "auth", "authentication", "authorization", "cookie", "cred", "credential", "hmac", "iv", "license", "nonce",
    "noncestr", "otp", "salt", "seed", "sessid", "session", "sessionid", "sid", "sig", "sign", "signature",
    "ticket", "verifier",
]);
/// Words whose key is a credential.
#[rustfmt::skip]
static KEYS: List = List::of(&[
    "access", "account", "admin", "aes", "api", "app", "application", "auth", "authentication", "authorization",
    "certificate", "cipher", "client", "consumer", "cookie", "crypt", "crypto", "decrypt", "decryption", "encrypt",
    "encryption", "hmac", "integration", "jwt", "licence", "license", "master", "priv", "private", "rest",
    "secret", "secure", "security", "server", "service", "session", "shared", "sign", "signature", "signing",
    "storage", "subscription", "token", "user", "webhook", "write",
]);
/// Words behind the credential's that say what of it the value is; most are not the credential itself.
#[rustfmt::skip]
static BEHIND: List = List::of(&[
    "action", "age", "alg", "algo", "algorithm", "alias", "arg", "arn", "at", "attempt", "attr", "attribute",
    "audience", "auth", "backend", "bcrypt", "bits", "blob", "board", "body", "box", "btn", "bucket", "button",
    "by", "cache", "caption", "change", "changed", "char", "check", "checker", "class", "cmd", "code",
    "col", "column", "command", "config", "configuration", "content", "context", "controller", "count",
    "counter", "create", "created", "ctx", "curve", "date", "days", "delimiter", "desc", "description",
    "dialog", "digest", "dir", "directory", "disabled", "doc", "domain", "duration", "email", "enabled",
    "encoder", "encoding", "encryption", "endpoint", "engine", "entry", "env", "err", "error", "event", "exception",
    "exchange", "expiration", "expire", "expires", "expiry", "exponent", "factory", "failed", "failure",
    "field", "file", "filename", "fingerprint", "flag", "flow", "folder", "for", "form", "format", "frame",
    "function", "generator", "grant", "group", "handler", "hash", "hashed", "hasher", "header", "help", "hint",
    "host", "icon", "id", "identifier", "index", "info", "input", "interval", "invalid", "is", "issuer", "kind",
    "label", "language", "len", "length", "level", "lifetime", "limit", "link", "list", "listener", "loc",
    "location", "manager", "map", "mask", "match", "max", "md5", "message", "method", "min", "missing", "mode",
    "model", "modified", "module", "msg", "name", "namespace", "num", "number", "object", "offset", "op",
    "operation", "option", "owner", "package", "page", "pair", "param", "parameter", "path", "pattern",
    "period", "permission", "placeholder", "plugin", "policy", "port", "position", "prefix", "prompt",
    "property", "protocol", "provider", "public", "question", "re", "ref", "reference", "reg", "regex",
    "regexp", "region", "reply", "request", "required", "requirement", "reset", "resource", "resp", "response", "result", "ring",
    "role", "rotation", "route", "rule", "schema", "scheme", "scope", "screen", "selector", "separator",
    "serial", "server", "service", "setting", "sha", "sha1", "sha2", "sha256", "sha512", "size", "source",
    "spec", "spki", "state", "status", "storage", "strategy", "strength", "struct", "style", "subject",
    "success", "suffix", "support", "table", "tag", "target", "template", "text", "thumbprint", "time",
    "timeout", "timestamp", "title", "to", "tooltip", "topic", "ttl", "type", "uid", "update", "updated", "uri",
    "url", "urn", "usage", "use", "used", "user", "username", "uuid", "valid", "validation", "validator", "variable",
    "vault", "version", "view", "visibility", "warning", "width", "with", "word",
]);
/// Words before the credential's that make the value one of something else, or say that it is not plain.
#[rustfmt::skip]
static BEFORE: List = List::of(&[
    "allow", "bad", "can", "disable", "enable", "encrypted", "enter", "error", "forgot", "has", "hash",
    "hashed", "hide", "incorrect", "invalid", "is", "label", "mandatory", "missing", "msg", "needs", "no",
    "pub", "public", "require", "required", "requires", "should", "show", "text", "toggle", "use", "uses",
    "without", "wrapped", "wrong",
]);
/// The same for keys.
#[rustfmt::skip]
static BEFORE_KEY: List = List::of(&[
    "anon", "arrow", "attribute", "cache", "column", "composite", "config", "context", "data", "dedup", "dict",
    "down", "duplicate", "encode", "enter", "escape", "event", "field", "foreign", "function", "gpg", "group",
    "hash", "header", "host", "hot", "idempotency", "index", "item", "json", "known", "lang", "locale",
    "lookup", "map", "meta", "metadata", "modifier", "natural", "object", "order", "param", "parent",
    "partition", "pgp", "press", "primary", "property", "publishable", "query", "range", "record", "registry",
    "resource", "route", "routing", "row", "search", "setting", "shard", "shortcut", "site", "sort", "ssh",
    "surrogate", "tag", "translation", "unique", "up", "verification", "verify",
]);
/// The same for tokens.
#[rustfmt::skip]
static BEFORE_TOKEN: List = List::of(&[
    "action", "antiforgery", "authenticity", "cancel", "cancellation", "change", "continuation", "csrf", "cursor", "end",
    "eof", "erc20", "forgery", "idempotency", "lexer", "max", "next", "num", "page", "pagination", "parser", "resume",
    "sequence", "start", "stop", "sync", "syntax", "total", "xsrf",
]);
/// Two words before a token that make it the number of a request, which is not to be carried out twice or sent by
/// other sites: `ClientRequestToken`, `__RequestVerificationToken`.
const PAIRS_BEFORE_TOKEN: [[&str; 2]; 2] = [["client", "request"], ["request", "verification"]];
/// Words before a nonce that make it the number of a page, which stands in it for everybody.
static BEFORE_NONCE: List = List::of(&["csp", "policy", "script", "style"]);
/// Words that end like one for a credential and are none.
#[rustfmt::skip]
static OTHERWISE: List = List::of(&[
    "bypass", "compass", "csrfmiddlewaretoken", "csrftoken", "design", "donkey", "encompass", "hockey", "jockey",
    "keycode", "monkey", "resign", "surpass", "trespass", "turkey", "whiskey", "xsrftoken",
]);
/// What may stand before `pass` and `pw` in one word.
#[rustfmt::skip]
static BEFORE_PASS: List = List::of(&[
    "admin", "amqp", "app", "auth", "bind", "cert", "client", "db", "default", "email", "ftp", "http", "imap",
    "key", "keystore", "ldap", "login", "mail", "mongo", "mongodb", "my", "mysql", "pg", "pgsql", "postgres",
    "proxy", "rabbit", "rabbitmq", "redis", "require", "root", "server", "service", "smb", "smtp", "sql", "ssh",
    "store", "sudo", "truststore", "user", "vpn", "wifi", "wlan", "zip",
]);

/// What `name` promises of its value; `None`: nothing that is secret.
pub(crate) fn promise(name: &[u8]) -> Option<Promise> {
    let name = last_part(name.get(name.len().saturating_sub(MAX_NAME)..).unwrap_or(name));
    // the shell's working directory
    if name == b"OLDPWD" {
        return None;
    }
    let skipped = words(name).count().saturating_sub(MAX_WORDS);
    let words: SmallVec<[&[u8]; MAX_WORDS]> = words(name).skip(skipped).collect();
    let at = words.iter().rposition(|word| stem(word).is_some())?;
    let (word, behind) = (words.get(at)?, words.get(at + 1..).unwrap_or_default());
    // passWord
    let behind = match behind {
        [second, rest @ ..] if eq(word, "pass") && eq(singular(second), "word") => rest,
        _ => behind,
    };
    let before = words.get(..at).unwrap_or_default();
    let (mut promise, rest) = stem(word)?;
    let says_no = |(n, w): (usize, &&[u8])| {
        // a text may be plain
        let plain = n.checked_sub(1).and_then(|n| before.get(n)).is_some_and(|w| eq(w, "clear") || eq(w, "plain"));
        BEFORE.has(w) && !(plain && eq(w, "text"))
    };
    if before.iter().enumerate().any(says_no) || BEHIND.has(rest) {
        return None;
    }
    // a session's number opens it
    let opens = eq(singular(word), "session") && matches!(behind, [id] if eq(id, "id"));
    if !opens && behind.iter().any(|w| BEHIND.has(singular(w))) {
        return None;
    }
    let last = before.last().copied().unwrap_or_default();
    match promise {
        Promise::Key if BEFORE_KEY.has(last) => return None,
        Promise::Key if before.iter().any(|w| KEYS.has(w)) => promise = Promise::Secret,
        Promise::Secret if ends_with(singular(word), "token") && counts_requests(before) => return None,
        Promise::Other if BEFORE_NONCE.has(last) && eq(word, "nonce") => return None,
        Promise::Key | Promise::Secret | Promise::Password | Promise::Other => {}
    }
    Some(promise)
}

/// Whether a name of several words says that what it names is secret.
pub(super) fn is_of_secret(name: &[u8]) -> bool {
    let name = last_part(name);
    words(name).nth(1).is_some() && words(name).any(|word| eq(singular(word), "secret"))
}

/// Whether a value is written with the letters of a name, or a part of them: `clientsecret` for `CLIENT_SECRET`.
pub(super) fn spells(name: &[u8], value: &[u8]) -> bool {
    let letters = || name.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    (0..letters().count()).any(|from| {
        let mut rest = letters().skip(from);
        value.iter().all(|b| rest.next() == Some(b.to_ascii_lowercase()))
    })
}

/// Whether the words before `token` make it one that opens nothing.
fn counts_requests(before: &[&[u8]]) -> bool {
    let pair = |[first, second]: &[&str; 2]| matches!(before, [.., a, b] if eq(a, first) && eq(b, second));
    before.last().is_some_and(|last| BEFORE_TOKEN.has(last)) || PAIRS_BEFORE_TOKEN.iter().any(pair)
}

/// Whether a name is that of a signature: it proves one request or message, and whoever has it makes no other. In a
/// URL it opens what the URL names, for as long as it is valid.
pub(super) fn is_signature(name: &[u8]) -> bool {
    let last = words(last_part(name)).filter(|word| stem(word).is_some()).last().unwrap_or_default();
    ["sig", "sign", "signature"].iter().any(|word| eq(singular(last), word))
}

/// The last part of a dotted name that says something: not a number, nor `value` and the like.
fn last_part(name: &[u8]) -> &[u8] {
    let says_nothing = |part: &[u8]| {
        let part = trim(part);
        part.iter().all(u8::is_ascii_digit)
            || ["value", "val", "default", "data", "example"].iter().any(|w| eq(part, w))
    };
    let mut parts = name.rsplit(|b| matches!(b, b'.' | b'/' | b'[' | b'>')).map(trim);
    parts.find(|part| !says_nothing(part)).unwrap_or(name)
}

fn trim(mut part: &[u8]) -> &[u8] {
    while let [rest @ .., last] = part
        && !last.is_ascii_alphanumeric()
    {
        part = rest;
    }
    part
}

/// The words of a name or value: runs of letters with the digits behind them, split at humps.
pub(crate) fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = name;
    std::iter::from_fn(move || {
        while let [first, tail @ ..] = rest
            && !first.is_ascii_alphanumeric()
        {
            rest = tail;
        }
        let len = (1..rest.len()).find(|&at| is_seam(rest, at)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(len);
        rest = tail;
        (!word.is_empty()).then_some(word)
    })
}

/// Whether a new word begins at `at`, which is not the first byte.
fn is_seam(text: &[u8], at: usize) -> bool {
    let byte = |n: usize| text.get(n).copied().unwrap_or_default();
    let (before, here, next) = (byte(at - 1), byte(at), byte(at + 1));
    !here.is_ascii_alphanumeric()
        || here.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next.is_ascii_lowercase())
        || here.is_ascii_lowercase() && before.is_ascii_digit()
}

/// What a word promises, and what stands behind the stem in the same word.
fn stem(word: &[u8]) -> Option<(Promise, &[u8])> {
    let word = singular(word);
    if OTHERWISE.has(word) {
        return None;
    }
    let lists = [(&PASSWORDS, Promise::Password), (&SECRETS, Promise::Secret), (&OTHERS, Promise::Other)];
    if let Some((_, promise)) = lists.into_iter().find(|(list, _)| list.has(word)) {
        return Some((promise, b""));
    }
    if eq(word, "key") {
        return Some((Promise::Key, b""));
    }
    let ends = [
        ("password", Promise::Password),
        ("passwd", Promise::Password),
        ("passphrase", Promise::Password),
        ("passwort", Promise::Password),
        ("pwd", Promise::Password),
        ("secret", Promise::Secret),
        ("token", Promise::Secret),
    ];
    for (stem, promise) in ends {
        if ends_with(word, stem) {
            return Some((promise, b""));
        }
        if let Some((head, rest)) = word.split_at_checked(stem.len())
            && eq(head, stem)
        {
            let rest = singular(rest);
            return if BEHIND.has(rest) {
                Some((promise, rest))
            } else {
                (stem == "secret" && eq(rest, "key")).then_some((promise, &b""[..]))
            };
        }
    }
    let head = |stem: &str| word.get(..word.len().saturating_sub(stem.len())).unwrap_or_default();
    if ["pass", "pw"].iter().any(|stem| ends_with(word, stem) && BEFORE_PASS.has(head(stem))) {
        return Some((Promise::Password, b""));
    }
    if ends_with(word, "key") && KEYS.has(head("key")) {
        return Some((Promise::Secret, b""));
    }
    None
}

/// A word without its number and its plural.
fn singular(word: &[u8]) -> &[u8] {
    // these end in digits by themselves
    if word.len() >= 3 && BEHIND.has(word) {
        return word;
    }
    let mut word = word;
    while let [rest @ .., b'0'..=b'9'] = word {
        word = rest;
    }
    match word {
        [rest @ .., b's' | b'S'] if rest.len() >= 3 && !ends_with(word, "ss") => rest,
        _ => word,
    }
}

fn eq(word: &[u8], lower: &str) -> bool {
    word.eq_ignore_ascii_case(lower.as_bytes())
}

fn ends_with(word: &[u8], stem: &str) -> bool {
    word.len().checked_sub(stem.len()).and_then(|n| word.get(n..)).is_some_and(|end| eq(end, stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names() {
        let split =
            |name: &str| words(name.as_bytes()).map(|w| String::from_utf8_lossy(w).into_owned()).collect::<Vec<_>>();
        assert_eq!(split("getHTTPToken2For_me-x.y"), ["get", "HTTP", "Token2", "For", "me", "x", "y"]);
        assert_eq!(split("APIKey"), ["API", "Key"]);
        assert_eq!(split("DB_PASSWORD"), ["DB", "PASSWORD"]);
        assert_eq!(split("__"), [""; 0]);
    }

    #[test]
    fn names_promise() {
        use Promise::{Key, Other, Password, Secret};
        for (promised, names) in [
            (
                Password,
                "password PASSWORD dbPassword db_password db-pass dbpass user.password passwd mysqlpwd MYSQL_ROOT_PASSWORD \
                 spring.datasource.password passphrase password1 password2 ses_smtp_password_v4 passwords[0] \
                 TRUST_STORE_PASSWORD password_confirmation passWord pass_words dbpw bindpw keystorepass mot_de_passe \
                 plain_text_password requirepass config[\"password\"] password.default PGPASSWORD",
            ),
            (
                Secret,
                "token accessToken access_token ACCESS-TOKEN tokens apitoken Apitoken api_key apiKey APIKey x-api-key \
                 secret client_secret clientsecret secretKey secret_key_base SECRET_KEY private_key encryption_key \
                 aws_secret_access_key accesskey jwt auth_key GITHUB_TOKEN",
            ),
            (Key, "key sendgrid_key my.key MAPBOX_KEY keys"),
            (Other, "auth authorization credentials salt nonce signature sig session_id sessionid sid oauth_verifier"),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(promise(name.as_bytes()), Some(promised), "{name}");
            }
        }
    }

    #[test]
    fn names_that_stop() {
        for name in "password_file passwordFile passwordfield token_url tokenUri secret_name secretName key_id keyId \
                     access_key_id password_policy passwordHash password_sha256 PASSWORD_SHA2 PASSWORD_SCHEME \
                     public_key publicKey key_fingerprint token_type tokenType password_length passwordLength \
                     token_expiry password_label password.label passwordHint password_placeholder password.message \
                     keyword monkey keyboard key_code keyCode primary_key foreign_key partition_key tokenizer csrf_token \
                     encrypted_key PRIVATE_KEY_BLOB resource_key author authority x-amz-apigw-id client_id clientId \
                     OAuthClientId is_password hasToken show_password forgot_password wrong_password next_token \
                     keystore passenger secretary OLDPWD compass bypass design username user password.regex \
                     private_key_path tokens_used_count hash_key sort_key ssh_key password_reset secretRef tokenEndpoint \
                     authenticity_token ChangeToken ClientRequestToken csrfmiddlewaretoken __RequestVerificationToken \
                     csp-nonce content_security_policy_nonce"
            .split_whitespace()
        {
            let promised = promise(name.as_bytes());
            assert_eq!(promised, None, "{name}");
        }
    }
}
