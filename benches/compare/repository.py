"""The repositories that are measured, made by git itself."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# files older than the index, so that no index entry is "racy" (gitformat-index) and costs an extra look
MODIFIED = 1_750_000_000
NAME, EMAIL = "Compare", "compare@example.com"


def environment(home: Path) -> dict[str, str]:
    """What every command sees: a home of its own, no configuration of the machine's or the user's."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        # a scanner that makes a commit of what is staged finds nothing without a committer
        "GIT_AUTHOR_NAME": NAME,
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": NAME,
        "GIT_COMMITTER_EMAIL": EMAIL,
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "TZ": "UTC",
    }


@dataclass(frozen=True)
class Repository:
    """A repository with staged changes."""

    path: Path
    env: Mapping[str, str]

    @classmethod
    def create(cls, path: Path, env: Mapping[str, str], tracked: Iterable[tuple[str, bytes]]) -> "Repository":
        """A repository with one commit of these files, packed and checked out as after a clone."""
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        repo = cls(path, env)
        repo.git("init", "--quiet", "--initial-branch=main", ".")
        repo._import(tracked)
        repo.git("reset", "--quiet", "--hard", "main")
        # as every commit leaves the index: with the trees of all directories in its cache
        repo.git("write-tree")
        return repo

    def git(self, *args: str, given: bytes = b"") -> str:
        """Runs git, which must succeed."""
        done = subprocess.run(
            ("git", *args), cwd=self.path, env=self.env, check=True, input=given, stdout=subprocess.PIPE
        )
        return done.stdout.decode()

    def stage(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Writes files and stages them."""
        names = []
        for name, content in files:
            names.append(name)
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            os.utime(file, (MODIFIED, MODIFIED))
        # by name: `--all` would add files again that are as young as the index, and forget the cached trees
        self.git("add", "--pathspec-from-file=-", "--pathspec-file-nul", given="\0".join(names).encode())

    def staged(self) -> list[str]:
        """The paths that are staged."""
        return self.git("diff", "--cached", "--name-only", "-z").split("\0")[:-1]

    def size(self) -> tuple[int, int]:
        """Lines and bytes that are staged: those of the whole files."""
        contents = [(self.path / name).read_bytes() for name in self.staged()]
        return sum(c.count(b"\n") for c in contents), sum(map(len, contents))

    def _import(self, files: Iterable[tuple[str, bytes]]) -> None:
        with subprocess.Popen(
            ("git", "fast-import", "--quiet"), cwd=self.path, env=self.env, stdin=subprocess.PIPE
        ) as process:
            assert process.stdin
            process.stdin.write(
                f"commit refs/heads/main\ncommitter {NAME} <{EMAIL}> {MODIFIED} +0000\ndata 5\nbase\n\n".encode()
            )
            for name, content in files:
                process.stdin.write(f"M 100644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n")
        if process.returncode:
            raise RuntimeError("git fast-import failed")
