//! The arguments of gitleaks 8, read by the rules of its flag library: `--flag value`, `--flag=value`, `-fvalue`,
//! `-f value`, switches in a row, flags before and behind the verb, `--` before the rest. Facts: gitleaks
//! `--help`, pflag README "Command line flag syntax".

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

/// Deepest chain of encodings that may be asked for; more would only serve to waste time.
const MAX_DECODE_DEPTH: u32 = 64;

/// What to scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    /// The history, or what differs.
    Git,
    /// A directory or file.
    Dir,
    /// Standard input.
    Stdin,
}

/// Which part of a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum GitScope {
    /// Commits, those that the options of `git log` choose.
    History(Option<String>),
    /// What is staged.
    Staged,
    /// What is changed and not staged.
    Unstaged,
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Options {
    pub(super) verb: Verb,
    pub(super) scope: GitScope,
    /// The scan argument as typed; `.` by default.
    pub(super) source: PathBuf,
    pub(super) baseline: Option<PathBuf>,
    pub(super) config: Option<PathBuf>,
    pub(super) enable_rules: Vec<String>,
    /// The exit code for leaks.
    pub(super) exit_code: u8,
    pub(super) ignore_path: PathBuf,
    /// Whether `gitleaks:allow` counts for nothing.
    pub(super) ignore_allow: bool,
    pub(super) log_level: String,
    pub(super) max_archive_depth: u32,
    pub(super) max_decode_depth: u32,
    /// In millions of bytes; 0 is no limit.
    pub(super) max_target_megabytes: u64,
    pub(super) no_color: bool,
    /// How much of a secret is cut off, in percent.
    pub(super) redact: u32,
    pub(super) report_format: String,
    pub(super) report_path: Option<PathBuf>,
    pub(super) report_template: Option<PathBuf>,
    pub(super) timeout: Option<Duration>,
    pub(super) verbose: bool,
    /// Ours: secrets in full on the terminal.
    pub(super) show: bool,
    pub(super) follow_symlinks: bool,
    pub(super) platform: String,
    /// Flags that are understood and have no effect here.
    pub(super) without_effect: Vec<&'static str>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            verb: Verb::Git,
            scope: GitScope::History(None),
            source: PathBuf::from("."),
            baseline: None,
            config: None,
            enable_rules: Vec::new(),
            exit_code: 1,
            ignore_path: PathBuf::from("."),
            ignore_allow: false,
            log_level: "info".into(),
            max_archive_depth: 0,
            max_decode_depth: 5,
            max_target_megabytes: 0,
            no_color: false,
            redact: 0,
            report_format: String::new(),
            report_path: None,
            report_template: None,
            timeout: None,
            verbose: false,
            show: false,
            follow_symlinks: false,
            platform: String::new(),
            without_effect: Vec::new(),
        }
    }
}

/// What the arguments ask for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Parsed {
    /// A scan.
    Scan(Box<Options>),
    /// The help text.
    Help,
    /// The version.
    Version,
}

/// Why arguments make no sense.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum ArgsError {
    /// A long flag that gitleaks does not have: exit code 126.
    #[error("unknown flag: --{0}")]
    UnknownFlag(String),
    /// Anything else.
    #[error("{0}")]
    Wrong(String),
}

/// What a flag takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Takes {
    /// `true` unless `=false` follows.
    Switch,
    /// A value, in the same argument or the next.
    Value,
    /// A value behind `=`, or else this one.
    Optional(&'static str),
}

/// The verbs that have a flag of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Name {
    Git,
    Dir,
    Stdin,
    Detect,
    Protect,
}

struct Flag {
    long: &'static str,
    short: Option<u8>,
    takes: Takes,
    /// `None`: every verb has it.
    of: Option<&'static [Name]>,
}

const fn flag(long: &'static str, short: Option<u8>, takes: Takes) -> Flag {
    Flag { long, short, takes, of: None }
}

const fn of(long: &'static str, short: Option<u8>, takes: Takes, verbs: &'static [Name]) -> Flag {
    Flag { long, short, takes, of: Some(verbs) }
}

const FLAGS: &[Flag] = &[
    flag("baseline-path", Some(b'b'), Takes::Value),
    flag("config", Some(b'c'), Takes::Value),
    flag("diagnostics", None, Takes::Value),
    flag("diagnostics-dir", None, Takes::Value),
    flag("enable-rule", None, Takes::Value),
    flag("exit-code", None, Takes::Value),
    flag("gitleaks-ignore-path", Some(b'i'), Takes::Value),
    flag("help", Some(b'h'), Takes::Switch),
    flag("ignore-gitleaks-allow", None, Takes::Switch),
    flag("log-level", Some(b'l'), Takes::Value),
    flag("max-archive-depth", None, Takes::Value),
    flag("max-decode-depth", None, Takes::Value),
    flag("max-target-megabytes", None, Takes::Value),
    flag("no-banner", None, Takes::Switch),
    flag("no-color", None, Takes::Switch),
    flag("redact", None, Takes::Optional("100")),
    flag("report-format", Some(b'f'), Takes::Value),
    flag("report-path", Some(b'r'), Takes::Value),
    flag("report-template", None, Takes::Value),
    flag("show", None, Takes::Switch),
    flag("timeout", None, Takes::Value),
    flag("verbose", Some(b'v'), Takes::Switch),
    of("version", None, Takes::Switch, &[]),
    of("follow-symlinks", None, Takes::Switch, &[Name::Dir, Name::Detect]),
    of("log-opts", None, Takes::Value, &[Name::Git, Name::Detect, Name::Protect]),
    of("no-git", None, Takes::Switch, &[Name::Detect]),
    of("pipe", None, Takes::Switch, &[Name::Detect]),
    of("platform", None, Takes::Value, &[Name::Git, Name::Detect]),
    of("pre-commit", None, Takes::Switch, &[Name::Git]),
    of("source", Some(b's'), Takes::Value, &[Name::Detect, Name::Protect]),
    of("staged", None, Takes::Switch, &[Name::Git, Name::Protect]),
];

/// Reads the arguments behind `gitleaks`.
pub(super) fn parse(args: &[OsString]) -> Result<Parsed, ArgsError> {
    let (words, values) = split(args)?;
    let mut words = words.into_iter();
    let verb = words.next();
    let name = match verb.as_deref().map(|v| v.to_string_lossy()).as_deref() {
        None if is_on(&values, "version") => return Ok(Parsed::Version),
        None | Some("help") => return Ok(Parsed::Help),
        Some("version") => return Ok(Parsed::Version),
        Some("git") => Name::Git,
        Some("dir" | "directory" | "file") => Name::Dir,
        Some("stdin") => Name::Stdin,
        Some("detect") => Name::Detect,
        Some("protect") => Name::Protect,
        Some(other) => return Err(ArgsError::Wrong(format!("unknown command {other:?}"))),
    };
    for given in &values {
        if given.flag.of.is_some_and(|verbs| !verbs.contains(&name)) {
            return Err(match given.flag.short {
                Some(short) if given.is_short => {
                    ArgsError::Wrong(format!("unknown shorthand flag: -{}", char::from(short)))
                }
                _ => ArgsError::UnknownFlag(given.flag.long.into()),
            });
        }
    }
    if is_on(&values, "help") {
        return Ok(Parsed::Help);
    }
    let mut options = Options::default();
    let paths: Vec<OsString> = words.collect();
    apply(&mut options, name, &values)?;
    match (name, paths.as_slice()) {
        // the old verbs take a path by --source alone, and let go what else is there
        (Name::Detect | Name::Protect | Name::Stdin, _) | (_, []) => {}
        (_, [one]) if one.is_empty() => {}
        (_, [one]) => options.source = PathBuf::from(one),
        (_, more) => return Err(ArgsError::Wrong(format!("accepts at most 1 path, received {}", more.len()))),
    }
    Ok(Parsed::Scan(Box::new(options)))
}

/// A flag as it was given.
struct Given {
    flag: &'static Flag,
    value: OsString,
    is_short: bool,
}

fn is_on(values: &[Given], long: &str) -> bool {
    values.iter().rev().find(|g| g.flag.long == long).is_some_and(|g| switch(&g.value) == Some(true))
}

/// Tells words from flags with their values.
fn split(args: &[OsString]) -> Result<(Vec<OsString>, Vec<Given>), ArgsError> {
    let (mut words, mut values) = (Vec::new(), Vec::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let bytes = arg.as_encoded_bytes();
        if bytes == b"--" {
            words.extend(args.by_ref().cloned());
        } else if let Some(long) = bytes.strip_prefix(b"--") {
            let equals = memchr::memchr(b'=', long);
            let name = &long[..equals.unwrap_or(long.len())];
            let Some(flag) = FLAGS.iter().find(|f| f.long.as_bytes() == name) else {
                return Err(ArgsError::UnknownFlag(String::from_utf8_lossy(name).into_owned()));
            };
            let inline = equals.and_then(|at| long.get(at + 1..)).map(|v| tail(arg, v.len()));
            let next = || args.next().cloned();
            let value = value(flag, inline, next, &format!("--{}", flag.long))?;
            values.push(Given { flag, value, is_short: false });
        } else if bytes.len() > 1 && bytes.starts_with(b"-") {
            shorthands(arg, || args.next().cloned(), &mut values)?;
        } else {
            words.push(arg.clone());
        }
    }
    Ok((words, values))
}

/// `-v`, `-vc FILE`, `-cFILE`, `-c=FILE`.
fn shorthands(
    arg: &OsStr,
    mut next: impl FnMut() -> Option<OsString>,
    values: &mut Vec<Given>,
) -> Result<(), ArgsError> {
    let bytes = arg.as_encoded_bytes();
    let mut at = 1;
    while let Some(&letter) = bytes.get(at) {
        at += 1;
        let Some(flag) = FLAGS.iter().find(|f| f.short == Some(letter)) else {
            return Err(ArgsError::Wrong(format!("unknown shorthand flag in {}", arg.to_string_lossy())));
        };
        let rest = bytes.len() - at;
        let inline = match bytes.get(at) {
            Some(b'=') => Some(tail(arg, rest - 1)),
            Some(_) if flag.takes == Takes::Value => Some(tail(arg, rest)),
            _ => None,
        };
        let last = inline.is_some();
        let value = value(flag, inline, &mut next, &format!("-{}", char::from(letter)))?;
        values.push(Given { flag, value, is_short: true });
        if last {
            break;
        }
    }
    Ok(())
}

fn value(
    flag: &Flag,
    inline: Option<OsString>,
    next: impl FnOnce() -> Option<OsString>,
    shown: &str,
) -> Result<OsString, ArgsError> {
    match (flag.takes, inline) {
        (_, Some(value)) => Ok(value),
        (Takes::Switch, None) => Ok("true".into()),
        (Takes::Optional(value), None) => Ok(value.into()),
        (Takes::Value, None) => next().ok_or_else(|| ArgsError::Wrong(format!("flag needs an argument: {shown}"))),
    }
}

/// The last bytes of an argument; what stands before them is ASCII.
fn tail(arg: &OsStr, len: usize) -> OsString {
    let bytes = arg.as_encoded_bytes();
    let rest = bytes.get(bytes.len().saturating_sub(len)..).unwrap_or_default();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        OsStr::from_bytes(rest).to_os_string()
    }
    #[cfg(not(unix))]
    {
        String::from_utf8_lossy(rest).into_owned().into()
    }
}

/// The words that Go takes for a truth value.
fn switch(value: &OsStr) -> Option<bool> {
    match value.to_str()? {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn apply(options: &mut Options, name: Name, values: &[Given]) -> Result<(), ArgsError> {
    let (mut staged, mut pre_commit, mut no_git, mut pipe) = (false, false, false, false);
    let mut log_opts = None;
    for Given { flag, value, .. } in values {
        let bad = || ArgsError::Wrong(format!("invalid argument {value:?} for \"--{}\" flag", flag.long));
        let yes = || switch(value).ok_or_else(bad);
        let text = || value.to_str().map(str::to_owned).ok_or_else(bad);
        let number = || value.to_str().and_then(|v| v.parse::<u32>().ok()).ok_or_else(bad);
        let path = || (!value.is_empty()).then(|| PathBuf::from(value));
        match flag.long {
            "baseline-path" => options.baseline = path(),
            "config" => options.config = path(),
            "diagnostics" => options.without_effect.push("--diagnostics"),
            "enable-rule" => {
                let list = text()?;
                options.enable_rules.extend(list.split(',').filter(|id| !id.is_empty()).map(|id| id.trim().to_owned()));
            }
            // as the system cuts an exit code
            "exit-code" => {
                let code = value.to_str().and_then(|v| v.parse::<i64>().ok()).ok_or_else(bad)?;
                options.exit_code = (code & 0xff) as u8;
            }
            "gitleaks-ignore-path" => options.ignore_path = PathBuf::from(value),
            "ignore-gitleaks-allow" => options.ignore_allow = yes()?,
            "log-level" => options.log_level = text()?,
            "max-archive-depth" => options.max_archive_depth = number()?,
            "max-decode-depth" => options.max_decode_depth = number()?.min(MAX_DECODE_DEPTH),
            "max-target-megabytes" => options.max_target_megabytes = u64::from(number()?),
            "no-color" => options.no_color = yes()?,
            "redact" => options.redact = number()?,
            "report-format" => options.report_format = text()?,
            "report-path" => options.report_path = path(),
            "report-template" => options.report_template = path(),
            "show" => options.show = yes()?,
            "timeout" => options.timeout = Some(number()?).filter(|&n| n > 0).map(|n| Duration::from_secs(n.into())),
            "verbose" => options.verbose = yes()?,
            "follow-symlinks" => options.follow_symlinks = yes()?,
            "log-opts" => log_opts = Some(text()?).filter(|v| !v.is_empty()),
            "no-git" => no_git = yes()?,
            "pipe" => pipe = yes()?,
            "platform" => options.platform = text()?,
            "pre-commit" => pre_commit = yes()?,
            "source" => options.source = PathBuf::from(value),
            "staged" => staged = yes()?,
            _ => {
                yes().or_else(|e| if flag.takes == Takes::Switch { Err(e) } else { Ok(true) })?;
            }
        }
    }
    (options.verb, options.scope) = match name {
        Name::Dir => (Verb::Dir, GitScope::History(None)),
        Name::Stdin => (Verb::Stdin, GitScope::History(None)),
        Name::Detect if no_git => (Verb::Dir, GitScope::History(None)),
        Name::Detect if pipe => (Verb::Stdin, GitScope::History(None)),
        Name::Git | Name::Protect if staged => (Verb::Git, GitScope::Staged),
        Name::Protect => (Verb::Git, GitScope::Unstaged),
        Name::Git if pre_commit => (Verb::Git, GitScope::Unstaged),
        Name::Git | Name::Detect => (Verb::Git, GitScope::History(log_opts)),
    };
    if options.source.as_os_str().is_empty() {
        options.source = PathBuf::from(".");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Parsed, ArgsError> {
        parse(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    fn scan(line: &str) -> Options {
        match parsed(line) {
            Ok(Parsed::Scan(options)) => *options,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn flags_are_read_as_gitleaks_reads_them() {
        let o = scan("-vc x.toml git --redact --exit-code=7 -fjson -r=- sub");
        assert!(o.verbose && o.redact == 100 && o.exit_code == 7);
        assert_eq!((o.config, o.report_path), (Some("x.toml".into()), Some("-".into())));
        assert_eq!((o.report_format.as_str(), o.source), ("json", "sub".into()));
        // the value of --redact stands behind `=` alone
        let o = scan("dir --redact 20");
        assert_eq!((o.redact, o.source), (100, "20".into()));
        assert_eq!(scan("dir --redact=20 --verbose=false").redact, 20);
        assert_eq!(scan("git --enable-rule a,b --enable-rule c").enable_rules, ["a", "b", "c"]);
        assert_eq!(scan("git --max-decode-depth 4000000000").max_decode_depth, MAX_DECODE_DEPTH);
        assert_eq!(scan("dir -- --x").source, PathBuf::from("--x"));
        assert_eq!(scan("git --timeout 0").timeout, None);
        assert_eq!(scan("git --exit-code 256").exit_code, 0);
    }

    #[test]
    fn verbs_old_and_new() {
        assert_eq!(scan("git").scope, GitScope::History(None));
        assert_eq!(scan("git --staged").scope, GitScope::Staged);
        assert_eq!(scan("git --pre-commit").scope, GitScope::Unstaged);
        assert_eq!(scan("git --pre-commit --staged").scope, GitScope::Staged);
        assert_eq!(scan("protect").scope, GitScope::Unstaged);
        assert_eq!(scan("protect --staged -s x").source, PathBuf::from("x"));
        assert_eq!(scan("detect --log-opts -1 ignored").scope, GitScope::History(Some("-1".into())));
        assert_eq!(scan("detect --no-git -s a/b").verb, Verb::Dir);
        assert_eq!(scan("detect --pipe").verb, Verb::Stdin);
        for verb in ["dir", "directory", "file"] {
            assert_eq!(scan(verb).verb, Verb::Dir);
        }
        assert_eq!(parsed(""), Ok(Parsed::Help));
        assert_eq!(parsed("git -h"), Ok(Parsed::Help));
        assert_eq!(parsed("version"), Ok(Parsed::Version));
        assert_eq!(parsed("--version"), Ok(Parsed::Version));
    }

    #[test]
    fn what_makes_no_sense_is_an_error() {
        for unknown in
            ["git --bogus", "--bogus=1 git", "dir --staged", "stdin --platform x", "git --version", "git --source x"]
        {
            assert!(matches!(parsed(unknown), Err(ArgsError::UnknownFlag(_))), "{unknown}");
        }
        for wrong in
            ["git -z", "bogus", "git a b", "dir a b", "git --exit-code x", "git -c", "git -s x", "git --verbose=2"]
        {
            assert!(matches!(parsed(wrong), Err(ArgsError::Wrong(_))), "{wrong}");
        }
    }
}
