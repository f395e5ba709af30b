"""The smallest valid request of each method of accounting; keywords override."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from tests.builders import day, quantity
from zonecarbon.accounting.v1 import accounting_service_pb2, activity_pb2, line_pb2
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.type.v1 import period_pb2, quantity_pb2

GRID = "grid"


def amount(text: str) -> quantity_pb2.Quantity:
    """Read "12.5 10^4 Nm3"."""
    value, unit = text.split(maxsplit=1)
    return quantity(value, unit)


def period(text: str) -> period_pb2.Period:
    """Read "2023-01" or "2023-01-01 2023-01-15", the end excluded."""
    first, _, last = text.partition(" ")
    if last:
        return period_pb2.Period(start_date=day(first), end_date=day(last))
    start = date.fromisoformat(f"{first}-01")
    end = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return period_pb2.Period(start_date=day(str(start)), end_date=day(str(end)))


def record(
    parent: str, what: str = "100 MWh", when: str = "2023-01", **fields: Any
) -> activity_pb2.ActivityRecord:
    """Electricity bought from the grid, a month of it."""
    values: dict[str, Any] = {
        "source_id": "intake",
        "kind": activity_pb2.ACTIVITY_KIND_ELECTRICITY_PURCHASED,
        "quantity": amount(what),
        "period": period(when),
        "counterparty": f"{parent}/counterparties/{GRID}",
    }
    return activity_pb2.ActivityRecord(**values | fields)


def fuel(
    parent: str, what: str = "10 t", when: str = "2023-01", **fields: Any
) -> activity_pb2.ActivityRecord:
    """Coal that was burnt, a month of it."""
    values: dict[str, Any] = {
        "source_id": "boiler-1",
        "kind": activity_pb2.ACTIVITY_KIND_FUEL_COMBUSTION,
        "subject": "bituminous-coal",
        "counterparty": "",
    }
    return record(parent, what, when, **values | fields)


def report(
    parent: str, *records: activity_pb2.ActivityRecord, **fields: Any
) -> accounting_service_pb2.ReportActivityRequest:
    """A report under an id of its own."""
    values: dict[str, Any] = {
        "parent": parent,
        "records": records or [record(parent)],
        "request_id": str(uuid.uuid4()),
    }
    return accounting_service_pb2.ReportActivityRequest(**values | fields)


def year_of(parent: str, what: str = "100 MWh") -> list[activity_pb2.ActivityRecord]:
    """A record for each month of 2023."""
    return [record(parent, what, f"2023-{month:02d}") for month in range(1, 13)]


def given(role: str, text: str) -> line_pb2.GivenFactor:
    """A factor that the caller brings."""
    return line_pb2.GivenFactor(
        role=factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{role}"), quantity=amount(text)
    )


def activity(
    kind: str = "ELECTRICITY_PURCHASED",
    what: str = "1 MWh",
    *given_factors: line_pb2.GivenFactor,
    subject: str = "",
) -> line_pb2.ActivityInput:
    """An activity to be computed."""
    return line_pb2.ActivityInput(
        kind=activity_pb2.ActivityKind.Value(f"ACTIVITY_KIND_{kind}"),
        subject=subject,
        quantity=amount(what),
        given_factors=given_factors,
    )


def compute(
    *activities: line_pb2.ActivityInput, **fields: Any
) -> accounting_service_pb2.ComputeEmissionsRequest:
    """A computation in Jiangsu for 2023."""
    values: dict[str, Any] = {
        "accounting_year": 2023,
        "region_code": "CN-JS",
        "activities": activities or [activity()],
    }
    return accounting_service_pb2.ComputeEmissionsRequest(**values | fields)
