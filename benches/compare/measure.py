"""Running commands and taking their times.

hyperfine does the timing. Commands take turns in rounds, so that what disturbs the machine for a while disturbs all
of them, and every other round goes backwards.
"""

import json
import math
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools import Command

ROUNDS = 3
MOST_RUNS = 300
FEWEST_RUNS = 3
# slower than this, in seconds: two runs must do
SLOW = 5.0
# callgrind is some fifty times slower than the machine
SIMULATED = 0.2


@dataclass(frozen=True)
class Limits:
    """How long to measure, in seconds."""

    cell: float
    """Of each command of a workload, where that is more than `FEWEST_RUNS`."""
    run: float
    """After which a command is given up."""


@dataclass
class Result:
    """What is known of a command; times in seconds."""

    command: Command
    exit_code: int | None = None
    """`None`: it was given up."""
    findings: int | None = None
    walls: list[float] = field(default_factory=list)
    cpus: list[tuple[float, int]] = field(default_factory=list)
    """User and system time, a mean each, and of how many runs."""
    instructions: int | None = None

    @property
    def median(self) -> float:
        """Of the wall time."""
        return statistics.median(self.walls) if self.walls else math.nan

    @property
    def least(self) -> float:
        """Of the wall time."""
        return min(self.walls, default=math.nan)

    @property
    def cpu(self) -> float:
        """User and system time, children included, on average."""
        runs = sum(n for _, n in self.cpus)
        return sum(mean * n for mean, n in self.cpus) / runs if runs else math.nan


class Stopwatch:
    """Measures commands in one repository."""

    def __init__(self, cwd: Path, env: Mapping[str, str], limits: Limits) -> None:
        self._cwd = cwd
        self._env = env
        self._limits = limits

    def measure(self, commands: Sequence[Command]) -> list[Result]:
        """All of them, in turns."""
        results, plan = [], []
        for command in commands:
            result, seconds = self._try(command)
            results.append(result)
            if result.exit_code is not None:
                plan.append((result, self._runs(seconds)))
                if command.tool.program.instructions and seconds < SIMULATED:
                    result.instructions = self._instructions(command)
        for turn in range(ROUNDS):
            for result, runs in plan if turn % 2 == 0 else reversed(plan):
                share = len(range(turn, runs, ROUNDS))
                if share:
                    self._time(result, share)
        return results

    def _runs(self, seconds: float) -> int:
        if seconds > SLOW:
            return 2
        return max(FEWEST_RUNS, min(MOST_RUNS, round(self._limits.cell / seconds)))

    def _try(self, command: Command) -> tuple[Result, float]:
        """One run to see what it says and about how long it takes."""
        result = Result(command)
        with tempfile.TemporaryFile() as output:
            start = time.monotonic()
            process = subprocess.Popen(
                command.argv,
                cwd=self._cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                result.exit_code = process.wait(self._limits.run)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            seconds = time.monotonic() - start
            if command.tool.program.counts:
                output.seek(0)
                result.findings = count(command.tool.program.counts, output.read().decode(errors="replace"))
        return result, seconds

    def _time(self, result: Result, runs: int) -> None:
        with tempfile.NamedTemporaryFile(suffix=".json") as export:
            self._silently(
                "hyperfine",
                "--shell=none",
                "--style=none",
                "--ignore-failure",
                f"--warmup={1 if runs < 10 else 3}" if runs > 1 else "--warmup=0",
                f"--runs={runs}",
                f"--export-json={export.name}",
                shlex.join(result.command.argv),
            )
            timed = json.load(export)["results"][0]
        result.walls += timed["times"]
        result.cpus.append((timed["user"] + timed["system"], runs))

    def _instructions(self, command: Command) -> int | None:
        """Instructions in user mode, without those of child processes: counted, or else simulated."""
        if shutil.which("perf"):
            said = self._silently("perf", "stat", "--no-inherit", "-x,", "-e", "instructions:u", "--", *command.argv)
            if counted := re.search(r"^(\d+),[^,]*,instructions", said, re.MULTILINE):
                return int(counted.group(1))
        if shutil.which("valgrind"):
            said = self._silently("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command.argv)
            if collected := re.search(r"Collected : (\d+)", said):
                return int(collected.group(1))
        return None

    def _silently(self, *argv: str) -> str:
        """Runs a tool of ours; what it wrote to standard error."""
        done = subprocess.run(
            argv,
            check=False,
            cwd=self._cwd,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        if argv[0] == "hyperfine" and done.returncode:
            raise RuntimeError(f"hyperfine: {done.stderr.strip()}")
        return done.stderr


def count(pattern: str, output: str) -> int:
    """The number that the output states, else how often the pattern matches."""
    found = re.findall(pattern, output)
    stated = re.compile(pattern).groups > 0
    return int(found[-1].replace(",", "")) if stated and found else len(found)
