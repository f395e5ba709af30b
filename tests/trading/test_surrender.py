"""Surrender as tables: what is taken, what lacks, what is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trading.domain.obligation import Basis
from services.trading.domain.surrender import (
    Arrear,
    Delivery,
    Owed,
    Plan,
    Question,
    Stock,
    YearRules,
    arrears,
    plan,
    settle,
)
from tests.trading import builders

STOCKS = (
    Stock(instrument="cea-2023", vintage_year=2023, available_count=30),
    Stock(instrument="cea-2025", vintage_year=2025, available_count=50),
    Stock(
        instrument="ccer-1-2023",
        vintage_year=2023,
        available_count=90,
        offset=True,
        facts=builders.offset_facts(),
    ),
)


def planned(  # noqa: PLR0913 (a fact each)
    *,
    year: int = 2025,
    owed_t: int | None = 100,
    surrendered: int = 0,
    offset_used: int = 0,
    of: tuple[Arrear, ...] = (),
    stocks: tuple[Stock, ...] = STOCKS,
) -> Plan:
    rulebook, compliance = builders.rulebook(year), builders.compliance()
    obligation = None if owed_t is None else builders.obligation(owed_t * 1_000_000)
    return plan(
        Question(
            rules=YearRules(compliance_year=year, vintages=rulebook.vintages),
            arrear_vintages=YearRules(compliance_year=2024, vintages=compliance.arrears.vintages),
            offsets=compliance.offsets,
            deadline=rulebook.surrender_date,
            obligation=obligation,
            surrendered_count=surrendered,
            offset_used_count=offset_used,
            arrears=of,
            stocks=stocks,
            on=date(2026, 12, 1),
        )
    )


def taken(found: Plan) -> list[tuple[int, str, int]]:
    return [(each.compliance_year, each.instrument, each.count) for each in found.lines]


def test_offsets_up_to_their_limit_then_usable_vintages_and_the_rest_lacks() -> None:
    found = planned()

    assert taken(found) == [(2025, "ccer-1-2023", 5), (2025, "cea-2025", 50)]
    assert (found.offset_limit_count, found.offset_count, found.lacking_count) == (5, 5, 45)
    assert [(each.instrument, each.expires) for each in found.unusable] == [("cea-2023", True)]
    assert found.status is not None
    assert found.status.value == "draft"


def test_old_vintages_are_still_good_for_arrears_and_those_come_first() -> None:
    found = planned(of=(Arrear(compliance_year=2024, missing_count=40, basis=Basis.VERIFIED),))

    assert taken(found) == [
        (2024, "cea-2023", 30),
        (2024, "cea-2025", 10),
        (2025, "ccer-1-2023", 5),
        (2025, "cea-2025", 40),
    ]
    assert (found.arrear_lacking_count, found.lacking_count) == (0, 55)


def test_what_is_owed_by_a_report_alone_says_so_on_each_of_its_lines() -> None:
    of = (Arrear(compliance_year=2024, missing_count=10, basis=Basis.REPORTED),)

    (first, *_) = planned(of=of).lines

    assert first.reason.en.endswith("; what 2024 owes is reported, not verified")
    assert first.reason.zh.endswith("；2024 年度应清缴量为已报告、未核查")


def test_later_vintages_are_not_borrowed() -> None:
    found = planned(year=2024)

    assert taken(found) == [(2024, "ccer-1-2023", 5), (2024, "cea-2023", 30)]
    assert [(each.instrument, each.expires) for each in found.unusable] == [("cea-2025", False)]


def test_what_was_delivered_and_offset_before_counts() -> None:
    found = planned(surrendered=60, offset_used=3)

    assert found.to_surrender_count == 40
    assert taken(found) == [(2025, "ccer-1-2023", 2), (2025, "cea-2025", 38)]
    assert found.lacking_count == 0


def test_offsets_that_nobody_registered_are_not_taken() -> None:
    stock = replace(STOCKS[2], facts=None)
    found = planned(stocks=(stock,))

    assert found.lines == ()
    assert "record the registration" in found.unusable[0].reason.en


def test_without_an_obligation_there_is_no_plan_but_the_reason() -> None:
    found = planned(owed_t=None)

    assert found.missing is not None
    assert (found.lines, found.lacking_count) == ((), 0)


YEARS = (
    Owed(compliance_year=2023, deadline=date(2024, 12, 31), count=100, basis=Basis.VERIFIED),
    Owed(compliance_year=2024, deadline=date(2025, 12, 31), count=50, basis=Basis.VERIFIED),
)

SETTLED = """
  delivered                            | missing 2023 | 2024 | in time
                                       |          100 |   50 | no no
  2024-12-31 100                       |            0 |   50 | yes no
  2025-01-01 100                       |            0 |   50 | no no
  2024-12-30 60, 2024-12-31 40         |            0 |   50 | yes no
  2024-12-30 150                       |            0 |    0 | yes yes
  2024-12-30 100, 2025-12-31 50        |            0 |    0 | yes yes
  2024-12-30 100, 2026-01-01 50        |            0 |    0 | yes no
  2024-12-30 95, 2024-12-30 -5 offset  |            5 |   50 | no no
  2024-12-30 95, 2024-12-30 5 offset   |            0 |   50 | yes no
  2024-12-30 100, 2024-12-31 -10       |           10 |   50 | no no
"""


@pytest.mark.parametrize("row", SETTLED.strip().splitlines()[1:])
def test_the_oldest_obligation_is_settled_first(row: str) -> None:
    written, missing_first, missing_second, in_time = (cell.strip() for cell in row.split("|"))
    deliveries = []
    for each in filter(None, written.split(", ")):
        day, count, *offset = each.split()
        deliveries.append(
            Delivery(
                day=date.fromisoformat(day),
                count=max(int(count), 0) if offset else int(count),
                offset=bool(offset),
            )
        )

    found = settle(YEARS, deliveries, date(2026, 6, 1))

    assert [each.missing_count for each in found] == [int(missing_first), int(missing_second)]
    assert [each.in_time for each in found] == [word == "yes" for word in in_time.split()]


def test_what_lacks_is_an_arrear_the_day_after_the_deadline() -> None:
    settled = settle(YEARS, [], date(2026, 6, 1))

    assert arrears(settled, 2025, date(2024, 12, 31)) == ()
    assert arrears(settled, 2025, date(2025, 1, 1)) == (
        Arrear(compliance_year=2023, missing_count=100, basis=Basis.VERIFIED),
    )
    assert arrears(settled, 2024, date(2027, 1, 1)) == (
        Arrear(compliance_year=2023, missing_count=100, basis=Basis.VERIFIED),
    )


@given(st.lists(st.integers(0, 100), max_size=6))
def test_nothing_delivered_is_counted_twice(counts: list[int]) -> None:
    deliveries = [Delivery(day=date(2024, 1, 1 + i), count=n) for i, n in enumerate(counts)]

    found = settle(YEARS, deliveries, date(2026, 6, 1))

    assert sum(each.count for each in found) == min(sum(counts), 150)
