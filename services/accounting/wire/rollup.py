"""Months of enterprises and zones → their messages."""

from __future__ import annotations

from collections.abc import Iterable

from services.accounting.domain.emission import Booked, total
from services.accounting.domain.method import Category, Method
from services.accounting.domain.rollup import Difference, Months
from services.accounting.wire import inventory, line
from services.kernel.period import MONTHS_PER_YEAR
from zonecarbon.accounting.v1 import monthly_emissions_pb2


def from_months(
    name: str, year: int, method: Method, months: Months, revision: int
) -> monthly_emissions_pb2.MonthlyEmissions:
    """Return the message of the months of a year by a method, moved last at `revision`."""
    return monthly_emissions_pb2.MonthlyEmissions(
        name=name,
        accounting_year=year,
        method_id=method.method_id,
        gwp_set=method.gwp_set,
        scope2_basis=method.basis.value,
        months=[_month(number, method, months) for number in range(1, MONTHS_PER_YEAR + 1)],
        revision=revision,
    )


def from_difference(name: str, difference: Difference) -> monthly_emissions_pb2.MonthlyDifference:
    """Return the message of a figure that is kept and is not what the lines add up to."""
    return monthly_emissions_pb2.MonthlyDifference(
        name=name,
        item_id=difference.item_id,
        measure=difference.measure,
        month_number=difference.month,
        kept=str(difference.kept),
        recomputed=str(difference.recomputed),
    )


def _month(number: int, method: Method, months: Months) -> monthly_emissions_pb2.EmissionMonth:
    booked = {
        item_id: months.booked(item_id, number, method.gwp_sets)
        for item_id in method.items
        if months.line_count(item_id, number)
    }

    def of(categories: Iterable[Category | None]) -> Booked:
        found = {*categories}
        return total(
            (method.items[item_id].sign, each)
            for item_id, each in booked.items()
            if method.items[item_id].category in found
        )

    own = method.gwp_set
    direct, indirect = of([Category.DIRECT]), of([method.basis.category])
    return monthly_emissions_pb2.EmissionMonth(
        month_number=number,
        direct=line.from_booked(direct, own),
        indirect=line.from_booked(indirect, own),
        total=line.from_booked(direct + indirect, own),
        items=[
            monthly_emissions_pb2.MonthlyItem(
                item=inventory.from_item(method.items[item_id], each, own),
                line_count=months.line_count(item_id, number),
            )
            for item_id, each in booked.items()
        ],
    )
