"""Statistics: reported facts that are not energy, of an enterprise or of a zone as a whole.

A fact is told apart by whose it is, which input, which period and, where it is of several things,
of which. Reported again otherwise it is a correction: a version more, and those before stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.accounting.domain.indicator.input import Catalogue, Holder, Input
from services.kernel import names, units
from services.kernel.errors import (
    AtField,
    DuplicateRow,
    FieldInvalid,
    FieldRequired,
    PeriodInvalid,
    PeriodProblem,
    Words,
)
from services.kernel.period import Period
from services.kernel.quantity import Quantity

_SUBJECT: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is told apart: whose, which input, when, of what."""

    owner: str
    """The resource name of an enterprise or of a zone."""
    input_id: str
    subject: str
    """Empty where the input is of the owner as a whole."""
    period: Period

    @property
    def statistic_id(self) -> str:
        """The id in its name.

        >>> year = Period.year(2024)
        >>> Fact(owner="zones/z", input_id="staff", subject="", period=year).statistic_id
        'staff.2024'
        """
        when = f"{self.period.start:%Y}"
        if self.period != Period.year(self.period.start.year):
            when = f"{self.period.start:%Y-%m}"
        return ".".join(filter(None, (self.input_id, when, self.subject)))

    @property
    def name(self) -> str:
        """The resource name."""
        return f"{self.owner}/statistics/{self.statistic_id}"

    @property
    def year(self) -> int:
        """The year that it lies in."""
        return self.period.start.year


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """A fact as somebody reported it, in one of its versions."""

    fact: Fact
    quantity: Quantity
    price_base_year: int
    """The year at whose prices money is told; 0 at the prices of its own period, or no money."""
    source: str
    """Who or what says it: a statistical return, a meter, an estimate."""
    evidence: str
    reporter: str = ""
    version: int = 0
    revision: int = 0
    create_time: datetime | None = None

    def says_as(self, other: Statistic) -> bool:
        """Tell whether both say the same of the same."""
        return _said(self) == _said(other)


def _said(statistic: Statistic) -> tuple[object, ...]:
    return (
        statistic.fact,
        statistic.quantity.text,
        statistic.quantity.unit,
        statistic.price_base_year,
        statistic.source,
        statistic.evidence,
    )


def fact_of(statistic_id: str, owner: str) -> Fact:
    """Return the fact of an id that has the form of one."""
    input_id, when, *subject = statistic_id.split(".")
    year, _, month = when.partition("-")
    period = Period.month(int(year), int(month)) if month else Period.year(int(year))
    return Fact(owner=owner, input_id=input_id, subject="".join(subject), period=period)


def faults(
    statistics: Mapping[int, Statistic], catalogue: Catalogue, today: date
) -> Mapping[int, AtField]:
    """Return what is wrong with each row that is, by its number; the first of each row.

    Paths begin at the row.
    """
    found: dict[int, AtField] = {}
    first: dict[Fact, int] = {}
    for index, each in statistics.items():
        wrong = next(_faults(each, catalogue, today), None)
        if wrong is None and each.fact in first:
            wrong = DuplicateRow(field="input_id", first=f"statistics[{first[each.fact]}]")
        first.setdefault(each.fact, index)
        if wrong is not None:
            found[index] = wrong
    return found


def _faults(statistic: Statistic, catalogue: Catalogue, today: date) -> Iterator[AtField]:
    try:
        kind = catalogue.statistic(statistic.fact.input_id)
        units.conversion(statistic.quantity.unit, kind.unit)
        statistic.quantity.non_negative("quantity.value")
    except AtField as error:
        is_unit = error.field == "unit_code"
        yield error.within("quantity.") if is_unit else error
        return
    yield from _of_holder(statistic.fact, kind)
    yield from _of_subject(statistic.fact, kind)
    yield from _of_period(statistic.fact.period, today)
    yield from _of_price(statistic, kind)
    for field in ("source", "evidence"):
        if not getattr(statistic, field).strip():
            yield FieldRequired(field=field)


def _of_holder(fact: Fact, kind: Input) -> Iterator[AtField]:
    if kind.holder is Holder.ZONE and not names.ZONE.matches(fact.owner):
        allowed = Words(
            en=f"what an enterprise has; {kind.input_id} is reported of the zone as a whole",
            zh=f"企业自身的数据项；{kind.name.zh}须按园区整体填报",
        )
        yield FieldInvalid(field="input_id", given=fact.input_id, allowed=allowed)


def _of_subject(fact: Fact, kind: Input) -> Iterator[AtField]:
    if kind.by_subject and not fact.subject:
        yield FieldRequired(field="subject")
    elif kind.by_subject and not _SUBJECT.fullmatch(fact.subject):
        yield FieldInvalid(field="subject", given=fact.subject, allowed=_SUBJECT.pattern)
    elif fact.subject and not kind.by_subject:
        allowed = Words(
            en=f"nothing: {kind.input_id} is of the whole", zh=f"留空：{kind.name.zh}按整体填报"
        )
        yield FieldInvalid(field="subject", given=fact.subject, allowed=allowed)


def _of_period(period: Period, today: date) -> Iterator[AtField]:
    year = Period.year(period.start.year)
    if period not in {year, *year.months()}:
        allowed = Words(en="one calendar year or one calendar month", zh="一个自然年或一个自然月")
        yield FieldInvalid(field="period", given=str(period), allowed=allowed)
    elif period.end > today:
        yield PeriodInvalid(given=str(period), problem=PeriodProblem.OUT_OF_BOUNDS)


def _of_price(statistic: Statistic, kind: Input) -> Iterator[AtField]:
    year = statistic.price_base_year
    if year and not kind.by_price:
        allowed = Words(en=f"0: {kind.input_id} has no prices", zh=f"0：{kind.name.zh}不涉及价格")
        yield FieldInvalid(field="price_base_year", given=str(year), allowed=allowed)
