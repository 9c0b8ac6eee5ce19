//! Which rules apply: `--config`, `$GITLEAKS_CONFIG` (a file), `$GITLEAKS_CONFIG_TOML` (its text), the scanned
//! directory's `.gitleaks.toml`, or the built-in rules. Facts: gitleaks README "Configuration".

use crate::cli::failure::{BadRules, Failure};
use crate::env;
use crate::guards::secrets::gitleaks::Config;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the file in a repository.
const FILE: &str = ".gitleaks.toml";
/// Most bytes of a configuration.
const MAX_BYTES: u64 = 16 << 20;

/// Rules, and the file that is not scanned because it is their own.
pub(super) struct Rules {
    pub(super) config: Config,
    /// The file as gitleaks would name it; where another one applies, that of the scanned directory.
    pub(super) own_file: PathBuf,
}

/// Loads the rules for a scan of `source`.
///
/// # Errors
/// A file that cannot be read, or that gitleaks would refuse; a source that is not there.
pub(super) fn load(option: Option<&Path>, source: &Path) -> Result<Rules, Failure> {
    let implied = if source == Path::new(".") { PathBuf::from(FILE) } else { source.join(FILE) };
    let own_file = option.map_or_else(|| implied.clone(), Path::to_path_buf);
    let rules = |config| Ok(Rules { config, own_file: own_file.clone() });
    if let Some(path) = option {
        return rules(from_file(path)?);
    }
    if let Some(path) = env::GITLEAKS_CONFIG.os() {
        return rules(from_file(Path::new(&path))?);
    }
    if let Some(text) = env::GITLEAKS_CONFIG_TOML.os() {
        let bytes = text.as_encoded_bytes().to_vec();
        return rules(from_bytes(env::GITLEAKS_CONFIG_TOML.name, bytes)?);
    }
    let meta = std::fs::metadata(source).map_err(|e| Failure::unreadable("path to scan", source, &e))?;
    // a link that leads nowhere is a mistake, not an absent file
    if meta.is_dir() && std::fs::symlink_metadata(&implied).is_ok() {
        return rules(from_file(&implied)?);
    }
    rules(Config::builtin())
}

fn from_file(path: &Path) -> Result<Config, Failure> {
    let bytes = read(path).map_err(|e| Failure::unreadable("gitleaks configuration", path, &e))?;
    from_bytes(&path.display().to_string(), bytes)
}

fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Config, Failure> {
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{name} is not UTF-8 text"), ""))?;
    let text: Arc<str> = text.into();
    Config::load(name, Arc::clone(&text), &extended).map_err(|e| Failure::new(BadRules::new(e, text)))
}

/// The file of `[extend] path`, which is relative to the working directory.
fn extended(path: &str) -> Result<Arc<str>, String> {
    let bytes = read(Path::new(path)).map_err(|e| format!("cannot read {path}: {e}"))?;
    Ok(String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8 text"))?.into())
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(std::io::Error::other(format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}
