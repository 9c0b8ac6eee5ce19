//! How random a text is: the best-scoring section under two models of where its bytes come from.
//!
//! One model draws every byte from the alphabet that the text shows (hexadecimal, one case with digits, both
//! cases …), all alike. The other writes as people do in code: words, letter by letter given the two letters
//! before, in the usual case patterns, digits mostly after words. A byte scores the logarithm of the ratio of the
//! two, in bits; bytes of common words count as written. The score of a text is that of its best section, so that
//! `prod-` before a key takes nothing from it and a long name adds nothing to a short one.
//!
//! `random.bin` holds the second model, `words.txt` the common words, both counted over Rust, Python, C and
//! JavaScript files (the sources of this crate's dependencies and of Python's standard library): a word counts once
//! a file. Only the counts are kept. The ignored test below makes the files anew.

use super::words;

/// Longer texts are judged by their beginning.
pub(crate) const MAX_LEN: usize = 512;
/// Letters without case, and the end of a word.
const SYMBOLS: usize = 27;
const END: usize = 26;
const TRIPLES: usize = SYMBOLS * SYMBOLS * SYMBOLS;
const NIBBLES: usize = TRIPLES.div_ceil(2);
/// Bits that one step of a nibble stands for: 15 of them are one in 2^12.
const STEP: f32 = 0.8;
/// Bits that one step of a transition's byte stands for.
const FINE: f32 = 1.0 / 16.0;
/// What a byte of a common word scores at most.
const WORD: f32 = -2.0;
/// What a mark such as `$` scores beside letters and digits: passwords have them, names have not.
const MARK: f32 = 2.0;

/// How rare each letter is after two others, in nibbles, and then how rare a kind is after a state.
static MODEL: &[u8; NIBBLES + STATES * KINDS] = include_bytes!("random.bin");

/// What stood before: nothing or a separator, a lower-case letter, an upper-case letter, a second one, a digit.
const STATES: usize = 5;
const EDGE: usize = 0;
const LOWER: usize = 1;
const UPPER: usize = 2;
const UPPERS: usize = 3;
const DIGIT: usize = 4;
/// What comes: the same word goes on in lower or upper case, a new one begins so, or a digit.
const KINDS: usize = 5;
const GO_LOWER: usize = 0;
const GO_UPPER: usize = 1;
const NEW_LOWER: usize = 2;
const NEW_UPPER: usize = 3;
const NEW_DIGIT: usize = 4;

/// How random a text is.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(crate) struct Score {
    /// Bits by which chance explains the best section better than writing does; 0 where it nowhere does. Random
    /// text gains 2 to 4 a byte, so 20 bits are one name in a million, or 8 bytes.
    pub(crate) bits: f32,
    /// Bytes of that section.
    pub(crate) len: usize,
}

/// Scores `text`, or its first [`MAX_LEN`] bytes. Linear; allocates nothing.
pub(crate) fn score(text: &[u8]) -> Score {
    let text = text.get(..MAX_LEN).unwrap_or(text);
    let all = alphabet(text).log2();
    let mut chance = all;
    let mut run_until = 0;
    let mut writer = Writer::default();
    let mut best = Score::default();
    let mut run = Score::default();
    let mut word_until = 0;
    for (at, &byte) in text.iter().enumerate() {
        if word_until <= at {
            word_until = at + words::at(text, at);
        }
        if run_until <= at {
            let run = text.get(at..).unwrap_or_default();
            let len = run.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            run_until = at + len.max(1);
            chance = run.get(..len).filter(|run| is_hex(run)).map_or(all, |run| alphabet(run).log2());
        }
        let mut bits = match writer.write(byte) {
            Some(written) => written - chance,
            None if byte.is_ascii_graphic() && !is_separator(byte) => MARK,
            None => 0.0,
        };
        if at < word_until {
            bits = bits.min(WORD);
        }
        run = Score { bits: run.bits + bits, len: run.len + 1 };
        if run.bits <= 0.0 {
            run = Score::default();
        }
        if run.bits > best.bits {
            best = run;
        }
    }
    best
}

/// The number of letters and digits that chance draws from, as far as the text shows.
fn alphabet(text: &[u8]) -> f32 {
    let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
    let digits = has(u8::is_ascii_digit);
    let letters = if is_hex(text) { 6 } else { 26 };
    let kinds = [(digits, 10), (has(u8::is_ascii_lowercase), letters), (has(u8::is_ascii_uppercase), letters)];
    kinds.iter().filter(|(there, _)| *there).map(|&(_, n)| n as f32).sum::<f32>().max(2.0)
}

/// Whether `text` looks like a hexadecimal number, in marks or not; short ones are no proof.
fn is_hex(text: &[u8]) -> bool {
    text.len() >= 8
        && text.iter().any(u8::is_ascii_digit)
        && text.iter().all(|b| !b.is_ascii_alphabetic() || b.is_ascii_hexdigit())
}

/// Marks that stand between words.
pub(crate) fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b'@' | b' ' | b'=' | b'+' | b',' | b'\\' | b'"' | b'\'' | b'~')
}

/// The model of written text, byte by byte.
struct Writer {
    /// The last two letters of the word, or [`END`].
    last: [usize; 2],
    state: usize,
}

impl Default for Writer {
    fn default() -> Self {
        Writer { last: [END; 2], state: EDGE }
    }
}

impl Writer {
    /// How unlikely the byte is, in bits; `None` for what is neither letter nor digit, which ends a word.
    fn write(&mut self, byte: u8) -> Option<f32> {
        let Some((kind, letter, state)) = self.step(byte) else {
            *self = Writer::default();
            return None;
        };
        let mut bits = f32::from(MODEL.get(NIBBLES + self.state * KINDS + kind).copied().unwrap_or_default()) * FINE;
        if kind >= NEW_LOWER {
            if self.last[1] != END {
                bits += rarity(self.last, END);
            }
            self.last = [END; 2];
        }
        match letter {
            Some(letter) => {
                bits += rarity(self.last, letter);
                self.last = [self.last[1], letter];
            }
            None => bits += std::f32::consts::LOG2_10,
        }
        self.state = state;
        Some(bits)
    }

    /// The kind that `byte` is here, its letter, and the state behind it.
    fn step(&self, byte: u8) -> Option<(usize, Option<usize>, usize)> {
        let in_word = matches!(self.state, LOWER | UPPER | UPPERS);
        Some(match byte {
            b'a'..=b'z' => {
                let kind = if in_word { GO_LOWER } else { NEW_LOWER };
                (kind, Some(usize::from(byte - b'a')), LOWER)
            }
            b'A'..=b'Z' => {
                let letter = Some(usize::from(byte - b'A'));
                match self.state {
                    UPPER | UPPERS => (GO_UPPER, letter, UPPERS),
                    _ => (NEW_UPPER, letter, UPPER),
                }
            }
            b'0'..=b'9' => (NEW_DIGIT, None, DIGIT),
            _ => return None,
        })
    }
}

/// How unlikely `letter` is after two others, in bits.
fn rarity(last: [usize; 2], letter: usize) -> f32 {
    let at = (last[0] * SYMBOLS + last[1]) * SYMBOLS + letter;
    let pair = MODEL.get(at / 2).copied().unwrap_or_default();
    f32::from(if at.is_multiple_of(2) { pair & 15 } else { pair >> 4 }) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guards::secrets::compile::grams::source_files;
    use std::collections::{BTreeMap, BTreeSet};

    fn bits(text: &str) -> f32 {
        score(text.as_bytes()).bits
    }

    #[test]
    fn tells_names_from_keys() {
        for name in [
            "correcthorse",
            "MyServiceAccountTokenProvider",
            "getUserPasswordHash",
            "AWS_SECRET_ACCESS_KEY",
            "application/json",
            "X509Certificate2",
            "utf8mb4_unicode_ci",
        ] {
            assert!(bits(name) < 12.0, "{name}: {:?}", score(name.as_bytes()));
        }
        for key in ["hT7$kq2Lw9", "9f86d081884c7d659a2feaa0c55ad015", "prod-x8Kq2mLw9ZtR", "qzjxkvwpfhgtbmwq"] {
            assert!(bits(key) > 20.0, "{key}: {:?}", score(key.as_bytes()));
        }
    }

    #[test]
    fn scores_the_best_section() {
        let key = score(b"x8Kq2mLw9ZtR7uVb");
        let named = score(b"application-password-x8Kq2mLw9ZtR7uVb");
        assert!((named.bits - key.bits).abs() < 3.0, "{key:?} {named:?}");
        assert_eq!(score(b""), Score::default());
        assert!(score(&[b'q'; 100_000]).len <= MAX_LEN);
    }

    /// Counts again: `GITWARD_WORDS` names folders (separated by `:`) with source text.
    #[test]
    #[ignore = "no test but a tool: overwrites random.bin and words.txt"]
    fn count_again() {
        let mut triples = vec![0f64; TRIPLES];
        let mut kinds = [0f64; STATES * KINDS];
        let mut files: BTreeMap<String, u32> = BTreeMap::new();
        let folders = std::env::split_paths(&std::env::var_os("GITWARD_WORDS").unwrap()).collect();
        for path in source_files(folders, &["rs", "py", "c", "h", "js", "md", "toml"]) {
            let text = std::fs::read(path).unwrap();
            let text = &text[..text.len().min(256 << 10)];
            let tokens: BTreeSet<&[u8]> = text.split(|b| !b.is_ascii_alphanumeric() && *b != b'_').collect();
            let mut words = BTreeSet::new();
            // longer ones are data; so are those that begin with a digit
            for token in tokens.into_iter().filter(|t| (3..=40).contains(&t.len()) && !t[0].is_ascii_digit()) {
                let (mut writer, mut word) = (Writer::default(), String::new());
                for &byte in token.iter().chain(b"_") {
                    let step = writer.step(byte);
                    let new = step.is_none_or(|(kind, ..)| kind >= NEW_LOWER);
                    if new && !word.is_empty() {
                        words.insert(std::mem::take(&mut word).to_ascii_lowercase());
                    }
                    if let Some((kind, letter, state)) = step {
                        kinds[writer.state * KINDS + kind] += 1.0;
                        word.extend(letter.map(|_| char::from(byte)));
                        writer.state = state;
                    } else {
                        writer = Writer::default();
                    }
                }
            }
            for word in words {
                *files.entry(word).or_default() += 1;
            }
        }
        for (word, &n) in &files {
            // words of many files must not hide how the others are spelt; those of one are often data
            let weight = f64::from(n - 1).sqrt();
            let mut last = [END; 2];
            for letter in word.bytes().map(|b| usize::from(b - b'a')).chain([END]) {
                triples[(last[0] * SYMBOLS + last[1]) * SYMBOLS + letter] += weight;
                last = [last[1], letter];
            }
        }
        let mut pairs = vec![0f64; SYMBOLS * SYMBOLS];
        for (at, n) in triples.iter().enumerate() {
            pairs[at % (SYMBOLS * SYMBOLS)] += n;
        }
        let share = |row: &[f64]| row.iter().map(|n| n / row.iter().sum::<f64>().max(1.0)).collect::<Vec<_>>();
        let mut model = vec![0u8; NIBBLES];
        for (at, row) in triples.chunks(SYMBOLS).enumerate() {
            // backed by what follows the last letter alone
            let b = at % SYMBOLS;
            let after = share(&pairs[b * SYMBOLS..(b + 1) * SYMBOLS]);
            let sum = row.iter().sum::<f64>();
            for (letter, n) in row.iter().enumerate() {
                let p = (n + 20.0 * (after[letter] + 1e-3)) / (sum + 20.0 * 1.027);
                let nibble = (-p.log2() / f64::from(STEP)).round().clamp(0.0, 15.0) as u8;
                let at = at * SYMBOLS + letter;
                model[at / 2] |= nibble << (4 * (at % 2));
            }
        }
        for row in kinds.chunks(KINDS) {
            // in a word, going on is the letters' business
            for part in [&row[..2], &row[2..]] {
                model.extend(share(part).iter().map(|p| (-p.max(1e-4).log2() / f64::from(FINE)).round() as u8));
            }
        }
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guards/secrets/value/");
        std::fs::write(format!("{here}random.bin"), model).unwrap();
        let mut common: Vec<(&String, &u32)> =
            files.iter().filter(|(w, _)| words::LENGTHS.contains(&w.len())).collect();
        common.sort_by_key(|(word, n)| (std::cmp::Reverse(**n), *word));
        common.truncate(words::COUNT);
        let mut lines = String::new();
        for len in words::LENGTHS {
            let mut of: Vec<&str> = common.iter().map(|(w, _)| w.as_str()).filter(|w| w.len() == len).collect();
            of.sort_unstable();
            lines.push_str(&of.concat());
            lines.push('\n');
        }
        std::fs::write(format!("{here}words.txt"), lines).unwrap();
    }
}
