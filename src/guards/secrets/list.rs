//! Lists of words that are asked for every name and value that is judged.

/// A list of words in small letters, sorted: its making fails where it is not, and constants are made by the compiler.
#[derive(Debug)]
pub(crate) struct List {
    words: &'static [&'static str],
    /// Where the words with each first letter begin; in front of them those that begin with none.
    starts: [u16; LETTERS + 2],
}

const LETTERS: usize = 26;

impl List {
    /// At most 65,535 words.
    pub(crate) const fn of(words: &'static [&'static str]) -> List {
        let mut starts = [0; LETTERS + 2];
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_bytes();
            assert!(at == 0 || is_less(words[at - 1].as_bytes(), word), "the words of a list are sorted");
            let mut later = initial(word[0]) + 1;
            while later < starts.len() {
                starts[later] += 1;
                later += 1;
            }
            at += 1;
        }
        List { words, starts }
    }

    /// Whether it holds a word, in any case.
    pub(crate) fn has(&self, word: &[u8]) -> bool {
        let Some(initial) = word.first().map(|first| initial(first.to_ascii_lowercase())) else { return false };
        let Some([from, to]) = self.starts.get(initial..initial + 2) else { return false };
        let words = self.words.get(usize::from(*from)..usize::from(*to)).unwrap_or_default();
        words.iter().any(|known| known.len() == word.len() && known.as_bytes().eq_ignore_ascii_case(word))
    }
}

/// The number of a letter from 1, 0 for all that stands in front of them.
const fn initial(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => (byte - b'a') as usize + 1,
        _ => 0,
    }
}

const fn is_less(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at < b.len() && (at == a.len() || a[at] < b[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_any_case() {
        static LIST: List = List::of(&[".env", "2fa", "a", "ab", "key", "keys", "zip"]);
        for word in LIST.words {
            assert!(LIST.has(word.as_bytes()) && LIST.has(word.to_ascii_uppercase().as_bytes()), "{word}");
        }
        for word in ["", "b", "ke", "keyss", "kez", "\u{e9}", "_env", "zi", "zipp", "{"] {
            assert!(!LIST.has(word.as_bytes()), "{word}");
        }
        assert!(!List::of(&[]).has(b"a"));
    }

    #[test]
    #[should_panic(expected = "sorted")]
    fn words_that_are_not_sorted_are_refused() {
        List::of(&["ab", "a"]);
    }
}
