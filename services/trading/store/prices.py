"""Published prices in the database: every version stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa

from services.kernel.period import Period
from services.runtime.columns import DecimalText
from services.runtime.revision import Revision
from services.runtime.stored import Sourced, from_source, to_source
from services.trading.domain.price import Price, PriceKind
from services.trading.domain.versioned import Versioned
from services.trading.store.tables import from_version, metadata, next_version, to_version


class PriceColumns(Sourced):
    """One row a version of a price."""

    product: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    kind: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    start_date: sa.Named[date] = sa.Column(sa.Date, primary_key=True)
    end_date: sa.Named[date] = sa.Column(sa.Date, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    price_cny_per_t: sa.Named[Decimal] = sa.Column(DecimalText)
    volume_t: sa.Named[int] = sa.Column(sa.BigInteger)
    price_basis: sa.Named[str] = sa.Column(sa.Text)


prices = sa.Table("prices", metadata, PriceColumns)
_NEWER = prices.alias("newer")

Key = tuple[str, PriceKind, Period]
PageKey = tuple[date, date, str]
"""End, start and kind: the order of a product's prices."""


def add(
    connection: sa.Connection,
    rows: Sequence[tuple[Price, Versioned[Price] | None]],
    revision: Revision,
) -> None:
    """Insert each price as the version after the one beside it."""
    values = [
        {
            "product": price.product,
            "kind": price.kind.value,
            "start_date": price.period.start,
            "end_date": price.period.end,
            "price_cny_per_t": price.price_cny_per_t,
            "volume_t": price.volume_t,
            "price_basis": price.price_basis,
            **from_source(price.source),
            **from_version(next_version(price, before, revision)),
        }
        for price, before in rows
    ]
    connection.execute(sa.insert(prices), values)


def current(connection: sa.Connection, products: frozenset[str]) -> Mapping[Key, Versioned[Price]]:
    """Return the current version of every price of some products."""
    which = prices.c.product.in_(sorted(products))
    return {each.value.key: each for each in _select(connection, which)}


def ended_last(
    connection: sa.Connection, product: str, *, by: date, kind: PriceKind | None = None
) -> list[Versioned[Price]]:
    """Return the prices whose period ended last by the end of a day: several may end together."""
    c = prices.c
    which = sa.and_(c.product == product, c.end_date <= _day_after(by))
    if kind is not None:
        which = sa.and_(which, c.kind == kind.value)
    last = connection.execute(sa.select(sa.func.max(c.end_date)).where(which)).scalar_one()
    return [] if last is None else _select(connection, sa.and_(which, c.end_date == last))


def page(
    connection: sa.Connection, product: str, *, after: PageKey | None, size: int
) -> list[Versioned[Price]]:
    """Return the current prices of a product after a key, oldest first."""
    c = prices.c
    which = c.product == product
    if after is not None:
        end, start, kind = (sa.literal(part) for part in after)
        which = sa.and_(
            which, sa.tuple_(c.end_date, c.start_date, c.kind) > sa.tuple_(end, start, kind)
        )
    return _select(connection, which, limit=size)


def page_key(price: Price) -> PageKey:
    """Return where a price stands in the order of its product."""
    return price.period.end, price.period.start, price.kind.value


def _select(
    connection: sa.Connection, which: sa.ColumnElement[bool], *, limit: int | None = None
) -> list[Versioned[Price]]:
    c, newer = prices.c, _NEWER
    newest = (
        sa.select(sa.func.max(newer.c.version))
        .where(
            newer.c.product == c.product,
            newer.c.kind == c.kind,
            newer.c.start_date == c.start_date,
            newer.c.end_date == c.end_date,
        )
        .scalar_subquery()
    )
    query = (
        sa.select(prices)
        .where(which, c.version == newest)
        .order_by(c.end_date, c.start_date, c.kind)
        .limit(limit)
    )
    return [to_version(_price(row), row) for row in connection.execute(query).mappings()]


def _day_after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def _price(row: sa.RowMapping) -> Price:
    return Price(
        product=row["product"],
        kind=PriceKind(row["kind"]),
        period=Period(start=row["start_date"], end=row["end_date"]),
        price_cny_per_t=row["price_cny_per_t"],
        volume_t=row["volume_t"],
        price_basis=row["price_basis"],
        source=to_source(row),
    )
