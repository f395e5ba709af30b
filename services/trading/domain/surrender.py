"""What is to be surrendered for a year, from what is held: arrears first, then old vintages first.

A vintage is usable where the rulebook of the year says so. As many offsets are taken as the rules
allow, since each saves an allowance. What must not be used is named with its reason.

Source: 国环规气候〔2024〕1号, 六 and 七; draft of 2026-07-27, 五（一） and 五（二）;
生态环境部令第19号, 第二十九条.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.kernel.errors import Words
from services.kernel.trust import Status, lowest
from services.trading.domain.obligation import Basis, Obligation
from services.trading.domain.offset import OffsetFacts, OffsetRules
from services.trading.domain.plan import Vintages
from services.trading.domain.rule import Rule

NO_OBLIGATION = Words(
    en="obligation missing: nothing that it follows from was reported",
    zh="缺少应清缴量：尚无可依据的排放数据",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What an account has of an instrument, tonnes."""

    instrument: str
    vintage_year: int
    available_count: int
    """Held and not reserved."""
    offset: bool = False
    facts: OffsetFacts | None = None
    """What the registry of reductions says; None where nobody recorded it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrear:
    """What an earlier year still lacks, tonnes; its deadline is over."""

    compliance_year: int
    missing_count: int
    basis: Basis
    """What the year's obligation rests on: only a verified one is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many of an instrument for a year."""

    compliance_year: int
    instrument: str
    vintage_year: int
    offset: bool
    count: int
    reason: Words
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """What is held and does not count for the year, and why."""

    instrument: str
    vintage_year: int
    count: int
    reason: Words
    expires: bool
    """Whether it can be used for no later year either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRules:
    """What may be surrendered for a year."""

    compliance_year: int
    vintages: Vintages

    def allows(self, vintage_year: int) -> bool:
        """Tell whether a vintage may be surrendered for the year."""
        return self.vintages.first_year <= vintage_year <= self.vintages.last_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a year can be surrendered for."""

    compliance_year: int
    deadline: date | None
    obligation: Obligation | None
    surrendered_count: int
    """Of the year, delivered already, tonnes."""
    to_surrender_count: int
    offset_limit_count: int
    lines: tuple[Line, ...]
    arrears: tuple[Arrear, ...]
    unusable: tuple[Unusable, ...]
    missing: Words | None
    status: Status | None

    @property
    def offset_count(self) -> int:
        """Offsets of the year's own lines, tonnes."""
        return sum(each.count for each in self._own if each.offset)

    @property
    def lacking_count(self) -> int:
        """Still lacking for the year, tonnes."""
        return self.to_surrender_count - sum(each.count for each in self._own)

    @property
    def arrear_lacking_count(self) -> int:
        """Still lacking for earlier years, tonnes."""
        planned = sum(each.count for each in self.lines) - sum(each.count for each in self._own)
        return sum(each.missing_count for each in self.arrears) - planned

    @property
    def _own(self) -> list[Line]:
        return [each for each in self.lines if each.compliance_year == self.compliance_year]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that a plan is made from."""

    rules: YearRules
    arrear_vintages: YearRules | None
    """What may be surrendered for arrears; None: the same as for their year."""
    offsets: OffsetRules
    deadline: date | None
    obligation: Obligation | None
    surrendered_count: int
    offset_used_count: int
    """Offsets cancelled for the year already, tonnes."""
    arrears: tuple[Arrear, ...]
    stocks: tuple[Stock, ...]
    on: date


def plan(question: Question) -> Plan:
    """Return how to surrender, with what lacks; nothing is posted."""
    obligation, rules = question.obligation, question.rules
    year = rules.compliance_year
    left = {each.instrument: each.available_count for each in question.stocks}
    lines = [line for each in question.arrears for line in _for_arrear(question, each, left)]
    if obligation is None or not obligation.known:
        missing = NO_OBLIGATION if obligation is None else obligation.missing
        return _made(question, lines, 0, 0, missing)
    to_surrender = max(obligation.allowance_count - question.surrendered_count, 0)
    limit = question.offsets.limit_count(obligation.allowance_count)
    room = min(max(limit - question.offset_used_count, 0), to_surrender)
    own = _with_offsets(question, room, left)
    rest = to_surrender - sum(each.count for each in own)
    usable = [
        each for each in question.stocks if not each.offset and rules.allows(each.vintage_year)
    ]
    own += _taken(year, usable, rest, left, rules.vintages)
    return _made(question, [*lines, *own], to_surrender, limit, None)


def _made(
    question: Question,
    lines: Sequence[Line],
    to_surrender: int,
    limit: int,
    missing: Words | None,
) -> Plan:
    obligation = question.obligation
    statuses = [each.rule.source.status for each in lines if not each.rule.house_rule]
    if obligation is not None and obligation.known:
        statuses.append(obligation.status)
    return Plan(
        compliance_year=question.rules.compliance_year,
        deadline=question.deadline,
        obligation=obligation,
        surrendered_count=question.surrendered_count,
        to_surrender_count=to_surrender,
        offset_limit_count=limit,
        lines=tuple(lines),
        arrears=question.arrears,
        unusable=tuple(_unusable(question)),
        missing=missing,
        status=lowest(*statuses) if statuses else None,
    )


def _for_arrear(question: Question, arrear: Arrear, left: dict[str, int]) -> list[Line]:
    """Return allowances for an arrear; no offsets: what would be allowed is not known."""
    rules = question.arrear_vintages or question.rules
    usable = [
        each for each in question.stocks if not each.offset and rules.allows(each.vintage_year)
    ]
    lines = _taken(arrear.compliance_year, usable, arrear.missing_count, left, rules.vintages)
    if arrear.basis is Basis.VERIFIED:
        return lines
    year, basis = arrear.compliance_year, arrear.basis.words
    return [
        replace(
            each,
            reason=Words(
                en=f"{each.reason.en}; what {year} owes is {basis.en}",
                zh=f"{each.reason.zh}；{year} 年度应清缴量为{basis.zh}",
            ),
        )
        for each in lines
    ]


def _with_offsets(question: Question, room: int, left: dict[str, int]) -> list[Line]:
    found: list[Line] = []
    year = question.rules.compliance_year
    for each in sorted(question.stocks, key=_oldest_first):
        if not each.offset or question.offsets.refusal(each.facts, year, question.on) is not None:
            continue
        count = min(room, left[each.instrument])
        if count <= 0 or each.facts is None:
            continue
        rule = question.offsets.eligibility(each.facts, year)
        assert rule is not None, "what is not refused is eligible"
        found.append(_line(year, each, count, rule.text, rule.rule))
        left[each.instrument] -= count
        room -= count
    return found


def _taken(
    year: int, usable: Sequence[Stock], wanted: int, left: dict[str, int], vintages: Vintages
) -> list[Line]:
    found: list[Line] = []
    words = Words(
        en=f"vintages {vintages.first_year} to {vintages.last_year} may be surrendered for {year}",
        zh=f"{vintages.first_year}—{vintages.last_year} 年度配额可用于 {year} 年度清缴",
    )
    for each in sorted(usable, key=_oldest_first):
        count = min(wanted, left[each.instrument])
        if count > 0:
            found.append(_line(year, each, count, words, vintages.rule))
            left[each.instrument] -= count
            wanted -= count
    return found


def _line(year: int, stock: Stock, count: int, reason: Words, rule: Rule) -> Line:
    return Line(
        compliance_year=year,
        instrument=stock.instrument,
        vintage_year=stock.vintage_year,
        offset=stock.offset,
        count=count,
        reason=reason,
        rule=rule,
    )


def _unusable(question: Question) -> list[Unusable]:
    found: list[Unusable] = []
    year, vintages = question.rules.compliance_year, question.rules.vintages
    for each in sorted(question.stocks, key=_oldest_first):
        if not each.available_count:
            continue
        if each.offset:
            refusal = question.offsets.refusal(each.facts, year, question.on)
            if refusal is not None:
                found.append(_unused(each, refusal, expires=False))
        elif not question.rules.allows(each.vintage_year):
            older = each.vintage_year < vintages.first_year
            found.append(_unused(each, _not_allowed(vintages, year), expires=older))
    return found


def _unused(stock: Stock, reason: Words, *, expires: bool) -> Unusable:
    return Unusable(
        instrument=stock.instrument,
        vintage_year=stock.vintage_year,
        count=stock.available_count,
        reason=reason,
        expires=expires,
    )


def _not_allowed(vintages: Vintages, year: int) -> Words:
    return Words(
        en=f"only vintages {vintages.first_year} to {vintages.last_year} may be surrendered for"
        f" {year} ({vintages.rule})",
        zh=f"{year} 年度仅可使用 {vintages.first_year}—{vintages.last_year} 年度配额"
        f"（{vintages.rule}）",
    )


def _oldest_first(stock: Stock) -> tuple[int, str]:
    return stock.vintage_year, stock.instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a year asks for, as far as settling it asks."""

    compliance_year: int
    deadline: date | None
    count: int
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was delivered on a day, tonnes; negative where it was given back."""

    day: date
    count: int
    offset: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How a year was settled by a day."""

    owed: Owed
    allowance_count: int
    offset_count: int
    done_date: date | None
    """When nothing lacked any more; None where something still does."""

    @property
    def count(self) -> int:
        """Delivered and offset for the year, tonnes."""
        return self.allowance_count + self.offset_count

    @property
    def missing_count(self) -> int:
        """Still lacking, tonnes."""
        return max(self.owed.count - self.count, 0)

    @property
    def in_time(self) -> bool:
        """Whether nothing lacked at the deadline."""
        deadline = self.owed.deadline
        return self.done_date is not None and (deadline is None or self.done_date <= deadline)


def settle(owed: Sequence[Owed], deliveries: Sequence[Delivery], by: date) -> list[Settled]:
    """Return how each year was settled by a day, the oldest obligation first.

    A house rule: the ledger, as the registration system, names no year of a surrender. Offsets
    count for the year whose deadline is the next after their cancellation.
    """
    counted = sorted((each for each in deliveries if each.day <= by), key=lambda each: each.day)
    found: list[Settled] = []
    before, last = 0, None
    for year in sorted(owed, key=lambda each: each.compliance_year):
        offsets = [each for each in counted if each.offset and _between(each, last, year.deadline)]
        offset_count = min(sum(each.count for each in offsets), year.count)
        needed = before + year.count - offset_count
        reached = _reached(counted, needed)
        total = sum(each.count for each in counted if not each.offset)
        of_year = min(max(total - before, 0), year.count - offset_count)
        complete = of_year + offset_count >= year.count
        days = [reached] if reached else []
        days += [each.day for each in offsets]
        found.append(
            Settled(
                owed=year,
                allowance_count=of_year,
                offset_count=offset_count,
                done_date=max(days, default=date.min) if complete else None,
            )
        )
        before, last = needed, year.deadline
    return found


def arrears(settled: Sequence[Settled], before_year: int, on: date) -> tuple[Arrear, ...]:
    """Return what years before a year still lack on a day when their deadline is over."""
    return tuple(
        Arrear(
            compliance_year=each.owed.compliance_year,
            missing_count=each.missing_count,
            basis=each.owed.basis,
        )
        for each in settled
        if each.owed.compliance_year < before_year
        and each.owed.deadline is not None
        and on > each.owed.deadline
        and each.missing_count
    )


def _between(delivery: Delivery, after: date | None, until: date | None) -> bool:
    return (after is None or delivery.day > after) and (until is None or delivery.day <= until)


def _reached(deliveries: Sequence[Delivery], needed: int) -> date | None:
    """Return the day from which on so many allowances were delivered and stayed so; None: never."""
    total, since = 0, None
    for each in deliveries:
        if each.offset:
            continue
        total += each.count
        if total < needed:
            since = None
        elif since is None:
            since = each.day
    return since
