//! The rules of the images guard: one file a rule, one list.

use super::dockerfile::stages::{Base, Build, ImageUse, Place};
use super::dockerfile::{Dockerfile, Instruction, Keyword, Kind};
use super::policy::Patterns;
use super::reference::Reference;
use crate::finding::Span;
use crate::policy::{ImagesPolicy, Policy, SetBy};
use crate::rule::RuleMeta;

mod dl3000;
mod dl3002;
mod dl3006;
mod dl3007;
mod dl3020;
mod dl3021;
mod dl3022;
mod dl3023;
mod dl3024;
mod dl3025;
mod dl4000;
mod dl4003;
mod dl4004;
mod dockerfile_parse;
mod image_digest;
mod image_final_base;
mod image_multi_stage;
mod image_registry;
mod image_tag;
mod image_unresolvable;

/// Every rule, policy rules first.
pub(crate) static RULES: &[&Rule] = &[
    &image_registry::RULE,
    &image_unresolvable::RULE,
    &image_final_base::RULE,
    &image_multi_stage::RULE,
    &image_tag::RULE,
    &image_digest::RULE,
    &dockerfile_parse::RULE,
    &dl3000::RULE,
    &dl3002::RULE,
    &dl3006::RULE,
    &dl3007::RULE,
    &dl3020::RULE,
    &dl3021::RULE,
    &dl3022::RULE,
    &dl3023::RULE,
    &dl3024::RULE,
    &dl3025::RULE,
    &dl4000::RULE,
    &dl4003::RULE,
    &dl4004::RULE,
];

/// A rule: its public face with examples, and its check.
pub(crate) struct Rule {
    /// Id, level, texts, bad and good examples.
    pub(crate) meta: RuleMeta<'static>,
    /// Whether the policy asks for it.
    pub(crate) asked: fn(&ImagesPolicy) -> bool,
    /// Judges one file.
    pub(crate) check: fn(&Context<'_>, &mut Vec<Offence>),
}

/// For rules that need no policy.
pub(crate) fn always(_: &ImagesPolicy) -> bool {
    true
}

/// What a check sees.
pub(crate) struct Context<'a> {
    /// The bytes of the file, for bodies of here-documents.
    pub(crate) text: &'a [u8],
    pub(crate) policy: &'a Policy,
    pub(crate) patterns: &'a Patterns,
    pub(crate) file: &'a Dockerfile,
    pub(crate) build: &'a Build,
}

impl<'a> Context<'a> {
    /// Every instruction, triggers of `ONBUILD` in place of their `ONBUILD`.
    pub(crate) fn instructions(&self) -> impl Iterator<Item = &'a Instruction> {
        self.file.instructions.iter().map(|i| match &i.kind {
            Kind::Onbuild(trigger) => trigger,
            _ => i,
        })
    }

    /// The instructions of a stage, without its `FROM`.
    pub(crate) fn body(&self, stage: usize) -> &'a [Instruction] {
        let range = self.build.stages.get(stage).map(|s| s.body.clone()).unwrap_or_default();
        self.file.instructions.get(range).unwrap_or_default()
    }

    /// Every image that a build pulls, with the place that names it.
    pub(crate) fn pulled(&self) -> impl Iterator<Item = (&'a ImageUse, &'a Reference)> {
        self.build.uses.iter().filter_map(|u| match &u.target {
            Base::Image(image) => Some((u, image)),
            _ => None,
        })
    }

    /// The bases that a build pulls.
    pub(crate) fn bases(&self) -> impl Iterator<Item = (&'a ImageUse, &'a Reference)> {
        self.pulled().filter(|(u, _)| u.place == Place::From)
    }
}

/// What a check finds.
pub(crate) struct Offence {
    pub(crate) span: Span,
    /// What the offence is about, for its fingerprint: a reference or an instruction, no position.
    pub(crate) subject: Vec<u8>,
    pub(crate) message: String,
    pub(crate) note: String,
    pub(crate) help: Vec<String>,
    /// Who asks for it, and the words at that line.
    pub(crate) by: Option<(SetBy, &'static str)>,
    /// Other places of the file.
    pub(crate) related: Vec<(Span, String)>,
}

impl Offence {
    pub(crate) fn new(span: Span, subject: &[u8], message: impl Into<String>) -> Self {
        Offence {
            span,
            subject: normalised(subject),
            message: message.into(),
            note: String::new(),
            help: Vec::new(),
            by: None,
            related: Vec::new(),
        }
    }

    /// About an instruction; the mark is on its keyword and arguments.
    pub(crate) fn at(instruction: &Instruction, message: impl Into<String>) -> Self {
        let mut subject = instruction.keyword.name().as_bytes().to_vec();
        for flag in &instruction.flags {
            subject.push(b' ');
            subject.extend_from_slice(&flag.name);
            subject.push(b'=');
            subject.extend_from_slice(flag.value.as_ref().map_or(&[], |v| v.text.as_slice()));
        }
        subject.push(b' ');
        subject.extend_from_slice(&instruction.args.bytes);
        Offence::new(instruction.span, &subject, message)
    }

    /// About an image; the note is its full name.
    pub(crate) fn image(used: &ImageUse, image: &Reference, message: impl Into<String>) -> Self {
        let name = image.to_string();
        let mut offence = Offence::new(used.span, name.as_bytes(), message);
        offence.note = name;
        offence
    }

    #[must_use]
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    #[must_use]
    pub(crate) fn by(mut self, by: SetBy, words: &'static str) -> Self {
        self.by = Some((by, words));
        self
    }

    #[must_use]
    pub(crate) fn related(mut self, span: Span, words: impl Into<String>) -> Self {
        self.related.push((span, words.into()));
        self
    }
}

/// One blank for every run of white space, so that reformatting keeps a fingerprint.
fn normalised(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().min(4096));
    for word in text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
    out
}

/// Text of the repository for a message: valid, and never long.
pub(crate) fn shown(text: &[u8]) -> String {
    const MAX: usize = 100;
    let text = String::from_utf8_lossy(text.get(..4 * MAX).unwrap_or(text));
    let mut short: String = text.chars().take(MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The first patterns of a policy list, for a help line.
pub(crate) fn listed(patterns: &[String]) -> String {
    const MAX: usize = 6;
    let mut text: Vec<String> = patterns.iter().take(MAX).map(|p| shown(p.as_bytes())).collect();
    if text.is_empty() {
        return "nothing".to_owned();
    }
    if let Some(more) = patterns.len().checked_sub(MAX).filter(|n| *n > 0) {
        text.push(format!("and {more} more"));
    }
    text.join(", ")
}

/// For instructions of which the last of a stage alone counts: an offence at each but the last.
fn repeated(cx: &Context<'_>, keyword: Keyword, out: &mut Vec<Offence>) {
    for stage in 0..cx.build.stages.len() {
        let mut all = cx.body(stage).iter().filter(|i| i.keyword == keyword).rev();
        let Some(last) = all.next() else { continue };
        let name = keyword.name();
        out.extend(all.map(|earlier| {
            Offence::at(earlier, format!("a later {name} of the stage overrides this one"))
                .related(last.keyword_span, "this one counts")
                .help("keep the last one alone")
        }));
    }
}
