"""The set of indicators: what is asked for, with its clause, and what the document leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status

TCE = "tce"
MWH = "MWh"
TCO2 = "tCO2"
TCO2_PER_TCE = "tCO2/tce"
TCO2_PER_MWH = "tCO2/MWh"
PERCENT = "%"


class Comparison(StrEnum):
    """Which side of its limit a value has to keep; the limit itself is inside."""

    AT_MOST = "AT_MOST"
    AT_LEAST = "AT_LEAST"


class Verdict(StrEnum):
    """How an indicator stands."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    NO_THRESHOLD = "NO_THRESHOLD"
    """Nothing is asked for at this size: neither met nor not met."""
    NOT_APPLICABLE_WITH_REASON = "NOT_APPLICABLE_WITH_REASON"
    MISSING = "MISSING"
    UNDEFINED = "UNDEFINED"
    """The figure does not exist: a share of nothing."""


class Acceptance(StrEnum):
    """What follows for acceptance (验收)."""

    CORE_NOT_MET = "CORE_NOT_MET"
    NO_THRESHOLD = "NO_THRESHOLD"
    GUIDING_OPEN = "GUIDING_OPEN"
    ALL_MET = "ALL_MET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A limit, and the side of it that is asked for."""

    comparison: Comparison
    limit: Quantity
    clause: Source

    def verdict(self, value: Fraction) -> Verdict:
        """Return MET or NOT_MET for a value in the unit of the limit, compared unrounded."""
        limit = self.limit.fraction
        met = value <= limit if self.comparison is Comparison.AT_MOST else value >= limit
        return Verdict.MET if met else Verdict.NOT_MET


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeClass:
    """Parks of a size, by the energy they consume in a year."""

    class_id: str
    name: Words
    below_tce: Fraction | None
    """Where the next class begins; None for the greatest."""
    requirement: Requirement | None
    """On the core indicator; None where the document sets no limit."""
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Guiding:
    """A guiding indicator (引导指标)."""

    indicator_id: str
    name: Words
    requirement: Requirement
    smallest: Quantity
    largest: Quantity
    """What a value can be, both ends included, in the unit of the limit."""
    whole: bool
    """Whether it is a whole number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A figure that the document prints."""

    parameter_id: str
    version: int
    name: Words
    value: Quantity
    data_year: int
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualValue:
    """What an equal value of electricity can be: a guard, never a coefficient."""

    equivalent: Quantity
    """The equivalent value (当量值), for which it must not be taken."""
    smallest: Quantity
    largest: Quantity
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """What the document leaves open, and what is done about it."""

    open_point_id: str
    version: int
    text: Words
    treatment: Words
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows for acceptance, in words."""

    text: Words
    clause: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSet:
    """The indicators that a document prescribes for parks."""

    set_id: str
    version: int
    title: Words
    method_id: str
    """The method that the emissions must be computed by."""
    energy_clause: Source
    equal_value: EqualValue
    size_classes: Sequence[SizeClass]
    """By size, the smallest first; together they hold every size."""
    direct_supply: Requirement
    guiding: Sequence[Guiding]
    """In the order of the document."""
    not_applicable_clause: Source
    acceptance: Mapping[Acceptance, Consequence]
    """Every state has one."""
    fossil_power_factor: Parameter
    open_points: Sequence[OpenPoint]

    def __post_init__(self) -> None:
        bounds = [each.below_tce for each in self.size_classes]
        finite = [bound for bound in bounds if bound is not None]
        assert bounds == [*sorted(finite), None], "the classes hold every size, the smallest first"
        assert self.acceptance.keys() == set(Acceptance), "each state has its words"
        ids = {each.indicator_id for each in self.guiding}
        assert len(ids) == len(self.guiding), "each indicator once"

    def size_class(self, energy_tce: Fraction) -> SizeClass:
        """Return the class of a park that consumes so much in a year."""
        return next(
            each
            for each in self.size_classes
            if each.below_tce is None or energy_tce < each.below_tce
        )

    def status(self, size: SizeClass) -> Status:
        """Return the lowest status of the rules that judge a park of that size."""
        return trust.lowest(
            size.clause.status,
            self.energy_clause.status,
            self.direct_supply.clause.status,
            self.fossil_power_factor.clause.status,
            self.not_applicable_clause.status,
            *(each.requirement.clause.status for each in self.guiding),
            *(each.clause.status for each in self.acceptance.values()),
        )
