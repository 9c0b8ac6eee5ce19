//! One policy file as a list of settings, each with its place.

use super::datum::{Datum, clip, quote};
use super::entries::Fields;
use super::error::Problem;
use super::keyname::{self, KeyName};
use super::keys::{self, Key, Kind, List, ROOT, Table};
use super::load::PolicySource;
use super::read::{MAX_FAULTS, Reader, Value, span_of};
use super::rulebook::RuleBook;
use super::wording::unknown_key;
use super::{Allow, Layer, RequiredHook, SetBy, Signer};
use crate::finding::{GuardId, Level, Span};
use crate::rule::did_you_mean;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// Bytes of a policy file that are read.
pub(super) const MAX_FILE: usize = 1 << 20;

/// What a file says.
#[derive(Default)]
pub(super) struct Document {
    /// Its version of a built-in policy, with its place.
    pub(super) extends: Option<super::Value<&'static str>>,
    /// What holds everywhere.
    pub(super) body: Body,
    /// `[[repo]]`, in order.
    pub(super) blocks: Vec<Block>,
    /// `locked`
    pub(super) locked: Vec<KeyName>,
    /// `open`
    pub(super) open: Vec<KeyName>,
}

/// Settings, in the order of the file.
#[derive(Default)]
pub(super) struct Body {
    pub(super) settings: Vec<Entry>,
    pub(super) levels: Vec<LevelEntry>,
    pub(super) signers: Vec<super::Value<Signer>>,
    pub(super) hooks: Vec<super::Value<RequiredHook>>,
    pub(super) allow: Vec<AllowEntry>,
}

/// A key and its value.
pub(super) struct Entry {
    pub(super) key: &'static Key,
    /// `images.pin`
    pub(super) path: String,
    /// Whose section it is in; `Run` outside of all.
    pub(super) guard: GuardId,
    pub(super) datum: Datum,
    pub(super) by: SetBy,
}

/// A rule and its level.
#[derive(Clone)]
pub(super) struct LevelEntry {
    pub(super) guard: GuardId,
    /// As written; the rule's id once the file is resolved.
    pub(super) id: String,
    /// The rule's level without any policy.
    pub(super) built_in: Level,
    pub(super) level: Level,
    pub(super) by: SetBy,
    pub(super) name: Span,
}

/// An exception, and where it names its rule.
pub(super) struct AllowEntry {
    pub(super) allow: Allow,
    pub(super) by: SetBy,
    pub(super) rule: Span,
}

/// `[[repo]]`
pub(super) struct Block {
    pub(super) remote: Option<Vec<String>>,
    pub(super) not_remote: Vec<String>,
    pub(super) body: Body,
}

/// Where in the file a table stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    /// The names of the tables around, each with a dot behind.
    prefix: &'p str,
    guard: GuardId,
}

const TOP: Place<'static> = Place { prefix: "", guard: GuardId::Run };

/// Reads a file. What is wrong with it is added to `problems`, in the order of the lines, and what is left
/// of the document is then of no use.
pub(super) fn read<'a>(
    source: &'a PolicySource<'a>,
    text: &Arc<str>,
    layer: Layer,
    by: SetBy,
    rules: &mut RuleBook<'_>,
    problems: &mut Vec<Problem>,
) -> Document {
    let mut walk = Walk {
        reader: Reader { source, text: Arc::clone(text), layer, by, problems: Vec::new() },
        document: Document::default(),
    };
    if text.len() > MAX_FILE {
        let message = format!("the policy has {} bytes; {MAX_FILE} are the most", text.len());
        problems.push(Problem::whole("policy::too_large", &source.name, message));
        return walk.document;
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        walk.root(table.get_ref());
        walk.resolve(rules);
    } else {
        // what was recovered is not what was meant: faults found in it would mislead
        let mut faults: Vec<_> = errors.iter().take(MAX_FAULTS).map(|e| syntax(&walk.reader, e)).collect();
        // the header of a table can be found at fault when it begins and when it ends
        faults.dedup_by(|a, b| a.position == b.position && a.message == b.message);
        walk.reader.problems.extend(faults);
    }
    walk.reader.problems.sort_by_key(|p| p.position.as_ref().map(|at| at.span));
    problems.append(&mut walk.reader.problems);
    walk.document
}

fn syntax(reader: &Reader<'_>, error: &toml::de::Error) -> Problem {
    let end = reader.text.len();
    let span = error.span().map_or(Span::new(end, end), |s| Span::new(s.start, s.end));
    let problem = reader.fault("policy::syntax", span, format!("not valid TOML: {}", error.message()));
    let line = problem.position.as_ref().map(|p| p.snippet.text.trim_ascii().to_vec()).unwrap_or_default();
    let help = match error.message() {
        _ if line.starts_with(b"[secrets.rules.") => {
            "`rules` of [secrets] is already the list of rule sources: write [secrets.rule.ID] for the level of a rule"
        }
        m if m.starts_with("duplicate key") => "a key or table stands once in a file: put both in one place",
        m if m.starts_with("string values must be quoted") || m.starts_with("invalid boolean") => {
            "write text in quotes, true and false without"
        }
        m if m.starts_with("invalid unquoted key") => "write a key with other characters in quotes",
        _ => return problem,
    };
    problem.help(help)
}

/// The walk through one file.
pub(super) struct Walk<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) document: Document,
}

impl Walk<'_> {
    fn root(&mut self, table: &DeTable<'_>) {
        let mut body = Body::default();
        let mut fields = self.table(&ROOT, table, TOP, &mut body);
        self.document.body = body;
        if let Some((Datum::Word(preset), span)) = fields.take("extends") {
            self.document.extends = Some(super::Value::new(preset, self.reader.by(span)));
        }
    }

    /// Reads the keys of a table: settings, levels and lists go into `body`, all others are returned.
    fn table(&mut self, def: &'static Table, table: &DeTable<'_>, place: Place<'_>, body: &mut Body) -> Fields {
        let mut fields = Fields { values: Vec::new(), spoiled: false };
        for (name, value) in table.iter() {
            if self.reader.is_full() {
                fields.spoiled = true;
                break;
            }
            let Some(key) = self.key(def, place, name.get_ref(), span_of(name), value) else {
                fields.spoiled = true;
                continue;
            };
            let path = format!("{}{}", place.prefix, key.name);
            match key.kind {
                Kind::Section(inner) => {
                    let DeValue::Table(table) = value.get_ref() else {
                        fields.spoiled = true;
                        self.reader.mistyped::<()>(&path, key.kind, value);
                        continue;
                    };
                    let guard = GuardId::from_name(key.name).unwrap_or(place.guard);
                    let place = Place { prefix: &format!("{path}."), guard };
                    let mut deeper = self.table(inner, table, place, body);
                    fields.spoiled |= deeper.spoiled;
                    fields.values.append(&mut deeper.values);
                }
                Kind::Levels => self.levels(place.guard, &path, value, body),
                Kind::List(list) => self.list(list, &path, value, body),
                Kind::KeyNames => self.key_names(key, &path, value),
                _ => {
                    let Some(datum) = self.reader.datum(key, &path, value) else {
                        fields.spoiled = true;
                        continue;
                    };
                    let span = span_of(value);
                    if key.setting.is_some() {
                        let by = self.reader.by(span);
                        body.settings.push(Entry { key, path, guard: place.guard, datum, by });
                    } else {
                        fields.values.push((key.name, datum, span));
                    }
                }
            }
        }
        fields
    }

    /// The key of that name, or `None` with a fault noted.
    fn key(
        &mut self,
        def: &'static Table,
        place: Place<'_>,
        name: &str,
        at: Span,
        value: &Value<'_>,
    ) -> Option<&'static Key> {
        // `rules` for `rule`, except where it is the list of rule sources
        let levels = def.key("rule").filter(|k| matches!(k.kind, Kind::Levels));
        if name == "rules" && (place.guard != GuardId::Secrets || value.get_ref().is_table()) && levels.is_some() {
            return levels;
        }
        let Some(key) = def.key(name) else {
            let problem = unknown_key(&self.reader, def, name, at);
            self.reader.problems.push(problem);
            return None;
        };
        if key.org_only && self.reader.layer == Layer::Repo {
            let message = format!("`{name}` belongs in an organisation's policy");
            let help = "remove it: a repository's policy speaks of this repository alone";
            self.reader.problems.push(self.reader.fault("policy::misplaced", at, message).help(help));
            return None;
        }
        Some(key)
    }

    fn levels(&mut self, guard: GuardId, path: &str, value: &Value<'_>, body: &mut Body) {
        let DeValue::Table(rules) = value.get_ref() else {
            let message = format!("{path} takes a table of rules");
            let help = format!("write [{path}.ID] and level = \"warn\" under it");
            self.reader.problems.push(self.reader.fault("policy::type", span_of(value), message).help(help));
            return;
        };
        for (id, value) in rules.iter() {
            if self.reader.is_full() {
                return;
            }
            let path = format!("{path}.{}", clip(id.get_ref()).escape_debug());
            let (datum, span) = match value.get_ref() {
                DeValue::Table(table) => {
                    let prefix = format!("{path}.");
                    let mut fields = self.table(&keys::RULE, table, Place { prefix: &prefix, guard }, body);
                    match fields.take("level") {
                        Some(level) => level,
                        None => {
                            if !fields.spoiled {
                                self.missing(&path, "level", "level = \"warn\"", span_of(value));
                            }
                            continue;
                        }
                    }
                }
                _ => {
                    let Some(key) = keys::RULE.key("level") else { continue };
                    let Some(datum) = self.reader.datum(key, &path, value) else { continue };
                    (datum, span_of(value))
                }
            };
            if let Datum::Word(word) = datum
                && let Some(level) = Level::from_name(word)
            {
                let (id, name, by) = (id.get_ref().to_string(), span_of(id), self.reader.by(span));
                body.levels.push(LevelEntry { guard, id, built_in: Level::default(), level, by, name });
            }
        }
    }

    fn list(&mut self, list: List, path: &str, value: &Value<'_>, body: &mut Body) {
        let DeValue::Array(entries) = value.get_ref() else {
            let message = format!("{path} is a list of tables");
            let help = format!("write {} with two brackets on each side", list.table().name);
            self.reader.problems.push(self.reader.fault("policy::type", span_of(value), message).help(help));
            return;
        };
        if !self.reader.short_enough(path, entries, span_of(value)) {
            return;
        }
        for entry in entries {
            if self.reader.is_full() {
                return;
            }
            let DeValue::Table(table) = entry.get_ref() else {
                self.reader.mistyped::<()>(path, Kind::List(list), entry);
                continue;
            };
            let (at, by) = (span_of(entry), self.reader.by(span_of(entry)));
            let prefix = format!("{path}.");
            let place = Place { prefix: &prefix, guard: GuardId::Run };
            match list {
                List::Signer => {
                    let fields = self.table(list.table(), table, place, body);
                    body.signers.extend(self.signer(fields, path, at).map(|s| super::Value::new(s, by)));
                }
                List::Hook => {
                    let fields = self.table(list.table(), table, place, body);
                    body.hooks.extend(self.hook(fields, path, at).map(|h| super::Value::new(h, by)));
                }
                List::Allow => {
                    let fields = self.table(list.table(), table, place, body);
                    body.allow.extend(self.allow(fields, path, at));
                }
                // its values are those of the top level
                List::Repo => {
                    let mut body = Body::default();
                    let fields = self.table(list.table(), table, TOP, &mut body);
                    let block = self.block(fields, body, table.contains_key("match"), at);
                    self.document.blocks.extend(block);
                }
            }
        }
    }

    fn key_names(&mut self, key: &Key, path: &str, value: &Value<'_>) {
        let Some(Datum::Texts(names)) = self.reader.datum(key, path, value) else { return };
        let DeValue::Array(entries) = value.get_ref() else { return };
        for (name, entry) in names.iter().zip(entries) {
            let span = span_of(entry);
            let name = KeyName::new(name, self.reader.by(span), span);
            if !name.selects_any() && !self.reader.is_full() {
                let mut problem =
                    self.reader.fault("policy::value", span, format!("{path}: {} is no key", quote(&name.text)));
                let paths = keyname::paths();
                let tables = paths.iter().filter_map(|p| p.split_once('.')).map(|(table, _)| format!("{table}.*"));
                let candidates: Vec<String> = paths.iter().cloned().chain(tables).collect();
                if let Some(near) = did_you_mean(&name.text, candidates.iter().map(String::as_str)) {
                    problem = problem.help(format!("did you mean {}?", quote(near)));
                }
                let help = "name keys in full, such as \"images.pin\" or \"secrets.*\"";
                self.reader.problems.push(problem.help(help));
            }
            match key.name {
                "open" => self.document.open.push(name),
                _ => self.document.locked.push(name),
            }
        }
    }
}
