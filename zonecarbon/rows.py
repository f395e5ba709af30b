"""Sends rows of activity: cut into messages, streamed, and resumed where the stream breaks.

    for answer in send(client.accounting, reports("enterprises/chp", records)):
        print(answer.accepted_count, answer.refused_count)

See `streaming` for what an answer means.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from zonecarbon import streaming
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import accounting_service_pb2_grpc, activity_pb2
from zonecarbon.streaming import PATIENCE_SECONDS, WINDOW

ROWS: Final = 1_000
"""How many rows a message has: a second of the service's work, or less."""


def reports(
    parent: str, records: Iterable[activity_pb2.ActivityRecord], *, rows: int = ROWS
) -> Iterator[pb.ReportActivityRequest]:
    """Yield the records of an enterprise in reports of so many, each under an id of its own.

    Records are taken as there is room for them.
    """
    waiting = iter(records)
    while part := list(islice(waiting, rows)):
        yield pb.ReportActivityRequest(parent=parent, records=part, request_id=str(uuid.uuid4()))


def send(
    stub: accounting_service_pb2_grpc.AccountingServiceStub,
    reports: Iterable[pb.ReportActivityRequest],
    *,
    window: int = WINDOW,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[pb.ReportActivityResponse]:
    """Yield the answer to each report, in their order, as they become durable; see `streaming`.

    A row that is refused is told in its answer and stops nothing.
    """
    return streaming.send(
        stub.StreamActivity,
        pb.StreamActivityRequest,
        reports,
        window=window,
        patience_seconds=patience_seconds,
    )
