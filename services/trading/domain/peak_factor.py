"""The factor for low load: what a unit that runs low for the grid gets on top.

Until 2022 the correction of the load factor (负荷（出力）系数修正系数), piecewise; since 2023 the
peak-regulation factor (调峰修正系数), below one threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final, Protocol

from services.kernel.mass import Rounding, round_fraction
from services.trading.domain.rule import Rule

# Powers and exponentials have no exact value. Sixty digits leave more than fifty beyond the last
# one that a rulebook keeps, so the rounding is that of the true value.
_AMPLE: Final = Context(prec=60)


class Curve(Protocol):
    """The factor below its threshold, unrounded."""

    def at(self, load_factor: Fraction) -> Decimal:
        """Return the factor at F, in the rulebook's scale of F."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Ff = base^(constant − slope · F)."""

    base: Decimal
    constant: Decimal
    slope: Decimal

    def at(self, load_factor: Fraction) -> Decimal:
        """Return the factor at F.

        >>> curve = Power(base=Decimal("1.015"), constant=Decimal(16), slope=Decimal(20))
        >>> curve.at(Fraction("0.75")) == Decimal("1.015")
        True
        """
        exponent = Fraction(self.constant) - Fraction(self.slope) * load_factor
        return _AMPLE.power(self.base, _decimal(exponent))


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleExponential:
    """Ff = constant − amplitude_1 · (1 − e^(−F/scale_1)) − amplitude_2 · (1 − e^(−F/scale_2))."""

    constant: Decimal
    amplitude_1: Decimal
    scale_1: Decimal
    amplitude_2: Decimal
    scale_2: Decimal

    def at(self, load_factor: Fraction) -> Decimal:
        """Return the factor at F.

        >>> curve = DoubleExponential(
        ...     constant=Decimal("7.254"), amplitude_1=Decimal("0.633"), scale_1=Decimal("29.822"),
        ...     amplitude_2=Decimal("5.643"), scale_2=Decimal("6.871"))
        >>> curve.at(Fraction(0))
        Decimal('7.254')
        """
        terms = ((self.amplitude_1, self.scale_1), (self.amplitude_2, self.scale_2))
        factor = self.constant
        for amplitude, scale in terms:
            decayed = _AMPLE.exp(_decimal(-load_factor / Fraction(scale)))
            lost = _AMPLE.multiply(amplitude, _AMPLE.subtract(Decimal(1), decayed))
            factor = _AMPLE.subtract(factor, lost)
        return factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Ff = constant + slope · (full − F)."""

    constant: Decimal
    slope: Decimal
    full: Decimal

    def at(self, load_factor: Fraction) -> Decimal:
        """Return the factor at F.

        >>> line = Line(constant=Decimal(1), slope=Decimal("0.14"), full=Decimal("0.85"))
        >>> line.at(Fraction("0.82"))
        Decimal('1.0042')
        """
        lacking = Fraction(self.full) - load_factor
        return _decimal(Fraction(self.constant) + Fraction(self.slope) * lacking)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A curve and the threshold below which it holds, in the rulebook's scale of F."""

    below: Decimal
    curve: Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakFactor:
    """The factor of a rulebook: curves below thresholds of F, else a constant."""

    symbol: str
    applies_to: frozenset[str]
    """Unit classes; for others it is `otherwise`."""
    cogeneration_too: bool
    """Whether units that supply heat have it; else they have `otherwise`."""
    otherwise: Decimal
    segments: tuple[Segment, ...]
    """By rising threshold: the first that F is below holds."""
    full_load: int
    """What F is at full load in that scale: 1, or 100 where F is written in percent."""
    expression: str
    decimals: int
    rounding: Rounding
    rule: Rule
    rounding_rule: Rule

    @property
    def threshold(self) -> Decimal:
        """From this F on it is `otherwise`."""
        return self.segments[-1].below

    def covers(self, unit_class: str, *, cogeneration: bool = False) -> bool:
        """Tell whether units of the class have another factor than `otherwise` at all."""
        return unit_class in self.applies_to and (self.cogeneration_too or not cogeneration)

    def applies(
        self, unit_class: str, load_factor_ratio: Decimal, *, cogeneration: bool = False
    ) -> bool:
        """Tell whether a curve holds for a unit of this class and load factor."""
        at_load = Fraction(load_factor_ratio) * self.full_load
        covered = self.covers(unit_class, cogeneration=cogeneration)
        return covered and at_load < Fraction(self.threshold)

    def of(
        self, unit_class: str, load_factor_ratio: Decimal, *, cogeneration: bool = False
    ) -> Decimal:
        """Return the factor of a unit, rounded once as the rulebook says."""
        if not self.applies(unit_class, load_factor_ratio, cogeneration=cogeneration):
            return self.otherwise
        at_load = Fraction(load_factor_ratio) * self.full_load
        segment = next(each for each in self.segments if at_load < Fraction(each.below))
        exact = segment.curve.at(at_load)
        return round_fraction(Fraction(exact), self.decimals, self.rounding)


def _decimal(value: Fraction) -> Decimal:
    return _AMPLE.divide(Decimal(value.numerator), Decimal(value.denominator))
