"""What positions are made of, read from the tables of the other nouns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from typing import Final

import sqlalchemy as sa

from services.kernel.period import SHANGHAI
from services.runtime import revision
from services.trading.domain import surrender
from services.trading.domain.account import Account
from services.trading.domain.compliance import Compliance
from services.trading.domain.duty import Actor, Duty, Kind, Standing, standing, urgency
from services.trading.domain.ledger import usable
from services.trading.domain.ledger.as_of import NOW, AsOf
from services.trading.domain.ledger.chart import Kind as Chart
from services.trading.domain.ledger.usable import Holdings
from services.trading.domain.market import Market, Sector
from services.trading.domain.position import Facts, closing_date
from services.trading.domain.price import Price, PriceKind, preferred
from services.trading.domain.rulebook import Rulebook, Shelf
from services.trading.domain.surrender import Owed, Settled
from services.trading.domain.versioned import Versioned
from services.trading.store import (
    allocations,
    deliveries,
    duties,
    holdings,
    ledger,
    obligations,
    prices,
)

_NOTHING_HELD: Final = Holdings(held_count=0, issued_count=0, opened=False)
_MANY: Final = 200
"""From more accounts on, all books are read: their names would make each query long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules that positions are told by."""

    shelf: Shelf
    compliance: Compliance


def facts(  # noqa: PLR0913 (an argument each of the question)
    connection: sa.Connection,
    accounts: Sequence[Account],
    compliance_year: int,
    rules: Rules,
    *,
    on: date,
    as_of: AsOf = NOW,
) -> list[Facts]:
    """Return what is known, or was, of accounts for a year on a day; a few queries for all."""
    known = revision.as_of(connection, as_of.record_time)
    names = None if len(accounts) > _MANY else [each.account for each in accounts]
    allocated = allocations.figures(connection, names, compliance_year, known=known)
    owed = obligations.of_year(connection, names, compliance_year, known=known)
    stated = holdings.stated(connection, names)
    settled = _settled(connection, names, rules, known, _closed(as_of, on))
    records = duties.newest(connection, names, known=known)
    end = datetime.combine(on, time(23, 59, 59), SHANGHAI)
    found: list[Facts] = []
    for sector, of in _by_sector(accounts).items():
        rulebook = rules.shelf.find(sector, compliance_year)
        by = closing_date(rulebook, on)
        held = _holdings(connection, names, compliance_year, rulebook, _closed(as_of, by))
        waiting = _waiting(rules.compliance.calendar, sector, compliance_year, on)
        for account in of:
            name = account.account
            years = settled(account)
            late = surrender.arrears(years, compliance_year, on)
            found.append(
                Facts(
                    account=account,
                    compliance_year=compliance_year,
                    rulebook=rulebook,
                    allocation=allocated.get(name),
                    obligation=owed.get(name),
                    holdings=held.get(name, _NOTHING_HELD),
                    stated=name in stated,
                    arrears=late,
                    next_duty=_next(waiting, name, records, years, end),
                )
            )
    found.sort(key=lambda each: each.account.account)
    return found


def _by_sector(accounts: Sequence[Account]) -> dict[Sector, list[Account]]:
    found: dict[Sector, list[Account]] = {}
    for each in accounts:
        found.setdefault(each.sector, []).append(each)
    return found


def settlements(
    connection: sa.Connection, account: Account, rules: Rules, *, by: date
) -> list[Settled]:
    """Return how an account settled each of its years by a day, whatever is known now."""
    as_of = AsOf(settlement_date=by)
    return _settled(connection, [account.account], rules, None, as_of)(account)


def _settled(
    connection: sa.Connection,
    names: Sequence[str] | None,
    rules: Rules,
    known: int | None,
    as_of: AsOf,
) -> Callable[[Account], list[Settled]]:
    """Return what tells of an account how each of its years was settled."""
    owed = obligations.counts(connection, names, known=known)
    delivered = deliveries.of_books(connection, names, as_of=as_of)

    @cache
    def deadline(sector: Sector, year: int) -> date | None:
        book = rules.shelf.find(sector, year)
        return None if book is None else book.surrender_date

    def of(account: Account) -> list[Settled]:
        years = [
            Owed(
                compliance_year=year,
                deadline=deadline(account.sector, year),
                count=count,
                basis=basis,
            )
            for year, count, basis in owed.get(account.account, ())
        ]
        return surrender.settle(years, delivered.get(account.account, ()), date.max)

    return of


def _waiting(
    calendar: Iterable[Duty], sector: Sector, compliance_year: int, on: date
) -> list[Duty]:
    """Return the duties of enterprises of a sector that are not due before a day."""
    found = [
        each
        for each in calendar
        if each.compliance_year == compliance_year
        and sector in each.sectors
        and each.actor is Actor.ENTERPRISE
        and each.due_date >= on
    ]
    return sorted(found, key=urgency)


def _next(
    waiting: Sequence[Duty],
    account: str,
    records: duties.Records,
    settled: Sequence[Settled],
    now: datetime,
) -> Standing | None:
    for each in waiting:
        record = records.get((account, each.duty))
        found = standing(
            each, now, None if record is None else record.value, done_by_books(each, settled)
        )
        if found.done_time is None:
            return found
    return None


def done_by_books(duty: Duty, settled: Sequence[Settled]) -> dict[str, tuple[datetime, str]]:
    """Return whether the ledger shows that a surrender was done, and when."""
    if duty.kind is not Kind.SURRENDER or duty.actor is not Actor.ENTERPRISE:
        return {}
    for each in settled:
        if each.owed.compliance_year == duty.compliance_year and each.done_date is not None:
            done = datetime.combine(each.done_date, time(), SHANGHAI)
            return {duty.duty: (done, f"ledger: {each.count} t delivered")}
    return {}


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
    connection: sa.Connection,
    names: Sequence[str] | None,
    compliance_year: int,
    rulebook: Rulebook | None,
    as_of: AsOf,
) -> dict[str, Holdings]:
    """Return what the ledger says of books for a year."""
    instruments = [each.value for each in ledger.instruments.page(connection)]
    of_year = usable.vintages(instruments, first=compliance_year, last=compliance_year)
    first, last = (
        (0, compliance_year)
        if rulebook is None
        else (rulebook.vintages.first_year, rulebook.vintages.last_year)
    )
    usable_ones = usable.vintages(instruments, first=first, last=last)
    held = ledger.totals.balances(connection, names, usable_ones, usable.USABLE, as_of)
    issued = ledger.totals.moved(connection, names, of_year, Chart.ALLOCATION, as_of)
    banked = ledger.totals.moved(connection, names, of_year, Chart.CARRY_OVER_IN, as_of)
    return {
        book: Holdings(
            held_count=held.get(book, 0),
            issued_count=issued.get(book, 0),
            banked_count=banked.get(book, 0),
            opened=True,
        )
        for book in ledger.totals.opened(connection, names)
    }


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
