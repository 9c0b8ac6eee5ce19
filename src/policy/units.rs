//! Sizes and durations as people write them: `"256MiB"`, `"24h"`.

/// Factors and names of sizes, smallest first.
pub(super) const SIZES: [(u64, &str); 4] = [(1, "B"), (1 << 10, "KiB"), (1 << 20, "MiB"), (1 << 30, "GiB")];

/// Factors in seconds and names of durations, smallest first.
pub(super) const DURATIONS: [(u64, &str); 4] = [(1, "s"), (60, "m"), (3600, "h"), (86_400, "d")];

/// Digits and one of the units, perhaps a space between; `None` for anything else and for what does not
/// fit in 64 bits.
pub(super) fn parse(text: &str, units: &[(u64, &str)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = unit.trim_start_matches(' ');
    let (factor, _) = units.iter().find(|(_, name)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations() {
        for (text, want) in [
            ("256MiB", Some(256 << 20)),
            ("1 GiB", Some(1 << 30)),
            ("7B", Some(7)),
            ("7", None),
            ("MiB", None),
            ("-1MiB", None),
            ("1mb", None),
            ("99999999999GiB", None),
            ("", None),
            ("٣B", None),
        ] {
            assert_eq!(parse(text, &SIZES), want, "{text}");
        }
        for (text, want) in [("24h", Some(86_400)), ("7d", Some(604_800)), ("90s", Some(90)), ("24", None)] {
            assert_eq!(parse(text, &DURATIONS), want, "{text}");
        }
    }
}
