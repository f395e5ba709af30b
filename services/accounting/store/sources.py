"""Emission sources: what each keeps from its first record on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.store.tables import metadata
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class SourceColumns(Stored):
    """One row an emission source."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    source_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    kind: sa.Named[str] = sa.Column(sa.Text)
    subject: sa.Named[str] = sa.Column(sa.Text)
    counterparty: sa.Named[str] = sa.Column(sa.Text)
    steam: sa.Named[str] = sa.Column(sa.Text)
    """The state of steam that is reported by mass, or empty."""
    value_chain_category: sa.Named[int] = sa.Column(sa.Integer)


sources = sa.Table("sources", metadata, SourceColumns)
DESCRIPTION = (
    sources.c.kind,
    sources.c.subject,
    sources.c.counterparty,
    sources.c.steam,
    sources.c.value_chain_category,
)
"""What a query selects besides its own columns, for `read`."""


def keep(
    connection: sa.Connection,
    enterprise: str,
    wanted: Iterable[EmissionSource],
    revision: Revision,
) -> None:
    """Insert the sources that are not yet stored."""
    given = {source.source_id: source for source in wanted}
    missing = given.keys() - get(connection, enterprise, given).keys()
    if missing:
        connection.execute(
            sa.insert(sources),
            [
                {
                    "enterprise": enterprise,
                    "source_id": source_id,
                    "kind": given[source_id].kind.value,
                    "subject": given[source_id].subject,
                    "counterparty": given[source_id].counterparty,
                    "steam": given[source_id].steam,
                    "value_chain_category": given[source_id].value_chain_category,
                    "create_time": revision.commit_time,
                    "revision": revision.number,
                }
                for source_id in sorted(missing)
            ],
        )


def get(
    connection: sa.Connection, enterprise: str, source_ids: Collection[str]
) -> dict[str, EmissionSource]:
    """Return the sources of an enterprise that are stored, by id."""
    rows = connection.execute(
        sa.select(sources.c.source_id, *DESCRIPTION).where(
            sources.c.enterprise == enterprise, sources.c.source_id.in_(sorted(source_ids))
        )
    ).mappings()
    return {row["source_id"]: read(row) for row in rows}


def of(table: sa.Table) -> sa.ColumnElement[bool]:
    """Return the condition that joins a row of `table` to its source."""
    return sa.and_(
        sources.c.enterprise == table.c.enterprise, sources.c.source_id == table.c.source_id
    )


def read(row: sa.RowMapping) -> EmissionSource:
    """Return the source in the columns of `row`."""
    return _source(row["source_id"], tuple(row[column.name] for column in DESCRIPTION))


@lru_cache(maxsize=65536)
def _source(source_id: str, description: tuple[Any, ...]) -> EmissionSource:
    """Return a source: one and the same for all rows that are of it."""
    kind, subject, counterparty, steam, value_chain_category = description
    return EmissionSource(
        source_id=source_id,
        kind=Kind(kind),
        subject=subject,
        counterparty=counterparty,
        steam=steam,
        value_chain_category=value_chain_category,
    )
