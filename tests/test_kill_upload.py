"""Accounting is killed while a file is sent to it: sent again, the file has one effect."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.accounting import store
from services.runtime.database import Database
from tests.accounting import sheets
from tests.accounting import world as worlds
from tests.accounting.sheets import COAL
from tests.accounting.world import DATA, World
from tests.fixtures.apart import Apart, accounting_apart, answers, wait, wait_for_kill
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb
from zonecarbon.cli import library
from zonecarbon.report_files import File, Sent, Wanted, send

KILLS = 10
SEED = 20250105
ROWS = 100
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A zone, its registry in this process and accounting in one that is killed."""

    world: World
    apart: Apart
    database: Database
    """Accounting's, opened beside it."""

    def stored(self, mill: str) -> int:
        """Return how many rows of files of a mill are stored; records and files agree."""
        id_ = mill.partition("/")[2]
        with self.database.read() as connection:
            files = store.report_files.page(connection, id_, after=0, size=9)
            start = store.records.Place(revision=0, order_index=0)
            records = store.records.page(connection, id_, after=start, size=10 * ROWS)
        assert len(records) == sum(len(each.row_numbers) for each in files)
        return len(records)

    def holds(self, mill: str) -> bool:
        """Tell whether the file of a mill is stored."""
        return self.stored(mill) == ROWS

    def sent(self, mill: str, file: File, wanted: Wanted) -> Sent:
        """Send a file as often as it takes."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return send(self.world.desk, file, parent=mill, wanted=wanted)
            except grpc.RpcError as error:
                away = error.code() is grpc.StatusCode.UNAVAILABLE
                if not away or time.monotonic() > deadline:
                    raise


@pytest.fixture(params=["sqlite", "postgresql"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with ExitStack() as stack:
        apart = stack.enter_context(accounting_apart(request.param, tmp_path))
        wait(lambda: answers(apart.running))
        for each in library.requests(DATA):
            apart.running.administrator.factors.ImportFactors(each)
        database = stack.enter_context(closing(Database.of(apart.settings, "accounting")))
        yield Stand(world=worlds.in_zone(apart.running), apart=apart, database=database)


def file_of(row_count: int) -> File:
    rows = [{**COAL, "source_id": f"boiler-{number}"} for number in range(row_count)]
    return File(name="a.csv", content=sheets.csv(*rows))


def test_a_stream_ends_at_once_where_its_server_is_killed_half_way(stand: Stand) -> None:
    mill, file = stand.world.enterprise(), file_of(ROWS)
    half_way, killed = threading.Event(), threading.Event()

    def parts() -> Iterator[pb.UploadReportFileRequest]:
        yield pb.UploadReportFileRequest(header=header(mill, file))
        yield pb.UploadReportFileRequest(chunk=file.content[:100])
        half_way.wait(PATIENCE_S)
        killed.wait(PATIENCE_S)

    stream = stand.world.desk.report_files.UploadReportFile(parts(), timeout=PATIENCE_S)
    assert next(stream).progress.received_size == 100
    half_way.set()
    stand.apart.accounting.kill()
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    took_s = time.monotonic() - began
    killed.set()

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert took_s < PATIENCE_S / 10
    assert stand.stored(mill) == 0
    stand.apart.accounting.start()
    assert stand.sent(mill, file, Wanted()).result.accepted_count == ROWS
    assert stand.stored(mill) == ROWS


def header(mill: str, file: File) -> pb.ReportFileHeader:
    return pb.ReportFileHeader(
        parent=mill,
        file_name=file.name,
        file_size=len(file.content),
        sha256="0" * 64,
        request_id="0f8fad5b-d9cb-469f-a165-70867728950e",
    )


def test_a_file_has_one_effect_whenever_its_server_is_killed(stand: Stand) -> None:
    chance, file = random.Random(SEED), file_of(ROWS)  # noqa: S311 (when it is killed)
    found: Counter[str] = Counter()
    # One that has just started takes longer.
    stand.apart.accounting.kill()
    stand.apart.accounting.start()
    wait(lambda: answers(stand.apart.running))
    began = time.monotonic()
    stand.sent(stand.world.enterprise(), file, Wanted())
    took_s = time.monotonic() - began

    for number in range(KILLS):
        mill, wanted = stand.world.enterprise(), Wanted()
        told: list[Sent] = []
        sending = threading.Thread(
            target=_append, args=(told, stand, (mill, file, wanted)), daemon=True
        )
        sending.start()
        wait_for_kill(
            number,
            done=partial(stand.holds, mill),
            chance_s=chance.random() * 2 * took_s,
        )
        stand.apart.accounting.kill()
        at_death = stand.stored(mill)
        assert at_death in {0, ROWS}
        found["stored" if at_death else "lost"] += 1
        stand.apart.accounting.start()
        sending.join(PATIENCE_S)
        again = stand.sent(mill, file, Wanted())

        assert stand.stored(mill) == ROWS
        (answer,) = told
        assert answer.result == again.result

    # It was killed before the commit, and after it: else the kills say nothing.
    assert found.keys() == {"stored", "lost"}, found


def _append(told: list[Sent], stand: Stand, arguments: tuple[Any, ...]) -> None:
    told.append(stand.sent(*arguments))
