"""What positions are made of, read from the tables of the other nouns."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from services.trading.domain.account import Account
from services.trading.domain.market import Market
from services.trading.domain.position import Facts
from services.trading.domain.price import Price, PriceKind, preferred
from services.trading.domain.rulebook import Shelf
from services.trading.domain.versioned import Versioned
from services.trading.store import allocations, holdings, obligations, prices


def facts(connection: sa.Connection, account: Account, compliance_year: int, shelf: Shelf) -> Facts:
    """Return what is known of an account for a year."""
    return Facts(
        account=account,
        compliance_year=compliance_year,
        rulebook=shelf.find(account.sector, compliance_year),
        allocation=allocations.newest(connection, account, compliance_year),
        obligation=obligations.newest(connection, account, compliance_year),
        statements=holdings.statements(connection, account),
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
