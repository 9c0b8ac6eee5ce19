//! The command line: arguments to a request, a request to an exit code. One file a verb.

pub mod args;
pub mod check;
pub mod context;
mod discover;
pub mod exceptions;
pub mod failure;
mod files;
pub mod gitleaks;
pub mod hook;
pub mod install;
mod plain;
pub mod plumbing;
pub mod policy;
mod progress;
pub mod receive;
pub mod rules;
pub mod verify;

use crate::outcome::Exit;
use crate::report;
use args::{BaselineVerb, Cli, PlumbingVerb, PolicyVerb, Verb, When};
use clap::Parser;
use failure::Failure;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};

/// Runs the program with these arguments, the program's name first; the exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let verb = match plain::verb(&args).map_or_else(|| Cli::try_parse_from(args).map(|cli| cli.verb), Ok) {
        Ok(verb) => verb,
        Err(error) => {
            // --help and --version come this way too
            let exit = if error.use_stderr() { Exit::Unchecked } else { Exit::Clean };
            let _ = error.print();
            return exit as u8;
        }
    };
    if let Verb::Gitleaks { args } = &verb {
        return gitleaks::main(args);
    }
    let is_push = matches!(&verb, Verb::PreReceive(_))
        || matches!(&verb, Verb::Hook(h) if matches!(h.name.as_str(), "pre-receive" | "update"));
    match run(&verb) {
        Ok(exit) => exit as u8,
        Err(failure) => {
            complain(&failure, is_push);
            Exit::Unchecked as u8
        }
    }
}

fn run(verb: &Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Check(args) => check::check(args),
        Verb::Scan(args) => check::scan(args),
        Verb::Lint(args) => check::lint(args),
        Verb::Verify(args) => verify::verify(args),
        Verb::Hook(args) => hook::hook(args),
        Verb::PreReceive(common) => receive::pre_receive(common),
        Verb::Install(args) => install::install(args),
        Verb::Uninstall(args) => install::uninstall(args),
        Verb::Policy(PolicyVerb::Show(args)) => policy::show(args),
        Verb::Policy(PolicyVerb::Check(args)) => policy::check(args),
        Verb::Rules(verb) => rules::rules(verb),
        Verb::Explain { rule } => rules::explain(rule),
        Verb::Allow(args) => exceptions::allow(args),
        Verb::Baseline(BaselineVerb::Write(common)) => exceptions::write_baseline(common),
        Verb::Baseline(BaselineVerb::Prune(common)) => exceptions::prune(common),
        // has exit codes of its own, and went its way already
        Verb::Gitleaks { .. } => Ok(Exit::Unchecked),
        Verb::Plumbing(PlumbingVerb::Staged) => {
            let repo = crate::git::open(std::path::Path::new("."))?;
            let mut list = Vec::new();
            plumbing::staged(repo.as_ref(), &mut list)?;
            context::emit(|out| out.write_all(&list))?;
            Ok(Exit::Clean)
        }
    }
}

/// Says on standard error why nothing could be checked.
fn complain(failure: &Failure, is_push: bool) {
    let mut err = std::io::stderr().lock();
    let text = if is_push {
        // the other end of the wire is a terminal that is not known
        let mut text = Vec::new();
        let _ = receive::write_failure(failure, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    } else {
        let style = context::style(When::Auto, err.is_terminal());
        report::diagnostic(failure.diagnostic(), style)
    };
    // there is nowhere left to say that this failed
    let _ = err.write_all(text.as_bytes());
}
