//! `gitward rules` and `gitward explain`.

use super::args::{Common, RulesVerb};
use super::context::{Context, emit};
use super::failure::{BadRules, Failure};
use super::files::read_file;
use crate::finding::Confidence;
use crate::guard::Guard;
use crate::guards::secrets::{Expected, Secrets};
use crate::outcome::Exit;
use crate::policy::{Policy, RuleSource};
use crate::rule::{RuleMeta, called, did_you_mean};
use crate::suppress;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Lists rules, or checks rule files.
///
/// # Errors
/// A policy or rule file that cannot be read.
pub fn rules(verb: &RulesVerb) -> Result<Exit, Failure> {
    match verb {
        RulesVerb::List { json } => list(*json),
        RulesVerb::Check { files } => {
            for file in files {
                let bytes = read_file(file).map_err(|e| Failure::unreadable("rule file", file, &e))?;
                let not_text = || Failure::usage(format!("the rule file {} is not UTF-8 text", file.display()), "");
                let text = String::from_utf8(bytes).map_err(|_| not_text())?;
                check_file(&file.display().to_string(), text.into())?;
            }
            Ok(Exit::Clean)
        }
        RulesVerb::Profile { files } => profile(files),
    }
}

/// Prints what each rule costs on these files, dearest first.
fn profile(files: &[PathBuf]) -> Result<Exit, Failure> {
    let context = Context::anywhere(&Common::default())?;
    let guard = Secrets::new(&context.policy).map_err(|e| Failure::usage(e.to_string(), ""))?;
    let mut costs: BTreeMap<String, (u64, u128)> = BTreeMap::new();
    let mut bytes = 0;
    for file in files {
        let text = read_file(file).map_err(|e| Failure::unreadable("file", file, &e))?;
        bytes += text.len();
        for (rule, looks, nanos) in guard.profile(&text)? {
            let cost = costs.entry(rule).or_default();
            *cost = (cost.0 + looks, cost.1 + nanos);
        }
    }
    let mut costs: Vec<_> = costs.into_iter().collect();
    costs.sort_by_key(|(_, (_, nanos))| Reverse(*nanos));
    emit(|out| {
        writeln!(out, "{:>10}  {:>12}  rule, over {bytes} bytes", "looks", "nanoseconds")?;
        costs.iter().try_for_each(|(rule, (looks, nanos))| writeln!(out, "{looks:>10}  {nanos:>12}  {rule}"))
    })?;
    Ok(Exit::Clean)
}

/// Runs the examples of a rule file through the whole guard.
fn check_file(name: &str, text: Arc<str>) -> Result<(), Failure> {
    let bad = |error| Failure::new(BadRules::new(error, Arc::clone(&text)));
    let mut policy = Policy::default();
    policy.secrets.min_confidence.value = Confidence::Low;
    policy.secrets.rules.value = vec![RuleSource::File { name: name.to_owned(), text: Arc::clone(&text) }];
    let guard = Secrets::new(&policy).map_err(bad)?;
    let failures = guard.check_examples()?;
    if let Some(first) = failures.first() {
        let wanted = match first.expected {
            Expected::Finding => "should be found",
            Expected::Nothing => "should not be found",
        };
        let message = format!(
            "{name}: {} of the examples are not as they say; the first: {:?} of {} {wanted}, and found is {}",
            failures.len(),
            first.example,
            first.rule,
            first.found
        );
        return Err(Failure::usage(message, "mend the regex or the example"));
    }
    emit(|out| writeln!(out, "{}: {} rules, every example as it says", crate::report::plain(name), guard.rules().len()))
}

fn list(json: bool) -> Result<Exit, Failure> {
    let context = Context::anywhere(&Common::default())?;
    let guards = context.guards()?;
    let rules: Vec<RuleMeta<'_>> = guards.iter().flat_map(|g| g.rules()).chain(suppress::unused::RULES).collect();
    emit(|out| {
        if json {
            let items: Vec<_> = rules
                .iter()
                .map(|r| {
                    serde_json::json!({
                        "id": r.id, "aliases": r.aliases, "guard": r.guard.name(), "level": r.level.name(), "summary": r.summary,
                    })
                })
                .collect();
            return writeln!(out, "{:#}", serde_json::Value::Array(items));
        }
        for r in &rules {
            let id =
                if r.aliases.is_empty() { r.id.to_owned() } else { format!("{} ({})", r.id, r.aliases.join(", ")) };
            let line = format!("{:<10}  {:<5}  {id}: {}", r.guard.name(), r.level.name(), r.summary);
            writeln!(out, "{}", crate::report::plain(&line))?;
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}

/// Prints all that is known about a rule.
///
/// # Errors
/// A name that no rule has.
pub fn explain(name: &str) -> Result<Exit, Failure> {
    let context = Context::anywhere(&Common::default())?;
    let guards = context.guards()?;
    let rules: Vec<RuleMeta<'_>> = guards.iter().flat_map(|g| g.rules()).chain(suppress::unused::RULES).collect();
    let meant: Vec<&RuleMeta<'_>> = called(&rules, name).collect();
    if meant.is_empty() {
        let names = rules.iter().flat_map(|r| std::iter::once(r.id).chain(r.aliases.iter().copied()));
        let help = match did_you_mean(name, names) {
            Some(other) => format!("did you mean {other:?}?"),
            None => "`gitward rules list` lists all rules".to_owned(),
        };
        return Err(Failure::usage(format!("no rule is called {name:?}"), help));
    }
    let text = meant.into_iter().map(explanation).collect::<Vec<_>>().join("\n");
    emit(|out| text.lines().try_for_each(|line| writeln!(out, "{}", crate::report::plain(line))))?;
    Ok(Exit::Clean)
}

fn explanation(rule: &RuleMeta<'_>) -> String {
    let mut text = format!("{}: {}\n", rule.id, rule.summary);
    text.push_str(&format!(
        "guard {}, level {} unless a policy says otherwise\n",
        rule.guard.name(),
        rule.level.name()
    ));
    if !rule.aliases.is_empty() {
        text.push_str(&format!("also called {}\n", rule.aliases.join(", ")));
    }
    if !rule.docs.is_empty() {
        text.push_str(&format!("\n{}\n", rule.docs.trim()));
    }
    for (title, examples) in [("Found", rule.bad), ("Not found", rule.good)] {
        if !examples.is_empty() {
            text.push_str(&format!("\n{title}:\n"));
            for example in examples {
                for line in example.lines() {
                    text.push_str(&format!("    {line}\n"));
                }
            }
        }
    }
    text
}
