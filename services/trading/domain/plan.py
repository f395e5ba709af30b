"""What a plan says beyond benchmarks: exemption, cap, pre-allocation, borrowing, special cases."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.trading.domain.rule import Rule


class Design(StrEnum):
    """How a plan relieves who lacks much: by more allowances, or by a smaller obligation."""

    TOP_UP = "TOP_UP"
    OBLIGATION = "OBLIGATION"


class PreAllocationBasis(StrEnum):
    """What a pre-allocation is a share of."""

    PREVIOUS_VERIFIED = "PREVIOUS_VERIFIED"
    PREVIOUS_OUTPUT = "PREVIOUS_OUTPUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class GasExemption:
    """A gas unit never lacks allowances."""

    design: Design
    text: Words
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class GapCap:
    """An emitter never lacks more than a share of its verified emissions."""

    design: Design
    gap_ratio: Decimal
    rounding: Rounding
    """Of what is topped up, or of the capped obligation."""
    text: Words
    rule: Rule
    rounding_rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAllocation:
    """What is issued before emissions are verified."""

    basis: PreAllocationBasis
    previous_year: int
    ratio: Decimal
    at_most: bool
    """The province may give less."""
    rounding: Rounding
    text: Words
    rule: Rule
    rounding_rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowing:
    """Allowances of a later vintage for who lacks much (预支)."""

    gap_ratio_min: Decimal
    share_ratio: Decimal
    from_vintage_year: int
    text: Words
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallEmitter:
    """Below this the allocation is the verified emissions."""

    below_t: Decimal
    text: Words
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRule:
    """A rule as it is shown: its id, its words, where it stands."""

    name: str
    text: Words
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A rule whose text is all that it is."""

    text: Words
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Intensity:
    """How the allocation of industry follows its carbon intensity.

    A = E × (1 + α)        X = (BP − I) / BP        α = slope × X, not beyond ± its limit
    """

    slope: Decimal
    deviation_limit: Decimal
    """From this |X| on, α is its limit."""
    adjustment_limit: Decimal
    text: Words
    """What I is."""
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Vintages:
    """Which vintages may be surrendered for the year; the last may be later than the year."""

    first_year: int
    last_year: int
    text: str
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rules of a plan that need more than what units produced; None: the plan has none."""

    merged_units: Said | None = None
    gas_exemption: GasExemption | None = None
    gap_cap: GapCap | None = None
    pre_allocation: PreAllocation | None = None
    borrowing: Borrowing | None = None
    issue: Said | None = None
    differentiated_issue: Said | None = None
    special_case: Said | None = None
    small_emitter: SmallEmitter | None = None
    intensity: Intensity | None = None

    def rules(self) -> tuple[NamedRule, ...]:
        """Return those that it has, in words."""
        return tuple(
            NamedRule(name=each.name, text=rule.text, rule=rule.rule)
            for each in fields(self)
            if (rule := getattr(self, each.name)) is not None
        )
