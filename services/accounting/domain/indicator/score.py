"""The score of one indicator: a value against its reference, or linear between points. Exact."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from services.accounting.domain.indicator.system import Direction, Point


def reference_ratio(
    value: Fraction, reference: Fraction, direction: Direction, *, capped: bool
) -> Fraction | None:
    """Return a value over its reference, or the reverse where lower is better; a pure number.

        r = value / reference        higher is better
        r = reference / value        lower is better

    At most 1 where it is capped. None where it would divide by nothing.

    >>> reference_ratio(Fraction(3), Fraction(4), Direction.HIGHER, capped=False)
    Fraction(3, 4)
    >>> reference_ratio(Fraction(2), Fraction(4), Direction.LOWER, capped=True)
    Fraction(1, 1)
    """
    above, below = (value, reference) if direction is Direction.HIGHER else (reference, value)
    if not below:
        return None
    ratio = above / below
    return min(ratio, Fraction(1)) if capped else ratio


def between_points(value: Fraction, points: Sequence[Point], unit: str) -> Fraction:
    """Return the score of a value, linear between the points beside it; a pure number from 0 to 1.

    Below the first and beyond the last point it is theirs.

    >>> from decimal import Decimal
    >>> from services.kernel.quantity import Quantity
    >>> floor = Point(value=Quantity.parse("20", "%"), score=Decimal(0))
    >>> target = Point(value=Quantity.parse("60", "%"), score=Decimal(1))
    >>> between_points(Fraction(30), [floor, target], "%")
    Fraction(1, 4)
    """
    placed = [(point.value.to(unit), Fraction(point.score)) for point in points]
    if value <= placed[0][0]:
        return placed[0][1]
    for (left, low), (right, high) in pairwise(placed):
        if value <= right:
            return low + (high - low) * (value - left) / (right - left)
    return placed[-1][1]
