"""Reads a file of custom factors into the messages that propose them.

A row is a factor: `enterprise` and `id`; `role`, `subject`, `value`, `unit`; `start_date` and the
day after the last one, `end_date`; `origin` (measured, supplier or register) and `evidence`; where
it is a property of a sample its `basis` (as_received, air_dried or dry) with
`moisture_as_received_percent` and `moisture_air_dried_percent` as far as that needs them.
"""

from __future__ import annotations

from pathlib import Path

import typer
from google.type import decimal_pb2

from zonecarbon.cli.library import Row, date, role, rows
from zonecarbon.registry.v1 import custom_factor_pb2, custom_factor_service_pb2
from zonecarbon.type.v1 import period_pb2, quantity_pb2


def requests(file: Path) -> list[custom_factor_service_pb2.CreateCustomFactorRequest]:
    """Return the request that proposes each row of the file.

    Raises:
        typer.BadParameter: a column is missing, or a cell holds a word or a date that there is not.
    """
    read = []
    for number, row in enumerate(rows(file), start=1):
        try:
            read.append(
                custom_factor_service_pb2.CreateCustomFactorRequest(
                    parent=f"enterprises/{row['enterprise']}",
                    custom_factor_id=row["id"],
                    custom_factor=_factor(row),
                )
            )
        except KeyError as missing:
            raise typer.BadParameter(f"{file} has no column {missing}") from missing
        except ValueError as wrong:
            raise typer.BadParameter(f"{file}, row {number}: {wrong}") from wrong
    return read


def etag(text: str) -> str:
    """Return an etag as the services write it; a shell may have taken its quotes away.

    >>> etag("2"), etag('"2"')
    ('"2"', '"2"')
    """
    return f'"{text.strip(chr(34))}"'


def _factor(row: Row) -> custom_factor_pb2.CustomFactor:
    basis = row["basis"] or "unspecified"
    return custom_factor_pb2.CustomFactor(
        role=role(row["role"]),
        subject=row["subject"],
        quantity=_quantity(row["value"], row["unit"]),
        period=period_pb2.Period(
            start_date=date(row["start_date"]), end_date=date(row["end_date"])
        ),
        origin=custom_factor_pb2.CustomFactorOrigin.Value(
            f"CUSTOM_FACTOR_ORIGIN_{row['origin'].upper()}"
        ),
        evidence=row["evidence"],
        basis=custom_factor_pb2.SampleBasis.Value(f"SAMPLE_BASIS_{basis.upper()}"),
        moisture_as_received=_moisture(row["moisture_as_received_percent"]),
        moisture_air_dried=_moisture(row["moisture_air_dried_percent"]),
    )


def _moisture(text: str) -> quantity_pb2.Quantity | None:
    return _quantity(text, "%") if text else None


def _quantity(text: str, unit: str) -> quantity_pb2.Quantity:
    return quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=text), unit_code=unit)
