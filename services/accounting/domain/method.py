"""A method: which activity counts, by which formula, with which factors, rounded where.

A method is data, read from `methods/*.toml`; here is what the data can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.formula import Formula
from services.accounting.domain.role import Role
from services.kernel.errors import Words
from services.kernel.mass import Gas, Rounding
from services.kernel.source import Source
from services.kernel.trust import Status

ANY_SUBJECT = "*"


class Category(StrEnum):
    """Where emissions arise, and so which total they are in."""

    DIRECT = "DIRECT"
    """Scope 1."""
    INDIRECT_LOCATION = "INDIRECT_LOCATION"
    """Scope 2 by the grid of the place."""
    INDIRECT_MARKET = "INDIRECT_MARKET"
    """Scope 2 by what was bought, claimed and exported by kind."""
    VALUE_CHAIN = "VALUE_CHAIN"
    """Scope 3: reported apart, in no total."""
    MEMO = "MEMO"
    """Shown apart, in no total: CO2 of biomass, the boundary of a process, auxiliary items."""


class Basis(StrEnum):
    """How bought energy is counted in a total."""

    LOCATION = "location-based"
    MARKET = "market-based"
    NONE = "none"
    """It is not in the total: direct emissions alone."""

    @property
    def category(self) -> Category | None:
        """The category that is added to the direct emissions."""
        match self:
            case Basis.LOCATION:
                return Category.INDIRECT_LOCATION
            case Basis.MARKET:
                return Category.INDIRECT_MARKET
            case Basis.NONE:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of a method's statement: what its terms add up in."""

    item_id: str
    name: Words
    category: Category
    sign: int
    """1 where it adds, -1 where it is deducted."""
    balance: str = ""
    """The material balance that it is a part of, which may not come out negative; or empty."""
    by_facility: bool = False
    """Whether it is the boundary of a process, told by facility."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """What a method makes of one kind of activity, of some subjects."""

    kind: Kind
    subjects: tuple[str, ...]
    """ "*" for all."""
    item: Item
    formulas: tuple[Formula, ...]
    """Tried in order: the first that fits is taken."""

    def takes(self, subject: str) -> bool:
        """Tell whether it counts `subject`."""
        return ANY_SUBJECT in self.subjects or subject in self.subjects

    def formula(self, formula_id: str) -> Formula:
        """Return its formula of that id."""
        return next(each for each in self.formulas if each.formula_id == formula_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """An industry whose process emissions must be reported before an inventory is complete."""

    code: str
    """GB/T 4754-2017, four digits."""
    name: Words
    missing: Words
    items: tuple[str, ...]
    """Items of which at least one must have a line; empty: this release computes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How many decimals a guide prints a figure with, in which unit."""

    unit: str
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """How a guide rounds in stages; its figures are reported, never booked."""

    rounding: Rounding
    activity: tuple[Stage, ...]
    """Of the activity of a year, by dimension."""
    factors: Mapping[Role, tuple[Stage, ...]]
    """Of factors, by dimension; a role that is not here is taken as written."""
    products: tuple[Stage, ...]
    """Of an intermediate product, where the guide prints one, by dimension: heat times carbon per
    heat as carbon per mass or volume."""
    whole_factors: Mapping[str, tuple[Stage, ...]]
    """Of all factors of an item at once, where the guide prints their product, by dimension."""
    emissions_decimals: int
    """Of the emissions of one source, in tonnes."""
    total_decimals: int
    """Of the enterprise's total, in tonnes."""
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A way of accounting that a document prescribes."""

    method_id: str
    version: int
    title: Words
    status: Status
    """How far the method as a whole can be trusted."""
    note: str
    open_points: tuple[Words, ...]
    """What is open, unverified or left out."""
    gwp_sets: tuple[str, ...]
    """The sets of global warming potentials that it can be shown under; the first is its own."""
    bases: tuple[Basis, ...]
    """How its totals count bought energy; the first is its own."""
    gases: tuple[Gas, ...]
    industries: tuple[str, ...]
    """Codes of the industries it is for; empty: all."""
    is_of_zones: bool
    """Whether a zone's inventory can be made by it."""
    splits_periods: bool
    """Whether it lets a quantity be divided by days where a factor changes inside its period."""
    items: Mapping[str, Item]
    """By id, in the order of the statement."""
    terms: tuple[Term, ...]
    rounding: Rounding
    """How emissions become whole grams, once at the grain of the books."""
    rounding_reason: str
    expected: Mapping[str, Industry]
    """Industries with process emissions, by code."""
    reporting: Reporting | None
    """None where the document prints no stages of rounding."""
    first_year: int
    """The first accounting year it can be used for."""

    @property
    def gwp_set(self) -> str:
        """The set of its own figures."""
        return self.gwp_sets[0]

    @property
    def basis(self) -> Basis:
        """The basis of its own total."""
        return self.bases[0]

    @property
    def biomass(self) -> frozenset[str]:
        """The fuels that it counts as biomass, by name."""
        return frozenset(
            subject
            for term in self.terms
            if term.kind is Kind.BIOMASS_COMBUSTION
            for subject in term.subjects
        )

    def terms_of(self, kind: Kind, subject: str) -> tuple[Term, ...]:
        """Return the terms that count an activity; several where it is shown in several items.

        In each item a term for the very subject goes before one for all.
        """
        taken: dict[str, Term] = {}
        for each in self.terms:
            if each.kind is kind and each.takes(subject):
                before = taken.get(each.item.item_id)
                if before is None or subject in each.subjects:
                    taken[each.item.item_id] = each
        return tuple(taken.values())

    def term_of(self, source: EmissionSource, item_id: str) -> Term:
        """Return the term by which a source stands in an item."""
        return next(
            each
            for each in self.terms_of(source.kind, source.subject)
            if each.item.item_id == item_id
        )

    def covers(self, industry_code: str, accounting_year: int) -> bool:
        """Tell whether an enterprise of that industry has an inventory by it in that year."""
        return accounting_year >= self.first_year and (
            not self.industries or industry_code in self.industries
        )

    def counts(self, category: Category, basis: Basis) -> bool:
        """Tell whether a category is in the total of `basis`."""
        return category is Category.DIRECT or category is basis.category
