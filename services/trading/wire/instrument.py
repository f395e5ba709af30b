"""Instrument ⇄ its message."""

from __future__ import annotations

from services.kernel import names
from services.runtime import wire
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.instrument import Instrument, checked
from services.trading.domain.versioned import Versioned
from zonecarbon.trading.v1 import instrument_pb2, ledger_service_pb2

_KIND = "INSTRUMENT_KIND_"


def to_instrument(request: ledger_service_pb2.CreateInstrumentRequest) -> Instrument:
    """Return the instrument that is to be registered.

    Raises:
        NameInvalid, FieldInvalid: at the field.
    """
    message = request.instrument
    kind = instrument_pb2.InstrumentKind.Name(message.kind).removeprefix(_KIND)
    return checked(
        Instrument(
            instrument=names.check_id("instrument", request.instrument_id),
            kind=InstrumentKind(kind),
            vintage_year=message.vintage_year,
            project=message.project,
        )
    )


def from_instrument(stored: Versioned[Instrument]) -> instrument_pb2.Instrument:
    """Return the message of an instrument."""
    instrument = stored.value
    return instrument_pb2.Instrument(
        name=instrument.name,
        kind=instrument_pb2.InstrumentKind.Value(_KIND + instrument.kind.value),
        vintage_year=instrument.vintage_year,
        project=instrument.project,
        create_time=wire.from_instant(stored.create_time),
        revision=stored.revision,
    )
