"""Checks of who may do it, and how long."""

from __future__ import annotations

from services.trading.domain.desk.checks.case import Case, Wrong
from services.trading.domain.desk.limit import Act


def within_limit(case: Case) -> Wrong | None:
    """The role may submit or approve so much of that kind of instrument in one transfer."""
    instrument = case.instrument
    if instrument is None:
        return None
    limit = case.facts.limits.get((case.act, case.actor.role, instrument.kind))
    allowed = 0 if limit is None else limit.largest_count
    if case.unit_count <= allowed:
        return None
    return {
        "given": case.unit_count,
        "allowed": allowed,
        "act": case.act.value,
        "role": case.actor.role,
        "instrument_kind": instrument.kind.value,
    }


def checker_is_another(case: Case) -> Wrong | None:
    """Who approves is another person than who wrote and who submitted it."""
    if case.act is not Act.APPROVE:
        return None
    same = [each.person for each in case.makers if case.actor.refusal(each, "")]
    return {"person": same[0]} if same else None


def not_expired(case: Case) -> Wrong | None:
    """The time of the instruction is not over, and it can be executed before."""
    expire_time = case.content.expire_time
    begins = max(case.now, case.content.execute_time or case.now)
    return None if begins < expire_time else {"expire_time": expire_time.isoformat()}


def valid_for_days(case: Case) -> Wrong | None:
    """The instruction does not wait longer than instructions may."""
    if case.content.expire_time <= case.begin + case.longest:
        return None
    return {
        "expire_time": case.content.expire_time.isoformat(),
        "days": case.facts.longest_days,
    }
