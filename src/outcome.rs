//! What a run ends with; reporters draw it, the exit code follows from it.

use crate::change::{LeftOut, Scope};
use crate::finding::{Finding, Incomplete, Level};
use std::time::Duration;

/// A finding that a suppression silenced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppressed {
    /// What was found.
    pub finding: Finding,
    /// What silenced it.
    pub by: Suppressor,
    /// The reason given with it; may be empty.
    pub reason: String,
}

/// The kinds of suppression.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suppressor {
    /// A comment on the line.
    Inline,
    /// `.gitward-baseline.toml`.
    Baseline,
    /// `.gitleaksignore`.
    GitleaksIgnore,
    /// `[[allow]]` in a policy.
    Policy,
}

impl Suppressor {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Suppressor::Inline => "inline",
            Suppressor::Baseline => "baseline",
            Suppressor::GitleaksIgnore => "gitleaksignore",
            Suppressor::Policy => "policy",
        }
    }
}

/// How much was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Unique blobs or files that at least one guard looked at.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Commits and tags looked at.
    pub commits: u64,
    /// What was left out on purpose.
    pub left_out: LeftOut,
    /// Wall time.
    pub elapsed: Duration,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was looked at.
    pub scope: Scope,
    /// Offences, sorted: same input, same order. None of level `allow`.
    pub findings: Vec<Finding>,
    /// Silenced offences, sorted.
    pub suppressed: Vec<Suppressed>,
    /// What could not be checked, sorted.
    pub incomplete: Vec<Incomplete>,
    /// Remarks on the policy, such as a weaker value that was ignored.
    pub notices: Vec<String>,
    /// How much was looked at.
    pub stats: Stats,
    /// From this level on a finding blocks.
    pub fail_level: Level,
}

/// The exit codes of every verb.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Nothing blocks.
    Clean = 0,
    /// A finding at or above the fail level.
    Findings = 1,
    /// Something could not be checked.
    Unchecked = 2,
}

impl Outcome {
    /// 2 if anything could not be checked, else 1 if a finding blocks, else 0.
    pub fn exit(&self) -> Exit {
        if !self.incomplete.is_empty() {
            Exit::Unchecked
        } else if self.findings.iter().any(|f| self.blocks(f)) {
            Exit::Findings
        } else {
            Exit::Clean
        }
    }

    /// Whether this finding is at or above the fail level.
    pub fn blocks(&self, finding: &Finding) -> bool {
        finding.level >= self.fail_level
    }
}
