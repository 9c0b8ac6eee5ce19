//! Analyses the built-in secret rules (`patterns/*.toml`) and lays them out as read-only data, so that a run
//! starts without reading, compiling or allocating anything for them.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "how a build script speaks")]

use compile::CompileError;
use compile::automaton::Automaton;
use compile::ids::Ids;
use compile::named::Provider;
use compile::plan::Catalogue;
use compile::rows::Rows;
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
    let mut rules = read_rules(Path::new("patterns"))?;
    let providers = read_providers(Path::new("patterns/dictionary/providers.toml"))?;
    for provider in &providers {
        let Some(rule) = provider.rule()? else { continue };
        if rules.iter().any(|r| r.id == rule.id) {
            return Err(format!("the id `{}` is taken by a rule file", rule.id));
        }
        rules.push(rule);
    }
    let ids = read_ids(Path::new("patterns/dictionary/gitleaks-ids.toml"), &rules)?;
    let catalogue = compile::plan::catalogue(&rules).map_err(|e| format!("patterns: {}\n{}", e.message, e.help))?;
    let folder = env::var("OUT_DIR").map_err(|e| format!("OUT_DIR: {e}"))?;
    let write = |name: &str, data: &[u8]| {
        fs::write(Path::new(&folder).join(name), data).map_err(|e| format!("{folder}/{name}: {e}"))
    };
    write("automaton.bin", catalogue.automaton.table.as_flattened())?;
    write("text.txt", catalogue.rules.text.as_bytes())?;
    write("builtin.rs", source(&catalogue).as_bytes())?;
    let (words, names) = dictionary(&providers)?;
    write("gitleaks-aliases.txt", ids.aliases.as_bytes())?;
    write("gitleaks-more.txt", ids.more.as_bytes())?;
    write("providers.txt", words.as_bytes())?;
    write("providers.rs", names.as_bytes())
}

/// The lines of the dictionary of providers.
fn read_providers(path: &Path) -> Result<Vec<Provider>, String> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|e| format!("{name}: {e}"))?;
    compile::named::read(&text).map_err(|e| {
        let (line, column) = e.line_column(&text);
        format!("{name}:{line}:{column}: {}\n{}", e.message, e.help)
    })
}

/// What gitleaks calls the rules.
fn read_ids(path: &Path, rules: &[RawRule]) -> Result<Ids, String> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|e| format!("{name}: {e}"))?;
    compile::ids::read(&text, |id| rules.iter().any(|rule| rule.id == id)).map_err(|e| {
        let (line, column) = e.line_column(&text);
        format!("{name}:{line}:{column}: {}", e.message)
    })
}

/// The words of the dictionary in one text, and as the source of a sorted table of places in it.
fn dictionary(providers: &[Provider]) -> Result<(String, String), String> {
    let mut words: Vec<(String, &str, bool)> = Vec::new();
    for Provider { slug, words: own, common, .. } in providers {
        words.extend(own.iter().map(|word| (word.replace('-', ""), &**slug, *common)));
    }
    words.sort();
    words.dedup();
    if let Some(pair) = words.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(format!("the word `{}` names both {} and {}", pair[0].0, pair[0].1, pair[1].1));
    }
    let (mut text, mut rows) = (String::new(), Vec::new());
    for (word, slug, common) in words {
        let (at, of) = (text.len(), text.len() + word.len());
        rows.push(format!(
            "Word {{ at: {at}, len: {}, of: {of}, slug: {}, common: {common} }}",
            word.len(),
            slug.len()
        ));
        text.push_str(&word);
        text.push_str(slug);
    }
    let source = format!("static WORDS: [Word; {}] = [\n{},\n];\n", rows.len(), rows.join(",\n"));
    Ok((text, source))
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

/// The tables as Rust source; all of it constant and without a pointer, so that it ends up in read-only data.
fn source(catalogue: &Catalogue) -> String {
    let mut out = String::from("// made by build.rs from patterns/*.toml\n");
    let Rows { rows, texts, allows, validators, .. } = &catalogue.rules;
    array(&mut out, "ROWS", "Row", rows);
    array(&mut out, "TEXTS", "Text", texts);
    array(&mut out, "ALLOWS", "AllowRow", allows);
    array(&mut out, "VALIDATORS", "Validator", validators);
    array(&mut out, "AHEAD", "Ahead", &catalogue.ahead);
    array(&mut out, "ALWAYS", "u16", &catalogue.always);
    array(&mut out, "STEPS", "Step", &catalogue.steps);
    array(&mut out, "SETS", "Set", &catalogue.sets);
    array(&mut out, "BYTES", "u8", &catalogue.bytes);
    array(&mut out, "SPLITS", "u16", &catalogue.splits);
    let automaton = &catalogue.automaton;
    array(&mut out, "STARTS", "u32", &automaton.starts);
    array(&mut out, "HITS", "Hit", &automaton.hits);
    let Automaton { classes, width, first_match, longest, .. } = automaton;
    let _ = write!(
        out,
        r#"/// The table begins where a line of the processor's cache does.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);
static ALIGNED: &Aligned<[u8]> = &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/automaton.bin")));
static TABLE: &[[u8; 4]] = ALIGNED.0.as_chunks::<4>().0;
static TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/text.txt"));
/// The built-in rules.
pub(crate) static BUILTIN: RuleSet = RuleSet::new(Catalogue {{
    automaton: Automaton {{
        classes: {classes:?},
        width: {width},
        table: Cow::Borrowed(TABLE),
        first_match: {first_match},
        starts: Cow::Borrowed(&STARTS),
        hits: Cow::Borrowed(&HITS),
        longest: {longest},
    }},
    rules: Rows {{
        rows: Cow::Borrowed(&ROWS),
        text: Cow::Borrowed(TEXT),
        texts: Cow::Borrowed(&TEXTS),
        allows: Cow::Borrowed(&ALLOWS),
        validators: Cow::Borrowed(&VALIDATORS),
    }},
    ahead: Cow::Borrowed(&AHEAD),
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

/// A static array. Its items' debug form is Rust, given that the including module imports the enums' variants.
fn array<T: std::fmt::Debug>(out: &mut String, name: &str, of: &str, items: &[T]) {
    let _ = writeln!(out, "static {name}: [{of}; {}] = [", items.len());
    for item in items {
        let _ = writeln!(out, "{item:?},");
    }
    out.push_str("];\n");
}
