"""Books that are reported to again and again: the pure domain, the shipped library, no database.

A ledger keeps what a store would: records, and the newest version of each line and inventory. So a
test can say what reports make of it in one sentence, by every method at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any

from services.accounting.domain import reconciliation
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.activity import Kind, Record
from services.accounting.domain.binding import BoundFactor, Need, Query, Unresolved
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.knowledge.restatement import Side
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis
from services.accounting.domain.need import Reporter, needs_by_method
from services.accounting.domain.posting import Before, Occasion, Posting, post, repost
from services.accounting.domain.report import Accepted, Books, Facts, Stored, Verdict, judge
from services.accounting.domain.rollup import Months
from services.accounting.domain.row import Row
from services.accounting.domain.transfer import Member
from services.accounting.domain.zone import Snapshot, ZoneInventory
from services.kernel import names
from services.kernel.names import HOME_METHOD
from tests.accounting import builders, library
from tests.accounting.library import MISSING, Figures, Own
from tests.golden import shelf

YEAR = 2024
MONTHS = tuple(f"{YEAR}-{month:02d}" for month in range(1, 13))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record, and the one that replaced it or nothing."""

    name: str
    accepted: Accepted
    corrected_by: str = ""


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The books of one enterprise."""

    reporter: Reporter
    figures: Figures = field(default_factory=dict)
    """What is found in the place of the library's own figures."""
    own: Sequence[Own] = ()
    """Custom factors of the enterprise."""
    revision: int = 0
    records: dict[str, Kept] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    """The newest version of each, emptied ones too."""
    inventories: dict[tuple[int, str], Inventory] = field(default_factory=dict)
    months: dict[tuple[int, str], Months] = field(default_factory=dict)
    """What all postings added to them."""

    def report(self, *given: Row) -> tuple[Verdict, ...]:
        """Report rows, and return what became of each."""
        rows = [replace(each, path=f"records[{at}]") for at, each in enumerate(given)]
        reporter = replace(self.reporter, begun=self._begun())
        years = {row.grain.month.start.year for row in rows if row.grain is not None}
        books = self._books(rows, reporter.late_years(years))
        wanted = list(needs_of(rows, books, reporter))
        facts = Facts(
            reporter=reporter,
            known=frozenset(chain(*(row.references for row in rows))),
            found=found(wanted, self.figures, self.own),
        )
        verdicts, entered = judge(rows, facts, books)
        accepted = [each for each in verdicts if isinstance(each, Accepted)]
        occasion = Occasion(
            reporter=reporter, found=facts.found, revision=self.revision + 1, registry_revision=1
        )
        before = Before(lines=[*self.lines.values()], inventories=self.inventories)
        posting = post(accepted, entered, before, occasion)
        self._keep(accepted)
        self.keep(posting)
        return verdicts

    def reposted(self, figures: Figures) -> Posting:
        """Return what the records make of the books once the library says `figures`."""
        reporter = replace(self.reporter, begun=self._begun())
        books = self._books([], [YEAR])
        occasion = Occasion(
            reporter=reporter,
            found=found(needs_of([], books, reporter), figures, self.own),
            revision=self.revision + 1,
            registry_revision=2,
        )
        before = Before(lines=[*self.lines.values()], inventories=self.inventories)
        return repost(YEAR, books, before, occasion)

    def known(self) -> dict[str, Side]:
        """Return what is known now, by method: to be held against what is known later."""
        return {
            method_id: Side(
                inventory=inventory, lines=self.current(method_id), records=self._counting()
            )
            for (_, method_id), inventory in self.inventories.items()
        }

    def current(self, method_id: str = HOME_METHOD, year: int = YEAR) -> list[Line]:
        """Return the lines of a method that have records, by source and month."""
        found_lines = [
            line
            for line in self.lines.values()
            if line.binding.method_id == method_id
            and line.month.start.year == year
            and line.record_count
        ]
        return sorted(found_lines, key=lambda line: (line.grain, line.line_id))

    def inventory(self, method_id: str = HOME_METHOD, year: int = YEAR) -> Inventory:
        """Return the inventory by a method."""
        return self.inventories[year, method_id]

    def side(
        self, by: str = HOME_METHOD, gwp_set: str = "", basis: Basis | None = None
    ) -> reconciliation.Side:
        """Return one side of a reconciliation; by its own set and basis where none is said."""
        inventory = self.inventory(by)
        return reconciliation.Side(
            inventory=inventory,
            lines=tuple(self.current(by)),
            gwp_set=gwp_set or inventory.method.gwp_set,
            basis=basis or inventory.method.basis,
        )

    def sides(self) -> list[reconciliation.Side]:
        """Return every total there is: of each method, GWP set and basis."""
        return [
            self.side(method_id, gwp_set, basis)
            for _, method_id in sorted(self.inventories)
            for gwp_set in self.inventory(method_id).method.gwp_sets
            for basis in self.inventory(method_id).method.bases
        ]

    def member(self, by: str = HOME_METHOD, partners: Mapping[str, str] | None = None) -> Member:
        """Return it as the member of a zone; `partners` as `builders.member` has them."""
        whose = self.reporter.enterprise
        return Member(
            enterprise=whose,
            inventory=self.inventories.get((YEAR, by)),
            lines=zone_domain.counted(self.current(by), builders.method(by)),
            partners={
                f"{whose.name}/counterparties/{partner}": f"enterprises/{behind}"
                for partner, behind in (partners or {}).items()
            },
        )

    def name(self, number: int = 0) -> str:
        """Return the name of the record that was stored as number `number`."""
        return list(self.records)[number]

    def _begun(self) -> Mapping[int, frozenset[str]]:
        begun: defaultdict[int, set[str]] = defaultdict(set)
        for year, method_id in self.inventories:
            begun[year].add(method_id)
        return {year: frozenset(methods) for year, methods in begun.items()}

    def _books(self, rows: Sequence[Row], whole_years: Iterable[int]) -> Books:
        grains, years = {row.grain for row in rows}, set(whole_years)
        books = Books()
        for kept in self.records.values():
            grain = kept.accepted.grain
            books.stored[kept.name] = Stored(grain=grain, corrected_by=kept.corrected_by)
            if kept.corrected_by:
                continue
            entry = replace(kept.accepted.entry, name=kept.name)
            if grain in grains or grain.month.start.year in years:
                books.current[grain].append(entry)
            books.sources[grain.source_id] = kept.accepted.source
            if kept.accepted.row.certificate:
                books.certificates[kept.accepted.row.certificate] = kept.name
            if kept.accepted.source.kind.is_fuel:
                key = (kept.accepted.source.subject, grain.month)
                books.fuels.setdefault(key, []).append(entry)
        return books

    def keep(self, posting: Posting) -> None:
        """Take the versions of a posting."""
        self.revision += 1
        self.lines |= {each.line_id: each for each in posting.lines}
        self.inventories |= {
            (each.accounting_year, each.method.method_id): each for each in posting.inventories
        }
        for key, moved in posting.months.items():
            self.months[key] = self.months.get(key, Months()) + moved

    def _counting(self) -> list[Record]:
        """Return the records that count."""
        return [
            Record(
                name=kept.name,
                source=kept.accepted.source,
                quantity=kept.accepted.quantity,
                period=kept.accepted.period,
                facility=kept.accepted.row.facility,
                meter="",
                evidence=kept.accepted.row.evidence,
                certificate=kept.accepted.row.certificate,
                corrects=kept.accepted.row.corrects,
                reporter="principals/p",
                revision=int(kept.name.rpartition("/r")[2].partition("-")[0]),
                create_time=datetime(YEAR + 1, 1, 1, tzinfo=UTC),
            )
            for kept in self.records.values()
            if not kept.corrected_by
        ]

    def _keep(self, accepted: Sequence[Accepted]) -> None:
        of = self.reporter.enterprise.enterprise_id
        for number, each in enumerate(accepted):
            record = f"r{self.revision + 1}-{number}"
            name = names.ACTIVITY_RECORD.format(enterprise=of, record=record)
            self.records[name] = Kept(name=name, accepted=each)
            if corrected := self.records.get(each.row.corrects):
                self.records[corrected.name] = replace(corrected, corrected_by=name)


def ledger(
    id_: str = "mill",
    industry: str = "1713",
    *rows: Row,
    by: Sequence[str] = (),
    figures: Figures | None = None,
    own: Sequence[Own] = (),
) -> Ledger:
    """Return the books of an enterprise that has reported `rows`, all of them accepted."""
    made = Ledger(reporter=builders.reporter(id_, industry, by=by), figures=figures or {}, own=own)
    if rows:
        verdicts = made.report(*rows)
        assert all(isinstance(each, Accepted) for each in verdicts), verdicts
    return made


def row(
    kind: Kind = Kind.ELECTRICITY_PURCHASED,
    what: str = "100 MWh",
    when: str = MONTHS[0],
    subject: str = "",
    **fields: Any,
) -> Row:
    """Return a row with all that its kind must say; keywords override.

    Its source is named by kind, subject and partner, so that two rows of one are of one source.
    """
    enterprise = fields.pop("enterprise", "mill")
    partner = fields.pop("partner", "grid")
    counterparty = f"enterprises/{enterprise}/counterparties/{partner}" if kind.carrier else ""
    about = "-".join(filter(None, (kind.name.lower().replace("_", "-"), partner, subject)))
    values: dict[str, Any] = {
        "source_id": about[:40].rstrip("-"),
        "kind": kind,
        "subject": subject,
        "quantity": builders.quantity(what),
        "period": builders.period(when),
        "counterparty": counterparty,
        "content": repr((kind, what, when, subject, sorted(fields.items()))).encode(),
    }
    if kind is Kind.GREEN_POWER_CLAIMED or subject.endswith("-non-fossil"):
        values["evidence"] = "contract 7"
    if kind is Kind.GREEN_POWER_CLAIMED:
        values["certificate"] = f"{about} {when}"
    if kind is Kind.OTHER_INDIRECT:
        values["value_chain_category"] = 4
    return builders.row(**{**values, **fields})


def year_of(kind: Kind, what: str, subject: str = "", **fields: Any) -> list[Row]:
    """Return twelve rows, one a month, each of the quantity `what`."""
    return [row(kind, what, month, subject, **fields) for month in MONTHS]


def zone(*members: Member, by: str = HOME_METHOD) -> ZoneInventory:
    """Return the zone of the year that has these members."""
    return zone_domain.of(
        "home",
        YEAR,
        members,
        method=builders.method(by),
        snapshot=Snapshot(revision=7, registry_revision=3),
    )


def found(
    needs: Iterable[Need], figures: Figures | None = None, own: Sequence[Own] = ()
) -> dict[Query, BoundFactor | Unresolved]:
    """Return what the library answers to all that `needs` ask, by month and then by the days."""
    wanted = list(needs)
    answers = {
        query: _answer(query, figures or {}, own) for each in wanted for query in each.queries
    }
    days = {query for each in wanted for query in each.queries_of_days(answers)}
    return {**answers, **{query: _answer(query, figures or {}, own) for query in days}}


def _answer(query: Query, figures: Figures, own: Sequence[Own]) -> BoundFactor | Unresolved:
    """Return what a test says is found, missing ones too; else what the library has."""
    keys = ((query.role, query.subject, query.method_id), (query.role, query.subject), query.role)
    if any(key in figures for key in keys):
        return library.answer(query, figures, own)
    given = library.answer(query, {}, own) if query.enterprise else MISSING
    if given is not MISSING:
        return given
    return _published(replace(query, enterprise="", period=None))


@cache
def _published(query: Query) -> BoundFactor | Unresolved:
    return shelf.found([query])[query]


def needs_of(rows: Sequence[Row], books: Books, reporter: Reporter) -> Iterator[Need]:
    for each in rows:
        if each.source is not None and each.period is not None:
            unit = each.quantity.unit if each.quantity else ""
            yield from chain(*needs_by_method(each.source, each.period, unit, reporter))
    for grain, entries in books.current.items():
        source = books.sources[grain.source_id]
        for entry in entries:
            yield from chain(*needs_by_method(source, entry.period, entry.quantity.unit, reporter))
