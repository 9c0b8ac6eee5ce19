//! Wildcards within a text: `*` for any run of bytes, `?` for one byte.

use std::convert::Infallible;

/// A part of a [`Glob`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// Any run of bytes.
    Any,
    /// One byte.
    One,
    /// This byte.
    Byte(u8),
}

/// A compiled pattern; it fits whole texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Glob(Vec<Token>);

impl Glob {
    /// Of these parts.
    pub(super) fn new(tokens: Vec<Token>) -> Self {
        Glob(tokens)
    }

    /// A pattern in which `*` alone is special.
    pub(super) fn stars(pattern: &str) -> Self {
        Glob(pattern.bytes().map(|b| if b == b'*' { Token::Any } else { Token::Byte(b) }).collect())
    }

    /// Whether the pattern fits the text.
    pub(super) fn fits(&self, text: &[u8]) -> bool {
        let Ok(fits) = self.fits_counted(text, || Ok::<(), Infallible>(()));
        fits
    }

    /// As [`Glob::fits`], with a call for each step, which may end the search. No recursion: only the last
    /// `*` is ever tried anew, so the steps are at most the product of both lengths.
    ///
    /// # Errors
    /// Those of `step`.
    pub(super) fn fits_counted<E>(&self, text: &[u8], mut step: impl FnMut() -> Result<(), E>) -> Result<bool, E> {
        let (mut i, mut j) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while let Some(b) = text.get(j) {
            step()?;
            match self.0.get(i) {
                Some(Token::Any) => {
                    back = Some((i, j));
                    i += 1;
                }
                Some(token) if *token == Token::One || *token == Token::Byte(*b) => {
                    i += 1;
                    j += 1;
                }
                _ => {
                    let Some((star, from)) = back else { return Ok(false) };
                    back = Some((star, from + 1));
                    i = star + 1;
                    j = from + 1;
                }
            }
        }
        Ok(self.0.iter().skip(i).all(|t| *t == Token::Any))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_fit() {
        let cases = [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acb", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*ab", "aab", true),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "ab", false),
        ];
        for (pattern, text, want) in cases {
            assert_eq!(Glob::stars(pattern).fits(text.as_bytes()), want, "{pattern} on {text}");
        }
        assert!(Glob::new(vec![Token::One, Token::Byte(b'x')]).fits(b"ax"));
        assert!(!Glob::new(vec![Token::One]).fits(b""));
    }
}
