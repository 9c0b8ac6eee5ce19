//! `.pre-commit-config.yaml`, the configuration of the pre-commit framework and of prek.
//!
//! Strict where those are: a file that they refuse runs no hook, so it must not pass here.
//! Keys as in <https://pre-commit.com/#adding-pre-commit-plugins-to-your-project>.

use super::yaml::{Document, Yaml, YamlError};
use super::{Hook, HookConfig, HookRepo, Stages, Text};

/// Names of the file, the one that wins first. pre-commit reads the first, prek both.
pub(crate) const FILES: [&str; 2] = [".pre-commit-config.yaml", ".pre-commit-config.yml"];

/// Reads a parsed file.
///
/// # Errors
/// When it does not have the form that pre-commit asks for.
pub(crate) fn read<'d>(document: &'d Document<'_>) -> Result<HookConfig<'d>, YamlError> {
    let Some(root) = document.root() else {
        return Err(YamlError::new("the file is empty; a mapping with `repos` is expected", Default::default()));
    };
    if root.entries().is_none() {
        return Err(YamlError::new("a mapping with `repos` is expected", root.span()));
    }
    let Some((key, repos)) = root.get("repos") else {
        return Err(YamlError::new("there is no `repos`", root.span()));
    };
    let mut config = HookConfig {
        repos: Vec::new(),
        hooks: Vec::new(),
        default_stages: stages(root, "default_stages")?,
        skipped: Vec::new(),
        list: key.span(),
    };
    if let Some((_, ci)) = root.get("ci") {
        if ci.entries().is_none() {
            return Err(YamlError::new("`ci` must be a mapping", ci.span()));
        }
        config.skipped = strings(ci, "skip")?.map_or_else(Vec::new, |(names, _)| names);
    }
    for repo in repos.items().ok_or_else(|| YamlError::new("`repos` must be a list", repos.span()))? {
        read_repo(repo, &mut config)?;
    }
    Ok(config)
}

fn read_repo<'d>(repo: Yaml<'d>, config: &mut HookConfig<'d>) -> Result<(), YamlError> {
    let index = config.repos.len();
    config.repos.push(HookRepo { url: required(repo, "repo")?, rev: optional(repo, "rev")? });
    let Some((_, hooks)) = repo.get("hooks") else {
        return Err(YamlError::new("this entry has no `hooks`", repo.span()));
    };
    for hook in hooks.items().ok_or_else(|| YamlError::new("`hooks` must be a list", hooks.span()))? {
        config.hooks.push(Hook {
            repo: index,
            id: required(hook, "id")?,
            alias: optional(hook, "alias")?,
            // an empty list of a hook means the default, as pre-commit has it
            stages: stages(hook, "stages")?.filter(|s| !s.names.is_empty()),
        });
    }
    Ok(())
}

fn required<'d>(map: Yaml<'d>, key: &str) -> Result<Text<'d>, YamlError> {
    optional(map, key)?.ok_or_else(|| YamlError::new(format!("this entry has no `{key}`"), map.span()))
}

fn optional<'d>(map: Yaml<'d>, key: &str) -> Result<Option<Text<'d>>, YamlError> {
    let Some((_, value)) = map.get(key) else { return Ok(None) };
    match value.text() {
        Some(text) => Ok(Some(Text { value: text, span: value.span() })),
        None => Err(YamlError::new(format!("`{key}` must be a string"), value.span())),
    }
}

fn stages<'d>(map: Yaml<'d>, key: &str) -> Result<Option<Stages<'d>>, YamlError> {
    let list = strings(map, key)?;
    Ok(list.map(|(names, span)| Stages { names: names.into_iter().map(|n| n.value).collect(), span }))
}

type Strings<'d> = (Vec<Text<'d>>, crate::finding::Span);

fn strings<'d>(map: Yaml<'d>, key: &str) -> Result<Option<Strings<'d>>, YamlError> {
    let Some((_, value)) = map.get(key) else { return Ok(None) };
    let wrong = |at: Yaml<'_>| YamlError::new(format!("`{key}` must be a list of strings"), at.span());
    let items = value.items().ok_or_else(|| wrong(value))?;
    let names: Result<Vec<_>, _> =
        items.map(|i| Ok(Text { value: i.text().ok_or_else(|| wrong(i))?, span: i.span() })).collect();
    Ok(Some((names?, value.span())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hooks_with_their_places() {
        let text = "\
default_stages: [pre-commit, push]
ci:
  skip: [slow]
repos:
- repo: https://git.example/hooks
  rev: v1.2.3
  hooks:
  - id: one
    alias: uno
  - id: two
    stages: [commit-msg]
  - {id: three, stages: []}
- repo: local
  hooks: []
";
        let document = Document::parse(text.as_bytes()).unwrap();
        let config = read(&document).unwrap();
        let of = |t: Text<'_>| (t.value.to_owned(), t.span.of(text.as_bytes()).to_vec());
        assert_eq!(of(config.hooks[0].id), ("one".into(), b"one".to_vec()));
        assert_eq!(of(config.hooks[0].alias.unwrap()), ("uno".into(), b"uno".to_vec()));
        assert_eq!(of(config.repos[0].rev.unwrap()), ("v1.2.3".into(), b"v1.2.3".to_vec()));
        assert_eq!(config.hooks[1].stages.as_ref().unwrap().span.of(text.as_bytes()), b"[commit-msg]");
        assert!(config.hooks[2].stages.is_none());
        assert_eq!(config.stages(&config.hooks[2]).unwrap().names, ["pre-commit", "push"]);
        assert_eq!(config.skipped.iter().map(|s| s.value).collect::<Vec<_>>(), ["slow"]);
        assert_eq!(config.repos[1].url.value, "local");
        assert_eq!(config.list.of(text.as_bytes()), b"repos");
    }

    #[test]
    fn refuses_what_pre_commit_refuses() {
        let table = [
            ("", "empty"),
            ("- repo: local\n", "mapping with `repos`"),
            ("exclude: x\n", "no `repos`"),
            ("repos: x\n", "`repos` must be a list"),
            ("repos: [x]\n", "no `repo`"),
            ("repos: [{repo: local}]\n", "no `hooks`"),
            ("repos: [{repo: local, hooks: [{name: x}]}]\n", "no `id`"),
            ("repos: [{repo: local, hooks: [{id: [x]}]}]\n", "`id` must be a string"),
            ("repos: [{repo: local, rev:, hooks: []}]\n", "`rev` must be a string"),
            ("repos: [{repo: local, hooks: [{id: x, stages: commit}]}]\n", "`stages` must be a list"),
            ("default_stages: [[]]\nrepos: []\n", "`default_stages` must be a list"),
            ("ci: x\nrepos: []\n", "`ci` must be a mapping"),
            ("ci: {skip: x}\nrepos: []\n", "`skip` must be a list"),
        ];
        for (text, want) in table {
            let document = Document::parse(text.as_bytes()).unwrap();
            let error = read(&document).expect_err(text);
            assert!(error.message.contains(want), "{text}: {}", error.message);
        }
    }
}
