"""Comprehensive energy consumption (综合能源消费量) of a zone, tonnes of coal equivalent.

    gross = Σ what members burn, buy and put into transformation
    net   = gross − passed inside − transformation output − recovered − sold to outside

Energy that one member makes of fuel and sells to another is in the gross twice, once as fuel and
once as what was bought: it is taken off as a line of its own (加工转换), as is what transformation
gives back and what was recovered and used again (回收利用). Each carrier is converted by the
coefficient that was declared for it, with its base: equivalent value (当量值) or equal value
(等价值). Figures on two bases are never comparable, so nothing is assumed. Everything is exact.

Source: the definition of 综合能源消费量 of the National Bureau of Statistics, as a municipal
statistics page repeats it; feedstock is counted or not as the caller declares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.accounting.domain.activity import ELECTRICITY, ORIGINS, Kind
from services.accounting.domain.line import Line
from services.accounting.domain.metering.coal_equivalent import TCE, Base, Coefficient
from services.accounting.domain.role import Role
from services.accounting.domain.transfer import Member, inside_of, passage_of
from services.kernel import trust, units
from services.kernel.errors import FieldInvalid, ParameterUndeclared, UnitDimension, Words, within
from services.kernel.quantity import Quantity


class Part(StrEnum):
    """What a line of the balance is; the contract says it in words."""

    BURNT = "BURNT"
    FEEDSTOCK = "FEEDSTOCK"
    TRANSFORMED = "TRANSFORMED"
    BOUGHT = "BOUGHT"
    PASSED_INSIDE = "PASSED_INSIDE"
    TRANSFORMATION_OUTPUT = "TRANSFORMATION_OUTPUT"
    RECOVERED = "RECOVERED"
    SOLD = "SOLD"

    @property
    def sign(self) -> int:
        """1 where it is in the gross, −1 where it is taken off."""
        return -1 if self in _TAKEN_OFF else 1


_TAKEN_OFF: Final = frozenset(
    {Part.PASSED_INSIDE, Part.TRANSFORMATION_OUTPUT, Part.RECOVERED, Part.SOLD}
)
_PARTS: Final = {
    Kind.FUEL_COMBUSTION: Part.BURNT,
    Kind.BIOMASS_COMBUSTION: Part.BURNT,
    Kind.FEEDSTOCK_USED: Part.FEEDSTOCK,
    Kind.TRANSFORMATION_INPUT: Part.TRANSFORMED,
    Kind.TRANSFORMATION_OUTPUT: Part.TRANSFORMATION_OUTPUT,
    Kind.ELECTRICITY_PURCHASED: Part.BOUGHT,
    Kind.HEAT_PURCHASED: Part.BOUGHT,
    Kind.ELECTRICITY_EXPORTED: Part.SOLD,
    Kind.HEAT_EXPORTED: Part.SOLD,
}
_CARRIER_OF: Final = {origin: carrier for carrier, origins in ORIGINS.items() for origin in origins}


class Feedstock(StrEnum):
    """Whether energy that becomes a part of products is counted."""

    COUNTED = "COUNTED"
    LEFT_OUT = "LEFT_OUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Energy that was recovered and used again, as somebody declared it."""

    enterprise: str
    subject: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a balance depends on beside the ledger."""

    coefficients: Mapping[str, Coefficient]
    """By carrier: a fuel, "electricity" or "heat"."""
    feedstock: Feedstock | None
    """None where nobody said."""
    recoveries: Sequence[Recovery] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyLine:
    """A carrier's part of the balance."""

    part: Part
    subject: str
    quantity: Fraction
    unit: str
    coefficient: Coefficient
    tce: Fraction
    """Not negative; the part says whether it is taken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The comprehensive energy of a zone, with what was taken off as lines of their own."""

    lines: tuple[EnergyLine, ...]
    """By part and carrier."""

    def tce(self, *parts: Part) -> Fraction:
        """Return what parts add up to, tce, each with its sign; all where none is named."""
        return sum(
            (each.part.sign * each.tce for each in self.lines if each.part in (parts or Part)),
            Fraction(0),
        )

    @property
    def gross_tce(self) -> Fraction:
        """What members burn, buy and transform: with duplicates."""
        return self.tce(*(part for part in Part if part.sign > 0))

    @property
    def net_tce(self) -> Fraction:
        """The comprehensive energy."""
        return self.tce()

    @property
    def electricity_base(self) -> Base | None:
        """On which base electricity was converted; None where there is none."""
        bases = (each.coefficient.base for each in self.lines if each.subject == ELECTRICITY)
        return next(bases, None)

    @property
    def status(self) -> trust.Status | None:
        """The lowest status among the coefficients; None where nothing was converted."""
        each = [line.coefficient.source.status for line in self.lines]
        return trust.lowest(*each) if each else None


def balance(members: Sequence[Member], declared: Declared) -> Balance:
    """Return the comprehensive energy of the zone that has these members.

    Raises:
        ParameterUndeclared: a coefficient, or how feedstock is counted, was not declared.
        UnitDimension: a coefficient does not fit what was reported.
        FieldInvalid: more was recovered than is in the gross.
    """
    inside = inside_of(members)
    amounts: defaultdict[tuple[Part, str, str], Fraction] = defaultdict(Fraction)
    for member in members:
        for line in _once(member.lines):
            passed = passage_of(member, line, inside) is not None
            for part in _parts(line, declared, passed=passed):
                subject = _CARRIER_OF.get(line.source.subject, line.source.subject)
                quantity, unit = _amount(line)
                amounts[part, subject, unit] += quantity
    order = list(Part)
    lines = [
        _line(part, subject, (quantity, unit), declared)
        for (part, subject, unit), quantity in sorted(
            amounts.items(), key=lambda each: (order.index(each[0][0]), each[0][1:])
        )
        if quantity
    ]
    return Balance(lines=(*lines, *_recovered(declared, lines)))


def _once(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines, of each source and month those of one item: a quantity is used once."""
    shown: dict[object, str] = {}
    for line in lines:
        if shown.setdefault(line.grain, line.binding.item_id) == line.binding.item_id:
            yield line


def _parts(line: Line, declared: Declared, *, passed: bool) -> tuple[Part, ...]:
    """Return the parts that a line's quantity is in."""
    part = _PARTS.get(line.source.kind)
    match part:
        case None:
            return ()
        case Part.FEEDSTOCK:
            if declared.feedstock is None:
                raise ParameterUndeclared(field="feedstock", parameter="feedstock")
            return (part,) if declared.feedstock is Feedstock.COUNTED else ()
        case Part.BOUGHT if passed:
            return Part.BOUGHT, Part.PASSED_INSIDE
        case Part.SOLD if passed:
            return ()
        case _:
            return (part,)


def _amount(line: Line) -> tuple[Fraction, str]:
    """Return the activity of a line and its unit; of steam by mass the heat in it."""
    for factor in line.binding.factors:
        if factor.role is Role.STEAM_ENTHALPY:
            try:
                one = units.coefficient(line.activity_unit, factor.quantity.unit, to="GJ")
            except UnitDimension:
                break
            return line.activity * factor.quantity.fraction * one, "GJ"
    return line.activity, line.activity_unit


def _line(part: Part, subject: str, amount: tuple[Fraction, str], declared: Declared) -> EnergyLine:
    coefficient = declared.coefficients.get(subject)
    if coefficient is None:
        raise ParameterUndeclared(
            field="coefficients", parameter=f"coal_equivalent of {subject} ({amount[1]})"
        )
    with within(f"coefficients[{list(declared.coefficients).index(subject)}]."):
        one = units.coefficient(amount[1], coefficient.quantity.unit, to=TCE)
    return EnergyLine(
        part=part,
        subject=subject,
        quantity=amount[0],
        unit=amount[1],
        coefficient=coefficient,
        tce=amount[0] * coefficient.quantity.fraction * one,
    )


def _recovered(declared: Declared, lines: Sequence[EnergyLine]) -> Iterator[EnergyLine]:
    """Yield what was recovered; no more of a carrier than is in the gross."""
    left: defaultdict[str, Fraction] = defaultdict(Fraction)
    for line in lines:
        left[line.subject] += line.part.sign * line.tce
    for index, each in enumerate(declared.recoveries):
        amount = (each.quantity.fraction, each.quantity.unit)
        with within(f"recoveries[{index}].quantity."):
            each.quantity.non_negative()
            found = _line(Part.RECOVERED, each.subject, amount, declared)
            if found.tce > left[each.subject]:
                raise FieldInvalid(
                    field="value",
                    given=str(each.quantity),
                    allowed=Words(
                        en=f"at most the {each.subject} that is in the zone's energy: what was "
                        "never counted is not counted twice",
                        zh=f"不超过园区能源中已计入的 {each.subject}：未计入的能源不存在重复",
                    ),
                )
        left[each.subject] -= found.tce
        yield found
