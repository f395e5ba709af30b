"""Measure against a limit or a peer in the same run: `python3 dev.py bench [NAME …] [--json FILE]`.

A benchmark is a module `benchmarks/<name>.py` with a function `run() -> Iterable[Figure]`. It sets
up what it measures, and makes its figures with `compare`, which runs candidate and reference in
turns: whatever slows the machine down meanwhile slows both.

A single number says more about the machine than about the program, so every figure is a ratio; and
where the reference alone spreads by more than 1.3, not even the ratio says anything: the
measurement is called *noisy* and made again, a few times, and stays marked if it stays noisy. A
limit that is prescribed as a number does not spread: there it is the candidate that is watched.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import pkgutil
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

import benchmarks

SPREAD_MAX_RATIO = 1.3

Measurement = Callable[[], float]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured ratio.

    Attributes:
        figure: What was measured.
        value: The candidate's median, in `unit`.
        unit: The unit of `value`, such as `calls/s` or `ms`.
        against: The limit or peer that was measured in the same run.
        ratio: The candidate's median over the reference's.
        goal: What the ratio should reach, or stay below where the unit is a cost.
        met: Whether it does.
        noisy: Whether the reference still spread by more than 1.3 in the last attempt.
    """

    figure: str
    value: float
    unit: str
    against: str
    ratio: float
    goal: float
    met: bool
    noisy: bool = False

    def record(self) -> dict[str, object]:
        """The figure as one object of the JSON list; `noisy` is named only where it is so."""
        fields = asdict(self)
        if not self.noisy:
            del fields["noisy"]
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """What is measured against what.

    Attributes:
        figure: What is measured.
        unit: The unit in which both measurements answer.
        candidate: Does one repetition of ours and returns what came out; see `seconds`, `rate`.
        against: What the reference is.
        reference: The same for the limit or peer; a number where the limit is prescribed.
        goal: What candidate over reference should reach, or stay below where less is better.
        less_is_better: Whether the unit is a cost, such as seconds.
    """

    figure: str
    unit: str
    candidate: Measurement
    against: str
    reference: Measurement | float
    goal: float
    less_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often to measure; candidate and reference also run once beforehand, unmeasured.

    Attributes:
        repetition_count: How often candidate and reference are each measured in one attempt.
        attempt_count: How many attempts there are, at most, to find the machine quiet.
    """

    repetition_count: int = 7
    attempt_count: int = 3


def compare(contest: Contest, *, plan: Plan = Plan(), say: Say | None = None) -> Figure:
    """The candidate's median over the reference's, both measured in turns in this run."""
    tell = say or (lambda text: Console(stderr=True).print(text, highlight=False))
    candidate, prescribed = contest.candidate, contest.reference
    reference = prescribed if callable(prescribed) else lambda: prescribed
    candidate()
    reference()
    for attempt in range(1, plan.attempt_count + 1):
        candidates, references = _in_turns(candidate, reference, plan.repetition_count)
        watched, name = (
            (references, contest.against) if callable(prescribed) else (candidates, "it")
        )
        spread = max(watched) / min(watched)
        noisy = spread > SPREAD_MAX_RATIO
        if not noisy:
            break
        seen = f"{contest.figure}: *noisy*, {name} spread by {spread:.2f}"
        tell(f"{seen} (attempt {attempt} of {plan.attempt_count})")
    value = statistics.median(candidates)
    ratio = value / statistics.median(references)
    return Figure(
        figure=contest.figure,
        value=value,
        unit=contest.unit,
        against=contest.against,
        ratio=ratio,
        goal=contest.goal,
        met=ratio <= contest.goal if contest.less_is_better else ratio >= contest.goal,
        noisy=noisy,
    )


def _in_turns(
    candidate: Measurement, reference: Measurement, repetition_count: int
) -> tuple[list[float], list[float]]:
    """Both series; who goes first alternates, so that neither always follows the other."""
    candidates: list[float] = []
    references: list[float] = []
    for repetition in range(repetition_count):
        turns = [(candidates, candidate), (references, reference)]
        for series, measure in turns if repetition % 2 else reversed(turns):
            series.append(measure())
    return candidates, references


def seconds(
    work: Callable[[], object], *, clock: Callable[[], float] = time.perf_counter
) -> Measurement:
    """Measures how many seconds the work takes.

    Work that only computes, in this process alone, may be timed by `time.process_time`: then
    waiting for a processor that others hold does not count.
    """

    def measure() -> float:
        start = clock()
        work()
        return clock() - start

    return measure


def rate(
    work: Callable[[], object],
    item_count: float,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Measurement:
    """Measures how many items a second the work does, which does `item_count` each time."""
    took = seconds(work, clock=clock)
    return lambda: item_count / took()


def p99(values: Iterable[float]) -> float:
    """Return what 99 of 100 values do not exceed: the nearest rank, a value that was measured.

    >>> p99(range(1, 101))
    99
    """
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * 0.99) - 1]


def names() -> list[str]:
    """The benchmarks there are."""
    found = pkgutil.iter_modules(benchmarks.__path__)
    return sorted(each.name for each in found if not each.ispkg and each.name != "harness")


def table(figures: Iterable[Figure]) -> Table:
    """The figures for people."""
    grid = Table("figure", "value", "unit", "against", "ratio", "goal", "met", box=None)
    for figure in figures:
        verdict = ("yes" if figure.met else "no") + (", noisy" if figure.noisy else "")
        numbers = (f"{figure.value:,.4g}", f"{figure.ratio:.3g}", f"{figure.goal:.3g}")
        value, ratio, goal = numbers
        grid.add_row(figure.figure, value, figure.unit, figure.against, ratio, goal, verdict)
    return grid


def write(path: Path, figures: Iterable[Figure]) -> None:
    """Write the figures as a JSON list."""
    text = json.dumps([figure.record() for figure in figures], indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks, or all; a goal that is missed is a finding, not a failure."""
    known = names()
    parser = argparse.ArgumentParser(prog="dev.py bench", description=main.__doc__)
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(known)}; without, all of them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.name) - set(known)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(known)}")
    figures: list[Figure] = []
    for name in options.name or known:
        Console(stderr=True).print(f"measuring {name} …", highlight=False)
        figures += importlib.import_module(f"benchmarks.{name}").run()
    Console().print(table(figures))
    if options.json:
        write(options.json, figures)
    return 0


if __name__ == "__main__":
    # This module would otherwise exist twice: as `__main__`, and as the one that benchmarks import.
    sys.exit(importlib.import_module("benchmarks.harness").main(sys.argv[1:]))
