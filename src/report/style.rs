//! Colour: whether, and which.

use std::ffi::OsStr;

/// `--color`
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColorChoice {
    /// As the environment and the terminal suggest.
    #[default]
    Auto,
    /// Whatever the output is.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Every choice.
    pub const ALL: [ColorChoice; 3] = [ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ColorChoice::Auto => "auto",
            ColorChoice::Always => "always",
            ColorChoice::Never => "never",
        }
    }

    /// The choice of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// The values of the environment variables that have a say in colour, as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColorEnv<'a> {
    /// `NO_COLOR`: no colour, unless empty (no-color.org).
    pub no_color: Option<&'a OsStr>,
    /// `FORCE_COLOR`: colour, unless empty or `0` (force-color.org).
    pub force_color: Option<&'a OsStr>,
    /// `CLICOLOR_FORCE`: colour, unless empty or `0` (bixense.com/clicolors).
    pub clicolor_force: Option<&'a OsStr>,
    /// `TERM`: a terminal that is `dumb` shows escape sequences as they are.
    pub term: Option<&'a OsStr>,
}

/// Which drawing goes with text: plain, or with ANSI colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Style {
    color: bool,
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Error,
    Warning,
    Note,
    /// The message of a finding.
    Title,
    /// Arrows, line numbers, bars, and the marks of second places.
    Gutter,
    /// The word in front of advice.
    Help,
}

impl Style {
    /// Without colour.
    pub const PLAIN: Style = Style { color: false };
    /// With colour.
    pub const COLOR: Style = Style { color: true };

    /// The order of precedence: `--color`, `NO_COLOR`, `FORCE_COLOR` or `CLICOLOR_FORCE`, the terminal.
    pub fn choose(choice: ColorChoice, env: ColorEnv<'_>, is_terminal: bool) -> Self {
        let set = |value: Option<&OsStr>| value.is_some_and(|v| !v.is_empty());
        let forced = |value: Option<&OsStr>| value.is_some_and(|v| !v.is_empty() && v != "0");
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set(env.no_color) => false,
            ColorChoice::Auto if forced(env.force_color) || forced(env.clicolor_force) => true,
            ColorChoice::Auto => is_terminal && env.term.is_none_or(|t| t != "dumb"),
        };
        Style { color }
    }

    /// Appends `text` in the colour of its role.
    pub(super) fn paint(self, out: &mut String, role: Role, text: &str) {
        if !self.color || text.is_empty() {
            out.push_str(text);
            return;
        }
        out.push_str(match role {
            Role::Error => "\x1b[1;31m",
            Role::Warning => "\x1b[1;33m",
            Role::Note => "\x1b[1;36m",
            Role::Title => "\x1b[1m",
            Role::Gutter => "\x1b[1;34m",
            Role::Help => "\x1b[1;32m",
        });
        out.push_str(text);
        out.push_str("\x1b[0m");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_word_wins() {
        let none = ColorEnv::default();
        let no = ColorEnv { no_color: Some("1".as_ref()), ..none };
        let empty_no = ColorEnv { no_color: Some("".as_ref()), ..none };
        let force = ColorEnv { force_color: Some("1".as_ref()), ..none };
        let force_off = ColorEnv { force_color: Some("0".as_ref()), ..none };
        let clicolor = ColorEnv { clicolor_force: Some("1".as_ref()), ..none };
        let both = ColorEnv { no_color: Some("1".as_ref()), ..force };
        let dumb = ColorEnv { term: Some("dumb".as_ref()), ..none };
        use ColorChoice::{Always, Auto, Never};
        for (choice, env, is_terminal, color) in [
            (Auto, none, true, true),
            (Auto, none, false, false),
            (Auto, no, true, false),
            (Auto, empty_no, true, true),
            (Auto, force, false, true),
            (Auto, force_off, false, false),
            (Auto, force_off, true, true),
            (Auto, clicolor, false, true),
            (Auto, both, true, false),
            (Auto, dumb, true, false),
            (Always, no, false, true),
            (Always, dumb, false, true),
            (Never, force, true, false),
        ] {
            assert_eq!(Style::choose(choice, env, is_terminal), Style { color }, "{choice:?} {env:?} {is_terminal}");
        }
    }

    #[test]
    fn names_are_unique_and_found() {
        for choice in ColorChoice::ALL {
            assert_eq!(ColorChoice::from_name(choice.name()), Some(choice));
        }
        assert_eq!(ColorChoice::from_name("yes"), None);
    }
}
