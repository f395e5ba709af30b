"""Declared outputs → comparable ones."""

from __future__ import annotations

from fractions import Fraction

from services.accounting.domain.trend import output
from services.accounting.domain.trend.output import Output, Outputs
from services.kernel import names
from services.kernel.errors import DuplicateRow, FieldInvalid, ParameterUndeclared, Words, within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import zone_output_pb2


def to_outputs(message: zone_output_pb2.ComparableOutputs) -> Outputs:
    """Return the outputs in the prices of one year; none where none is declared.

    Raises:
        ParameterUndeclared: in the prices of which year they are compared is not said.
        DuplicateRow, NameInvalid, QuantityInvalid, UnitUnknown: a part is wrong; at its field.
    """
    if not message.outputs:
        return output.NONE
    if not message.price_year:
        raise ParameterUndeclared(field="outputs.price_year", parameter="price_year")
    return output.comparable(
        [_to_output(each, index) for index, each in enumerate(message.outputs)],
        _indices(message),
        message.price_year,
    )


def _to_output(message: zone_output_pb2.DeclaredOutput, index: int) -> Output:
    field = f"outputs.outputs[{index}]."
    if message.enterprise:
        names.ENTERPRISE.parse(message.enterprise, f"{field}enterprise")
    with within(f"{field}added_value."):
        added_value = wire.to_quantity(message.added_value)
    return Output(
        enterprise=message.enterprise,
        year=message.year,
        added_value=added_value,
        price_year=message.price_year,
    )


def _indices(message: zone_output_pb2.ComparableOutputs) -> dict[int, Fraction]:
    found: dict[int, Fraction] = {}
    for place, each in enumerate(message.price_indices):
        field = f"outputs.price_indices[{place}]"
        if each.year in found:
            first = list(found).index(each.year)
            raise DuplicateRow(field=field, first=f"outputs.price_indices[{first}]")
        with within(f"{field}."):
            index = Quantity.parse(each.index.value, "1")
            if index.value <= 0:
                allowed = Words(en="more than 0; 1 is no change", zh="大于 0；1 表示价格不变")
                raise FieldInvalid(field="index", given=index.text, allowed=allowed)
        found[each.year] = index.fraction
    return found
