"""Golden cases of surrender, carry-over, offsets, penalties and dates.

B1 to B3 are examples of third parties, checked by recomputation; C and G were computed from the
official texts by an independent script: regression values, not evidence.

Carry-over: 国环规气候〔2024〕1号, 附5. Penalties: 国令第775号, 第二十四条;
生态环境法典, 第一千二百二十六条. Offsets: 生态环境部令第19号, 第二十九条;
生态环境部 市场监管总局令第31号, 第十条 and 第十七条. Monthly evidence, month end and 40 calendar
days: 环办气候函〔2025〕140号, 二（五）.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.kernel.errors import PenaltyMissing, TradingDaysUnknown
from services.kernel.trust import Status
from services.trading.domain.carry_over import CarryOver, Facts, carry_over
from services.trading.domain.duty import month_end_plus
from services.trading.domain.market import Sector
from services.trading.domain.offset import eligible_window
from services.trading.domain.penalty import exposure, month_before, rule_of
from services.trading.domain.price import PriceKind
from tests.trading import builders

OPEN = date(2026, 3, 1)


def carried(
    *, sold: int = 0, bought: int = 0, holding: int, base: int = 10_000, on: date = OPEN
) -> CarryOver:
    scheme = builders.compliance().scheme(Sector.POWER, 2025)
    facts = Facts(sold_count=sold, bought_count=bought, holding_count=holding)
    return carry_over(replace(scheme, base_count=base), facts, on)


def test_b2_the_holding_limits_what_is_carried_over() -> None:
    """Base 100,000 t, net sales 20,000 t, holding 120,000 t: cap 130,000, at most 120,000."""
    found = carried(sold=20_000, holding=120_000, base=100_000)

    assert (found.cap_count, found.most_count, found.excess_count) == (130_000, 120_000, 0)


def test_b3_selling_lowers_the_holding_and_raises_the_cap() -> None:
    """Base 100,000 t, nothing sold, holding 150,000 t: 50,000 stay behind; 20,000 to be sold."""
    found = carried(holding=150_000, base=100_000)

    assert (found.most_count, found.excess_count) == (100_000, 50_000)
    assert found.further_sale_count == 20_000
    sold = carried(sold=20_000, holding=130_000, base=100_000)
    assert sold.excess_count == 0


def test_c6_the_result_is_rounded_down() -> None:
    found = carried(sold=30_001, bought=10_000, holding=100_000)

    assert (found.facts.net_sold_count, found.cap_count) == (20_001, 40_001)
    assert found.most_count == found.left_count == 40_001
    assert found.refusal is None


def test_a_net_buyer_has_the_base_alone_and_who_was_late_has_nothing() -> None:
    assert carried(bought=5_000, holding=100_000).cap_count == 10_000
    scheme = builders.compliance().scheme(Sector.POWER, 2025)
    facts = Facts(sold_count=0, bought_count=0, holding_count=9, late_years=(2023,))
    late = carry_over(scheme, facts, OPEN)
    assert (late.most_count, late.left_count, late.excess_count) == (0, 0, 9)
    assert late.refusal is not None
    assert "2023" in late.refusal.zh


@pytest.mark.parametrize(
    ("on", "left"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 1, 1), 100),
        (date(2026, 6, 10), 100),
        (date(2026, 6, 11), 0),
    ],
)
def test_applications_are_taken_in_their_window(on: date, left: int) -> None:
    found = carried(holding=100, on=on)

    assert (found.most_count, found.left_count) == (100, left)
    assert (found.refusal is None) == (left > 0)


def test_c8_five_percent_are_rounded_down() -> None:
    assert builders.compliance().offsets.limit_count(1_234_567) == 61_728


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ("2026-01-01", "2026-03-12"),
        ("2026-02-01", "2026-04-09"),
        ("2026-10-01", "2026-12-10"),
        ("2026-12-01", "2027-02-09"),
        ("2028-01-01", "2028-03-11"),
    ],
)
def test_c14_monthly_evidence_is_due_40_days_after_the_month(month: str, due: str) -> None:
    assert month_end_plus(date.fromisoformat(month), 40) == date.fromisoformat(due)


@pytest.mark.parametrize("duty", ["evidence-2026-01", "evidence-2026-02", "evidence-2026-12"])
def test_c14_the_calendar_says_so_too(duty: str) -> None:
    (found,) = (each for each in builders.compliance().calendar if each.duty == duty)

    month = date.fromisoformat(duty.removeprefix("evidence-") + "-01")
    assert found.due_date == month_end_plus(month, 40)


def test_a_duty_is_due_until_the_last_second_of_its_day_in_shanghai() -> None:
    (found,) = (each for each in builders.compliance().calendar if each.duty == "surrender-2025")

    assert found.deadline.astimezone(UTC) == datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)


AVERAGE = builders.stored(
    builders.price("85.20", product="CEA", kind=PriceKind.VWAP, period=("2025-11-01", "2025-12-01"))
)
MULTIPLE = (4_260_000_00, 8_520_000_00)


def test_g12_a_breach_before_the_code_costs_five_to_ten_times_the_price() -> None:
    rule = rule_of(builders.compliance().penalties, date(2026, 1, 1))
    found = exposure(rule, date(2026, 1, 1), 10_000, AVERAGE)

    assert (rule.penalty, rule.cuts_allocation) == ("regulations-24", True)
    assert [(each.least_fen, each.most_fen) for each in found.steps] == [MULTIPLE]
    assert rule.rule.source.status is Status.OFFICIAL


def test_g13_a_breach_under_the_code_costs_in_two_steps_and_cuts_nothing() -> None:
    rule = rule_of(builders.compliance().penalties, date(2027, 1, 1))
    found = exposure(rule, date(2027, 1, 1), 10_000, AVERAGE)

    assert (rule.penalty, rule.cuts_allocation) == ("code-1226", False)
    assert [(each.least_fen, each.most_fen) for each in found.steps] == [
        (1_000_000_00, 5_000_000_00),
        MULTIPLE,
    ]
    assert [each.rule.step for each in found.steps] == ["fixed", "multiple"]


@pytest.mark.parametrize(
    ("day", "penalty"),
    [
        (date(2021, 2, 1), "measures-40"),
        (date(2024, 4, 30), "measures-40"),
        (date(2024, 5, 1), "regulations-24"),
        (date(2026, 8, 14), "regulations-24"),
        (date(2026, 8, 15), "code-1226"),
    ],
)
def test_the_rule_is_that_of_the_day_of_the_breach(day: date, penalty: str) -> None:
    assert rule_of(builders.compliance().penalties, day).penalty == penalty


def test_nothing_lacking_costs_nothing_and_an_unknown_price_is_no_price() -> None:
    rules = builders.compliance().penalties
    with pytest.raises(PenaltyMissing):
        rule_of(rules, date(2021, 1, 31))
    rule = rule_of(rules, date(2027, 1, 1))

    assert exposure(rule, date(2027, 1, 1), 0, None).steps == ()
    unknown = exposure(rule, date(2027, 1, 1), 1, None)
    assert [each.most_fen for each in unknown.steps] == [5_000_000_00, None]
    assert unknown.missing is not None
    assert month_before(date(2026, 12, 31)) == (date(2026, 11, 1), date(2026, 12, 1))


def test_g15_the_days_of_a_reduction_period_that_can_be_registered() -> None:
    rules = builders.compliance().offsets.project
    days = {
        "construction": date(2013, 5, 1),
        "application": date(2026, 10, 1),
        "start": date(2020, 6, 1),
        "end": date(2022, 12, 31),
    }

    found = eligible_window(rules, **days)
    assert (found.start, found.end) == (date(2021, 10, 1), date(2022, 12, 31))
    early = eligible_window(rules, **{**days, "construction": date(2012, 11, 8)})
    assert early.start is None
    assert early.refusal is not None
    assert eligible_window(rules, **{**days, "end": date(2021, 9, 30)}).start is None
    leap = eligible_window(rules, **{**days, "application": date(2024, 2, 29)})
    assert leap.start == date(2020, 9, 23), "five years before a leap day is 2019-03-01"


@pytest.mark.parametrize(
    ("registered", "under", "year", "on", "usable"),
    [
        ("2024-01-22", False, 2025, "2026-12-01", True),
        ("2024-01-21", False, 2025, "2026-12-01", False),
        ("2024-01-22", True, 2025, "2026-12-01", False),
        ("2016-01-01", False, 2023, "2024-12-31", True),
        ("2016-01-01", False, 2023, "2025-01-01", False),
        ("2016-01-01", False, 2024, "2025-12-01", False),
        ("2025-03-01", False, 2024, "2025-12-01", True),
    ],
)
def test_reductions_stand_for_allowances_by_registration_project_and_day(
    registered: str, *, under: bool, year: int, on: str, usable: bool
) -> None:
    offsets = builders.compliance().offsets
    facts = builders.offset_facts(registered, under=under)

    assert (offsets.refusal(facts, year, date.fromisoformat(on)) is None) is usable
    assert offsets.refusal(None, year, date.fromisoformat(on)) is not None


def test_reductions_for_2025_rest_on_a_draft() -> None:
    offsets = builders.compliance().offsets
    rules = offsets.applied([builders.offset_facts("2024-01-22")], 2025)

    assert [each.source.status for each in rules] == [Status.OFFICIAL, Status.DRAFT]


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2021-07-15", False),
        ("2021-07-16", True),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", False),
        ("2026-11-28", False),
    ],
)
def test_the_exchange_trades_on_weekdays_that_are_no_holidays(day: str, *, is_open: bool) -> None:
    """2026-10-10 is a Saturday on which people work for the holiday, and no day of trade."""
    days = builders.compliance().trading_days

    assert days.is_open(date.fromisoformat(day)) is is_open


def test_the_trading_days_of_a_year_without_a_notice_are_not_guessed() -> None:
    with pytest.raises(TradingDaysUnknown) as caught:
        builders.compliance().trading_days.is_open(date(2027, 1, 4))

    assert caught.value.available == (2021, 2022, 2023, 2024, 2025, 2026)
    assert Decimal(caught.value.year) == 2027
