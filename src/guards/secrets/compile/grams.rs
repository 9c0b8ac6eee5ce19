//! How often a short text stands in files that people commit: the measure by which literals are chosen.
//!
//! `grams.bin` holds, for each three symbols of a folded alphabet, how rare they are in source text:
//! `-8 log2(share of positions)`, rounded, at most 255. Counted over Rust, Python, C, JSON, TOML and
//! Markdown files (the sources of this crate's dependencies and of Python's standard library). Only these
//! counts are kept. The ignored test below makes the file anew.

use std::sync::OnceLock;

/// Letters without case, one symbol for all digits, 12 punctuation marks, one symbol for all else.
const SYMBOLS: usize = 40;
const MARKS: &[u8; 12] = b"_-./:= \"'()\n";
const DIGIT: usize = 26;
const OTHER: usize = 39;
static TABLE: &[u8; SYMBOLS * SYMBOLS * SYMBOLS] = include_bytes!("grams.bin");

fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'A'..=b'Z' => usize::from(byte - b'A'),
        b'0'..=b'9' => DIGIT,
        _ => MARKS.iter().position(|&m| m == byte).map_or(OTHER, |n| DIGIT + 1 + n),
    }
}

/// The share of one byte in its symbol.
fn share(byte: u8) -> f64 {
    match symbol(byte) {
        DIGIT => 0.1,
        OTHER => 0.05,
        _ => 1.0,
    }
}

fn triple(a: usize, b: usize, c: usize) -> f64 {
    let log = TABLE.get((a * SYMBOLS + b) * SYMBOLS + c).copied().unwrap_or(u8::MAX);
    (-f64::from(log) / 8.0).exp2()
}

/// The share of positions at which two symbols stand, indexed by both.
fn pairs() -> &'static [f64] {
    static PAIRS: OnceLock<Vec<f64>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let mut pairs = Vec::with_capacity(SYMBOLS * SYMBOLS);
        for a in 0..SYMBOLS {
            for b in 0..SYMBOLS {
                pairs.push((0..SYMBOLS).map(|c| triple(a, b, c)).sum());
            }
        }
        pairs
    })
}

/// The estimated share of positions of a text at which `literal` begins, case ignored: a Markov chain over
/// pairs. Words of a language are more frequent than it says, by up to ten times.
pub(crate) fn frequency(literal: &[u8]) -> f64 {
    let pair = |a: usize, b: usize| pairs().get(a * SYMBOLS + b).copied().unwrap_or(1.0);
    let chain = match *literal {
        [] => return 1.0,
        [a] => (0..SYMBOLS).map(|b| pair(symbol(a), b)).sum(),
        [a, b] => pair(symbol(a), symbol(b)),
        [a, b, ..] => literal.windows(3).fold(pair(symbol(a), symbol(b)), |p, w| {
            let (a, b, c) = (symbol(w[0]), symbol(w[1]), symbol(w[2]));
            p * (triple(a, b, c) / pair(a, b).max(1e-12)).min(1.0)
        }),
    };
    literal.iter().fold(chain, |p, &b| p * share(b))
}

/// The estimated share of positions of a text at which a byte stands; of both cases of a letter, most are small.
pub(crate) fn byte(byte: u8) -> f64 {
    static SHARES: OnceLock<Vec<f64>> = OnceLock::new();
    let shares = SHARES.get_or_init(|| {
        let case = |b: u8| if b.is_ascii_lowercase() { 0.9 } else { 0.1 };
        (0..=u8::MAX).map(|b| frequency(&[b]) * if b.is_ascii_alphabetic() { case(b) } else { 1.0 }).collect()
    });
    shares.get(usize::from(byte)).copied().unwrap_or(1.0)
}

/// The files with these extensions below some folders: what tables are counted over.
#[cfg(test)]
pub(crate) fn source_files(mut folders: Vec<std::path::PathBuf>, extensions: &[&str]) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| extensions.iter().any(|known| e == *known)) {
                files.push(path);
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_common_from_rare() {
        let f = |l: &str| frequency(l.as_bytes());
        assert!(f("e") > 0.02 && f("e") < 0.2, "{}", f("e"));
        assert!(f("the") > 30.0 * f("ghp_"), "{} {}", f("the"), f("ghp_"));
        assert!(f("self.") > f("-----begin"));
        assert!(f("123") < f("abc") * 100.0);
        assert_eq!(f("KEY"), f("key"));
    }

    /// Counts the triples again: `GITWARD_GRAMS` names folders (separated by `:`) with source text.
    #[test]
    #[ignore = "no test but a tool: overwrites grams.bin"]
    fn count_again() {
        let mut counts = vec![0u64; TABLE.len()];
        let folders = std::env::split_paths(&std::env::var_os("GITWARD_GRAMS").unwrap()).collect();
        for path in source_files(folders, &["rs", "py", "c", "h", "json", "toml", "md", "yml", "sh"]) {
            let text = std::fs::read(path).unwrap();
            // a few large tables of data must not outweigh what people write
            for w in text[..text.len().min(64 << 10)].windows(3) {
                counts[(symbol(w[0]) * SYMBOLS + symbol(w[1])) * SYMBOLS + symbol(w[2])] += 1;
            }
        }
        let all = counts.iter().sum::<u64>() as f64;
        let log = |&n: &u64| (-8.0 * (n.max(1) as f64 / all).log2()).round().clamp(0.0, 255.0) as u8;
        let table: Vec<u8> = counts.iter().map(log).collect();
        let target = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guards/secrets/compile/grams.bin");
        std::fs::write(target, table).unwrap();
    }
}
