"""Every list of the registry, walked page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.client import Client
from zonecarbon.registry.v1 import custom_factor_service_pb2, factor_service_pb2
from zonecarbon.registry.v1 import registry_service_pb2 as pb

COUNT = 7

Listing = tuple[Callable[[Any], Any], Any, str]


def zones(registry: RunningRegistry) -> Listing:
    desk = registry.principal("DESK", *(registry.zone() for _ in range(COUNT)))
    return desk.registry.ListZones, pb.ListZonesRequest(), "zones"


def enterprises(registry: RunningRegistry) -> Listing:
    zone = registry.zone()
    for _ in range(COUNT):
        registry.enterprise(zone)
    request = pb.ListEnterprisesRequest(zone=zone)
    return registry.administrator.registry.ListEnterprises, request, "enterprises"


def facilities(registry: RunningRegistry) -> Listing:
    stub, parent = registry.administrator.registry, registry.enterprise()
    for _ in range(COUNT):
        stub.CreateFacility(builders.facility(parent))
    return stub.ListFacilities, pb.ListFacilitiesRequest(parent=parent), "facilities"


def meters(registry: RunningRegistry) -> Listing:
    stub, parent = registry.administrator.registry, registry.enterprise()
    site = stub.CreateFacility(builders.facility(parent)).name
    for _ in range(COUNT):
        stub.CreateMeter(builders.meter(parent, site))
    return stub.ListMeters, pb.ListMetersRequest(parent=parent), "meters"


def counterparties(registry: RunningRegistry) -> Listing:
    stub, parent = registry.administrator.registry, registry.enterprise()
    for _ in range(COUNT):
        stub.CreateCounterparty(builders.counterparty(parent))
    return stub.ListCounterparties, pb.ListCounterpartiesRequest(parent=parent), "counterparties"


def counterparties_of_a_zone(registry: RunningRegistry) -> Listing:
    stub, zone = registry.administrator.registry, registry.zone()
    members = [registry.enterprise(zone) for _ in range(3)]
    for number in range(COUNT):
        stub.CreateCounterparty(builders.counterparty(members[number % 3]))
    request = pb.ListCounterpartiesRequest(parent="enterprises/-", zone=zone)
    return stub.ListCounterparties, request, "counterparties"


def factors(registry: RunningRegistry) -> Listing:
    parent = f"factorSets/{builders.fresh('set')}"
    rows = [builders.factor(f"{parent}/factors/f-{number}") for number in range(COUNT)]
    stub = registry.administrator.factors
    stub.ImportFactors(factor_service_pb2.ImportFactorsRequest(factors=rows))
    return stub.ListFactors, factor_service_pb2.ListFactorsRequest(parent=parent), "factors"


def custom_factors(registry: RunningRegistry) -> Listing:
    stub, parent = registry.administrator.custom_factors, registry.enterprise()
    for _ in range(COUNT):
        stub.CreateCustomFactor(builders.custom_factor(parent))
    request = custom_factor_service_pb2.ListCustomFactorsRequest(parent=parent)
    return stub.ListCustomFactors, request, "custom_factors"


LISTS = [
    zones,
    enterprises,
    facilities,
    meters,
    counterparties,
    counterparties_of_a_zone,
    factors,
    custom_factors,
]


def walked(listing: Listing, size: int) -> list[list[str]]:
    """The names on each page."""
    call, request, field = listing
    pages = []
    request.page_size = size
    while True:
        answer = call(request)
        pages.append([each.name for each in getattr(answer, field)])
        if not answer.next_page_token:
            request.page_token = ""
            return pages
        request.page_token = answer.next_page_token


@pytest.mark.parametrize("listed", LISTS)
def test_a_list_is_walked_without_loss_or_repeat(
    registry: RunningRegistry, listed: Callable[[RunningRegistry], Listing]
) -> None:
    listing = listed(registry)
    (whole,) = walked(listing, 0)

    assert len(whole) == COUNT
    assert whole == sorted(whole)
    for size in (1, 3, COUNT - 1, COUNT, 5000):
        pages = walked(listing, size)
        assert [name for page in pages for name in page] == whole
        assert all(len(page) == size for page in pages[:-1])
        assert len(pages) == -(-COUNT // size)


@pytest.mark.parametrize("listed", LISTS)
def test_a_bad_page_is_refused(
    registry: RunningRegistry, listed: Callable[[RunningRegistry], Listing]
) -> None:
    call, request, _ = listed(registry)

    request.page_size = -1
    told = refused(call, request)
    assert (told.reason, told.fields) == ("FIELD_INVALID", ["page_size"])
    request.page_size = 0
    request.page_token = "garbage" * 3
    told = refused(call, request)
    assert (told.reason, told.fields) == ("PAGE_TOKEN_INVALID", ["page_token"])


def test_a_token_of_another_list_is_refused(registry: RunningRegistry) -> None:
    call, request, _ = facilities(registry)
    request.page_size = 2
    token = call(request).next_page_token

    other = pb.ListFacilitiesRequest(parent=registry.enterprise(), page_token=token)
    assert refused(call, other).reason == "PAGE_TOKEN_INVALID"


def test_a_row_that_comes_between_shows_up_and_disturbs_nobody(registry: RunningRegistry) -> None:
    stub, parent = registry.administrator.registry, registry.enterprise()
    for letter in "bdf":
        stub.CreateFacility(builders.facility(parent, letter))
    request = pb.ListFacilitiesRequest(parent=parent, page_size=2)
    first = stub.ListFacilities(request)
    for letter in "ae":
        stub.CreateFacility(builders.facility(parent, letter))

    request.page_token = first.next_page_token
    rest = stub.ListFacilities(request)
    ids = [each.name[-1] for each in (*first.facilities, *rest.facilities)]
    assert ids == ["b", "d", "e", "f"]


def test_who_sees_nothing_gets_an_empty_page(registry: RunningRegistry) -> None:
    desk: Client = registry.principal("DESK", "zones/none")

    answer = desk.registry.ListEnterprises(pb.ListEnterprisesRequest())
    assert (list(answer.enterprises), answer.next_page_token) == ([], "")


def test_a_bad_zone_is_refused_as_a_filter(registry: RunningRegistry) -> None:
    stub = registry.administrator.registry
    everybodys = pb.ListCounterpartiesRequest(parent="enterprises/-", zone="z")

    for told in (
        refused(stub.ListEnterprises, pb.ListEnterprisesRequest(zone="z")),
        refused(stub.ListCounterparties, everybodys),
    ):
        assert (told.reason, told.fields) == ("NAME_INVALID", ["zone"])
