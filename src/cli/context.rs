//! What every verb that runs guards needs: the repository, the policy in force, the guards, the reports.

use super::args::{Common, When};
use super::discover;
use super::failure::{BadRules, Failure};
use super::files::{Files, org_files, read_file, read_policy};
use super::progress;
use crate::change::{ChangeSet, Oid};
use crate::finding::{Confidence, GuardId, Incomplete, Level};
use crate::git::collect::PathFilter;
use crate::git::history::{self, Cache, Watch};
use crate::git::{self, Backend, GitError, view};
use crate::guard::Guard;
use crate::guards::secrets::is_gitleaks_id;
use crate::outcome::{Exit, Outcome};
use crate::policy::load::{LoadRequest, Overrides, PolicySource};
use crate::policy::{Policy, RuleSource, SetBy, Value, load, normalise_remote};
use crate::report::{self, ColorChoice, ColorEnv, Format, Options, Style};
use crate::rule::did_you_mean;
use crate::run::{self, Probe, Request, Select};
use crate::suppress::{Baseline, GitleaksIgnore, Suppressions, baseline, gitleaksignore};
use crate::{env, guards};
use sha2::{Digest, Sha256};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The repository's policy file.
pub const REPO_POLICY: &str = ".gitward.toml";

/// Where a repository's own policy is read.
pub enum RepoPolicy {
    /// Nowhere: there is no repository, or it has no say.
    None,
    /// As it is staged; a file that is not tracked counts as it lies there.
    Staged,
    /// As a commit has it.
    Commit(Oid),
    /// From a file named on the command line.
    File(PathBuf),
}

/// A run in preparation.
pub struct Context {
    /// When the process began.
    pub started: Instant,
    /// The repository, where there is one.
    pub repo: Option<Arc<dyn Backend>>,
    /// The policy in force.
    pub policy: Policy,
    files: Option<Files>,
}

impl Context {
    /// Opens the repository around the working directory and loads the policy in force.
    ///
    /// # Errors
    /// No repository, or a policy that cannot be read.
    pub fn in_repo(common: &Common) -> Result<Self, Failure> {
        let repo = git::open(Path::new("."))?;
        Self::load(common, Some(repo), &RepoPolicy::Staged)
    }

    /// As [`Context::in_repo`]; outside a repository only an organisation's policy applies.
    ///
    /// # Errors
    /// A repository or policy that cannot be read.
    pub fn anywhere(common: &Common) -> Result<Self, Failure> {
        match git::open(Path::new(".")) {
            Ok(repo) => Self::load(common, Some(repo), &RepoPolicy::Staged),
            Err(GitError::NotARepository { .. }) => Self::load(common, None, &RepoPolicy::None),
            Err(error) => Err(error.into()),
        }
    }

    /// Loads the policy for a repository.
    ///
    /// # Errors
    /// A policy that cannot be read.
    pub fn load(common: &Common, repo: Option<Arc<dyn Backend>>, from: &RepoPolicy) -> Result<Self, Failure> {
        let started = Instant::now();
        let org = org_files(common.policy.as_deref(), repo.as_deref())?;
        let files = match (from, &repo) {
            (RepoPolicy::Staged, Some(repo)) => Some(Files {
                view: Box::new(view::ObjectView::index(Arc::clone(repo))),
                disk: repo.layout().work_tree.clone(),
            }),
            (RepoPolicy::Commit(commit), Some(repo)) => {
                let mut reader = repo.reader()?;
                let root = git::tree::root_of(reader.as_mut(), commit)?;
                Some(Files { view: Box::new(view::ObjectView::tree(Arc::clone(repo), root)), disk: None })
            }
            _ => None,
        };
        let (repo_name, repo_bytes) = match (from, &files) {
            (RepoPolicy::File(path), _) => (path.display().to_string(), Some(read_policy(path)?)),
            (_, Some(files)) => (REPO_POLICY.to_owned(), files.read(REPO_POLICY)?),
            _ => (String::new(), None),
        };
        let read_repo = |name: &str| match (from, &files) {
            (RepoPolicy::File(path), _) => read_file(&path.parent().unwrap_or(Path::new("")).join(name)),
            (_, Some(files)) => files.bytes(name),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        };
        let fail_level = common.fail_level.as_deref().map(level).transpose()?;
        // remotes are asked for only where a policy speaks of them
        let remotes: Vec<String> = match &repo {
            Some(repo) if org.iter().any(|f| memchr::memmem::find(&f.bytes, b"repo").is_some()) => {
                repo.remotes()?.iter().filter_map(|url| normalise_remote(url)).collect()
            }
            _ => Vec::new(),
        };
        let org_readers: Vec<_> = org.iter().map(|file| file.reader()).collect();
        let request = LoadRequest {
            org: org
                .iter()
                .zip(&org_readers)
                .map(|(file, read)| PolicySource { name: file.name.clone(), bytes: &file.bytes, read })
                .collect(),
            repo: repo_bytes.as_ref().map(|bytes| PolicySource { name: repo_name, bytes, read: &read_repo }),
            remotes: &remotes,
            overrides: Overrides { fail_level: fail_level.map(|level| (level, "--fail-level")) },
            known_rules: &|| guards::rules(),
        };
        let mut policy = load::load(request)?;
        discover::gitleaks_rules(&mut policy, files.as_ref(), common.gitleaks_config.as_deref())?;
        Ok(Context { started, repo, policy, files })
    }

    /// Has files in archives looked at, if asked.
    #[must_use]
    pub fn with_archives(mut self, asked: bool) -> Self {
        if asked {
            self.policy.secrets.archives = Value::new(true, SetBy::Option("--archives"));
        }
        self
    }

    /// Has findings from this confidence on reported, if one was asked for.
    #[must_use]
    pub fn with_min_confidence(mut self, asked: Option<Confidence>) -> Self {
        if let Some(least) = asked {
            self.policy.secrets.min_confidence = Value::new(least, SetBy::Option("--min-confidence"));
        }
        self
    }

    /// Every guard that the policy does not switch off.
    ///
    /// # Errors
    /// A rule file that cannot be used.
    pub fn guards(&self) -> Result<Vec<Box<dyn Guard + '_>>, Failure> {
        guards::all(&self.policy).map_err(|error| {
            let is_meant = |name: &String| *name == error.file;
            let text = self.policy.secrets.rules.value.iter().find_map(|source| match source {
                RuleSource::Builtin => None,
                RuleSource::File { name, text } => is_meant(name).then(|| Arc::clone(text)),
                RuleSource::Gitleaks { name, text, extends } => {
                    let extended = extends.iter().find(|(name, _)| is_meant(name));
                    extended.map(|(_, text)| text).or(is_meant(name).then_some(text)).map(Arc::clone)
                }
            });
            Failure::new(BadRules::new(error, text.unwrap_or_else(|| "".into())))
        })
    }

    /// Runs the guards over a change and reports; the exit code.
    ///
    /// # Errors
    /// Names that no guard or rule has, a report that cannot be written.
    pub fn run(&self, common: &Common, set: ChangeSet) -> Result<Exit, Failure> {
        let outcome = self.outcome(common, set)?;
        self.report(common, &outcome)
    }

    /// As [`Context::run`], of everything that any ref leads to. With `cache`, what an earlier run found to hold
    /// nothing is not looked at again.
    ///
    /// # Errors
    /// As [`Context::run`], and a history that cannot be read.
    pub fn run_history(&self, common: &Common, filter: &PathFilter, cache: bool) -> Result<Exit, Failure> {
        let Some(repo) = &self.repo else { return Err(super::check::not_here()) };
        let watch = Watch {
            deadline: match self.policy.limits.deadline.value {
                0 => None,
                seconds => Some(self.started + Duration::from_secs(seconds)),
            },
            ..Watch::default()
        };
        let outcome = progress::shown(progress::HISTORY, &watch, common.quiet, || {
            self.outcome_of(common, None, |guards| {
                let probe = Probe {
                    guards,
                    max_blob: self.policy.limits.max_blob.value,
                    archives: self.policy.secrets.archives.value,
                };
                let cache = cache.then(|| self.history_cache(repo.as_ref(), guards)).flatten();
                Ok(history::collect(repo, filter, &probe, &watch, cache.as_ref())?)
            })
        })?;
        self.report(common, &outcome)
    }

    /// As [`Context::run`], of files that are yet to be listed.
    ///
    /// # Errors
    /// As [`Context::run`], and files that cannot be listed at all.
    pub fn run_files(
        &self,
        common: &Common,
        list: impl FnOnce() -> Result<ChangeSet, Incomplete>,
    ) -> Result<Exit, Failure> {
        let watch = Watch::default();
        let outcome = progress::shown(progress::FILES, &watch, common.quiet, || {
            self.outcome_of(common, Some(&watch.done), |_| {
                let set = list()?;
                watch.total.store(set.blobs.len() as u64, Ordering::Relaxed);
                Ok(set)
            })
        })?;
        self.report(common, &outcome)
    }

    /// Where results of the secrets guard are kept. Of the others it is not known what their answers depend on.
    fn history_cache(&self, repo: &dyn Backend, guards: &[Box<dyn Guard + '_>]) -> Option<Cache> {
        let [guard] = guards else { return None };
        if guard.id() != GuardId::Secrets {
            return None;
        }
        // the rules are part of the program: another build, another judge
        let program = std::fs::metadata(std::env::current_exe().ok()?).ok()?;
        let built = program.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        let mut hash = Sha256::new();
        hash.update(format!("{} {} {}", env!("CARGO_PKG_VERSION"), program.len(), built.as_nanos()));
        hash.update(format!("{:?} {}", self.policy.secrets, self.policy.limits.max_blob.value));
        Some(Cache { dir: repo.layout().common_dir.join("gitward"), judge: hash.finalize().into() })
    }

    /// Runs the guards over a change.
    ///
    /// # Errors
    /// Names that no guard or rule has, rule files that cannot be read.
    pub fn outcome(&self, common: &Common, set: ChangeSet) -> Result<Outcome, Failure> {
        self.outcome_of(common, None, |_| Ok(set))
    }

    /// As [`Context::outcome`], of a change that depends on the guards that take part.
    fn outcome_of(
        &self,
        common: &Common,
        done: Option<&AtomicU64>,
        collect: impl FnOnce(&[Box<dyn Guard + '_>]) -> Result<ChangeSet, Failure>,
    ) -> Result<Outcome, Failure> {
        let all = self.guards()?;
        let select = Select::new(&common.only, &common.skip, &all).map_err(Failure::unknown_name)?;
        let guards: Vec<Box<dyn Guard + '_>> = all.into_iter().filter(|g| select.wants(g.id())).collect();
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let (baseline, ignored) = (|| self.baseline(), || self.gitleaks_ignored());
        let suppressions = Suppressions::new(&self.policy, today, &baseline).with_gitleaks_ignore(&ignored);
        let request = Request {
            policy: &self.policy,
            guards: &guards,
            repo: self.repo.clone(),
            suppressions: &suppressions,
            select: &select,
            started: self.started,
            done,
        };
        Ok(run::run(&request, collect(&guards)?))
    }

    /// The repository's baseline, where it has one.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn baseline(&self) -> Result<Option<Baseline>, Incomplete> {
        let Some(files) = &self.files else { return Ok(None) };
        match files.text(baseline::FILE).map_err(|f| f.incomplete_of(baseline::FILE))? {
            Some(text) => Baseline::parse(&text, baseline::FILE).map(Some).map_err(Incomplete::from),
            None => Ok(None),
        }
    }

    /// The repository's `.gitleaksignore`, where it has one.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    fn gitleaks_ignored(&self) -> Result<Option<GitleaksIgnore>, Incomplete> {
        let Some(files) = &self.files else { return Ok(None) };
        let text = files.read(gitleaksignore::FILE).map_err(|f| f.incomplete_of(gitleaksignore::FILE))?;
        Ok(text.map(|text| {
            let mut ignored = GitleaksIgnore::new(is_gitleaks_id);
            ignored.add(&text);
            ignored
        }))
    }

    /// Writes the reports; the exit code.
    ///
    /// # Errors
    /// An unknown format, a file that cannot be written.
    pub fn report(&self, common: &Common, outcome: &Outcome) -> Result<Exit, Failure> {
        let exit = match outcome.exit() {
            Exit::Findings if common.exit_zero => Exit::Clean,
            exit => exit,
        };
        let main = format(&common.format)?;
        let mut extra = Vec::new();
        for report in &common.report {
            let (name, path) = report.split_once('=').ok_or_else(|| {
                Failure::usage(
                    format!("--report takes FORMAT=PATH, not {report:?}"),
                    "for example --report sarif=out.sarif",
                )
            })?;
            extra.push((format(name)?, path));
        }
        let rules =
            if main.wants_rules() || extra.iter().any(|(f, _)| f.wants_rules()) { self.guards()? } else { Vec::new() };
        let rules: Vec<_> = rules.iter().flat_map(|g| g.rules()).collect();
        let mut options = Options {
            style: style(common.color, std::io::stdout().is_terminal()),
            verbose: common.verbose > 0,
            show_secrets: common.show_secrets,
            is_terminal: std::io::stdout().is_terminal(),
            ..Options::default()
        };
        emit(|out| report::write(main, outcome, &rules, &options, out))?;
        options.style = Style::PLAIN;
        options.is_terminal = false;
        for (format, path) in extra {
            if path == "-" {
                emit(|out| report::write(format, outcome, &rules, &options, out))?;
                continue;
            }
            let mut bytes = Vec::new();
            let written = report::write(format, outcome, &rules, &options, &mut bytes)
                .and_then(|()| write_atomically(Path::new(path), &bytes));
            written.map_err(|e| Failure::usage(format!("cannot write the report {path}: {e}"), ""))?;
        }
        Ok(exit)
    }

    /// A failed reading as something that could not be checked, reported like a run's result.
    pub fn only_incomplete(&self, scope: crate::change::Scope, item: Incomplete) -> ChangeSet {
        let mut set = ChangeSet::empty(scope);
        set.incomplete.push(item);
        set
    }
}

/// Writes to standard output at once; a reader that went away is no error.
pub fn emit(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    let result = write(&mut bytes).and_then(|()| {
        let mut out = std::io::stdout().lock();
        if bytes.is_empty() { Ok(()) } else { out.write_all(&bytes).and_then(|()| out.flush()) }
    });
    match result {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("cannot write to standard output: {e}"), ""))
        }
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".gitward").tempfile_in(dir)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |m| m.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.persist(path).map(drop).map_err(|e| e.error)
}

/// How to colour a stream.
pub fn style(when: When, is_terminal: bool) -> Style {
    let choice = match when {
        When::Auto => ColorChoice::Auto,
        When::Always => ColorChoice::Always,
        When::Never => ColorChoice::Never,
    };
    let (no_color, force, cli_force) = (env::NO_COLOR.os(), env::FORCE_COLOR.os(), env::CLICOLOR_FORCE.os());
    let term = env::TERM.os();
    let from_env = ColorEnv {
        no_color: no_color.as_deref(),
        force_color: force.as_deref(),
        clicolor_force: cli_force.as_deref(),
        term: term.as_deref(),
    };
    Style::choose(choice, from_env, is_terminal)
}

fn format(name: &str) -> Result<Format, Failure> {
    Format::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|f| f.name()).collect();
        Failure::choice("format", name, &names)
    })
}

fn level(name: &str) -> Result<Level, Failure> {
    let names: Vec<&str> = Level::ALL.iter().map(|l| l.name()).collect();
    Level::from_name(name).ok_or_else(|| Failure::choice("level", name, &names))
}

impl Failure {
    fn choice(what: &str, given: &str, names: &[&str]) -> Self {
        let help = match did_you_mean(given, names.iter().copied()) {
            Some(name) => format!("did you mean {name:?}? There are {}", names.join(", ")),
            None => format!("there are {}", names.join(", ")),
        };
        Failure::usage(format!("unknown {what} {given:?}"), help)
    }

    fn unknown_name(unknown: run::UnknownName) -> Self {
        let guards: Vec<&str> = GuardId::ALL.iter().map(|g| g.name()).collect();
        let help = match unknown.suggestion {
            Some(name) => format!("did you mean {name:?}? `gitward rules list` lists all rules"),
            None => format!("guards are {}; `gitward rules list` lists all rules", guards.join(", ")),
        };
        Failure::usage(format!("no guard or rule is called {:?}", unknown.name), help)
    }
}
