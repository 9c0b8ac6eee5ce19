//! What to add to a configuration, as one line of YAML.

use crate::policy::RequiredHook;

/// An entry of `repos` that satisfies the requirement; what only a person can fill in is in `<…>`.
pub(super) fn entry(required: &RequiredHook) -> String {
    let source = required.source.first().map_or("<repository>", String::as_str);
    let id = scalar(&required.id);
    let stages = match required.stages.is_empty() {
        true => String::new(),
        false => format!(", stages: {}", list(required.stages.iter().map(String::as_str))),
    };
    if source == "local" {
        let hook = format!("{{id: {id}, name: {id}, entry: \"<command>\", language: system{stages}}}");
        return format!("- {{repo: local, hooks: [{hook}]}}");
    }
    let rev = scalar(required.min_rev.as_deref().unwrap_or("<version tag>"));
    format!("- {{repo: {}, rev: {rev}, hooks: [{{id: {id}{stages}}}]}}", scalar(&url(source)))
}

/// A URL for an entry of `source`, which may leave out the scheme.
pub(super) fn url(source: &str) -> String {
    let has_scheme = source.contains("://") || source.contains('@') || source.starts_with(['/', '.', '<']);
    if has_scheme { source.to_owned() } else { format!("https://{source}") }
}

/// A list in one line.
pub(super) fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", items.map(scalar).collect::<Vec<_>>().join(", "))
}

/// A string, quoted where YAML would read something else.
pub(super) fn scalar(text: &str) -> String {
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'/' | b'-' | b':');
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(safe) && !text.ends_with(':');
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::managers::{pre_commit, yaml::Document};
    use super::*;

    #[test]
    fn is_a_configuration() {
        let hook = RequiredHook {
            id: "gitward".into(),
            source: vec!["git.corp.example/mirrors/gitward".into()],
            min_rev: Some("1.4.0".into()),
            stages: vec!["pre-commit".into(), "pre-push".into()],
        };
        assert_eq!(
            entry(&hook),
            "- {repo: https://git.corp.example/mirrors/gitward, rev: \"1.4.0\", \
             hooks: [{id: gitward, stages: [pre-commit, pre-push]}]}"
        );
        let local = RequiredHook { id: "a: [b".into(), source: vec!["local".into()], ..Default::default() };
        for required in [hook, local, RequiredHook { id: "x".into(), ..Default::default() }] {
            let text = format!("repos:\n{}\n", entry(&required));
            let document = Document::parse(text.as_bytes()).unwrap();
            assert_eq!(pre_commit::read(&document).unwrap().hooks[0].id.value, required.id, "{text}");
        }
    }
}
