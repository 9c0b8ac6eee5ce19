//! Draws one remark with the source lines that belong to it. Knows the layout; every text that it is given
//! has passed [`super::excerpt`] already.

use super::excerpt::Excerpt;
use super::severity::Severity;
use super::style::{Role, Style};

/// A remark: a finding, something that could not be checked, an error of the program.
#[derive(Debug)]
pub(super) struct Remark {
    /// How serious it is.
    pub(super) severity: Severity,
    /// The rule or the error's code; may be empty.
    pub(super) code: String,
    /// What is the matter.
    pub(super) message: String,
    /// Where; the first is the place itself, the others explain it.
    pub(super) frames: Vec<Frame>,
    /// What to do, or what else is known: the word in front and the line.
    pub(super) advice: Vec<(&'static str, String)>,
}

/// A place, and its line of source if it has one.
#[derive(Debug)]
pub(super) struct Frame {
    /// What the arrow points at.
    pub(super) place: String,
    /// The line.
    pub(super) source: Option<Source>,
}

/// A line of source and what is said about its mark.
#[derive(Debug)]
pub(super) struct Source {
    /// Line number, from 1.
    pub(super) line: u32,
    /// The line and its mark.
    pub(super) excerpt: Excerpt,
    /// A few words behind the mark; may be empty.
    pub(super) note: String,
}

impl Remark {
    /// The remark as text, each line with its end.
    pub(super) fn draw(&self, style: Style) -> String {
        let mut out = String::new();
        let role = self.severity.role();
        let code = if self.code.is_empty() { String::new() } else { format!("[{}]", self.code) };
        style.paint(&mut out, role, &format!("{}{code}", self.severity.name()));
        style.paint(&mut out, Role::Title, &format!(": {}", self.message));
        out.push('\n');

        let widest = self.frames.iter().filter_map(|f| f.source.as_ref()).map(|s| s.line).max();
        let gutter = widest.unwrap_or(1).to_string().len();
        for (n, frame) in self.frames.iter().enumerate() {
            let (mark, role) = if n == 0 { ('^', role) } else { ('-', Role::Gutter) };
            style.paint(&mut out, Role::Gutter, &format!("{:gutter$}--> ", ""));
            out.push_str(&frame.place);
            out.push('\n');
            if let Some(source) = &frame.source {
                source.draw(&mut out, style, gutter, mark, role);
            }
        }
        for (word, line) in &self.advice {
            style.paint(&mut out, Role::Gutter, &format!("{:gutter$} = ", ""));
            style.paint(&mut out, Role::Help, &format!("{word}:"));
            out.push(' ');
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}

impl Source {
    fn draw(&self, out: &mut String, style: Style, gutter: usize, mark: char, role: Role) {
        let bar = format!("{:gutter$} |", "");
        style.paint(out, Role::Gutter, &bar);
        out.push('\n');
        style.paint(out, Role::Gutter, &format!("{:>gutter$} |", self.line));
        if !self.excerpt.text.is_empty() {
            out.push(' ');
            out.push_str(&self.excerpt.text);
        }
        out.push('\n');
        style.paint(out, Role::Gutter, &bar);
        out.extend(std::iter::repeat_n(' ', self.excerpt.start + 1));
        let mut below: String = std::iter::repeat_n(mark, self.excerpt.width).collect();
        if !self.note.is_empty() {
            below.push(' ');
            below.push_str(&self.note);
        }
        style.paint(out, role, &below);
        out.push('\n');
    }
}
