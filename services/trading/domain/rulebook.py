"""The rules of one sector and compliance year, as published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.kernel.errors import FieldInvalid, RulebookMissing, RulebookVersionMissing, Words
from services.kernel.mass import Rounding
from services.kernel.names import RULEBOOK
from services.kernel.source import Source
from services.trading.domain.correction import CoolingFactor, HeatFactor
from services.trading.domain.market import Sector
from services.trading.domain.peak_factor import PeakFactor
from services.trading.domain.plan import NamedRule, Plan, Vintages
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
    """What the electricity is: "GROSS_GENERATION" or "NET_SUPPLY"; empty where none counts."""
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRounding:
    """How the allocations for electricity and heat, and the approved one, become whole tonnes."""

    power: Rounding
    heat: Rounding
    approved: Rounding
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
    """Of generating units; empty for other sectors."""
    benchmarks: tuple[Benchmark, ...]
    peak_factor: PeakFactor | None
    cooling_factor: CoolingFactor | None
    heat_factors: tuple[HeatFactor, ...]
    quota_rounding: QuotaRounding
    plan: Plan
    surrender_date: date | None
    """The last day of surrender."""
    surrender_rule: Rule
    obligation_basis: str
    """What an obligation is of: "VERIFIED_DIRECT_EMISSIONS" since 2023."""
    vintages: Vintages
    omitted_rules: tuple[OmittedRule, ...]

    @property
    def name(self) -> str:
        """The resource name."""
        return RULEBOOK.format(rulebook=self.rulebook)

    def unit_class(self, unit_class: str, field: str = "unit_class") -> UnitClass:
        """Return one of its classes.

        Raises:
            FieldInvalid: it has no such class; at `field`.
        """
        for each in self.unit_classes:
            if each.unit_class == unit_class:
                return each
        choices = named(self.unit_classes)
        raise FieldInvalid(field=field, given=unit_class, allowed=choices)

    def heat_factor(self, fuel_group: FuelGroup) -> HeatFactor | None:
        """Return the correction for heat of units of a fuel; None: the plan has none."""
        return next((each for each in self.heat_factors if fuel_group in each.fuel_groups), None)

    def said_rules(self) -> tuple[NamedRule, ...]:
        """Return the rules beyond benchmarks and low load, in words."""
        factors = [self.cooling_factor] if self.cooling_factor else []
        named_factors = [
            NamedRule(name="cooling_factor", text=each.text, rule=each.rule) for each in factors
        ] + [
            NamedRule(name="heat_factor", text=each.text, rule=each.rule)
            for each in self.heat_factors
        ]
        return (*named_factors, *self.plan.rules())

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
    """The rulebooks by sector, year and version; of each the newest version holds."""

    rulebooks: tuple[Rulebook, ...]
    """The newest version of each."""
    superseded: tuple[Rulebook, ...] = ()
    """Older versions, whose allocations are derived anew."""

    def find(self, sector: Sector, compliance_year: int) -> Rulebook | None:
        """Return the newest rulebook of a sector and year, or None."""
        for each in self.rulebooks:
            if (each.sector, each.compliance_year) == (sector, compliance_year):
                return each
        return None

    def get(self, sector: Sector, compliance_year: int) -> Rulebook:
        """Return the newest rulebook of a sector and year.

        Raises:
            RulebookMissing: there is none.
        """
        found = self.find(sector, compliance_year)
        if found is None:
            raise RulebookMissing(sector=sector, year=compliance_year, available=self.years(sector))
        return found

    def version(self, rulebook: str, version: int = 0) -> Rulebook:
        """Return a rulebook in a version; 0: in its newest.

        Raises:
            RulebookVersionMissing: there is no such rulebook, or not in that version.
        """
        known = [each for each in self.rulebooks + self.superseded if each.rulebook == rulebook]
        for each in known:
            if version in {0, each.version}:
                return each
        raise RulebookVersionMissing(
            name=RULEBOOK.format(rulebook=rulebook),
            version=version,
            available=tuple(sorted(each.version for each in known)),
        )

    def years(self, sector: Sector) -> tuple[int, ...]:
        """Return the years for which a sector has a rulebook."""
        return tuple(each.compliance_year for each in self.rulebooks if each.sector is sector)
