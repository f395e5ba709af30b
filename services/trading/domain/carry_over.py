"""Carry-over (结转): how many allowances of old vintages become allowances of a newer one.

    T = floor(B + R × max(NS, 0)), not above the holding of the day

NS what was sold of the vintages less what was bought of them, in the window. What is not carried
over can no longer be surrendered for newer years.

Source: 国环规气候〔2024〕1号, 七 and 附5, for the vintages 2019 to 2024 of power.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.kernel.errors import Words
from services.kernel.mass import Rounding, round_integer
from services.trading.domain.market import Sector
from services.trading.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The rules of a carry-over, as far as they are known; None: not known."""

    scheme: str
    sectors: frozenset[Sector]
    first_vintage_year: int
    last_vintage_year: int
    target_vintage_year: int
    base_count: int
    multiplier: Decimal
    window_start: date | None
    window_end: date | None
    """Sales and purchases of the window count, both days included."""
    holding_date: date | None
    surrendered_years: tuple[int, ...]
    """Who did not surrender in time for these is not eligible."""
    apply_from: date | None
    apply_until: date | None
    text: Words
    rule: Rule
    base_rule: Rule
    multiplier_rule: Rule

    @property
    def complete(self) -> bool:
        """Whether every date of it is known."""
        days = (self.window_start, self.window_end, self.holding_date, self.apply_until)
        return None not in days


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the ledger says of an account for a scheme, tonnes."""

    sold_count: int
    bought_count: int
    holding_count: int
    carried_count: int = 0
    """Carried over before."""
    late_years: tuple[int, ...] = ()
    """Of the scheme's years, those not surrendered for in time."""

    @property
    def net_sold_count(self) -> int:
        """Sold less bought; negative for a net buyer."""
        return self.sold_count - self.bought_count


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOver:
    """What may be carried over, tonnes."""

    scheme: Scheme
    facts: Facts
    cap_count: int
    """T before the holding limits it."""
    most_count: int
    """What may be carried over in all; 0 for who is not eligible."""
    left_count: int
    """What may still be carried over on the day; 0 outside the window of applications."""
    excess_count: int
    """Of the holding, what stays behind and expires for newer years."""
    further_sale_count: int
    """Net sales that would let all of the rest be carried over."""
    refusal: Words | None
    """Why nothing may be carried over now; None where something may."""
    steps: tuple[str, ...]


def carry_over(scheme: Scheme, facts: Facts, on: date) -> CarryOver:
    """Return what may be carried over by a scheme on a day, tonnes, rounded down."""
    extra = Fraction(scheme.multiplier) * max(facts.net_sold_count, 0)
    cap = round_integer(scheme.base_count + extra, Rounding.FLOOR)
    ineligible = _ineligible(scheme, facts)
    most = 0 if ineligible else min(cap, facts.holding_count)
    refusal = ineligible or _outside(scheme, on)
    excess = facts.holding_count - most
    return CarryOver(
        scheme=scheme,
        facts=facts,
        cap_count=cap,
        most_count=most,
        left_count=0 if refusal else max(most - facts.carried_count, 0),
        excess_count=excess,
        further_sale_count=_further(scheme, 0 if ineligible else excess),
        refusal=refusal,
        steps=(
            (
                f"NS = sold {facts.sold_count} t − bought {facts.bought_count} t ="
                f" {facts.net_sold_count} t ({scheme.rule})"
            ),
            (
                f"T = floor({scheme.base_count} + {scheme.multiplier} ×"
                f" {max(facts.net_sold_count, 0)}) = {cap} t (base: {scheme.base_rule};"
                f" multiplier: {scheme.multiplier_rule})"
            ),
            f"holding {facts.holding_count} t: at most {min(cap, facts.holding_count)} t",
        ),
    )


def _further(scheme: Scheme, excess: int) -> int:
    """Return the net sale that leaves nothing behind: it lowers the holding and raises T.

    excess / (1 + R), rounded up.
    """
    return round_integer(Fraction(excess) / (1 + Fraction(scheme.multiplier)), Rounding.CEILING)


def _ineligible(scheme: Scheme, facts: Facts) -> Words | None:
    if not facts.late_years:
        return None
    years = ", ".join(str(year) for year in facts.late_years)
    return Words(
        en=f"not eligible: not surrendered in full and in time for {years} ({scheme.rule})",
        zh=f"不具备结转资格：{years} 年度未按时足额清缴（{scheme.rule}）",
    )


def _outside(scheme: Scheme, on: date) -> Words | None:
    if scheme.apply_until is not None and on > scheme.apply_until:
        return Words(
            en=f"applications were taken until {scheme.apply_until} ({scheme.rule})",
            zh=f"结转申请已于 {scheme.apply_until} 截止（{scheme.rule}）",
        )
    if scheme.apply_from is not None and on < scheme.apply_from:
        return Words(
            en=f"applications are taken from {scheme.apply_from} on ({scheme.rule})",
            zh=f"结转申请自 {scheme.apply_from} 起受理（{scheme.rule}）",
        )
    return None
