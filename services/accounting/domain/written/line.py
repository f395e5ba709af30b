"""Lines of the books, each in one of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.binding import Binding
from services.accounting.domain.line import Amount, Line, Made
from services.accounting.domain.written import amount, booked
from services.kernel.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a line refers to by name or key: written elsewhere."""

    enterprise: str
    line_id: str
    source: EmissionSource
    month: Period


def content(line: Line) -> dict[str, Any]:
    """Return all of a line but what it refers to."""
    return {
        "version": line.version,
        "facility": line.facility,
        "activities": [[amount.content(each.value), each.unit] for each in line.activities],
        "activity": amount.content(line.activity),
        "activity_unit": line.activity_unit,
        "registry_revision": line.registry_revision,
        **booked.content(line.booked),
        "days": [[f"{each.start}", f"{each.end}"] for each in line.days],
        "reported_day_count": line.reported_day_count,
        "record_count": line.record_count,
        "revision": line.revision,
    }


def made(content: Mapping[Any, Any], binding: Binding) -> Made:
    """Return how the version in `content` was made."""
    return Made(
        binding=binding,
        registry_revision=content["registry_revision"],
        booked=booked.of(content),
        version=content["version"],
        revision=content["revision"],
    )


def of(content: Mapping[Any, Any], named: Named, made: Made) -> Line:
    """Return the line in `content`, in the version that `made` it."""
    return Line(
        enterprise=named.enterprise,
        line_id=named.line_id,
        source=named.source,
        month=named.month,
        facility=content["facility"],
        activity=amount.fraction(content["activity"]),
        activity_unit=content["activity_unit"],
        activities=tuple(
            Amount(value=amount.of(value), unit=unit) for value, unit in content["activities"]
        ),
        binding=made.binding,
        registry_revision=made.registry_revision,
        booked=made.booked,
        days=tuple(Period.parse(start, end) for start, end in content["days"]),
        reported_day_count=content["reported_day_count"],
        record_count=content["record_count"],
        version=made.version,
        revision=made.revision,
    )


def month(period: Period) -> str:
    """Return a calendar month as "2024-01"."""
    return f"{period.start:%Y-%m}"


def to_month(text: str) -> Period:
    """Return the calendar month of "2024-01"."""
    year, _, number = text.partition("-")
    return Period.month(int(year), int(number))
