"""Flows: what the lines of an enterprise's year come to by what it does, with whom, in each month.

A zone's figures over many years need no more of a line than its grams, its heat content and who
stands on the other side. Grams are exact sums of what is booked; heat contents are float64, for
statistics alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final

from services.accounting.domain import claim
from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import NOTHING, Booked
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.accounting.domain.role import Role
from services.kernel import trust, units
from services.kernel.errors import UnitDimension
from services.kernel.period import MONTHS_PER_YEAR

GJ: Final = "GJ"
GJ_NCV: Final = "GJ(NCV)"
_BURNT: Final = frozenset({Kind.FUEL_COMBUSTION, Kind.BIOMASS_COMBUSTION})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Carrier:
    """What is done with what: burning natural gas, buying electricity."""

    kind: Kind
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A carrier with a partner over a year, January first."""

    carrier: Carrier
    counterparty: str
    """Empty where nobody stands on the other side."""
    co2_g: tuple[int, ...]
    """What it adds to the total of CO2; negative where it is deducted."""
    co2e_g: tuple[int, ...]
    """The same in CO2 equivalent."""
    energy_gj: tuple[float, ...] | None
    """Its heat content, negative where it is sold; None where it is no energy or none is known."""
    year_co2e_g: int
    year_energy_gj: float

    def grams_in(self, months: Collection[int]) -> int:
        """Return its grams of some months, from 1 to 12."""
        if len(months) == MONTHS_PER_YEAR:
            return self.year_co2e_g
        return sum(self.co2e_g[month - 1] for month in months)

    def energy_in(self, months: Collection[int]) -> float:
        """Return its heat content of some months, GJ; 0 where it has none."""
        if self.energy_gj is None:
            return 0.0
        if len(months) == MONTHS_PER_YEAR:
            return self.year_energy_gj
        return sum(self.energy_gj[month - 1] for month in months)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowYear:
    """All flows of an enterprise in a year by a method."""

    flows: tuple[Flow, ...]
    claimed: tuple[Line, ...] = ()
    """Bought electricity and claims of green power, where any is claimed: what is claimed beyond
    consumption follows from the lines themselves."""
    status: trust.Status | None = None
    """The lowest of the factors; None where there is no flow."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """What an enterprise's year brings over the boundary of a zone, or burns inside it."""

    enterprise: Enterprise
    carriers: Mapping[Carrier, tuple[int, float | None]]
    """Grams of CO2 equivalent and GJ; None where it is no energy."""
    given_back_co2e_g: int
    """Of claims of green power beyond what comes from outside."""

    @property
    def without_heat(self) -> tuple[str, ...]:
        """The fuels and carriers whose heat content is not known."""
        return tuple(
            carrier.subject
            for carrier, (_, energy) in self.carriers.items()
            if energy is None and (carrier.kind in _BURNT or carrier.kind.carrier)
        )

    @cached_property
    def co2e_g(self) -> int:
        """What it adds to the zone's net total."""
        return sum(grams for grams, _ in self.carriers.values()) + self.given_back_co2e_g

    @property
    def energy_gj(self) -> float:
        """The heat content of what it burns and takes in, less what it sells."""
        return sum(energy for _, energy in self.carriers.values() if energy is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhabitant:
    """A member of a zone with its flows of a year."""

    enterprise: Enterprise
    months: Collection[int]
    """In which it is counted, from 1 to 12."""
    year: FlowYear


@dataclass(slots=True, kw_only=True)
class _Sum:
    """A flow that is being added up."""

    co2_g: list[int] = field(default_factory=lambda: [0] * MONTHS_PER_YEAR)
    co2e_g: list[int] = field(default_factory=lambda: [0] * MONTHS_PER_YEAR)
    energy_gj: list[Fraction] = field(default_factory=lambda: [Fraction(0)] * MONTHS_PER_YEAR)
    is_energy: bool = True


def of_lines(lines: Sequence[Line], method: Method) -> FlowYear:
    """Return the flows of lines of one year, those that the method's own basis counts."""
    sums: defaultdict[tuple[Carrier, str], _Sum] = defaultdict(_Sum)
    for line in lines:
        carrier = Carrier(kind=line.source.kind, subject=line.source.subject)
        made = sums[carrier, line.source.counterparty]
        month = line.month.start.month - 1
        item = method.items[line.binding.item_id]
        made.co2_g[month] += item.sign * line.booked.co2_g
        made.co2e_g[month] += item.sign * line.booked.under(method.gwp_set)
        energy = energy_gj(line)
        if energy is None:
            made.is_energy = False
        else:
            made.energy_gj[month] += -energy if line.source.kind.is_sale else energy
    return FlowYear(
        flows=tuple(
            _flow(carrier, partner, made) for (carrier, partner), made in sorted(sums.items())
        ),
        claimed=_claimed(lines),
        status=trust.lowest(*{line.binding.status for line in lines}) if lines else None,
    )


def energy_gj(line: Line) -> Fraction | None:
    """Return the heat content of a line's activity, GJ, exact; None where none is known.

    Of a fuel by the net calorific value that the line was booked with, of electricity 3.6 GJ/MWh,
    of steam the heat that was booked: the equivalent value (当量值), whatever making it took. What
    is no energy has none: a process, a gas, a claim of green power.
    """
    kind = line.source.kind
    if kind.carrier:
        return _converted(line, GJ) or _times(line, Role.STEAM_ENTHALPY, GJ)
    if kind in _BURNT:
        return _converted(line, GJ_NCV) or _times(line, Role.NET_CALORIFIC_VALUE, GJ_NCV)
    return None


def crossing(
    inhabitants: Iterable[Inhabitant], partners: Mapping[str, str], method: Method
) -> tuple[Crossing, ...]:
    """Return what each member of a zone adds to it; energy passed between members is left out.

    `partners` leads from a counterparty to the enterprise behind it.
    """
    found = list(inhabitants)
    inside = {each.enterprise.name: each.months for each in found}
    return tuple(_crossing(each, inside, partners, method) for each in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """What members book for energy passed inside that the zone does not, grams."""

    co2_g: int
    co2e_g: int


def residual(
    inhabitants: Iterable[Inhabitant], partners: Mapping[str, str], method: Method
) -> Residual:
    """Return the residual of a zone: bought inside − sold inside − green power claimed inside."""
    found = list(inhabitants)
    inside = {each.enterprise.name: each.months for each in found}
    co2_g = co2e_g = 0
    for one in found:
        for flow in one.year.flows:
            other = inside.get(partners.get(flow.counterparty, ""), ())
            if flow.carrier.kind.carrier and other:
                months = frozenset(one.months) & frozenset(other)
                co2_g += sum(flow.co2_g[month - 1] for month in months)
                co2e_g += flow.grams_in(months)
        if one.year.claimed:
            here = _beyond(one, inside, partners, method)
            own = _beyond(one, {}, {}, method)
            co2_g -= here.co2_g - own.co2_g
            co2e_g -= here.under(method.gwp_set) - own.under(method.gwp_set)
    return Residual(co2_g=co2_g, co2e_g=co2e_g)


def _crossing(
    one: Inhabitant,
    inside: Mapping[str, Collection[int]],
    partners: Mapping[str, str],
    method: Method,
) -> Crossing:
    carriers: dict[Carrier, tuple[int, float | None]] = {}
    for flow in one.year.flows:
        months = _months(one, flow.carrier.kind, flow.counterparty, inside, partners)
        if months:
            grams, energy = flow.grams_in(months), None
            if flow.energy_gj is not None:
                energy = flow.energy_in(months)
            if flow.carrier in carriers:
                before, more = carriers[flow.carrier]
                grams += before
                energy = None if energy is None or more is None else energy + more
            carriers[flow.carrier] = grams, energy
    return Crossing(
        enterprise=one.enterprise,
        carriers=carriers,
        given_back_co2e_g=_given_back(one, inside, partners, method),
    )


def _months(
    one: Inhabitant,
    kind: Kind,
    counterparty: str,
    inside: Mapping[str, Collection[int]],
    partners: Mapping[str, str],
) -> Collection[int]:
    """Return the months in which a flow is of the zone and not from member to member."""
    other = inside.get(partners.get(counterparty, ""), ()) if kind.carrier else ()
    return one.months if not other else frozenset(one.months) - frozenset(other)


def _given_back(
    one: Inhabitant,
    inside: Mapping[str, Collection[int]],
    partners: Mapping[str, str],
    method: Method,
) -> int:
    if not one.year.claimed:
        return 0
    return _beyond(one, inside, partners, method).under(method.gwp_set)


def _beyond(
    one: Inhabitant,
    inside: Mapping[str, Collection[int]],
    partners: Mapping[str, str],
    method: Method,
) -> Booked:
    """Return what is given back of claims that nothing taken in from outside stands against."""
    lines = [
        line
        for line in one.year.claimed
        if line.month.start.month
        in _months(one, line.source.kind, line.source.counterparty, inside, partners)
    ]
    return sum(claim.beyond(lines, method).values(), NOTHING)


def _claimed(lines: Sequence[Line]) -> tuple[Line, ...]:
    kinds = {Kind.ELECTRICITY_PURCHASED, Kind.GREEN_POWER_CLAIMED}
    if not any(line.source.kind is Kind.GREEN_POWER_CLAIMED for line in lines):
        return ()
    return tuple(line for line in lines if line.source.kind in kinds)


def _flow(carrier: Carrier, counterparty: str, made: _Sum) -> Flow:
    energy = tuple(float(each) for each in made.energy_gj) if made.is_energy else None
    return Flow(
        carrier=carrier,
        counterparty=counterparty,
        co2_g=tuple(made.co2_g),
        co2e_g=tuple(made.co2e_g),
        energy_gj=energy,
        year_co2e_g=sum(made.co2e_g),
        year_energy_gj=float(sum(made.energy_gj, Fraction(0))) if made.is_energy else 0.0,
    )


def _converted(line: Line, unit: str) -> Fraction | None:
    try:
        return line.activity * units.conversion(line.activity_unit, unit)
    except UnitDimension:
        return None


def _times(line: Line, role: Role, unit: str) -> Fraction | None:
    """Return the activity times the line's factor of a role; None where that is no energy."""
    for factor in line.binding.factors:
        if factor.role is role:
            try:
                one = units.coefficient(line.activity_unit, factor.quantity.unit, to=unit)
            except UnitDimension:
                return None
            return line.activity * factor.quantity.fraction * one
    return None
