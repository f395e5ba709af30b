"""A report: rows, each judged apart, in the order of precedence that the contract states.

`row.checked` has seen each row alone; here it is held against what the registry says of it, and
against what is stored. A row that passes becomes an entry of the books at once, so that later rows
of the same report are held against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.binding import (
    Found,
    Lacking,
    Need,
    activity_unit,
    bind,
    misfit,
)
from services.accounting.domain.emission import per_unit
from services.accounting.domain.line import Entry, Grain, Rate
from services.accounting.domain.need import Reporter, needs_by_method
from services.accounting.domain.period import AccountingPeriod
from services.accounting.domain.refusal import ReferenceNotFound, ranked, uncounted, wrong_fuel
from services.accounting.domain.row import REFERENCES, Row
from services.kernel import names, units
from services.kernel.errors import (
    CertificateRetired,
    DomainError,
    FactorMissing,
    FactorNotApplicable,
    FieldInvalid,
    FuelCountedTwice,
    PeriodClosed,
    PeriodOverlap,
    SourceFed,
    Words,
)
from services.kernel.period import Period
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the registry says of the rows, asked before anything is decided."""

    reporter: Reporter
    known: frozenset[str]
    """The names of its own resources that exist."""
    found: Found
    """The factors that the rows need."""
    rated: dict[tuple[int, Period], Rate | Lacking] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What books the amounts of a need in a part of its days, by the need's identity: the reporter
    keeps it."""


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
    certificates: dict[str, str] = field(default_factory=dict)
    """Those claimed by a record that counts, of any enterprise, among those the rows name; each
    with the record, or "" where that is not the reporter's to see."""
    fuels: dict[tuple[str, Period], list[Entry]] = field(default_factory=dict)
    """The stored records that count of each fuel and month that the rows speak of."""
    periods: Mapping[int, AccountingPeriod] = field(default_factory=dict)
    """The accounting years of the reporter that were decided on."""

    def copy(self) -> Books:
        """Return the same books, to be written in apart from these."""
        current = defaultdict(list, {grain: [*each] for grain, each in self.current.items()})
        return Books(
            sources={**self.sources},
            current=current,
            stored={**self.stored},
            certificates={**self.certificates},
            fuels={key: [*each] for key, each in self.fuels.items()},
            periods=self.periods,
        )

    def enter(self, accepted: Accepted) -> None:
        """Take an accepted row into the books; the record it corrects no longer counts."""
        row, entries = accepted.row, self.current[accepted.grain]
        self.sources[row.source_id] = accepted.source
        fuel = (accepted.source.subject, accepted.grain.month)
        of_fuel = self.fuels.setdefault(fuel, []) if accepted.source.kind.is_fuel else []
        if row.corrects:
            for each in (entries, of_fuel):
                each[:] = (entry for entry in each if entry.name != row.corrects)
            known = self.stored[row.corrects]
            self.stored[row.corrects] = replace(known, corrected_by=row.path)
        entries.append(accepted.entry)
        of_fuel.append(accepted.entry)
        if row.certificate:
            self.certificates[row.certificate] = row.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A row that becomes a record."""

    row: Row
    source: EmissionSource
    period: Period
    quantity: Quantity

    @property
    def entry(self) -> Entry:
        """What it adds to the books."""
        return Entry(
            name=self.row.path,
            period=self.period,
            quantity=self.quantity,
            facility=self.row.facility,
            curve_month=self.row.curve_month,
        )

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


def judge(rows: Iterable[Row], facts: Facts, stored: Books) -> tuple[tuple[Verdict, ...], Books]:
    """Return what becomes of each row, and the books with those that are accepted entered.

    A row is held against the first method that has the factors for it: the zone's own before all
    others. What another method lacks for it is a gap of that method's inventory, not the row's
    fault; a row that no method has the factors for is refused.
    """
    checked = [
        row.refused_for([*_unknown(row, facts.known), *_emissions(row, facts)]) for row in rows
    ]
    leaving = {row.corrects for row in checked if row.corrects and not row.errors}
    while True:
        books = stored.copy()
        verdicts = tuple(_verdict(row, books, leaving) for row in checked)
        # A record whose correction is refused counts on: the others are held against it again.
        kept = {each.row.corrects for each in verdicts if isinstance(each, Refused)} & leaving
        if not kept:
            return verdicts, books
        leaving -= kept


def _verdict(row: Row, books: Books, leaving: Collection[str]) -> Verdict:
    """Return what becomes of a row, entered into `books` where it is accepted."""
    judged = row.refused_for(_against_books(row, books, leaving))
    accepted = _accepted(judged)
    if accepted is None:
        return Refused(row=judged, errors=ranked(judged.errors))
    books.enter(accepted)
    return accepted


def _accepted(row: Row) -> Accepted | None:
    if row.errors or row.source is None or row.period is None or row.quantity is None:
        assert row.errors, "what could not be read is told"
        return None
    return Accepted(row=row, source=row.source, period=row.period, quantity=row.quantity)


def _unknown(row: Row, known: frozenset[str]) -> Iterator[DomainError]:
    for name_field in ("counterparty", "facility", "meter"):
        name = getattr(row, name_field)
        if REFERENCES[name_field].matches(name) and name not in known:
            yield ReferenceNotFound(field=name_field, name=name)


def _emissions(row: Row, facts: Facts) -> Iterator[DomainError]:
    """Yield an error where a factor lacks, the unit does not fit, or it is beyond all bounds."""
    source, entry = row.source, row.entry
    if source is None or not source.subject or row.period is None:
        return
    if unfitting := list(wrong_fuel(source.kind, source.subject, facts.reporter.biomass)):
        # Under its own kind it may have all it needs: nothing else can be said of it.
        yield from unfitting
        return
    unit = entry.quantity.unit if entry else ""
    counting = needs_by_method(source, row.period, unit, facts.reporter)
    if not counting:
        methods = facts.reporter.methods_of(row.period.start.year)
        yield uncounted(source.kind, source.subject, methods)
        return
    first: list[DomainError] = []
    for needs in counting:
        wrong = [error for need in needs for error in _wrong(need, entry, facts)]
        if not _is_gap(wrong):
            yield from wrong
            return
        first = first or wrong
    yield from first


def _is_gap(errors: Sequence[DomainError]) -> bool:
    """Tell whether a method has no factor for a row, so that another may judge it."""
    return any(
        error.reason in {FactorMissing.reason, FactorNotApplicable.reason} for error in errors
    )


def _wrong(need: Need, entry: Entry | None, facts: Facts) -> Iterator[DomainError]:
    """Yield what a method finds wrong, in each part of the days it divides the period into."""
    for period in need.parts(facts.found):
        # Rows share their needs by month, and with them all of this but their amount.
        key = (id(need), period)
        if key not in facts.rated:
            facts.rated[key] = _rate(need.on(period), entry, facts.found)
        rate = facts.rated[key]
        if isinstance(rate, Lacking):
            yield from rate.errors
        elif entry is not None:
            yield from _beyond_bound(entry.quantity, rate)


def _rate(need: Need, entry: Entry | None, found: Found) -> Rate | Lacking:
    """Return what books the amounts of a need, in the unit of `entry`; or what lacks for it."""
    binding = bind(need, found, year_field="period")
    if isinstance(binding, Lacking):
        return binding
    formula = need.term.formula(binding.formula_id)
    unit = activity_unit(formula, binding)
    if entry is not None and (wrong := tuple(misfit(entry.quantity, unit))):
        return Lacking(errors=wrong)
    return Rate(unit=unit, per_unit=per_unit(formula, binding), rounding=need.method.rounding)


def _beyond_bound(quantity: Quantity, rate: Rate) -> Iterator[DomainError]:
    try:
        rate.booked(quantity.to(rate.unit))
    except FieldInvalid as error:
        yield FieldInvalid(field="quantity.value", given=str(quantity), allowed=error.allowed)


def _against_books(row: Row, books: Books, leaving: Collection[str]) -> Iterator[DomainError]:
    if row.source is not None:
        yield from _same_source(row.source, books.sources.get(row.source_id, row.source))
    if row.corrects:
        yield from _correctable(row, books)
    yield from _closed(row, books)
    yield from _claimed_before(row, books)
    yield from _counted_twice(row, books, leaving)
    grain, period = row.grain, row.period
    if grain is None or period is None:
        return
    yield from _fed(row, books.current.get(grain, ()))
    for entry in books.current.get(grain, ()):
        if entry.name != row.corrects and entry.period.overlaps(period):
            yield PeriodOverlap(given=str(period), other=entry.name)
            return


def _fed(row: Row, entries: Iterable[Entry]) -> Iterator[DomainError]:
    """Yield an error where the month has a curve and the row is none of it, or the reverse."""
    own = row.curve_month.curve if row.curve_month else ""
    for entry in entries:
        curve = entry.curve_month.curve if entry.curve_month else ""
        if curve != own:
            yield SourceFed(field="source_id", given=row.source_id, other=curve or entry.name)
            return


def _same_source(source: EmissionSource, before: EmissionSource) -> Iterator[DomainError]:
    for name in ("kind", "subject", "counterparty", "steam", "value_chain_category"):
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


def _closed(row: Row, books: Books) -> Iterator[DomainError]:
    if row.period is None:
        return
    period = books.periods.get(row.period.start.year)
    if period is not None and not period.state.takes_reports:
        yield PeriodClosed(field="period", name=period.name, state=period.state.value)


def _claimed_before(row: Row, books: Books) -> Iterator[DomainError]:
    if not row.certificate:
        return
    holder = books.certificates.get(row.certificate)
    if holder is not None and (not holder or holder != row.corrects):
        yield CertificateRetired(field="certificate", given=row.certificate)


def _counted_twice(row: Row, books: Books, leaving: Collection[str]) -> Iterator[DomainError]:
    """Yield an error where another record of the month has the fuel by another path.

    One of nothing counts nothing twice, nor one that this report corrects.
    """
    source, entry, grain = row.source, row.entry, row.grain
    if source is None or entry is None or grain is None or not source.kind.is_fuel:
        return
    given = units.unit(entry.quantity.unit)
    for other in books.fuels.get((source.subject, grain.month), ()):
        if other.name in leaving or other.name == row.corrects:
            continue
        if not other.quantity.value or not entry.quantity.value:
            continue
        if units.unit(other.quantity.unit).vector != given.vector:
            yield FuelCountedTwice(
                field="quantity.unit_code", given=entry.quantity.unit, other=other.name
            )
            return
