"""The closed list of units and its exact algebra, with the basis as part of the dimension.

The list is `units.txt`, compiled on first use by `unit_table`; here are only look-ups. Nothing is
guessed: an unknown or ambiguous unit, or one that measures something else, is a typed error that
names the choices.

>>> conversion("10^4 kWh", "GJ")
Fraction(36, 1)
>>> unit("万度").code
'10^4 kWh'
>>> conversion("kcal(IT)", "kJ")
Fraction(10467, 2500)
>>> unit("kwh")
Traceback (most recent call last):
services.kernel.errors.fields.UnitUnknown: unit_code is "kwh", which is not on the list of units \
(capitals matter). Did you mean: kWh? Write a unit exactly as the list has it.
>>> conversion("m3", "Nm3")
Traceback (most recent call last):
services.kernel.errors.fields.UnitDimension: unit_code is "m3", which measures volume as measured; \
needed here is gas volume at 0 °C, 101.325 kPa, in one of these units: 10^4 Nm3, Nm3. \
Say the state of the gas: Nm3 is at 0 °C, Sm3 at 20 °C, both at 101.325 kPa.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Final

from services.kernel import unit_table
from services.kernel.errors import (
    FieldRequired,
    UnitAmbiguous,
    UnitDimension,
    UnitUnknown,
    Words,
)
from services.kernel.unit_table import Unit, Vector, product_vector

__all__ = [
    "Conversion",
    "Unit",
    "coefficient",
    "conversion",
    "explain",
    "fitting",
    "measured",
    "measuring",
    "natural",
    "spellings",
    "unit",
    "units",
    "written",
]

_CHOICES: Final = 6
"""At most so many units are named as a way out: more than that is not read."""

_LONGEST_SPELLING: Final = 40

_USUAL: Final = ("kWh", "MWh", "GJ", "t", "kg", "10^4 Nm3")
"""Named first, and alone where nothing in the list resembles what was given."""


_NATURAL: Final = (
    *("t", "tC", "tCO2", "tCO2e", "tCH4", "tN2O", "tSF6", "tNF3", "tCF4", "tC2F6"),
    *("tHFC23", "tHFC32", "tHFC125", "tHFC134a", "tHFC143a", "tHFC152a", "tHFC227ea", "tHFC236fa"),
    *("GJ", "GJ(NCV)", "GJ(GCV)", "m3", "10^4 Nm3", "10^4 Sm3", "tce", "1"),
)
"""The units that guides write results and intermediate results in, one of a dimension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """How an amount in one unit becomes one in another: times `factor`, exactly."""

    from_unit: Unit
    to_unit: Unit
    factor: Fraction
    steps: tuple[str, ...]
    """Equations that lead to the factor, to be read by a person."""


def units() -> tuple[Unit, ...]:
    """Return the whole list, in the order of the file."""
    return tuple(_table().units.values())


def spellings() -> Mapping[str, str]:
    """Return what is accepted besides the codes: spelling to code."""
    return dict(_table().spellings)


def unit(code: str) -> Unit:
    """Return the unit of a code, or of a spelling that can mean only one unit.

    Raises:
        FieldRequired: `code` is blank.
        UnitAmbiguous: `code` can mean several units, as "ton", "kcal" or "标方" can.
        UnitUnknown: `code` is not on the list.
    """
    table = _table()
    found = table.units.get(code) or table.units.get(table.spellings.get(code, ""))
    if found is not None:
        return found
    if not code.strip():
        raise FieldRequired(field="unit_code")
    if code in table.ambiguous:
        raise UnitAmbiguous(given=code, choices=table.ambiguous[code])
    raise UnitUnknown(given=code, choices=_near(code[:_LONGEST_SPELLING]))


def fitting(code: str) -> tuple[str, ...]:
    """Return the codes that convert from and to `code`, itself among them.

    >>> fitting("tCO2")
    ('gCO2', 'kgCO2', 'tCO2', 'lbCO2', '10^4 tCO2')
    """
    return _of_dimension(unit(code).vector)


def measured(vector: Vector) -> Words:
    """Return what a dimension measures, in words.

    >>> measured(unit("tce/10^4 CNY").vector).en
    'coal equivalent / money'
    """
    return unit_table.describe(vector, _table().dimensions)


def measuring(vector: Vector) -> tuple[str, ...]:
    """Return the first codes that measure a dimension, the usual ones before; none where none does.

    >>> measuring(unit("mu").vector)
    ('m2', '10^4 m2', 'hm2', 'mu', 'km2')
    """
    return _first(sorted(_of_dimension(vector), key=_is_unusual))


def conversion(from_code: str, to_code: str) -> Fraction:
    """Return the exact number of `to_code` in one `from_code`.

    Raises:
        UnitDimension: the two measure different things.
    """
    return coefficient(from_code, to=to_code)


@lru_cache(maxsize=4096)
def coefficient(*codes: str, to: str) -> Fraction:
    """Return the product of one of each unit, expressed in `to`, exactly.

    The dimensions are added up with their basis: tonnes times net calorific value times carbon per
    net energy is carbon, but net times gross, or CO2 in the place of CO2e, does not come out.

    >>> coefficient("t", "GJ(NCV)/t", "tC/TJ(NCV)", to="tC")
    Fraction(1, 1000)

    Raises:
        UnitDimension: the product measures something else than `to`.
    """
    factors = [unit(code) for code in codes]
    wanted = unit(to)
    vector = product_vector(*((factor.vector, 1) for factor in factors))
    if vector != wanted.vector:
        raise _mismatch(" × ".join(factor.code for factor in factors), vector, wanted)
    return math.prod((factor.scale for factor in factors), start=Fraction(1)) / wanted.scale


def natural(*codes: str) -> str | None:
    """Return the unit that people would write the product of these units in; None for no such.

    >>> natural("t", "GJ(NCV)/t"), natural("GJ(NCV)", "tC/TJ(NCV)"), natural("t", "t")
    ('GJ(NCV)', 'tC', None)
    """
    vector = product_vector(*((unit(code).vector, 1) for code in codes))
    return _naturals().get(vector)


@lru_cache(maxsize=4096)
def explain(from_code: str, to_code: str) -> Conversion:
    """Return the conversion with the equations that lead to it.

    >>> for step in explain("lb", "kg").steps:
    ...     print(step)
    1 lb = 453.59237 g
    1 kg = 1000 g
    1 lb = 0.45359237 kg

    Raises:
        UnitDimension: the two measure different things.
    """
    factor = conversion(from_code, to_code)
    given, wanted = unit(from_code), unit(to_code)
    base = _base_of(given.vector)
    to_base = (f"1 {one.code} = {written(one.scale)} {base}" for one in (given, wanted))
    path = tuple(step for step in to_base if not step.startswith(f"1 {base} ="))
    last = f"1 {given.code} = {written(factor)} {wanted.code}"
    steps = tuple(dict.fromkeys((*path, last)))
    return Conversion(from_unit=given, to_unit=wanted, factor=factor, steps=steps)


def written(number: Fraction) -> str:
    """Return an exact number as a person writes it: a decimal if it ends, else a fraction.

    >>> written(Fraction(45359237, 100000000)), written(Fraction(1, 3600))
    ('0.45359237', '1/3600')
    """
    decimals = _decimals(number.denominator)
    if decimals is None:
        return str(number)
    digits = f"{abs(number.numerator) * (10**decimals // number.denominator):0{decimals + 1}d}"
    whole, part = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return ("-" if number < 0 else "") + (f"{whole}.{part}" if part else whole)


@lru_cache(maxsize=4096)
def _decimals(denominator: int) -> int | None:
    """Return how many decimals a fraction needs; None where no number of them is enough."""
    twos = fives = 0
    rest = denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


@cache
def _naturals() -> Mapping[Vector, str]:
    return {unit(code).vector: code for code in _NATURAL}


@cache
def _table() -> unit_table.Table:
    return unit_table.shipped()


@cache
def _of_dimension(vector: Vector) -> tuple[str, ...]:
    return tuple(one.code for one in _table().units.values() if one.vector == vector)


def _mismatch(given: str, vector: Vector, wanted: Unit) -> UnitDimension:
    table = _table()
    difference = product_vector((vector, 1), (wanted.vector, -1))
    return UnitDimension(
        given=given,
        given_dimension=measured(vector),
        wanted_dimension=measured(wanted.vector),
        choices=measuring(wanted.vector),
        hint=table.ways_out.get(difference, UnitDimension.hint),
    )


def _is_unusual(code: str) -> bool:
    return code not in _USUAL


def _base_of(vector: Vector) -> str:
    """Return the base unit of a dimension, for example "gCO2/J"."""
    bases = _table().bases
    above = [_raised(bases[base], power) for base, power in vector if power > 0]
    below = [_raised(bases[base], -power) for base, power in vector if power < 0]
    return "/".join(["·".join(above) or "1", *below])


def _raised(code: str, power: int) -> str:
    return code if power == 1 else f"{code}^{power}"


@lru_cache(maxsize=1024)
def _near(given: str) -> tuple[str, ...]:
    """Return the codes most like `given`: those that differ in capitals and dots, or a few close.

    Only to be shown: none is ever taken instead.
    """
    table = _table()
    known = {**{code: code for code in table.units}, **table.spellings}
    same = [code for spelling, code in known.items() if _folded(spelling) == _folded(given)]
    if same:
        return _first(same)
    close = difflib.get_close_matches(given, table.units, n=_CHOICES, cutoff=0.6)
    return _first(close or _USUAL)


def _first(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))[:_CHOICES]


def _folded(spelling: str) -> str:
    return "".join(mark for mark in spelling.casefold() if mark not in " .·^_-⋅*")
