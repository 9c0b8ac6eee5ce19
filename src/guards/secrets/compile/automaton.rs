//! All literals as one Aho-Corasick automaton: case-folded byte classes, 16-bit states, match states last.
//!
//! Half of the places where a short literal stands are inside of words, and most rules want it at their beginning. So
//! there are two roots: one behind a letter or digit, where any literal may begin, and one behind everything else and
//! at the beginning of a text, where literals begin that have to stand at an [edge](Needle::edge), too.

use super::grams;
use std::borrow::Cow;
use std::collections::VecDeque;

/// What stands at the end of a literal: whose it is, and its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hit {
    /// Index of the rule.
    pub(crate) rule: u16,
    /// Bytes of the literal.
    pub(crate) len: u8,
}

/// What is searched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Needle {
    /// In lower case.
    pub(crate) text: Vec<u8>,
    /// Index of the rule.
    pub(crate) rule: u16,
    /// Whether it counts only where no letter or digit of ASCII stands in front of it.
    pub(crate) edge: bool,
}

/// A deterministic automaton over folded bytes; state 0 is that at the beginning of a text or behind an edge; its text
/// form is two flat tables.
#[derive(Clone, Debug)]
pub(crate) struct Automaton {
    /// The class of each byte; both cases of a letter share one.
    pub(crate) classes: [u8; 256],
    /// The length of a row of `table`, one of [`WIDTHS`].
    pub(crate) width: usize,
    /// Where the row of the following state begins, by state and class, little-endian: bytes, so that the table of the
    /// built-in rules is a file that the compiler includes as it is.
    pub(crate) table: Cow<'static, [[u8; 4]]>,
    /// States from this one on are the ends of literals.
    pub(crate) first_match: u16,
    /// Where in `hits` those of a match state begin, one more at the end.
    pub(crate) starts: Cow<'static, [u32]>,
    /// Longer literals before shorter ones.
    pub(crate) hits: Cow<'static, [Hit]>,
    /// Bytes of the longest literal.
    pub(crate) longest: u8,
}

/// The lengths that rows have, each the first that holds all classes. They are odd: the fronts of rows of 2^n entries,
/// which most steps ask for, would share few of the sets of the processor's cache. There are no more than 230 folded
/// bytes, and the class of what stands in no literal.
pub(crate) const WIDTHS: [usize; 3] = [65, 129, 231];

/// The trie under construction: rows of 32-bit states.
struct Trie {
    width: usize,
    rows: Vec<u32>,
    hits: Vec<Vec<Hit>>,
    /// How often what leads to a state stands in text.
    rates: Vec<f64>,
}

impl Trie {
    const NONE: u32 = u32::MAX;
    /// Nothing of a literal was seen, at an edge …
    const EDGE: u32 = 0;
    /// … and inside of a word.
    const WORD: u32 = 1;

    fn add_state(&mut self, path: &[u8]) -> u32 {
        self.rows.resize(self.rows.len() + self.width, Self::NONE);
        self.hits.push(Vec::new());
        self.rates.push(grams::frequency(path));
        (self.hits.len() - 1) as u32
    }

    fn insert(&mut self, classes: &[u8; 256], needle: &Needle, hit: Hit) {
        let mut state = if needle.edge { Self::EDGE } else { Self::WORD };
        for (n, &byte) in needle.text.iter().enumerate() {
            let cell = state as usize * self.width + usize::from(classes[usize::from(byte)]);
            if self.rows[cell] == Self::NONE {
                self.rows[cell] = self.add_state(&needle.text[..=n]);
            }
            state = self.rows[cell];
        }
        self.hits[state as usize].push(hit);
    }

    /// Fills the missing transitions from the failure states. A class of `words` holds letters or digits.
    fn complete(&mut self, words: &[bool; 256]) {
        let mut fail = vec![Self::WORD; self.hits.len()];
        // what begins anywhere comes first: what begins at an edge falls back to it
        let mut queue = VecDeque::from([Self::WORD, Self::EDGE]);
        while let Some(state) = queue.pop_front() {
            let (row, back) = (state as usize * self.width, fail[state as usize] as usize);
            if state > Self::WORD {
                let shorter = self.hits[back].clone();
                self.hits[state as usize].extend(shorter);
            }
            for (class, is_word) in words.iter().enumerate().take(self.width) {
                let other = match state {
                    Self::WORD if *is_word => Self::WORD,
                    Self::WORD => Self::EDGE,
                    _ => self.rows[back * self.width + class],
                };
                match self.rows[row + class] {
                    Self::NONE => self.rows[row + class] = other,
                    next => {
                        fail[next as usize] = other;
                        queue.push_back(next);
                    }
                }
            }
        }
    }
}

impl Automaton {
    /// The automaton of `needles`; `None` when it would need more than 65,536 states, or when a literal has more than
    /// 255 bytes.
    pub(crate) fn new(needles: &[Needle]) -> Option<Self> {
        let (classes, width) = classes(needles);
        let mut words = [false; 256];
        (0..=u8::MAX)
            .filter(u8::is_ascii_alphanumeric)
            .for_each(|b| words[usize::from(classes[usize::from(b)])] = true);
        let mut trie = Trie { width, rows: Vec::new(), hits: Vec::new(), rates: Vec::new() };
        trie.add_state(b"");
        trie.add_state(b"");
        let mut longest = 0;
        for needle in needles {
            let len = u8::try_from(needle.text.len()).ok()?;
            longest = longest.max(len);
            trie.insert(&classes, needle, Hit { rule: needle.rule, len });
        }
        let states = trie.hits.len();
        if states > usize::from(u16::MAX) {
            return None;
        }
        trie.complete(&words);
        // rows that most steps ask for lie together; state 0 stays in front
        let mut order: Vec<u32> = (0..states as u32).collect();
        order.sort_by(|&a, &b| trie.rates[b as usize].total_cmp(&trie.rates[a as usize]));
        let ends = |s: &u32| !trie.hits[*s as usize].is_empty();
        let (matching, plain): (Vec<u32>, Vec<u32>) = order.into_iter().partition(ends);
        let mut number = vec![0u16; states];
        for (n, &state) in plain.iter().chain(&matching).enumerate() {
            number[state as usize] = n as u16;
        }
        let mut table = vec![[0; 4]; states * width];
        for (state, row) in trie.rows.chunks_exact(width).enumerate() {
            let at = usize::from(number[state]) * width;
            for (class, &next) in row.iter().enumerate() {
                // fewer than 2^16 rows of fewer than 2^9 entries
                table[at + class] = (u32::from(number[next as usize]) * width as u32).to_le_bytes();
            }
        }
        let (mut starts, mut hits) = (vec![0], vec![]);
        for &state in &matching {
            hits.extend_from_slice(&trie.hits[state as usize]);
            starts.push(hits.len() as u32);
        }
        Some(Automaton {
            classes,
            width,
            table: Cow::Owned(table),
            first_match: plain.len() as u16,
            starts: Cow::Owned(starts),
            hits: Cow::Owned(hits),
            longest,
        })
    }

    /// The literals that end in a match state.
    pub(crate) fn hits(&self, state: u16) -> &[Hit] {
        let at = usize::from(state.saturating_sub(self.first_match));
        let bounds = self.starts.get(at).zip(self.starts.get(at + 1));
        bounds.and_then(|(&from, &to)| self.hits.get(from as usize..to as usize)).unwrap_or_default()
    }
}

/// The bytes that are most frequent in source text, the most frequent first.
const FREQUENT: &[u8] = b" etrsnaoilcdpum_fhg.,(\")-by/:=0vk12wx";

/// A class for each folded byte that stands in a literal, class 0 for all others but letters and digits, which have one
/// of their own; and the length of a row for that many.
/// Frequent bytes come first: a quarter of a row is a line of the processor's cache, and few steps ask for the others.
fn classes(needles: &[Needle]) -> ([u8; 256], usize) {
    let mut known = [false; 256];
    needles.iter().flat_map(|needle| &needle.text).for_each(|&byte| known[usize::from(byte)] = true);
    let others = (0..=u8::MAX).filter(|byte| !FREQUENT.contains(byte));
    let mut classes = [0u8; 256];
    let mut count = 1usize;
    for byte in FREQUENT.iter().copied().chain(others).filter(|&byte| known[usize::from(byte)]) {
        classes[usize::from(byte)] = count as u8; // below 231: upper-case letters never get one
        count += 1;
    }
    let foreign = |byte: &u8| (byte.is_ascii_digit() || byte.is_ascii_lowercase()) && !known[usize::from(*byte)];
    if (0..=u8::MAX).any(|byte| foreign(&byte)) {
        (0..=u8::MAX).filter(foreign).for_each(|byte| classes[usize::from(byte)] = count as u8);
        count += 1;
    }
    for upper in b'A'..=b'Z' {
        classes[usize::from(upper)] = classes[usize::from(upper.to_ascii_lowercase())];
    }
    (classes, WIDTHS.into_iter().find(|width| count <= *width).unwrap_or(WIDTHS[2]))
}
