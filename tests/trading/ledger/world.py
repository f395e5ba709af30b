"""Books to post to, and transfers in words."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from services.kernel.errors import DomainError
from services.runtime import revision
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.ledger.chain import Finding, Link
from services.trading.domain.ledger.chart import InstrumentKind, Kind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.ledger.transfer import Phase, Transfer, Wanted
from services.trading.store.ledger import posting
from services.trading.store.ledger.group import Group
from tests.trading import builders

DAY = date(2025, 10, 31)
PRINCIPAL = "principals/desk"
_own = threading.local()
INSTRUMENTS = {
    "cea-2024": (InstrumentKind.ALLOWANCE, 2024, ""),
    "cea-2023": (InstrumentKind.ALLOWANCE, 2023, ""),
    "ccer-1": (InstrumentKind.OFFSET, 2022, "CCER-01-001"),
    "cny": (InstrumentKind.CASH, 0, ""),
}


def fill(database: Database, *books: str) -> None:
    """Make books without transfers, and the instruments."""
    open_books(database, *books)
    with database.write() as connection:
        at = revision.take(connection)
        for id_, (kind, vintage, project) in INSTRUMENTS.items():
            instrument = Instrument(
                instrument=id_, kind=kind, vintage_year=vintage, project=project
            )
            store.ledger.instruments.add(connection, instrument, at)


def open_books(database: Database, *books: str) -> None:
    """Make books without transfers."""
    with database.write() as connection:
        at = revision.take(connection)
        for book in books:
            store.accounts.add(connection, builders.account(book), at)


def wanted(  # noqa: PLR0913 (a field each)
    id_: str,
    what: str,
    *,
    book: str = "chp",
    on: date = DAY,
    settled: date | None = None,
    timeout: datetime | None = None,
) -> Wanted:
    """Written as "SALE 10 cea-2024", "PENDING SALE 10 cea-2024", "POST_PENDING p-1 5"."""
    words = what.split()
    phase, *rest = words if words[0] in {*Phase} else ["POSTED", *words]
    first = Phase(phase) in {Phase.POSTED, Phase.PENDING}
    return Wanted(
        book=book,
        transfer=id_,
        phase=Phase(phase),
        kind=Kind[rest[0]] if first else None,
        instrument=rest[2] if first else "",
        unit_count=int(rest[1]) if len(rest) > 1 else 0,
        target="" if first else rest[0],
        timeout_time=timeout,
        trade_date=on,
        settlement_date=settled or on,
        evidence=f"note of {id_}",
    )


def group(*together: Wanted, request_id: str = "") -> Group:
    """Return transfers that stand or fall together."""
    return Group(wanted=together, principal=PRINCIPAL, request_id=request_id)


def post(
    database: Database, *groups: Group | Wanted, now: datetime | None = None
) -> list[list[Transfer] | DomainError]:
    """Post groups in one transaction; a transfer by itself is a group.

    Where no moment is given, as the service does, by the memory of this thread: what others post
    meanwhile it does not know.
    """
    all_ = [group(each) if isinstance(each, Wanted) else each for each in groups]
    if now is None:
        if getattr(_own, "database", None) is not database:
            _own.database, _own.poster = database, posting.Poster(database)
        outcomes: list[list[Transfer] | DomainError] = _own.poster(all_)
        return outcomes
    with database.append() as connection:
        return posting.post_in(connection, all_, now)


def post_all(database: Database, *transfers: Wanted) -> None:
    """Post transfers that must be taken."""
    for outcome in post(database, *transfers):
        taken(outcome)


def post_all_of(database: Database, *groups: Group) -> None:
    """Post groups that must be taken."""
    for outcome in post(database, *groups):
        taken(outcome)


def reasons(outcomes: Sequence[list[Transfer] | DomainError]) -> list[str]:
    """Return the reason of each refusal, "" for what was posted."""
    return [each.reason if isinstance(each, DomainError) else "" for each in outcomes]


def taken(outcome: list[Transfer] | DomainError) -> list[Transfer]:
    """Return what was posted."""
    assert isinstance(outcome, list), outcome
    return outcome


def balances(database: Database, book: str = "chp") -> dict[str, tuple[int, int]]:
    """Return balance and reserved of each ledger account, by "cea-2024 HELD"."""
    with database.read() as connection:
        found = store.ledger.balances.standings(connection, book)
    return {
        f"{instrument} {purpose.value}": (standing.balance, standing.reserved)
        for (_, instrument, purpose), standing in found.items()
    }


def findings(database: Database, *books: str) -> list[Finding]:
    """Return what does not agree in any book, or in any of these."""
    with database.read() as connection:
        return [
            finding
            for book in books or store.ledger.chains.books(connection)
            for finding in store.ledger.chains.verify(connection, book)[1]
        ]


def transfer_ids(database: Database, book: str = "chp") -> list[str]:
    """Return the ids of a book's transfers, in the order of its chain."""
    with database.read() as connection:
        return [
            link.transfer.transfer
            for _, link in store.ledger.transfers.links(connection, book)
            if link is not None
        ]


def linked(transfers: Iterable[Transfer]) -> Iterator[Link]:
    """Yield the links of a chain that is in memory."""
    open_: dict[int | None, Transfer] = {}
    for each in transfers:
        yield Link(each, open_.pop(each.target_number, None))
        open_[each.number] = each


def now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)
