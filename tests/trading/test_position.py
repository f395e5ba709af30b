"""Positions as a table: one row a case, the last columns what is expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.trust import Status
from services.trading.domain.ledger.usable import Holdings
from services.trading.domain.market import Sector
from services.trading.domain.obligation import estimate
from services.trading.domain.position import (
    NOT_ALLOCATED,
    NOT_OPENED,
    NOTHING_REPORTED,
    Facts,
    Position,
    closing_date,
)
from tests.trading import builders
from tests.trading.builders import price, production, stored

# Allocated by the rulebook of 2024 to a unit of class II at F ≥ 0.65, without heat: 80,490 t.
ALLOCATED = 80_490
EMPTY = Holdings(held_count=0, issued_count=0, opened=False)

LEDGER = """
  held | issued |  owed | to issue |    gap
     0 |      0 | 90000 |    80490 |  -9510
 50000 |  50000 | 90000 |    30490 |  -9510
 80490 |  80490 | 90000 |        0 |  -9510
 80490 |  80490 | 80490 |        0 |      0
 80490 |  80490 | 70000 |        0 |  10490
 81000 |  81000 | 90000 |        0 |  -9000
 90000 |  80490 | 90000 |        0 |      0
 70000 |  80490 | 90000 |        0 | -20000
   600 |      0 | 90000 |    80490 |  -8910
"""


def position(  # noqa: PLR0913 (a fact each)
    *,
    owed_t: int | None = 90_000,
    holdings: Holdings = EMPTY,
    stated: bool = False,
    on: str = "2025-12-31",
    missing: str = "",
    sector: Sector = Sector.POWER,
    rulebook: bool = True,
) -> Position:
    account = builders.account(sector=sector)
    book = builders.shelf().find(sector, 2024) if rulebook else None
    allocation = builders.allocation(production(heat="0 GJ"))
    owed = None
    if owed_t is not None:
        owed = stored(builders.obligation(owed_t * 1_000_000, missing=missing))
    return Position(
        facts=Facts(
            account=account,
            compliance_year=2024,
            rulebook=book,
            allocation=stored(allocation) if rulebook else None,
            obligation=owed,
            holdings=holdings,
            stated=stated,
        ),
        valuation_date=date.fromisoformat(on),
        price=stored(price()),
    )


@pytest.mark.parametrize("row", LEDGER.strip().splitlines()[1:])
def test_where_an_account_stands(row: str) -> None:
    held, issued, owed, to_issue, gap = (int(cell) for cell in row.split("|"))

    found = position(
        owed_t=owed, holdings=Holdings(held_count=held, issued_count=issued, opened=True)
    )

    assert found.allocated_count == ALLOCATED
    assert (found.held_count, found.to_be_issued_count) == (held, to_issue)
    assert found.gap_count == gap
    assert found.complete


def test_statements_without_transfers_are_incomplete_and_not_zero() -> None:
    assert position(stated=True).missing == (NOT_OPENED,)
    assert position(stated=True, holdings=replace(EMPTY, opened=True)).complete
    assert position(holdings=replace(EMPTY, opened=True)).complete


def test_a_position_closes_on_the_last_day_of_surrender() -> None:
    rulebook = builders.rulebook(2024)

    assert closing_date(rulebook, date(2025, 6, 1)) == date(2025, 6, 1)
    assert closing_date(rulebook, date(2025, 12, 31)) == date(2025, 12, 31)
    assert closing_date(rulebook, date(2027, 1, 1)) == date(2025, 12, 31)
    assert closing_date(None, date(2027, 1, 1)) == date(2027, 1, 1)


def test_the_gap_is_worth_what_the_price_says_rounded_once_to_the_fen() -> None:
    assert position().gap_value_fen == -9510 * 7639
    assert position(owed_t=ALLOCATED).gap_value_fen == 0


def test_without_a_price_there_is_a_gap_and_no_value() -> None:
    known = position()
    bare = Position(facts=known.facts, valuation_date=known.valuation_date, price=None)

    assert (bare.gap_count, bare.gap_value_fen) == (-9510, None)
    assert (bare.status, known.status) == (Status.OFFICIAL, Status.SECONDARY)


def test_a_position_is_worth_no_more_trust_than_the_emissions_it_rests_on() -> None:
    known = position()
    unverified = replace(builders.inventory(), status=Status.UNVERIFIED)
    shaky = estimate(builders.account(), unverified)
    facts = replace(known.facts, obligation=stored(shaky))

    assert replace(known, facts=facts).status is Status.UNVERIFIED


def test_works_with_process_emissions_show_why_and_no_gap() -> None:
    works = position(sector=Sector.STEEL, missing="process emissions missing")

    assert not works.complete
    assert [each.en for each in works.missing] == [
        "process emissions missing",
    ]
    assert (works.gap_count, works.gap_value_fen) == (0, None)
    assert works.surrender_date == date(2025, 12, 31)


def test_a_sector_and_year_without_rules_shows_why_and_no_gap() -> None:
    works = position(sector=Sector.STEEL, rulebook=False)

    assert [each.en for each in works.missing] == [
        "allocation missing: this release has no rulebook for steel in 2024",
    ]
    assert [each.zh for each in works.missing] == [
        "缺少配额分配结果：本版本没有钢铁行业 2024 年度的分配规则"
    ]
    assert works.surrender_date is None


def test_who_reported_nothing_is_incomplete() -> None:
    assert position(owed_t=None).missing == (NOTHING_REPORTED,)
    assert position(owed_t=None).obligation_count == 0


def test_a_year_that_nobody_allocated_is_incomplete() -> None:
    known = position().facts
    bare = Facts(
        account=known.account,
        compliance_year=2024,
        rulebook=known.rulebook,
        allocation=None,
        obligation=known.obligation,
        holdings=EMPTY,
        stated=False,
    )

    found = Position(facts=bare, valuation_date=date(2025, 12, 31), price=None)
    assert found.missing == (NOT_ALLOCATED,)


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 10**9))
def test_held_and_to_be_issued_minus_owed_is_the_gap(
    held_count: int, issued_count: int, owed_t: int
) -> None:
    holdings = Holdings(held_count=held_count, issued_count=issued_count, opened=True)
    found = position(owed_t=owed_t, holdings=holdings)

    assert found.gap_count == found.held_count + found.to_be_issued_count - found.obligation_count
    assert found.obligation_count == owed_t
    assert 0 <= found.to_be_issued_count <= found.allocated_count
    assert found.to_be_issued_count + found.issued_count >= found.allocated_count
    assert found.gap_value_fen == found.gap_count * 7639
