"""What the factors of reported activity depend on, by each method that counts it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Final

from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.binding import BoundFactor, Need
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.metering import steam
from services.accounting.domain.metering.steam import SteamTable
from services.accounting.domain.method import Method
from services.accounting.domain.role import Role
from services.kernel import units
from services.kernel.mass import Rounding, round_fraction
from services.kernel.period import Period
from services.kernel.quantity import Quantity


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who reports, and by which methods its emissions are computed."""

    enterprise: Enterprise
    methods: tuple[Method, ...]
    """The home method first."""
    steam: SteamTable
    """Where the enthalpy of reported steam is found."""
    begun: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """The methods by which it has an inventory, by year: those go on, whatever its industry is."""
    pinned: Mapping[int, int] = field(default_factory=dict)
    """The revision of the factor library that a year follows, of years that are pinned."""
    known: dict[object, tuple[tuple[Need, ...], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The needs that were made before, by what they depend on: rows share them by month."""

    @cached_property
    def biomass(self) -> frozenset[str]:
        """The fuels that any method counts as biomass."""
        return frozenset[str]().union(*(each.biomass for each in self.methods))

    def methods_of(self, accounting_year: int) -> tuple[Method, ...]:
        """Return those that cover the industry in a year, or have begun to."""
        code, begun = self.enterprise.industry_code, self.begun.get(accounting_year, frozenset())
        return tuple(
            each
            for each in self.methods
            if each.covers(code, accounting_year) or each.method_id in begun
        )

    def late_years(self, years: Iterable[int]) -> frozenset[int]:
        """Return the years in which a method would begin after another has: on the whole year."""
        return frozenset(
            year
            for year in years
            if (begun := self.begun.get(year))
            and any(each.method_id not in begun for each in self.methods_of(year))
        )


def needs(
    method: Method, source: EmissionSource, period: Period, unit: str, reporter: Reporter
) -> tuple[Need, ...]:
    """Return what a method needs for an activity, one for each term that counts it."""
    return tuple(
        Need(
            method=method,
            term=term,
            subject=source.subject,
            unit=unit,
            accounting_year=period.start.year,
            region_code=reporter.enterprise.region_code,
            gwp_sets=method.gwp_sets,
            enterprise=reporter.enterprise.name,
            month=period.one_month() if period.within_one_month else period,
            period=period,
            steam=enthalpy(source.steam, source.subject, reporter.steam),
            as_of_revision=reporter.pinned.get(period.start.year, 0),
        )
        for term in method.terms_of(source.kind, source.subject)
    )


def enthalpy(state: str, subject: str, table: SteamTable) -> BoundFactor | None:
    """Return the enthalpy of a state of steam as a factor, "0.5 MPa 400 °C"; None for no state.

    A decimal of six places, rounded half up from the exact interpolation, kJ/kg.

    Raises:
        SteamStateOutside: the tables do not hold it; at `steam`.
    """
    if not state:
        return None
    pressure, _, rest = state.partition(" MPa")
    temperature = rest.strip().removesuffix(" °C")
    wanted: steam.State = (
        steam.Superheated(pressure_mpa=Decimal(pressure), temperature_c=Decimal(temperature))
        if temperature
        else steam.Saturated(pressure_mpa=Decimal(pressure))
    )
    found = steam.enthalpy(wanted, table, "steam")
    points = "; ".join(
        f"{point.row.enthalpy_kj_per_kg} × {units.written(point.weight)}"
        for point in found.end_points
    )
    flagged = " ".join(finding.text.en for finding in found.findings)
    return BoundFactor(
        role=Role.STEAM_ENTHALPY,
        subject=subject,
        quantity=Quantity(
            value=round_fraction(found.kj_per_kg, _ENTHALPY_DECIMALS, Rounding.HALF_UP),
            unit="kJ/kg",
        ),
        status=found.status,
        data_period=state,
        source=replace(found.source, note=f"{found.algorithm}: {points}. {flagged}".strip()),
    )


_ENTHALPY_DECIMALS: Final = 6


def needs_by_method(
    source: EmissionSource, period: Period, unit: str, reporter: Reporter
) -> tuple[tuple[Need, ...], ...]:
    """Return the needs of each method that counts an activity, the home method's first.

    `unit` is empty where the quantity could not be read.
    """
    key = (source.kind, source.subject, source.steam, period, unit)
    if key not in reporter.known:
        each = (
            needs(method, source, period, unit, reporter)
            for method in reporter.methods_of(period.start.year)
        )
        reporter.known[key] = tuple(found for found in each if found)
    return reporter.known[key]
