"""Calls through the JSON door, against the same calls over gRPC to the same services.

Client, door and services share the machine. What the door adds is one hop: HTTP, the message made
of JSON, and JSON made of the answer.
"""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from google.protobuf import json_format
from google.type import decimal_pb2

from benchmarks.harness import Contest, Figure, Measurement, compare, seconds
from tools.demo.processes import Keys, Ports, Processes
from zonecarbon.client import Client
from zonecarbon.registry.v1 import unit_pb2
from zonecarbon.type.v1 import quantity_pb2

_CALLS = 100
_AGAINST = "the same call over gRPC"

Http = Callable[[str, str, str | None], None]


def run() -> Iterable[Figure]:
    """Measure a small call, and one whose answer is a long list."""
    with _serving() as (client, ask):
        conversion = unit_pb2.ConvertQuantityRequest(
            quantity=quantity_pb2.Quantity(value=decimal_pb2.Decimal(value="12.5"), unit_code="t"),
            unit_code="kg",
        )
        text = json_format.MessageToJson(conversion)
        units = unit_pb2.ListUnitsRequest()
        for figure, by_json, by_grpc in (
            (
                "a conversion of units, by JSON",
                lambda: ask("POST", "/v1/units:convert", text),
                lambda: client.units.ConvertQuantity(conversion),
            ),
            (
                "the list of units, by JSON",
                lambda: ask("GET", "/v1/units", None),
                lambda: client.units.ListUnits(units),
            ),
        ):
            yield compare(
                Contest(
                    figure=figure,
                    unit="ms/call",
                    candidate=_ms_per_call(by_json),
                    against=_AGAINST,
                    reference=_ms_per_call(by_grpc),
                    goal=5.0,
                    less_is_better=True,
                )
            )


def _ms_per_call(call: Callable[[], object]) -> Measurement:
    took = seconds(lambda: [call() for _ in range(_CALLS)])
    return lambda: took() / _CALLS * 1000


@contextmanager
def _serving() -> Iterator[tuple[Client, Http]]:
    """Give a client and a connection to the door, in the administrator's name."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        ports, keys = Ports.free(1), Keys(data / "keys.json")
        processes = Processes(ports, data, keys)
        try:
            processes.wait_until_serving(ports.addresses)
            connection = http.client.HTTPConnection(ports.console.removeprefix("http://"))
            headers = {
                "authorization": f"Bearer {keys.bootstrap}",
                "content-type": "application/json",
            }

            def ask(verb: str, path: str, body: str | None) -> None:
                connection.request(verb, path, body, headers)
                answer = connection.getresponse()
                assert answer.read(), "there is an answer"
                assert answer.status == http.client.OK, answer.status

            with Client.connect(ports.addresses, key=keys.bootstrap) as client:
                yield client, ask
            connection.close()
        finally:
            processes.stop()
