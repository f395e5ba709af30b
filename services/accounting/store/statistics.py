"""Statistics: every version of a fact stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from services.accounting.domain.indicator.statistic import Fact, Statistic
from services.accounting.store.tables import metadata
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class StatisticColumns(Stored):
    """One row a version of a fact."""

    owner: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    statistic: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    input_id: sa.Named[str] = sa.Column(sa.Text)
    subject: sa.Named[str] = sa.Column(sa.Text)
    start_date: sa.Named[date] = sa.Column(sa.Date)
    end_date: sa.Named[date] = sa.Column(sa.Date)
    value: sa.Named[str] = sa.Column(sa.Text)
    """The digits as the reporter wrote them."""
    unit_code: sa.Named[str] = sa.Column(sa.Text)
    price_base_year: sa.Named[int] = sa.Column(sa.Integer)
    source: sa.Named[str] = sa.Column(sa.Text)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    reporter: sa.Named[str] = sa.Column(sa.Text)


statistics = sa.Table("statistics", metadata, StatisticColumns)
_newer = statistics.alias("newer")


def add(
    connection: sa.Connection, reported: Sequence[Statistic], revision: Revision
) -> list[Statistic]:
    """Insert versions of facts; return them as they are stored."""
    if reported:
        connection.execute(
            sa.insert(statistics),
            [
                {
                    "owner": each.fact.owner,
                    "statistic": each.fact.statistic_id,
                    "version": each.version,
                    "input_id": each.fact.input_id,
                    "subject": each.fact.subject,
                    "start_date": each.fact.period.start,
                    "end_date": each.fact.period.end,
                    "value": each.quantity.text,
                    "unit_code": each.quantity.unit,
                    "price_base_year": each.price_base_year,
                    "source": each.source,
                    "evidence": each.evidence,
                    "reporter": each.reporter,
                    "create_time": revision.commit_time,
                    "revision": revision.number,
                }
                for each in reported
            ],
        )
    return [
        replace(each, revision=revision.number, create_time=revision.commit_time)
        for each in reported
    ]


def find(
    connection: sa.Connection, fact: Fact, *, version: int = 0, as_of: int | None = None
) -> Statistic | None:
    """Return a version of a fact; None where there is none.

    The current one for 0; the one that was current at the revision `as_of`.
    """
    c = statistics.c
    of_version = c.version == version if version else _is_current(as_of)
    which = sa.and_(c.owner == fact.owner, c.statistic == fact.statistic_id, of_version)
    return next(iter(_select(connection, which)), None)


def current(connection: sa.Connection, facts: Collection[Fact]) -> dict[Fact, Statistic]:
    """Return the current version of each of the facts that has one; all are of one owner."""
    owners = {fact.owner for fact in facts}
    ids = sorted({fact.statistic_id for fact in facts})
    c = statistics.c
    which = sa.and_(c.owner.in_(owners), c.statistic.in_(ids), _is_current())
    return {each.fact: each for each in _select(connection, which)}


def page(connection: sa.Connection, owner: str, *, after: str, size: int) -> list[Statistic]:
    """Return the current facts of an owner after an id, by id."""
    c = statistics.c
    which = sa.and_(c.owner == owner, c.statistic > after, _is_current())
    return _select(connection, which, limit=size)


def known(
    connection: sa.Connection,
    owners: Collection[str],
    inputs: Collection[str],
    years: Collection[int],
    as_of: int | None = None,
) -> list[Statistic]:
    """Return the facts of owners about inputs in years, as they are or were at a revision."""
    if not owners or not inputs or not years:
        return []
    c = statistics.c
    which = sa.and_(
        c.owner.in_(sorted(owners)),
        c.input_id.in_(sorted(inputs)),
        sa.or_(*(sa.between(c.start_date, *_ends(year)) for year in sorted(set(years)))),
        _is_current(as_of),
    )
    return _select(connection, which)


def _ends(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _is_current(as_of: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition of a version that no next one follows, or none did at a revision.

    Versions have no gaps.
    """
    follows = sa.select(_newer.c.version).where(
        _newer.c.owner == statistics.c.owner,
        _newer.c.statistic == statistics.c.statistic,
        _newer.c.version == statistics.c.version + 1,
    )
    if as_of is None:
        return ~follows.exists()
    followed = follows.where(_newer.c.revision <= as_of)
    return sa.and_(statistics.c.revision <= as_of, ~followed.exists())


def _select(
    connection: sa.Connection, which: sa.ColumnElement[bool], *, limit: int | None = None
) -> list[Statistic]:
    c = statistics.c
    rows = connection.execute(
        sa.select(statistics).where(which).order_by(c.owner, c.statistic).limit(limit)
    ).mappings()
    return [_statistic(row) for row in rows]


def _statistic(row: sa.RowMapping) -> Statistic:
    return Statistic(
        fact=Fact(
            owner=row["owner"],
            input_id=row["input_id"],
            subject=row["subject"],
            period=Period(start=row["start_date"], end=row["end_date"]),
        ),
        quantity=Quantity.parse(row["value"], row["unit_code"]),
        price_base_year=row["price_base_year"],
        source=row["source"],
        evidence=row["evidence"],
        reporter=row["reporter"],
        version=row["version"],
        revision=row["revision"],
        create_time=row["create_time"],
    )
