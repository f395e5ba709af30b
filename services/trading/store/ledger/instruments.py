"""Instruments in the database."""

from __future__ import annotations

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.versioned import Versioned
from services.trading.store.ledger.tables import instruments

_ONLY_VERSION = 1


def add(
    connection: sa.Connection, instrument: Instrument, revision: Revision
) -> Versioned[Instrument]:
    """Insert `instrument`; return it."""
    connection.execute(
        sa.insert(instruments).values(
            instrument=instrument.instrument,
            kind=instrument.kind.value,
            vintage_year=instrument.vintage_year,
            project=instrument.project,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return Versioned(
        value=instrument,
        version=_ONLY_VERSION,
        revision=revision.number,
        create_time=revision.commit_time,
    )


def find(connection: sa.Connection, instrument: str) -> Versioned[Instrument] | None:
    """Return an instrument, or None."""
    found = _select(connection, instruments.c.instrument == instrument)
    return found[0] if found else None


def page(
    connection: sa.Connection, *, after: str = "", size: int | None = None
) -> list[Versioned[Instrument]]:
    """Return the instruments by id after `after`: `size`, or all."""
    return _select(connection, instruments.c.instrument > after, limit=size)


def _select(
    connection: sa.Connection, which: sa.ColumnElement[bool], *, limit: int | None = None
) -> list[Versioned[Instrument]]:
    query = sa.select(instruments).where(which).order_by(instruments.c.instrument).limit(limit)
    return [
        Versioned(
            value=Instrument(
                instrument=row["instrument"],
                kind=InstrumentKind(row["kind"]),
                vintage_year=row["vintage_year"],
                project=row["project"],
            ),
            version=_ONLY_VERSION,
            revision=row["revision"],
            create_time=row["create_time"],
        )
        for row in connection.execute(query).mappings()
    ]
