"""What gitward has set itself, and whether a run reached it."""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from measure import Result
from tools import GITWARD

Results = Mapping[str, Mapping[str, Result]]
"""By workload and label."""


@dataclass(frozen=True)
class Goal:
    """A bound on a figure."""

    text: str
    figure: Callable[[Results], float]
    reached: Callable[[float, float], bool]
    bound: float
    unit: str = "x"

    def row(self, results: Results) -> tuple[str, str, str]:
        """The goal, the figure, the verdict."""
        figure = self.figure(results)
        if math.isnan(figure):
            return self.text, "not measured", ""
        verdict = "reached" if self.reached(figure, self.bound) else f"missed by {abs(figure / self.bound - 1):.0%}"
        return self.text, f"{figure:.3g}{self.unit}", verdict


def median(results: Results, workload: str, label: str) -> float:
    """The median wall time; not a number where it was not measured or the command failed."""
    result = results.get(workload, {}).get(label)
    # how fast gitward gives up is no achievement
    failed = result and label.startswith("gitward") and result.exit_code not in (0, 1)
    return result.median if result and not failed else math.nan


def share_of(workload: str, baseline: str, label: str = GITWARD) -> Callable[[Results], float]:
    """gitward's time as a share of git's."""
    return lambda results: median(results, workload, label) / median(results, workload, baseline)


def times_less_than(workload: str, peer: str) -> Callable[[Results], float]:
    """How often gitward's time goes into a peer's."""
    return lambda results: median(results, workload, peer) / median(results, workload, GITWARD)


def million_instructions(workload: str) -> Callable[[Results], float]:
    """Of gitward."""

    def figure(results: Results) -> float:
        result = results.get(workload, {}).get(GITWARD)
        return result.instructions / 1e6 if result and result.instructions else math.nan

    return figure


DIFF = "git diff --cached"
GOALS = (
    Goal("one small staged file: at most 0.9 times `git diff --cached`", share_of("one", DIFF), operator.le, 0.9),
    Goal(
        "one small staged file: at least 150 times less than gitleaks",
        times_less_than("one", "gitleaks"),
        operator.ge,
        150,
    ),
    Goal(
        "one small staged file: at least 30 times less than betterleaks",
        times_less_than("one", "betterleaks"),
        operator.ge,
        30,
    ),
    Goal("one small staged file: at most 4 million instructions", million_instructions("one"), operator.le, 4, " M"),
    Goal("20 staged files: at most 1.0 times `git diff --cached`", share_of("twenty", DIFF), operator.le, 1.0),
    Goal("5,000 staged files: less than `git diff --cached`", share_of("many", DIFF), operator.lt, 1.0),
    Goal(
        "50,000 tracked files: at most 1.0 times `git diff --cached`", share_of("large-index", DIFF), operator.le, 1.0
    ),
    Goal(
        "`--version`: at most 1.0 times `git --version`",
        share_of("start-up", "git --version", "gitward --version"),
        operator.le,
        1.0,
    ),
)
