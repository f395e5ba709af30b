"""The books of one enterprise, report after report, by the domain alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Entry, Line
from services.accounting.domain.method import Basis
from services.accounting.domain.need import Reporter
from services.accounting.domain.posting import Before, Occasion, Posting, post
from services.accounting.domain.reconciliation import Side
from services.accounting.domain.report import Accepted, Books, Stored, judge
from services.accounting.domain.row import Row
from tests.accounting import builders
from tests.accounting.library import Figures, Own

RECORDS = "enterprises/mill/activityRecords/"


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The books of one enterprise, and what the registry says of it."""

    of: Reporter = field(default_factory=builders.reporter)
    figures: Figures = field(default_factory=dict)
    own: Sequence[Own] = ()
    books: Books = field(default_factory=Books)
    lines: dict[str, Line] = field(default_factory=dict)
    inventories: dict[tuple[int, str], Inventory] = field(default_factory=dict)
    revision: int = 0

    def report(self, *rows: Row) -> Posting:
        """Post rows, all of which are accepted, and keep what they make."""
        self.revision += 1
        facts = builders.facts(rows, self.books, self.figures, of=self.of, own=self.own)
        verdicts, entered = judge(rows, facts, self.books)
        accepted = [each for each in verdicts if isinstance(each, Accepted)]
        assert len(accepted) == len(rows), verdicts
        before = Before(lines=list(self.lines.values()), inventories=self.inventories)
        occasion = Occasion(
            reporter=self.of, found=facts.found, revision=self.revision, registry_revision=4
        )
        posting = post(accepted, entered, before, occasion)
        self.lines |= {each.line_id: each for each in posting.lines}
        for each in posting.inventories:
            self.inventories[each.accounting_year, each.method.method_id] = each
        self.books = self._stored(entered)
        return posting

    def line(self, line_id: str) -> Line:
        """Return the current version of a line."""
        return self.lines[line_id]

    def inventory(self, method_id: str = "gbt32150", year: int = 2023) -> Inventory:
        """Return the current version of an inventory."""
        return self.inventories[year, method_id]

    def current(self, method_id: str) -> Mapping[str, Line]:
        """Return the lines of a method that have records."""
        return {
            each.line_id: each
            for each in self.lines.values()
            if each.binding.method_id == method_id and each.record_count
        }

    def side(
        self, method_id: str, gwp_set: str = "", basis: Basis | None = None, *, year: int = 2023
    ) -> Side:
        """Return a total, with the lines it is made of."""
        method = builders.method(method_id)
        lines = sorted(
            self.current(method_id).values(), key=lambda each: (each.grain, each.line_id)
        )
        return Side(
            inventory=self.inventory(method_id, year),
            lines=tuple(lines),
            gwp_set=gwp_set or method.gwp_set,
            basis=basis or method.basis,
        )

    def _stored(self, entered: Books) -> Books:
        """Return the books with rows as the records that they became: "r3-records[0]"."""
        books = entered.copy()
        for grain, entries in books.current.items():
            entries[:] = [self._named(each) for each in entries]
            for each in entries:
                books.stored[each.name] = Stored(grain=grain, corrected_by="")
        return books

    def _named(self, entry: Entry) -> Entry:
        is_row = entry.name.startswith("records[")
        return replace(entry, name=f"{RECORDS}r{self.revision}") if is_row else entry
