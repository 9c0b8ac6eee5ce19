//! The templates of rules' examples: `{{alnum:36}}` and the like become text that looks like a credential, so
//! that none stands in a file. The same template of the same rule always gives the same text.

use super::base64;
use super::checksum::crc32::to_base62;

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGIT: &str = "0123456789";
/// The longest part that a template may ask for.
const MAX_LEN: usize = 10_000;

/// Xorshift: good enough to look random, and the same everywhere.
struct Random(u64);

impl Random {
    fn new(seed: &str) -> Self {
        // FNV-1a
        let hash = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        Random(seed.bytes().fold(0xcbf2_9ce4_8422_2325, hash) | 1)
    }

    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// Text of an alphabet: with every kind of character of it, if there is room, and neither beginning nor
    /// ending with punctuation.
    fn text(&mut self, alphabet: &str, len: usize) -> String {
        let alphabet = alphabet.as_bytes();
        let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase];
        let mut text = Vec::new();
        for _ in 0..200 {
            text = (0..len).filter_map(|_| alphabet.get(self.next() % alphabet.len()).copied()).collect();
            let ends = [text.first(), text.last()].into_iter().flatten().all(u8::is_ascii_alphanumeric);
            let mixed = kinds.iter().all(|kind| !alphabet.iter().any(kind) || text.iter().any(kind));
            if ends && (mixed || len < 8) {
                break;
            }
        }
        text.into_iter().map(char::from).collect()
    }
}

/// The text of a template; `seed` is the rule's id and whatever tells its examples apart.
///
/// # Errors
/// Names a placeholder that is not known.
pub(crate) fn expand(template: &str, seed: &str) -> Result<String, String> {
    let mut random = Random::new(&format!("{seed} {template}"));
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, next)) = after.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(&placeholder(inside, &mut random)?);
        rest = next;
    }
    out.push_str(rest);
    Ok(out)
}

fn placeholder(inside: &str, random: &mut Random) -> Result<String, String> {
    let unknown = || format!("unknown placeholder {{{{{inside}}}}}");
    let (kind, argument) = inside.split_once(':').unwrap_or((inside, ""));
    match kind {
        "uuid" => return Ok(uuid(random)),
        "jwt" => return Ok(jwt(random)),
        // base64 of a user and a password, as in the Basic scheme
        "basic" => {
            let (user, password) = (random.text(LOWER, 6), random.text(&[DIGIT, UPPER, LOWER].concat(), 14));
            return Ok(base64::encode(format!("{user}:{password}").as_bytes()));
        }
        "pem" => return Ok(pem(argument, random)),
        // on one line, as in JSON and YAML strings
        "pemline" => return Ok(pem(argument, random).replace('\n', "\\n")),
        _ => {}
    }
    let (prefix, count) = argument.rsplit_once(':').unwrap_or(("", argument));
    let len: usize = count.parse().ok().filter(|&n| n <= MAX_LEN).ok_or_else(unknown)?;
    let alphabet = match kind {
        "x" => return Ok("x".repeat(len)),
        "crc32b62" => {
            let body = random.text(&[DIGIT, UPPER, LOWER].concat(), len);
            return Ok(format!("{prefix}{body}{}", to_base62(body.as_bytes())));
        }
        "alnum" => [DIGIT, UPPER, LOWER].concat(),
        "alpha" => [UPPER, LOWER].concat(),
        "hex" => "0123456789abcdef".to_owned(),
        "HEX" => "0123456789ABCDEF".to_owned(),
        "digit" => DIGIT.to_owned(),
        "lower" => LOWER.to_owned(),
        "upper" => UPPER.to_owned(),
        "upperalnum" => [DIGIT, UPPER].concat(),
        "loweralnum" => [DIGIT, LOWER].concat(),
        "b64" => [DIGIT, UPPER, LOWER, "+/"].concat(),
        "b64url" => [DIGIT, UPPER, LOWER, "-_"].concat(),
        "base32" => [UPPER, "234567"].concat(),
        "base58" => [DIGIT, UPPER, LOWER].concat().replace(['0', 'O', 'I', 'l'], ""),
        "word" => [DIGIT, UPPER, LOWER, "_-"].concat(),
        _ => return Err(unknown()),
    };
    Ok(random.text(&alphabet, len))
}

fn uuid(random: &mut Random) -> String {
    let hex = "0123456789abcdef";
    let (a, b, c) = (random.text(hex, 8), random.text(hex, 4), random.text(hex, 3));
    let (d, e) = (random.text(hex, 3), random.text(hex, 12));
    format!("{a}-{b}-4{c}-a{d}-{e}")
}

fn jwt(random: &mut Random) -> String {
    let subject = random.text(DIGIT, 10);
    let header = base64::encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let payload = base64::encode(format!(r#"{{"sub":"{subject}","scope":"admin"}}"#).as_bytes());
    format!("{header}.{payload}.{}", base64::encode(&random.bytes(32)))
}

/// A private key block that is whole to anyone who counts, though no key.
fn pem(label: &str, random: &mut Random) -> String {
    let mut der = if label.starts_with("OPENSSH") {
        b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01".to_vec()
    } else {
        // SEQUENCE of 0x0134 bytes that begins with INTEGER 0
        vec![0x30, 0x82, 0x01, 0x34, 0x02, 0x01, 0x00]
    };
    der.extend(random.bytes(312 - der.len()));
    let body = base64::encode(&der).replace('-', "+").replace('_', "/");
    let lines: Vec<String> = body.as_bytes().chunks(64).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
    // no label of a key stands whole in this file
    format!("-----{} {label}-----\n{}\n-----{} {label}-----", "BEGIN", lines.join("\n"), "END")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expands_to_the_same_text_each_time() {
        let text = expand("a={{alnum:36}} {{hex:8}} {{x:4}} {{uuid}}", "rule").unwrap();
        assert_eq!(text, expand("a={{alnum:36}} {{hex:8}} {{x:4}} {{uuid}}", "rule").unwrap());
        assert_eq!(text.len(), 2 + 36 + 1 + 8 + 1 + 4 + 1 + 36);
        assert_ne!(expand("{{alnum:36}}", "a").unwrap(), expand("{{alnum:36}}", "b").unwrap());
        assert!(expand("{{crc32b62:ghp_:30}}", "a").unwrap().starts_with("ghp_"));
        assert!(expand("{{nonsense:3}}", "a").is_err());
        assert!(expand("{{alnum:x}}", "a").is_err());
        assert_eq!(expand("{{ open", "a").unwrap(), "{{ open");
    }
}
