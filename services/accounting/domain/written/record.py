"""Activity records, and the sources that they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.accounting.domain.activity import CurveMonth, EmissionSource, FileRow, Kind, Record
from services.kernel.period import Period
from services.kernel.quantity import Quantity


def content(record: Record) -> dict[str, Any]:
    """Return all of a record, its quantity as written; its source by id."""
    of_curve = {} if record.curve_month is None else {"curve_month": asdict(record.curve_month)}
    of_file = {} if record.file_row is None else {"file_row": asdict(record.file_row)}
    return {
        "name": record.name,
        "source_id": record.source.source_id,
        "value": record.quantity.text,
        "unit_code": record.quantity.unit,
        "start_date": f"{record.period.start}",
        "end_date": f"{record.period.end}",
        "facility": record.facility,
        "meter": record.meter,
        "evidence": record.evidence,
        "certificate": record.certificate,
        "corrects": record.corrects,
        "reporter": record.reporter,
        "revision": record.revision,
        "create_time": instant(record.create_time),
        **of_curve,
        **of_file,
    }


def of(content: Mapping[str, Any], source: EmissionSource) -> Record:
    """Return the record in `content`, of a source."""
    return Record(
        name=content["name"],
        source=source,
        quantity=Quantity.parse(content["value"], content["unit_code"]),
        period=Period.parse(content["start_date"], content["end_date"]),
        facility=content["facility"],
        meter=content["meter"],
        evidence=content["evidence"],
        certificate=content["certificate"],
        corrects=content["corrects"],
        reporter=content["reporter"],
        revision=content["revision"],
        create_time=to_instant(content["create_time"]),
        curve_month=to_curve_month(content.get("curve_month")),
        file_row=to_file_row(content.get("file_row")),
    )


def to_curve_month(content: Mapping[str, Any] | None) -> CurveMonth | None:
    """Return what a record adds up, in `content`; None where it is no month of a curve."""
    return None if content is None else CurveMonth(**content)


def to_file_row(content: Mapping[str, Any] | None) -> FileRow | None:
    """Return the row of a file in `content`; None where a record came otherwise."""
    return None if content is None else FileRow(**content)


def from_source(source: EmissionSource) -> dict[str, Any]:
    """Return all of an emission source."""
    return {**asdict(source), "kind": source.kind.value}


def to_source(content: Mapping[str, Any]) -> EmissionSource:
    """Return the emission source in `content`."""
    return EmissionSource(**{**content, "kind": Kind(content["kind"])})


def instant(moment: datetime) -> str:
    """Return a moment in UTC, "2025-01-31T08:00:00.000000Z".

    >>> instant(datetime(2025, 1, 31, 8, tzinfo=UTC))
    '2025-01-31T08:00:00.000000Z'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def to_instant(text: str) -> datetime:
    """Return the moment that `instant` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
