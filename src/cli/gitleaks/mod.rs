//! `gitward gitleaks …`: the command of gitleaks 8, so that a script or a hook changes one word. Its arguments,
//! its files and its reports; neither `.gitward.toml` nor our own suppressions have a say here.

mod archives;
mod args;
mod baseline;
mod binary;
mod config;
mod console;
mod files;
mod history;
mod ignore;
mod judge;
mod link;
mod message;
mod redact;

use super::context::{emit, write_atomically};
use super::failure::Failure;
use crate::git::{self, log};
use crate::guards::secrets::gitleaks::Config;
use crate::report::gitleaks::{self as report, Format, Rule};
use crate::suppress::GitleaksIgnore;
use args::{ArgsError, GitScope, Options, Parsed, Verb};
use baseline::Baseline;
use console::{Console, Severity};
use files::Own;
use judge::{Judge, Tally};
use link::{Platform, Site};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

/// The version of gitleaks that this follows.
const VERSION: &str = "8.30.1";
/// The exit code for an unknown flag.
const UNKNOWN_FLAG: u8 = 126;
/// The exit code for every other error.
const ERROR: u8 = 1;
/// The report path that means standard output.
const STDOUT: &str = "-";

/// Runs the command with the arguments behind `gitleaks`; the exit code, which `--exit-code` may choose.
pub fn main(args: &[OsString]) -> u8 {
    let asked = match args::parse(args) {
        Ok(Parsed::Scan(options)) => *options,
        Ok(Parsed::Help) => return print(include_str!("help.txt")),
        Ok(Parsed::Version) => return print(&format!("{VERSION}\n")),
        Err(error) => {
            Console::new("info").say(Severity::Fatal, &format!("{error}; `gitward gitleaks --help` lists all flags"));
            return if matches!(error, ArgsError::UnknownFlag(_)) { UNKNOWN_FLAG } else { ERROR };
        }
    };
    scan(&asked).unwrap_or_else(|failure| {
        super::complain(&failure, false);
        ERROR
    })
}

fn print(text: &str) -> u8 {
    if emit(|out| out.write_all(text.as_bytes())).is_ok() { 0 } else { ERROR }
}

fn scan(options: &Options) -> Result<u8, Failure> {
    let started = Instant::now();
    let console = Console::new(&options.log_level);
    for flag in &options.without_effect {
        console.say(Severity::Warn, &format!("{flag} has no effect here"));
    }
    let rules = config::load(options.config.as_deref(), &options.source)?;
    let own_file = rules.own_file;
    let mut config = rules.config;
    for notice in config.notices() {
        console.say(Severity::Warn, notice);
    }
    let report_format = report_format(options)?;
    // SARIF lists all rules, also those that --enable-rule leaves out
    let listed = if report_format == Some(Format::Sarif) { owned(&config) } else { Vec::new() };
    let judge = Judge {
        ignored: ignored(options, console)?,
        baseline: baseline(options, console),
        site: site(options)?,
        deadline: options.timeout.and_then(|limit| started.checked_add(limit)),
        options,
        rules: prepared(&mut config, options)?,
    };
    if let (Some(path), Some(_)) = (&options.report_path, report_format) {
        check_writable(path)?;
    }

    let own = [Some(own_file.as_path()), options.baseline.as_deref()];
    let tally = if options.verb == Verb::Git {
        // in commits files are named from the top, and a report has no business there
        let top = git::open(&options.source).ok().and_then(|repo| repo.layout().work_tree.clone());
        let own = top.map(|top| Own::new(own.into_iter().flatten()).below(&top));
        history::scan(&judge, &own.unwrap_or_default())?
    } else {
        let report = options.report_path.as_deref().filter(|path| *path != Path::new(STDOUT));
        files::scan(&judge, &Own::new(own.into_iter().chain([report]).flatten()))
    };

    if options.verbose {
        let text: String = tally.findings.iter().map(|f| console::describe(f, options.show)).collect();
        emit(|out| out.write_all(text.as_bytes()))?;
    }
    summarise(options, &tally, started, console);
    if let (Some(path), Some(format)) = (&options.report_path, report_format) {
        write_report(path, format, &tally, &listed)?;
    }
    Ok(match (tally.incomplete.is_empty(), tally.findings.is_empty()) {
        (false, _) => ERROR,
        (true, false) => options.exit_code,
        (true, true) => 0,
    })
}

/// The rules as the flags want them.
fn prepared<'c>(config: &'c mut Config, options: &Options) -> Result<&'c Config, Failure> {
    if !options.enable_rules.is_empty() {
        config.enable_only(&options.enable_rules).map_err(|id| {
            Failure::usage(format!("--enable-rule: there is no rule {id:?}"), "see the ids in the configuration")
        })?;
    }
    if options.ignore_allow {
        config.ignore_allow_comments();
    }
    config.max_target_megabytes(usize::try_from(options.max_target_megabytes).unwrap_or(usize::MAX));
    Ok(config)
}

fn ignored(options: &Options, console: Console) -> Result<GitleaksIgnore, Failure> {
    let source = (options.verb != Verb::Stdin).then_some(options.source.as_path());
    let ignored = ignore::load(&options.ignore_path, source)
        .map_err(|e| Failure::usage(format!("cannot read .gitleaksignore: {e}"), ""))?;
    for line in &ignored.invalid {
        console.say(Severity::Warn, &format!("no fingerprint, in .gitleaksignore: {line}"));
    }
    Ok(ignored)
}

/// The baseline. Without one more is reported, not less, so that a broken one is a remark.
fn baseline(options: &Options, console: Console) -> Baseline {
    let Some(path) = &options.baseline else { return Baseline::default() };
    Baseline::load(path).unwrap_or_else(|why| {
        console.say(Severity::Error, &format!("could not load the baseline: {why}"));
        Baseline::default()
    })
}

fn site(options: &Options) -> Result<Option<Site>, Failure> {
    if options.verb != Verb::Git || !matches!(options.scope, GitScope::History(_)) {
        return Ok(None);
    }
    let platform = Platform::from_name(&options.platform).ok_or_else(|| {
        let help = "there are github, gitlab, azuredevops, gitea, bitbucket, none";
        Failure::usage(format!("unknown platform {:?}", options.platform), help)
    })?;
    if platform == Platform::None {
        return Ok(None);
    }
    Ok(log::remote_address(&options.source).and_then(|remote| Site::new(platform, &remote)))
}

/// The report's format, where a report is asked for.
fn report_format(options: &Options) -> Result<Option<Format>, Failure> {
    let Some(path) = &options.report_path else { return Ok(None) };
    let name = options.report_format.trim();
    if options.report_template.is_some() || name.eq_ignore_ascii_case("template") {
        let help = "write JSON (--report-format json) and let a program for templates read it";
        return Err(Failure::usage("reports by Go templates are not supported", help));
    }
    let format = if name.is_empty() {
        let extension = path.extension().map(|e| e.to_string_lossy().into_owned());
        Format::from_extension(&extension.unwrap_or_default())
    } else {
        Format::from_name(name)
    };
    let unknown = || {
        let help = "give --report-format json, csv, junit or sarif";
        Failure::usage(format!("unknown report format {name:?} for {}", path.display()), help)
    };
    format.map(Some).ok_or_else(unknown)
}

/// Fails before the scan, not behind it.
fn check_writable(path: &Path) -> Result<(), Failure> {
    if path == Path::new(STDOUT) || is_special(path) {
        return Ok(());
    }
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let dir = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let test = if target.is_dir() {
        Err(std::io::ErrorKind::IsADirectory.into())
    } else {
        tempfile::Builder::new().prefix(".gitward").tempfile_in(dir).map(drop)
    };
    test.map_err(|e| unwritable(path, &e))
}

/// A pipe or a device, which is written to and not replaced.
fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot write the report {}: {error}", path.display()), "")
}

/// The ids and descriptions of all rules.
fn owned(config: &Config) -> Vec<(String, String)> {
    config.rules().into_iter().map(|(id, description)| (id.to_owned(), description.to_owned())).collect()
}

fn write_report(path: &Path, format: Format, tally: &Tally, rules: &[(String, String)]) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    let rules: Vec<Rule<'_>> = rules.iter().map(|(id, description)| Rule { id, description }).collect();
    report::write(format, &tally.findings, &rules, &mut bytes).map_err(|e| unwritable(path, &e))?;
    if path == Path::new(STDOUT) {
        if std::io::stdout().is_terminal() {
            bytes = report::for_terminal(&bytes).into_bytes();
        }
        return emit(|out| out.write_all(&bytes));
    }
    if is_special(path) {
        let open = std::fs::OpenOptions::new().write(true).open(path);
        return open.and_then(|mut file| file.write_all(&bytes)).map_err(|e| unwritable(path, &e));
    }
    // a link stays one
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    write_atomically(&target, &bytes).map_err(|e| unwritable(path, &e))
}

fn summarise(options: &Options, tally: &Tally, started: Instant, console: Console) {
    for warning in &tally.warnings {
        console.say(Severity::Warn, warning);
    }
    for item in &tally.incomplete {
        console.say(Severity::Error, &item.to_string());
        if !item.help.is_empty() {
            console.say(Severity::Error, &format!("  {}", item.help));
        }
    }
    if options.verb == Verb::Git {
        console.say(Severity::Info, &format!("{} commits scanned.", tally.commits));
    }
    let (bytes, millis) = (tally.bytes, started.elapsed().as_millis());
    let count = tally.findings.len();
    if tally.incomplete.is_empty() {
        console.say(Severity::Info, &format!("scanned ~{bytes} bytes in {millis}ms"));
        match count {
            0 => console.say(Severity::Info, "no leaks found"),
            n => console.say(Severity::Warn, &format!("leaks found: {n}")),
        }
    } else {
        console.say(Severity::Warn, &format!("scanned ~{bytes} bytes in {millis}ms, not all that there is"));
        match count {
            0 => console.say(Severity::Warn, "no leaks found in partial scan"),
            n => console.say(Severity::Warn, &format!("{n} leaks found in partial scan")),
        }
    }
}
