"""What a short or late surrender can cost, by the rule in force on the day of the breach.

Source: 碳排放权交易管理暂行条例, 国令第775号, 第二十四条, before 2026-08-15;
生态环境法典, 第一千二百二十六条第二款, from that day on.
The rule is chosen by the day of the breach: the day after the deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from services.kernel import money
from services.kernel.errors import PenaltyMissing, Words
from services.trading.domain.price import Price
from services.trading.domain.rule import Rule
from services.trading.domain.versioned import Versioned

NO_PRICE: Final = Words(
    en="price missing: the average of the month before the deadline was not loaded",
    zh="缺少价格：清缴截止日前一个月的市场平均成交价格尚未导入",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyStep:
    """A step of a penalty: a fixed range, or a multiple of what lacks at the average price."""

    step: str
    text: Words
    least_fen: int | None
    most_fen: int | None
    """A fixed range; None for a multiple."""
    least_multiple: Decimal | None
    most_multiple: Decimal | None
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyRule:
    """A rule on short surrender, and when it is in force."""

    penalty: str
    first_date: date
    before_date: date | None
    """In force on days before it; None: still."""
    steps: tuple[PenaltyStep, ...]
    cuts_allocation: bool
    """Whether who refuses is cut next year's allowances by as much."""
    text: Words
    rule: Rule

    def in_force(self, on: date) -> bool:
        """Tell whether it is in force on a day."""
        return self.first_date <= on and (self.before_date is None or on < self.before_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedStep:
    """A step with its amounts, fen; None where the price of the month is not known."""

    rule: PenaltyStep
    least_fen: int | None
    most_fen: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a breach can cost."""

    rule: PenaltyRule
    breach_date: date
    missing_count: int
    price: Versioned[Price] | None
    """The average of the month before the deadline; names its product basis."""
    steps: tuple[ExposedStep, ...]
    missing: Words | None


def rule_of(rules: Sequence[PenaltyRule], breach: date) -> PenaltyRule:
    """Return the rule in force on the day of a breach.

    Raises:
        PenaltyMissing: none is known for that day.
    """
    for each in rules:
        if each.in_force(breach):
            return each
    raise PenaltyMissing(day=breach, first_date=min(each.first_date for each in rules))


def exposure(
    rule: PenaltyRule, breach: date, missing_count: int, price: Versioned[Price] | None
) -> Exposure:
    """Return what lacking so many tonnes can cost, each amount rounded half up to the fen once."""
    steps = tuple(_exposed(each, missing_count, price) for each in rule.steps)
    lacks = missing_count > 0 and price is None
    return Exposure(
        rule=rule,
        breach_date=breach,
        missing_count=missing_count,
        price=price,
        steps=steps if missing_count > 0 else (),
        missing=NO_PRICE if lacks else None,
    )


def _exposed(step: PenaltyStep, missing_count: int, price: Versioned[Price] | None) -> ExposedStep:
    if step.least_multiple is None or step.most_multiple is None:
        return ExposedStep(rule=step, least_fen=step.least_fen, most_fen=step.most_fen)
    if price is None:
        return ExposedStep(rule=step, least_fen=None, most_fen=None)
    least, most = (
        money.value_fen(missing_count, multiple * price.value.price_cny_per_t)
        for multiple in (step.least_multiple, step.most_multiple)
    )
    return ExposedStep(rule=step, least_fen=least, most_fen=most)


def month_before(deadline: date) -> tuple[date, date]:
    """Return the first day of the month before that of a deadline, and the first day after it.

    >>> month_before(date(2026, 1, 31))
    (datetime.date(2025, 12, 1), datetime.date(2026, 1, 1))
    """
    end = deadline.replace(day=1)
    year, month = (end.year - 1, 12) if end.month == 1 else (end.year, end.month - 1)
    return date(year, month, 1), end
