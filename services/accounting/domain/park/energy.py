"""Energy in coal equivalent: amount times declared coefficient, carrier by carrier, exactly.

    energy = Σ amount × coefficient        in tce

Source: 发改环资〔2025〕910号, annex 3, 二、部分指标解释 1: all energy actually consumed in a
year, of which electricity by equal value (等价值). The annex prints no coefficient, so none is
assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.metering.coal_equivalent import Base, Coefficient
from services.accounting.domain.park.rule import MWH, TCE, EqualValue
from services.kernel import units
from services.kernel.errors import (
    DuplicateRow,
    FactorImplausible,
    FieldInvalid,
    FieldRequired,
    ParameterUndeclared,
    UnitDimension,
    Words,
    within,
)
from services.kernel.quantity import Quantity, product
from services.kernel.unit_table import product_vector
from services.kernel.units import Unit


class Kind(StrEnum):
    """What kind of energy."""

    ELECTRICITY = "ELECTRICITY"
    HEAT = "HEAT"
    FUEL = "FUEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """What was consumed of one carrier."""

    kind: Kind
    carrier: str
    quantity: Quantity
    coefficient: Coefficient | None
    """None where nobody declared one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A carrier in coal equivalent."""

    energy: Energy
    coefficient: Coefficient
    coal_equivalent_tce: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """All carriers in coal equivalent; greater than 0."""

    lines: tuple[Line, ...]

    @property
    def tce(self) -> Fraction:
        """The exact sum."""
        return sum((line.coal_equivalent_tce for line in self.lines), Fraction(0))

    @property
    def electricity(self) -> tuple[Line, ...]:
        """The lines of electricity."""
        return tuple(line for line in self.lines if line.energy.kind is Kind.ELECTRICITY)

    @property
    def electricity_mwh(self) -> Fraction:
        """The electricity consumed, exactly."""
        return sum((line.energy.quantity.to(MWH) for line in self.electricity), Fraction(0))


def total(energies: Sequence[Energy], equal_value: EqualValue) -> Total:
    """Return the energies in tce, each line exact.

    Raises:
        ParameterUndeclared: a coefficient is not there.
        QuantityInvalid: an amount is negative, or a coefficient is not greater than 0.
        UnitDimension: a unit is none of the kind of energy, or does not fit its coefficient.
        FieldInvalid: electricity is on another base than equal value, or on two coefficients; or
            all amounts are 0.
        FactorImplausible: the equal value of electricity cannot be one.
        DuplicateRow: a carrier stands there twice.
        FieldRequired: a source is blank.
    """
    assert energies, "the contract asks for one at least"
    lines: list[Line] = []
    for index, energy in enumerate(energies):
        _once(index, energies)
        with within(f"energies[{index}]."):
            line = _line(energy, equal_value)
        _one_coefficient(index, line, lines)
        lines.append(line)
    found = Total(lines=tuple(lines))
    if not found.tce:
        allowed = Words(en="energy of more than 0 tce in all", zh="能源消费量合计大于 0 吨标准煤")
        raise FieldInvalid(field="energies", given="0 tce", allowed=allowed)
    return found


def _once(index: int, energies: Sequence[Energy]) -> None:
    carriers = [energy.carrier.strip() for energy in energies]
    first = carriers.index(carriers[index])
    if first != index:
        raise DuplicateRow(field=f"energies[{index}]", first=f"energies[{first}]")


def _one_coefficient(index: int, line: Line, before: Sequence[Line]) -> None:
    """Refuse electricity by another equal value than the electricity before it."""
    if line.energy.kind is not Kind.ELECTRICITY:
        return
    for first, other in enumerate(before):
        if other.energy.kind is Kind.ELECTRICITY and _figure(other) != _figure(line):
            same = f"energies[{first}]: {other.coefficient.quantity}, {other.coefficient.year}"
            raise FieldInvalid(
                field=f"energies[{index}].coefficient",
                given=f"{line.coefficient.quantity}, {line.coefficient.year}",
                allowed=Words(
                    en=f"one equal value for all electricity of the park, as of {same}",
                    zh=f"园区全部电力采用同一等价值折标系数及年份，与 {same} 一致",
                ),
            )


def _figure(line: Line) -> tuple[Fraction, int]:
    return line.coefficient.quantity.to("tce/MWh"), line.coefficient.year


def _line(energy: Energy, equal_value: EqualValue) -> Line:
    if not energy.carrier.strip():
        raise FieldRequired(field="carrier")
    with within("quantity."):
        energy.quantity.non_negative()
        _check_kind(energy)
    coefficient = energy.coefficient
    if coefficient is None:
        raise ParameterUndeclared(field="coefficient", parameter=_parameter(energy))
    with within("coefficient."):
        _check_coefficient(energy, coefficient, equal_value)
    return Line(
        energy=energy,
        coefficient=coefficient,
        coal_equivalent_tce=product(energy.quantity, coefficient.quantity, to=TCE),
    )


def _parameter(energy: Energy) -> str:
    if energy.kind is Kind.ELECTRICITY:
        return "electricity_equal_value"
    return f"coal_equivalent of {energy.carrier}"


def _check_kind(energy: Energy) -> None:
    """Refuse a unit that the kind of energy is not measured in."""
    unit = units.unit(energy.quantity.unit)
    if energy.kind is Kind.ELECTRICITY:
        units.conversion(unit.code, MWH)
        return
    wanted, choices = _MEASURED[energy.kind]
    if not any(unit.code in units.fitting(choice) for choice in choices):
        raise UnitDimension(
            given=unit.code,
            given_dimension=Words(en=unit.dimension, zh=unit.dimension_zh),
            wanted_dimension=wanted,
            choices=choices,
            hint=Words(
                en="Electricity and heat are kinds of their own; fuel is declared as it was "
                "weighed or metered.",
                zh="电力和热力请按各自类别填报；燃料请按计量的实物量填报。",
            ),
        )


_MEASURED: Mapping[Kind, tuple[Words, tuple[str, ...]]] = {
    Kind.HEAT: (Words(en="heat, or a mass of steam", zh="热量或蒸汽质量"), ("GJ", "t")),
    Kind.FUEL: (
        Words(en="an amount of fuel, by mass or volume", zh="燃料实物量（质量或体积）"),
        ("t", "10^4 Nm3", "10^4 Sm3", "m3"),
    ),
}


def _check_coefficient(energy: Energy, coefficient: Coefficient, equal_value: EqualValue) -> None:
    if not coefficient.source.title.strip():
        raise FieldRequired(field="source")
    with within("quantity."):
        coefficient.quantity.positive()
        _check_fits(units.unit(energy.quantity.unit), units.unit(coefficient.quantity.unit))
    if energy.kind is Kind.ELECTRICITY:
        _check_equal_value(coefficient, equal_value)


def _check_fits(energy: Unit, coefficient: Unit) -> None:
    """Refuse a coefficient that is not coal equivalent per amount of the energy."""
    choices = _per(energy)
    if coefficient not in choices:
        raise UnitDimension(
            given=coefficient.code,
            given_dimension=Words(en=coefficient.dimension, zh=coefficient.dimension_zh),
            wanted_dimension=Words(en=choices[0].dimension, zh=choices[0].dimension_zh),
            choices=tuple(unit.code for unit in choices),
        )


def _check_equal_value(coefficient: Coefficient, equal_value: EqualValue) -> None:
    equivalent = equal_value.equivalent
    if coefficient.base is not Base.EQUAL_VALUE:
        raise FieldInvalid(
            field="base",
            given=coefficient.base,
            allowed=Words(
                en="EQUAL_VALUE (等价值), by which annex 3 of 910号 counts electricity; a figure "
                "on another base must not be called 910号",
                zh="EQUAL_VALUE（等价值）。910号文附件3规定电力消费能耗按照等价值计算，"
                "按其他口径得出的结果不得称为910号文指标",
            ),
        )
    unit = equal_value.smallest.unit
    smallest, largest = equal_value.smallest.text, str(equal_value.largest)
    if not (
        equal_value.smallest.fraction
        <= coefficient.quantity.to(unit)
        <= equal_value.largest.to(unit)
    ):
        raise FactorImplausible(
            field="quantity.value",
            given=str(coefficient.quantity),
            band=Words(
                en=f"{smallest} to {largest} of an equal value (等价值); {equivalent} is the "
                "equivalent value (当量值), and a figure by it must not be called 910号",
                zh=f"{smallest} 至 {largest}（等价值）；{equivalent} 为当量值，"
                "按当量值得出的结果不得称为910号文指标",
            ),
        )


def _per(energy: Unit) -> tuple[Unit, ...]:
    """Return the units of coal equivalent per amount of an energy."""
    wanted = product_vector((units.unit(TCE).vector, 1), (energy.vector, -1))
    return tuple(unit for unit in units.units() if unit.vector == wanted)
