"""A server whose calls wait in one loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import grpc
import pytest

from services.runtime import auth
from services.runtime.edge import Handler
from services.runtime.service import awaited
from tests.runtime import toy
from zonecarbon.registry.v1 import unit_pb2

MANY = 100
"""More than there are threads."""


@dataclass(slots=True, kw_only=True)
class Meeting(toy.Toy):
    """Its `ListUnits` tells who asked in which language, once so many wait for it."""

    expected: int = MANY
    _there: int = 0
    _all_there: asyncio.Event = field(default_factory=asyncio.Event)

    @awaited
    async def ListUnits(
        self, request: unit_pb2.ListUnitsRequest, context: grpc.ServicerContext
    ) -> unit_pb2.ListUnitsResponse:
        """Wait for the others, then tell."""
        self._there += 1
        if self._there == self.expected:
            self._all_there.set()
        await self._all_there.wait()
        told = f"{request.dimension} {auth.caller().name} {auth.language()}"
        return unit_pb2.ListUnitsResponse(units=[unit_pb2.Unit(display_name=told)])


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    served = Meeting()
    toy.start(served, looped=True)
    yield served
    served.stop()


def handled(meeting: Meeting, code: str) -> float:
    labels = {
        "grpc_type": "unary",
        "grpc_service": toy.NAME,
        "grpc_method": "ListUnits",
        "grpc_code": code,
    }
    registry = meeting.metrics.registry
    return registry.get_sample_value("grpc_server_handled_total", labels) or 0


def test_calls_wait_together_however_many_and_each_acts_for_its_own_caller(
    meeting: Meeting,
) -> None:
    with meeting.client() as first, meeting.client(language="zh") as second:
        waiting = [
            (number, client, client.units.ListUnits.future(request))
            for number in range(MANY)
            for client in [second if number % 2 else first]
            for request in [unit_pb2.ListUnitsRequest(dimension=f"mass-{number}")]
        ]
        for number, client, call in waiting:
            language = "zh" if client is second else "en"
            expected = f"mass-{number} principals/tester {language}"
            assert call.result(30).units[0].display_name == expected

    assert handled(meeting, "OK") == MANY


def test_who_goes_away_while_its_call_waits_is_counted_and_keeps_nobody_from_an_answer(
    meeting: Meeting,
) -> None:
    meeting.expected = 3
    request = unit_pb2.ListUnitsRequest()
    with meeting.client(seconds=0.2) as hasty, meeting.client() as patient:
        with pytest.raises(grpc.RpcError) as gone:
            hasty.units.ListUnits(request)
        calls = [patient.units.ListUnits.future(request) for _ in range(2)]
        answers = [each.result(30) for each in calls]

    assert gone.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert all(each.units for each in answers)
    assert (handled(meeting, "Canceled"), handled(meeting, "OK")) == (1, 2)


def test_a_method_that_streams_has_no_place_in_a_loop() -> None:
    @dataclass(slots=True, kw_only=True)
    class Streaming(toy.Toy):
        def register(self, server: grpc.Server) -> None:
            """Add a method that streams."""
            handlers: Mapping[str, Handler] = {
                "OneToMany": grpc.unary_stream_rpc_method_handler(lambda *_: iter(()))
            }
            server.add_registered_method_handlers(toy.STREAMS, handlers)

    with pytest.raises(AssertionError, match="streams"):
        toy.start(Streaming(), looped=True)
