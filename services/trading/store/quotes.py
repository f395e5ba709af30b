"""Quotes in the database, and the texts that they were read from: every version stays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import sqlalchemy as sa

from services.runtime.columns import DecimalText
from services.runtime.revision import Revision
from services.runtime.stored import Sourced, Stored, from_source, to_source
from services.trading.domain.quotes.quote import Quote, Turnover
from services.trading.domain.versioned import Versioned
from services.trading.store.tables import from_version, metadata, next_version, to_version

_MODES = ("listed", "block", "auction")
_PRICES = ("open_cny_per_t", "high_cny_per_t", "low_cny_per_t", "close_cny_per_t")


class QuoteColumns(Sourced):
    """One row a version of a quote."""

    product: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    day: sa.Named[date] = sa.Column(sa.Date, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    open_cny_per_t: sa.Named[Decimal | None] = sa.Column(DecimalText)
    high_cny_per_t: sa.Named[Decimal | None] = sa.Column(DecimalText)
    low_cny_per_t: sa.Named[Decimal | None] = sa.Column(DecimalText)
    close_cny_per_t: sa.Named[Decimal | None] = sa.Column(DecimalText)
    listed_volume_t: sa.Named[int | None] = sa.Column(sa.BigInteger)
    listed_amount_fen: sa.Named[int | None] = sa.Column(sa.BigInteger)
    block_volume_t: sa.Named[int | None] = sa.Column(sa.BigInteger)
    block_amount_fen: sa.Named[int | None] = sa.Column(sa.BigInteger)
    auction_volume_t: sa.Named[int | None] = sa.Column(sa.BigInteger)
    auction_amount_fen: sa.Named[int | None] = sa.Column(sa.BigInteger)


class BulletinColumns(Stored):
    """One row a text that quotes were read from, as it came."""

    digest: sa.Named[bytes] = sa.Column(sa.LargeBinary, primary_key=True)
    content: sa.Named[str] = sa.Column(sa.Text)


quotes = sa.Table("quotes", metadata, QuoteColumns)
_NEWER = quotes.alias("newer")
bulletins = sa.Table("bulletins", metadata, BulletinColumns)

Key = tuple[str, date]


def add(
    connection: sa.Connection,
    rows: Sequence[tuple[Quote, Versioned[Quote] | None]],
    revision: Revision,
) -> None:
    """Insert each quote as the version after the one beside it."""
    values = [
        {
            "product": quote.product,
            "day": quote.day,
            **{name: getattr(quote, name) for name in _PRICES},
            **_turnovers(quote),
            **from_source(quote.source),
            **from_version(next_version(quote, before, revision)),
        }
        for quote, before in rows
    ]
    connection.execute(sa.insert(quotes), values)


def keep(connection: sa.Connection, text: str, revision: Revision) -> bytes:
    """Keep the text of a bulletin unless it is there; return its SHA-256."""
    digest = hashlib.sha256(text.encode()).digest()
    c = bulletins.c
    if connection.execute(sa.select(c.digest).where(c.digest == digest)).first() is None:
        connection.execute(
            sa.insert(bulletins).values(
                digest=digest,
                content=text,
                create_time=revision.commit_time,
                revision=revision.number,
            )
        )
    return digest


def current(connection: sa.Connection, days: frozenset[date]) -> Mapping[Key, Versioned[Quote]]:
    """Return the current version of every quote of some days."""
    found = _select(connection, quotes.c.day.in_(sorted(days)))
    return {each.value.key: each for each in found}


def close_before(connection: sa.Connection, product: str, day: date) -> Decimal | None:
    """Return the close of a product on the last day before `day` that has one, or None."""
    c = quotes.c
    which = sa.and_(c.product == product, c.day < day, c.close_cny_per_t.is_not(None))
    last = connection.execute(sa.select(sa.func.max(c.day)).where(which)).scalar_one()
    if last is None:
        return None
    (found,) = _select(connection, sa.and_(c.product == product, c.day == last))
    return found.value.close_cny_per_t


def page(
    connection: sa.Connection, product: str, *, after: date | None, size: int
) -> list[Versioned[Quote]]:
    """Return the current quotes of a product after a day, oldest first."""
    which = quotes.c.product == product
    if after is not None:
        which = sa.and_(which, quotes.c.day > after)
    return _select(connection, which, limit=size)


def _select(
    connection: sa.Connection, which: sa.ColumnElement[bool], *, limit: int | None = None
) -> list[Versioned[Quote]]:
    c, newer = quotes.c, _NEWER
    newest = (
        sa.select(sa.func.max(newer.c.version))
        .where(newer.c.product == c.product, newer.c.day == c.day)
        .scalar_subquery()
    )
    query = (
        sa.select(quotes).where(which, c.version == newest).order_by(c.day, c.product).limit(limit)
    )
    return [to_version(_quote(row), row) for row in connection.execute(query).mappings()]


def _turnovers(quote: Quote) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for mode in _MODES:
        turnover: Turnover | None = getattr(quote, mode)
        found[f"{mode}_volume_t"] = None if turnover is None else turnover.volume_t
        found[f"{mode}_amount_fen"] = None if turnover is None else turnover.amount_fen
    return found


def _turnover(row: sa.RowMapping, mode: str) -> Turnover | None:
    volume_t = row[f"{mode}_volume_t"]
    if volume_t is None:
        return None
    return Turnover(volume_t=volume_t, amount_fen=row[f"{mode}_amount_fen"])


def _quote(row: sa.RowMapping) -> Quote:
    return Quote(
        product=row["product"],
        day=row["day"],
        open_cny_per_t=row["open_cny_per_t"],
        high_cny_per_t=row["high_cny_per_t"],
        low_cny_per_t=row["low_cny_per_t"],
        close_cny_per_t=row["close_cny_per_t"],
        listed=_turnover(row, "listed"),
        block=_turnover(row, "block"),
        auction=_turnover(row, "auction"),
        source=to_source(row),
    )
