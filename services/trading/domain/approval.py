"""What the province approves: the initial allocation, and what verified emissions make of it.

    gas unit       approved = max(initial, verified)               since 2021
    emitter        approved = max(Σ approved units, 80 % × verified)    since 2021
    2019 and 2020  the allocation stays; the obligation is capped instead

Source: 国环规气候〔2020〕3号, 六; 国环规气候〔2024〕1号, 五（三）; draft of 2026-07-27, 三（一）4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel.errors import Words
from services.kernel.mass import Rounding, round_fraction, round_integer
from services.trading.domain.plan import Design, GapCap, Plan
from services.trading.domain.rule import Rule
from services.trading.domain.steps import equals

NEEDS_VERIFIED: Final = Words(
    en="approved allocation missing: enter the verified emissions of every unit, line or process",
    zh="缺少核定配额量：请录入每台机组、每条生产线或每道工序的经核查排放量",
)
_GAP_DECIMALS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A unit, line or process, as far as approval asks."""

    initial_count: int
    verified_t: Fraction | None
    gas: bool = False
    by_verified: bool = False
    """Its allocation equals its verified emissions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What is approved, and what is to be surrendered from the same emissions, tonnes.

    None where it is not known; then `missing` says why.
    """

    verified_t: Fraction | None = None
    approved_count: int | None = None
    obligation_count: int | None = None
    """By the plan's own rules; as much as the verified emissions, but for 2019 and 2020."""
    initial_gap_percent: Decimal | None = None
    """(obligation − initial) / obligation, two decimals, half up."""
    approved_gap_percent: Decimal | None = None
    borrowable_count: int | None = None
    missing: Words | None = None
    steps: tuple[str, ...] = field(default=(), compare=False)


NOT_APPROVED: Final = Approval()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What approval goes by."""

    plan: Plan
    rounding: Rounding
    """Of approved allocations."""


def approved_unit(rules: Rules, share: Share) -> int | None:
    """Return the approved allocation of a unit, tonnes; None until its emissions are verified."""
    if not share.by_verified and not (share.gas and _tops_up(rules.plan)):
        return share.initial_count
    if share.verified_t is None:
        return None
    verified = round_integer(share.verified_t, rules.rounding)
    return verified if share.by_verified else max(share.initial_count, verified)


def approve(rules: Rules, shares: Sequence[Share]) -> Approval:
    """Return what is approved for an emitter, or what is missing for it."""
    if any(each.verified_t is None for each in shares):
        return Approval(missing=NEEDS_VERIFIED)
    verified_t = sum((each.verified_t or Fraction() for each in shares), Fraction())
    units = [approved_unit(rules, each) or 0 for each in shares]
    initial = sum(units)
    small = rules.plan.small_emitter
    if small is not None and verified_t < Fraction(small.below_t):
        count = round_integer(verified_t, rules.rounding)
        said = f"{small.text}: E {equals(verified_t)} t, approved {count} t ({small.rule})"
        return _with_gap(rules, shares, verified_t, (initial, count), [said])
    steps = [_unit_step(rules, each, count) for each, count in zip(shares, units, strict=True)]
    cap = rules.plan.gap_cap
    topped, said = (0, "") if cap is None else _topped_up(cap, initial, verified_t)
    counts = (initial, initial + topped)
    return _with_gap(rules, shares, verified_t, counts, [*steps, said])


def applied(plan: Plan, shares: Sequence[Share]) -> list[Rule]:
    """Return the rules that an approval was made by, house rules among them."""
    if any(each.verified_t is None for each in shares):
        return []
    verified_t = sum((each.verified_t or Fraction() for each in shares), Fraction())
    small = plan.small_emitter
    if small is not None and verified_t < Fraction(small.below_t):
        return [small.rule]
    found = [] if plan.gap_cap is None else [plan.gap_cap.rule, plan.gap_cap.rounding_rule]
    if plan.gas_exemption is not None and any(each.gas for each in shares):
        found.append(plan.gas_exemption.rule)
    if plan.special_case is not None and any(each.by_verified for each in shares):
        found.append(plan.special_case.rule)
    return found


def _with_gap(
    rules: Rules,
    shares: Sequence[Share],
    verified_t: Fraction,
    counts: tuple[int, int],
    steps: list[str],
) -> Approval:
    """Return an approval; `counts`: the sum of the units, and what is approved, tonnes."""
    initial, count = counts
    owed, said = _obligation(rules, shares, verified_t, count)
    borrowable, borrowing = _borrowable(rules.plan, owed, count)
    return Approval(
        verified_t=verified_t,
        approved_count=count,
        obligation_count=owed,
        initial_gap_percent=gap_percent(owed, initial),
        approved_gap_percent=gap_percent(owed, count),
        borrowable_count=borrowable,
        steps=tuple(step for step in (*steps, *said, *borrowing) if step),
    )


def gap_percent(owed_count: int, count: int) -> Decimal | None:
    """Return the share of an obligation that lacks, percent, two decimals, half up; None of 0.

    Negative where more is allocated than owed.
    """
    if not owed_count:
        return None
    gap = Fraction(100 * (owed_count - count), owed_count)
    return round_fraction(gap, _GAP_DECIMALS, Rounding.HALF_UP)


def _topped_up(cap: GapCap, initial: int, verified_t: Fraction) -> tuple[int, str]:
    if cap.design is not Design.TOP_UP:
        return 0, ""
    least_t = (1 - Fraction(cap.gap_ratio)) * verified_t
    if initial >= least_t:
        said = f"initial {initial} t is not below {equals(least_t)} t"
        return 0, f"cap of the gap: {said}, nothing is topped up ({cap.rule})"
    topped = round_integer(least_t - initial, cap.rounding)
    return topped, (
        f"cap of the gap: initial {initial} t is below {equals(least_t)} t, topped up by {topped} t"
        f" ({cap.rule}; rounding: {cap.rounding_rule})"
    )


def _obligation(
    rules: Rules, shares: Sequence[Share], verified_t: Fraction, count: int
) -> tuple[int, list[str]]:
    """Return what is to be surrendered, tonnes, and how it comes about where the plan caps it."""
    whole = round_integer(verified_t, Rounding.HALF_UP)
    gas, cap = rules.plan.gas_exemption, rules.plan.gap_cap
    if gas is None or cap is None or gas.design is Design.TOP_UP:
        return whole, []
    owed_t = sum((_owed_t(each) for each in shares), Fraction())
    steps = []
    if any(each.gas for each in shares):
        steps.append(f"gas units owe {equals(owed_t)} t with the others ({gas.rule})")
    ceiling_t = count + Fraction(cap.gap_ratio) * verified_t
    if verified_t - count > Fraction(cap.gap_ratio) * verified_t:
        steps.append(
            f"gap above {cap.gap_ratio}: at most allocation and {cap.gap_ratio} × E"
            f" {equals(ceiling_t)} t ({cap.rule}; rounding: {cap.rounding_rule})"
        )
        owed_t = min(owed_t, ceiling_t)
    return round_integer(owed_t, cap.rounding), steps


def _owed_t(share: Share) -> Fraction:
    verified_t = share.verified_t or Fraction()
    return min(verified_t, Fraction(share.initial_count)) if share.gas else verified_t


def _borrowable(plan: Plan, owed: int, count: int) -> tuple[int | None, list[str]]:
    borrowing = plan.borrowing
    if borrowing is None:
        return None, []
    gap = owed - count
    if Fraction(gap) < Fraction(borrowing.gap_ratio_min) * owed or gap <= 0:
        return 0, [f"nothing may be borrowed: the gap of {gap} t is too small ({borrowing.rule})"]
    most = round_integer(gap * Fraction(borrowing.share_ratio), Rounding.FLOOR)
    return most, [
        f"at most {most} t may be borrowed from {borrowing.from_vintage_year} ({borrowing.rule})"
    ]


def _unit_step(rules: Rules, share: Share, count: int) -> str:
    gas, special = rules.plan.gas_exemption, rules.plan.special_case
    verified = equals(share.verified_t or Fraction())
    if share.by_verified and special is not None:
        return f"special case: E {verified} t, approved {count} t ({special.rule})"
    if share.gas and gas is not None and gas.design is Design.TOP_UP:
        return (
            f"gas unit: initial {share.initial_count} t, E {verified} t, approved {count} t"
            f" ({gas.rule})"
        )
    return ""


def _tops_up(plan: Plan) -> bool:
    return plan.gas_exemption is not None and plan.gas_exemption.design is Design.TOP_UP
