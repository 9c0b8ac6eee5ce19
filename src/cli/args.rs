//! The arguments, as clap reads them. These types stop here: verbs turn them into requests.

use crate::finding::Confidence;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The output for people.
const DEFAULT_FORMAT: &str = "human";

/// The gate that every commit and every push passes: leaked secrets, base images, signatures, mandatory hooks.
#[derive(Parser, Debug)]
#[command(name = "gitward", version, about, disable_help_subcommand = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 clean, 1 findings at or above the fail level, 2 something could not be checked.\n\
    gitward never talks to the network."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Run the guards on a change, a range, the work tree or everything
    Check(Check),
    /// Look for secrets in files, directories, standard input (`-`) or the history
    Scan(Scan),
    /// Lint Dockerfiles and hold their images to the policy
    Lint(Lint),
    /// Verify commit and tag signatures
    Verify(Verify),
    /// What an installed Git hook calls
    Hook(Hook),
    /// What a server's pre-receive hook calls: reads `old new ref` lines from standard input
    PreReceive(Common),
    /// Set up the hooks of this repository beside those that are there
    Install(Install),
    /// Take our hooks away and put back what was there
    Uninstall(Install),
    /// Show the effective policy, or check policy files
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// List the rules, or check a rule file
    #[command(subcommand)]
    Rules(RulesVerb),
    /// Explain a rule: what it finds, why it matters, what to do
    Explain {
        /// The rule's id or alias
        rule: String,
    },
    /// Except one finding, with a reason, in `.gitward.toml`
    Allow(Allow),
    /// Write or prune the list of findings that are there today
    #[command(subcommand)]
    Baseline(BaselineVerb),
    /// Take the arguments of gitleaks 8 and write its reports
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Gitleaks {
        /// What gitleaks takes: `gitward gitleaks --help`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<std::ffi::OsString>,
    },
    /// The inside, for tests and the curious
    #[command(subcommand, hide = true)]
    Plumbing(PlumbingVerb),
}

/// What every run has.
#[derive(Args, Clone, Debug)]
pub struct Common {
    /// How to print findings
    #[arg(long, value_name = "FORMAT", default_value = DEFAULT_FORMAT, help_heading = "Output")]
    pub format: String,
    /// Also write a report: FORMAT=PATH, `-` is standard output
    #[arg(long, value_name = "FORMAT=PATH", help_heading = "Output")]
    pub report: Vec<String>,
    /// When to colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, help_heading = "Output")]
    pub color: When,
    /// Print secrets in full; for a person at a terminal alone
    #[arg(long, help_heading = "Output")]
    pub show_secrets: bool,
    /// Print no warnings and no summary
    #[arg(short, long, help_heading = "Output", conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: also what was suppressed, also when there is nothing to say
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// The organisation's policy
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub policy: Option<PathBuf>,
    /// Run only this guard or rule
    #[arg(long, value_name = "GUARD|RULE", help_heading = "Policy")]
    pub only: Vec<String>,
    /// Leave out this guard or rule
    #[arg(long, value_name = "GUARD|RULE", help_heading = "Policy")]
    pub skip: Vec<String>,
    /// From which level on a finding fails the run: note, warn, deny, forbid
    #[arg(long, value_name = "LEVEL", help_heading = "Policy")]
    pub fail_level: Option<String>,
    /// Exit 0 even with findings; what could not be checked still exits 2
    #[arg(long, help_heading = "Policy")]
    pub exit_zero: bool,
    /// The option of that name, of the verbs that have it
    #[arg(skip)]
    pub gitleaks_config: Option<PathBuf>,
}

impl Default for Common {
    /// As without any option.
    fn default() -> Self {
        Common {
            format: DEFAULT_FORMAT.to_owned(),
            report: Vec::new(),
            color: When::default(),
            show_secrets: false,
            quiet: false,
            verbose: 0,
            policy: None,
            only: Vec::new(),
            skip: Vec::new(),
            fail_level: None,
            exit_zero: false,
            gitleaks_config: None,
        }
    }
}

/// When to colour.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `check`
#[derive(Args, Debug, Default)]
pub struct Check {
    /// What the next commit adds (the default)
    #[arg(long, group = "scope")]
    pub staged: bool,
    /// The commits of a range: A..B, or B for all that it has
    #[arg(long, value_name = "A..B", group = "scope")]
    pub range: Option<String>,
    /// Changes of tracked files that are not staged
    #[arg(long, group = "scope")]
    pub worktree: bool,
    /// Every commit of every ref
    #[arg(long, group = "scope")]
    pub history: bool,
    /// Every tracked file
    #[arg(long, group = "scope")]
    pub all_files: bool,
    /// Files and directories of the repository; all by default
    pub paths: Vec<PathBuf>,
    /// Look for secrets in the files of zip, tar and gzip archives too
    #[arg(long)]
    pub archives: bool,
    /// The rule file of gitleaks, in the place of the repository's .gitleaks.toml
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub gitleaks_config: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

/// `scan`
#[derive(Args, Debug, Default)]
pub struct Scan {
    /// Files and directories; `-` is standard input
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Every commit of every ref instead of files
    #[arg(long, conflicts_with = "paths")]
    pub history: bool,
    /// Look into zip, tar and gzip archives too
    #[arg(long)]
    pub archives: bool,
    /// Leave out what .gitignore and .ignore files name
    #[arg(long, conflicts_with = "history")]
    pub respect_ignore: bool,
    /// From which confidence on findings are reported: low, medium, high; low adds what may be a password or an example
    #[arg(long, value_name = "CONFIDENCE", value_parser = confidence, help_heading = "Policy")]
    pub min_confidence: Option<Confidence>,
    /// Look at everything again, whatever an earlier scan of the history found
    #[arg(long, requires = "history")]
    pub no_cache: bool,
    /// The rule file of gitleaks, in the place of the repository's .gitleaks.toml
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    pub gitleaks_config: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

/// A confidence by its name.
fn confidence(name: &str) -> Result<Confidence, String> {
    Confidence::from_name(name)
        .ok_or_else(|| format!("it is one of {}", Confidence::ALL.map(Confidence::name).join(", ")))
}

/// `lint`
#[derive(Args, Debug, Default)]
pub struct Lint {
    /// Dockerfiles, or directories that hold some; `-` is standard input
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

/// `verify`
#[derive(Args, Debug, Default)]
pub struct Verify {
    /// Commits; `HEAD` by default
    pub revs: Vec<String>,
    /// The commits of a range
    #[arg(long, value_name = "A..B")]
    pub range: Option<String>,
    /// A tag
    #[arg(long)]
    pub tag: Vec<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
}

/// `hook`
#[derive(Args, Debug, Default)]
pub struct Hook {
    /// The Git hook: pre-commit, pre-push, commit-msg …
    pub name: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub common: Common,
    /// What Git hands the hook
    #[arg(trailing_var_arg = true)]
    pub args: Vec<std::ffi::OsString>,
}

/// `install` and `uninstall`
#[derive(Args, Debug, Default)]
pub struct Install {
    /// The hooks of a server's bare repository, or the directory that holds them
    #[arg(long, value_name = "DIR")]
    pub server: Option<PathBuf>,
    /// A template directory for `git init`
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    pub template: Option<PathBuf>,
    /// Also in a hooks directory that other repositories share
    #[arg(long)]
    pub shared: bool,
    /// Print nothing but errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// `policy`
#[derive(Subcommand, Debug)]
pub enum PolicyVerb {
    /// Print the effective value of every key and where it came from
    Show(PolicyArgs),
    /// Check policy files
    Check(PolicyArgs),
}

/// `policy show` and `policy check`
#[derive(Args, Debug, Default)]
pub struct PolicyArgs {
    /// Repository policy files instead of the one in force
    pub files: Vec<PathBuf>,
    /// The organisation's policy
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// `rules`
#[derive(Subcommand, Debug)]
pub enum RulesVerb {
    /// List every rule
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check rule files: patterns, and that each example matches as it says
    Check {
        /// Rule files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Show what each rule of the policy costs on these files, dearest first
    Profile {
        /// Files to scan
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// `allow`
#[derive(Args, Debug, Default)]
pub struct Allow {
    /// The finding's fingerprint, `gw1:…`
    pub fingerprint: String,
    /// Why it may stay
    #[arg(long)]
    pub reason: String,
    /// The last day on which it may: YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
}

/// `baseline`
#[derive(Subcommand, Debug)]
pub enum BaselineVerb {
    /// Write `.gitward-baseline.toml` with every finding in the tracked files
    Write(Common),
    /// Take out of it what is no longer found
    Prune(Common),
}

/// `plumbing`
#[derive(Subcommand, Debug)]
pub enum PlumbingVerb {
    /// The staged list, as `git diff-index --cached --raw -z` prints it
    Staged,
}
