"""The books of one enterprise, made by the pure domain from rows and the shipped library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.accounting import files
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import BoundFactor, Found, Query, Unresolved
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Line
from services.accounting.domain.need import Reporter, needs_by_method
from services.accounting.domain.posting import Before, Occasion, post
from services.accounting.domain.report import Accepted, Books, Facts, Verdict, judge
from services.accounting.domain.role import Role
from services.accounting.domain.row import Row
from services.kernel.period import Period
from services.kernel.trust import Status
from tests.golden import cases, shelf

GRID = "enterprises/mill/counterparties/grid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who reports, and how the library differs from the shipped one."""

    enterprise: str = "mill"
    """The id."""
    industry: str = "1713"
    """One of which every method computes all that there is."""
    without: frozenset[Role] = frozenset()
    """Roles that the library has no factor of."""
    figures: Mapping[Role, str] = field(default_factory=dict)
    """What it answers instead, by role."""

    @property
    def reporter(self) -> Reporter:
        """Return the enterprise with every method."""
        enterprise = Enterprise(
            name=f"enterprises/{self.enterprise}",
            display_name=self.enterprise.title(),
            industry_code=self.industry,
            region_code=cases.REGION,
            label=Label.SYNTHETIC,
            revision=1,
        )
        return Reporter(
            enterprise=enterprise, methods=tuple(cases.METHODS.values()), steam=files.steam_table()
        )

    def found(self, rows: Sequence[Row]) -> Found:
        """Return what the library answers to all that rows need."""
        return {
            query: self._instead(query) or answer
            for query, answer in shelf.found(_queries(rows, self.reporter)).items()
        }

    def _instead(self, query: Query) -> BoundFactor | Unresolved | None:
        if query.role in self.without:
            return Unresolved(reason="FACTOR_MISSING", candidates=())
        if query.role not in self.figures:
            return None
        return BoundFactor(
            role=query.role,
            subject=query.subject,
            quantity=cases.quantity(self.figures[query.role]),
            status=Status.SECONDARY,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What rows made: lines and inventories of every method that covers the enterprise."""

    lines: Sequence[Line]
    inventories: Mapping[str, Inventory]
    """By method."""

    def lines_of(self, method_id: str) -> list[Line]:
        """Return the lines of one method."""
        return [each for each in self.lines if each.binding.method_id == method_id]


def row(number: int = 0, what: str = "100 MWh", when: str = "2024-01", **fields: Any) -> Row:
    """Return a row of electricity that was bought from the grid; keywords override."""
    year, month = map(int, when.split("-"))
    kind = fields.get("kind", Kind.ELECTRICITY_PURCHASED)
    values: dict[str, Any] = {
        "path": f"records[{number}]",
        "content": f"row {number}".encode(),
        "source_id": "intake",
        "kind": kind,
        "subject": "",
        "quantity": cases.quantity(what),
        "period": Period.month(year, month),
        "facility": "",
        "meter": "",
        "counterparty": GRID if kind.carrier else "",
        "evidence": "",
        "certificate": "",
        "corrects": "",
    }
    return Row(**(values | fields))


def judged(*rows: Row, **setting: Any) -> tuple[Verdict, ...]:
    """Return what becomes of rows, held against empty books; keywords are those of a setting."""
    verdicts, _ = _judged(rows, Setting(**setting))
    return verdicts


def posted(*rows: Row, **setting: Any) -> Posted:
    """Return what rows, all accepted, make of empty books; keywords are those of a setting."""
    where = Setting(**setting)
    verdicts, books = _judged(rows, where)
    accepted = [each for each in verdicts if isinstance(each, Accepted)]
    assert len(accepted) == len(rows), verdicts
    occasion = Occasion(
        reporter=where.reporter, found=where.found(rows), revision=1, registry_revision=1
    )
    posting = post(accepted, books, Before(lines=(), inventories={}), occasion)
    return Posted(
        lines=posting.lines,
        inventories={each.method.method_id: each for each in posting.inventories},
    )


def _judged(rows: Sequence[Row], setting: Setting) -> tuple[tuple[Verdict, ...], Books]:
    known = frozenset(name for row in rows for name in row.references)
    facts = Facts(reporter=setting.reporter, known=known, found=setting.found(rows))
    return judge(rows, facts, Books())


def _queries(rows: Sequence[Row], reporter: Reporter) -> Iterator[Query]:
    for each in rows:
        assert each.source is not None, "a row of these tests says its kind"
        assert each.entry is not None, "a row of these tests can be read"
        entry = each.entry
        for needs in needs_by_method(each.source, entry.period, entry.quantity.unit, reporter):
            for need in needs:
                yield from need.queries
