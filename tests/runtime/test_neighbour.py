from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.kernel.errors import NeighbourUnavailable, NotFound
from services.runtime import auth, neighbour, status
from services.runtime.status import Relayed
from tests.runtime import toy
from zonecarbon.client import channel
from zonecarbon.registry.v1 import unit_pb2, unit_service_pb2_grpc

REQUEST = unit_pb2.ListUnitsRequest()


@pytest.fixture
def stub(running: toy.Toy) -> Iterator[unit_service_pb2_grpc.UnitServiceStub]:
    """The toy as another service sees it."""
    with channel(running.server.address) as connected:
        yield unit_service_pb2_grpc.UnitServiceStub(connected)


def test_a_neighbour_is_asked_in_the_name_and_language_of_the_caller(
    running: toy.Toy, stub: unit_service_pb2_grpc.UnitServiceStub
) -> None:
    def answer(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        told = f"{auth.caller().name} {auth.language()}"
        return unit_pb2.ListUnitsResponse(units=[unit_pb2.Unit(display_name=told)])

    running.answer = answer
    with auth.acting(toy.CALLERS[toy.KEY], "zh"):
        found = neighbour.ask("toy", stub.ListUnits, REQUEST)

    assert found.units[0].display_name == "principals/tester zh"


def test_a_job_asks_with_a_key_of_its_own(stub: unit_service_pb2_grpc.UnitServiceStub) -> None:
    assert neighbour.ask("toy", stub.ListUnits, REQUEST, key=toy.KEY).units == []


def test_what_the_neighbour_refuses_goes_on_to_the_caller_word_for_word(
    running: toy.Toy, stub: unit_service_pb2_grpc.UnitServiceStub
) -> None:
    def refuse(_: unit_pb2.ListUnitsRequest) -> unit_pb2.ListUnitsResponse:
        raise NotFound(name="zones/z")

    running.answer = refuse
    with auth.acting(toy.CALLERS[toy.KEY], "zh"), pytest.raises(Relayed) as relayed:
        neighbour.ask("toy", stub.ListUnits, REQUEST)

    expected = status.to_status(NotFound(name="zones/z"), "zh")
    assert status.to_status(relayed.value, "en") == expected


def test_a_neighbour_that_is_away_is_unavailable(
    running: toy.Toy, stub: unit_service_pb2_grpc.UnitServiceStub
) -> None:
    running.server.stop(0)

    with pytest.raises(NeighbourUnavailable) as away:
        neighbour.ask("toy", stub.ListUnits, REQUEST, key=toy.KEY)
    assert away.value.service == "toy"
