"""The logarithmic mean Divisia index (LMDI-I): a change divided among the factors of a product.

    V = Σᵢ Πₖ xₖᵢ
    additive:        ΔVₖ = Σᵢ L(Vᵢᵀ, Vᵢ⁰) · ln(xₖᵢᵀ / xₖᵢ⁰),      Σₖ ΔVₖ = Vᵀ − V⁰
    multiplicative:  Dₖ = exp(ΔVₖ / L(Vᵀ, V⁰)),                    Πₖ Dₖ = Vᵀ / V⁰
    L(a, b) = (a − b) / (ln a − ln b),   L(a, a) = a,   L(a, 0) = 0

Nothing is left over, and swapping the years flips every sign. Figures are float64: statistics. The
effects close to within the rounding of a float, which the callers' tests bound.

Source: B. W. Ang, Energy Policy 33 (2005) 867-871 and 86 (2015) 233-238. Zeros: R. Wood and
M. Lenzen, Energy Policy 34 (2006) 1326-1331, the analytic limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What each factor of each product made of the change."""

    by_term: Floats
    """The additive effects, axes (factor, term), in the unit of the products."""
    before: Floats
    """The products before, axis (term)."""
    after: Floats
    """The products after, axis (term)."""

    @property
    def additive(self) -> Floats:
        """The effect of each factor on the sum, axis (factor)."""
        return cast("Floats", self.by_term.sum(axis=1))

    @property
    def multiplicative(self) -> Floats | None:
        """The effects as ratios, axis (factor); None where a sum is not greater than 0."""
        before, after = float(self.before.sum()), float(self.after.sum())
        if before <= 0 or after <= 0:
            return None
        mean = float(logarithmic_mean(np.array(after), np.array(before)))
        return cast("Floats", np.exp(self.additive / mean))


def logarithmic_mean(first: Floats, second: Floats) -> Floats:
    """Return L(a, b) of two arrays, in their unit; 0 where either is 0.

    Both of a pair have the same sign or are 0.

    >>> round(float(logarithmic_mean(np.array(0.5913), np.array(0.565))), 10)
    0.5780502875
    >>> float(logarithmic_mean(np.array(3.0), np.array(3.0)))
    3.0
    """
    same_sign = first * second > 0
    a, b = np.where(same_sign, first, 1.0), np.where(same_sign, second, 1.0)
    # ln(a/b) of two that are near each other is ln(1 + x), x = (a − b)/b, which loses no digits.
    relative = (a - b) / b
    is_near = np.abs(relative) < _NEAR
    logarithm = np.where(
        is_near, np.log1p(np.where(is_near, relative, 0.0)), np.log(np.abs(a)) - np.log(np.abs(b))
    )
    is_same = np.abs(relative) < _SAME
    mean = np.where(is_same, b * (1 + relative / 2), (a - b) / np.where(is_same, 1.0, logarithm))
    return np.where(same_sign, mean, 0.0)


_NEAR = 0.5
_SAME = 1e-9
"""So close to each other the mean is (a + b)/2, to the last digit."""


def effects(before: Floats, after: Floats) -> Effects:
    """Return what moved Σᵢ Πₖ xₖᵢ, additive and closing exactly.

    `before` and `after` have the axes (factor, term). NaN stands for a factor that is not defined,
    as the fuel mix of a firm that burns nothing: it is taken as in the other year, and moved
    nothing. A product that comes or goes is the effect of the factors that were or became 0, in
    equal parts: the limit of all of them going to 0 alike.

    >>> activity, mix = [100.0, 100.0], [0.4, 0.6]
    >>> factor = [2.66, 1.56]
    >>> found = effects(
    ...     np.array([activity, mix, factor]),
    ...     np.array([[110.0, 110.0], [0.0, 1.0], factor]),
    ... )
    >>> found.additive.round(6).tolist()
    [12.264898, -40.664898, 0.0]
    """
    left, right = _defined(before, after)
    products = left.prod(axis=0), right.prod(axis=0)
    assert np.all(products[0] * products[1] >= 0), "no product changes its sign"
    lasting = (products[0] != 0) & (products[1] != 0)
    ratio = np.where(lasting, right, 1.0) / np.where(lasting, left, 1.0)
    moved = logarithmic_mean(products[1], products[0]) * np.log(ratio)
    vanishing = np.where(products[0] == 0, left == 0, right == 0) & ~lasting
    count = np.maximum(vanishing.sum(axis=0), 1)
    jumped = np.where(vanishing, (products[1] - products[0]) / count, 0.0)
    return Effects(by_term=np.where(lasting, moved, jumped), before=products[0], after=products[1])


def _defined(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return both with what is not defined as in the other year, 0 where in neither."""
    left = np.where(np.isnan(before), after, before)
    right = np.where(np.isnan(after), before, after)
    return np.nan_to_num(left, nan=0.0), np.nan_to_num(right, nan=0.0)
