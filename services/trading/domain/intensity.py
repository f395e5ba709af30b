"""Allocation of steel, cement and aluminium by carbon intensity.

    A = E × (1 + α)        X = (BP − I) / BP        α = 0.15 X, ± 3 % from |X| = 20 % on

E verified emissions, I intensity of the main process, BP the sector's balance value of the year,
which the market's platform publishes. For 2024 A = E.

Source: 国环规气候〔2025〕2号 (secondary) for 2024 and 2025;
draft of 2026-07-27, 三（二）, for 2026.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel.errors import FieldInvalid, FieldRequired, Words, within
from services.kernel.mass import round_integer
from services.kernel.source import Source
from services.trading.domain import pre_allocation
from services.trading.domain.approval import NEEDS_VERIFIED
from services.trading.domain.plan import Intensity
from services.trading.domain.production import Process, emissions_t
from services.trading.domain.rulebook import Rulebook
from services.trading.domain.steps import equals


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceValue:
    """BP: the intensity at which a sector's allowances are as many as its verified emissions."""

    value_t_per_t: Decimal
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessAllocation:
    """What an enterprise, line or process is allocated; None where that is not known."""

    process: Process
    allowance_count: int | None
    pre_allocated_count: int | None
    missing: Words | None
    steps: tuple[str, ...] = field(default=(), compare=False)


def needs_balance(year: int) -> Words:
    """Say that the balance value lacks."""
    return Words(
        en=f"allocation missing: needs the balance value (BP) of the sector for {year}, which the "
        "platform of the market publishes; give it with its source",
        zh=f"缺少配额分配结果：需要 {year} 年度行业平衡值（BP），可在全国碳市场管理平台查询，"
        "请录入并注明来源",
    )


def check_balance(balance: BalanceValue) -> None:
    """Return if intensities can be held against a balance value.

    Raises:
        FieldInvalid: it is not greater than 0; at `balance_value.value`.
    """
    if balance.value_t_per_t <= 0:
        given = str(balance.value_t_per_t)
        raise FieldInvalid(field="balance_value.value", given=given, allowed=MORE_THAN_NOTHING)


def allocate_process(
    rulebook: Rulebook, process: Process, balance: BalanceValue | None
) -> ProcessAllocation:
    """Return what a rulebook allocates to a process, or what is missing for it.

    Raises:
        QuantityInvalid, FieldInvalid, UnitDimension: a figure is none of its kind.
        FieldRequired: the intensity has no product; at `product`.
    """
    rule = rulebook.plan.pre_allocation
    before = None if rule is None else pre_allocation.of_verified(rule, process.previous)
    count, missing, steps = _allowance(rulebook, process, balance)
    if rule is not None and before is not None:
        steps.append(pre_allocation.said(rule, before))
    return ProcessAllocation(
        process=process,
        allowance_count=count,
        pre_allocated_count=before,
        missing=missing,
        steps=tuple(steps),
    )


def _allowance(
    rulebook: Rulebook, process: Process, balance: BalanceValue | None
) -> tuple[int | None, Words | None, list[str]]:
    if process.verified is None:
        return None, NEEDS_VERIFIED, []
    verified_t = emissions_t(process.verified, "verified_emissions")
    rounding, rule = rulebook.quota_rounding, rulebook.plan.intensity
    if rule is None or process.special_case:
        count = round_integer(verified_t, rounding.approved)
        special = rulebook.plan.special_case
        where = rulebook.formula.rule if rule is None or special is None else special.rule
        return count, None, [f"A = E {equals(verified_t)} t: {count} t ({where})"]
    if balance is None:
        return None, needs_balance(rulebook.compliance_year), []
    deviation = _deviation(process, balance, verified_t)
    alpha = adjustment(rule, deviation)
    count = round_integer(verified_t * (1 + alpha), rounding.approved)
    return (
        count,
        None,
        [
            (
                f"X = (BP − I) / BP {equals(deviation)} with BP = {balance.value_t_per_t} t/t"
                f" ({balance.source.title}, {balance.source.status.value})"
            ),
            f"α {equals(alpha)} ({rule.rule})",
            (
                f"A = E × (1 + α) = {equals(verified_t).removeprefix('= ')} × (1 + α): {count} t,"
                f" rounded down ({rounding.rule})"
            ),
        ],
    )


def adjustment(rule: Intensity, deviation: Fraction) -> Fraction:
    """Return α for a deviation X: in proportion, and from a limit of X on its own limit."""
    limit = Fraction(rule.adjustment_limit)
    if deviation >= Fraction(rule.deviation_limit):
        return limit
    if deviation <= -Fraction(rule.deviation_limit):
        return -limit
    return Fraction(rule.slope) * deviation


def _deviation(process: Process, balance: BalanceValue, verified_t: Fraction) -> Fraction:
    if process.product is None:
        raise FieldRequired(field="product")
    with within("product."):
        product_t = process.product.positive().to("t")
    counted = process.intensity_emissions
    emitted_t = verified_t if counted is None else emissions_t(counted, "intensity_emissions")
    value = Fraction(balance.value_t_per_t)
    return (value - emitted_t / product_t) / value


MORE_THAN_NOTHING: Final = Words(en="more than 0", zh="大于 0 的数")
