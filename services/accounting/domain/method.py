"""A method: which activity counts, by which formula, with which factors, rounded where.

A method is data, read from `methods/*.toml`; here is what the data can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.activity import Kind
from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.kernel.source import Source


class Role(StrEnum):
    """What a factor is multiplied with; the roles that the formulas of this release know."""

    NET_CALORIFIC_VALUE = "NET_CALORIFIC_VALUE"
    CARBON_CONTENT_PER_HEAT = "CARBON_CONTENT_PER_HEAT"
    CARBON_CONTENT = "CARBON_CONTENT"
    OXIDATION_RATE = "OXIDATION_RATE"
    GRID_AVERAGE = "GRID_AVERAGE"
    HEAT_DEFAULT = "HEAT_DEFAULT"


class Category(StrEnum):
    """Where emissions arise."""

    DIRECT = "direct"
    INDIRECT = "indirect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of the method's sum."""

    kind: Kind
    sign: int
    """1 where it adds, -1 where it is deducted."""
    category: Category
    roles: tuple[Role, ...]
    """The factors that the activity is multiplied with, in the order of the formula."""
    formula: Words
    clause: Source
    """Where the formula is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteIndustry:
    """An industry with emissions that the method has but this release does not compute."""

    code: str
    """GB/T 4754-2017, four digits."""
    industry: Words
    missing: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A way of accounting that a document prescribes."""

    method_id: str
    title: Words
    gwp_set: str
    scope2_basis: str
    """How electricity is counted, "location-based"."""
    terms: Mapping[Kind, Term]
    """Every kind of activity has one."""
    carbon_to_co2: Fraction
    """Tonnes of CO2 from a tonne of carbon."""
    carbon_clause: Source
    rounding: Rounding
    """How emissions become whole grams, once at the grain of the books."""
    rounding_reason: str
    incomplete_industries: Mapping[str, IncompleteIndustry]
    """By code."""

    def sign(self, kind: Kind) -> int:
        """Return 1 where `kind` adds to the total, -1 where it is deducted."""
        return self.terms[kind].sign
