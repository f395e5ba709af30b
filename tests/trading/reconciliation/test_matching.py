"""R16: twelve kinds of break, each found and classified whatever surrounds it; and none made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.trading.domain.reconciliation import difference
from services.trading.domain.reconciliation.difference import Break, BreakKind, Difference
from services.trading.domain.reconciliation.line import Line
from services.trading.domain.reconciliation.matching import Outcome, reconcile
from tests.trading.reconciliation.statements import FAMILIES, SEEDS, Pair, clean, dice, said

RUNS = 100
CLEAN_RUNS = 1000
DAY = date(2025, 10, 31)


def run(pair: Pair) -> Outcome:
    return reconcile(pair.ours, pair.theirs, FAMILIES)


def seeded(kind: BreakKind, seed: int) -> Pair:
    random_ = dice(f"{kind} {seed}")
    pair = clean(random_)
    pair.named = seed % 2 == 0
    SEEDS[kind](random_, pair)
    return pair


def test_there_are_twelve_kinds_and_a_seed_of_each() -> None:
    assert len(BreakKind) == 12
    assert set(SEEDS) == set(BreakKind)


@pytest.mark.parametrize("kind", BreakKind)
def test_each_of_a_hundred_breaks_is_found_and_of_its_kind(kind: BreakKind) -> None:
    found = [[each.kind for each in run(seeded(kind, seed)).breaks] for seed in range(RUNS)]

    assert found == [[kind]] * RUNS


def test_a_thousand_statements_that_agree_have_no_break() -> None:
    for seed in range(CLEAN_RUNS):
        pair = clean(dice(seed))

        outcome = run(pair)

        assert outcome.breaks == (), seed
        assert outcome.agreed_count == len(pair.theirs), seed


@pytest.mark.parametrize("kind", BreakKind)
def test_differences_are_what_the_statement_has_more_of_each_account(kind: BreakKind) -> None:
    for seed in range(RUNS):
        pair = seeded(kind, seed)
        expected: dict[tuple[str, str], int] = {}
        for sign, lines in ((1, pair.theirs), (-1, pair.ours)):
            for line in lines:
                key = line.book, line.instrument
                expected[key] = expected.get(key, 0) + sign * line.unit_count

        breaks = run(pair).breaks

        found = {
            (each.book, each.instrument): each.unit_count
            for whole in breaks
            for each in whole.differences
        }
        assert found == {key: count for key, count in expected.items() if count}, (kind, seed)


def test_breaks_do_not_depend_on_the_order_of_the_statement() -> None:
    for kind in BreakKind:
        pair = seeded(kind, 1)
        before = {(each.kind, each.id) for each in run(pair).breaks}
        dice(kind).shuffle(pair.theirs)

        assert {(each.kind, each.id) for each in run(pair).breaks} == before


def test_all_twelve_at_once_are_all_found() -> None:
    for seed in range(RUNS):
        random_ = dice(seed)
        pair = clean(random_)
        for kind, add in SEEDS.items():
            more = Pair([], [])
            add(random_, more)
            # Each on accounts of its own, so that none is another's partner.
            pair.ours += [_apart(line, kind) for line in more.ours]
            pair.theirs += [_apart(line, kind) for line in more.theirs]

        assert sorted(each.kind for each in run(pair).breaks) == sorted(BreakKind), seed


def _apart(line: Line, kind: BreakKind) -> Line:
    return line._replace(
        id=f"{kind}-{line.id}",
        book=f"{kind}-{line.book}",
        reference=f"{kind}-{line.reference}" if line.reference else "",
        reverses=f"{kind}-{line.reverses}" if line.reverses else "",
        note=f"{kind}-{line.note}",
        day=line.day.replace(month=1 + [*BreakKind].index(kind), day=1 + line.day.day % 20),
    )


def line(id_: str = "t-1", count: int = 100, **others: Any) -> Line:
    whole = Line(id=id_, book="chp", instrument="cea-2024", unit_count=count, day=DAY)
    return whole._replace(**others)


def breaks(ours: list[Line], theirs: list[Line]) -> list[BreakKind]:
    return [each.kind for each in run(Pair(ours, theirs)).breaks]


def test_a_tonne_is_a_break_there_is_no_tolerance() -> None:
    assert breaks([line(count=10**9)], [said(line(count=10**9 + 1))]) == [BreakKind.WRONG_QUANTITY]


def test_what_both_sides_took_back_left_nothing() -> None:
    ours = [line("t-1"), line("t-2", -100, reverses="t-1")]
    theirs = [said(line("x", 70)), said(line("y", -70, reverses="x"))]

    outcome = run(Pair(ours, theirs))

    assert (outcome.breaks, outcome.netted_count) == ((), 4)


def test_what_was_corrected_agrees_with_the_line_that_named_the_mistake() -> None:
    ours = [line("t-1", 100), line("t-2", -100, reverses="t-1"), line("t-3", 90)]
    theirs = [said(line("t-1", 90))]

    outcome = run(Pair(ours, theirs))

    assert (outcome.breaks, outcome.agreed_count, outcome.netted_count) == ((), 1, 2)


def test_a_transfer_that_was_posted_twice_is_a_duplicate_of_the_ledger() -> None:
    ours = [line("t-1", note="note"), line("t-2", note="note")]

    (found,) = run(Pair(ours, [said(line("t-1"))])).breaks

    assert (found.kind, [each.id for each in found.ours]) == (BreakKind.DUPLICATE, ["t-2"])
    assert found.differences == (Difference(book="chp", instrument="cea-2024", unit_count=-100),)


def test_two_wrong_quantities_of_an_account_are_not_taken_for_each_other() -> None:
    later = date(2025, 11, 20)
    ours = [line("t-1", 100), line("t-2", 101)._replace(day=later)]
    theirs = [
        said(line("t-1", 101), named=False),
        said(line("t-2", 102)._replace(day=later), named=False),
    ]

    assert breaks(ours, theirs) == [BreakKind.WRONG_QUANTITY] * 2


def test_only_accounts_that_differ_are_blocked() -> None:
    late = Break(
        kind=BreakKind.LATE,
        ours=(line(),),
        theirs=(said(line())._replace(day=date(2025, 11, 3)),),
    )
    moved = Break(kind=BreakKind.WRONG_ACCOUNT, ours=(line(),), theirs=(said(line(book="mill")),))

    assert difference.blocked([late]) == set()
    assert difference.blocked([late, moved]) == {"chp", "mill"}


def test_a_break_keeps_its_id_and_ages_by_days_of_china() -> None:
    found = [run(Pair([line()], [said(line(count=90))])).breaks[0].id for _ in range(2)]

    assert found[0] == found[1]
    first = datetime(2026, 1, 1, 15, 59, tzinfo=UTC)
    assert difference.open_days(first, first) == 0
    assert difference.open_days(first, datetime(2026, 1, 11, 16, 0, tzinfo=UTC)) == 11
