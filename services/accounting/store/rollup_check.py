"""Whether the months that are kept are what the lines add up to, of an owner or of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from services.accounting.domain import rollup
from services.accounting.domain.rollup import NOTHING, Difference, Months
from services.accounting.store import inventories, lines, rollups
from services.kernel import names


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The months of a year by a method, as they are kept and as the lines add up."""

    name: str
    """The resource name."""
    kept: Months
    recomputed: Months

    def differences(self) -> Iterator[Difference]:
        """Yield the figures that differ."""
        return rollup.differences(self.kept, self.recomputed)


class _Zone:
    """What the months of the members of a zone add up to, by inventory."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, rollup.Sum] = defaultdict(rollup.Sum)

    def add(self, member: Checked, months_of: Mapping[int, Iterable[int]]) -> None:
        """Add the months of a member in which it is counted, by year."""
        inventory = names.MONTHLY_EMISSIONS.parse(member.name)["inventory"]
        months = list(months_of.get(names.of_inventory(inventory)[0], ()))
        self._sums[inventory].add(member.recomputed.within(months), 1)

    def months(self) -> dict[str, Months]:
        """Return the sums."""
        return {inventory: made.months() for inventory, made in self._sums.items()}


def of(connection: sa.Connection, owner: str) -> Iterator[Checked]:
    """Yield the months of an enterprise; of a zone those of its enterprises and its own."""
    if names.ENTERPRISE.matches(owner):
        yield from _of_enterprise(connection, names.ENTERPRISE.parse(owner)["enterprise"])
        return
    zone = _Zone()
    for enterprise, years in rollups.counted(connection, owner).items():
        for each in _of_enterprise(connection, enterprise):
            yield each
            zone.add(each, years)
    yield from _compared(connection, owner, zone.months())


def every(connection: sa.Connection) -> Iterator[Checked]:
    """Yield the months of every enterprise, then those of every zone."""
    owners = set(connection.scalars(sa.select(rollups.months.c.owner).distinct()))
    enterprises = set(
        connection.scalars(sa.select(inventories.inventories.c.enterprise).distinct())
    )
    enterprises |= {
        names.ENTERPRISE.parse(each)["enterprise"]
        for each in owners
        if names.ENTERPRISE.matches(each)
    }
    zones: defaultdict[str, _Zone] = defaultdict(_Zone)
    zones.update({each: _Zone() for each in owners if names.ZONE.matches(each)})
    for enterprise in sorted(enterprises):
        counted: defaultdict[str, dict[int, Iterable[int]]] = defaultdict(dict)
        for (_, year), of_year in rollups.placed(connection, [enterprise]).items():
            for zone, months in of_year.items():
                counted[zone][year] = months
        for each in _of_enterprise(connection, enterprise):
            yield each
            for zone, years in counted.items():
                zones[zone].add(each, years)
    for zone in sorted(zones):
        yield from _compared(connection, zone, zones[zone].months())


def _of_enterprise(connection: sa.Connection, enterprise: str) -> Iterable[Checked]:
    recomputed = {
        names.inventory_id(year, method_id): rollup.of_lines(
            lines.current(connection, [enterprise], year, method_id)
        )
        for year, methods in inventories.begun(connection, enterprise).items()
        for method_id in methods
    }
    owner = names.ENTERPRISE.format(enterprise=enterprise)
    return _compared(connection, owner, recomputed)


def _compared(
    connection: sa.Connection, owner: str, recomputed: Mapping[str, Months]
) -> Iterator[Checked]:
    """Yield what is kept of an owner beside what was added up anew, by inventory."""
    kept = rollups.of_owner(connection, owner)
    for inventory in sorted(kept.keys() | recomputed.keys()):
        yield Checked(
            name=f"{owner}/monthlyEmissions/{inventory}",
            kept=kept.get(inventory, NOTHING),
            recomputed=recomputed.get(inventory, NOTHING),
        )
