"""A movement on an account: one form for the ledger's and for a statement's."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from services.trading.domain.ledger.chart import InstrumentKind, Kind, Purpose
from services.trading.domain.ledger.instrument import Instrument

ON_ACCOUNT: Final = frozenset({Purpose.HELD, Purpose.ORDERED, Purpose.PLEDGED, Purpose.FROZEN})
"""Where units lie on the enterprise's own account outside: what is delivered for an obligation has
left it, what is ordered, pledged or frozen has not."""


class Line(NamedTuple):
    """One movement. A tuple, since many are compared; its fields are always named."""

    id: str
    """The id of the transfer, or the statement's own number of the line."""
    book: str
    instrument: str
    unit_count: int
    """Tonnes or fen, positive where the account receives."""
    day: date
    """When it was settled."""
    reference: str = ""
    """In a statement: the id of the transfer that it repeats; empty where it repeats none."""
    reverses: str = ""
    """The id of the transfer or line that it takes back."""
    traded_count: int = 0
    """In a statement: what was agreed, signed as `unit_count`; 0 where it does not say."""
    kind: str = ""
    """Which kind of transfer it is; empty where a statement does not say."""
    note: str = ""
    """In the ledger: the evidence."""


def sign_of(kind: Kind) -> int:
    """Return 1 where the account receives by a kind, -1 where it gives, 0 where neither.

    >>> sign_of(Kind.PURCHASE), sign_of(Kind.SURRENDER), sign_of(Kind.PLEDGE)
    (1, -1, 0)
    """
    return moved(kind.debit, kind.credit)


def moved(debit: str, credit: str) -> int:
    """Return the sign of a movement between two purposes, 0 where it does not leave the account.

    >>> moved("HELD", "MARKET"), moved("SURRENDERED", "HELD"), moved("PLEDGED", "HELD")
    (1, -1, 0)
    """
    return (debit in ON_ACCOUNT) - (credit in ON_ACCOUNT)


def family(instrument: Instrument) -> str:
    """Return what an instrument is one vintage of: another of it would be a wrong vintage.

    Vintages of allowances are one family, those of one project's reductions another.
    """
    if instrument.kind is InstrumentKind.OFFSET:
        return f"{instrument.kind}/{instrument.project}"
    return instrument.kind.value
