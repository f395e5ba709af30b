"""Factor bindings: what lines were computed with, each stored once and known by its content."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from services.accounting.domain import written
from services.accounting.domain.binding import Binding
from services.accounting.store.tables import metadata
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class BindingColumns(Stored):
    """One row a binding."""

    binding: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    """A digest of all the others."""
    method_id: sa.Named[str] = sa.Column(sa.Text)
    item_id: sa.Named[str] = sa.Column(sa.Text)
    formula_id: sa.Named[str] = sa.Column(sa.Text)
    subject: sa.Named[str] = sa.Column(sa.Text)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer)
    gwp_sets: sa.Named[list[str]] = sa.Column(sa.JSON)
    factors: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    """In the order of the formula, decimals as written."""
    potentials: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    """Of every gas but CO2, under every set."""


bindings = sa.Table("bindings", metadata, BindingColumns)


def keep(
    connection: sa.Connection, wanted: Iterable[Binding], revision: Revision
) -> dict[Binding, str]:
    """Insert the bindings that are not yet stored; return the digest of each."""
    digests = {binding: written.binding.key(binding) for binding in wanted}
    c = bindings.c
    known = connection.execute(
        sa.select(c.binding).where(c.binding.in_(sorted(digests.values())))
    ).scalars()
    missing = set(digests.values()) - set(known)
    rows = {
        digest: {
            "binding": digest,
            **written.binding.content(binding),
            "create_time": revision.commit_time,
            "revision": revision.number,
        }
        for binding, digest in digests.items()
        if digest in missing
    }
    if rows:
        connection.execute(sa.insert(bindings), list(rows.values()))
    return digests


def get(connection: sa.Connection, digests: Collection[str]) -> dict[str, Binding]:
    """Return the bindings by digest."""
    known = ((digest, _read.get(digest)) for digest in digests)
    found = {digest: binding for digest, binding in known if binding is not None}
    missing = set(digests) - found.keys()
    if missing:
        read = _select(connection, bindings.c.binding.in_(sorted(missing)))
        if len(_read) > _MOST_READ:
            _read.clear()
        _read.update(read)
        found |= read
    return found


_MOST_READ = 65_536
_read: dict[str, Binding] = {}
"""Those that were read: a digest stands for one and the same binding, whatever database has it."""


def every(connection: sa.Connection) -> dict[str, Binding]:
    """Return all bindings that any line was ever made with, by digest."""
    return _select(connection, sa.true())


def _select(connection: sa.Connection, which: sa.ColumnElement[bool]) -> dict[str, Binding]:
    rows = connection.execute(sa.select(bindings).where(which)).mappings()
    return {row["binding"]: written.binding.of(row) for row in rows}
