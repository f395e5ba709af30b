"""Cost policies and declarations in the database, and what portfolios are made of.

Each query takes a book: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from services.runtime import revision as revisions
from services.runtime.revision import Revision
from services.runtime.stored import Stored
from services.trading.domain.ledger.as_of import NOW, AsOf
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.market import Market
from services.trading.domain.portfolio.cost import Method, Order, Policy
from services.trading.domain.portfolio.event import Event, events
from services.trading.domain.portfolio.holding import Facts
from services.trading.domain.price import Price
from services.trading.domain.quotes.reductions import PRODUCT
from services.trading.domain.versioned import Versioned
from services.trading.store import ledger, positions
from services.trading.store.tables import from_version, metadata, next_version, to_version


class PolicyColumns(Stored):
    """One row a version of an account's cost policy."""

    book: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    method: sa.Named[str] = sa.Column(sa.Text)
    sale_order: sa.Named[str] = sa.Column(sa.Text)
    other_order: sa.Named[str] = sa.Column(sa.Text)
    evidence: sa.Named[str] = sa.Column(sa.Text)


class DisposalColumns(Stored):
    """One row a declaration of which units a transfer took."""

    book: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("accounts.account"), primary_key=True)
    transfer: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    free_count: sa.Named[int] = sa.Column(sa.BigInteger)
    evidence: sa.Named[str] = sa.Column(sa.Text)
    principal: sa.Named[str] = sa.Column(sa.Text)


policies = sa.Table("cost_policies", metadata, PolicyColumns)
disposals = sa.Table("disposals", metadata, DisposalColumns)


def policy(
    connection: sa.Connection, book: str, known: int | None = None
) -> Versioned[Policy] | None:
    """Return the newest policy of a book, of those known at a revision; None where none is."""
    c = policies.c
    which = [c.book == book] + ([] if known is None else [c.revision <= known])
    query = sa.select(policies).where(*which).order_by(c.version.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    found = Policy(
        method=Method(row["method"]),
        sale_order=Order(row["sale_order"]),
        other_order=Order(row["other_order"]),
        evidence=row["evidence"],
    )
    return to_version(found, row)


def declare(
    connection: sa.Connection,
    book: str,
    wanted: Policy,
    before: Versioned[Policy] | None,
    revision: Revision,
) -> Versioned[Policy]:
    """Insert a policy as the version after `before`; return it."""
    stored = next_version(wanted, before, revision)
    connection.execute(
        sa.insert(policies).values(
            book=book,
            method=wanted.method.value,
            sale_order=wanted.sale_order.value,
            other_order=wanted.other_order.value,
            evidence=wanted.evidence,
            **from_version(stored),
        )
    )
    return stored


def declare_disposal(  # noqa: PLR0913 (a column each)
    connection: sa.Connection,
    book: str,
    transfer: str,
    *,
    free_count: int,
    evidence: str,
    principal: str,
    revision: Revision,
) -> int:
    """Insert a declaration unless the newest says the same; return its version."""
    c = disposals.c
    newest = connection.execute(
        sa.select(c.version, c.free_count, c.evidence)
        .where(c.book == book, c.transfer == transfer)
        .order_by(c.version.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and (newest.free_count, newest.evidence) == (free_count, evidence):
        return int(newest.version)
    version = 1 if newest is None else int(newest.version) + 1
    connection.execute(
        sa.insert(disposals).values(
            book=book,
            transfer=transfer,
            version=version,
            free_count=free_count,
            evidence=evidence,
            principal=principal,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return version


def declared(connection: sa.Connection, book: str, known: int | None = None) -> dict[str, int]:
    """Return the free units of transfers that somebody declared, the newest of each."""
    c = disposals.c
    which = [c.book == book] + ([] if known is None else [c.revision <= known])
    query = sa.select(c.transfer, c.free_count).where(*which).order_by(c.version)
    return {row.transfer: row.free_count for row in connection.execute(query)}


def happened(connection: sa.Connection, book: str, as_of: AsOf = NOW) -> list[Event]:
    """Return what happened to the units of a book, of what counts."""
    kinds = {each.value.instrument: each.value.kind for each in ledger.instruments.page(connection)}
    return events(ledger.transfers.counted(connection, book, as_of), kinds)


def facts(connection: sa.Connection, book: str, market: Market, *, on: date, as_of: AsOf) -> Facts:
    """Return what a portfolio of a book is made of."""
    if as_of.trade_date is None and as_of.settlement_date is None:
        as_of = replace(as_of, settlement_date=on)
    known = revisions.as_of(connection, as_of.record_time)
    instruments = [each.value for each in ledger.instruments.page(connection)]
    return Facts(
        book=book,
        valuation_date=on,
        instruments=instruments,
        standings=ledger.balances.standings(connection, book, as_of=as_of),
        events=happened(connection, book, as_of),
        policy=policy(connection, book, known),
        declared=declared(connection, book, known),
        prices=_prices(connection, instruments, market, on),
    )


def _prices(
    connection: sa.Connection, instruments: list[Instrument], market: Market, on: date
) -> dict[str, Versioned[Price]]:
    found: dict[str, Versioned[Price]] = {}
    for each in instruments:
        price = None
        if each.kind is InstrumentKind.ALLOWANCE:
            price = positions.price_of_vintage(connection, each.vintage_year, market, by=on)
        elif each.kind is InstrumentKind.OFFSET:
            price = positions.price(connection, PRODUCT, by=on)
        if price is not None:
            found[each.instrument] = price
    return found
