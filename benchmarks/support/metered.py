"""The books of a large zone whose enterprises buy electricity at many meters, month after month.

They are written straight into the tables: to report half a million rows takes longer than all that
is measured on them. What is written is what reports would have made, which `restate` checks.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import need as needs
from services.accounting.domain import rollup, written
from services.accounting.domain.activity import ELECTRICITY, EmissionSource, Kind
from services.accounting.domain.binding import Binding, bind
from services.accounting.domain.booking import book
from services.accounting.domain.emission import Booked, per_unit
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.inventory import ActivityTotal, Coverage, Inventory, ItemTotal
from services.accounting.domain.line import Grain, line_id
from services.accounting.domain.method import Method
from services.accounting.domain.need import Reporter
from services.accounting.domain.rollup import Months
from services.accounting.neighbours import Registry
from services.accounting.store.inventories import Key
from services.kernel.period import MONTHS_PER_YEAR, Period
from services.runtime import revision
from services.runtime.database import Database
from services.runtime.revision import Revision

_UNIT = "kWh"
_KWH_DECIMALS = 2
_KWH_PER_MWH = 1000
_LARGEST = 10**8
_CHUNK = 100
"""Enterprises whose rows are inserted together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """How much there is."""

    years: tuple[int, ...]
    source_count: int

    def sources(self, enterprise: str) -> list[EmissionSource]:
        """Return the meters of an enterprise."""
        return [
            EmissionSource(
                source_id=f"meter-{number}",
                kind=Kind.ELECTRICITY_PURCHASED,
                subject=ELECTRICITY,
                counterparty=f"{enterprise}/counterparties/grid",
            )
            for number in range(self.source_count)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """How electricity is bound, by region and year."""

    method: Method
    bindings: Mapping[tuple[str, int], Binding]
    registry_revision: int


def ask(
    registry: Registry, reporters: Sequence[Reporter], meters: Meters, method: Method, key: str
) -> Library:
    """Ask the registry for the factor of electricity of each region and year."""
    bindings: dict[tuple[str, int], Binding] = {}
    newest = 0
    for reporter in reporters:
        for year in meters.years:
            (source, *_) = meters.sources(reporter.enterprise.name)
            (need,) = needs.needs(method, source, Period.month(year, 1), _UNIT, reporter)
            found, newest = registry.resolve(need.queries, key=key)
            binding = bind(need, found, year_field="period")
            assert isinstance(binding, Binding), binding
            bindings[reporter.enterprise.region_code, year] = binding
    return Library(method=method, bindings=bindings, registry_revision=newest)


def write(
    database: Database,
    enterprises: Sequence[Enterprise],
    meters: Meters,
    library: Library,
) -> None:
    """Store records, lines and inventories of them all."""
    chance = random.Random(20241124)  # noqa: S311 (figures of a benchmark)
    with database.write() as connection:
        taken = revision.take(connection)
        digests = store.bindings.keep(connection, library.bindings.values(), taken)
        for start in range(0, len(enterprises), _CHUNK):
            rows = _Rows(taken=taken, digests=digests, library=library)
            for enterprise in enterprises[start : start + _CHUNK]:
                rows.add(enterprise, meters, chance)
            rows.insert(connection)


class _Rows:
    """The rows of some enterprises."""

    def __init__(
        self,
        *,
        taken: Revision,
        digests: Mapping[Binding, str],
        library: Library,
    ) -> None:
        self._stamp = {"create_time": taken.commit_time, "revision": taken.number}
        self._taken = taken
        self._digests = digests
        self._library = library
        self._sources: list[dict[str, Any]] = []
        self._records: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []
        self._inventories: list[Inventory] = []
        self._months: dict[Key, Months] = {}
        self._zones: dict[tuple[str, int], rollup.Zones] = {}

    def add(self, enterprise: Enterprise, meters: Meters, chance: random.Random) -> None:
        """Make up a reading for each meter and month."""
        sources = meters.sources(enterprise.name)
        self._sources += (
            {
                "enterprise": enterprise.enterprise_id,
                "source_id": each.source_id,
                "kind": each.kind.value,
                "subject": each.subject,
                "counterparty": each.counterparty,
                "steam": "",
                "value_chain_category": 0,
                **self._stamp,
            }
            for each in sources
        )
        for year in meters.years:
            places = [
                Grain(source_id=source.source_id, month=Period.month(year, month))
                for source in sources
                for month in range(1, MONTHS_PER_YEAR + 1)
            ]
            self._year(enterprise, year, places, [chance.randrange(_LARGEST) for _ in places])

    def insert(self, connection: sa.Connection) -> None:
        """Insert all that was added."""
        connection.execute(sa.insert(store.sources.sources), self._sources)
        connection.execute(sa.insert(store.records.records), self._records)
        connection.execute(sa.insert(store.lines.lines), self._lines)
        store.inventories.add(connection, self._inventories, self._taken)
        store.rollups.add(connection, self._months, self._zones, self._taken)

    def _year(
        self, enterprise: Enterprise, year: int, places: Sequence[Grain], counts: Sequence[int]
    ) -> None:
        method = self._library.method
        binding = self._library.bindings[enterprise.region_code, year]
        terms = method.terms_of(Kind.ELECTRICITY_PURCHASED, ELECTRICITY)
        formulas = (formula for term in terms for formula in term.formulas)
        formula = next(each for each in formulas if each.formula_id == binding.formula_id)
        kwh = [Fraction(count, 10**_KWH_DECIMALS) for count in counts]
        booking = book(kwh, per_unit(formula, binding, _UNIT), method.rounding)
        own = {"enterprise": enterprise.enterprise_id, **self._stamp}
        for index, place in enumerate(places):
            value = f"{counts[index] / 10**_KWH_DECIMALS:.{_KWH_DECIMALS}f}"
            self._records.append(own | _record(place, value, len(self._records)))
            amount = _Amount(value=value, mwh=kwh[index] / _KWH_PER_MWH)
            self._lines.append(own | self._line(place, amount, binding, booking.row(index)))
        made = rollup.Sum()
        made.booking(binding.item_id, [each.month.start.month for each in places], booking)
        key = Key(
            enterprise=enterprise.enterprise_id, accounting_year=year, method_id=method.method_id
        )
        self._months[key] = made.months()
        self._zones[enterprise.enterprise_id, year] = enterprise.zones_in(year)
        mwh = sum(kwh, Fraction(0)) / _KWH_PER_MWH
        days = sum(place.month.days for place in places)
        self._inventories.append(self._inventory(enterprise, binding, booking.total(), (mwh, days)))

    def _line(
        self, place: Grain, amount: _Amount, binding: Binding, booked: Booked
    ) -> dict[str, Any]:
        return {
            "line": line_id(place, method_id=binding.method_id, item_id=binding.item_id),
            "version": 1,
            "source_id": place.source_id,
            "accounting_year": binding.accounting_year,
            "month_date": place.month.start,
            "method_id": binding.method_id,
            "facility": "",
            "activity": str(amount.mwh),
            "activity_unit": "MWh",
            "activities": [[amount.value, _UNIT]],
            "binding": self._digests[binding],
            "registry_revision": self._library.registry_revision,
            **written.booked.content(booked),
            "days": [],
            "reported_day_count": place.month.days,
            "record_count": 1,
        }

    def _inventory(
        self, enterprise: Enterprise, binding: Binding, booked: Booked, amount: tuple[Fraction, int]
    ) -> Inventory:
        """Return the inventory of a year in which `amount`, MWh and days, was reported."""
        mwh, days = amount
        return Inventory(
            enterprise=enterprise.enterprise_id,
            accounting_year=binding.accounting_year,
            method=self._library.method,
            label=enterprise.label,
            findings=(),
            gaps=(),
            items=(ItemTotal(item_id=binding.item_id, facility="", booked=booked),),
            activity_totals=(
                ActivityTotal(
                    kind=Kind.ELECTRICITY_PURCHASED,
                    subject=ELECTRICITY,
                    value=mwh,
                    unit="MWh",
                ),
            ),
            coverage=Coverage(reported_day_count=days, source_day_count=days),
            reported=None,
            status=binding.status,
            version=1,
            revision=self._taken.number,
            registry_revision=self._library.registry_revision,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amount:
    """A reading as it is written, and as it is booked."""

    value: str
    mwh: Fraction


def _record(place: Grain, value: str, number: int) -> dict[str, Any]:
    return {
        "record": f"b{number}",
        "order_index": number,
        "source_id": place.source_id,
        "value": value,
        "unit_code": _UNIT,
        "start_date": place.month.start,
        "end_date": place.month.end,
        "facility": "",
        "meter": "",
        "evidence": "",
        "certificate": None,
        "corrects": None,
        "reporter": "principals/benchmark",
    }
