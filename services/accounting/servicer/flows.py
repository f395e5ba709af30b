"""The flows of enterprises, kept in memory as long as their books say the same."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import flow
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.flow import FlowYear
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.accounting.store.inventories import Key

MOST_YEARS = 60_000
"""Years of enterprises that are kept: ten zones of two thousand over three years."""

NOTHING = FlowYear(flows=())


class Flows:
    """Flows by the version of the inventory that they are of.

    Every version of a line makes one of its inventory, so that flows of a version never change.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Key, int], FlowYear] = OrderedDict()
        self._lock = threading.Lock()

    def of_year(
        self, connection: sa.Connection, enterprises: Collection[str], year: int, method: Method
    ) -> dict[str, FlowYear]:
        """Return the current flows of enterprises in a year, by id, of those that have reported."""
        versions = store.inventories.newest_versions(
            connection, enterprises, year, method.method_id
        )
        keys = {
            id_: (Key(enterprise=id_, accounting_year=year, method_id=method.method_id), version)
            for id_, version in versions.items()
        }
        with self._lock:
            found = {id_: self._kept[key] for id_, key in keys.items() if key in self._kept}
        missing = sorted(keys.keys() - found.keys())
        if missing:
            made = _made(connection, missing, year, method)
            with self._lock:
                for id_ in missing:
                    self._kept[keys[id_]] = made[id_]
                while len(self._kept) > MOST_YEARS:
                    self._kept.popitem(last=False)
            found |= made
        return found


def _made(
    connection: sa.Connection, enterprises: Collection[str], year: int, method: Method
) -> dict[str, FlowYear]:
    lines = store.lines.current(connection, enterprises, year, method.method_id)
    by_enterprise: defaultdict[str, list[Line]] = defaultdict(list)
    for line in zone_domain.counted(lines, method):
        by_enterprise[line.enterprise].append(line)
    return {id_: flow.of_lines(by_enterprise[id_], method) for id_ in enterprises}
