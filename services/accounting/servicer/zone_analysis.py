"""ZoneAnalysisService: what a zone's books say beyond their totals. Nothing of it is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import grpc

from services.accounting import store
from services.accounting.domain import comprehensive_energy, flow
from services.accounting.domain.driver import zone as driver
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.flow import Crossing
from services.accounting.domain.indicator.statistic import Statistic
from services.accounting.domain.method import Method
from services.accounting.domain.outlook import pathway
from services.accounting.domain.publication import industry
from services.accounting.domain.trend import zone as trend
from services.accounting.domain.trend.output import (
    PRICE_INDEX,
    VALUE_ADDED,
    Declared,
    Outputs,
)
from services.accounting.files import ZoneRules
from services.accounting.neighbours import NOW, Registry, View
from services.accounting.servicer.base import Rules
from services.accounting.servicer.zone_books import KeptZones
from services.accounting.servicer.zone_outlook import ZoneOutlooks, view_of
from services.accounting.wire import zone_energy, zone_outlook, zone_output, zone_table, zone_trend
from services.accounting.wire.zone_trend import About
from services.kernel import names, trust
from services.kernel.errors import FieldInvalid, NotFound, Words, within
from services.kernel.mass import G_PER_T
from services.runtime import auth, wire
from services.runtime.database import Database
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb
from zonecarbon.accounting.v1 import (
    zone_analysis_service_pb2_grpc,
    zone_drivers_pb2,
    zone_energy_pb2,
    zone_outlook_pb2,
    zone_table_pb2,
    zone_trend_pb2,
)

MOST_TREND_YEARS = 31
MOST_TARGET_YEARS = 60
_TCO2E = "tCO2e"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ZoneYear:
    """A zone in a year: who is in it and what each adds to it."""

    year: int
    crossings: tuple[Crossing, ...]
    enterprises: tuple[Enterprise, ...]
    status: trust.Status | None

    @property
    def net_co2e_g(self) -> int:
        """Its net emissions, grams of CO2 equivalent."""
        return sum(each.co2e_g for each in self.crossings)

    @property
    def without_heat(self) -> list[str]:
        """What has no heat content that is known."""
        return [
            f"{crossing.enterprise.name} {subject}"
            for crossing in self.crossings
            for subject in crossing.without_heat
        ]

    @property
    def is_known(self) -> bool:
        """Whether anybody has reported anything for it."""
        return any(each.carriers for each in self.crossings)


class ZoneAnalyses(ZoneOutlooks, zone_analysis_service_pb2_grpc.ZoneAnalysisServiceServicer):
    """The books of zones, and by which rules more is said of them."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        rules: Rules,
        zone_rules: ZoneRules,
        kept: KeptZones,
    ) -> None:
        super().__init__(database, registry, rules, zone_rules)
        self._kept_zones = kept

    def ComputeZoneEnergy(
        self, request: pb.ComputeZoneEnergyRequest, context: grpc.ServicerContext
    ) -> zone_energy_pb2.ZoneEnergy:
        inventory = self._zone_named(request.name, request.member_coverage)
        declared = zone_energy.to_declared(request)
        found = comprehensive_energy.balance(inventory.members, declared)
        return zone_energy.from_balance(inventory, found, request, auth.language())

    def AnalyzeTrend(
        self, request: pb.AnalyzeTrendRequest, context: grpc.ServicerContext
    ) -> zone_trend_pb2.ZoneTrend:
        method = self._zone_method(request.method_id)
        years = _years(request)
        declared = zone_output.to_declared(request.outputs)
        view = view_of(request.member_coverage)
        found = self._every_year(request.parent, years, method, view)
        outputs = self._outputs(request.parent, declared, found)
        told = [
            trend.Year(
                year=each.year,
                net_co2e_g=each.net_co2e_g,
                energy_gj=None
                if each.without_heat
                else sum(crossing.energy_gj for crossing in each.crossings),
                output=outputs.of_zone(each.year),
            )
            for each in found
        ]
        rule = self._zone_rules.decoupling
        about = _about(request.parent, method, outputs, found)
        return zone_trend.from_trend(about, trend.trend(told, rule), rule, auth.language())

    def DecomposeEmissions(
        self, request: pb.DecomposeEmissionsRequest, context: grpc.ServicerContext
    ) -> zone_drivers_pb2.ZoneDrivers:
        method = self._zone_method(request.method_id)
        declared = zone_output.to_declared(request.outputs)
        years = [request.from_year, request.to_year]
        view = view_of(request.member_coverage)
        found = self._every_year(request.parent, years, method, view)
        outputs = self._outputs(request.parent, declared, found)
        before, after = (
            driver.Side(
                year=each.year,
                crossings=each.crossings,
                outputs=outputs.of_members(each.year),
            )
            for each in found
        )
        about = _about(request.parent, method, outputs, found)
        done = driver.decompose(before, after)
        return zone_trend.from_decomposition(about, done, auth.language())

    def TrackTarget(
        self, request: pb.TrackTargetRequest, context: grpc.ServicerContext
    ) -> zone_outlook_pb2.TargetTracking:
        method = self._zone_method(request.method_id)
        _check_span(request.base_year, request.target_year, MOST_TARGET_YEARS, "target_year")
        with self._database.read() as connection:
            reported = store.inventories.years(connection)
        years = {each for each in reported if request.base_year <= each <= request.target_year}
        found = self._zone_years(request.parent, sorted(years), method, NOW)
        known = {each.year: each.net_co2e_g for each in found if each.is_known}
        if request.base_year not in known:
            inventory = _inventory_id(request.base_year, method)
            raise NotFound(name=f"{request.parent}/inventories/{inventory}")
        base = known[request.base_year]
        way = pathway.pathway(
            request.base_year,
            float(base),
            request.target_year,
            _target(request, base),
            zone_outlook.to_shape(request.shape),
        )
        distances = {
            year: pathway.distance(way, year, float(grams)) for year, grams in known.items()
        }
        return zone_outlook.from_tracking(request, method, way, distances, auth.language())

    def GetPublicTable(
        self, request: pb.GetPublicTableRequest, context: grpc.ServicerContext
    ) -> zone_table_pb2.PublicTable:
        inventory = self._zone_named(request.name, request.member_coverage)
        rule = self._zone_rules.suppression
        return zone_table.from_table(inventory, industry.published(inventory, rule), rule)

    def _zone_method(self, method_id: str) -> Method:
        """Return a method that zones can be accounted by.

        Raises:
            FieldInvalid: there is none of that id, or it is not of zones.
        """
        method = self._method(method_id)
        if not method.is_of_zones:
            of_zones = (each.method_id for each in self._methods.values() if each.is_of_zones)
            raise FieldInvalid(field="method_id", given=method_id, allowed=", ".join(of_zones))
        return method

    def _outputs(self, zone: str, declared: Declared, years: Sequence[_ZoneYear]) -> Outputs:
        """Return what is declared, or was reported where the caller says so, made comparable.

        Raises: as `Declared.compared`.
        """
        if declared.takes_reported:
            wanted = {each.year for each in years} | {declared.price_year or years[0].year}
            span = range(min(wanted), max(wanted) + 1)
            owners = {each.name for year in years for each in year.enterprises}
            with self._database.read() as connection:
                facts = store.statistics.known(
                    connection, {zone, *owners}, {VALUE_ADDED, PRICE_INDEX}, span
                )
            declared = declared.with_reported(
                zone, [each for each in facts if _is_told_for(each, wanted)]
            )
        return declared.compared()

    def _every_year(
        self, parent: str, years: Sequence[int], method: Method, view: View
    ) -> list[_ZoneYear]:
        """Return a zone in each of these years.

        Raises:
            NotFound: there is no such zone to be seen, or it had no member in a year.
        """
        found = {each.year: each for each in self._zone_years(parent, years, method, view)}
        for year in years:
            if year not in found:
                raise NotFound(name=f"{parent}/inventories/{_inventory_id(year, method)}")
        return [found[year] for year in years]

    def _zone_years(
        self, parent: str, years: Sequence[int], method: Method, view: View
    ) -> list[_ZoneYear]:
        """Return a zone in those of these years in which it had a member.

        Raises:
            NameInvalid: `parent` is no zone's name.
            NotFound: there is no such zone to be seen.
        """
        names.ZONE.parse(parent, "parent")
        boundary = self._kept_zones.boundaries.of(parent, view)
        found = []
        for year in sorted(set(years)):
            members = boundary.members(year, view.member_coverage)
            if members:
                inhabitants, _ = self._kept_zones.books.inhabitants(members, year, method)
                crossings = flow.crossing(inhabitants, boundary.partners, method)
                found.append(
                    _ZoneYear(
                        year=year,
                        crossings=crossings,
                        enterprises=tuple(each for each, _ in members),
                        status=_lowest(each.year for each in inhabitants),
                    )
                )
        return found


def _inventory_id(year: int, method: Method) -> str:
    return names.inventory_id(year, method.method_id)


def _is_told_for(fact: Statistic, years: Collection[int]) -> bool:
    """Tell whether a fact is of a year that is asked for; an index of any year in between is."""
    return fact.fact.input_id == PRICE_INDEX or fact.fact.year in years


def _years(request: pb.AnalyzeTrendRequest) -> list[int]:
    _check_span(request.first_year, request.last_year, MOST_TREND_YEARS - 1, "last_year")
    return list(range(request.first_year, request.last_year + 1))


def _check_span(first: int, last: int, most: int, field: str) -> None:
    """Refuse years that are not in order, or too far apart."""
    if not first < last <= first + most:
        raise FieldInvalid(
            field=field,
            given=str(last),
            allowed=Words(
                en=f"from {first + 1} to {first + most}", zh=f"{first + 1} 至 {first + most}"
            ),
        )


def _target(request: pb.TrackTargetRequest, base: int) -> float:
    """Return the target, grams of CO2 equivalent."""
    if request.WhichOneof("target") == "reduction_ratio":
        return base * (1 - request.reduction_ratio)
    with within("target_emissions."):
        emissions = wire.to_quantity(request.target_emissions).non_negative()
        return float(emissions.to(_TCO2E) * Fraction(G_PER_T))


def _lowest(years: Iterable[flow.FlowYear]) -> trust.Status | None:
    each = {year.status for year in years if year.status is not None}
    return trust.lowest(*each) if each else None


def _about(zone: str, method: Method, outputs: Outputs, years: Sequence[_ZoneYear]) -> About:
    """Return what a statement of a zone over years names."""
    enterprises = [each for year in years for each in year.enterprises]
    statuses = [each.status for each in years if each.status is not None]
    return About(
        zone=zone,
        method=method,
        price_year=outputs.price_year,
        status=trust.lowest(*statuses) if statuses else None,
        label=max((each.label for each in enterprises), key=list(Label).index, default=None),
        display_names={each.name: each.display_name for each in enterprises},
        without_heat={each.year: each.without_heat for each in years},
    )
