"""Reads a file of custom factors into the messages that propose them.

A row is a factor: `enterprise` and `id`; `role`, `subject`, `value`, `unit`; `start_date` and the
day after the last one, `end_date`; `origin` (measured, supplier or register) and `evidence`; where
it is a property of a sample its `basis` (as_received, air_dried or dry) with
`moisture_as_received_percent` and `moisture_air_dried_percent` as far as that needs them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from google.type import decimal_pb2

from zonecarbon.cli.library import Row, date, role, rows
from zonecarbon.cli.terminal import say as tell
from zonecarbon.cli.terminal import services, show
from zonecarbon.registry.v1 import custom_factor_pb2, custom_factor_service_pb2
from zonecarbon.type.v1 import period_pb2, quantity_pb2

app = typer.Typer(
    no_args_is_help=True,
    help="Factors of single enterprises: one principal proposes, another decides.",
)

Etag = Annotated[str, typer.Option(help="the version that was read, as `list` shows it")]
Reason = Annotated[str, typer.Option(help="why, for those who ask later")]


@app.command()
def propose(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Propose each factor of FILE; repeating it changes nothing."""
    with services() as to:
        for request in requests(file):
            _say(to.custom_factors.CreateCustomFactor(request))


@app.command("list")
def list_(enterprise: str) -> None:
    """Show the factors of ENTERPRISE, enterprises/{enterprise}, as they stand."""
    request = custom_factor_service_pb2.ListCustomFactorsRequest(parent=enterprise)
    with services() as to:
        while True:
            page = to.custom_factors.ListCustomFactors(request)
            for each in page.custom_factors:
                show(each)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


@app.command()
def approve(name: str, etag: Etag) -> None:
    """Make the proposed factor NAME active: enterprises/{enterprise}/customFactors/{factor}."""
    request = custom_factor_service_pb2.ApproveCustomFactorRequest(name=name, etag=etag_of(etag))
    with services() as to:
        _say(to.custom_factors.ApproveCustomFactor(request))


@app.command()
def reject(name: str, etag: Etag, reason: Reason) -> None:
    """Refuse the proposed factor NAME."""
    request = custom_factor_service_pb2.RejectCustomFactorRequest(
        name=name, etag=etag_of(etag), reason=reason
    )
    with services() as to:
        _say(to.custom_factors.RejectCustomFactor(request))


@app.command()
def retire(name: str, etag: Etag, reason: Reason) -> None:
    """Take the active factor NAME back."""
    request = custom_factor_service_pb2.RetireCustomFactorRequest(
        name=name, etag=etag_of(etag), reason=reason
    )
    with services() as to:
        _say(to.custom_factors.RetireCustomFactor(request))


def _say(factor: custom_factor_pb2.CustomFactor) -> None:
    state = custom_factor_pb2.CustomFactorState.Name(factor.state)
    state = state.removeprefix("CUSTOM_FACTOR_STATE_")
    applied = f"{factor.applied_quantity.value.value} {factor.applied_quantity.unit_code}"
    tell(f"{factor.name} {state}: {applied}, etag {factor.etag}")


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


def etag_of(text: str) -> str:
    """Return an etag as the services write it; a shell may have taken its quotes away.

    >>> etag_of("2"), etag_of('"2"')
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
