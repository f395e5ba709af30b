"""The rules of one sector and compliance year, as published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.kernel.errors import FieldInvalid, RulebookMissing, Words
from services.kernel.mass import Rounding
from services.kernel.names import RULEBOOK
from services.kernel.source import Source
from services.trading.domain.market import Sector
from services.trading.domain.peak_factor import PeakFactor
from services.trading.domain.rule import OmittedRule, Rule


class FuelGroup(StrEnum):
    """What a unit class burns."""

    CONVENTIONAL_COAL = "CONVENTIONAL_COAL"
    UNCONVENTIONAL_COAL = "UNCONVENTIONAL_COAL"
    GAS = "GAS"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitClass:
    """A class of generating units, and the rated power that it takes."""

    unit_class: str
    title: Words
    fuel_group: FuelGroup
    rated_power_min_mw: Decimal | None
    """The least, included; None: none."""
    rated_power_below_mw: Decimal | None
    """The limit, not included; None: none."""
    definition: Words
    rule: Rule

    def fits(self, rated_power_mw: Fraction) -> bool:
        """Tell whether a unit of this rated power can be of the class."""
        least, below = self.rated_power_min_mw, self.rated_power_below_mw
        return (least is None or rated_power_mw >= Fraction(least)) and (
            below is None or rated_power_mw < Fraction(below)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """The benchmark (基准值) of a unit class."""

    unit_class: str
    power_t_per_mwh: Decimal
    heat_t_per_gj: Decimal
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """The allocation formula as the document writes it."""

    expression: str
    power_basis: str
    """What the electricity is: "GROSS_GENERATION" or "NET_SUPPLY"."""
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRounding:
    """How the allocations for electricity and for heat become whole tonnes."""

    power: Rounding
    heat: Rounding
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of one sector and compliance year. A correction of the file is a new version."""

    rulebook: str
    version: int
    sector: Sector
    compliance_year: int
    title: Words
    source: Source
    """The plan: final, or a draft."""
    formula: Formula
    unit_classes: tuple[UnitClass, ...]
    benchmarks: tuple[Benchmark, ...]
    peak_factor: PeakFactor
    quota_rounding: QuotaRounding
    surrender_date: date | None
    """The last day of surrender."""
    omitted_rules: tuple[OmittedRule, ...]

    @property
    def name(self) -> str:
        """The resource name."""
        return RULEBOOK.format(rulebook=self.rulebook)

    @property
    def allocatable(self) -> tuple[UnitClass, ...]:
        """The classes whose rules this release applies: coal.

        A gas unit short of its verified emissions is topped up to them, and verified emissions are
        not known here: its bare formula would understate what it gets.
        """
        return tuple(each for each in self.unit_classes if each.fuel_group is not FuelGroup.GAS)

    def unit_class(self, unit_class: str) -> UnitClass:
        """Return a class that units can be allocated by.

        Raises:
            FieldInvalid: it is none of the rulebook, or one whose rules are not applied here; at
                `unit_class`.
        """
        for each in self.allocatable:
            if each.unit_class == unit_class:
                return each
        choices = named(self.allocatable)
        raise FieldInvalid(
            field="unit_class",
            given=unit_class,
            allowed=Words(
                en=f"{choices.en}; the rules of other classes are not in this release",
                zh=f"{choices.zh}；本版本尚未包含其他机组类别的规则",
            ),
        )

    def benchmark(self, unit_class: UnitClass) -> Benchmark:
        """Return the benchmark of one of its classes."""
        return next(each for each in self.benchmarks if each.unit_class == unit_class.unit_class)


def named(classes: Iterable[UnitClass]) -> Words:
    """Return classes with their names, for a person to choose from."""
    titled = [(each.unit_class, each.title) for each in classes]
    return Words(
        en=" or ".join(f"{unit_class} ({title.en})" for unit_class, title in titled),
        zh="、".join(f"{unit_class}（{title.zh}）" for unit_class, title in titled),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The rulebooks of this release, by sector and year."""

    rulebooks: tuple[Rulebook, ...]

    def find(self, sector: Sector, compliance_year: int) -> Rulebook | None:
        """Return the rulebook of a sector and year, or None."""
        for each in self.rulebooks:
            if (each.sector, each.compliance_year) == (sector, compliance_year):
                return each
        return None

    def get(self, sector: Sector, compliance_year: int) -> Rulebook:
        """Return the rulebook of a sector and year.

        Raises:
            RulebookMissing: there is none.
        """
        found = self.find(sector, compliance_year)
        if found is None:
            raise RulebookMissing(sector=sector, year=compliance_year, available=self.years(sector))
        return found

    def years(self, sector: Sector) -> tuple[int, ...]:
        """Return the years for which a sector has a rulebook."""
        return tuple(each.compliance_year for each in self.rulebooks if each.sector is sector)
