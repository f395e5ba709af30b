"""What positions are made of, read from the tables of the other nouns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from services.runtime import revision
from services.trading.domain.account import Account
from services.trading.domain.ledger import usable
from services.trading.domain.ledger.as_of import NOW, AsOf
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.usable import Holdings
from services.trading.domain.market import Market
from services.trading.domain.position import Facts, closing_date
from services.trading.domain.price import Price, PriceKind, preferred
from services.trading.domain.rulebook import Shelf
from services.trading.domain.versioned import Versioned
from services.trading.store import allocations, holdings, ledger, obligations, prices


def facts(  # noqa: PLR0913 (an argument each of the question)
    connection: sa.Connection,
    account: Account,
    compliance_year: int,
    shelf: Shelf,
    *,
    on: date,
    as_of: AsOf = NOW,
) -> Facts:
    """Return what is known, or was, of an account for a year on a day."""
    rulebook = shelf.find(account.sector, compliance_year)
    by = closing_date(rulebook, on)
    known = revision.as_of(connection, as_of.record_time)
    return Facts(
        account=account,
        compliance_year=compliance_year,
        rulebook=rulebook,
        allocation=allocations.newest(connection, account, compliance_year, known=known),
        obligation=obligations.newest(connection, account, compliance_year, known=known),
        holdings=_holdings(connection, account, compliance_year, _closed(as_of, by)),
        stated=bool(holdings.statements(connection, account)),
    )


def _closed(as_of: AsOf, by: date) -> AsOf:
    """Return `as_of` without what is after the last day that counts, by the date it asks for."""
    if as_of.trade_date is None and as_of.settlement_date is None:
        return replace(as_of, settlement_date=by)
    return replace(
        as_of,
        trade_date=as_of.trade_date and min(as_of.trade_date, by),
        settlement_date=as_of.settlement_date and min(as_of.settlement_date, by),
    )


def _holdings(
    connection: sa.Connection, account: Account, compliance_year: int, as_of: AsOf
) -> Holdings:
    book = account.account
    instruments = [each.value for each in ledger.instruments.page(connection)]
    standings = ledger.balances.standings(connection, book, as_of=as_of)
    of_year = usable.vintages(instruments, first=compliance_year, last=compliance_year)
    return Holdings(
        held_count=usable.usable_count(
            standings, usable.vintages(instruments, last=compliance_year)
        ),
        issued_count=ledger.balances.moved_count(
            connection, book, of_year, [Kind.ALLOCATION], as_of
        ),
        opened=ledger.chains.head(connection, book).number > 0,
    )


def price(
    connection: sa.Connection, product: str, *, by: date, kind: PriceKind | None = None
) -> Versioned[Price] | None:
    """Return the price of a product on a day, or None."""
    return preferred(prices.ended_last(connection, product, by=by, kind=kind), by)


def price_of_vintage(
    connection: sa.Connection, vintage_year: int, market: Market, *, by: date
) -> Versioned[Price] | None:
    """Return the price that values a vintage on a day: its own, else that of all vintages."""
    for product in market.products_of(vintage_year):
        found = price(connection, product, by=by)
        if found is not None:
            return found
    return None


def years(connection: sa.Connection) -> list[int]:
    """Return the years for which anything was allocated or is owed."""
    of = (allocations.allocations.c.compliance_year, obligations.obligations.c.compliance_year)
    query = sa.union(*(sa.select(column) for column in of))
    return sorted(connection.execute(query).scalars())
