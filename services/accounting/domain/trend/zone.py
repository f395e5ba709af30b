"""A zone over years: what it emits, what it uses and what it produces.

Emissions are exact sums of the books, output is exact; what is made of them is float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from services.accounting.domain.trend import decline, decoupling
from services.accounting.domain.trend.decoupling import Decoupling, DecouplingRule
from services.kernel.mass import G_PER_T


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A zone in a year."""

    year: int
    net_co2e_g: int
    energy_gj: float | None
    """None where the heat content of something is not known."""
    output: Fraction | None
    """10^4 CNY in the prices of one year for all; None where none is declared."""

    @property
    def intensity(self) -> Fraction | None:
        """Emissions per output, tCO2e/10^4 CNY, exact; None without output."""
        return Fraction(self.net_co2e_g, G_PER_T) / self.output if self.output else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A year against the one before; None where it cannot be told."""

    annual_decline: float | None = None
    cumulative_decline: float | None = None
    """From the first year on."""
    tapio: float | None = None
    decoupling: Decoupling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A zone over years, the earliest first."""

    years: tuple[Year, ...]
    steps: tuple[Step, ...]
    """One for each year; that of the first tells nothing."""
    whole: Step
    """The last year against the first."""
    equivalent_annual: float | None
    """The equal annual decline that makes the whole one."""
    elasticity: float | None
    """Of energy to output, by geometric means."""


def trend(years: Sequence[Year], rule: DecouplingRule) -> Trend:
    """Return the trend of at least two years, the earliest first, none left out."""
    steps, declines = [Step()], list[float]()
    for before, after in pairwise(years):
        step = _step(before, after, rule)
        if step.annual_decline is not None:
            declines.append(step.annual_decline)
        # A chain with a missing link says nothing.
        chained = len(declines) == len(steps)
        steps.append(
            Step(
                annual_decline=step.annual_decline,
                cumulative_decline=decline.cumulative(declines) if chained else None,
                tapio=step.tapio,
                decoupling=step.decoupling,
            )
        )
    whole = steps[-1].cumulative_decline
    last = _step(years[0], years[-1], rule)
    return Trend(
        years=tuple(years),
        steps=tuple(steps),
        whole=Step(
            annual_decline=last.annual_decline,
            cumulative_decline=whole,
            tapio=last.tapio,
            decoupling=last.decoupling,
        ),
        equivalent_annual=None
        if whole is None or whole > 1
        else decline.equivalent_annual(whole, len(years) - 1),
        elasticity=_elasticity(years),
    )


def _step(before: Year, after: Year, rule: DecouplingRule) -> Step:
    if before.output is None or after.output is None:
        return Step()
    emissions = float(before.net_co2e_g), float(after.net_co2e_g)
    outputs = float(before.output), float(after.output)
    tapio = decoupling.tapio(emissions, outputs)
    intensities = before.intensity, after.intensity
    return Step(
        annual_decline=None
        if not intensities[0] or intensities[1] is None
        else decline.annual([float(intensities[0]), float(intensities[1])])[0],
        tapio=tapio,
        decoupling=decoupling.state(
            emissions[1] - emissions[0], outputs[1] - outputs[0], tapio, rule
        ),
    )


def _elasticity(years: Sequence[Year]) -> float | None:
    outputs = [float(each.output) for each in years if each.output is not None]
    energies = [each.energy_gj for each in years if each.energy_gj is not None]
    if len(outputs) < len(years) or len(energies) < len(years):
        return None
    return decoupling.elasticity(energies, outputs)
