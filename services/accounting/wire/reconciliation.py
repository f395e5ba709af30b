"""A reconciliation statement → its message, and its text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.accounting.domain.reconciliation import Row, Side
from services.kernel.errors import Language
from services.kernel.mass import tonnes
from services.runtime import wire
from zonecarbon.accounting.v1 import reconciliation_pb2


def from_rows(
    first: Side, second: Side, rows: Sequence[Row], language: Language
) -> reconciliation_pb2.Reconciliation:
    """Return the message of the statement that leads from `first` to `second`."""
    return reconciliation_pb2.Reconciliation(
        **{"from": _from_side(first)},
        to=_from_side(second),
        rows=[_from_row(row) for row in rows],
        text="\n".join(_told(first, second, rows, language)),
    )


def _from_side(side: Side) -> reconciliation_pb2.ReconciledTotal:
    inventory = side.inventory
    return reconciliation_pb2.ReconciledTotal(
        inventory=inventory.name,
        resource_version=inventory.version,
        method_id=side.method.method_id,
        gwp_set=side.gwp_set,
        scope2_basis=side.basis.value,
        total_co2e_g=side.total_g,
        status=wire.from_status(inventory.status),
        known=inventory.knows(side.basis),
    )


def _from_row(row: Row) -> reconciliation_pb2.DifferenceRow:
    return reconciliation_pb2.DifferenceRow(
        cause=reconciliation_pb2.DifferenceCause.Value(f"DIFFERENCE_CAUSE_{row.cause.value}"),
        from_item_id=row.from_item,
        to_item_id=row.to_item,
        subject=row.subject,
        difference_g=row.difference_g,
        activity=wire.from_exact(row.activity, row.unit) if row.unit else None,
        text=row.text.en,
        text_zh=row.text.zh,
    )


def _told(first: Side, second: Side, rows: Sequence[Row], language: Language) -> list[str]:
    def total(side: Side) -> str:
        return (
            f"{_shown(side.total_g)}  {side.method.method_id}, {side.gwp_set}, {side.basis.value}"
        )

    def line(row: Row) -> str:
        words = row.text.said(language)
        return f"{_shown(row.difference_g, signed=True)}  {row.subject}: {words}"

    return [total(first), *map(line, rows), total(second)]


def _shown(grams: int, *, signed: bool = False) -> str:
    value: Decimal = tonnes(grams)
    return f"{value:+20,.6f} tCO2e" if signed else f"{value:20,.6f} tCO2e"
