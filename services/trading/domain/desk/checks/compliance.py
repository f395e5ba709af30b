"""Checks of what is delivered for an obligation: that it counts for one at all."""

from __future__ import annotations

from services.kernel.errors import Words
from services.trading.domain import due
from services.trading.domain.desk.checks.case import Case, Wrong
from services.trading.domain.due import Due
from services.trading.domain.ledger.chart import Kind

_NO_OPEN_YEAR = Words(en="no year, since none is open", zh="无未结清")
_NO_YEAR = Words(en="no deadline lies ahead", zh="其后没有清缴截止日")


def vintage_usable(case: Case) -> Wrong | None:
    """The vintage may be surrendered for each year that the delivery counts for."""
    wanted, instrument = case.wanted, case.instrument
    if instrument is None:
        return None
    on, vintage = wanted.settlement_date, instrument.vintage_year
    before = sum(
        each.unit_count
        for each in case.content.wanted[: case.index]
        if each.kind is Kind.SURRENDER and each.book == wanted.book
    )
    years = due.of_allowances(
        case.facts.dues.get(wanted.book, ()), on, before_count=before, count=wanted.unit_count
    )
    if not years:
        return {"vintage": vintage, "day": on, "year": _NO_OPEN_YEAR, "usable": "–"}
    for each in years:
        usable = each.vintages_on(on)
        if not usable.first_year <= vintage <= usable.last_year:
            span = f"{usable.first_year}–{usable.last_year}"
            return {"vintage": vintage, "day": on, "year": each.compliance_year, "usable": span}
    return None


def offset_eligible(case: Case) -> Wrong | None:
    """The reductions stand for allowances of the year that they count for."""
    wanted, year = case.wanted, _year(case)
    if year is None or case.facts.offset_rules is None:
        return {"instrument": wanted.instrument, "reason": _NO_YEAR}
    facts = case.facts.offsets.get((wanted.book, wanted.instrument))
    refusal = case.facts.offset_rules.refusal(facts, year.compliance_year, wanted.settlement_date)
    return None if refusal is None else {"instrument": wanted.instrument, "reason": refusal}


def offset_obligation_known(case: Case) -> Wrong | None:
    """The obligation of that year is known: the most that may be offset is a share of it."""
    year = _year(case)
    return {"year": year.compliance_year} if year is not None and year.settled is None else None


def offset_within_limit(case: Case) -> Wrong | None:
    """No more is offset than may be of the obligation, with all that was cancelled before."""
    year, rules = _year(case), case.facts.offset_rules
    if year is None or year.settled is None or rules is None:
        return None
    before = sum(
        each.unit_count
        for each in case.content.wanted[: case.index]
        if each.kind is Kind.OFFSET_CANCELLATION
        and each.book == case.wanted.book
        and due.of_offsets(case.facts.dues.get(each.book, ()), each.settlement_date) == year
    )
    limit = rules.limit_count(year.settled.owed.count)
    room = max(limit - year.settled.offset_count - before, 0)
    if case.wanted.unit_count <= room:
        return None
    return {
        "given": case.wanted.unit_count,
        "room": room,
        "limit": limit,
        "owed": year.settled.owed.count,
        "year": year.compliance_year,
    }


def _year(case: Case) -> Due | None:
    wanted = case.wanted
    return due.of_offsets(case.facts.dues.get(wanted.book, ()), wanted.settlement_date)
