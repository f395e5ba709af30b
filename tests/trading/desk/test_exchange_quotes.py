"""The exchange's limits against what was quoted: half up to 0.01, as real days show it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.trading import files
from services.trading.domain.exchange import Mode, on

RULES = files.desk()

# Examples B11, B12 and B14, and the block price of 2025-12-08: previous close, limit hit.
QUOTES = [
    pytest.param("64.00", Mode.LISTED, 1, "70.40", id="2025-12-23 CEA21, highest"),
    pytest.param("61.05", Mode.LISTED, 1, "67.16", id="2025-12-23 CEA22, highest"),
    pytest.param("82.59", Mode.LISTED, 0, "74.33", id="2025-12-26 CEA21, lowest"),
    pytest.param("75.08", Mode.LISTED, 1, "82.59", id="2025-12-25 CEA21, highest"),
    pytest.param("59.94", Mode.BLOCK, 0, "41.96", id="2025-12-08 CEA23, block"),
]


@pytest.mark.parametrize(("close", "mode", "side", "limit"), QUOTES)
def test_a_limit_is_what_was_quoted(close: str, mode: Mode, side: int, limit: str) -> None:
    rules = on(RULES.exchange, date(2025, 12, 23))
    assert rules is not None
    found = rules.limits_cny(mode, Decimal(close))
    assert found is not None
    assert found[side] == Decimal(limit)


def test_an_auction_has_the_limits_of_its_notice() -> None:
    rules = on(RULES.exchange, date(2025, 12, 23))
    assert rules is not None
    assert rules.limits_cny(Mode.AUCTION, Decimal(60)) is None
    assert on(RULES.exchange, date(2021, 7, 15)) is None


def test_every_check_has_a_source_words_in_both_languages_and_a_kind_that_asks_for_it() -> None:
    tables = RULES.checks
    for number, each in tables.checks.items():
        assert each.rule.source.title, number
        assert each.demand.en.endswith("."), number
        assert each.demand.zh.endswith("。"), number
        assert each.fault.en.endswith("."), number
        assert each.fault.zh.endswith("。"), number
    for kind, numbers in tables.kinds.items():
        assert len(set(numbers)) == len(numbers), kind
        if not kind.startswith("TRADE_"):
            # Whatever is moved: by two persons, within limits, in time, from an open account.
            assert {1101, 1102, 1103, 1104, 1001, 1009} <= set(numbers), kind


def test_four_trading_days_after_the_eve_of_a_holiday_pass_over_it() -> None:
    assert RULES.days.after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert RULES.days.before(date(2026, 10, 8)) == date(2026, 9, 30)
    assert RULES.cooling_off_days == 4
    assert timedelta(days=31) == RULES.mandate
