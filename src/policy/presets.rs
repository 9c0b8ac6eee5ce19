//! The built-in policies that `extends` names.

/// Their names, weakest first.
pub(super) static NAMES: [&str; 2] = ["baseline", "strict"];

/// The text of a built-in policy.
pub(super) fn text(name: &str) -> Option<&'static str> {
    match name {
        "baseline" => Some(include_str!("presets/baseline.toml")),
        "strict" => Some(include_str!("presets/strict.toml")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_text() {
        assert!(NAMES.iter().all(|name| text(name).is_some()));
    }
}
