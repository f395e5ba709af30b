from __future__ import annotations

import importlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import harness
from benchmarks.harness import Contest, Figure, Plan

PLAN = Plan(repetition_count=3, attempt_count=2)


def series(journal: list[str], name: str, *values: float) -> Callable[[], float]:
    """A measurement that returns these values in turn and notes each call."""
    coming = iter(values)

    def measure() -> float:
        journal.append(name)
        return next(coming)

    return measure


def figure(*, ratio: float = 0.5, noisy: bool = False) -> Figure:
    return Figure(
        figure="report, unary",
        value=1234.5,
        unit="calls/s",
        against="bare grpcio echo",
        ratio=ratio,
        goal=0.4,
        met=True,
        noisy=noisy,
    )


def compared(
    candidate: Callable[[], float],
    reference: Callable[[], float] | float,
    *,
    said: list[str] | None = None,
    less_is_better: bool = False,
) -> Figure:
    contest = Contest(
        figure="figure",
        unit="calls/s",
        candidate=candidate,
        against="peer",
        reference=reference,
        goal=0.5,
        less_is_better=less_is_better,
    )
    return harness.compare(contest, plan=PLAN, say=(said if said is not None else []).append)


def test_the_ratio_is_that_of_the_medians_after_a_warming_up() -> None:
    journal: list[str] = []

    result = compared(series(journal, "c", 0, 9, 5, 6), series(journal, "r", 0, 10, 11, 12))

    assert (result.value, result.ratio, result.met) == (6, 6 / 11, True)
    assert not result.noisy


def test_candidate_and_reference_take_turns_and_alternate_who_is_first() -> None:
    journal: list[str] = []

    compared(series(journal, "c", *[1] * 4), series(journal, "r", *[1] * 4))

    assert "".join(journal) == "crrccrrc"


def test_a_reference_that_spreads_is_measured_again() -> None:
    said: list[str] = []

    result = compared(
        series([], "c", 0, 1, 1, 1, 4, 4, 4), series([], "r", 0, 10, 14, 10, 8, 8, 8), said=said
    )

    assert (result.value, result.ratio, result.noisy) == (4, 0.5, False)
    assert said == ["figure: *noisy*, peer spread by 1.40 (attempt 1 of 2)"]


def test_what_stays_noisy_is_given_up_and_marked() -> None:
    said: list[str] = []

    result = compared(series([], "c", 0, *[1] * 6), series([], "r", 0, *[1, 2, 1] * 2), said=said)

    assert result.noisy
    assert len(said) == PLAN.attempt_count
    assert result.record()["noisy"] is True


def test_against_a_prescribed_number_the_candidate_itself_is_watched() -> None:
    said: list[str] = []

    steady = compared(series([], "c", 0, 4, 5, 4), 10.0, said=said, less_is_better=True)
    shaken = compared(series([], "c", 0, *[4, 6, 4] * 2), 10.0, said=said, less_is_better=True)

    assert (steady.ratio, steady.met, steady.noisy) == (0.4, True, False)
    assert shaken.noisy
    assert said[0] == "figure: *noisy*, it spread by 1.50 (attempt 1 of 2)"
    assert len(said) == PLAN.attempt_count


def test_another_clock_may_measure() -> None:
    ticks = iter([10.0, 14.0])

    assert harness.rate(lambda: None, item_count=8, clock=lambda: next(ticks))() == 2


@pytest.mark.parametrize(("less_is_better", "met"), [(False, False), (True, True)])
def test_a_goal_is_a_floor_or_a_ceiling(*, less_is_better: bool, met: bool) -> None:
    result = compared(
        series([], "c", *[4] * 4), series([], "r", *[10] * 4), less_is_better=less_is_better
    )

    assert result.met is met


def test_the_clock_measures_work_that_was_done() -> None:
    done: list[int] = []

    assert harness.seconds(lambda: done.append(1))() > 0
    assert harness.rate(lambda: done.append(1), item_count=1000)() > 0
    assert len(done) == 2


def test_the_json_has_exactly_the_agreed_keys(tmp_path: Path) -> None:
    harness.write(tmp_path / "figures.json", [figure()])

    [record] = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))

    assert list(record) == ["figure", "value", "unit", "against", "ratio", "goal", "met"]


def test_the_table_says_what_is_noisy() -> None:
    page = io.StringIO()

    Console(file=page, width=200).print(harness.table([figure(), figure(noisy=True)]))

    assert "bare grpcio echo" in page.getvalue()
    assert "yes, noisy" in page.getvalue()


def test_an_unknown_benchmark_is_refused_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        harness.main(["nonesuch"])

    assert "no benchmark nonesuch; there are:" in capsys.readouterr().err


def test_every_benchmark_is_a_module_with_a_run() -> None:
    for name in harness.names():
        assert callable(importlib.import_module(f"benchmarks.{name}").run), name
