"""Reported figures: decimals as the guide prints them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounting.domain.reported import Reported, ReportedRow
from services.accounting.domain.written import amount
from services.accounting.domain.written.binding import from_factor, to_factor
from services.kernel.quantity import Quantity


def content(reported: Reported) -> dict[str, Any]:
    """Return all of the reported figures."""
    return {
        "total": amount.content(reported.total),
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


def of(content: Mapping[str, Any]) -> Reported:
    """Return the reported figures in `content`."""
    return Reported(
        total=amount.decimal(content["total"]),
        booked_g=content["booked_g"],
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
            for row in content["rows"]
        ),
    )
