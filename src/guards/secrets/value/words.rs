//! The words that stand in the most source files. `random.rs` says where they were counted, and makes the list.

use std::ops::RangeInclusive;

/// Letters of the words that are kept.
pub(crate) const LENGTHS: RangeInclusive<usize> = 5..=12;
/// Words that are kept.
#[cfg(test)]
pub(crate) const COUNT: usize = 2000;
/// One line a length, from the shortest: the words of that length, sorted, with nothing between them.
static LIST: &str = include_str!("words.txt");

/// The length of the longest common word that begins at `at` in any case; 0 for none.
pub(crate) fn at(text: &[u8], at: usize) -> usize {
    let mut word = [0; *LENGTHS.end()];
    let mut len = 0;
    for (place, byte) in word.iter_mut().zip(text.get(at..).unwrap_or_default()) {
        if !byte.is_ascii_alphabetic() {
            break;
        }
        *place = byte.to_ascii_lowercase();
        len += 1;
    }
    if len < *LENGTHS.start() {
        return 0;
    }
    let known = |length: &usize| {
        let at = length - LENGTHS.start();
        let line = STARTS.get(at).zip(STARTS.get(at + 1)).and_then(|(&from, &to)| LIST.as_bytes().get(from..to));
        word.get(..*length).zip(line).is_some_and(|(word, line)| holds(line, word))
    };
    LENGTHS.rev().find(|length| *length <= len && known(length)).unwrap_or(0)
}

/// Where each line of the list begins, and one more: every value that is judged asks many times.
static STARTS: [usize; LENGTH_COUNT + 1] = {
    let list = LIST.as_bytes();
    let mut starts = [0; LENGTH_COUNT + 1];
    let (mut line, mut at) = (1, 0);
    while at < list.len() && line <= LENGTH_COUNT {
        if list[at] == b'\n' {
            starts[line] = at + 1;
            line += 1;
        }
        at += 1;
    }
    starts
};
const LENGTH_COUNT: usize = *LENGTHS.end() - *LENGTHS.start() + 1;

/// Whether `word` is one of the sorted words of its length.
fn holds(words: &[u8], word: &[u8]) -> bool {
    let (mut from, mut to) = (0, words.len() / word.len().max(1));
    while from < to {
        let mid = from + (to - from) / 2;
        let start = mid * word.len();
        match words.get(start..start + word.len()).map(|w| w.cmp(word)) {
            None => return false,
            Some(std::cmp::Ordering::Equal) => return true,
            Some(std::cmp::Ordering::Less) => from = mid + 1,
            Some(std::cmp::Ordering::Greater) => to = mid,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_longest_word() {
        assert_eq!(at(b"passwords", 0), 8);
        assert_eq!(at(b"PassWord1", 0), 8);
        assert_eq!(at(b"my_string", 3), 6);
        assert_eq!(at(b"qzjxkvw", 0), 0);
        assert_eq!(at(b"str", 0), 0);
        assert_eq!(at(b"", 5), 0);
    }

    #[test]
    fn the_list_is_as_it_says() {
        assert_eq!(LIST.lines().count(), LENGTHS.count());
        for (line, len) in LIST.lines().zip(LENGTHS) {
            assert_eq!(line.len() % len, 0);
            let words: Vec<&[u8]> = line.as_bytes().chunks(len).collect();
            assert!(words.is_sorted() && words.len() > 20, "{len}");
        }
        assert!(LIST.len() < 16 << 10, "{}", LIST.len());
    }
}
