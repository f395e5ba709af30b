"""What happened to units on an account, with the money that belongs to it.

    cost of a purchase    = payments + charges of its link
    proceeds of a sale    = proceeds − charges of its link

Where a link has several transfers of units that are paid for, whose money it is nobody said: then
the amount is not known, and nothing is made up. A transfer that was reversed never happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.trading.domain.ledger.chart import InstrumentKind, Kind, Purpose
from services.trading.domain.ledger.transfer import Phase, Transfer


class Effect(StrEnum):
    """What an event does to what an enterprise has."""

    FREE = "FREE"
    """Received without paying: allocated, or issued."""
    BOUGHT = "BOUGHT"
    SOLD = "SOLD"
    SURRENDERED = "SURRENDERED"
    CANCELLED = "CANCELLED"
    """Reductions cancelled to offset an obligation."""
    EXPIRED = "EXPIRED"
    CARRIED_OUT = "CARRIED_OUT"
    CARRIED_IN = "CARRIED_IN"


RECEIVED: Final = frozenset({Effect.FREE, Effect.BOUGHT, Effect.CARRIED_IN})
_EFFECTS: Final = {
    Kind.ALLOCATION: Effect.FREE,
    Kind.PURCHASE: Effect.BOUGHT,
    Kind.SALE: Effect.SOLD,
    Kind.ORDER_EXECUTION: Effect.SOLD,
    Kind.SURRENDER: Effect.SURRENDERED,
    Kind.OFFSET_CANCELLATION: Effect.CANCELLED,
    Kind.EXPIRY: Effect.EXPIRED,
    Kind.CARRY_OVER_OUT: Effect.CARRIED_OUT,
    Kind.CARRY_OVER_IN: Effect.CARRIED_IN,
}
_PAID_FOR: Final = frozenset({Effect.BOUGHT, Effect.SOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One movement of units and its money."""

    transfer: str
    number: int
    """Its place in the chain."""
    instrument: str
    effect: Effect
    unit_count: int
    """Tonnes, greater than 0."""
    day: date
    """When it was settled."""
    amount_fen: int | None
    """What a purchase cost with charges, what a sale brought after charges; None where not known,
    or where nothing is paid."""
    charge_fen: int
    """Charges in it."""
    link: str
    evidence: str


def events(transfers: Sequence[Transfer], kinds: Mapping[str, InstrumentKind]) -> list[Event]:
    """Return what happened, in the order of settlement, then of the chain.

    Args:
        transfers: all of a book that count, in any order.
        kinds: what each instrument is.
    """
    moved = _that_stand(transfers)
    units = [
        each
        for each in moved
        if kinds[each.instrument] is not InstrumentKind.CASH and each.kind in _EFFECTS
    ]
    money = _money(each for each in moved if kinds[each.instrument] is InstrumentKind.CASH)
    paid_for: dict[str, int] = defaultdict(int)
    for each in units:
        paid_for[each.link] += _EFFECTS[each.kind] in _PAID_FOR
    found = [_event(each, money, paid_for) for each in units]
    return sorted(found, key=lambda each: (each.day, each.number))


@dataclass(slots=True, kw_only=True)
class _Money:
    paid_fen: int = 0
    received_fen: int = 0
    charge_fen: int = 0
    is_there: bool = False


def _that_stand(transfers: Sequence[Transfer]) -> list[Transfer]:
    """Return what moved units and was not taken back."""
    taken_back = {each.target_number for each in transfers if each.phase is Phase.REVERSAL}
    return [
        each
        for each in transfers
        if each.unit_count and each.phase is not Phase.REVERSAL and each.number not in taken_back
    ]


def _money(cash: Iterable[Transfer]) -> dict[str, _Money]:
    """Return the money of each link; of what has no link nobody knows what it was for."""
    found: dict[str, _Money] = defaultdict(_Money)
    for each in cash:
        if not each.link:
            continue
        of = found[each.link]
        if each.debit is Purpose.MARKET:
            of.paid_fen += each.unit_count
            of.is_there = True
        elif each.credit is Purpose.MARKET:
            of.received_fen += each.unit_count
            of.is_there = True
        elif each.debit is Purpose.CHARGES:
            of.charge_fen += each.unit_count
    return found


def _event(each: Transfer, money: Mapping[str, _Money], paid_for: Mapping[str, int]) -> Event:
    effect = _EFFECTS[each.kind]
    known = money.get(each.link) if each.link and paid_for[each.link] == 1 else None
    amount, charge = None, 0
    if effect in _PAID_FOR and known is not None and known.is_there:
        charge = known.charge_fen
        if effect is Effect.BOUGHT and not known.received_fen:
            amount = known.paid_fen + charge
        if effect is Effect.SOLD and not known.paid_fen:
            amount = known.received_fen - charge
    return Event(
        transfer=each.transfer,
        number=each.number,
        instrument=each.instrument,
        effect=effect,
        unit_count=each.unit_count,
        day=each.settlement_date,
        amount_fen=amount,
        charge_fen=charge,
        link=each.link,
        evidence=each.evidence,
    )
