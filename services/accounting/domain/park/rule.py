"""The rules of 910号: its indicator system, and what only a zero-carbon park has beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.accounting.domain.indicator.requirement import Case, Requirement
from services.accounting.domain.indicator.system import Conclusion, Indicator, Part, System
from services.kernel import trust, units
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

CONCLUSIONS = (
    Conclusion.VETOED,
    Conclusion.NO_THRESHOLD,
    Conclusion.OPEN,
    Conclusion.PASSED,
)
"""What can follow for a park that declares all: nothing of it is left to be computed later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedFigure:
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
class ParkRules:
    """The indicator system of zero-carbon parks, and what a park declares is held against."""

    system: System
    energy_clause: Source
    equal_value: EqualValue
    direct_supply: Requirement
    fossil_power_factor: PrintedFigure

    def __post_init__(self) -> None:
        assert self.system.core is not None, "a park has a core indicator"
        assert self.system.core.cases[-1].when is None, "the classes hold every size"
        assert set(CONCLUSIONS) <= self.system.consequences.keys(), "each has its words"
        assert all(len(each.cases) == 1 for each in self.guiding), "one limit for all parks"

    @property
    def guiding(self) -> Sequence[Indicator]:
        """The guiding indicators, in the order of the document."""
        return [each for each in self.system.indicators if each.part is Part.GUIDING]

    def size_class(self, energy_tce: Fraction) -> Case:
        """Return the class of a park that consumes so much in a year."""
        energy = energy_tce * units.unit(TCE).scale
        assert self.system.core is not None, "a park has a core indicator"
        return next(
            case
            for case in self.system.core.cases
            if case.when is None or case.when.holds(lambda _: energy) is True
        )

    def status(self, size: Case) -> Status:
        """Return the lowest status of the rules that judge a park of that size."""
        left_out = self.system.not_applicable_clause
        return trust.lowest(
            size.clause.status,
            self.energy_clause.status,
            self.direct_supply.clause.status,
            self.fossil_power_factor.clause.status,
            *([left_out.status] if left_out else []),
            *(requirement_of(each).clause.status for each in self.guiding),
            *(each.clause.status for each in self.system.consequences.values()),
        )


def requirement_of(indicator: Indicator) -> Requirement:
    """Return the one limit of a guiding indicator."""
    (case,) = indicator.cases
    assert case.requirement is not None, "910号 has a limit for each"
    return case.requirement
