"""Kinds, quantities and records ⇄ their messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from google.type import decimal_pb2

from services.accounting.domain.activity import FileRow, Kind, Record
from services.kernel import units
from services.kernel.errors import AtField, QuantityInvalid
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import activity_pb2
from zonecarbon.type.v1 import quantity_pb2

KINDS = tuple(kind.value for kind in Kind)
"""What may be said, without the enum's prefix."""


def to_kind(value: activity_pb2.ActivityKind.ValueType) -> Kind | None:
    """Return the kind; None where it is not said, or is none of the contract."""
    if value not in activity_pb2.ActivityKind.values() or not value:
        return None
    return Kind(activity_pb2.ActivityKind.Name(value).removeprefix("ACTIVITY_KIND_"))


def from_kind(kind: Kind) -> activity_pb2.ActivityKind.ValueType:
    """Return the enum value of `kind`."""
    return activity_pb2.ActivityKind.Value(f"ACTIVITY_KIND_{kind.value}")


def to_quantity(message: quantity_pb2.Quantity, errors: list[AtField]) -> Quantity | None:
    """Return the quantity, or None and what is wrong with its unit and its value in `errors`."""
    with collected(errors, "quantity."):
        units.unit(message.unit_code)
    with collected(errors, "quantity."):
        return wire.to_quantity(message)
    return None


@contextmanager
def collected(errors: list[AtField], prefix: str = "") -> Iterator[None]:
    """Put an error that is raised inside into `errors`, its path after `prefix`."""
    try:
        yield
    except AtField as error:
        errors.append(error.within(prefix))


def from_record(record: Record) -> activity_pb2.ActivityRecord:
    """Return the message of `record`."""
    return activity_pb2.ActivityRecord(
        name=record.name,
        source_id=record.source.source_id,
        kind=from_kind(record.source.kind),
        subject=record.source.subject,
        quantity=wire.from_quantity(record.quantity),
        period=wire.from_period(record.period),
        facility=record.facility,
        meter=record.meter,
        counterparty=record.source.counterparty,
        evidence=record.evidence,
        corrects=record.corrects,
        certificate=record.certificate,
        steam=from_steam(record.source.steam),
        value_chain_category_number=record.source.value_chain_category,
        create_time=wire.from_instant(record.create_time),
        revision=record.revision,
        reporter=record.reporter,
        curve_month=_from_curve_month(record),
        report_file_row=from_file_row(record.file_row),
    )


def from_file_row(row: FileRow | None) -> activity_pb2.ReportFileRow | None:
    """Return the message of the row of a file; None where there is none."""
    if row is None:
        return None
    return activity_pb2.ReportFileRow(
        report_file=row.report_file,
        file_name=row.file_name,
        sheet=row.sheet,
        row_number=row.row_number,
    )


def _from_curve_month(record: Record) -> activity_pb2.CurveMonth | None:
    month = record.curve_month
    if month is None:
        return None
    return activity_pb2.CurveMonth(
        curve=month.curve,
        whole_dates=filter(None, map(wire.from_day, month.dates(record.period))),
        measured_count=month.measured_count,
        estimated_count=month.estimated_count,
        missing_count=month.missing_count,
        assumption_count=month.assumption_count,
    )


def to_steam(message: activity_pb2.ReportedSteam, errors: list[AtField]) -> str:
    """Return the state as a source keeps it: "0.5 MPa 400 °C", or "0.5 MPa" where saturated.

    What is wrong stands in `errors`.
    """
    pressure = temperature = ""
    # The contract's own rules name a pressure that is missing.
    if message.HasField("pressure_mpa"):
        with collected(errors, "steam."):
            pressure = f"{_positive('pressure_mpa', message.pressure_mpa.value)} MPa"
    if message.HasField("temperature_c"):
        with collected(errors, "steam."):
            temperature = f"{_positive('temperature_c', message.temperature_c.value)} °C"
    # A temperature alone is no state.
    return f"{pressure} {temperature}".strip() if pressure else ""


def from_steam(state: str) -> activity_pb2.ReportedSteam | None:
    """Return the message of a state; None where there is none."""
    if not state:
        return None
    pressure, _, rest = state.partition(" MPa")
    temperature = rest.strip().removesuffix(" °C")
    return activity_pb2.ReportedSteam(
        pressure_mpa=decimal_pb2.Decimal(value=pressure),
        temperature_c=decimal_pb2.Decimal(value=temperature) if temperature else None,
    )


def _positive(field: str, text: str) -> str:
    """Return the number as it is written shortest: "0.50" and "0.5" are one state."""
    try:
        number = Quantity.parse(text, "1").positive(field)
    except QuantityInvalid as error:
        raise replace(error, field=field) from None
    return f"{number.value.normalize():f}"
