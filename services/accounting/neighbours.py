"""The registry, as accounting asks it: enterprises, their partners and meters, factors, members.

Everything is asked in the name of the caller, so that a foreign enterprise looks like a missing
one; the background jobs give the service's own key instead.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import grpc
from google.protobuf import timestamp_pb2
from google.rpc import code_pb2, status_pb2
from google.type import decimal_pb2

from services.accounting.domain.binding import BoundFactor, Origin, Query, Unresolved
from services.accounting.domain.enterprise import Enterprise, Label, Membership
from services.accounting.domain.form.choices import Possessions, Subject
from services.accounting.domain.role import Role
from services.accounting.domain.zone import MemberCoverage
from services.kernel import names
from services.kernel.errors import NotFound, Words
from services.runtime import wire
from services.runtime.neighbour import ask
from services.runtime.status import Relayed
from zonecarbon.registry.v1 import (
    enterprise_pb2,
    factor_pb2,
    factor_service_pb2,
    factor_service_pb2_grpc,
    registry_service_pb2,
    registry_service_pb2_grpc,
)
from zonecarbon.type.v1 import label_pb2

_SERVICE = "registry"
_PAGE = 1000
_MOST_QUERIES = 1000
_EVERY = "enterprises/-"
_NAMING = {"NET_CALORIFIC_VALUE", "CARBON_CONTENT_PER_HEAT", "OXIDATION_RATE", "CO2_FACTOR"}
"""Roles whose factors are called after the thing they are of; others after what they tell of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The members of a zone."""

    enterprises: tuple[Enterprise, ...]
    registry_revision: int
    """The highest revision among what was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the registry changed after a revision, as far as figures follow it."""

    library: bool
    """Whether published factors, rules or regions are others."""
    enterprises: frozenset[str]
    """Names of enterprises that are others, or have other factors of their own."""
    up_to: int
    """The revision up to which that is all."""
    more: bool
    """There may be more after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """In whose name the registry is asked, and for what was known when."""

    key: str | None = None
    """None stands for the caller."""
    moment: datetime | None = None
    """None stands for now."""
    revision: int | None = None
    """Accounting's own, where it is known better than by the moment."""
    member_coverage: MemberCoverage = MemberCoverage.ALL
    """Which members of a zone are counted."""


NOW: Final = View()


class Registry:
    """The registry behind a channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._registry = registry_service_pb2_grpc.RegistryServiceStub(channel)
        self._factors = factor_service_pb2_grpc.FactorServiceStub(channel)

    def changes(self, after: int, *, key: str) -> Changes:
        """Return what changed after a revision, in the name of `key`."""
        request = registry_service_pb2.ListChangesRequest(after_revision=after, page_size=_PAGE)
        found = ask(_SERVICE, self._registry.ListChanges, request, key=key)
        changed = [each.name for each in found.changes]
        more = len(changed) >= _PAGE
        return Changes(
            library=any(
                pattern.matches(name)
                for name in changed
                for pattern in (names.FACTOR, names.APPLICABILITY_RULE, names.REGION)
            ),
            enterprises=frozenset(
                names.ENTERPRISE.format(enterprise=pattern.parse(name)["enterprise"])
                for name in changed
                for pattern in (names.ENTERPRISE, names.CUSTOM_FACTOR)
                if pattern.matches(name)
            ),
            # No revision is cut, so a full page reaches to its last change, another to the newest.
            up_to=found.changes[-1].revision if more else found.revision,
            more=more,
        )

    def enterprises(self, *, key: str) -> dict[str, Enterprise]:
        """Return every enterprise that the principal of `key` may see, by name."""
        request = registry_service_pb2.ListEnterprisesRequest(page_size=_PAGE)
        pages = _pages(self._registry.ListEnterprises, request, key)
        return {each.name: _enterprise(each) for page in pages for each in page.enterprises}

    def enterprise(self, name: str, *, wanted: str = "", key: str | None = None) -> Enterprise:
        """Return the enterprise called `name`.

        Raises:
            NotFound: it does not exist or is not the caller's to see; for `wanted`, what the
                caller asked for, where that is not the enterprise itself.
        """
        request = registry_service_pb2.GetEnterpriseRequest(name=name)
        try:
            return _enterprise(ask(_SERVICE, self._registry.GetEnterprise, request, key=key))
        except Relayed as refused:
            raise _absent(refused, wanted or name) from refused

    def own(self, enterprise: str, named: Collection[str]) -> frozenset[str]:
        """Return those of `named` that are counterparties, meters or facilities of `enterprise`."""
        found: set[str] = set()
        if any(names.COUNTERPARTY.matches(name) for name in named):
            found.update(self.partners(enterprise))
        if any(names.METER.matches(name) for name in named):
            meters = registry_service_pb2.ListMetersRequest(parent=enterprise, page_size=_PAGE)
            for page in _pages(self._registry.ListMeters, meters, None):
                found.update(each.name for each in page.meters)
        if any(names.FACILITY.matches(name) for name in named):
            facilities = registry_service_pb2.ListFacilitiesRequest(
                parent=enterprise, page_size=_PAGE
            )
            for page in _pages(self._registry.ListFacilities, facilities, None):
                found.update(each.name for each in page.facilities)
        return frozenset(found.intersection(named))

    def possessions(self, enterprise: str) -> Possessions:
        """Return what people call the facilities, meters and counterparties of `enterprise`."""
        facilities = registry_service_pb2.ListFacilitiesRequest(parent=enterprise, page_size=_PAGE)
        meters = registry_service_pb2.ListMetersRequest(parent=enterprise, page_size=_PAGE)
        counterparties = registry_service_pb2.ListCounterpartiesRequest(
            parent=enterprise, page_size=_PAGE
        )
        return Possessions(
            facilities={
                _last(each): each.display_name
                for page in _pages(self._registry.ListFacilities, facilities, None)
                for each in page.facilities
            },
            meters={
                _last(each): each.display_name
                for page in _pages(self._registry.ListMeters, meters, None)
                for each in page.meters
            },
            counterparties={
                _last(each): each.display_name
                for page in _pages(self._registry.ListCounterparties, counterparties, None)
                for each in page.counterparties
            },
        )

    def library(self) -> dict[str, Subject]:
        """Return the things that the published factors are about, by subject."""
        sets = ask(
            _SERVICE, self._factors.ListFactorSets, factor_service_pb2.ListFactorSetsRequest()
        )
        by_subject: defaultdict[str, list[factor_pb2.Factor]] = defaultdict(list)
        for each in sets.factor_sets:
            request = factor_service_pb2.ListFactorsRequest(parent=each.name, page_size=_PAGE)
            for page in _pages(self._factors.ListFactors, request, None):
                for factor in page.factors:
                    by_subject[factor.subject].append(factor)
        return {subject: _subject(factors) for subject, factors in by_subject.items()}

    def partners(
        self, enterprise: str = _EVERY, *, zone: str = "", view: View = NOW
    ) -> dict[str, str]:
        """Return the counterparties of `enterprise`, each with the registered one behind it.

        Of all enterprises that may be seen, where none is named: of the members of `zone`, now or
        ever. "" stands for none behind a counterparty, or none that the caller may see.
        """
        request = registry_service_pb2.ListCounterpartiesRequest(
            parent=enterprise, zone=zone, page_size=_PAGE, as_of_time=_moment(view)
        )
        pages = _pages(self._registry.ListCounterparties, request, view.key)
        return {each.name: each.enterprise for page in pages for each in page.counterparties}

    def resolve(
        self, queries: Collection[Query], *, key: str | None = None
    ) -> tuple[dict[Query, BoundFactor | Unresolved], int]:
        """Return what each query finds, and the registry's revision; 0 where nothing is asked.

        The revision is that of the queries that ask for the newest.
        """
        found: dict[Query, BoundFactor | Unresolved] = {}
        newest = 0
        by_revision = sorted(queries, key=lambda query: query.as_of_revision)
        for as_of, group in itertools.groupby(by_revision, key=lambda query: query.as_of_revision):
            ordered = sorted(group, key=_order)
            for start in range(0, len(ordered), _MOST_QUERIES):
                part = ordered[start : start + _MOST_QUERIES]
                answer = ask(
                    _SERVICE, self._factors.ResolveFactors, _question(part, as_of), key=key
                )
                found.update(zip(part, map(_resolution, answer.resolutions), strict=True))
                newest = max(newest, 0 if as_of else answer.revision)
        return found, newest

    def newest_revision(self, *, key: str | None = None) -> int:
        """Return the registry's newest revision: what was read at it stays so while it does."""
        request = registry_service_pb2.GetNewestRevisionRequest()
        return ask(_SERVICE, self._registry.GetNewestRevision, request, key=key).revision

    def zones(self, *, key: str) -> list[str]:
        """Return the names of all zones that the principal of `key` may see."""
        request = registry_service_pb2.ListZonesRequest(page_size=_PAGE)
        pages = _pages(self._registry.ListZones, request, key)
        return [zone.name for page in pages for zone in page.zones]

    def zone(self, name: str, *, wanted: str, view: View = NOW) -> int:
        """Return the registry's revision that holds the zone called `name`.

        Raises:
            NotFound: it does not exist or is not the caller's to see; for `wanted`.
        """
        request = registry_service_pb2.GetZoneRequest(name=name)
        try:
            return ask(_SERVICE, self._registry.GetZone, request, key=view.key).revision
        except Relayed as refused:
            raise _absent(refused, wanted) from refused

    def members(self, zone: str, year: int, *, wanted: str, view: View = NOW) -> Members:
        """Return the enterprises that are counted in `zone` in some month of `year`, by name.

        Raises:
            NotFound: the zone does not exist or is not the caller's to see; for `wanted`.
        """
        ever = self.ever(zone, wanted=wanted, view=view)
        return replace(
            ever,
            enterprises=tuple(
                each for each in ever.enterprises if view.member_coverage.takes(each, zone, year)
            ),
        )

    def ever(self, zone: str, *, wanted: str, view: View = NOW) -> Members:
        """Return the enterprises that are or were members of `zone`, by name; raises as above."""
        revision = self.zone(zone, wanted=wanted, view=view)
        listing = registry_service_pb2.ListEnterprisesRequest(
            zone=zone, page_size=_PAGE, as_of_time=_moment(view)
        )
        pages = _pages(self._registry.ListEnterprises, listing, view.key)
        found = [each for page in pages for each in page.enterprises]
        return Members(
            enterprises=tuple(map(_enterprise, found)),
            registry_revision=max([revision, *(each.revision for each in found)]),
        )


def _last(message: Any) -> str:
    """Return the id at the end of a resource's name."""
    return str(message.name).rpartition("/")[2]


def _subject(factors: Sequence[factor_pb2.Factor]) -> Subject:
    """Return what is said of a thing: the name that most factors of the thing itself give it."""
    naming = [each for each in factors if _role_name(each) in _NAMING]
    return Subject(
        name=Words(
            en=_usual(each.display_name for each in naming),
            zh=_usual(each.display_name_zh for each in naming),
        ),
        roles=frozenset(_role_name(each) for each in factors),
    )


def _usual(named: Iterable[str]) -> str:
    """Return what is said most often, the first of several; "" where nothing is."""
    return next((name for name, _ in Counter(filter(None, named)).most_common(1)), "")


def _role_name(factor: factor_pb2.Factor) -> str:
    return factor_pb2.FactorRole.Name(factor.role).removeprefix("FACTOR_ROLE_")


def _moment(view: View) -> timestamp_pb2.Timestamp | None:
    return None if view.moment is None else wire.from_instant(view.moment)


def _pages(
    method: grpc.UnaryUnaryMultiCallable[Any, Any], request: Any, key: str | None
) -> Iterator[Any]:
    """Yield every page of a list."""
    while True:
        page = ask(_SERVICE, method, request, key=key)
        yield page
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _absent(refused: Relayed, name: str) -> NotFound:
    """Return the error of what is not there; raises `refused` where it says something else."""
    if status_pb2.Status.FromString(refused.status).code != code_pb2.NOT_FOUND:
        raise refused
    return NotFound(name=name)


def _enterprise(message: enterprise_pb2.Enterprise) -> Enterprise:
    label = label_pb2.DataLabel.Name(message.label).removeprefix("DATA_LABEL_")
    return Enterprise(
        name=message.name,
        display_name=message.display_name,
        industry_code=message.industry_code,
        region_code=message.region_code,
        label=Label(label),
        revision=message.revision,
        memberships=tuple(map(_membership, message.memberships)),
    )


def _membership(message: enterprise_pb2.ZoneMembership) -> Membership:
    return Membership(
        zone=message.zone,
        join=wire.to_day(message.join_date, "join_date"),
        leave=wire.to_optional_day(message.leave_date, "leave_date"),
        role=enterprise_pb2.MemberRole.Name(message.role).removeprefix("MEMBER_ROLE_"),
        above_scale=message.above_scale,
    )


def _order(query: Query) -> tuple[object, ...]:
    return (
        query.method_id,
        query.accounting_year,
        query.role,
        query.subject,
        query.region_code,
        query.factor_set,
        query.enterprise,
        str(query.period),
    )


def _question(
    queries: Sequence[Query], as_of_revision: int
) -> factor_service_pb2.ResolveFactorsRequest:
    return factor_service_pb2.ResolveFactorsRequest(
        as_of_revision=as_of_revision,
        queries=[
            factor_service_pb2.FactorQuery(
                method_id=query.method_id,
                accounting_year=query.accounting_year,
                role=factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{query.role.value}"),
                subject=query.subject,
                region_code=query.region_code,
                factor_set=f"factorSets/{query.factor_set}" if query.factor_set else "",
                enterprise=query.enterprise,
                period=wire.from_period(query.period) if query.period else None,
            )
            for query in queries
        ],
    )


def _resolution(message: factor_service_pb2.FactorResolution) -> BoundFactor | Unresolved:
    if not message.HasField("resolved"):
        unresolved = message.unresolved
        return Unresolved(reason=unresolved.reason, candidates=tuple(unresolved.candidates))
    resolved, factor = message.resolved, message.resolved.factor
    return BoundFactor(
        role=Role(_role_name(factor)),
        subject=factor.subject,
        origin=Origin.CUSTOM if names.CUSTOM_FACTOR.matches(factor.name) else Origin.PUBLISHED,
        quantity=wire.to_quantity(factor.quantity),
        status=wire.to_status(resolved.status),
        name=factor.name,
        version=factor.resource_version,
        region_level=factor_pb2.RegionLevel.Name(resolved.region_level).removeprefix(
            "REGION_LEVEL_"
        ),
        region_code=factor.region_code,
        data_period=_data_period(factor),
        source=wire.to_source(factor.source),
        rule_source=wire.to_source(resolved.rule.source),
        lower=_bound(factor.lower_value),
        upper=_bound(factor.upper_value),
    )


def _bound(message: decimal_pb2.Decimal) -> Decimal | None:
    """Return an end of a factor's interval; None where its source prints none."""
    return Decimal(message.value) if message.value else None


def _data_period(factor: factor_pb2.Factor) -> str:
    """Return the years that the figure describes: "2021", "2010–2012", "2013–", ""."""
    start = wire.to_optional_day(factor.data_start_date, "data_start_date")
    end = wire.to_optional_day(factor.data_end_date, "data_end_date")
    if start is None:
        return ""
    if end is None:
        return f"{start.year}–"
    last = end.year - 1 if (end.month, end.day) == (1, 1) else end.year
    return str(start.year) if start.year == last else f"{start.year}–{last}"
