//! GitLab's routable tokens: `prefix-payload.LLCCCCCCC` or with one more dotted part, where the last seven
//! characters are the CRC-32, in base 36, of all that precedes. Classic tokens carry no sum.

use super::{Verdict, number};

const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

pub(super) fn routable(token: &[u8]) -> Verdict {
    if !token.contains(&b'.') {
        return Verdict::Absent;
    }
    let Some((data, sum)) = token.split_last_chunk::<7>() else { return Verdict::Absent };
    if number(sum, BASE36) == Some(u64::from(crc32fast::hash(data))) { Verdict::Valid } else { Verdict::Invalid }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_all_that_precedes() {
        let data = "glpat-a1B2c3D4e5F6g7H8i9J0k1L2m3N.01.0z";
        let mut sum = u64::from(crc32fast::hash(data.as_bytes()));
        let mut digits = [0; 7];
        for digit in digits.iter_mut().rev() {
            *digit = BASE36[(sum % 36) as usize];
            sum /= 36;
        }
        let token = [data.as_bytes(), &digits].concat();
        assert_eq!(routable(&token), Verdict::Valid);
        assert_eq!(routable(&token[..token.len() - 1]), Verdict::Invalid);
        assert_eq!(routable(b"glpat-abc"), Verdict::Absent);
    }
}
