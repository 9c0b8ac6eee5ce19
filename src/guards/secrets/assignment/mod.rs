//! Names and the values that they are given: `password = "…"`, `"tokens": ["…"]`, `--token=…`, `?api_key=…`.
//!
//! A rule with a `reader` has no regex: at each of its keywords the reader looks whether a credential stands in
//! its place there, and says which bytes are the name and which the value. Whether the value is one is for the
//! judge of values.
//!
//! | reader | place | module |
//! |---|---|---|
//! | `assignment` | a name that holds the keyword, a separator, a value | `name`, `operand`, `call`, `literal`, `bare`, `spaced`, `markup` |
//! | `url` | `scheme://user:password@host` | `url` |
//! | `header` | `Basic …`, `Bearer …` | `header` |
//! | `command` | `curl -u user:password`, `mysql -p…`, `sshpass -p …`, `echo … \| chpasswd` | `command` |
//! | `login` | `login("user", "password")`, `btoa("user:password")` | `login` |
//! | `sql` | `IDENTIFIED BY '…'`, `INSERT INTO t (password) VALUES ('…')` | `statement`, `insert` |
//! | `securestring` | `ConvertTo-SecureString "…"` | `statement` |
//! | `jwk` | the private member of a JSON web key | `jwk` |
//!
//! All of it is linear in the text, whatever stands there: names, values and gaps are bounded, a name is read
//! once, a search for a closing quote is never repeated over the same bytes ([`Reading`]).

mod bare;
mod call;
mod command;
mod header;
mod insert;
mod jwk;
mod kind;
mod lex;
mod literal;
mod login;
mod markup;
mod name;
mod operand;
mod spaced;
mod statement;
#[cfg(test)]
mod tests;
mod url;

pub(crate) use kind::Kind;

use super::compile::schema::Reader;
use super::value::PlaceKind;
use crate::finding::Span;
use lex::SLOTS;

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Code: `name = "value"`, `name: "value"`, `name => "value"`, `name := "value"`.
    Assignment,
    /// Code: `name == "value"`; whoever compares with a literal may hold a credential, most do not.
    Comparison,
    /// `setName("value")`, `put("name", "value")`.
    Argument,
    /// An element of a list under the name.
    List,
    /// A list of numbers under the name: the bytes of the value.
    Bytes,
    /// A member of an object: `"name": "value"`, at any depth of escaping.
    Json,
    /// `name: value` in YAML.
    Yaml,
    /// A line of a properties, INI, TOML or environment file.
    Properties,
    /// `name: value` or `name = value` alone in a line of a comment, or of the text of a page.
    Note,
    /// `<name>value</name>`, `<property name="name">value</property>`.
    XmlElement,
    /// `<user name="value">`, `<add key="name" value="value"/>`.
    XmlAttribute,
    /// `ENV name=value`, `ARG name=value`.
    Dockerfile,
    /// `export name=value`, `-e name=value`.
    Shell,
    /// `--name=value`, `--name value`, and the short options of known programs.
    CommandLine,
    /// A short option of a known program; the name is the option, or the user.
    Command,
    /// `Name: value` of a request, `Bearer value`.
    Header,
    /// `Basic …`: the value is base64 of `user:password`.
    BasicAuth,
    /// `scheme://user:value@host`; the name is the user, or the scheme where there is none.
    Url,
    /// `Password=value;` in a connection string, `password=value` beside `host=…`.
    ConnectionString,
    /// `?name=value` and `&name=value`.
    Query,
    /// The second argument of a call that takes a user and a password; the name is the user, or the call.
    Login,
    /// `IDENTIFIED BY 'value'`, `PASSWORD 'value'`.
    Sql,
    /// `ConvertTo-SecureString "value"`.
    SecureString,
    /// The private member of a JSON web key.
    Jwk,
}

impl Place {
    /// As the judge of values knows places.
    pub(crate) fn kind(self) -> PlaceKind {
        match self {
            Place::Assignment | Place::Comparison | Place::Argument => PlaceKind::Assignment,
            Place::Json
            | Place::Yaml
            | Place::Properties
            | Place::Note
            | Place::XmlElement
            | Place::XmlAttribute
            | Place::Dockerfile
            | Place::Shell
            | Place::ConnectionString => PlaceKind::Config,
            Place::List | Place::Bytes => PlaceKind::List,
            Place::CommandLine => PlaceKind::Option,
            Place::Header | Place::Jwk => PlaceKind::Header,
            Place::Query => PlaceKind::Query,
            Place::Url | Place::BasicAuth => PlaceKind::Url,
            // the place says that it is a password, whatever the name
            Place::Command | Place::Login | Place::Sql | Place::SecureString => PlaceKind::Sql,
        }
    }
}

/// What stands around a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Quote {
    /// Nothing.
    None,
    /// `"`.
    Double,
    /// `'`.
    Single,
    /// `` ` ``.
    Back,
    /// `"""` or `'''`.
    Triple,
    /// A quote behind backslashes, or as `\u0022`: the text is itself inside a string.
    Escaped,
    /// `&quot;`, `&#34;` and the like.
    Entity,
    /// `%22`.
    Percent,
}

/// A name and its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pair {
    /// The whole name as written, dots included; not empty.
    pub(crate) name: Span,
    /// What stands inside the quotes; not empty, at most [`MAX_VALUE`] bytes. It follows the name, except in
    /// [`Place::Jwk`].
    pub(crate) value: Span,
    /// Where it stands.
    pub(crate) place: Place,
    /// How it is quoted.
    pub(crate) quote: Quote,
}

impl Pair {
    /// The bytes from the first to the last of name and value.
    pub(crate) fn whole(&self) -> Span {
        Span::new(self.name.start.min(self.value.start), self.name.end.max(self.value.end))
    }
}

/// The longest name, in bytes.
const MAX_NAME: usize = 128;
/// The longest value inside quotes, in bytes.
pub(crate) const MAX_VALUE: usize = 4096;
/// The longest value without quotes, in bytes.
const MAX_BARE: usize = 512;
/// Pairs that are read inside one value without quotes, such as a URL with a query.
const MAX_NESTED: u8 = 8;
/// Elements of a list that are read.
const MAX_ELEMENTS: usize = 64;

/// How far the readers have come in a text; what keeps them linear.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Names that end here or before have been read.
    names: usize,
    /// By kind of quote: no closing one stands in these bytes.
    unclosed: [Span; SLOTS],
    /// The end of the last value without quotes, and how many pairs began before it.
    bare: (usize, u8),
    /// The end of the last list.
    list: usize,
    /// No tag begins up to here.
    element: usize,
    /// By reader other than the first: the text up to here has been looked through.
    passed: [usize; Reader::NAMES.len()],
    pairs: Vec<Pair>,
    /// Bytes that were looked at, but for a few at each keyword.
    pub(crate) steps: u64,
    /// Whether what was found out at an earlier keyword spared a look.
    pub(crate) jumped: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Reading {
            names: 0,
            unclosed: [Span::new(0, 0); SLOTS],
            bare: (0, 0),
            list: 0,
            element: 0,
            passed: [0; Reader::NAMES.len()],
            pairs: Vec::new(),
            steps: 0,
            jumped: false,
        }
    }
}

impl Reading {
    /// The pairs at a keyword that stands at `hit` in `text`, in the order of their values. Hits of one text come
    /// in the order of their ends; `kind` is that of the file.
    #[inline]
    pub(crate) fn read(&mut self, reader: Reader, text: &[u8], hit: Span, kind: Kind) -> &[Pair] {
        self.pairs.clear();
        match reader {
            Reader::Assignment => name::read(self, text, hit, kind),
            Reader::Url => url::read(self, text, hit),
            Reader::Header => header::read(self, text, hit),
            Reader::Command => command::read(self, text, hit),
            Reader::Login => login::read(self, text, hit),
            Reader::Sql => statement::read(self, text, hit),
            Reader::SecureString => statement::secure_string(self, text, hit),
            Reader::Jwk => jwk::read(self, text, hit),
        }
        &self.pairs
    }

    fn push(&mut self, pair: Pair) {
        if pair.name.start < pair.name.end && pair.value.start < pair.value.end {
            self.pairs.push(pair);
        }
    }

    /// Whether `reader` has looked through the text at `at` before.
    fn is_passed(&self, reader: Reader, at: usize) -> bool {
        self.passed.get(reader as usize).is_some_and(|&passed| at < passed)
    }

    /// `reader` has looked through the text up to `to`.
    fn pass(&mut self, reader: Reader, to: usize) {
        if let Some(passed) = self.passed.get_mut(reader as usize) {
            *passed = to;
        }
    }

    #[inline]
    fn spend(&mut self, bytes: usize) {
        self.steps += bytes as u64;
    }
}
