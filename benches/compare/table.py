"""Results as Markdown."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goals import GOALS
from measure import Result
from tools import GITWARD
from workloads import FULL, Sizes, Workload


@dataclass(frozen=True)
class Measured:
    """A workload and what came of it."""

    workload: Workload
    staged: tuple[int, int, int]
    """Files, lines and bytes that were staged."""
    results: Sequence[Result]

    def result(self, label: str) -> Result | None:
        """The result of that label."""
        return next((r for r in self.results if r.command.label == label), None)

    @property
    def gitward(self) -> Result | None:
        """The line of gitward that the others are divided by."""
        return self.result("gitward --version" if self.workload.start_up else GITWARD)


def report(measured: Sequence[Measured], sizes: Sizes, facts: Sequence[str]) -> str:
    """The whole section."""
    by_workload = {m.workload.id: {r.command.label: r for r in m.results} for m in measured}
    goals = (goal.row(by_workload) for goal in GOALS)
    # the goals are for the full sizes
    judged = ["### Goals\n\n" + grid(("goal", "measured", ""), "lrl", goals)] if sizes == FULL else []
    return "\n\n".join(["\n".join(f"- {fact}" for fact in facts), *judged, *(section(m, sizes) for m in measured)])


def section(measured: Measured, sizes: Sizes) -> str:
    """One workload: a heading and its table, fastest first."""
    workload, (files, lines, size) = measured.workload, measured.staged
    heading = f"### {workload.title(sizes)}"
    about = f"Staged: {files:,} file{'s' if files > 1 else ''}, {lines:,} lines, {size_of(size)}." if files else ""
    baseline = measured.result(workload.baseline)
    header = ("command", "median", "least", "CPU", "instructions", f"÷ `{workload.baseline}`", "÷ gitward", "outcome")
    ordered = sorted(measured.results, key=lambda r: (math.isnan(r.median), r.median))
    rows = (row(result, baseline, measured.gitward) for result in ordered)
    return "\n\n".join(part for part in (heading, about, grid(header, "lrrrrrrl", rows)) if part)


def row(result: Result, baseline: Result | None, gitward: Result | None) -> tuple[str, ...]:
    """One command."""
    if result.exit_code is None:
        return (f"`{result.command.label}`", "", "", "", "", "", "", "given up")
    return (
        f"`{result.command.label}`",
        duration(result.median),
        duration(result.least),
        duration(result.cpu),
        f"{result.instructions / 1e6:.2f} M" if result.instructions else "",
        ratio(result, baseline),
        ratio(result, gitward),
        outcome(result),
    )


def outcome(result: Result) -> str:
    """The exit code, and what was found."""
    code = f"exit {result.exit_code}"
    return code if not result.findings else f"{code}, {result.findings:,} found"


def ratio(result: Result, other: Result | None) -> str:
    """How many times the other's median."""
    if other is None or math.isnan(other.median) or math.isnan(result.median):
        return ""
    value = result.median / other.median
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def duration(seconds: float) -> str:
    """In a unit that keeps three digits."""
    if math.isnan(seconds):
        return ""
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def size_of(size: int) -> str:
    """In powers of ten."""
    for unit, name in ((1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def grid(header: Sequence[str], align: str, rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; `align` has an `l` or `r` for each column."""
    marks = ["---:" if a == "r" else "---" for a in align]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, marks, *rows))
