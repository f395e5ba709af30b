"""The books of zones as they are read again and again: kept in memory while they say the same."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import flow
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.enterprise import WHOLE_YEAR
from services.accounting.domain.flow import FlowYear, Inhabitant
from services.accounting.domain.inventory import Inventory, restricted
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.accounting.domain.zone import MemberCoverage
from services.accounting.domain.zone_brief import BriefMember, ZoneBrief
from services.accounting.servicer.boundary import Boundaries, Boundary, Counted
from services.accounting.store.inventories import Key
from services.kernel import names
from services.runtime.database import Database

MOST_YEARS = 10_000
"""Years of enterprises that are kept, each some 15 kB: a zone of two thousand over five years."""

_CHUNK = 100
"""Enterprises whose lines are in memory together."""
_NO_FLOWS = FlowYear(flows=())


@dataclass(frozen=True, slots=True, kw_only=True)
class YearBooks:
    """The books of an enterprise in a year by a method, without their lines."""

    inventory: Inventory
    flows: FlowYear


class ZoneBooks:
    """Years of enterprises by the version of their inventory.

    Every version of a line makes one of its inventory, so that what is kept of a version is never
    another.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[tuple[Key, int], YearBooks] = OrderedDict()
        self._lock = threading.Lock()
        self._is_warm = False

    def inhabitants(
        self, members: Counted, year: int, method: Method, as_of: int | None = None
    ) -> tuple[list[Inhabitant], dict[str, Inventory]]:
        """Return the members of a zone in a year with their flows, and their inventories by id.

        Those that were current at the revision `as_of`.
        """
        ids = [each.enterprise_id for each, _ in members]
        with self._database.read() as connection:
            found = self._of_year(connection, ids, year, method, as_of)
        return (
            [
                Inhabitant(
                    enterprise=each,
                    months=months,
                    year=found[id_].flows if id_ in found else _NO_FLOWS,
                )
                for id_, (each, months) in zip(ids, members, strict=True)
            ],
            {id_: each.inventory for id_, each in found.items()},
        )

    def brief(
        self, boundary: Boundary, year: int, method: Method, as_of: int | None = None
    ) -> ZoneBrief | None:
        """Return a zone in brief, all its members; None where it had none in the year."""
        members = boundary.members(year, MemberCoverage.ALL)
        if not members:
            return None
        inhabitants, inventories = self.inhabitants(members, year, method, as_of)
        parts = self._parts(inhabitants, inventories, year, method, as_of)
        brief = [
            BriefMember(
                enterprise=each.enterprise,
                inventory=parts.get(id_) or inventories.get(id_),
            )
            for each in inhabitants
            for id_ in [each.enterprise.enterprise_id]
        ]
        brief.sort(key=lambda each: (-_total_g(each, method), each.name))
        return ZoneBrief(
            zone=names.ZONE.parse(boundary.zone)["zone"],
            accounting_year=year,
            method_id=method.method_id,
            members=tuple(brief),
            residual=flow.residual(inhabitants, boundary.partners, method),
        )

    def warm(self, methods: Sequence[Method]) -> None:
        """Read once the years of all enterprises, the newest first, as far as they are kept.

        So that nobody waits for them after a start.
        """
        if self._is_warm:
            return
        with self._database.read() as connection:
            years = store.inventories.years(connection)
        for method, year in itertools.product(methods, reversed(years)):
            with self._database.read() as connection:
                ids = store.inventories.enterprises(connection, year, method.method_id)
            for start in range(0, len(ids), _CHUNK):
                if len(self._kept) + _CHUNK > MOST_YEARS:
                    break
                with self._database.read() as connection:
                    self._of_year(connection, ids[start : start + _CHUNK], year, method, None)
        self._is_warm = True

    def _parts(
        self,
        inhabitants: Sequence[Inhabitant],
        inventories: dict[str, Inventory],
        year: int,
        method: Method,
        as_of: int | None,
    ) -> dict[str, Inventory]:
        """Return the inventories of those that are counted in a part of the year alone, by id."""
        months = {
            id_: each.months
            for each in inhabitants
            if (id_ := each.enterprise.enterprise_id) in inventories
            and len(each.months) < len(WHOLE_YEAR)
        }
        if not months:
            return {}
        with self._database.read() as connection:
            lines = store.lines.current(connection, list(months), year, method.method_id, as_of)
        counted: defaultdict[str, list[Line]] = defaultdict(list)
        for line in zone_domain.counted(lines, method):
            if line.month.start.month in months[line.enterprise]:
                counted[line.enterprise].append(line)
        return {id_: restricted(inventories[id_], counted[id_]) for id_ in months}

    def _of_year(
        self,
        connection: sa.Connection,
        enterprises: Collection[str],
        year: int,
        method: Method,
        as_of: int | None,
    ) -> dict[str, YearBooks]:
        versions = store.inventories.newest_versions(
            connection, enterprises, year, method.method_id, as_of
        )
        keys = {
            id_: (Key(enterprise=id_, accounting_year=year, method_id=method.method_id), version)
            for id_, version in versions.items()
        }
        with self._lock:
            found = {id_: self._kept[key] for id_, key in keys.items() if key in self._kept}
        missing = sorted(keys.keys() - found.keys())
        if missing:
            made = _made(connection, missing, year, method, as_of)
            with self._lock:
                for id_ in missing:
                    self._kept[keys[id_]] = made[id_]
                while len(self._kept) > MOST_YEARS:
                    self._kept.popitem(last=False)
            found |= made
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptZones:
    """What is kept of zones, shared by all who read them."""

    books: ZoneBooks
    boundaries: Boundaries


def _made(
    connection: sa.Connection,
    enterprises: Collection[str],
    year: int,
    method: Method,
    as_of: int | None,
) -> dict[str, YearBooks]:
    inventories = store.inventories.current(connection, enterprises, year, method, as_of)
    lines = store.lines.current(connection, enterprises, year, method.method_id, as_of)
    by_enterprise: defaultdict[str, list[Line]] = defaultdict(list)
    for line in zone_domain.counted(lines, method):
        by_enterprise[line.enterprise].append(line)
    return {
        id_: YearBooks(inventory=inventories[id_], flows=flow.of_lines(by_enterprise[id_], method))
        for id_ in enterprises
    }


def _total_g(member: BriefMember, method: Method) -> int:
    return member.inventory.total.under(method.gwp_set) if member.inventory else 0
