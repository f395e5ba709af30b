"""What moved a zone's net emissions from one year to another, down to the enterprise.

    C = Σₛ Σ_f Q · Sₛ · Iₛ · M_sf · U_sf  +  Σₛ Q · Sₛ · Nₛ

    Q   activity: the output of the zone's members, in comparable prices
    S   structure: an enterprise's share of it
    I   intensity: the energy that it burns and buys per output
    M   mix: a carrier's share of that energy; what it sells is a share below 0
    U   factor: emissions per energy of a carrier
    N   emissions that are of no energy, per output: processes, gases

Where no output is declared, activity is the zone's energy, structure an enterprise's share of it,
and there is no intensity; emissions of no energy then stand for themselves.

Energy is heat content, which the ledger itself says; energy passed between members crosses no
boundary and moves nothing. An enterprise that comes or goes moves the structure. Figures are
float64: statistics. The effects add up to the difference of two booked totals.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from services.accounting.domain.driver import logarithmic
from services.accounting.domain.driver.logarithmic import Effects, Floats
from services.accounting.domain.flow import Crossing
from services.kernel.errors import FieldInvalid, ParameterUndeclared, Words


class Driver(StrEnum):
    """A factor of the identity; the contract says it in words."""

    ACTIVITY = "ACTIVITY"
    STRUCTURE = "STRUCTURE"
    INTENSITY = "INTENSITY"
    MIX = "MIX"
    FACTOR = "FACTOR"
    NON_ENERGY = "NON_ENERGY"


DRIVERS: Final = tuple(Driver)
Outputs = Mapping[str, float]
"""The output of enterprises, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A zone in a year."""

    year: int
    crossings: Sequence[Crossing]
    outputs: Outputs

    @property
    def co2e_g(self) -> int:
        """Its net emissions, grams of CO2 equivalent."""
        return sum(each.co2e_g for each in self.crossings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What an enterprise did to the zone's figure."""

    enterprise: str
    before_co2e_g: int
    after_co2e_g: int
    effects_g: Mapping[Driver, float]
    """Grams of CO2 equivalent; they add up to after − before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposition:
    """What moved a zone's net emissions, by driver and by enterprise."""

    before: Side
    after: Side
    effects_g: Mapping[Driver, float]
    """Grams of CO2 equivalent; they add up to after − before."""
    ratios: Mapping[Driver, float] | None
    """Multiplied they are after/before; None where one of them is not greater than 0."""
    enterprises: tuple[Moved, ...]
    """Who moved it most first."""

    @property
    def unexplained_g(self) -> float:
        """The difference of the books less all effects: what rounding of floats leaves over."""
        change = self.after.co2e_g - self.before.co2e_g
        return change - math.fsum(self.effects_g.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Totals:
    """What the terms of an enterprise in a year are shares of."""

    output: float
    energy: float
    """What it burns and buys, GJ; what it sells where it does neither."""


_NONE: Final = _Totals(output=0.0, energy=0.0)


def decompose(before: Side, after: Side) -> Decomposition:
    """Return what moved the zone's net emissions from one year to another.

    Raises:
        ParameterUndeclared: the output of some is declared, and that of a member is not.
        FieldInvalid: the output of a member that emits is not greater than 0.
    """
    by_output = bool(before.outputs or after.outputs)
    if by_output:
        for side in (before, after):
            _check(side)
    years = [_Year.of(side, by_output=by_output) for side in (before, after)]
    keys = sorted({key for year in years for key in year.terms})
    # Whose heat content is not known in one year has none in the other, so that both are alike.
    no_energy = {key for year in years for key, (_, energy) in year.terms.items() if energy is None}
    effects = logarithmic.effects(*(_factors(year, keys, no_energy) for year in years))
    return Decomposition(
        before=before,
        after=after,
        effects_g=dict(zip(DRIVERS, effects.additive.tolist(), strict=True)),
        ratios=None
        if effects.multiplicative is None
        else dict(zip(DRIVERS, effects.multiplicative.tolist(), strict=True)),
        enterprises=_enterprises(before, after, keys, effects),
    )


_Key = tuple[str, str, str]
"""Enterprise, kind and subject; no kind for what is given back of claims."""
_GIVEN_BACK: Final = ("", "")


def _check(side: Side) -> None:
    for each in side.crossings:
        if not each.carriers:
            continue
        parameter = f"output of {each.enterprise.name} in {side.year}"
        output = side.outputs.get(each.enterprise.name)
        if output is None:
            raise ParameterUndeclared(field="outputs", parameter=parameter)
        if output <= 0:
            raise FieldInvalid(
                field="outputs",
                given=f"{parameter}: {output:g}",
                allowed=Words(
                    en="more than 0 of who emits; or no output at all, and energy is the activity",
                    zh="有排放的企业产出须大于 0；也可全部不填，此时以能源消费作为活动水平",
                ),
            )


def _factors(year: _Year, keys: Sequence[_Key], no_energy: Collection[_Key]) -> Floats:
    """Return the factors of a year, axes (driver, term); NaN for what is not defined."""
    columns = [year.column(key, is_energy=key not in no_energy) for key in keys]
    return np.array(columns, dtype=np.float64).reshape(len(keys), len(DRIVERS)).T


@dataclass(frozen=True, slots=True, kw_only=True)
class _Year:
    """What the factors of a year's terms are made of."""

    by_output: bool
    whole: float
    """Of the zone: output, or energy where none is declared."""
    totals: Mapping[str, _Totals]
    terms: Mapping[_Key, tuple[int, float | None]]
    """Grams and GJ."""

    @classmethod
    def of(cls, side: Side, *, by_output: bool) -> _Year:
        """Return those of a year."""
        totals = {each.enterprise.name: _totals(each, side) for each in side.crossings}
        terms: dict[_Key, tuple[int, float | None]] = {
            (each.enterprise.name, carrier.kind.value, carrier.subject): figures
            for each in side.crossings
            for carrier, figures in each.carriers.items()
        }
        for each in side.crossings:
            if each.given_back_co2e_g:
                terms[each.enterprise.name, *_GIVEN_BACK] = each.given_back_co2e_g, None
        return cls(
            by_output=by_output,
            whole=math.fsum(each.output if by_output else each.energy for each in totals.values()),
            totals=totals,
            terms=terms,
        )

    def column(self, key: _Key, *, is_energy: bool) -> list[float]:
        """Return activity, structure, intensity, mix, factor and what is of no energy of a term."""
        of = self.totals.get(key[0], _NONE)
        part = of.output if self.by_output else of.energy
        structure = _ratio(part, self.whole)
        term = self.terms.get(key)
        if not is_energy:
            grams = term[0] if term else 0
            if self.by_output:
                return [self.whole, structure, 1.0, 1.0, 1.0, _ratio(grams, part)]
            return [1.0, 1.0, 1.0, 1.0, 1.0, float(grams)]
        grams, used = (term[0], term[1] or 0.0) if term else (0, 0.0)
        intensity = _ratio(of.energy, part) if self.by_output else 1.0
        return [
            self.whole,
            structure,
            intensity,
            _ratio(used, of.energy),
            _ratio(grams, used),
            1.0,
        ]


def _totals(crossing: Crossing, side: Side) -> _Totals:
    energies = [energy for _, energy in crossing.carriers.values() if energy is not None]
    taken_in = math.fsum(energy for energy in energies if energy > 0)
    return _Totals(
        output=side.outputs.get(crossing.enterprise.name, 0.0),
        # Of one that only sells, as a plant of wind or sun, it is what it sells.
        energy=taken_in or math.fsum(map(abs, energies)),
    )


def _ratio(part: float, whole: float) -> float:
    """Return a ratio; NaN, which stands for not defined, where there is no whole."""
    return part / whole if whole else math.nan


def _enterprises(
    before: Side, after: Side, keys: Sequence[_Key], effects: Effects
) -> tuple[Moved, ...]:
    """Return what each enterprise did, who moved the figure most first."""
    first, last = (
        {each.enterprise.name: each.co2e_g for each in side.crossings} for side in (before, after)
    )
    names = sorted({*first, *last})
    places = {name: place for place, name in enumerate(names)}
    sums = np.zeros((len(DRIVERS), len(names)))
    np.add.at(sums.T, np.array([places[name] for name, _, _ in keys], int), effects.by_term.T)
    moved = (
        Moved(
            enterprise=name,
            before_co2e_g=first.get(name, 0),
            after_co2e_g=last.get(name, 0),
            effects_g=dict(zip(DRIVERS, sums[:, place].tolist(), strict=True)),
        )
        for name, place in places.items()
    )
    return tuple(
        sorted(
            moved, key=lambda each: (-abs(each.after_co2e_g - each.before_co2e_g), each.enterprise)
        )
    )
