//! The values of variables: global arguments for `FROM`, arguments and environment inside a stage.

use super::ast::{Dockerfile, Keyword, Kind, Pair};
use super::budget::Budget;
use super::expand::{ExpandError, Expanded, expand};
use super::stages::{Base, Build};
use std::collections::HashMap;

/// The platforms that a reference is resolved for, as `os/arch[/variant]`. The first is the usual one;
/// the others only tell which stages a name with a platform variable may mean.
pub const PLATFORMS: [&str; 8] = [
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v7",
    "linux/386",
    "linux/ppc64le",
    "linux/s390x",
    "linux/riscv64",
    "windows/amd64",
];

/// Longest chain of `FROM stage` that is followed.
const MAX_CHAIN: usize = 256;

/// Variables with their values.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    values: HashMap<Vec<u8>, Vec<u8>>,
}

impl Scope {
    /// The arguments that the frontend predefines for a platform.
    pub fn platform(platform: &str) -> Self {
        let mut parts = platform.splitn(3, '/');
        let mut part = || parts.next().unwrap_or_default();
        let values = [("PLATFORM", platform), ("OS", part()), ("ARCH", part()), ("VARIANT", part()), ("OSVERSION", "")];
        let mut scope = Scope::default();
        for (name, value) in values {
            for side in ["BUILD", "TARGET"] {
                scope.set(format!("{side}{name}").as_bytes(), value.as_bytes());
            }
        }
        // what a build without --target gives
        scope.set(b"TARGETSTAGE", b"default");
        scope
    }

    /// The value of a variable.
    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        self.values.get(name).map(Vec::as_slice)
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        self.values.insert(name.to_vec(), value.to_vec());
    }

    fn unset(&mut self, name: &[u8]) {
        self.values.remove(name);
    }

    /// Expands a word in this scope.
    ///
    /// # Errors
    /// As [`expand`].
    pub fn expand(&self, word: &[u8], escape: u8, budget: &Budget) -> Result<Expanded, ExpandError> {
        expand(word, escape, &|name| self.get(name), budget)
    }

    /// Adds global `ARG`s. One whose default cannot be known takes its name's value away, so that its use
    /// is noticed.
    pub(super) fn add_global(&mut self, pairs: &[Pair], escape: u8, budget: &Budget) {
        for pair in pairs {
            // without a default only --build-arg, or the frontend, gives a value
            let Some(value) = &pair.value else { continue };
            match self.expand(&value.text, escape, budget) {
                Ok(value) if value.unset.is_empty() => self.set(&pair.key.text, &value.text),
                _ => self.unset(&pair.key.text),
            }
        }
    }
}

/// The variables that hold at instruction `at` (an index into [`Dockerfile::instructions`]) of a stage:
/// environment of the stages below it, then its own `ARG` and `ENV` up to there. Images bring an
/// environment of their own, which is not known here. Empty where the file's budget is spent.
pub fn stage_scope(file: &Dockerfile, build: &Build, stage: usize, at: usize) -> Scope {
    let mut chain = Vec::new();
    let mut next = Some(stage);
    while let Some(stage) = next.and_then(|n| build.stages.get(n)) {
        chain.push(stage);
        next = match &stage.base {
            Base::Stages(list) if chain.len() < MAX_CHAIN => list.first().copied(),
            _ => None,
        };
    }
    let mut env = Scope::default();
    let mut all = Scope::default();
    for stage in chain.into_iter().rev() {
        let body = file.instructions.get(stage.body.clone()).unwrap_or_default();
        if build.budget.spend(env.values.len() + body.len()).is_err() {
            return Scope::default();
        }
        // arguments end with their stage, the environment goes on
        all = env.clone();
        for instruction in body.iter().take(at.saturating_sub(stage.body.start)) {
            let Kind::Pairs(pairs) = &instruction.kind else { continue };
            // every value of one instruction sees what held before it
            let value = |p: &Pair| p.value.as_ref().map(|v| all.expand(&v.text, file.escape, &build.budget));
            let values: Vec<_> = pairs.iter().map(value).collect();
            for (pair, value) in pairs.iter().zip(values) {
                let name = pair.key.unquoted();
                match (instruction.keyword, value) {
                    (Keyword::Env, Some(Ok(value))) => {
                        env.set(name, &value.text);
                        all.set(name, &value.text);
                    }
                    (Keyword::Arg, _) if env.get(name).is_some() => {}
                    (Keyword::Arg, Some(Ok(value))) => all.set(name, &value.text),
                    (Keyword::Arg, None) => match build.globals.get(name) {
                        Some(value) => all.set(name, value),
                        None => all.unset(name),
                    },
                    (Keyword::Env | Keyword::Arg, _) => {
                        env.unset(name);
                        all.unset(name);
                    }
                    _ => {}
                }
            }
        }
    }
    all
}
