//! Recovery phrases of wallets (BIP 39): 12, 15, 18, 21 or 24 words of three to eight small letters, from a list of
//! 2,048. Whoever has the words has the money.

use super::super::list::List;
use super::name;
use smallvec::SmallVec;

/// The most words of a phrase.
const MAX_WORDS: usize = 24;
/// What such a phrase is called, in lower case and order.
static NAMES: List = List::of(&["mnemonic", "mnemonics", "passphrase", "phrase", "seed", "seedphrase"]);

/// Whether a value is a recovery phrase by its name and form. Those of test networks repeat one word.
pub(super) fn is_phrase(name: &[u8], value: &[u8]) -> bool {
    let mut words: SmallVec<[&[u8]; MAX_WORDS]> = SmallVec::new();
    for word in value.split(|b| *b == b' ') {
        if words.len() == MAX_WORDS || !(3..=8).contains(&word.len()) || !word.iter().all(u8::is_ascii_lowercase) {
            return false;
        }
        words.push(word);
    }
    let repeated = words.iter().enumerate().filter(|(n, word)| words.iter().take(*n).any(|w| w == *word)).count();
    matches!(words.len(), 12 | 15 | 18 | 21 | 24)
        && repeated * 4 <= words.len()
        && name::words(name).any(|word| NAMES.has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many words that are no phrase of anybody.
    fn words(count: usize) -> String {
        let word = |n: usize| ["walrus", "harbour", "kettle", "sun", "velvet", "orbit"][n % 6].to_owned();
        let marked = |n: usize| format!("{}{}", &word(n)[..3], ["ab", "cd", "ef", "gh"][n / 6]);
        (0..count).map(marked).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn phrases_have_their_count_and_their_name() {
        for count in [12, 15, 18, 21, 24] {
            assert!(is_phrase(b"MNEMONIC", words(count).as_bytes()), "{count}");
        }
        assert!(is_phrase(b"wallet.seedPhrase", words(12).as_bytes()));
        assert!(!is_phrase(b"description", words(12).as_bytes()));
        assert!(!is_phrase(b"mnemonic", words(11).as_bytes()));
        assert!(!is_phrase(b"mnemonic", words(13).as_bytes()));
        assert!(!is_phrase(b"mnemonic", format!("{}x", words(12)).to_uppercase().as_bytes()));
        // as test networks have it
        let test = [["test"; 11].join(" "), "junk".to_owned()].join(" ");
        assert!(!is_phrase(b"mnemonic", test.as_bytes()));
    }
}
