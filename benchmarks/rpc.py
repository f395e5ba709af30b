"""The unary report call, against a bare grpcio echo in a process of its own.

The echo is the floor: the same library, the same loopback, a handler that returns its bytes. What
the report call costs above it is what the product does: it knows the caller, checks the contract,
asks the registry, judges the row, computes, commits durably and keeps its answer.
"""

from __future__ import annotations

import itertools
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
from google.type import date_pb2, decimal_pb2

from benchmarks.harness import Contest, Figure, Measurement, compare, rate, seconds
from benchmarks.support import echo, enterprises, process
from samples.load import ZONE, Loader
from tools.demo.processes import Keys, Ports, Processes
from zonecarbon.accounting.v1 import accounting_service_pb2, activity_pb2
from zonecarbon.client import Client
from zonecarbon.type.v1 import period_pb2, quantity_pb2

_CALLS = 50
_ECHO_CALLS = 1000
_BATCH_ROWS = 500
_DAYS_PER_MONTH = 28
_YEAR_ROWS = 12 * (_DAYS_PER_MONTH - 1)


def run() -> Iterable[Figure]:
    """Measure the report call of one row, one that only validates, and a batch.

    No limit is prescribed: the goals keep what was reached when they were set.
    """
    with ExitStack() as stack:
        floor = stack.enter_context(process.serving(echo.begin))
        back = echo.call(stack.enter_context(grpc.insecure_channel(floor.address)))
        client = stack.enter_context(_zone())
        rows = _Rows(client)
        single, batches = rows.reports(row_count=1), rows.reports(row_count=_BATCH_ROWS)
        request = next(single).SerializeToString()
        report = client.accounting.ReportActivity

        def validate() -> None:
            judged = next(single)
            judged.validate_only = True
            report(judged)

        echo_ms = _ms_per_call(lambda: back(request), _ECHO_CALLS)
        against = "bare grpcio echo of the same bytes"
        for figure, call, goal in (
            ("report of 1 row, durable on SQLite", lambda: report(next(single)), 50.0),
            ("report of 1 row, validate_only", validate, 50.0),
        ):
            yield compare(
                Contest(
                    figure=figure,
                    unit="ms/call",
                    candidate=_ms_per_call(call, _CALLS),
                    against=against,
                    reference=echo_ms,
                    goal=goal,
                    less_is_better=True,
                )
            )
        yield compare(
            Contest(
                figure=f"report of {_BATCH_ROWS} rows, durable on SQLite",
                unit="rows/s",
                candidate=rate(lambda: report(next(batches)), _BATCH_ROWS),
                against=f"{against}, calls a second",
                reference=rate(lambda: [back(request) for _ in range(_ECHO_CALLS)], _ECHO_CALLS),
                goal=1.0,
            )
        )


def _ms_per_call(call: Callable[[], object], count: int) -> Measurement:
    took = seconds(lambda: [call() for _ in range(count)])
    return lambda: took() / count * 1000


class _Rows:
    """Reports that have not been sent before, from one enterprise after another."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._numbers = itertools.count()

    def reports(self, *, row_count: int) -> Iterator[accounting_service_pb2.ReportActivityRequest]:
        """Yield requests of `row_count` daily rows; an enterprise sends about a year of them."""
        while True:
            parent, counterparty = self._enterprise()
            rows = _records(counterparty)
            for _ in range(max(1, _YEAR_ROWS // row_count)):
                yield accounting_service_pb2.ReportActivityRequest(
                    parent=parent,
                    records=itertools.islice(rows, row_count),
                    request_id=str(uuid.uuid4()),
                )

    def _enterprise(self) -> tuple[str, str]:
        name = enterprises.create(self._client, next(self._numbers), zones=[ZONE])
        return name, f"{name}/counterparties/{enterprises.GRID}"


def _records(counterparty: str) -> Iterator[activity_pb2.ActivityRecord]:
    """Yield daily rows, a year of each source after another."""
    for number in itertools.count():
        source, of_year = divmod(number, _YEAR_ROWS)
        month, day = (each + 1 for each in divmod(of_year, _DAYS_PER_MONTH - 1))
        yield activity_pb2.ActivityRecord(
            source_id=f"meter-{source}",
            kind=activity_pb2.ACTIVITY_KIND_ELECTRICITY_PURCHASED,
            quantity=quantity_pb2.Quantity(
                value=decimal_pb2.Decimal(value="1234.56"), unit_code="kWh"
            ),
            period=period_pb2.Period(
                start_date=date_pb2.Date(year=2023, month=month, day=day),
                end_date=date_pb2.Date(year=2023, month=month, day=day + 1),
            ),
            counterparty=counterparty,
        )


@contextmanager
def _zone() -> Iterator[Client]:
    """Give an administrator's client of services in a process of their own, library loaded."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        ports, keys = Ports.free(1), Keys(data / "keys.json")
        processes = Processes(ports, data, keys)
        try:
            processes.wait_until_serving(ports.addresses)
            with Client.connect(ports.addresses, key=keys.bootstrap) as client:
                loader = Loader(
                    administrator=client,
                    second=client,
                    desk=client,
                    checker=client,
                    client_of=lambda _: client,
                )
                loader.zones()
                for name, step in loader.steps():
                    if name == "factor library":
                        step()
                yield client
        finally:
            processes.stop()
