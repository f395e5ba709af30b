"""How emissions or energy move against what is produced: elasticity, and Tapio's states.

Figures are float64: statistics. Source of the states: P. Tapio, Transport Policy 12 (2005) 137-151;
between which elasticities which holds is data, with its trust.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.kernel.errors import Words
from services.kernel.source import Source


class Decoupling(StrEnum):
    """Tapio's states. C is what should fall, G what should grow, e the elasticity."""

    EXPANSIVE_NEGATIVE = "EXPANSIVE_NEGATIVE"
    """Both rise, C faster."""
    EXPANSIVE_COUPLING = "EXPANSIVE_COUPLING"
    """Both rise, about alike."""
    WEAK = "WEAK"
    """Both rise, G faster; also C unchanged while G rises."""
    STRONG = "STRONG"
    """C falls while G rises."""
    STRONG_NEGATIVE = "STRONG_NEGATIVE"
    """C rises while G falls."""
    RECESSIVE = "RECESSIVE"
    """Both fall, C faster."""
    RECESSIVE_COUPLING = "RECESSIVE_COUPLING"
    """Both fall, about alike."""
    WEAK_NEGATIVE = "WEAK_NEGATIVE"
    """Both fall, G faster; also C unchanged while G falls."""
    UNDEFINED = "UNDEFINED"
    """G does not change."""

    @property
    def words(self) -> Words:
        """What people call it."""
        return _WORDS[self]


_WORDS: Final = {
    Decoupling.EXPANSIVE_NEGATIVE: Words(en="expansive negative decoupling", zh="扩张负脱钩"),
    Decoupling.EXPANSIVE_COUPLING: Words(en="expansive coupling", zh="增长连结"),
    Decoupling.WEAK: Words(en="weak decoupling", zh="弱脱钩"),
    Decoupling.STRONG: Words(en="strong decoupling", zh="强脱钩"),
    Decoupling.STRONG_NEGATIVE: Words(en="strong negative decoupling", zh="强负脱钩"),
    Decoupling.RECESSIVE: Words(en="recessive decoupling", zh="衰退脱钩"),
    Decoupling.RECESSIVE_COUPLING: Words(en="recessive coupling", zh="衰退连结"),
    Decoupling.WEAK_NEGATIVE: Words(en="weak negative decoupling", zh="弱负脱钩"),
    Decoupling.UNDEFINED: Words(en="undefined: nothing grew or fell", zh="无法判定（产出未变化）"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecouplingRule:
    """Between which elasticities, both included, the two are said to move together."""

    coupling_min: float
    coupling_max: float
    source: Source


def tapio(emissions: tuple[float, float], output: tuple[float, float]) -> float | None:
    """Return (ΔC/C₀)/(ΔG/G₀), a pure number; None where C₀ or G₀ is 0 or G does not change.

    >>> round(tapio((100.0, 102.0), (50.0, 52.0)), 6)
    0.5
    """
    (c0, c1), (g0, g1) = emissions, output
    if not c0 or not g0 or g1 == g0:
        return None
    return ((c1 - c0) / c0) / ((g1 - g0) / g0)


def state(
    change: float, growth: float, elasticity: float | None, rule: DecouplingRule
) -> Decoupling:
    """Return Tapio's state for a change of C, a change of G and their elasticity."""
    if not growth or elasticity is None:
        return Decoupling.UNDEFINED
    if growth > 0:
        if change < 0:
            return Decoupling.STRONG
        low, middle, high = (
            Decoupling.WEAK,
            Decoupling.EXPANSIVE_COUPLING,
            Decoupling.EXPANSIVE_NEGATIVE,
        )
    elif change > 0:
        return Decoupling.STRONG_NEGATIVE
    else:
        low, middle, high = (
            Decoupling.WEAK_NEGATIVE,
            Decoupling.RECESSIVE_COUPLING,
            Decoupling.RECESSIVE,
        )
    if elasticity < rule.coupling_min:
        return low
    return middle if elasticity <= rule.coupling_max else high


def elasticity(energy: Sequence[float], output: Sequence[float]) -> float | None:
    """Return the mean annual growth of energy over that of output, a pure number.

        g = (x_T / x_0)^(1/T) − 1,      ε = g(energy) / g(output)

    None where a first figure is not greater than 0 or output does not grow at all.

    Source: HJ 274-2015, 综合能耗弹性系数 (the formula from a page that repeats it).

    >>> round(elasticity([100.0, 103.0, 106.09], [50.0, 53.0, 56.18]), 6)
    0.5
    """
    years = len(energy) - 1
    if years < 1 or min(energy[0], output[0]) <= 0 or min(energy[-1], output[-1]) < 0:
        return None
    growth = [(each[-1] / each[0]) ** (1 / years) - 1 for each in (energy, output)]
    return growth[0] / growth[1] if growth[1] else None
