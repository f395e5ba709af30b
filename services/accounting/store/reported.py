"""Reported figures in JSON: decimals as they are printed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.accounting.domain.reported import Reported, ReportedRow
from services.accounting.store.bindings import from_factor, to_factor
from services.kernel.quantity import Quantity


def columns(reported: Reported) -> dict[str, Any]:
    """Return `reported` as JSON."""
    return {
        "total": str(reported.total),
        "booked_g": reported.booked_g,
        "rows": [
            {
                "item_id": row.item_id,
                "facility": row.facility,
                "subject": row.subject,
                "sign": row.sign,
                "activity": [row.activity.text, row.activity.unit],
                "factors": [from_factor(factor) for factor in row.factors],
                "emissions": [row.emissions.text, row.emissions.unit],
                "in_total": row.in_total,
            }
            for row in reported.rows
        ],
    }


def of_columns(data: Mapping[str, Any]) -> Reported:
    """Return the reported figures of JSON."""
    return Reported(
        total=Decimal(data["total"]),
        booked_g=data["booked_g"],
        rows=tuple(
            ReportedRow(
                item_id=row["item_id"],
                facility=row["facility"],
                subject=row["subject"],
                sign=row["sign"],
                activity=Quantity.parse(*row["activity"]),
                factors=tuple(to_factor(factor) for factor in row["factors"]),
                emissions=Quantity.parse(*row["emissions"]),
                in_total=row["in_total"],
            )
            for row in data["rows"]
        ),
    )
