"""The programs that are compared, and how each is asked to look at a staged change."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workloads import Workload

# the longest command line that is handed to one argument of the timer (MAX_ARG_STRLEN is 128 KiB)
MAX_COMMAND = 100_000


@dataclass(frozen=True)
class Program:
    """A program as it is known, before it is looked for."""

    name: str
    executable: str
    version: Sequence[str]
    """Arguments that print its version."""
    staged: Mapping[str, Sequence[str]]
    """Commands that check what is staged: a label each, `FILES` for the staged paths."""
    counts: str = ""
    """A regular expression of its output: the number of findings, or a match for each."""
    instructions: bool = False
    """Whether its instructions can be counted in a simulator in bearable time."""


FILES = "FILES"
GITWARD = "gitward hook pre-commit"

PROGRAMS = (
    Program("git", "git", ["--version"], {"git diff --cached": ["diff", "--cached"]}, instructions=True),
    Program(
        "gitward",
        "gitward",
        ["--version"],
        {GITWARD: ["hook", "pre-commit"], "gitward check": ["check"]},
        r"(?m)^(?:error|warning|note)\[",
        instructions=True,
    ),
    Program(
        "gitleaks",
        "gitleaks",
        ["version"],
        {"gitleaks": ["git", "--pre-commit", "--staged", "--redact", "--no-banner", "."]},
        r"leaks found: (\d+)",
    ),
    # never with -v, which sends what it finds to the providers
    Program(
        "betterleaks",
        "betterleaks",
        ["--version"],
        {"betterleaks": ["git", "--staged", "--redact", "--no-banner", "."]},
        r"leaks found: (\d+)",
    ),
    Program(
        "kingfisher",
        "kingfisher",
        ["--version"],
        {"kingfisher": ["scan", "--staged", "--no-validate", "--no-update-check", "--redact", "."]},
        r"Findings\.+: ([\d,]+)",
    ),
    # neither knows of staged changes: their hooks are handed the names of the files
    Program(
        "ripsecrets",
        "ripsecrets",
        ["--version"],
        {"ripsecrets": ["--strict-ignore", FILES]},
        r"(?m)^[^:\n]+:\d+:",
    ),
    Program(
        "detect-secrets",
        "detect-secrets-hook",
        ["--version"],
        {"detect-secrets": ["--no-verify", FILES]},
        r"(?m)^Secret Type:",
    ),
)


@dataclass(frozen=True)
class Tool:
    """A program that is there."""

    program: Program
    path: str
    version: str
    is_script: bool

    @property
    def name(self) -> str:
        """Its name in tables."""
        return self.program.name

    def describe(self) -> str:
        """Name, version, and what is unfair about the way it is started."""
        return f"{self.name} {self.version}" + (" (started by a script)" if self.is_script else "")


@dataclass(frozen=True)
class Command:
    """One line of a table."""

    label: str
    tool: Tool
    argv: tuple[str, ...]


def find(program: Program, given: Mapping[str, str], env: Mapping[str, str]) -> Tool | None:
    """The program from `--tool` or from PATH."""
    path = shutil.which(given.get(program.name, program.executable))
    if path is None:
        return None
    argv = (path, *program.version)
    done = subprocess.run(argv, check=False, env=env, capture_output=True, text=True, errors="replace")
    number = re.search(r"\d+\.[\w.+-]+", done.stdout + done.stderr)
    with Path(path).open("rb") as file:
        is_script = file.read(2) == b"#!"
    return Tool(program, str(Path(path).absolute()), number.group() if number else "of unknown version", is_script)


def commands(tool: Tool, workload: Workload, staged: Sequence[str]) -> list[Command]:
    """What to run for a workload; nothing where the tool has no way to do it."""
    if workload.start_up:
        label = f"{tool.name} {' '.join(tool.program.version)}"
        return [Command(label, tool, (tool.path, *tool.program.version))]
    out = []
    for label, args in tool.program.staged.items():
        files = staged if FILES in args else ()
        # names are all that these get: without any there is nothing to measure
        if FILES in args and (not files or sum(map(len, files)) > MAX_COMMAND):
            continue
        out.append(Command(label, tool, (tool.path, *(a for a in args if a != FILES), *files)))
    return out
