"""What was produced, as a caller declares it, made comparable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from services.accounting.domain import comparable_price
from services.accounting.domain.indicator.statistic import Statistic
from services.kernel.errors import DuplicateRow, ParameterUndeclared, within
from services.kernel.period import Period
from services.kernel.quantity import Quantity

WAN_CNY: Final = "10^4 CNY"
VALUE_ADDED: Final = "industrial_value_added"
PRICE_INDEX: Final = "industrial_price_index"
"""Inputs by which they are reported as statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Added value of an enterprise, or of a whole zone, in a year."""

    enterprise: str
    """Its name; empty for the zone."""
    year: int
    added_value: Quantity
    price_year: int
    """In the prices of which year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Outputs in the prices of one year, 10^4 CNY, exact."""

    price_year: int
    """0 where none is declared."""
    by_owner: Mapping[tuple[str, int], Fraction]
    """By enterprise, empty for the zone, and year."""

    def of_zone(self, year: int) -> Fraction | None:
        """Return the output of the zone in a year: as declared, else the sum of its members'.

        None where none is declared.
        """
        if ("", year) in self.by_owner:
            return self.by_owner["", year]
        each = [value for (_, of), value in self.by_owner.items() if of == year]
        return sum(each, Fraction(0)) if each else None

    def of_members(self, year: int) -> dict[str, float]:
        """Return the outputs of enterprises in a year, by name."""
        return {
            owner: float(value)
            for (owner, of), value in self.by_owner.items()
            if of == year and owner
        }


NONE: Final = Outputs(price_year=0, by_owner={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Outputs and indices of prices, before they are compared."""

    outputs: tuple[Output, ...]
    index_by_year: Mapping[int, Fraction]
    price_year: int
    """0 where it is not said."""
    takes_reported: bool
    """Whether what was reported as statistics stands in for what is not declared."""

    def with_reported(self, zone: str, facts: Iterable[Statistic]) -> Declared:
        """Return what is declared, and beside it what `facts` of whole years say."""
        declared = {(each.enterprise, each.year) for each in self.outputs}
        outputs, indices = list(self.outputs), dict(self.index_by_year)
        for each in facts:
            year = each.fact.year
            if each.fact.period != Period.year(year):
                continue
            owner = "" if each.fact.owner == zone else each.fact.owner
            if each.fact.input_id == PRICE_INDEX:
                indices.setdefault(year, each.quantity.to("1"))
            elif (owner, year) not in declared:
                output = Output(
                    enterprise=owner,
                    year=year,
                    added_value=each.quantity,
                    price_year=each.price_base_year,
                )
                outputs.append(output)
        return replace(self, outputs=tuple(outputs), index_by_year=indices)

    def compared(self) -> Outputs:
        """Return the outputs in the prices of one year.

        Raises:
            ParameterUndeclared: there are any, and in whose prices they are compared is not said.
        """
        if not self.outputs:
            return NONE
        if not self.price_year:
            raise ParameterUndeclared(field="outputs.price_year", parameter="price_year")
        return comparable(self.outputs, self.index_by_year, self.price_year)


def comparable(
    outputs: Sequence[Output], index_by_year: Mapping[int, Fraction], price_year: int
) -> Outputs:
    """Return outputs in the prices of a year.

    Raises:
        DuplicateRow: an output of one and the same year stands there twice.
        QuantityInvalid: an output is negative.
        UnitDimension: it is no money.
        ParameterUndeclared: a price index that is needed is not declared.
    """
    first: dict[tuple[str, int], int] = {}
    found: dict[tuple[str, int], Fraction] = {}
    for index, each in enumerate(outputs):
        field = f"outputs.outputs[{index}]"
        owner = each.enterprise, each.year
        if owner in first:
            raise DuplicateRow(field=field, first=f"outputs.outputs[{first[owner]}]")
        first[owner] = index
        with within(f"{field}.added_value."):
            nominal = each.added_value.non_negative().to(WAN_CNY)
        with within("outputs."):
            found[owner] = comparable_price.comparable(
                nominal, each.price_year or each.year, index_by_year, price_year
            )
    return Outputs(price_year=price_year if found else 0, by_owner=found)
