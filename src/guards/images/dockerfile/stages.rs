//! Stages, and every place where a build pulls an image.

use super::ast::{Dockerfile, Flag, Instruction, Keyword, Kind, Word};
use super::budget::Budget;
use super::expand::ExpandError;
use super::mount;
use super::scope::{PLATFORMS, Scope};
use crate::finding::Span;
use crate::guards::images::policy::SCRATCH;
use crate::guards::images::reference::Reference;
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// A stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The index of its `FROM` among the instructions.
    pub from: usize,
    /// Its name in lower case, where it has one.
    pub name: Option<Vec<u8>>,
    /// The indices of its other instructions.
    pub body: Range<usize>,
    /// What it is built on.
    pub base: Base,
    /// Where the base's name stands.
    pub base_span: Span,
}

/// What a name resolves to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Base {
    /// The empty image.
    Scratch,
    /// Earlier stages; more than one where a platform variable decides.
    Stages(SmallVec<[usize; 1]>),
    /// An image that is pulled.
    Image(Reference),
    /// It cannot be told: the reason.
    Unresolved(String),
}

/// Where an image is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// `FROM`
    From,
    /// `COPY --from`
    CopyFrom,
    /// `RUN --mount=from=`
    MountFrom,
    /// `# syntax=`: the program that reads the file
    Frontend,
}

impl Place {
    /// As people write it.
    pub fn words(self) -> &'static str {
        match self {
            Place::From => "FROM",
            Place::CopyFrom => "COPY --from",
            Place::MountFrom => "RUN --mount from",
            Place::Frontend => "# syntax",
        }
    }
}

/// One naming of an image, stage or `scratch`.
#[derive(Clone, Debug)]
pub struct ImageUse {
    /// Where.
    pub place: Place,
    /// Under `ONBUILD`: it holds in builds upon the image.
    pub onbuild: bool,
    /// Its stage; `None` in front of the first `FROM`.
    pub stage: Option<usize>,
    /// The name in the file.
    pub span: Span,
    /// As written.
    pub written: Vec<u8>,
    /// What it means.
    pub target: Base,
}

/// A Dockerfile's stages and images.
#[derive(Debug)]
pub struct Build {
    /// In order.
    pub stages: Vec<Stage>,
    /// In order of the file, the frontend first.
    pub uses: Vec<ImageUse>,
    /// The global arguments, for the usual platform.
    pub globals: Scope,
    /// What expansions may still cost.
    pub budget: Budget,
}

impl Build {
    /// The last stage, which a build without `--target` gives.
    pub fn last(&self) -> Option<usize> {
        self.stages.len().checked_sub(1)
    }

    /// A stage and every stage that it descends from, itself first.
    pub fn lineage(&self, stage: usize) -> Vec<usize> {
        let mut chain = vec![stage];
        let mut seen: HashSet<usize> = chain.iter().copied().collect();
        let mut at = 0;
        while let Some(stage) = chain.get(at).and_then(|n| self.stages.get(*n)) {
            if let Base::Stages(bases) = &stage.base {
                chain.extend(bases.iter().copied().filter(|b| seen.insert(*b)));
            }
            at += 1;
        }
        chain
    }
}

/// Finds stages and images.
pub fn resolve(file: &Dockerfile) -> Build {
    let mut resolver = Resolver::new(file);
    if let Some(frontend) = &file.frontend {
        // the frontend takes the first word
        let len = frontend.value.iter().take_while(|&&b| b != b' ').count();
        let written = frontend.value.get(..len).unwrap_or_default();
        let span = Span::new(frontend.span.start, frontend.span.end.min(frontend.span.start + len));
        resolver.add(Place::Frontend, false, span, written, image(written));
    }
    for (n, instruction) in file.instructions.iter().enumerate() {
        resolver.instruction(n, instruction);
    }
    let Resolver { stages, uses, scopes, budget, .. } = resolver;
    Build { stages, uses, globals: scopes.into_iter().next().unwrap_or_default(), budget }
}

struct Resolver<'f> {
    file: &'f Dockerfile,
    stages: Vec<Stage>,
    uses: Vec<ImageUse>,
    /// The latest stage of each name.
    names: HashMap<Vec<u8>, usize>,
    /// Global arguments: one scope, or one for each platform where that may matter.
    scopes: Vec<Scope>,
    budget: Budget,
}

impl<'f> Resolver<'f> {
    fn new(file: &'f Dockerfile) -> Self {
        let platforms = if mentions_platform(file) { &PLATFORMS[..] } else { &PLATFORMS[..1] };
        Resolver {
            file,
            stages: Vec::new(),
            uses: Vec::new(),
            names: HashMap::new(),
            scopes: platforms.iter().map(|p| Scope::platform(p)).collect(),
            budget: Budget::default(),
        }
    }

    fn add(&mut self, place: Place, onbuild: bool, span: Span, written: &[u8], target: Base) {
        let stage = self.stages.len().checked_sub(1);
        self.uses.push(ImageUse { place, onbuild, stage, span, written: written.to_vec(), target });
    }

    fn instruction(&mut self, n: usize, instruction: &Instruction) {
        match &instruction.kind {
            Kind::From(from) => {
                let base = self.from(&from.image.text);
                let name = from.name.as_ref().map(|w| w.text.to_ascii_lowercase());
                let span = from.image.span;
                let stage =
                    Stage { from: n, name: name.clone(), body: n + 1..n + 1, base: base.clone(), base_span: span };
                self.stages.push(stage);
                self.add(Place::From, false, span, &from.image.text, base);
                // only now: a stage cannot be its own base
                if let Some(name) = name {
                    self.names.insert(name, self.stages.len() - 1);
                }
                return;
            }
            Kind::Pairs(pairs) if instruction.keyword == Keyword::Arg && self.stages.is_empty() => {
                for scope in &mut self.scopes {
                    scope.add_global(pairs, self.file.escape, &self.budget);
                }
            }
            Kind::Onbuild(trigger) => self.pulls(trigger, true),
            _ => self.pulls(instruction, false),
        }
        if let Some(stage) = self.stages.last_mut() {
            stage.body.end = n + 1;
        }
    }

    /// Images that an instruction inside a stage names.
    fn pulls(&mut self, instruction: &Instruction, onbuild: bool) {
        match instruction.keyword {
            Keyword::Copy => {
                for flag in instruction.flags.iter().filter(|f| f.name == b"from") {
                    let Some(value) = flag.value.as_ref().filter(|v| !v.text.is_empty()) else { continue };
                    let target = match number(&value.text) {
                        // the index counts the stages of the build that runs the trigger
                        Some(_) if onbuild => continue,
                        Some(index) => self.stage_number(index),
                        None => self.named(&value.text, onbuild),
                    };
                    self.add(Place::CopyFrom, onbuild, narrowed(flag, &value.text), &value.text, target);
                }
            }
            Keyword::Run => {
                for flag in instruction.flags.iter().filter(|f| f.name == b"mount") {
                    let Some(value) = &flag.value else { continue };
                    self.mount(flag, value, onbuild);
                }
            }
            _ => {}
        }
    }

    fn mount(&mut self, flag: &Flag, value: &Word, onbuild: bool) {
        let fields = match mount::fields(&value.text) {
            Ok(fields) => fields,
            Err(why) => {
                let target = Base::Unresolved(why.to_owned());
                return self.add(Place::MountFrom, onbuild, value.span, &value.text, target);
            }
        };
        for (key, from) in fields {
            let Some(from) = from.filter(|f| key == b"from" && !f.is_empty()) else { continue };
            let target = self.named(&from, onbuild);
            self.add(Place::MountFrom, onbuild, narrowed(flag, &from), &from, target);
        }
    }

    /// The stage of that index, as `COPY --from=0` takes it.
    fn stage_number(&self, index: i64) -> Base {
        match usize::try_from(index).ok().filter(|n| n + 1 < self.stages.len()) {
            Some(n) => Base::Stages(SmallVec::from([n])),
            None => Base::Unresolved(format!("there is no earlier stage of index {index}")),
        }
    }

    /// A name in `--from`: a stage, or an image; variables are not expanded there.
    fn named(&self, text: &[u8], onbuild: bool) -> Base {
        if text.contains(&b'$') {
            return Base::Unresolved("variables are not expanded in --from".to_owned());
        }
        // triggers run in another file, which has other stages
        let stage = if onbuild { None } else { self.stage_named(text) };
        stage.map_or_else(|| image(text), |stage| Base::Stages(SmallVec::from([stage])))
    }

    fn stage_named(&self, text: &[u8]) -> Option<usize> {
        self.names.get(&text.to_ascii_lowercase()).copied()
    }

    /// The base of a stage.
    fn from(&self, written: &[u8]) -> Base {
        let mut first = None;
        let mut stages: SmallVec<[usize; 1]> = SmallVec::new();
        for scope in &self.scopes {
            let value = scope.expand(written, self.file.escape, &self.budget);
            let stage = value.as_ref().ok().filter(|v| v.unset.is_empty()).and_then(|v| self.stage_named(&v.text));
            if let Some(stage) = stage.filter(|s| !stages.contains(s)) {
                stages.push(stage);
            }
            first.get_or_insert(value);
        }
        if !stages.is_empty() {
            return Base::Stages(stages);
        }
        match first {
            Some(Ok(value)) => match value.unset.first() {
                Some(name) => {
                    let name = ExpandError::Unset(String::from_utf8_lossy(name).into_owned());
                    Base::Unresolved(name.to_string())
                }
                None => image(&value.text),
            },
            Some(Err(why)) => Base::Unresolved(why.to_string()),
            None => Base::Unresolved(String::new()),
        }
    }
}

/// Whether a predefined platform variable can take part in a base's name.
fn mentions_platform(file: &Dockerfile) -> bool {
    let names = |text: &[u8]| [&b"TARGET"[..], b"BUILD"].iter().any(|n| memchr::memmem::find(text, n).is_some());
    let mut before_first = true;
    file.instructions.iter().any(|i| match &i.kind {
        Kind::From(from) => {
            before_first = false;
            names(&from.image.text)
        }
        Kind::Pairs(_) => before_first && names(&i.args.bytes),
        _ => false,
    })
}

fn image(text: &[u8]) -> Base {
    if text == SCRATCH.as_bytes() {
        return Base::Scratch;
    }
    match Reference::parse(text) {
        Ok(reference) => Base::Image(reference),
        Err(why) => Base::Unresolved(why.to_string()),
    }
}

/// An index as the frontend reads it: decimal digits, a sign allowed.
fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Where `part` of a flag's value stands, behind its `=`; the whole flag where quotes, escapes or line ends
/// stand inside it.
fn narrowed(flag: &Flag, part: &[u8]) -> Span {
    let Some(value) = &flag.value else { return flag.span };
    let head = "--=".len() + flag.name.len();
    if flag.span.end - flag.span.start != head + value.text.len() {
        return flag.span;
    }
    let needle = [&b"="[..], part].concat();
    let at = match value.text.as_slice() == part {
        true => Some(0),
        false => memchr::memmem::rfind(&value.text, &needle).map(|n| n + 1),
    };
    let start = flag.span.start + head;
    at.map_or(flag.span, |n| Span::new(start + n, start + n + part.len()))
}
