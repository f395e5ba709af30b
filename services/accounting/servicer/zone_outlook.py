"""What a zone's year will come to, and what it would be if: of ZoneAnalysisService."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import grpc

from services.accounting import store
from services.accounting.domain import zone as zone_domain
from services.accounting.domain.explanation import zone_analysis
from services.accounting.domain.method import Method
from services.accounting.domain.outlook import history, scenario
from services.accounting.domain.outlook.year_end import year_end
from services.accounting.domain.rollup import NOTHING as NO_MONTHS
from services.accounting.domain.rollup import Months
from services.accounting.domain.zone import ZoneInventory
from services.accounting.files import ZoneRules
from services.accounting.neighbours import Registry, View
from services.accounting.servicer.access import ACCESS, ZONE_INVENTORY
from services.accounting.servicer.base import Rules
from services.accounting.servicer.inventory import Inventories
from services.accounting.wire import inventory as inventory_wire
from services.accounting.wire import zone_outlook
from services.accounting.wire.explanation import from_explanation
from services.accounting.wire.zone_outlook import Told
from services.kernel import names
from services.kernel.errors import NameInvalid, NotFound
from services.runtime import auth, paging
from services.runtime.database import Database
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb
from zonecarbon.accounting.v1 import zone_inventory_pb2, zone_outlook_pb2

HISTORY_YEARS = 7
"""Years before the one asked for that a forecast and its backtests look at."""
DEFAULT_PAGE = 20
LARGEST_PAGE = 100
_MonthsByYear = Mapping[int, Mapping[str, Months]]
_ALL = zone_inventory_pb2.MEMBER_COVERAGE_ALL


class ZoneOutlooks(Inventories):
    def __init__(
        self, database: Database, registry: Registry, rules: Rules, zone_rules: ZoneRules
    ) -> None:
        super().__init__(database, registry, rules)
        self._zone_rules = zone_rules

    def ForecastYear(
        self, request: pb.ForecastYearRequest, context: grpc.ServicerContext
    ) -> zone_outlook_pb2.Outlook:
        if names.ZONE_INVENTORY.matches(request.name):
            auth.permit(ACCESS, ZONE_INVENTORY, auth.caller())
            return self._outlook_of_zone(request)
        if names.INVENTORY.matches(request.name):
            return self._outlook_of_enterprise(request)
        patterns = (names.INVENTORY, names.ZONE_INVENTORY)
        raise NameInvalid(given=request.name, pattern=" | ".join(map(str, patterns)))

    def SimulateZone(
        self, request: pb.SimulateZoneRequest, context: grpc.ServicerContext
    ) -> zone_outlook_pb2.ZoneScenario:
        actual = self._zone_named(request.name)
        method = self._methods[actual.method_id]
        wanted = zone_outlook.to_scenario(request)
        steps = scenario.steps(actual.members, wanted, method)
        zones = [
            zone_domain.of(
                actual.zone,
                actual.accounting_year,
                step.members,
                method=method,
                snapshot=actual.snapshot,
            )
            for step in steps
        ]
        simulated = zones[-1] if zones else actual
        nets = [(step.title, zone.net_co2e_g) for step, zone in zip(steps, zones, strict=True)]
        return zone_outlook_pb2.ZoneScenario(
            actual=inventory_wire.from_zone(actual),
            simulated=inventory_wire.from_zone(simulated),
            difference_g=simulated.net_co2e_g - actual.net_co2e_g,
            explanation=from_explanation(
                zone_analysis.scenario(actual.name, actual.net_co2e_g, nets), auth.language()
            ),
        )

    def _outlook_of_enterprise(self, request: pb.ForecastYearRequest) -> zone_outlook_pb2.Outlook:
        key = self._seen(request.name)
        method, year = self._methods[key.method_id], key.accounting_year
        owner = names.ENTERPRISE.format(enterprise=key.enterprise)
        months = self._months([owner], year, method)
        count = history.known_month_count(_of(months, owner, year))
        told = self._told(owner, year, count, months, method)
        return zone_outlook.from_outlook(
            told, (), (), rule=self._zone_rules.outlook, language=auth.language()
        )

    def _outlook_of_zone(self, request: pb.ForecastYearRequest) -> zone_outlook_pb2.Outlook:
        ids = names.ZONE_INVENTORY.parse(request.name)
        year, method_id = self._year_and_method(ids["inventory"], request.name)
        method, zone = self._methods[method_id], names.ZONE.format(zone=ids["zone"])
        found = self._registry.members(zone, year, wanted=request.name)
        after = paging.start(request, request.name)
        size = min(request.page_size or DEFAULT_PAGE, LARGEST_PAGE)
        members = {each.name: each.zones_in(year)[zone] for each in found.enterprises}
        if not members:
            raise NotFound(name=request.name)
        months = self._months([zone, *members], year, method)
        count, late = history.of_zone(
            members,
            {name: _of(months, name, year - 1) for name in members},
            {name: _of(months, name, year) for name in members},
        )
        page = [name for name in sorted(members) if name > after][: size + 1]
        message = zone_outlook.from_outlook(
            self._told(zone, year, count, months, method),
            [
                self._told(
                    name,
                    year,
                    history.known_month_count(_of(months, name, year)),
                    months,
                    method,
                )
                for name in page[:size]
            ],
            late,
            rule=self._zone_rules.outlook,
            language=auth.language(),
        )
        message.next_page_token = paging.next_token(page, size, request.name)
        return message

    def _told(
        self, owner: str, year: int, count: int, months: _MonthsByYear, method: Method
    ) -> Told:
        """Return the outlook of an owner of whom so many months of the year are known."""
        rule = self._zone_rules.outlook
        by_year = {each: found[owner] for each, found in months.items() if owner in found}
        known = history.history(by_year, year, count, method)
        found = year_end(known.months_g, year, count, rule)
        return Told(
            owner=owner,
            year=year,
            known=known.known_g,
            known_month_count=count,
            found=found,
            needs=None if found else known.needs(year, rule),
        )

    def _months(self, owners: Sequence[str], year: int, method: Method) -> _MonthsByYear:
        """Return the months of owners in a year and those before it, by year and name."""
        with self._database.read() as connection:
            return {
                each: store.rollups.of(connection, owners, each, method.method_id)
                for each in range(year - HISTORY_YEARS, year + 1)
            }

    def _zone_named(
        self, name: str, coverage: zone_inventory_pb2.MemberCoverage.ValueType = _ALL
    ) -> ZoneInventory:
        """Return the inventory of a zone by its name, of the members that are asked for."""
        ids = names.ZONE_INVENTORY.parse(name)
        year, method_id = self._year_and_method(ids["inventory"], name)
        return self.zone_inventory(ids["zone"], year, method_id=method_id, view=view_of(coverage))


def _of(months: _MonthsByYear, owner: str, year: int) -> Months:
    return months.get(year, {}).get(owner, NO_MONTHS)


def view_of(coverage: zone_inventory_pb2.MemberCoverage.ValueType) -> View:
    """Return how a zone is looked at: now, by the caller, and which members of it."""
    return View(member_coverage=inventory_wire.to_member_coverage(coverage))
