"""Stated parts and their stated whole: do they add up, and if not, can rounding explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.accounting.domain.line import exact_sum
from services.accounting.domain.quality.finding import Finding, FindingKind
from services.kernel.errors import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What parts add up to, exact, beside what is said of it."""

    total: Decimal
    stated: Decimal
    tolerance: Fraction
    """The largest difference that rounding can make."""

    @property
    def difference(self) -> Fraction:
        """What the parts add up to, less what is said."""
        return Fraction(self.total) - Fraction(self.stated)

    def findings(self) -> tuple[Finding, ...]:
        """Return what is odd; nothing where they add up."""
        if not self.difference:
            return ()
        rounded = abs(self.difference) <= self.tolerance
        return (
            Finding(
                kind=FindingKind.SHARES_ROUNDED if rounded else FindingKind.SHARES_DO_NOT_ADD_UP,
                given=float(self.total),
                expected=float(self.stated),
                unit="1",
                text=self._told(rounded=rounded),
            ),
        )

    def _told(self, *, rounded: bool) -> Words:
        said = Words(
            en=f"the parts add up to {self.total:f}, the stated total is {self.stated:f}; rounding "
            f"can make a difference of {float(self.tolerance):g} at the most",
            zh=f"各项之和为 {self.total:f}，所载合计为 {self.stated:f}；"
            f"修约造成的差异最多为 {float(self.tolerance):g}",
        )
        if rounded:
            return Words(
                en=f"{said.en}, and can explain this one alone.", zh=f"{said.zh}，可由修约解释。"
            )
        return Words(
            en=f"{said.en}, and cannot explain this one: ask the source for the right figures.",
            zh=f"{said.zh}，无法由修约解释，请向数据来源核实。",
        )


def checked(shares: Sequence[Decimal], stated: Decimal) -> Checked:
    """Return what `shares` add up to; a number may be off by half a unit of its last digit.

    >>> found = checked([Decimal("40.0"), Decimal("16.4"), Decimal("10.7")], Decimal("66.8"))
    >>> str(found.total), float(found.difference), float(found.tolerance)
    ('67.1', 0.3, 0.2)
    """
    return Checked(
        total=exact_sum(shares),
        stated=stated,
        tolerance=sum((_half_unit(each) for each in (*shares, stated)), Fraction(0)),
    )


def _half_unit(number: Decimal) -> Fraction:
    """Return half a unit of the last digit that a number is written with."""
    return Fraction(10) ** int(number.as_tuple().exponent) / 2
