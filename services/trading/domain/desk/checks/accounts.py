"""Checks of what is moved, and between what."""

from __future__ import annotations

from services.kernel.period import SHANGHAI
from services.trading.domain.desk.checks.case import Case, Wrong
from services.trading.domain.ledger.chain import EMPTY
from services.trading.domain.ledger.chart import INSIDE
from services.trading.domain.ledger.transfer import FIRST, AccountKey, Phase, Wanted


def account_open(case: Case) -> Wrong | None:
    """The account is open, and the caller's to see."""
    book = case.wanted.book
    return None if book in case.facts.books else {"account": f"accounts/{book}"}


def not_blocked(case: Case) -> Wrong | None:
    """No reconciliation keeps the account: its newest one found nothing, or all is put right."""
    book = case.wanted.book
    return {"account": f"accounts/{book}"} if book in case.facts.blocked else None


def instrument_known(case: Case) -> Wrong | None:
    """The ledger has the instrument."""
    if case.instrument is not None or case.wanted.target:
        return None
    return {"instrument": case.wanted.instrument}


def instrument_fits(case: Case) -> Wrong | None:
    """The chart of accounts has the kind of transfer for the instrument."""
    kind, instrument = case.wanted.kind, case.instrument
    if kind is None or instrument is None or instrument.kind in kind.instruments:
        return None
    return {"kind": kind.name, "instrument": instrument.instrument}


def quantity_positive(case: Case) -> Wrong | None:
    """A first transfer moves something."""
    if case.wanted.phase not in FIRST or case.wanted.unit_count > 0:
        return None
    return {"given": case.wanted.unit_count}


def available(case: Case) -> Wrong | None:
    """Balance less reserved suffices, after all that stands before it in the instruction."""
    wanted = case.wanted
    if wanted.kind is None or wanted.kind.credit not in INSIDE:
        return None
    key = (wanted.book, wanted.instrument, wanted.kind.credit)
    before = case.facts.standings.get(key, EMPTY).available
    before += sum(_change(each, key) for each in case.content.wanted[: case.index])
    if wanted.unit_count <= before:
        return None
    return {
        "given": wanted.unit_count,
        "instrument": wanted.instrument,
        "purpose": wanted.kind.credit.value,
        "available": max(before, 0),
    }


def id_new(case: Case) -> Wrong | None:
    """The id of the transfer is not used in the book."""
    used = (case.wanted.book, case.wanted.transfer) in case.facts.known
    return {"name": case.wanted.name} if used else None


def target_open(case: Case) -> Wrong | None:
    """The transfer that is posted, voided or reversed is there, and was not settled before."""
    wanted = case.wanted
    if not wanted.target:
        return None
    earlier = any(
        each.book == wanted.book and each.transfer == wanted.target
        for each in case.content.wanted[: case.index]
    )
    known = (wanted.book, wanted.target) in case.facts.known
    if earlier or (known and (wanted.book, wanted.target) not in case.facts.settled):
        return None
    return {"name": wanted.target_name}


def not_ahead(case: Case) -> Wrong | None:
    """Nothing was agreed in the future."""
    today = case.now.astimezone(SHANGHAI).date()
    given = case.wanted.trade_date
    return {"given": given, "today": today} if given > today else None


def _change(wanted: Wanted, key: AccountKey) -> int:
    """Return how a first transfer before it in the instruction changes what is available."""
    if wanted.kind is None or (wanted.book, wanted.instrument) != key[:2]:
        return 0
    if wanted.kind.credit is key[2]:
        return -wanted.unit_count
    posted = wanted.phase is Phase.POSTED
    return wanted.unit_count if posted and wanted.kind.debit is key[2] else 0
