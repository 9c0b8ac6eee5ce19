//! Command lines without options, as hooks call them. Building the whole command line for clap takes a third of
//! the time that a small commit's check takes; these few are read without it.

use super::args::{Check, Common, Hook, Verb};
use std::ffi::OsString;

/// The verb of `check`, `pre-receive` or `hook NAME ARGS…`; `None` for anything else, and where an argument
/// begins with a dash.
pub(super) fn verb(args: &[OsString]) -> Option<Verb> {
    let [_, verb, rest @ ..] = args else { return None };
    if rest.iter().any(|arg| arg.as_encoded_bytes().first().is_none_or(|&b| b == b'-')) {
        return None;
    }
    match (verb.to_str()?, rest) {
        ("check", []) => Some(Verb::Check(Check::default())),
        ("pre-receive", []) => Some(Verb::PreReceive(Common::default())),
        ("hook", [name, args @ ..]) => {
            let (name, args) = (name.to_str()?.to_owned(), args.to_vec());
            Some(Verb::Hook(Hook { name, args, common: Common::default() }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::Parser;

    fn args(line: &str) -> Vec<OsString> {
        line.split(' ').map(|arg| if arg == "''" { "" } else { arg }.into()).collect()
    }

    #[test]
    fn reads_what_clap_reads() {
        for line in [
            "gitward check",
            "gitward pre-receive",
            "gitward hook pre-commit",
            "gitward hook commit-msg .git/COMMIT_EDITMSG",
            "gitward hook pre-push origin https://git.example/a.git",
            "gitward hook help a",
        ] {
            let ours = verb(&args(line)).unwrap();
            let claps = Cli::try_parse_from(args(line)).unwrap().verb;
            assert_eq!(format!("{ours:?}"), format!("{claps:?}"), "{line}");
        }
    }

    #[test]
    fn leaves_the_rest_to_clap() {
        for line in [
            "gitward",
            "gitward hook",
            "gitward check a",
            "gitward check -q",
            "gitward hook --help",
            "gitward hook pre-commit --only secrets",
            "gitward hook pre-push origin ''",
            "gitward scan",
        ] {
            assert!(verb(&args(line)).is_none(), "{line}");
        }
    }
}
