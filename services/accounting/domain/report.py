"""A report: rows, each judged apart, in the order of precedence that the contract states.

`row.checked` has seen each row alone; here it is held against what the registry says of it, and
against what is stored. A row that passes becomes an entry of the books at once, so that later rows
of the same report are held against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.binding import Binding, Found, Need, bind, misfit, unresolved
from services.accounting.domain.emission import of_quantity
from services.accounting.domain.line import Entry, Grain
from services.accounting.domain.method import Method
from services.accounting.domain.refusal import ReferenceNotFound, ranked
from services.accounting.domain.row import REFERENCES, Row
from services.kernel import names
from services.kernel.errors import DomainError, FieldInvalid, PeriodOverlap, Words
from services.kernel.period import Period
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the registry says of the rows, asked before anything is decided."""

    region_code: str
    """The province of the enterprise."""
    known: frozenset[str]
    """The names of its own resources that exist."""
    found: Found
    """The factors that the rows need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A stored record that a row wants to correct."""

    grain: Grain
    corrected_by: str
    """The record, or the row of this report, that replaced it; empty while it is current."""


@dataclass(slots=True, kw_only=True)
class Books:
    """What is stored of the sources a report speaks of, and what it adds as it is judged."""

    sources: dict[str, EmissionSource] = field(default_factory=dict)
    """By source id."""
    current: defaultdict[Grain, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    """The records that count: not corrected."""
    stored: dict[str, Stored] = field(default_factory=dict)
    """Those that rows want to correct, by name."""

    def enter(self, accepted: Accepted) -> None:
        """Take an accepted row into the books; the record it corrects no longer counts."""
        row, entries = accepted.row, self.current[accepted.grain]
        self.sources[row.source_id] = accepted.source
        if row.corrects:
            entries[:] = (entry for entry in entries if entry.name != row.corrects)
            known = self.stored[row.corrects]
            self.stored[row.corrects] = replace(known, corrected_by=row.path)
        entries.append(Entry(name=row.path, period=accepted.period, quantity=accepted.quantity))


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A row that becomes a record."""

    row: Row
    source: EmissionSource
    period: Period
    quantity: Quantity
    binding: Binding

    @property
    def grain(self) -> Grain:
        """Where it belongs in the books."""
        return Grain(source_id=self.source.source_id, month=self.period.one_month())


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that is refused: for the first of `errors`; the others are told along with it."""

    row: Row
    errors: tuple[DomainError, ...]


Verdict = Accepted | Refused


def judge(rows: Iterable[Row], method: Method, facts: Facts, books: Books) -> Iterator[Verdict]:
    """Yield what becomes of each row, and enter those that are accepted into `books`."""
    for row in rows:
        need = row.need(method, facts.region_code)
        judged = row.refused_for(
            [
                *_unknown(row, facts.known),
                *(unresolved(need, facts.found, year_field="period") if need else ()),
                *_against_books(row, books),
            ]
        )
        accepted = None
        if need and not any(error.reason.startswith("FACTOR") for error in judged.errors):
            binding = bind(need, facts.found)
            judged = judged.refused_for(_emissions(judged, need, binding))
            accepted = _accepted(judged, binding)
        if accepted is None:
            yield Refused(row=judged, errors=ranked(judged.errors))
        else:
            books.enter(accepted)
            yield accepted


def _accepted(row: Row, binding: Binding) -> Accepted | None:
    if row.errors or row.source is None or row.period is None or row.quantity is None:
        assert row.errors, "what could not be read is told"
        return None
    return Accepted(
        row=row, source=row.source, period=row.period, quantity=row.quantity, binding=binding
    )


def _unknown(row: Row, known: frozenset[str]) -> Iterator[DomainError]:
    for name_field in ("counterparty", "facility", "meter"):
        name = getattr(row, name_field)
        if REFERENCES[name_field].matches(name) and name not in known:
            yield ReferenceNotFound(field=name_field, name=name)


def _emissions(row: Row, need: Need, binding: Binding) -> Iterator[DomainError]:
    """Yield an error where the unit does not fit, or the emissions are beyond all bounds."""
    if row.quantity is None:
        return
    wrong = list(misfit(row.quantity, binding))
    yield from wrong
    if wrong:
        return
    try:
        of_quantity(need.method, need.term, row.quantity, binding)
    except FieldInvalid as error:
        yield error


def _against_books(row: Row, books: Books) -> Iterator[DomainError]:
    if row.source is not None:
        yield from _same_source(row.source, books.sources.get(row.source_id, row.source))
    if row.corrects:
        yield from _correctable(row, books)
    grain, period = row.grain, row.period
    if grain is None or period is None:
        return
    for entry in books.current.get(grain, ()):
        if entry.name != row.corrects and entry.period.overlaps(period):
            yield PeriodOverlap(given=str(period), other=entry.name)
            return


def _same_source(source: EmissionSource, before: EmissionSource) -> Iterator[DomainError]:
    for name in ("kind", "subject", "counterparty"):
        given, kept = str(getattr(source, name)), str(getattr(before, name))
        if given != kept:
            yield FieldInvalid(
                field=name,
                given=given,
                allowed=Words(
                    en=f"{kept}, as source {source.source_id} has reported before; another "
                    "source takes another source_id",
                    zh=f"{kept}（排放源 {source.source_id} 此前的填报）；"
                    "不同的排放源请使用不同的 source_id",
                ),
            )


def _correctable(row: Row, books: Books) -> Iterator[DomainError]:
    name, stored = row.corrects, books.stored.get(row.corrects)
    if stored is None:
        if names.ACTIVITY_RECORD.matches(name):
            yield ReferenceNotFound(field="corrects", name=name)
    elif stored.grain.source_id != row.source_id:
        allowed = Words(
            en=f"a record of the source {row.source_id}; this one is of {stored.grain.source_id}",
            zh=f"排放源 {row.source_id} 的记录；该记录属于 {stored.grain.source_id}",
        )
        yield FieldInvalid(field="corrects", given=name, allowed=allowed)
    elif stored.corrected_by:
        allowed = Words(
            en=f"a record that still counts; {stored.corrected_by} has replaced this one: "
            "correct that one",
            zh=f"仍然有效的记录；该记录已被 {stored.corrected_by} 替代，请更正后者",
        )
        yield FieldInvalid(field="corrects", given=name, allowed=allowed)
    elif row.grain is not None and stored.grain.month != row.grain.month:
        allowed = Words(
            en=f"days of {stored.grain.month}, the month of the record it corrects",
            zh=f"{stored.grain.month} 之内的日期，即被更正记录所在的月份",
        )
        yield FieldInvalid(field="period", given=str(row.period), allowed=allowed)
