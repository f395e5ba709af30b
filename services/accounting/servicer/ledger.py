"""What every servicer does that writes into the books of enterprises."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.binding import Found, Need, Query
from services.accounting.domain.need import Reporter, needs_by_method
from services.accounting.domain.period import AccountingPeriod
from services.accounting.domain.posting import Before, Posting
from services.accounting.domain.report import Books
from services.accounting.domain.row import Row
from services.accounting.servicer.base import Base
from services.accounting.store.inventories import Key
from services.kernel.period import Period
from services.runtime import outbox
from services.runtime.revision import Revision

REGISTRY = "registry"
"""Whose changes the figures follow; the name of the cursor."""


class Unasked(Exception):
    """Factors must be asked for before the books can be written; never leaves the servicer."""

    def __init__(self, queries: Collection[Query]) -> None:
        super().__init__(queries)
        self.queries = queries


class Outdated(Exception):
    """The books follow a newer library than was asked; never leaves the servicer."""


class Ledgers(Base):
    """Loads what a posting is decided on, and saves it."""

    def _begun(
        self, connection: sa.Connection, reporter: Reporter
    ) -> tuple[Reporter, dict[int, AccountingPeriod]]:
        """Return the reporter with what it has begun and pinned, and its years decided on."""
        enterprise = reporter.enterprise.enterprise_id
        periods = store.periods.of(connection, enterprise)
        known = replace(
            reporter,
            begun=store.inventories.begun(connection, enterprise),
            pinned={
                year: period.pinned_registry_revision
                for year, period in periods.items()
                if period.pinned_registry_revision
            },
        )
        return known, periods

    def _resolved(
        self, needs: Sequence[Need], known: Found, *, key: str | None = None
    ) -> tuple[Found, int]:
        """Ask for what `needs` want, by month; by the very days where a month is not enough.

        Returned with the revision of the library up to which it is known that this is so.
        """
        queries = {query for each in needs for query in each.queries}
        answers, newest = self._registry.resolve(queries, key=key)
        found = {**known, **answers}
        days = {query for each in needs for query in each.queries_of_days(found)}
        of_days, later = self._registry.resolve(days, key=key)
        return {**found, **of_days}, earliest(newest, later)

    def _check_newest(self, connection: sa.Connection, registry_revision: int) -> None:
        """Raise Outdated where the books follow the library beyond what was asked.

        Whoever follows it has passed by before this report is stored, and would not come again.
        """
        if registry_revision and outbox.cursor(connection, REGISTRY) > registry_revision:
            raise Outdated

    def _before(self, connection: sa.Connection, enterprise: str, years: Collection[int]) -> Before:
        return Before(
            lines=[
                line
                for year in sorted(years)
                for line in store.lines.every(connection, [enterprise], year)
            ],
            inventories={
                (year, method_id): inventory
                for year in sorted(years)
                for method_id, inventory in store.inventories.of_year(
                    connection, enterprise, year, self._methods
                ).items()
            },
        )

    def _keep(self, connection: sa.Connection, posting: Posting, taken: Revision) -> None:
        """Store what a posting makes of the books, and of the months beside them."""
        if posting.lines:
            store.lines.add(connection, posting.lines, taken)
        if posting.inventories:
            store.inventories.add(connection, posting.inventories, taken)
        moved = {
            Key(enterprise=posting.enterprise, accounting_year=year, method_id=method_id): months
            for (year, method_id), months in posting.months.items()
        }
        zones = {(posting.enterprise, year): zones for year, zones in posting.zones.items()}
        store.rollups.add(connection, moved, zones, taken)


def needs_of(rows: Sequence[Row], books: Books, reporter: Reporter) -> list[Need]:
    """Return what the rows need, and what the records need that stand beside them in the books.

    Each need once: the reporter keeps those that rows share.
    """
    needs: dict[int, Need] = {}

    def add(source: EmissionSource, period: Period, unit: str) -> None:
        for by_method in needs_by_method(source, period, unit, reporter):
            needs.update((id(each), each) for each in by_method)

    for row in rows:
        if row.source is not None and row.source.subject and row.period is not None:
            add(row.source, row.period, row.quantity.unit if row.quantity else "")
    for grain, entries in books.current.items():
        for entry in entries:
            add(books.sources[grain.source_id], entry.period, entry.quantity.unit)
    return list(needs.values())


def earliest(first: int, second: int) -> int:
    """Return the earlier of two revisions of the library; 0 stands for nothing asked."""
    return min(first, second) if first and second else max(first, second)


def unasked(needs: Sequence[Need], found: Found) -> set[Query]:
    """Return what must be asked before `needs` can be bound."""
    missing = {query for each in needs for query in each.queries} - found.keys()
    if missing:
        return missing
    return {query for each in needs for query in each.queries_of_days(found)} - found.keys()
