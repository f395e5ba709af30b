"""What is known of all that an instruction touches, as its checks need it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import sqlalchemy as sa

from services.runtime.auth import EVERYONE, Tenant
from services.trading.domain import exchange
from services.trading.domain.desk.checks.case import Facts
from services.trading.domain.desk.instruction import Content
from services.trading.domain.desk.rules import DeskRules
from services.trading.domain.desk.trade import Trade
from services.trading.domain.due import Due, dues
from services.trading.domain.ledger.chain import Standing
from services.trading.domain.ledger.chart import Kind, Purpose
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.ledger.transfer import AccountKey, Phase, Transfer
from services.trading.domain.offset import OffsetFacts
from services.trading.domain.price import Price, PriceKind
from services.trading.store import accounts, offsets, positions, prices, reconciliation
from services.trading.store.desk import counterparties, limits
from services.trading.store.ledger import instruments, transfers
from services.trading.store.ledger.tables import accounts as ledger_accounts
from services.trading.store.ledger.tables import transfers as table
from services.trading.store.positions import Rules

_DAY = timedelta(days=1)
_DELIVERING = (Kind.SURRENDER, Kind.OFFSET_CANCELLATION)


def load(
    connection: sa.Connection, tenant: Tenant, rules: DeskRules, account: str, content: Content
) -> Facts:
    """Return what is known now of what an instruction of `account` wants."""
    known = _known(connection, content)
    wanted = {each.instrument for each in content.wanted if each.instrument}
    wanted |= {each.instrument for each in known.values()}
    trade, product, close = content.trade, "", None
    if trade is not None:
        wanted |= {trade.instrument, trade.cash_instrument}
    found = _instruments(connection, wanted)
    if trade is not None and trade.instrument in found:
        vintage = found[trade.instrument].vintage_year
        product = rules.market.products.get(vintage, "")
        close = _close(connection, product, trade.trade_date)
    return Facts(
        books=_open(connection, tenant, {account, *content.books}),
        blocked=frozenset(
            book for book in content.books if reconciliation.blocked(connection, book)
        ),
        instruments=found,
        standings=_standings(connection, content.books),
        known=known,
        settled=_settled(connection, known.values()),
        limits=limits.in_force(connection),
        counterparties=counterparties.usable(connection, account),
        rules=None if trade is None else exchange.on(rules.exchange, trade.trade_date),
        days=rules.days,
        product=product,
        close=close,
        dues=_dues(connection, rules, content),
        offsets=_offsets(connection, content),
        offset_rules=rules.compliance.offsets,
        recorded="" if trade is None else _recorded(connection, account, trade),
        bought_count={} if trade is None else _bought(connection, content, trade.trade_date),
        longest_days=rules.instruction_days,
    )


def _dues(connection: sa.Connection, rules: DeskRules, content: Content) -> dict[str, list[Due]]:
    """Return the years of the books from which something is delivered, by all that is posted."""
    of = Rules(shelf=rules.shelf, compliance=rules.compliance)
    books = {each.book for each in content.wanted if each.kind in _DELIVERING}
    found = {book: accounts.find(connection, EVERYONE, book) for book in sorted(books)}
    return {
        book: dues(
            each.value,
            rules.shelf,
            rules.compliance,
            positions.settlements(connection, each.value, of, by=date.max),
        )
        for book, each in found.items()
        if each is not None
    }


def _offsets(connection: sa.Connection, content: Content) -> dict[tuple[str, str], OffsetFacts]:
    books = {each.book for each in content.wanted if each.kind is Kind.OFFSET_CANCELLATION}
    found = {book: accounts.find(connection, EVERYONE, book) for book in sorted(books)}
    return {
        (book, instrument): stored.value
        for book, each in found.items()
        if each is not None
        for instrument, stored in offsets.newest(connection, each.value).items()
    }


def _open(connection: sa.Connection, tenant: Tenant, books: Iterable[str]) -> frozenset[str]:
    return frozenset(book for book in books if accounts.find(connection, tenant, book) is not None)


def _instruments(connection: sa.Connection, wanted: Iterable[str]) -> dict[str, Instrument]:
    found = {each: instruments.find(connection, each) for each in wanted}
    return {id_: each.value for id_, each in found.items() if each is not None}


def _known(connection: sa.Connection, content: Content) -> dict[tuple[str, str], Transfer]:
    """Return the transfers that are wanted or named, where they exist."""
    ids = {(each.book, each.transfer) for each in content.wanted}
    ids |= {(each.book, each.target) for each in content.wanted if each.target}
    found = {key: transfers.find(connection, *key) for key in sorted(ids)}
    return {key: each for key, each in found.items() if each is not None}


def _settled(connection: sa.Connection, known: Iterable[Transfer]) -> frozenset[tuple[str, str]]:
    c = table.c
    return frozenset(
        (each.book, each.transfer)
        for each in known
        if connection.execute(
            sa.select(c.number).where(c.book == each.book, c.target_number == each.number)
        ).first()
    )


def _standings(connection: sa.Connection, books: Iterable[str]) -> dict[AccountKey, Standing]:
    c = ledger_accounts.c
    query = sa.select(ledger_accounts).where(c.book.in_(sorted(books)))
    return {
        (row.book, row.instrument, Purpose(row.purpose)): Standing(
            row.balance, row.reserved, row.version
        )
        for row in connection.execute(query)
    }


def _close(connection: sa.Connection, product: str, day: date) -> Price | None:
    """Return the newest close of one day before `day`; a month's or a year's is none."""
    found = prices.ended_last(connection, product, by=day - _DAY, kind=PriceKind.CLOSE)
    of_a_day = [
        each.value for each in found if each.value.period.end - each.value.period.start == _DAY
    ]
    return of_a_day[0] if of_a_day else None


def _recorded(connection: sa.Connection, account: str, trade: Trade) -> str:
    """Return the transfer by which a block trade is in the account's books, or "".

    That is one of the same note, day, units and direction which nothing took back.
    """
    c, back = table.c, table.alias("back")
    query = sa.select(c.transfer).where(
        c.book == account,
        c.phase == Phase.POSTED.value,
        c.kind == trade.kind.name,
        c.instrument == trade.instrument,
        c.unit_count == trade.unit_count,
        c.trade_date == trade.trade_date,
        c.evidence == trade.evidence,
        ~sa.exists().where(back.c.book == c.book, back.c.target_number == c.number),
    )
    return connection.execute(query.limit(1)).scalar_one_or_none() or ""


def _bought(connection: sa.Connection, content: Content, day: date) -> dict[tuple[str, str], int]:
    """Return what was bought on a day, by book and instrument, less what was reversed."""
    c = table.c
    change = sa.case((c.phase == Phase.REVERSAL.value, -c.unit_count), else_=c.unit_count)
    query = (
        sa.select(c.book, c.instrument, sa.func.sum(change).label("unit_count"))
        .where(
            c.book.in_(sorted(content.books)),
            c.kind == Kind.PURCHASE.name,
            c.trade_date == day,
        )
        .group_by(c.book, c.instrument)
    )
    return {(row.book, row.instrument): int(row.unit_count) for row in connection.execute(query)}
