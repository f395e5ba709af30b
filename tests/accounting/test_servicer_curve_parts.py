"""Parts of days over the wire, as an hourly increment sends them, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.accounting import requests
from tests.accounting.curves import (
    ESTIMATED,
    MEASURED,
    MISSING,
    POINTS,
    counts,
    created,
    days_of,
    flat,
    part,
    sending,
    told,
)
from tests.accounting.test_servicer_curves import MWH_G, emissions_g, records_of
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon import curves
from zonecarbon.accounting.v1 import curve_pb2

HOURS = [1000 * hour for hour in range(POINTS)]


@pytest.fixture
def main(world: World, mill: str) -> str:
    """An hourly curve of the mill that has no day yet."""
    return created(world, mill)


def values(day: curve_pb2.CurveDay) -> list[int]:
    return [int(each) for each in np.frombuffer(day.values, "<i4")]


def test_hours_one_after_the_other_make_the_day_that_is_sent_whole(
    world: World, mill: str, main: str
) -> None:
    for hour in range(POINTS):
        world.desk.curves.ReportCurveDays(part([main], [HOURS[hour]], hour))
    whole = world.desk.curves.ReportCurveDays(sending([main], [HOURS]))

    assert told(whole) == ["2023-01-01 +1 DUPLICATE"]
    (day,) = days_of(world, main)
    assert values(day) == HOURS
    assert (day.measured_count, day.missing_count) == (POINTS, 0)
    assert records_of(world, mill)[-1].quantity == requests.amount("2760.00 kWh")


def test_the_hours_that_have_not_come_are_missing_and_the_day_is_not_whole(
    world: World, mill: str, main: str
) -> None:
    answer = world.desk.curves.ReportCurveDays(part([main], [5, 6], 7))

    assert counts(answer) == (1, 0, 0, 0)
    (day,) = days_of(world, main)
    assert values(day) == [0] * 7 + [5, 6] + [0] * 15
    assert list(day.marks) == [MISSING] * 7 + [MEASURED] * 2 + [MISSING] * 15
    (record,) = records_of(world, mill)
    assert record.curve_month.missing_count == POINTS - 2
    assert list(record.curve_month.whole_dates) == []


def test_an_hour_that_is_corrected_leaves_the_others_and_moves_its_month_by_the_difference(
    world: World, mill: str, main: str
) -> None:
    marks = [[ESTIMATED] * 3 + [MEASURED] * 21]
    world.desk.curves.ReportCurveDays(sending([main], [[100_000] * POINTS], marks=marks))
    before = emissions_g(world, mill)

    answer = world.desk.curves.ReportCurveDays(part([main], [300_000], 2))

    assert told(answer) == ["2023-01-01 +1 SUPERSEDING"]
    (day,) = days_of(world, main)
    assert values(day) == [100_000, 100_000, 300_000] + [100_000] * 21
    assert list(day.marks) == [ESTIMATED] * 2 + [MEASURED] * 22
    assert emissions_g(world, mill) - before == 2 * MWH_G


def test_a_part_that_is_there_already_changes_nothing_under_any_id(
    world: World, mill: str, main: str
) -> None:
    request = part([main], [4, 5], 3)
    first = world.desk.curves.ReportCurveDays(request)

    assert world.desk.curves.ReportCurveDays(request) == first
    again = world.desk.curves.ReportCurveDays(part([main], [4, 5], 3))
    assert (again.revision, told(again)) == (0, ["2023-01-01 +1 DUPLICATE"])
    assert len(records_of(world, mill)) == 1


def test_what_a_part_would_do_is_told_and_not_done(world: World, main: str) -> None:
    answer = world.desk.curves.ReportCurveDays(part([main], [4], 3, validate_only=True))

    assert counts(answer) == (1, 0, 0, 0)
    assert days_of(world, main) == []


def test_many_meters_send_their_hour_in_one_message_and_a_bad_one_is_refused_alone(
    world: World, mill: str, main: str
) -> None:
    other = created(world, mill, "other", source_id="other")
    world.desk.curves.ReportCurveDays(sending([main, other], [flat(7), flat(8)]))

    answer = world.desk.curves.ReportCurveDays(part([main, other], [[3], [-1]], 5))

    assert told(answer) == ["2023-01-01 +1 SUPERSEDING", "2023-01-01 +1 QUANTITY_INVALID"]
    assert [values(days_of(world, each)[0])[5] for each in (main, other)] == [3, 0]


def test_the_day_as_it_was_before_an_hour_came_can_still_be_read(world: World, main: str) -> None:
    first = world.desk.curves.ReportCurveDays(part([main], [4], 0))
    world.desk.curves.ReportCurveDays(part([main], [5], 1))

    (then,) = days_of(world, main, as_of_revision=first.revision)

    assert values(then)[:2] == [4, 0]
    assert values(*days_of(world, main))[:2] == [4, 5]


@pytest.mark.parametrize(
    ("fields", "field", "allowed"),
    [
        ({"first_point": 23}, "part.point_count", "1 at the most: a day has 24 points"),
        ({"first_point": 24}, "part.point_count", "0 at the most"),
        ({"day_count": 2}, "day_count", "1 where a part of a day is sent"),
        (
            {"reading": curve_pb2.CURVE_READING_REGISTER},
            "part",
            "unset with readings of registers",
        ),
        ({"values": b"1234"}, "values", "8 bytes"),
        ({"marks": [[1]]}, "marks", "2 bytes"),
    ],
)
def test_a_part_that_is_none_of_a_day_is_refused_by_field(
    world: World, main: str, fields: dict[str, Any], field: str, allowed: str
) -> None:
    request = part([main], [1, 2], **{"first_point": 0, **fields})

    refusal = refused(world.desk.curves.ReportCurveDays, request)

    assert (refusal.reason, refusal.fields) == ("FIELD_INVALID", [field])
    assert allowed in refusal.message
    assert days_of(world, main) == []


def test_the_client_sends_an_hour_of_many_curves(world: World, mill: str, main: str) -> None:
    hour = curves.Part(
        parent=mill,
        curves=[main],
        day=date(2023, 1, 1),
        first_point=9,
        counts=np.array([[42]]),
        scale=curves.Scale(unit_code="kWh", decimal_count=2, step=curve_pb2.CURVE_STEP_HOUR),
    )

    (answer,) = curves.send(world.desk.curves, [curves.part_message(hour)])

    assert answer.new_day_count == 1
    assert values(*days_of(world, main))[9] == 42
    too_large = curves.Part(
        parent=mill,
        curves=[main],
        day=hour.day,
        first_point=9,
        counts=np.array([[2**31]]),
        scale=hour.scale,
    )
    with pytest.raises(OverflowError, match="beyond 2147483647"):
        curves.part_message(too_large)
