"""Positions as a ledger: one row a case, the last columns what is expected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.trust import Status
from services.trading.domain.holding import Origin, Statement
from services.trading.domain.market import Sector
from services.trading.domain.obligation import estimate
from services.trading.domain.position import NOT_ALLOCATED, NOTHING_REPORTED, Facts, Position
from tests.trading import builders
from tests.trading.builders import price, production, statement, stored

# Allocated by the rulebook of 2024 to a unit of class II at F ≥ 0.65, without heat: 80,490 t.
ALLOCATED = 80_490

# F24: free, vintage 2024; B bought, C carried over.
LEDGER = """
day        | statements                                 |  owed |  held | to issue |    gap
2025-03-31 |                                            | 90000 |     0 |    80490 |  -9510
2025-04-25 | 2025-04-25 F24 50000                       | 90000 | 50000 |    30490 |  -9510
2025-08-25 | 2025-08-25 F24 80490                       | 90000 | 80490 |        0 |  -9510
2025-08-25 | 2025-08-25 F24 80490                       | 80490 | 80490 |        0 |      0
2025-08-25 | 2025-08-25 F24 80490                       | 70000 | 80490 |        0 |  10490
2025-08-25 | 2025-08-25 F24 81000                       | 90000 | 81000 |        0 |  -9000
2025-10-31 | 2025-08-25 F24 80490, 2025-10-31 B24 9510  | 90000 | 90000 |        0 |      0
2025-10-31 | 2025-08-25 F24 80490, 2025-10-31 F24 70000 | 90000 | 70000 |        0 | -20000
2025-10-31 | 2024-12-16 F23 600                         | 90000 |   600 |    80490 |  -8910
2025-10-31 | 2024-12-16 C24 600                         | 90000 |   600 |    80490 |  -8910
2025-10-31 | 2025-10-01 F25 600                         | 90000 |     0 |    80490 |  -9510
2025-12-31 | 2025-08-25 F24 80490, 2026-01-06 F24 0     | 90000 | 80490 |        0 |  -9510
2026-03-01 | 2025-08-25 F24 80490, 2026-01-06 F24 0     | 90000 | 80490 |        0 |  -9510
"""

INITIALS = {each.value[0]: each for each in Origin}


def position(
    *,
    owed_t: int | None = 90_000,
    statements: tuple[Statement, ...] = (),
    on: str = "2025-12-31",
    missing: str = "",
    sector: Sector = Sector.POWER,
) -> Position:
    account = builders.account(sector=sector)
    rulebook = builders.shelf().find(sector, 2024)
    allocation = builders.allocation(production(heat="0 GJ"))
    owed = None
    if owed_t is not None:
        owed = stored(builders.obligation(owed_t * 1_000_000, missing=missing))
    return Position(
        facts=Facts(
            account=account,
            compliance_year=2024,
            rulebook=rulebook,
            allocation=stored(allocation) if rulebook else None,
            obligation=owed,
            statements=statements,
        ),
        valuation_date=date.fromisoformat(on),
        price=stored(price()),
    )


def to_statements(text: str) -> tuple[Statement, ...]:
    found = []
    for version, row in enumerate(filter(None, text.split(", ")), start=1):
        day, holding, count = row.split()
        origin, vintage = INITIALS[holding[0]], 2000 + int(holding[1:])
        found.append(statement(day, int(count), origin=origin, vintage=vintage, version=version))
    return tuple(found)


@pytest.mark.parametrize("row", LEDGER.strip().splitlines()[1:])
def test_where_an_account_stands(row: str) -> None:
    day, statements, owed, held, to_issue, gap = (cell.strip() for cell in row.split("|"))

    found = position(owed_t=int(owed), statements=to_statements(statements), on=day)

    assert found.allocated_count == ALLOCATED
    assert (found.held_count, found.to_be_issued_count) == (int(held), int(to_issue))
    assert found.gap_count == int(gap)
    assert found.complete


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
        "allocation missing: this release has no rulebook for steel in 2024",
    ]
    assert [each.zh for each in works.missing][1] == (
        "缺少配额分配结果：本版本没有钢铁行业 2024 年度的分配规则"
    )
    assert (works.gap_count, works.gap_value_fen, works.status) == (0, None, None)
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
        statements=(),
    )

    found = Position(facts=bare, valuation_date=date(2025, 12, 31), price=None)
    assert found.missing == (NOT_ALLOCATED,)


STATEMENTS = st.lists(
    st.builds(
        statement,
        st.dates(date(2024, 1, 1), date(2026, 12, 31)).map(date.isoformat),
        st.integers(0, 10**9),
        origin=st.sampled_from(Origin),
        vintage=st.integers(2019, 2026),
        version=st.integers(1, 9),
    ),
    max_size=8,
    unique_by=lambda each: each.version,
).map(tuple)


@given(
    STATEMENTS,
    st.integers(1, 10**9),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)).map(date.isoformat),
)
def test_held_and_to_be_issued_minus_owed_is_the_gap(
    statements: tuple[Statement, ...], owed_t: int, on: str
) -> None:
    found = position(owed_t=owed_t, statements=statements, on=on)

    assert found.gap_count == found.held_count + found.to_be_issued_count - found.obligation_count
    assert found.obligation_count == owed_t
    assert 0 <= found.to_be_issued_count <= found.allocated_count
    assert found.to_be_issued_count + found.issued_count >= found.allocated_count
    assert found.gap_value_fen == found.gap_count * 7639


@given(STATEMENTS)
def test_what_is_stated_after_the_deadline_changes_nothing(
    statements: tuple[Statement, ...],
) -> None:
    at_deadline = position(statements=statements, on="2025-12-31")
    later = position(statements=statements, on="2027-12-31")

    assert (at_deadline.held_count, at_deadline.issued_count) == (
        later.held_count,
        later.issued_count,
    )
