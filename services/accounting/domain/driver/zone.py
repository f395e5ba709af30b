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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

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
    names = sorted({each.enterprise.name for side in (before, after) for each in side.crossings})
    grid = _Grid.of(keys, names)
    tables = [year.table(grid) for year in years]
    # Whose heat content is not known in one year has none in the other, so that both are alike.
    no_energy = np.isnan(tables[0].energy) | np.isnan(tables[1].energy)
    effects = logarithmic.effects(*(each.factors(grid, no_energy) for each in tables))
    return Decomposition(
        before=before,
        after=after,
        effects_g=dict(zip(DRIVERS, effects.additive.tolist(), strict=True)),
        ratios=None
        if effects.multiplicative is None
        else dict(zip(DRIVERS, effects.multiplicative.tolist(), strict=True)),
        enterprises=_enterprises(before, after, grid, effects),
    )


_Key = tuple[str, str, str]
"""Enterprise, kind and subject; no kind for what is given back of claims."""
_GIVEN_BACK: Final = ("", "")
_NOTHING: Final = (0, 0.0)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """The terms of both years, and whose they are."""

    keys: Sequence[_Key]
    names: Sequence[str]
    """Of the enterprises."""
    owners: npt.NDArray[np.intp]
    """The place of each term's enterprise, axis (term)."""

    @classmethod
    def of(cls, keys: Sequence[_Key], names: Sequence[str]) -> _Grid:
        """Return the grid of these terms."""
        places = {name: place for place, name in enumerate(names)}
        owners = np.array([places[name] for name, _, _ in keys], dtype=np.intp)
        return cls(keys=keys, names=names, owners=owners)

    def summed(self, by_term: Floats) -> Floats:
        """Return what terms add up to by enterprise, axis (enterprise)."""
        found = np.bincount(self.owners, weights=by_term, minlength=len(self.names))
        return found.astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Year:
    """The terms of a year."""

    by_output: bool
    outputs: Outputs
    terms: Mapping[_Key, tuple[int, float | None]]
    """Grams and GJ."""

    @classmethod
    def of(cls, side: Side, *, by_output: bool) -> _Year:
        """Return those of a year."""
        terms: dict[_Key, tuple[int, float | None]] = {}
        for each in side.crossings:
            name = each.enterprise.name
            for carrier, figures in each.carriers.items():
                terms[name, carrier.kind, carrier.subject] = figures
            if each.given_back_co2e_g:
                terms[name, *_GIVEN_BACK] = each.given_back_co2e_g, None
        return cls(by_output=by_output, outputs=side.outputs, terms=terms)

    def table(self, grid: _Grid) -> _Table:
        """Return the terms in columns; what is not there is 0."""
        found = [self.terms.get(key, _NOTHING) for key in grid.keys]
        grams = np.array([each for each, _ in found], dtype=np.float64)
        energy = np.array([energy for _, energy in found], dtype=np.float64)
        outputs = (self.outputs.get(name, 0.0) for name in grid.names)
        return _Table(
            by_output=self.by_output,
            grams=grams,
            energy=energy,
            outputs=np.fromiter(outputs, dtype=np.float64),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The terms of a year in columns."""

    by_output: bool
    grams: Floats
    """Axis (term)."""
    energy: Floats
    """GJ, axis (term); NaN where it is none."""
    outputs: Floats
    """Axis (enterprise); 0 where none is declared."""

    def factors(self, grid: _Grid, no_energy: npt.NDArray[np.bool_]) -> Floats:
        """Return the factors, axes (driver, term); NaN for what is not defined."""
        energy = np.where(no_energy, 0.0, self.energy)
        taken_in = grid.summed(np.where(energy > 0, energy, 0.0))
        # Of one that only sells, as a plant of wind or sun, it is what it sells.
        of_owner = np.where(taken_in > 0, taken_in, grid.summed(np.abs(energy)))
        parts = self.outputs if self.by_output else of_owner
        whole = np.full(len(grid.keys), parts.sum())
        part, uses = parts[grid.owners], of_owner[grid.owners]
        used = np.where(no_energy, 1.0, self.energy)
        one = np.ones_like(whole)
        intensity = _ratio(uses, part) if self.by_output else one
        energetic = [
            whole,
            _ratio(part, whole),
            intensity,
            _ratio(used, uses),
            _ratio(self.grams, used),
            one,
        ]
        others = [one, one, one, one, one, self.grams]
        if self.by_output:
            others = [whole, _ratio(part, whole), one, one, one, _ratio(self.grams, part)]
        return np.where(no_energy, np.array(others), np.array(energetic))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return ratios; NaN, which stands for not defined, where there is no whole."""
    return np.where(whole != 0, part / np.where(whole != 0, whole, 1.0), np.nan)


def _enterprises(before: Side, after: Side, grid: _Grid, effects: Effects) -> tuple[Moved, ...]:
    """Return what each enterprise did, who moved the figure most first."""
    first, last = (
        {each.enterprise.name: each.co2e_g for each in side.crossings} for side in (before, after)
    )
    sums = [grid.summed(of_driver).tolist() for of_driver in effects.by_term]
    moved = [
        Moved(
            enterprise=name,
            before_co2e_g=first.get(name, 0),
            after_co2e_g=last.get(name, 0),
            effects_g=dict(zip(DRIVERS, of_name, strict=True)),
        )
        for name, of_name in zip(grid.names, zip(*sums, strict=True), strict=True)
    ]
    moved.sort(key=lambda each: (-abs(each.after_co2e_g - each.before_co2e_g), each.enterprise))
    return tuple(moved)
