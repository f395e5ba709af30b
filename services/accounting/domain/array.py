"""Emissions in arrays: for statistics, never for books.

Curves, what-if and forecasts ask for millions of products where a gram does not matter. They take
the same formulas as the books: `emission.per_unit` gives what a unit of activity emits, exactly,
and `coefficients` turns that into float64. From there on everything has a relative error, at most
that of `error_bound`. What is booked is made by `emission` and `booking`, from whole numbers.

All emissions here are in booked units: grams of CO2 (and of CO2e, where a factor is of nothing
else), milligrams of every other gas. An activity that is not a number (NaN) or infinite shows in
its row and in the sum of its group; it is not left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.accounting.domain.emission import PerUnit
from services.kernel.mass import Gas

Floats = NDArray[np.float64]
Indices = NDArray[np.integer[Any]]

GASES: Final = (Gas.CO2, Gas.CH4, Gas.N2O)
"""The gases of combustion."""

CHUNK_ROWS: Final = 32_768
"""So many rows, with what is made of them, stay in the cache until they are done."""

_GROUPED_CHUNK_ROWS: Final = 8 * CHUNK_ROWS
"""Larger, since each chunk adds an array of all groups."""

UNIT_ROUNDOFF: Final = Fraction(1, 2**53)
"""The largest relative error of one rounding to float64 (IEEE 754, to nearest)."""

LARGEST: Final = Fraction(2**500)
"""The largest coefficient, its inverse the smallest, that `error_bound` is stated for."""


def coefficients(per_units: Sequence[PerUnit], gases: Sequence[Gas] = GASES) -> Floats:
    """Return float64 coefficients: booked units of each gas per unit of activity.

    Shape (gas, binding): gases in the order of `gases`, bindings in the order of `per_units`. What
    a binding has no figure for is 0, and a gas that is not among `gases` is left out. Each
    coefficient is the float64 nearest to the exact one.

    Raises:
        ValueError: a coefficient is neither 0 nor between 2^-500 and 2^500 in size.
    """
    exact = [[each.gases.get(gas, Fraction(0)) for each in per_units] for gas in gases]
    for gas, row in zip(gases, exact, strict=True):
        if not all(1 / LARGEST <= abs(each) <= LARGEST for each in row if each):
            raise ValueError(f"a coefficient of {gas} is beyond what the error bound is stated for")
    made = np.empty((len(gases), len(per_units)))
    made[:] = [[float(each) for each in row] for row in exact]
    return made


def emissions(
    activity: Floats, binding: Indices, coefficients: Floats, *, out: Floats | None = None
) -> Floats:
    """Return the emissions of each row: its activity times the coefficients of its binding.

    Args:
        activity: Shape (row,): each in the unit that its coefficients are per.
        binding: Shape (row,): which binding, as an index into the last axis of `coefficients`.
            As uint16 a row with three gases costs 34 bytes of memory traffic.
        coefficients: Shape (gas, binding), as the function `coefficients` makes them.
        out: Shape (gas, row): an array to be written and returned, so that it need not be made. It
            shares no memory with the others.

    Returns:
        Shape (gas, row), in booked units; `out`, or a new array.

    Raises:
        IndexError: a binding has no coefficients. Nothing has been written then.
        ValueError: an array has another shape.
    """
    _check_within(binding, coefficients.shape[1])
    gas_count, row_count = len(coefficients), len(activity)
    _check_shape(binding, (row_count,))
    made = _array(out, (gas_count, row_count))
    # `take` wants this kind of index, and would make it anew for each gas.
    index = np.empty(min(CHUNK_ROWS, row_count), dtype=np.intp)
    for rows in _chunks(row_count, CHUNK_ROWS):
        chunk = activity[rows]
        of_chunk = index[: len(chunk)]
        np.copyto(of_chunk, binding[rows], casting="same_kind")
        for gas in range(gas_count):
            product = made[gas, rows]
            # Indices are in range; "clip" alone lets `take` write without a buffer of its own.
            np.take(coefficients[gas], of_chunk, out=product, mode="clip")
            np.multiply(product, chunk, out=product)
    return made


def series(activity: Floats, coefficients: Floats, *, out: Floats | None = None) -> Floats:
    """Return the emissions of a series of activities that all have one binding.

    Args:
        activity: Shape (row,): in the unit that the coefficients are per.
        coefficients: Shape (gas,): a column of what the function `coefficients` makes.
        out: Shape (gas, row): an array to be written and returned, so that it need not be made. It
            shares no memory with the others.

    Returns:
        Shape (gas, row), in booked units; `out`, or a new array.

    Raises:
        ValueError: an array has another shape.
    """
    made = _array(out, (len(coefficients), len(activity)))
    return np.multiply(activity[np.newaxis, :], coefficients[:, np.newaxis], out=made)


def grouped(
    emissions: Floats,
    zone: Indices,
    month: Indices,
    source: Indices,
    *,
    shape: tuple[int, int, int],
) -> Floats:
    """Return sums of emissions by zone, month and source.

    Args:
        emissions: Shape (gas, row).
        zone: Shape (row,): which zone, below the first of `shape`.
        month: Shape (row,): which month, below the second.
        source: Shape (row,): which source, below the third.
        shape: How many zones, months and sources there are.

    Returns:
        A new array of shape (gas, zone, month, source); 0 where no row belongs.

    Raises:
        IndexError: an index is beyond `shape`.
        ValueError: an array has another shape.
    """
    gas_count, row_count = emissions.shape
    for index, count in zip((zone, month, source), shape, strict=True):
        _check_shape(index, (row_count,))
        _check_within(index, count)
    sums = np.zeros((gas_count, *shape))
    flat = sums.reshape(gas_count, -1)
    for rows in _chunks(row_count, _GROUPED_CHUNK_ROWS):
        group = zone[rows].astype(np.intp)
        group *= shape[1]
        group += month[rows]
        group *= shape[2]
        group += source[rows]
        for gas in range(gas_count):
            weights = emissions[gas, rows]
            flat[gas] += np.bincount(group, weights=weights, minlength=flat.shape[1])
    return sums


def error_bound(*, term_count: int = 1, activity_is_exact: bool = False) -> Fraction:
    """Return the largest relative error of a sum of `term_count` products, exactly.

    With u = 2^-53, and each δ at most u in size, a product is made as

        a (1 + δ₁) × c (1 + δ₂) × (1 + δ₃)

    of the activity a, rounded to float64; the coefficient c, exact until it is rounded; and one
    multiplication. Whichever way n products are added, one by one or by chunks, each goes through
    at most n − 1 additions: n − 1 further factors (1 + δ). For k such factors

        |(1 + δ₁) ⋯ (1 + δₖ) − 1| ≤ k u / (1 − k u)

    (Higham, Accuracy and Stability of Numerical Algorithms, lemma 3.1), k being n + 2, or n + 1
    where the activity is a float64 to begin with. It is relative to the product, and for a sum to
    the sum of the products' sizes: where activities are deducted, the sum itself may be smaller.

    It holds while nothing over- or underflows: for coefficients that `coefficients` accepts, and
    activities that are 0 or between 2^-500 and 2^500 in size.

    >>> float(error_bound())
    3.3306690738754706e-16
    """
    factors = term_count + (1 if activity_is_exact else 2)
    return factors * UNIT_ROUNDOFF / (1 - factors * UNIT_ROUNDOFF)


def _array(out: Floats | None, shape: tuple[int, int]) -> Floats:
    if out is None:
        return np.empty(shape)
    _check_shape(out, shape)
    return out


def _check_shape(given: NDArray[Any], shape: tuple[int, ...]) -> None:
    """Refuse what numpy might stretch to fit."""
    if given.shape != shape:
        raise ValueError(f"an array of shape {given.shape} where {shape} is needed")


def _check_within(index: Indices, count: int) -> None:
    if index.size and not (index.min() >= 0 and index.max() < count):
        raise IndexError(f"an index is beyond the {count} that there are")


def _chunks(row_count: int, size: int) -> Iterator[slice]:
    for start in range(0, row_count, size):
        yield slice(start, start + size)
