"""Coal equivalents of energy, by a coefficient that says its base.

    tce = energy × coefficient          energy = coal equivalent / coefficient

Electricity has two coefficients: by the heat in it (当量值) and by the coal that generating it took
(等价值), which is more than twice as much and another one each year. Figures of the two are never
comparable, so a coefficient without its base is refused, and none is assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.accounting.domain.metering.figure import Finding, FindingKind, Step
from services.kernel import units
from services.kernel.errors import ParameterUndeclared, UnitDimension, Words, within
from services.kernel.quantity import Quantity, product
from services.kernel.source import Source

TCE: Final = "tce"
_LIKE: Final = Fraction(1, 100)
"""A coefficient within one per cent of a published one is taken to be of its kind."""


class Base(StrEnum):
    """What the coal equivalent of a carrier counts."""

    EQUIVALENT = "EQUIVALENT"
    """The heat in the carrier itself (当量值)."""
    EQUAL_VALUE = "EQUAL_VALUE"
    """The energy that making the carrier took (等价值)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """Coal equivalent per unit of a carrier, as somebody declared it."""

    quantity: Quantity
    base: Base
    year: int
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class EquivalentValue:
    """A published coefficient of base EQUIVALENT, to hold declared ones against."""

    name: Words
    value: str
    unit: str
    source: Source

    @property
    def quantity(self) -> Quantity:
        """The coefficient; made when asked for, since the first quantity compiles the units."""
        return Quantity.parse(self.value, self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A converted amount, exact, with the coefficient and so the base it rests on."""

    value: Fraction
    unit: str
    coefficient: Coefficient
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]


def declared(
    quantity: Quantity | None, base: Base | None, year: int, source: Source | None
) -> Coefficient:
    """Return the coefficient if all is said that a coal equivalent depends on.

    Raises:
        ParameterUndeclared: value, base, year or source is not said; at the field that lacks.
        QuantityInvalid: the value is 0 or less.
    """
    if quantity is None:
        raise ParameterUndeclared(
            field="coefficient.quantity", parameter="coal_equivalent_coefficient"
        )
    if base is None:
        raise ParameterUndeclared(field="coefficient.base", parameter="coal_equivalent_base")
    if not year:
        raise ParameterUndeclared(field="coefficient.year", parameter="coal_equivalent_year")
    if source is None or not source.title:
        raise ParameterUndeclared(field="coefficient.source", parameter="coal_equivalent_source")
    with within("coefficient.quantity."):
        quantity.positive()
    return Coefficient(quantity=quantity, base=base, year=year, source=source)


def to_coal(
    carrier: Quantity,
    coefficient: Coefficient,
    published: Sequence[EquivalentValue],
    unit: str = TCE,
) -> Conversion:
    """Return the coal equivalent of a carrier in `unit`, exact.

    Raises:
        QuantityInvalid: the carrier's amount is negative.
        UnitDimension: `unit` is none of coal equivalent, or the coefficient is not for the carrier.
    """
    units.conversion(TCE, unit)
    with within("carrier."):
        carrier.non_negative()
    with within("coefficient.quantity."):
        value = product(carrier, coefficient.quantity, to=unit)
    formula = Words(
        en=f"coal equivalent = energy × {coefficient.quantity}",
        zh=f"标准煤量 = 能源量 × {coefficient.quantity}",
    )
    return _converted(value, units.unit(unit).code, coefficient, formula, published)


def to_carrier(
    coal_equivalent: Quantity,
    coefficient: Coefficient,
    published: Sequence[EquivalentValue],
    unit: str,
) -> Conversion:
    """Return the amount of a carrier, in `unit`, that a coal equivalent stands for, exact.

    >>> from services.kernel.trust import Status
    >>> by = declared(
    ...     Quantity.parse("0.1229", "kgce/kWh"),
    ...     Base.EQUIVALENT,
    ...     2020,
    ...     Source(title="GB/T 2589-2020", status=Status.SECONDARY),
    ... )
    >>> done = to_carrier(Quantity.parse("165", "kgce"), by, published=(), unit="kWh")
    >>> print(f"{float(done.value):.6f} {done.unit}")
    1342.554923 kWh

    Raises:
        QuantityInvalid: the coal equivalent is negative.
        UnitDimension: it measures something else, or the coefficient is not for `unit`.
        FieldRequired, UnitUnknown, UnitAmbiguous: `unit` is none of the list; at `unit_code`.
    """
    with within("coal_equivalent."):
        units.conversion(coal_equivalent.non_negative().unit, TCE)
    one = units.coefficient(unit, coefficient.quantity.unit, to=coal_equivalent.unit)
    value = coal_equivalent.fraction / (coefficient.quantity.fraction * one)
    formula = Words(
        en=f"energy = coal equivalent / {coefficient.quantity}",
        zh=f"能源量 = 标准煤量 / {coefficient.quantity}",
    )
    return _converted(value, units.unit(unit).code, coefficient, formula, published)


def _converted(
    value: Fraction,
    unit: str,
    coefficient: Coefficient,
    formula: Words,
    published: Sequence[EquivalentValue],
) -> Conversion:
    return Conversion(
        value=value,
        unit=unit,
        coefficient=coefficient,
        steps=(Step(formula=formula, value=value, unit=unit, source=coefficient.source),),
        findings=_unlike(coefficient, published),
    )


def _unlike(coefficient: Coefficient, published: Sequence[EquivalentValue]) -> tuple[Finding, ...]:
    """Return a finding where the coefficient looks like one of the other base."""
    comparable = [each for each in published if _comparable(coefficient, each)]
    like = [each for each in comparable if _alike(coefficient, each)]
    if not comparable or (coefficient.base is Base.EQUIVALENT) == bool(like):
        return ()
    printed = like or comparable
    en = ", ".join(f"{each.quantity} ({each.name.en})" for each in printed)
    zh = "、".join(f"{each.quantity}（{each.name.zh}）" for each in printed)
    document = printed[0].source.document_no
    if like:
        text = Words(
            en=f"Declared as equal value (等价值), but {document} prints {en} as equivalent value"
            " (当量值). Check the base.",
            zh=f"声明为等价值，但 {document} 所列当量值为 {zh}。请核对折标口径。",
        )
    else:
        text = Words(
            en=f"Declared as equivalent value (当量值), but {document} prints {en}. An equal value"
            " (等价值) must be declared as one.",
            zh=f"声明为当量值，但 {document} 所列为 {zh}。等价值应声明为等价值。",
        )
    return (Finding(kind=FindingKind.COEFFICIENT_UNLIKE_ITS_BASE, text=text),)


def _comparable(coefficient: Coefficient, published: EquivalentValue) -> bool:
    try:
        units.conversion(coefficient.quantity.unit, published.quantity.unit)
    except UnitDimension:
        return False
    return True


def _alike(coefficient: Coefficient, published: EquivalentValue) -> bool:
    one = coefficient.quantity.to(published.quantity.unit)
    return abs(one / published.quantity.fraction - 1) <= _LIKE
