"""Declared outputs → comparable ones."""

from __future__ import annotations

from fractions import Fraction

from services.accounting.domain.trend.output import Declared, Output
from services.kernel import names
from services.kernel.errors import DuplicateRow, FieldInvalid, Words, within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import zone_output_pb2


def to_declared(message: zone_output_pb2.ComparableOutputs) -> Declared:
    """Return the outputs that are declared.

    Raises:
        DuplicateRow, NameInvalid, QuantityInvalid, UnitUnknown: a part is wrong; at its field.
    """
    return Declared(
        outputs=tuple(_to_output(each, index) for index, each in enumerate(message.outputs)),
        index_by_year=_indices(message),
        price_year=message.price_year,
        takes_reported=message.reported,
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
