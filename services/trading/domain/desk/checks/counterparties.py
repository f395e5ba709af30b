"""Checks of who is on the other side."""

from __future__ import annotations

from services.kernel.period import SHANGHAI
from services.trading.domain.desk.checks.case import Case, Wrong


def named(case: Case) -> Wrong | None:
    """A block trade names its counterparty."""
    return None if case.trade.counterparty else {}


def trusted(case: Case) -> Wrong | None:
    """The counterparty is on the account's list, with the account that the trade has of it."""
    given = case.trade.counterparty
    found = case.facts.counterparties.get(given)
    listed = found is not None and found.counter_account == case.trade.counter_account
    return None if listed or not given else {"counterparty": given}


def cooled_off(case: Case) -> Wrong | None:
    """The cooling-off of the counterparty was over when the trade was made, and is now."""
    found = case.facts.counterparties.get(case.trade.counterparty)
    if found is None:
        return None
    today = case.now.astimezone(SHANGHAI).date()
    day = min(case.trade.trade_date, today)
    if found.first_day <= day:
        return None
    return {"counterparty": case.trade.counterparty, "first_day": found.first_day, "day": day}


def not_recorded(case: Case) -> Wrong | None:
    """The trade is not in the books of the account already: the other side may have written it."""
    found = case.facts.recorded
    return {"transfer": found, "evidence": case.trade.evidence} if found else None
