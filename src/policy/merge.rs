//! Layers laid over each other: what a repository may change of what its organisation said.

use super::cover::Allowed;
use super::datum::{Datum, quote};
use super::document::{Body, Entry, LevelEntry};
use super::keyname::KeyName;
use super::keys::{Key, Kind};
use super::setting::{Setting, Stricter};
use super::{Policy, RequiredHook, SetBy, Value};
use crate::finding::{GuardId, Level};

/// How the values of a layer meet what is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// They take its place: an organisation's files.
    Replace,
    /// They may only tighten what is there: an organisation's block for some of the remotes alone.
    Tighten,
    /// They may only tighten what the organisation set: a repository's file.
    Repo,
    /// As `Repo`, without a remark on each: the built-in policy that a repository's file extends.
    RepoPreset,
}

/// Remarks that are made; each costs a count of lines, and nobody reads more at a time.
const MAX_NOTICES: usize = 50;

/// The policy so far.
#[derive(Default)]
pub(super) struct Merge {
    pub(super) policy: Policy,
    /// What the organisation's layer said, once it is complete; `None` without such a layer.
    org: Option<Policy>,
    pub(super) locked: Vec<KeyName>,
    pub(super) open: Vec<KeyName>,
    /// Values of the repository's preset that were not taken.
    pub(super) passed_over: Vec<String>,
    /// Remarks beyond [`MAX_NOTICES`].
    unsaid: usize,
}

/// What becomes of a value.
enum Verdict {
    Take(Datum),
    /// Not taken; how it is weaker.
    Weaker(String),
}

impl Merge {
    /// The policy, once all layers are laid.
    pub(super) fn finish(mut self) -> Policy {
        if self.unsaid > 0 {
            self.policy.notices.push(format!("{} more values of the policies are ignored", self.unsaid));
        }
        self.policy
    }

    /// Ends the organisation's layer.
    pub(super) fn close_org(&mut self) {
        self.org = Some(self.policy.clone());
    }

    /// Lays a body over what is there.
    pub(super) fn apply(&mut self, body: Body, mode: Mode) {
        for entry in body.settings {
            self.setting(entry, mode);
        }
        for entry in body.levels {
            self.level(entry, mode);
        }
        let trust = self.guarding(mode).filter(|p| names_signers(p)).map(trust_by);
        for signer in body.signers {
            if self.admits("signatures.signer", signer.by, mode, trust.map(|by| (by, "names who is trusted"))) {
                self.policy.signatures.signers.push(signer);
            }
        }
        for hook in body.hooks {
            if self.admits("hooks.require", hook.by, mode, None) {
                self.hook(hook, mode);
            }
        }
        for entry in body.allow {
            let some = (mode == Mode::Tighten).then_some((entry.by, "is for some of the remotes alone"));
            if self.admits("allow", entry.by, mode, some) {
                self.policy.allow.push(Value::new(entry.allow, entry.by));
            }
        }
    }

    /// Lays one value over what is there.
    pub(super) fn setting(&mut self, entry: Entry, mode: Mode) {
        let Entry { key, path, guard, datum, by } = entry;
        let Some(setting) = &key.setting else { return };
        if self.is_locked(&path, by, mode) {
            return;
        }
        let current = if self.is_open(&path, mode) { None } else { self.guarded(setting, guard, mode) };
        let Some(current) = current else { return (setting.set)(&mut self.policy, guard, datum, by) };
        match judge(setting, key, &current.value, &datum) {
            // what only repeats the stronger layer stays that layer's
            Verdict::Take(datum) if datum == current.value => (setting.set)(&mut self.policy, guard, datum, current.by),
            Verdict::Take(datum) => (setting.set)(&mut self.policy, guard, datum, by),
            Verdict::Weaker(why) => {
                let why = format!("{why}, {}", self.said(current.by, mode));
                self.refuse(&path, Some(&datum.render(key.kind)), by, mode, &why);
            }
        }
    }

    /// The value that a new one may not be weaker than.
    fn guarded(&self, setting: &Setting, guard: GuardId, mode: Mode) -> Option<Value<Datum>> {
        let policy = self.guarding(mode)?;
        if setting.stricter == Stricter::Trust {
            // the file alone is not all that says whom to trust
            let by = names_signers(policy).then(|| trust_by(policy))?;
            return Some((setting.get)(policy, guard).unwrap_or(Value::new(Datum::Bool(true), by)));
        }
        let current = (setting.get)(policy, guard)?;
        let counts = mode == Mode::Tighten || setting.always || current.by != SetBy::Default;
        counts.then_some(current)
    }

    fn level(&mut self, entry: LevelEntry, mode: Mode) {
        let LevelEntry { guard, id, built_in, level, by, .. } = entry;
        let path = format!("{}.rule.{id}", guard.name());
        if self.is_locked(&path, by, mode) {
            return;
        }
        if let Some(policy) = self.guarding(mode).filter(|_| !self.is_open(&path, mode)) {
            let set = policy.common(guard).and_then(|c| c.levels.get(&id));
            let blocks = policy.fail_level.value;
            let why = match set {
                Some(set) if level >= set.value => None,
                Some(set) => Some(format!("weaker than {}, {}", quote(set.value.name()), self.said(set.by, mode))),
                // the section that the organisation wrote would be idle without the rules that block for it
                None if built_in < blocks || level >= blocks => None,
                None => speaks_of(policy, guard).map(|by| {
                    let place = self.place(by);
                    format!("the rule blocks by itself, and [{}] is the organisation's ({place})", guard.name())
                }),
            };
            if let Some(why) = why {
                self.refuse(&path, Some(&quote(level.name())), by, mode, &why);
                return;
            }
        }
        if let Some(common) = self.policy.common_mut(guard) {
            common.levels.insert(id, Value::new(level, by));
        }
    }

    /// Adds a required hook. Within a layer a later entry takes the place of an earlier one of the same id; a
    /// repository's entry stands beside its organisation's, so that both hold.
    fn hook(&mut self, hook: Value<RequiredHook>, mode: Mode) {
        let there = &mut self.policy.hooks.require;
        let above = match mode {
            Mode::Replace => 0,
            Mode::Tighten => there.len(),
            Mode::Repo | Mode::RepoPreset => self.org.as_ref().map_or(0, |org| org.hooks.require.len()),
        };
        if mode == Mode::RepoPreset && there.iter().any(|h| h.value.id == hook.value.id) {
            return;
        }
        match there.iter_mut().skip(above).find(|h| h.value.id == hook.value.id) {
            Some(earlier) => *earlier = hook,
            None => there.push(hook),
        }
    }

    /// The policy that values of this mode are held against.
    fn guarding(&self, mode: Mode) -> Option<&Policy> {
        match mode {
            Mode::Replace => None,
            Mode::Tighten => Some(&self.policy),
            Mode::Repo | Mode::RepoPreset => self.org.as_ref(),
        }
    }

    /// Whether an entry of a list may be added; `against` says what stands against it unless it is open.
    fn admits(&mut self, path: &str, by: SetBy, mode: Mode, against: Option<(SetBy, &str)>) -> bool {
        if self.is_locked(path, by, mode) {
            return false;
        }
        match against {
            Some((set, what)) if !self.is_open(path, mode) => {
                let why = format!("{} {what}", self.place(set));
                self.refuse(path, None, by, mode, &why);
                false
            }
            _ => true,
        }
    }

    fn is_open(&self, path: &str, mode: Mode) -> bool {
        matches!(mode, Mode::Repo | Mode::RepoPreset) && self.open.iter().any(|name| name.selects(path))
    }

    /// Whether the organisation locked a key, with a remark if so. A lock is stronger than `open`.
    pub(super) fn is_locked(&mut self, path: &str, by: SetBy, mode: Mode) -> bool {
        if !matches!(mode, Mode::Repo | Mode::RepoPreset) {
            return false;
        }
        let Some(lock) = self.locked.iter().find(|name| name.selects(path)) else { return false };
        let why = format!("locked at {}", self.place(lock.by));
        self.refuse(path, None, by, mode, &why);
        true
    }

    fn refuse(&mut self, path: &str, value: Option<&str>, by: SetBy, mode: Mode, why: &str) {
        if mode == Mode::RepoPreset {
            self.passed_over.push(path.to_owned());
            return;
        }
        if self.policy.notices.len() >= MAX_NOTICES {
            self.unsaid += 1;
            return;
        }
        let value = value.map_or(String::new(), |v| format!(" = {v}"));
        let place = self.place(by);
        self.policy.notices.push(format!("{place}: {path}{value} is ignored: {why}"));
    }

    fn said(&self, by: SetBy, mode: Mode) -> String {
        let rest = if mode == Mode::Tighten { ", and the block is for some of the remotes alone" } else { "" };
        match by {
            SetBy::Default => format!("the default{rest}"),
            SetBy::Preset(_) => format!("of {}{rest}", self.place(by)),
            _ => format!("set at {}{rest}", self.place(by)),
        }
    }

    fn place(&self, by: SetBy) -> String {
        self.policy.origin(by)
    }
}

/// Whether a policy says whom to trust.
fn names_signers(policy: &Policy) -> bool {
    policy.signatures.allowed_signers.is_some() || !policy.signatures.signers.is_empty()
}

/// Where it says so first.
fn trust_by(policy: &Policy) -> SetBy {
    let file = policy.signatures.allowed_signers.as_ref().map(|v| v.by);
    file.or_else(|| policy.signatures.signers.first().map(|s| s.by)).unwrap_or_default()
}

/// Where a policy first sets anything in a guard's section.
fn speaks_of(policy: &Policy, guard: GuardId) -> Option<SetBy> {
    let section = super::keys::ROOT.key(guard.name())?;
    let Kind::Section(table) = section.kind else { return None };
    let set = table.keys().filter_map(|k| (k.setting.as_ref()?.get)(policy, guard)).map(|v| v.by);
    let levels = policy.common(guard).into_iter().flat_map(|c| c.levels.values()).map(|v| v.by);
    let hooks = policy.hooks.require.iter().filter(|_| guard == GuardId::Hooks).map(|h| h.by);
    let trust = (guard == GuardId::Signatures && names_signers(policy)).then(|| trust_by(policy));
    set.chain(levels).chain(hooks).chain(trust).find(|by| *by != SetBy::Default)
}

/// Whether `new` is at least as strict as `current`, and what to take then.
fn judge(setting: &Setting, key: &Key, old: &Datum, new: &Datum) -> Verdict {
    let weaker = || Verdict::Weaker(format!("weaker than {}", old.render(key.kind)));
    let take = |fits: bool| if fits { Verdict::Take(new.clone()) } else { weaker() };
    match setting.stricter {
        Stricter::Higher => take(rank(key.kind, new) >= rank(key.kind, old)),
        Stricter::Lower => take(rank(key.kind, new) <= rank(key.kind, old)),
        Stricter::Sooner => {
            let never = |rank: Option<u64>| rank.map(|n| if n == 0 { u64::MAX } else { n });
            take(never(rank(key.kind, new)) <= never(rank(key.kind, old)))
        }
        Stricter::Narrower => {
            let allowed = Allowed::new(patterns(old));
            match patterns(new).iter().find(|pattern| !allowed.covers(pattern)) {
                None => take(true),
                Some(wide) => Verdict::Weaker(format!("{} is not within {}", quote(wide), old.render(key.kind))),
            }
        }
        Stricter::Wider => Verdict::Take(union(old, new)),
        Stricter::WiderOrAll => match (patterns(old).is_empty(), patterns(new).is_empty()) {
            (_, true) => take(true),
            (true, false) => Verdict::Weaker("weaker than [], which means all".to_owned()),
            (false, false) => Verdict::Take(union(old, new)),
        },
        Stricter::Trust if old == new => take(true),
        Stricter::Trust => Verdict::Weaker("whom to trust is the organisation's to say".to_owned()),
    }
}

/// The place in an order: of a word in its choice, of a number in itself.
fn rank(kind: Kind, datum: &Datum) -> Option<u64> {
    match (kind, datum) {
        (Kind::Choice(words), Datum::Word(word)) => words.iter().position(|w| w == word).map(|n| n as u64),
        (_, Datum::Number(n)) => Some(*n),
        (_, Datum::Bool(on)) => Some(u64::from(*on)),
        _ => None,
    }
}

fn patterns(datum: &Datum) -> &[String] {
    match datum {
        Datum::Texts(list) => list,
        Datum::Globs(globs) => &globs.patterns,
        _ => &[],
    }
}

/// The old entries and behind them the new ones that are not among them.
fn union(old: &Datum, new: &Datum) -> Datum {
    fn both<T: Clone + PartialEq>(old: &[T], new: &[T]) -> Vec<T> {
        let mut out = old.to_vec();
        out.extend(new.iter().filter(|n| !old.contains(n)).cloned());
        out
    }
    match (old, new) {
        (Datum::Texts(old), Datum::Texts(new)) => Datum::Texts(both(old, new)),
        (Datum::Sources(old), Datum::Sources(new)) => Datum::Sources(both(old, new)),
        _ => new.clone(),
    }
}

/// The level as a value of `fail_level`.
pub(super) fn fail_level(level: Level, by: SetBy) -> Option<Entry> {
    let key = super::keys::ROOT.key("fail_level")?;
    let datum = Datum::Word(level.name());
    Some(Entry { key, path: key.name.to_owned(), guard: GuardId::Run, datum, by })
}
