"""Figures of what a message costs before anything is judged, against peers of the same kind."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import date
from functools import partial

import grpc
import numpy as np
import pyarrow as pa
from pyarrow import flight as arrow

from benchmarks.harness import Contest, Figure, Measurement, Plan, compare, rate
from benchmarks.support import door, echo, fed, flight, process
from benchmarks.support.process import Apart
from services.kernel.period import Period
from zonecarbon import curves
from zonecarbon.accounting.v1 import accounting_service_pb2
from zonecarbon.accounting.v1 import curve_service_pb2 as pb
from zonecarbon.client import Addresses, Client

_PARENT = "enterprises/mill"


def to_arrays(*, meters: int, messages: int, plan: Plan) -> Iterator[Figure]:
    """Measure points on their way to arrays, by our stream and by Arrow Flight's DoPut.

    Flight sends them as its users have them, a row a point with its meter and time, and as blocks
    of days, which are our own form.
    """
    counts, first = fed.year(meters), date(fed.YEAR, 1, 1)
    names = [f"{_PARENT}/curves/meter-{number}" for number in range(meters)]
    days = curves.Days(parent=_PARENT, curves=names, first=first, counts=counts, scale=fed.SCALE)
    (report,) = curves.messages(days, points=counts.size)
    sent = [pb.StreamCurveDaysRequest(sequence_number=at, report=report) for at in range(messages)]
    sums = [int(counts.sum(dtype=np.int64))] * messages
    with ExitStack() as stack:
        client = stack.enter_context(_client(stack.enter_context(process.serving(door.begin))))
        theirs = stack.enter_context(process.serving(flight.begin))
        peer = stack.enter_context(arrow.connect(theirs.address))

        def stream() -> None:
            answers = client.curves.StreamCurveDays(iter(sent))
            assert [each.report.revision for each in answers] == sums, "not all is there"

        def put(batches: Sequence[pa.RecordBatch]) -> None:
            assert flight.put(peer, batches) == sums, "not all is there"

        for form, batch in (("rows", flight.points), ("days in blocks", flight.days)):
            batches = [batch(names, first, counts)] * messages
            yield compare(
                Contest(
                    figure="curves by stream, to arrays",
                    unit="points/s",
                    candidate=rate(stream, counts.size * messages),
                    against=f"Arrow Flight DoPut of {form}",
                    reference=rate(partial(put, batches), counts.size * messages),
                    goal=0.7,
                ),
                plan=plan,
            )


def of_a_call(*, calls: int, plan: Plan) -> Figure:
    """Measure the processor time of a report call's way in and out, against a bare echo's."""
    request = accounting_service_pb2.ReportActivityRequest(
        parent=_PARENT,
        records=fed.readings(_PARENT, 1, Period.month(fed.YEAR, 1)),
        request_id=str(uuid.uuid4()),
    )
    written = request.SerializeToString()
    with ExitStack() as stack:
        ours = stack.enter_context(process.serving(door.begin))
        client = stack.enter_context(_client(ours))
        floor = stack.enter_context(process.serving(echo.begin))
        back = echo.call(stack.enter_context(grpc.insecure_channel(floor.address)))
        return compare(
            Contest(
                figure="a report call's metrics, authentication and validation, server CPU",
                unit="µs/call",
                candidate=_cpu(ours, lambda: client.accounting.ReportActivity(request), calls),
                against="bare grpcio echo of the same bytes",
                reference=_cpu(floor, lambda: back(written), calls),
                goal=2.0,
                less_is_better=True,
            ),
            plan=plan,
        )


def _client(of: Apart) -> AbstractContextManager[Client]:
    return Client.connect(Addresses(accounting=of.address), key=door.KEY)


def _cpu(server: Apart, call: Callable[[], object], calls: int) -> Measurement:
    """Measure how many microseconds of a processor the server takes for a call."""

    def measure() -> float:
        before = server.cpu_seconds()
        for _ in range(calls):
            call()
        return (server.cpu_seconds() - before) / calls * 1e6

    return measure
