"""Restatement: the books follow the factor library, and never lose what they said before.

What a revision of published factors makes of a line is arithmetic on its exact activity. Where more
than figures change (a factor of the emitter's own, one that was missing, another unit) the year is
computed anew from its records. Both write new versions of what differs and of nothing else, all
in one transaction with the cursor, so that each change of the library has its effect once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial

import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Binding, Found, Query
from services.accounting.domain.emission import Booked
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.knowledge import rebooking
from services.accounting.domain.knowledge.rebooking import (
    Bound,
    Ledger,
    Moved,
    Moves,
    Rebooked,
    Rebooking,
)
from services.accounting.domain.method import Method
from services.accounting.domain.need import Reporter
from services.accounting.domain.posting import Before, Occasion, Posting, repost
from services.accounting.domain.report import Books
from services.accounting.domain.rollup import Months, Zones
from services.accounting.neighbours import Changes
from services.accounting.servicer.ledger import (
    REGISTRY,
    Ledgers,
    Unasked,
    earliest,
    needs_of,
    unasked,
)
from services.accounting.store.inventories import Key
from services.kernel import names
from services.runtime import outbox, revision
from services.runtime.revision import Revision

Year = tuple[str, int]
"""An enterprise, by id, and an accounting year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What the registry was asked: enterprises by id, factors by query."""

    enterprises: Mapping[str, Enterprise]
    found: Found = field(default_factory=dict)
    registry_revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The records of a year, and the books that were made of them."""

    reporter: Reporter
    accounting_year: int
    books: Books
    before: Before

    def unasked(self, found: Found) -> set[Query]:
        """Return the factors that its records need and that were not asked for."""
        return unasked(needs_of([], self.books, self.reporter), found)

    def reposted(self, library: Library, number: int) -> Posting:
        """Return what its records make of the books by what the library says."""
        occasion = Occasion(
            reporter=self.reporter,
            found=library.found,
            revision=number,
            registry_revision=library.registry_revision,
        )
        return repost(self.accounting_year, self.books, self.before, occasion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What the library makes of the bindings in the books."""

    moves: Moves = field(default_factory=dict)
    bindings: Mapping[str, Binding] = field(default_factory=dict)
    """Every binding, by its digest."""
    ledgers: Mapping[tuple[int, str], AbstractSet[str]] = field(default_factory=dict)
    """The enterprises that have a line which moves, by year and method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """New versions, all to be stored or nothing."""

    rebooked: tuple[Rebooked, ...]
    postings: tuple[Posting, ...]
    """Of years that are computed anew from their records."""

    @property
    def rebookings(self) -> list[Rebooking]:
        """Versions of lines that are arithmetic."""
        return [each for part in self.rebooked for each in part.rebookings]

    @property
    def inventories(self) -> list[Inventory]:
        """Versions of inventories that follow from these."""
        return [each for part in self.rebooked for each in part.inventories]

    @property
    def months(self) -> dict[Key, Months]:
        """What the months differ by with these."""
        return {
            Key(
                enterprise=each.enterprise,
                accounting_year=each.accounting_year,
                method_id=each.method.method_id,
            ): part.months[each.enterprise]
            for part in self.rebooked
            for each in part.inventories
        }

    @property
    def versions(self) -> list[tuple[str, int]]:
        """Every inventory that gets a version, and which."""
        posted = (each for posting in self.postings for each in posting.inventories)
        return [(each.name, each.version) for each in (*self.inventories, *posted)]


class Restatements(Ledgers):
    """Keeps the books of open years at what the library says now."""

    _is_placed = False
    """Whether every month is counted in its zones; so it stays, since postings see to it."""

    def follow(self, key: str) -> None:
        """Handle every change of the registry that was not handled yet, in the name of `key`."""
        self._place(key)
        while self._follow_page(key):
            pass

    def _place(self, key: str) -> None:
        """Count in its zones what an older release booked, which knew of no months."""
        if self._is_placed:
            return
        with self._database.read() as connection:
            waiting = store.rollups.unplaced(connection)
        if waiting:
            found = {
                each.enterprise_id: each for each in self._registry.enterprises(key=key).values()
            }
            zones = {(who, year): found[who].zones_in(year) for who, year in waiting}
            with self._database.write() as connection:
                store.rollups.place(connection, zones, revision.take(connection))
        self._is_placed = True

    def computed(self, enterprise: Enterprise, year: int, *, key: str) -> Posting:
        """Return what the records of a year make of its books, by the library as it is now.

        Nothing is stored, and nothing is in it where the books say the same.
        """
        library = Library(enterprises={enterprise.enterprise_id: enterprise})
        with self._database.read() as connection:
            loaded = self._loaded(connection, enterprise, year)
        while missing := loaded.unasked(library.found):
            library = self._asked_library(library, missing, key=key)
        return loaded.reposted(library, 0)

    def _follow_page(self, key: str) -> bool:
        """Handle one page of changes; tell whether there may be more."""
        with self._database.read() as connection:
            begin = outbox.cursor(connection, REGISTRY)
        changes = self._registry.changes(begin, key=key)
        if changes.up_to == begin:
            return False
        library = Library(enterprises=self._enterprises(changes, key))
        while True:
            try:
                self._handle(begin, changes, library)
            except Unasked as more:
                library = self._asked_library(library, more.queries, key=key)
            else:
                return changes.more

    def _enterprises(self, changes: Changes, key: str) -> dict[str, Enterprise]:
        if changes.library:
            found = self._registry.enterprises(key=key)
        else:
            found = {name: self._registry.enterprise(name, key=key) for name in changes.enterprises}
        return {each.enterprise_id: each for each in found.values()}

    def _asked_library(
        self, library: Library, queries: Collection[Query], *, key: str | None = None
    ) -> Library:
        """Return the library with the answers to further queries."""
        found, registry_revision = self._registry.resolve(queries, key=key)
        return replace(
            library,
            found={**library.found, **found},
            registry_revision=earliest(library.registry_revision, registry_revision),
        )

    def _handle(self, begin: int, changes: Changes, library: Library) -> None:
        """Restate what the changes touch, and move the cursor, in one transaction."""
        with self._database.write() as connection:
            if outbox.cursor(connection, REGISTRY) != begin:
                return  # Another follower came in between, and has done it.
            number = revision.newest(connection) + 1
            restated = self._restated(connection, changes, library, number)
            zones = self._others(connection, changes, library)
            if restated.versions or zones:
                taken = revision.take(connection)
                self._save(connection, restated, taken)
                store.rollups.place(connection, zones, taken)
            outbox.advance(connection, REGISTRY, changes.up_to)

    def _others(
        self, connection: sa.Connection, changes: Changes, library: Library
    ) -> dict[Year, Zones]:
        """Return the zones of years that are counted in others than the enterprise belongs to."""
        touched = {_id(name) for name in changes.enterprises}
        counted = store.rollups.placed(connection, touched)
        wanted = {
            (enterprise, year): library.enterprises[enterprise].zones_in(year)
            for enterprise, year in counted
        }
        return {each: zones for each, zones in wanted.items() if zones != counted[each]}

    def _restated(
        self, connection: sa.Connection, changes: Changes, library: Library, number: int
    ) -> Restated:
        """Return what the changes make of the books of all open years that follow the library.

        Raises:
            Unasked: factors must be asked for first.
        """
        standing = {
            year
            for year, period in store.periods.decided(connection).items()
            if not period.state.takes_reports or period.pinned_registry_revision
        }
        anew: set[Year] = {
            (enterprise, year)
            for enterprise in map(_id, changes.enterprises)
            for year in store.inventories.begun(connection, enterprise)
        }
        shift, ledgers = Shift(), {}
        if changes.library:
            shift = self._shift(connection, library, standing)
            ledgers = dict(self._ledgers(connection, shift, library))
            anew |= set(store.inventories.lacking(connection))
            anew |= set(self._of_records(ledgers, shift))
        loaded = [
            self._loaded(connection, library.enterprises[enterprise], year)
            for enterprise, year in sorted(anew - standing)
        ]
        if missing := set[Query]().union(*(each.unasked(library.found) for each in loaded)):
            raise Unasked(missing)
        return Restated(
            rebooked=tuple(
                rebooking.rebooked(
                    ledger.without({who for who, of_year in anew if of_year == year}),
                    shift.moves,
                    rebooking.Occasion(
                        method=self._methods[method_id],
                        revision=number,
                        registry_revision=library.registry_revision,
                    ),
                )
                for (year, method_id), ledger in ledgers.items()
            ),
            postings=tuple(each.reposted(library, number) for each in loaded),
        )

    def _save(self, connection: sa.Connection, restated: Restated, taken: Revision) -> None:
        store.rebookings.add(connection, restated.rebookings, taken)
        if restated.inventories:
            store.inventories.add(connection, restated.inventories, taken)
        store.rollups.add(connection, restated.months, {}, taken)
        for posting in restated.postings:
            self._keep(connection, posting, taken)
        outbox.publish(connection, taken, restated.versions)

    def _shift(
        self, connection: sa.Connection, library: Library, standing: AbstractSet[Year]
    ) -> Shift:
        """Return which bindings the library makes others of, and whose lines they are.

        Raises:
            Unasked: factors must be asked for first.
        """
        users = store.lines.users(connection)
        bindings = store.bindings.every(connection)
        places: dict[str, dict[str, set[str]]] = {}
        for digest, enterprises in users.items():
            year = bindings[digest].accounting_year
            of_region: defaultdict[str, set[str]] = defaultdict(set)
            for enterprise in enterprises:
                if (enterprise, year) not in standing and enterprise in library.enterprises:
                    of_region[library.enterprises[enterprise].region_code].add(enterprise)
            places[digest] = of_region
        bounds = {
            (digest, kind, region): Bound(binding=bindings[digest], kind=kind, region_code=region)
            for digest, of_region in places.items()
            if (method := self._methods.get(bindings[digest].method_id)) is not None
            for kind in rebooking.kinds(bindings[digest], method)
            for region in of_region
        }
        needs = {key: rebooking.need(bound, self._of(bound)) for key, bound in bounds.items()}
        if missing := unasked(list(needs.values()), library.found):
            raise Unasked(missing)
        moves: dict[tuple[str, Kind, str], Moved] = {}
        ledgers: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        for key, bound in bounds.items():
            move = rebooking.moved(bound, needs[key], library.found)
            if move is not None:
                digest, _, region = key
                moves[key] = move
                binding = bound.binding
                ledgers[binding.accounting_year, binding.method_id] |= places[digest][region]
        return Shift(moves=moves, bindings=bindings, ledgers=ledgers)

    def _of(self, bound: Bound) -> Method:
        return self._methods[bound.binding.method_id]

    def _ledgers(
        self, connection: sa.Connection, shift: Shift, library: Library
    ) -> Iterator[tuple[tuple[int, str], Ledger]]:
        """Yield the books that move, by year and method."""
        for (year, method_id), enterprises in shift.ledgers.items():
            method = self._methods[method_id]
            yield (
                (year, method_id),
                Ledger(
                    subtotals=store.lines.subtotals(connection, enterprises, year, method_id),
                    regions={
                        enterprise: library.enterprises[enterprise].region_code
                        for enterprise in enterprises
                    },
                    inventories=store.inventories.current(connection, enterprises, year, method),
                    months=_months(connection, enterprises, year, method_id),
                    bindings=shift.bindings,
                    booked=partial(_booked, connection, year, method_id),
                ),
            )

    def _of_records(
        self, ledgers: Mapping[tuple[int, str], Ledger], shift: Shift
    ) -> Iterator[Year]:
        """Yield the years that arithmetic on subtotals cannot restate."""
        for (year, method_id), ledger in ledgers.items():
            method = self._methods[method_id]
            for enterprise, subtotals in ledger.subtotals.items():
                if rebooking.anew(subtotals, shift.moves, ledger.regions[enterprise], method):
                    yield enterprise, year

    def _loaded(self, connection: sa.Connection, enterprise: Enterprise, year: int) -> Loaded:
        reporter, periods = self._begun(connection, self._reporter(enterprise))
        books = store.books.of(connection, enterprise.enterprise_id, [], [year])
        return Loaded(
            reporter=reporter,
            accounting_year=year,
            books=replace(books, periods=periods),
            before=self._before(connection, enterprise.enterprise_id, [year]),
        )


def _id(enterprise: str) -> str:
    return names.ENTERPRISE.parse(enterprise)["enterprise"]


def _months(
    connection: sa.Connection, enterprises: Collection[str], year: int, method_id: str
) -> dict[str, Months]:
    """Return the months of enterprises by id."""
    owners = {names.ENTERPRISE.format(enterprise=each): each for each in enterprises}
    found = store.rollups.of(connection, owners, year, method_id)
    return {owners[owner]: months for owner, months in found.items()}


def _booked(
    connection: sa.Connection, year: int, method_id: str, enterprise: str
) -> dict[str, Booked]:
    """Return what is booked of an enterprise's lines."""
    lines = store.lines.current(connection, [enterprise], year, method_id)
    return {line.line_id: line.booked for line in lines}
