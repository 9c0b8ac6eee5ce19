//! Analyses the built-in secret rules (`patterns/*.toml`) and lays them out as read-only data, so that a run
//! starts without reading, compiling or allocating anything for them.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "how a build script speaks")]

use compile::CompileError;
use compile::automaton::Automaton;
use compile::plan::{Allow, Catalogue, List, Rule, Search, Str};
use compile::schema::RawRule;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

#[allow(dead_code, reason = "the library uses the rest of it")]
#[path = "src/guards/secrets/compile/mod.rs"]
mod compile;

fn main() -> ExitCode {
    for path in ["build.rs", "patterns", "src/guards/secrets/compile"] {
        println!("cargo::rerun-if-changed={path}");
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let rules = read_rules(Path::new("patterns"))?;
    let catalogue = compile::plan::catalogue(&rules).map_err(|e| format!("patterns: {}\n{}", e.message, e.help))?;
    let folder = env::var("OUT_DIR").map_err(|e| format!("OUT_DIR: {e}"))?;
    let write = |name: &str, data: &[u8]| {
        fs::write(Path::new(&folder).join(name), data).map_err(|e| format!("{folder}/{name}: {e}"))
    };
    write("automaton.bin", catalogue.automaton.table.as_flattened())?;
    write("builtin.rs", source(&catalogue, &rules).as_bytes())
}

/// Every rule of the folder, sorted by file name; each checked by itself so that errors name their file.
fn read_rules(folder: &Path) -> Result<Vec<RawRule>, String> {
    let list = |e: io::Error| format!("{}: {e}", folder.display());
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(list)?.collect();
    let mut paths: Vec<_> = entries.map_err(list)?.into_iter().map(|e| e.path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let mut rules: Vec<RawRule> = Vec::new();
    for path in paths {
        let name = path.display();
        let text = fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
        let wrong = |e: &CompileError| {
            let (line, column) = e.line_column(&text);
            format!("{name}:{line}:{column}: {}\n{}", e.message, e.help)
        };
        for mut rule in compile::schema::read(&text).map_err(|e| wrong(&e))?.rules {
            let here = |message: &str| wrong(&CompileError::new(rule.regex_span.clone(), message));
            compile::plan::parse_rule(&rule).map_err(|e| wrong(&e))?;
            if rules.iter().any(|r| r.id == rule.id) {
                return Err(here(&format!("the id `{}` is taken by another file", rule.id)));
            }
            if rule.id.bytes().any(|b| !(b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')) {
                return Err(here(&format!("the id `{}` may hold a-z, 0-9 and `-` alone", rule.id)));
            }
            if rule.matches.is_empty() || rule.ignores.is_empty() {
                return Err(here(&format!("`{}` needs examples: `matches` and `ignores`", rule.id)));
            }
            if rule.provider.is_empty() {
                rule.provider = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

/// The tables as Rust source; all of it constant, so that it ends up in read-only data.
fn source(catalogue: &Catalogue, raw: &[RawRule]) -> String {
    let mut out = String::from("// made by build.rs from patterns/*.toml\n");
    let mut rules = String::new();
    for (n, (rule, raw)) in catalogue.rules.iter().zip(raw).enumerate() {
        rules.push_str(&rule_source(&mut out, n, rule, raw));
    }
    array(&mut out, "RULES", "Rule", &[rules.as_str()], catalogue.rules.len());
    let steps: Vec<String> = catalogue
        .steps
        .iter()
        .map(|s| format!("{s:?},\n").replace("op: ", "op: Op::").replace("look: ", "look: Look::"))
        .collect();
    array(&mut out, "ALWAYS", "u16", &debug(&catalogue.always), catalogue.always.len());
    array(&mut out, "STEPS", "Step", &steps, catalogue.steps.len());
    array(&mut out, "SETS", "Set", &debug(&catalogue.sets), catalogue.sets.len());
    array(&mut out, "BYTES", "u8", &debug(&catalogue.bytes), catalogue.bytes.len());
    array(&mut out, "SPLITS", "u16", &debug(&catalogue.splits), catalogue.splits.len());
    let automaton = &catalogue.automaton;
    array(&mut out, "STARTS", "u32", &debug(&automaton.starts), automaton.starts.len());
    array(&mut out, "HITS", "Hit", &debug(&automaton.hits), automaton.hits.len());
    let Automaton { classes, shift, first_match, longest, .. } = automaton;
    let _ = write!(
        out,
        r#"static TABLE: &[[u8; 2]] = include_bytes!(concat!(env!("OUT_DIR"), "/automaton.bin")).as_chunks::<2>().0;
/// The built-in rules.
pub(crate) static BUILTIN: RuleSet = RuleSet::new(Catalogue {{
    automaton: Automaton {{
        classes: {classes:?},
        shift: {shift},
        table: Cow::Borrowed(TABLE),
        first_match: {first_match},
        starts: Cow::Borrowed(&STARTS),
        hits: Cow::Borrowed(&HITS),
        longest: {longest},
    }},
    rules: Cow::Borrowed(&RULES),
    always: Cow::Borrowed(&ALWAYS),
    steps: Cow::Borrowed(&STEPS),
    sets: Cow::Borrowed(&SETS),
    bytes: Cow::Borrowed(&BYTES),
    splits: Cow::Borrowed(&SPLITS),
}});
"#
    );
    out
}

fn debug<T: std::fmt::Debug>(items: &[T]) -> Vec<String> {
    items.iter().map(|item| format!("{item:?},\n")).collect()
}

fn array<S: AsRef<str>>(out: &mut String, name: &str, of: &str, items: &[S], len: usize) {
    let _ = writeln!(out, "static {name}: [{of}; {len}] = [");
    items.iter().for_each(|item| out.push_str(item.as_ref()));
    out.push_str("];\n");
}

fn text(text: &Str) -> String {
    format!("Cow::Borrowed({text:?})")
}

/// A list of texts as a static of its own; returns the expression that borrows it.
fn texts(out: &mut String, name: &str, list: &List<Str>) -> String {
    if list.is_empty() {
        return "Cow::Borrowed(&[])".to_owned();
    }
    let items: Vec<String> = list.iter().map(|s| text(s) + ",").collect();
    array(out, name, "Str", &items, list.len());
    format!("Cow::Borrowed(&{name})")
}

fn rule_source(out: &mut String, n: usize, rule: &Rule, raw: &RawRule) -> String {
    let mut allows = Vec::new();
    for (m, Allow { all, target, regexes, stopwords, paths }) in rule.allow.iter().enumerate() {
        let regexes = texts(out, &format!("ALLOW_REGEXES_{n}_{m}"), regexes);
        let stopwords = texts(out, &format!("ALLOW_WORDS_{n}_{m}"), stopwords);
        let paths = texts(out, &format!("ALLOW_PATHS_{n}_{m}"), paths);
        allows.push(format!(
            "Allow {{ all: {all}, target: Target::{target:?}, regexes: {regexes}, stopwords: {stopwords}, paths: {paths} }},"
        ));
    }
    let allow = if allows.is_empty() {
        "Cow::Borrowed(&[])".to_owned()
    } else {
        array(out, &format!("ALLOW_{n}"), "Allow", &allows, allows.len());
        format!("Cow::Borrowed(&ALLOW_{n})")
    };
    let gate = texts(out, &format!("GATE_{n}"), &rule.gate);
    let validate: String = rule.validate.iter().map(|v| format!("Validator::{v:?},")).collect();
    let checksum = rule.checksum.map_or("None".to_owned(), |c| format!("Some(Checksum::{c:?})"));
    let paths = rule.paths.as_ref().map_or("None".to_owned(), |p| format!("Some({})", text(p)));
    format!(
        "Rule {{ id: {id}, provider: {provider}, description: {description}, regex: {regex}, secret_group: {group}, \
         groups: {groups}, entropy: {entropy:?}, level: {level:?}, confidence: {confidence:?}, \
         specificity: {specificity}, checksum: {checksum}, validate: Cow::Borrowed(&[{validate}]), least: {least:?}, \
         allow: {allow}, paths: {paths}, revoke: {revoke}, matches: &{matches:?}, ignores: &{ignores:?}, \
         gate: {gate}, base: {base}, search: Search::{search} }},\n",
        id = text(&rule.id),
        provider = text(&rule.provider),
        description = text(&rule.description),
        regex = text(&rule.regex),
        group = rule.secret_group,
        groups = rule.groups,
        entropy = rule.entropy,
        level = rule.level,
        confidence = rule.confidence,
        specificity = rule.specificity,
        least = rule.least,
        revoke = text(&rule.revoke),
        matches = raw.matches,
        ignores = raw.ignores,
        base = rule.base,
        search = match rule.search {
            Search::Reader(reader) => format!("Reader(Reader::{reader:?})"),
            other => format!("{other:?}"),
        },
    )
}
