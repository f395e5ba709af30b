"""Checks of a trade by the exchange's rules, as they were on its day."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from services.kernel.period import SHANGHAI, Period
from services.trading.domain.desk.checks.case import Case, Wrong
from services.trading.domain.desk.trade import Side
from services.trading.domain.exchange import ModeRules
from services.trading.domain.ledger.chart import InstrumentKind


def rules_known(case: Case) -> Wrong | None:
    """The rules of the day are known."""
    return None if case.facts.rules is not None else {"day": case.trade.trade_date}


def trading_day(case: Case) -> Wrong | None:
    """The exchange was open on the day."""
    day = case.trade.trade_date
    known = day.year in case.facts.days.years
    return None if known and case.facts.days.is_open(day) else {"day": day}


def trading_hours(case: Case) -> Wrong | None:
    """It was made while the mode was open."""
    mode = _mode(case)
    if mode is None or not mode.hours:
        return None
    made = case.trade.trade_time.astimezone(SHANGHAI).time()
    if any(start <= made <= end for start, end in mode.hours):
        return None
    hours = ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in mode.hours)
    return {"given": f"{made:%H:%M:%S}", "hours": hours}


def close_known(case: Case) -> Wrong | None:
    """The close of the trading day before is in the prices, where limits follow from it."""
    mode = _mode(case)
    if mode is None or mode.limit_ratio is None or _close(case) is not None:
        return None
    day = case.trade.trade_date
    before = None if day.year not in case.facts.days.years else case.facts.days.before(day)
    return {"product": case.facts.product or case.trade.instrument, "day": before}


def price_limits(case: Case) -> Wrong | None:
    """The price is within the day's limits."""
    close, rules = _close(case), case.facts.rules
    if close is None or rules is None:
        return None
    limits = rules.limits_cny(case.trade.mode, close)
    if limits is None or limits[0] <= case.trade.price_cny_per_t <= limits[1]:
        return None
    return {
        "given": case.trade.price_cny_per_t,
        "low": limits[0],
        "high": limits[1],
        "close": close,
    }


def tick(case: Case) -> Wrong | None:
    """The price is positive and a multiple of the tick."""
    rules, price = case.facts.rules, case.trade.price_cny_per_t
    if rules is None:
        return None
    whole = (Fraction(price) / Fraction(rules.tick_cny)).denominator == 1
    return None if whole and price > 0 else {"given": price, "tick": rules.tick_cny}


def order_size(case: Case) -> Wrong | None:
    """As many tonnes as the mode takes."""
    mode, given = _mode(case), case.trade.unit_count
    if mode is None:
        return None
    if mode.below_t is not None and given >= mode.below_t:
        return {"given": given, "sizes": f"< {mode.below_t}"}
    if mode.from_t is not None and given < mode.from_t:
        return {"given": given, "sizes": f"≥ {mode.from_t}"}
    return None


def quantity_step(case: Case) -> Wrong | None:
    """Whole steps."""
    rules = case.facts.rules
    if rules is None or case.trade.unit_count % rules.step_t == 0:
        return None
    return {"given": case.trade.unit_count, "step": rules.step_t}


def charge_given(case: Case) -> Wrong | None:
    """The charge is said, 0 where there is none: no rate was published."""
    trade = case.trade
    missing = trade.charge_fen is None or (
        bool(trade.counter_account) and trade.counter_charge_fen is None
    )
    return {} if missing else None


def notice_given(case: Case) -> Wrong | None:
    """An auction names the notice whose rules hold."""
    return None if case.trade.notice.strip() else {}


def not_bought_today(case: Case) -> Wrong | None:
    """What was bought on a day is not sold on it."""
    trade = case.trade
    seller = case.account if trade.side is Side.SELL else trade.counter_account
    if not seller:
        return None
    bought = case.facts.bought_count.get((seller, trade.instrument), 0)
    held = sum(
        standing.available
        for key, standing in case.facts.standings.items()
        if key[:2] == (seller, trade.instrument) and key[2].value == "HELD"
    )
    if not bought or trade.unit_count <= held - bought:
        return None
    return {"given": trade.unit_count, "sellable": max(held - bought, 0), "bought": bought}


def vintage_traded(case: Case) -> Wrong | None:
    """The exchange has a product of that vintage."""
    instrument = case.instrument
    allowance = instrument is not None and instrument.kind is InstrumentKind.ALLOWANCE
    known = allowance and bool(case.facts.product)
    return None if known else {"instrument": case.trade.instrument}


def _mode(case: Case) -> ModeRules | None:
    return None if case.facts.rules is None else case.facts.rules.modes[case.trade.mode]


def _close(case: Case) -> Decimal | None:
    """Return the close of the trading day before in yuan; None where it is not known."""
    close, day = case.facts.close, case.trade.trade_date
    if close is None or day.year not in case.facts.days.years:
        return None
    last = case.facts.days.before(day)
    is_that_day = last is not None and close.period == Period.day(last)
    return close.price_cny_per_t if is_that_day else None
