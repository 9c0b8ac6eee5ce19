//! `install.sh`, and what shellcheck thinks of all scripts.

use crate::sandbox::{Sandbox, text, write_program};
use gitward::install::{Hook, render};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Answers `--version`, and writes down where and how it was called.
const BINARY: &str = "#!/bin/sh\n[ \"$1\" != --version ] || { echo 'gitward 9.9'; exit 0; }\n\
                      echo \"$PWD: $*\" >>\"$HOME/log\"\nexit \"$(cat \"$HOME/gitward.exit\" 2>/dev/null || echo 0)\"\n";

impl Sandbox {
    /// Runs the script of this checkout with a prefix in the sandbox.
    fn script(&self, cwd: &Path, args: &[&str]) -> Output {
        self.script_at(&Path::new(ROOT).join("install.sh"), cwd, args)
    }

    fn script_at(&self, script: &Path, cwd: &Path, args: &[&str]) -> Output {
        self.command(cwd, "sh").arg(script).args(args).output().unwrap()
    }

    fn prebuilt(&self) -> String {
        let path = self.root.join("prebuilt");
        write_program(&path, BINARY);
        path.to_str().unwrap().to_owned()
    }

    fn installed(&self) -> PathBuf {
        self.root.join(".local/bin/gitward")
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_prebuilt_binary_is_installed_with_hooks_for_the_repository_around() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    fs::create_dir(repo.join("sub")).unwrap();
    let from = sandbox.prebuilt();
    let out = sandbox.script(&repo.join("sub"), &["--from", &from]);
    let said = text(&out.stdout);
    assert!(out.status.success(), "{}", text(&out.stderr));
    assert_eq!(fs::read_to_string(sandbox.installed()).unwrap(), BINARY);
    assert_eq!(sandbox.log(), [format!("{}: install", repo.display())]);
    assert!(
        said.contains("(gitward 9.9)") && said.contains("not on PATH") && said.contains("gitward check --all-files"),
        "{said}"
    );
    assert!(text(&out.stderr).contains("not verified"), "{}", text(&out.stderr));
    let left = fs::read_dir(sandbox.root.join(".local/bin")).unwrap().count();
    assert_eq!(left, 1, "no temporary file is left");
}

#[test]
fn the_repository_can_be_named_or_left_out() {
    let sandbox = Sandbox::new();
    let (repo, other) = (sandbox.repo("repo"), sandbox.repo("other"));
    let from = sandbox.prebuilt();
    assert!(sandbox.script(&repo, &["--from", &from, "--repo", "../other"]).status.success());
    assert_eq!(sandbox.log(), [format!("{}: install", other.display())]);
    assert!(sandbox.script(&repo, &["--from", &from, "--no-hooks"]).status.success());
    assert!(sandbox.script(&sandbox.root, &["--from", &from]).status.success());
    assert_eq!(sandbox.log(), [""; 0]);
    let out = sandbox.script(&repo, &["--from", &from, "--repo", sandbox.root.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(2), "not a repository");
    sandbox.exits("gitward", 2);
    assert_eq!(sandbox.script(&repo, &["--from", &from]).status.code(), Some(2), "hooks that failed are an error");
}

#[test]
fn gitward_s_own_checkout_gets_no_hooks_by_the_way() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("gitward");
    fs::copy(Path::new(ROOT).join("install.sh"), repo.join("install.sh")).unwrap();
    let from = sandbox.prebuilt();
    assert!(sandbox.script_at(Path::new("./install.sh"), &repo, &["--from", &from]).status.success());
    assert_eq!(sandbox.log(), [""; 0]);
    assert!(sandbox.script_at(Path::new("install.sh"), &repo, &["--from", &from, "--repo", "."]).status.success());
    assert_eq!(sandbox.log(), [format!("{}: install", repo.display())]);
}

#[test]
fn a_binary_is_installed_only_if_its_hash_is_right() {
    let sandbox = Sandbox::new();
    let from = sandbox.prebuilt();
    let right = hex(BINARY.as_bytes());
    let wrong = hex(b"something else");
    let cut = &right[..63];
    let run = |args: &[&str]| {
        let _ = fs::remove_file(sandbox.installed());
        let out = sandbox.script(&sandbox.root, &[&["--from", &from], args].concat());
        assert_eq!(out.status.success(), sandbox.installed().exists());
        assert!(!text(&out.stderr).contains("not verified"), "{}", text(&out.stderr));
        out.status.success()
    };
    assert!(run(&["--sha256", &right]));
    assert!(run(&["--sha256", &right.to_uppercase()]));
    for bad in [wrong.as_str(), cut, "", "*"] {
        assert!(!run(&["--sha256", bad]), "{bad}");
    }
    let beside = format!("{from}.sha256");
    for (line, good) in [
        (format!("{right}\n"), true),
        (format!("{right}  prebuilt\n"), true),
        (format!("{right} *prebuilt\r\n{wrong} other\n"), true),
        (format!("{wrong}  prebuilt\n"), false),
        (format!("{wrong}  other\n{right}  prebuilt\n"), false),
        (cut.to_owned(), false),
        (String::new(), false),
    ] {
        fs::write(&beside, &line).unwrap();
        assert_eq!(run(&[]), good, "{line:?}");
    }
    assert!(run(&["--sha256", &right]), "what was given outranks the file");
    fs::write(&beside, &right).unwrap();
    assert!(!run(&["--sha256", &wrong]));
}

#[test]
fn what_does_not_run_does_not_replace_what_does() {
    let sandbox = Sandbox::new();
    write_program(&sandbox.installed(), "the old one");
    let from = sandbox.prebuilt();
    fs::write(&from, "not a program").unwrap();
    let out = sandbox.script(&sandbox.root, &["--from", &from]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(fs::read_to_string(sandbox.installed()).unwrap(), "the old one");
    assert_eq!(fs::read_dir(sandbox.root.join(".local/bin")).unwrap().count(), 1);
}

#[test]
fn a_relative_prefix_is_made_absolute() {
    let sandbox = Sandbox::new();
    let from = sandbox.prebuilt();
    let out = sandbox.script(&sandbox.root, &["--from", &from, "--prefix=some where"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let place = sandbox.root.join("some where/bin/gitward");
    assert!(text(&out.stdout).contains(&format!("installed {}", place.display())));
    assert!(place.exists());
}

#[test]
fn uninstall_takes_the_hooks_then_the_binary() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let from = sandbox.prebuilt();
    assert!(sandbox.script(&repo, &["--from", &from]).status.success());
    sandbox.log();
    sandbox.exits("gitward", 2);
    assert_eq!(sandbox.script(&repo, &["--uninstall"]).status.code(), Some(2));
    assert!(sandbox.installed().exists(), "hooks without a binary would refuse every commit");
    sandbox.exits("gitward", 0);
    sandbox.log();
    assert!(sandbox.script(&repo, &["--uninstall"]).status.success());
    assert_eq!(sandbox.log(), [format!("{}: uninstall", repo.display())]);
    assert!(!sandbox.installed().exists());
    assert!(sandbox.script(&repo, &["--uninstall"]).status.success(), "a second time does nothing");
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let sandbox = Sandbox::new();
    for args in [
        &["--frob"][..],
        &["--from"],
        &["--prefix="],
        &["--sha256", "00"],
        &["--repo", ".", "--no-hooks"],
        &["--from", "none"],
        &["file"],
    ] {
        assert_eq!(sandbox.script(&sandbox.root, args).status.code(), Some(2), "{args:?}");
    }
    let help = sandbox.script(&sandbox.root, &["--help"]);
    assert!(help.status.success() && text(&help.stdout).starts_with("usage: "));
}

/// A checkout with tools that stand for cargo, rustc and cc. A static build or probe fails if the file
/// `no-static-build` or `no-static-libc` is in the sandbox.
fn checkout(sandbox: &Sandbox) -> PathBuf {
    let dir = sandbox.root.join("checkout");
    fs::create_dir(&dir).unwrap();
    fs::copy(Path::new(ROOT).join("install.sh"), dir.join("install.sh")).unwrap();
    fs::write(dir.join("Cargo.toml"), "").unwrap();
    let tools = sandbox.root.join("tools");
    write_program(&tools.join("rustc"), "#!/bin/sh\necho 'rustc 1.99.0'; echo 'host: x86_64-unknown-linux-gnu'\n");
    write_program(
        &tools.join("cargo"),
        &format!(
            "#!/bin/sh\necho \"$PWD: $* [${{RUSTFLAGS-}}]\" >>\"$HOME/log\"\n\
             [ -z \"${{RUSTFLAGS-}}\" ] || [ ! -e \"$HOME/no-static-build\" ] || exit 101\n\
             while [ \"$1\" != --target-dir ]; do shift; done\n\
             dir=$2/x86_64-unknown-linux-gnu/release; mkdir -p \"$dir\"; cat >\"$dir/gitward\" <<'END'\n{BINARY}END\n"
        ),
    );
    write_program(
        &tools.join("cc"),
        "#!/bin/sh\n[ ! -e \"$HOME/no-static-libc\" ] || exit 1\n\
         while [ \"$1\" != -o ]; do shift; done\nprintf '#!/bin/sh\\n' >\"$2\"; chmod +x \"$2\"\n",
    );
    write_program(&tools.join("uname"), "#!/bin/sh\necho Linux\n");
    dir
}

#[test]
fn a_build_is_static_where_that_works() {
    let sandbox = Sandbox::new();
    let dir = checkout(&sandbox);
    let repo = sandbox.repo("repo");
    let path = format!("{}:{}", sandbox.root.join("tools").display(), crate::sandbox::path_without_gitward());
    let build = |args: &[&str]| {
        let mut command = sandbox.command(&repo, "sh");
        command.arg(dir.join("install.sh")).args(args).env("PATH", &path);
        let out = command.output().unwrap();
        (out.status.success(), sandbox.log())
    };
    let cargo = |flags: &str| {
        let dir = dir.display();
        format!(
            "{dir}: build --release --locked --bin gitward --target x86_64-unknown-linux-gnu --target-dir {dir}/target \
             [{flags}]"
        )
    };
    let (dynamic, fixed) = (cargo(""), cargo(" -C target-feature=+crt-static -C relocation-model=static"));
    let hooks = format!("{}: install", repo.display());

    assert_eq!(build(&[]), (true, vec![fixed.clone(), hooks.clone()]));
    assert_eq!(build(&["--no-static", "--no-hooks"]), (true, vec![dynamic.clone()]));
    fs::write(sandbox.root.join("no-static-build"), "").unwrap();
    assert_eq!(build(&["--no-hooks"]), (true, vec![fixed.clone(), dynamic.clone()]));
    assert_eq!(build(&["--static"]), (false, vec![fixed.clone()]));
    fs::write(sandbox.root.join("no-static-libc"), "").unwrap();
    assert_eq!(build(&["--no-hooks"]), (true, vec![dynamic]));
}

#[test]
fn shellcheck_has_nothing_to_say() {
    let sandbox = Sandbox::new();
    let mut scripts = vec![Path::new(ROOT).join("install.sh"), Path::new(ROOT).join("hooks/shim.sh")];
    for hook in Hook::ALL {
        let path = sandbox.root.join(hook.name());
        fs::write(&path, render(hook, Path::new("/opt/it's/gitward")).unwrap()).unwrap();
        scripts.push(path);
    }
    for script in &scripts {
        let out = sandbox.command(&sandbox.root, "sh").arg("-n").arg(script).output().unwrap();
        assert!(out.status.success(), "{}", text(&out.stderr));
    }
    if let Ok(out) = sandbox.command(&sandbox.root, "shellcheck").args(&scripts).output() {
        assert!(out.status.success(), "{}", text(&out.stdout));
    }
}
