"""Rows as a caller streams them: judged message by message, and once, whatever breaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.accounting import world as worlds
from tests.accounting.requests import fuel, record, report
from tests.accounting.world import World
from tests.fixtures.apart import Apart, accounting_apart, answers, wait
from tests.fixtures.house import Running
from tests.refusals import Refused
from zonecarbon import rows
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2, rollup_service_pb2
from zonecarbon.cli import library
from zonecarbon.client import status


@pytest.fixture(scope="module")
def world(shared_house: Running) -> World:
    for each in library.requests(worlds.DATA):
        shared_house.administrator.factors.ImportFactors(each)
    return worlds.in_zone(shared_house)


def sources(parent: str, count: int) -> list[activity_pb2.ActivityRecord]:
    """A month of so many meters."""
    return [record(parent, f"{at}.5 MWh", source_id=f"m-{at}") for at in range(count)]


def test_rows_are_cut_into_messages_that_together_say_the_same(world: World) -> None:
    mill = world.enterprise()
    records = sources(mill, 25)

    cut = list(rows.reports(mill, records, rows=10))

    assert [len(each.records) for each in cut] == [10, 10, 5]
    assert [each for one in cut for each in one.records] == records
    assert len({each.request_id for each in cut}) == 3


def test_each_message_is_answered_in_its_turn_and_a_bad_row_stops_nothing(world: World) -> None:
    mill = world.enterprise()
    good = sources(mill, 5)
    bad = fuel(mill, "10 ton")

    answered = list(
        rows.send(world.desk.accounting, rows.reports(mill, [*good[:3], bad, *good[3:]], rows=2))
    )

    assert [(each.accepted_count, each.refused_count) for each in answered] == [
        (2, 0),
        (1, 1),
        (2, 0),
    ]
    refused = Refused(status=answered[1].results[1].error)
    assert (refused.reason, refused.fields) == ("UNIT_AMBIGUOUS", ["records[1].quantity.unit_code"])
    assert len(world.inventory(mill).activity_totals) == 1


def test_what_is_sent_again_has_one_effect_and_the_same_answer(world: World) -> None:
    mill = world.enterprise()
    sent = list(rows.reports(mill, sources(mill, 6), rows=2))

    first = list(rows.send(world.desk.accounting, sent))
    second = list(rows.send(world.desk.accounting, [*reversed(sent), *sent]))

    assert second == [*reversed(first), *first]
    assert len({each.revision for each in first}) == 3


def test_messages_are_counted_upwards(world: World) -> None:
    mill = world.enterprise()
    message = pb.StreamActivityRequest(sequence_number=1, report=report(mill, record(mill)))

    answers_ = world.desk.accounting.StreamActivity(iter([message, message]))

    assert next(answers_).report.accepted_count == 1
    with pytest.raises(grpc.RpcError) as refusal:
        next(answers_)
    told = status(refusal.value)
    assert told is not None
    assert Refused(status=told).fields == ["sequence_number"]


@pytest.fixture(params=["sqlite", "postgresql"])
def apart(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Apart]:
    with accounting_apart(request.param, tmp_path) as apart:
        wait(lambda: answers(apart.running))
        yield apart


def test_rows_survive_kills_to_the_last_one(apart: Apart) -> None:
    for each in library.requests(worlds.DATA):
        apart.running.administrator.factors.ImportFactors(each)
    world = worlds.in_zone(apart.running)
    mill = world.enterprise()
    records = sources(mill, 60)

    answered = []
    for number, answer in enumerate(
        rows.send(world.desk.accounting, rows.reports(mill, records, rows=5), window=3)
    ):
        answered.append(answer)
        if number in {1, 4, 9}:
            apart.accounting.kill()
            apart.accounting.start()

    assert [each.accepted_count for each in answered] == [5] * 12
    kept = world.desk.rollups.GetMonthlyEmissions(
        rollup_service_pb2.GetMonthlyEmissionsRequest(name=f"{mill}/monthlyEmissions/2023")
    ).months[0]
    assert kept.items[0].line_count == 60
    assert kept.total.co2_g == world.inventory(mill).total_co2_g
    (total,) = world.inventory(mill).activity_totals
    assert total.quantity.value.value == str(sum(at for at in range(60)) + 30)
