"""Reports of more rows than are stored at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import grpc
import pytest

from services.accounting.servicer.report import PART_ROWS
from services.runtime.database import Database
from tests.accounting.requests import fuel, report
from tests.accounting.world import World
from tests.builders import quantity
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2

LAST = f"boiler-{PART_ROWS}"
"""The one row of the second part."""


def rows(mill: str) -> list[activity_pb2.ActivityRecord]:
    """A row more than is stored at a time; all but the first and the last have no clear unit."""
    unclear = [
        fuel(mill, source_id=f"boiler-{number}", quantity=quantity("1", "ton"))
        for number in range(1, PART_ROWS)
    ]
    return [fuel(mill, source_id="boiler-0"), *unclear, fuel(mill, source_id=LAST)]


def stored(world: World, mill: str) -> list[str]:
    """The names of an enterprise's records, in the order they were stored."""
    listed = pb.ListActivityRecordsRequest(parent=mill)
    page = world.desk.accounting.ListActivityRecords(listed)
    return [each.name for each in page.activity_records]


@contextmanager
def refusing(world: World, source_id: str) -> Iterator[None]:
    """A database that takes no record of a source."""
    with closing(Database.of(world.running.settings, "accounting")) as database:
        if database.engine.dialect.name == "sqlite":
            plant = f"""CREATE TRIGGER planted BEFORE INSERT ON activity_records
                WHEN NEW.source_id = '{source_id}' BEGIN SELECT RAISE(ABORT, 'planted'); END"""
            clear = "DROP TRIGGER planted"
        else:
            plant = f"""ALTER TABLE activity_records
                ADD CONSTRAINT planted CHECK (source_id <> '{source_id}') NOT VALID"""
            clear = "ALTER TABLE activity_records DROP CONSTRAINT planted"
        with database.write() as connection:
            connection.exec_driver_sql(plant)
        try:
            yield
        finally:
            with database.write() as connection:
                connection.exec_driver_sql(clear)


def test_every_row_is_judged_and_stored_once_and_another_report_is_told_by_its_id(
    world: World, mill: str
) -> None:
    sent = report(mill, *rows(mill))
    preview = report(mill, *sent.records, validate_only=True)

    foreseen = world.desk.accounting.ReportActivity(preview)
    answer = world.desk.accounting.ReportActivity(sent)
    again = world.desk.accounting.ReportActivity(sent)

    for each in (foreseen, answer):
        assert (each.accepted_count, each.refused_count) == (2, PART_ROWS - 1)
        assert not each.lines
        bad = Refused(status=each.results[-2].error)
        assert bad.reason == "UNIT_AMBIGUOUS"
        assert bad.fields == [f"records[{PART_ROWS - 1}].quantity.unit_code"]
    assert again == answer
    assert stored(world, mill) == [each.activity_record for each in answer.results[::PART_ROWS]]
    fewer = report(mill, *sent.records[:-1], request_id=sent.request_id)
    assert refused(world.desk.accounting.ReportActivity, fewer).reason == "REQUEST_ID_REUSED"


def test_one_that_broke_off_goes_on_where_it_stopped(world: World, mill: str) -> None:
    sent = report(mill, *rows(mill))

    with refusing(world, LAST), pytest.raises(grpc.RpcError):
        world.desk.accounting.ReportActivity(sent)
    before = stored(world, mill)
    answer = world.desk.accounting.ReportActivity(sent)

    assert before == [answer.results[0].activity_record]
    assert stored(world, mill) == [*before, answer.results[-1].activity_record]
    assert answer.accepted_count == 2
