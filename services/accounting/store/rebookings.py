"""Rebookings: versions of lines that other factors made, the activity being the same.

A revision of a factor touches a line of each source in each month: what it makes of them is kept as
columns, one row for each inventory and binding, so that a hundred thousand lines take seconds. The
integers are booked and stored like those of any line: nothing is computed when they are read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.booking import Booking
from services.accounting.domain.knowledge.rebooking import Rebooking
from services.accounting.store import bindings
from services.accounting.store.tables import metadata
from services.kernel.mass import Gas
from services.runtime import bulk
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class RebookingColumns(Stored):
    """One row for all lines of an inventory that took a binding at a revision."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    method_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    revision: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    binding: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey(bindings.bindings.c.binding), primary_key=True
    )
    registry_revision: sa.Named[int] = sa.Column(sa.BigInteger)
    lines: sa.Named[list[str]] = sa.Column(sa.JSON)
    """Their ids; the lists below are in the same order."""
    versions: sa.Named[list[int]] = sa.Column(sa.JSON)
    co2_g: sa.Named[list[int]] = sa.Column(sa.JSON)
    other_mg: sa.Named[dict[str, list[int]]] = sa.Column(sa.JSON)
    """Milligrams of the other gases, by gas."""
    co2e_g: sa.Named[dict[str, list[int]]] = sa.Column(sa.JSON)
    """Grams of CO2 equivalent, by GWP set."""


rebookings = sa.Table("rebookings", metadata, RebookingColumns)
_newer = rebookings.alias("newer")


def add(connection: sa.Connection, new: Sequence[Rebooking], revision: Revision) -> None:
    """Insert `new`."""
    if not new:
        return
    digests = bindings.keep(connection, {each.binding for each in new}, revision)
    bulk.insert(
        connection,
        rebookings,
        [
            {
                "enterprise": each.enterprise,
                "accounting_year": each.binding.accounting_year,
                "method_id": each.binding.method_id,
                "binding": digests[each.binding],
                "registry_revision": each.registry_revision,
                "lines": each.lines,
                "versions": each.versions,
                "co2_g": each.booking.co2_g,
                "other_mg": {gas.value: mg for gas, mg in each.booking.other_mg.items()},
                "co2e_g": each.booking.co2e_g,
                "create_time": revision.commit_time,
                "revision": revision.number,
            }
            for each in new
        ],
    )


def versions(
    connection: sa.Connection, enterprises: Collection[str], accounting_year: int, method_id: str
) -> Sequence[sa.RowMapping]:
    """Return which lines of a year took which binding in which version, oldest first.

    A binding is its digest; what is booked is left out, and so are rebookings that none can see any
    more, see `of_year`.
    """
    c = rebookings.c
    query = _of_year(sa.select(c.enterprise, c.binding, c.lines, c.versions), by_method=True)
    asked = _asked(enterprises, accounting_year, method_id)
    return connection.execute(query.where(_is_seen()), asked).mappings().all()


def _asked(enterprises: Collection[str], accounting_year: int, method_id: str) -> dict[str, object]:
    """Return what `_of_year` is asked with."""
    return {
        "enterprises": sorted(enterprises),
        "accounting_year": accounting_year,
        "method_id": method_id,
    }


@cache
def _whole(*, by_method: bool, in_past: bool) -> sa.Select[*tuple[Any, ...]]:
    """Return the query of a year's rebookings: to make it costs as much as to ask it."""
    as_of = sa.bindparam("as_of", type_=sa.BigInteger) if in_past else None
    return _of_year(sa.select(rebookings), by_method=by_method).where(_is_seen(as_of))


def _of_year(query: sa.Select[*tuple[Any, ...]], *, by_method: bool) -> sa.Select[*tuple[Any, ...]]:
    c = rebookings.c
    of_year = query.where(
        c.enterprise.in_(sa.bindparam("enterprises", expanding=True)),
        c.accounting_year == sa.bindparam("accounting_year"),
    ).order_by(c.revision)
    return of_year.where(c.method_id == sa.bindparam("method_id")) if by_method else of_year


def of_year(
    connection: sa.Connection,
    enterprises: Collection[str],
    accounting_year: int,
    method_id: str = "",
    as_of: int | None = None,
) -> list[Rebooking]:
    """Return the rebookings of a year, oldest first; those there were at the revision `as_of`.

    One that a later one of the very same lines follows is left out: it made no version that is
    still the newest.
    """
    query = _whole(by_method=bool(method_id), in_past=as_of is not None)
    asked = _asked(enterprises, accounting_year, method_id) | {"as_of": as_of}
    rows = connection.execute(query, asked).mappings().all()
    bound = bindings.get(connection, {row["binding"] for row in rows}) if rows else {}
    return [
        Rebooking(
            enterprise=row["enterprise"],
            binding=bound[row["binding"]],
            registry_revision=row["registry_revision"],
            lines=row["lines"],
            versions=row["versions"],
            booking=Booking(
                co2_g=row["co2_g"],
                other_mg={Gas(gas): mg for gas, mg in row["other_mg"].items()},
                co2e_g=row["co2e_g"],
            ),
            revision=row["revision"],
        )
        for row in rows
    ]


def _is_seen(as_of: sa.BindParameter[int] | None = None) -> sa.ColumnElement[bool]:
    """Return the condition of a rebooking that no other of the same lines follows, or did then."""
    c = rebookings.c
    follows = sa.select(_newer.c.revision).where(
        _newer.c.enterprise == c.enterprise,
        _newer.c.accounting_year == c.accounting_year,
        _newer.c.method_id == c.method_id,
        _newer.c.revision > c.revision,
        sa.cast(_newer.c.lines, sa.Text) == sa.cast(c.lines, sa.Text),
    )
    if as_of is None:
        return ~follows.exists()
    return sa.and_(c.revision <= as_of, ~follows.where(_newer.c.revision <= as_of).exists())
