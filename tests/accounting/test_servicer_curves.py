"""Curves over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import grpc
import numpy as np
import pytest

from services.accounting.domain.bundle.recomputation import recompute
from services.kernel.period import SHANGHAI
from tests import builders
from tests.accounting import curves, requests
from tests.accounting.bundles import opened
from tests.accounting.curves import (
    ESTIMATED,
    MEASURED,
    MISSING,
    counts,
    created,
    creation,
    days_of,
    flat,
    sending,
    told,
)
from tests.accounting.moments import now, revise
from tests.accounting.requests import record, report
from tests.accounting.works import claim
from tests.accounting.world import World
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    activity_pb2,
    curve_pb2,
    inventory_pb2,
    line_pb2,
    period_service_pb2,
)
from zonecarbon.accounting.v1 import curve_service_pb2 as pb

MWH_G = 645_100
"""What a MWh of the grid of Jiangsu emits in 2023."""
TOMORROW = datetime.now(SHANGHAI).date() + timedelta(days=1)


@pytest.fixture
def main(world: World, mill: str) -> str:
    """An hourly curve of the mill that has no day yet."""
    return created(world, mill)


def records_of(world: World, mill: str) -> list[activity_pb2.ActivityRecord]:
    request = accounting_service_pb2.ListActivityRecordsRequest(parent=mill, page_size=1000)
    return list(world.desk.accounting.ListActivityRecords(request).activity_records)


def lines_of(world: World, mill: str) -> list[line_pb2.EmissionLine]:
    return list(world.inventory(mill, view=inventory_pb2.INVENTORY_VIEW_FULL).lines)


def emissions_g(world: World, mill: str) -> int:
    return world.inventory(mill).total_co2_g


def test_a_month_of_a_curve_is_booked_as_one_record_that_says_what_it_adds_up(
    world: World, mill: str, main: str
) -> None:
    answer = world.desk.curves.ReportCurveDays(sending([main], flat(*[100_000] * 31)))

    assert counts(answer) == (31, 0, 0, 0)
    assert told(answer) == []
    (booked,) = records_of(world, mill)
    assert booked.quantity == requests.amount("31000.00 kWh")
    assert booked.revision == answer.revision > 0
    assert (booked.source_id, booked.corrects) == ("intake", "")
    assert booked.curve_month.curve == main
    assert len(booked.curve_month.whole_dates) == 31
    assert booked.curve_month.measured_count == 31 * curves.POINTS
    assert emissions_g(world, mill) == 31 * MWH_G


def test_a_day_that_is_corrected_moves_its_month_and_its_zone_by_exactly_the_difference(
    world: World, mill: str, main: str
) -> None:
    world.desk.curves.ReportCurveDays(sending([main], flat(*[100_000] * 59)))
    before = {line.name: line.emissions.co2_g for line in lines_of(world, mill)}
    zone = world.zone_inventory().net_co2e_g

    answer = world.desk.curves.ReportCurveDays(sending([main], flat(300_000), "2023-02-14"))

    assert told(answer) == ["2023-02-14 +1 SUPERSEDING"]
    after = {line.name: line.emissions.co2_g for line in lines_of(world, mill)}
    moved = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert moved == {f"{mill}/lines/intake-2023-02": 2 * MWH_G}
    assert world.zone_inventory().net_co2e_g - zone == 2 * MWH_G
    _, february, corrected = records_of(world, mill)
    assert corrected.corrects == february.name


def test_what_is_sent_again_changes_nothing(world: World, mill: str, main: str) -> None:
    request = sending([main], flat(1, 2, 3))
    answer = world.desk.curves.ReportCurveDays(request)

    assert world.desk.curves.ReportCurveDays(request) == answer
    again = world.desk.curves.ReportCurveDays(sending([main], flat(2, 3, 4), "2023-01-02"))

    assert counts(again) == (1, 0, 2, 0)
    assert told(again) == ["2023-01-02 +2 DUPLICATE"]
    assert [each.revision for each in days_of(world, main)] == [answer.revision] * 3 + [
        again.revision
    ]
    only = world.desk.curves.ReportCurveDays(sending([main], flat(4), "2023-01-04"))
    assert (only.revision, counts(only)) == (0, (0, 0, 1, 0))
    assert len(records_of(world, mill)) == 2


def test_a_request_id_stands_for_one_content(world: World, main: str) -> None:
    request = sending([main], flat(1))
    world.desk.curves.ReportCurveDays(request)

    other = sending([main], flat(2), request_id=request.request_id)

    assert refused(world.desk.curves.ReportCurveDays, other).reason == "REQUEST_ID_REUSED"


def test_a_missing_point_leaves_its_day_incomplete_and_the_inventory_says_so(
    world: World, mill: str, main: str
) -> None:
    marks = np.full((31, curves.POINTS), MEASURED)
    marks[3, 5], marks[7, 1] = MISSING, ESTIMATED
    world.desk.curves.ReportCurveDays(sending([main], flat(*[100_000] * 31), marks=marks))

    (booked,) = records_of(world, mill)
    month = booked.curve_month
    assert (month.measured_count, month.estimated_count, month.missing_count) == (742, 1, 1)
    assert [each.day for each in month.whole_dates] == [*range(1, 4), *range(5, 32)]
    inventory = world.inventory(mill)
    assert lines_of(world, mill)[0].reported_day_count == 30
    assert inventory.total_co2_g == 31 * MWH_G
    assert any("335 days without a whole report" in it.text for it in inventory.findings)
    stored = days_of(world, main)[3]
    assert (stored.missing_count, stored.marks[5]) == (1, MISSING)
    assert days_of(world, main)[0].marks == b""


def test_an_explanation_leads_down_to_the_curve(world: World, mill: str, main: str) -> None:
    world.desk.curves.ReportCurveDays(sending([main], flat(100_000, 5)))

    answer = world.desk.accounting.ExplainFigure(
        accounting_service_pb2.ExplainFigureRequest(name=f"{mill}/lines/intake-2023-01")
    )

    assert (
        f"{main}: 2 whole days of 2; points 48 measured, 0 estimated, 0 missing; 0 on an"
        in answer.text
    )


@pytest.mark.parametrize(
    ("day", "marks", "told_of"),
    [
        ([-1] + [0] * 23, None, ("QUANTITY_INVALID", "values")),
        ([7] + [0] * 23, [MISSING] + [MEASURED] * 23, ("FIELD_INVALID", "values")),
        ([0] * 24, [0] + [MEASURED] * 23, ("FIELD_INVALID", "marks")),
        ([0] * 24, [4] + [MEASURED] * 23, ("FIELD_INVALID", "marks")),
    ],
)
def test_a_bad_day_is_refused_and_the_days_beside_it_are_stored(
    world: World, main: str, day: list[int], marks: list[int] | None, told_of: tuple[str, str]
) -> None:
    days = [*flat(1), day, *flat(3)]
    all_marks = None if marks is None else [[MEASURED] * 24, marks, [MEASURED] * 24]

    answer = world.desk.curves.ReportCurveDays(sending([main], days, marks=all_marks))

    assert counts(answer) == (2, 0, 0, 1)
    assert told(answer) == [f"2023-01-02 +1 {told_of[0]}"]
    assert Refused(status=answer.results[0].error).metadata["field"] == told_of[1]
    assert [each.date.day for each in days_of(world, main)] == [1, 3]


def test_a_day_that_is_to_come_is_refused(world: World, main: str) -> None:
    answer = world.desk.curves.ReportCurveDays(sending([main], flat(1, 2), str(TOMORROW)))

    assert told(answer) == [f"{TOMORROW} +2 PERIOD_INVALID"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"unit_code": "MWh"}, "unit_code"), ({"decimal_count": 3}, "decimal_count")],
)
def test_points_that_mean_something_else_than_the_curve_says_are_refused(
    world: World, main: str, fields: dict[str, Any], field: str
) -> None:
    answer = world.desk.curves.ReportCurveDays(sending([main], flat(1, 2), **fields))

    assert told(answer) == ["2023-01-01 +2 FIELD_INVALID"]
    assert Refused(status=answer.results[0].error).metadata["field"] == field


def test_a_curve_that_is_not_there_and_a_foreign_one_look_alike(
    world: World, mill: str, main: str
) -> None:
    foreign = created(world, world.enterprise())

    for other in (foreign, f"{mill}/curves/none"):
        answer = world.desk.curves.ReportCurveDays(sending([main, other], [flat(1), flat(2)]))
        assert told(answer)[-1] == "2023-01-01 +1 NOT_FOUND"
        assert answer.new_day_count + answer.duplicate_day_count == 1


def test_a_source_is_fed_by_records_or_by_a_curve(world: World, mill: str, main: str) -> None:
    world.report(mill, record(mill, when="2023-03-01 2023-03-02"))

    answer = world.desk.curves.ReportCurveDays(sending([main], flat(*[1] * 40), "2023-02-20"))
    assert told(answer) == ["2023-03-01 +31 SOURCE_FED"]
    assert Refused(status=answer.results[0].error).metadata["other"].endswith("-0")

    row = world.desk.accounting.ReportActivity(
        report(mill, record(mill, when="2023-02-01 2023-02-02"))
    ).results[0]
    assert Refused(status=row.error).reason == "SOURCE_FED"
    assert Refused(status=row.error).metadata["other"] == main


def test_a_record_of_a_curve_is_not_corrected_by_hand(world: World, mill: str, main: str) -> None:
    world.desk.curves.ReportCurveDays(sending([main], flat(1)))
    (booked,) = records_of(world, mill)

    by_hand = record(mill, when="2023-01-01 2023-01-02", corrects=booked.name)
    answer = world.desk.accounting.ReportActivity(report(mill, by_hand))

    assert Refused(status=answer.results[0].error).reason == "SOURCE_FED"


def test_a_closed_year_takes_no_days_and_the_next_does(world: World, mill: str, main: str) -> None:
    world.desk.curves.ReportCurveDays(sending([main], flat(1), "2023-12-30"))
    world.desk.periods.SubmitPeriod(
        period_service_pb2.SubmitPeriodRequest(name=f"{mill}/periods/2023")
    )

    answer = world.desk.curves.ReportCurveDays(sending([main], flat(2, 3, 4), "2023-12-31"))

    assert told(answer) == ["2023-12-31 +1 PERIOD_CLOSED"]
    assert answer.new_day_count == 2


def test_days_are_answered_as_they_were_known(world: World, main: str) -> None:
    first = world.desk.curves.ReportCurveDays(sending([main], flat(1, 2)))
    moment = now()
    world.desk.curves.ReportCurveDays(sending([main], flat(9), "2023-01-02"))

    def totals(**fields: Any) -> list[str]:
        return [each.total.value.value for each in days_of(world, main, **fields)]

    assert totals() == ["0.01", "0.09"]
    assert totals(as_of_revision=first.revision) == ["0.01", "0.02"]
    assert totals(as_of_time=moment) == ["0.01", "0.02"]
    assert totals(start_date=builders.day("2023-01-02")) == ["0.09"]
    assert totals(end_date=builders.day("2023-01-02")) == ["0.01"]


def test_days_come_page_by_page(world: World, main: str) -> None:
    world.desk.curves.ReportCurveDays(sending([main], flat(*range(1, 6))))
    request = pb.ListCurveDaysRequest(parent=main, page_size=2)
    seen: list[int] = []
    while True:
        page = world.desk.curves.ListCurveDays(request)
        seen += (each.date.day for each in page.days)
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token

    assert seen == [1, 2, 3, 4, 5]


def test_what_is_only_judged_is_not_stored(world: World, main: str) -> None:
    answer = world.desk.curves.ReportCurveDays(sending([main], flat(1, 2), validate_only=True))

    assert (counts(answer), answer.revision) == ((2, 0, 0, 0), 0)
    assert days_of(world, main) == []


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"values": b"\0" * 95}, "FIELD_INVALID", "values"),
        ({"values": b""}, "FIELD_INVALID", "values"),
        ({"marks": [[MEASURED]]}, "FIELD_INVALID", "marks"),
        ({"day_count": 0}, "FIELD_INVALID", "day_count"),
        ({"unit_code": "kwh"}, "UNIT_UNKNOWN", "unit_code"),
        ({"request_id": "7"}, "FIELD_INVALID", "request_id"),
        ({"first_date": builders.day("2023-02-30")}, "FIELD_INVALID", "first_date"),
        ({"first_date": builders.day("1989-12-31")}, "PERIOD_INVALID", "first_date"),
        ({"first_date": builders.day("2101-01-01")}, "PERIOD_INVALID", "first_date"),
    ],
)
def test_a_message_that_cannot_be_read_is_refused_whole(
    world: World, main: str, fields: dict[str, Any], reason: str, field: str
) -> None:
    found = refused(world.desk.curves.ReportCurveDays, sending([main], flat(1), **fields))

    assert (found.reason, found.metadata["field"]) == (reason, field)


def test_more_points_than_are_taken_are_refused_by_the_name_of_the_limit(
    world: World, mill: str
) -> None:
    many = [f"{mill}/curves/c{number}" for number in range(1000)]
    request = sending([many[0]], flat(1))
    del request.curves[:]
    request.curves.extend(many)
    request.day_count = 366

    found = refused(world.desk.curves.ReportCurveDays, request)

    assert found.reason == "LIMIT_EXCEEDED"
    assert found.metadata == {
        "limit": "curve_points",
        "given": str(1000 * 366 * 24),
        "allowed": "1000000",
        "way_out": "Send less at a time.",
    }


def test_a_stream_answers_each_message_once_it_is_durable(world: World, main: str) -> None:
    messages = [
        pb.StreamCurveDaysRequest(
            sequence_number=number,
            report=sending([main], flat(number), f"2023-01-{number:02d}"),
        )
        for number in range(1, 4)
    ]

    answers = list(world.desk.curves.StreamCurveDays(iter(messages)))

    assert [each.sequence_number for each in answers] == [1, 2, 3]
    assert [each.report.new_day_count for each in answers] == [1, 1, 1]
    assert len(days_of(world, main)) == 3


def test_a_stream_counts_upwards(world: World, main: str) -> None:
    message = pb.StreamCurveDaysRequest(sequence_number=1, report=sending([main], flat(1)))

    answers = world.desk.curves.StreamCurveDays(iter([message, message]))

    assert next(answers).report.new_day_count == 1
    with pytest.raises(grpc.RpcError, match="sequence_number"):
        next(answers)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"counterparty": ""}, "FIELD_REQUIRED"),
        ({"kind": activity_pb2.ACTIVITY_KIND_GAS_RELEASED, "counterparty": ""}, "FIELD_REQUIRED"),
        ({"unit_code": "ton"}, "UNIT_AMBIGUOUS"),
        ({"source_id": "Intake"}, "FIELD_INVALID"),
        ({"meter": "enterprises/x/meters/m"}, "NOT_FOUND"),
        ({"step": 0}, "FIELD_INVALID"),
        ({"decimal_count": 7}, "FIELD_INVALID"),
    ],
)
def test_a_curve_that_could_never_be_booked_is_not_created(
    world: World, mill: str, fields: dict[str, Any], reason: str
) -> None:
    assert refused(world.desk.curves.CreateCurve, creation(mill, **fields)).reason == reason


def test_a_curve_is_created_once_and_a_source_has_one(world: World, mill: str, main: str) -> None:
    assert refused(world.desk.curves.CreateCurve, creation(mill)).reason == "ALREADY_EXISTS"
    other = refused(world.desk.curves.CreateCurve, creation(mill, "other"))
    assert (other.reason, other.metadata["other"]) == ("SOURCE_FED", main)


def test_curves_are_read_by_those_who_may_see_the_enterprise(
    world: World, mill: str, main: str
) -> None:
    created(world, mill, "second", source_id="second")
    foreigner = world.running.principal("ENTERPRISE", world.enterprise())

    found = world.desk.curves.GetCurve(pb.GetCurveRequest(name=main))
    listed = world.desk.curves.ListCurves(pb.ListCurvesRequest(parent=mill))

    assert (found.unit_code, found.step) == ("kWh", curve_pb2.CURVE_STEP_HOUR)
    assert [each.name for each in listed.curves] == [main, f"{mill}/curves/second"]
    of_others = [
        refused(foreigner.curves.GetCurve, pb.GetCurveRequest(name=main)),
        refused(foreigner.curves.ListCurves, pb.ListCurvesRequest(parent=mill)),
        refused(foreigner.curves.ListCurveDays, pb.ListCurveDaysRequest(parent=main)),
        refused(foreigner.curves.ReportCurveDays, sending([main], flat(1))),
    ]
    assert [each.reason for each in of_others] == ["NOT_FOUND"] * 4


@pytest.fixture
def counter(world: World, mill: str) -> str:
    """An hourly curve that is read off a register of five digits, multiplied by ten."""
    return created(world, mill, "counter", source_id="counter", register=REGISTER)


REGISTER = curve_pb2.Register(digit_count=5, multiplier_number=10, largest_interval_count=2_000)


def reading(name: str, *readings: int, first: str = "2023-01-01", **fields: Any) -> Any:
    """A day of readings: the first opens it, the last given goes on to its end."""
    values = [*readings, *[readings[-1]] * (25 - len(readings))]
    return sending(
        [name],
        [[values]],
        first,
        reading=curve_pb2.CURVE_READING_REGISTER,
        day_count=1,
        **fields,
    )


def notes_of(day: curve_pb2.CurveDay) -> list[tuple[str, int, int, int]]:
    return [
        (
            curve_pb2.RegisterNoteKind.Name(note.kind).removeprefix("REGISTER_NOTE_KIND_"),
            note.point_index,
            note.from_count,
            note.to_count,
        )
        for note in day.register_notes
    ]


def test_readings_of_a_register_become_energy_and_each_assumption_is_kept(
    world: World, mill: str, counter: str
) -> None:
    answer = world.desk.curves.ReportCurveDays(reading(counter, 99_000, 99_500, 400))

    assert counts(answer) == (1, 0, 0, 0)
    (stored,) = days_of(world, counter)
    assert stored.total == requests.amount("140.00 kWh")
    assert np.frombuffer(stored.values, "<i4")[:3].tolist() == [5_000, 9_000, 0]
    assert notes_of(stored) == [("READ", 0, 99_000, 400), ("ROLLOVER", 1, 99_500, 400)]
    (booked,) = records_of(world, mill)
    assert (booked.quantity, booked.curve_month.assumption_count) == (stored.total, 1)


def test_a_register_that_falls_is_refused_until_its_replacement_is_told(
    world: World, mill: str, counter: str
) -> None:
    fallen = reading(counter, 50_000, 50_100, 30, 60)
    answer = world.desk.curves.ReportCurveDays(fallen)
    assert told(answer) == ["2023-01-01 +1 REGISTER_IMPLAUSIBLE"]

    replaced = world.desk.curves.ReplaceMeter(replacing(counter))
    assert [each.closing_count for each in replaced.replacements] == [50_150]
    assert replaced.replacements[0].reporter.startswith("principals/")
    assert world.desk.curves.GetCurve(pb.GetCurveRequest(name=counter)) == replaced

    again = world.desk.curves.ReportCurveDays(reading(counter, 50_000, 50_100, 30, 60))

    assert counts(again) == (1, 0, 0, 0)
    (stored,) = days_of(world, counter)
    assert np.frombuffer(stored.values, "<i4")[:3].tolist() == [1_000, 50 * 10 + 20 * 4, 30 * 4]
    assert ("REPLACEMENT", 1, 50_100, 30) in notes_of(stored)
    assert records_of(world, mill)[0].curve_month.assumption_count == 1


def replacing(name: str, day: str = "2023-01-01", **fields: Any) -> pb.ReplaceMeterRequest:
    """In the second hour of a day a meter that read 501.50 is replaced by one that read 0.10."""
    values: dict[str, Any] = {
        "date": builders.day(day),
        "point_index": 1,
        "closing_count": 50_150,
        "opening_count": 10,
        "register": curve_pb2.Register(
            digit_count=4, multiplier_number=4, largest_interval_count=500
        ),
    }
    return pb.ReplaceMeterRequest(
        name=name,
        request_id=requests.report(name).request_id,
        replacement=curve_pb2.MeterReplacement(**values | fields),
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"point_index": 24}, "replacement.point_index"),
        ({"closing_count": 100_000}, "replacement.closing_count"),
        ({"opening_count": 10_000}, "replacement.opening_count"),
        ({"day": str(TOMORROW)}, "replacement.date"),
        ({"meter": "enterprises/x/meters/m"}, "replacement.meter"),
    ],
)
def test_a_replacement_that_cannot_have_been_is_refused(
    world: World, counter: str, fields: dict[str, Any], field: str
) -> None:
    found = refused(world.desk.curves.ReplaceMeter, replacing(counter, **fields))

    assert found.metadata["field"] == field


def test_a_replacement_is_told_once_and_comes_after_those_before(
    world: World, counter: str, main: str
) -> None:
    request = replacing(counter)
    answer = world.desk.curves.ReplaceMeter(request)

    assert world.desk.curves.ReplaceMeter(request) == answer
    again = refused(world.desk.curves.ReplaceMeter, replacing(counter))
    assert again.metadata["field"] == "replacement.date"
    of_intervals = refused(world.desk.curves.ReplaceMeter, replacing(main))
    assert of_intervals.reason == "STATE_WRONG"


def test_a_missing_reading_leaves_the_hours_beside_it_unknown(world: World, counter: str) -> None:
    marks = [MEASURED, MEASURED, MISSING, *[MEASURED] * 22]
    world.desk.curves.ReportCurveDays(reading(counter, 0, 10, 0, 40, marks=[[marks]]))

    (stored,) = days_of(world, counter)

    assert (stored.missing_count, stored.total) == (2, requests.amount("1.00 kWh"))
    senseless = [MEASURED, MISSING, *[MEASURED] * 23]
    answer = world.desk.curves.ReportCurveDays(
        reading(counter, 0, 10, first="2023-01-02", marks=[[senseless]])
    )
    assert told(answer) == ["2023-01-02 +1 FIELD_INVALID"]


def test_readings_are_not_taken_for_energy_nor_energy_for_readings(
    world: World, counter: str, main: str
) -> None:
    for request in (reading(main, 0, 1), sending([counter], flat(1))):
        answer = world.desk.curves.ReportCurveDays(request)
        assert told(answer) == ["2023-01-01 +1 FIELD_INVALID"]
        assert Refused(status=answer.results[0].error).metadata["field"] == "reading"


def test_a_register_whose_fall_could_be_anything_is_not_created(world: World, mill: str) -> None:
    loose = curve_pb2.Register(digit_count=2, multiplier_number=1, largest_interval_count=50)

    found = refused(world.desk.curves.CreateCurve, creation(mill, register=loose))

    assert found.metadata["field"] == "curve.register.largest_interval_count"


def test_a_bundle_of_a_curve_is_computed_again_from_its_records(
    world: World, mill: str, main: str
) -> None:
    marks = np.full((40, curves.POINTS), MEASURED)
    marks[35, 3] = MISSING
    world.desk.curves.ReportCurveDays(sending([main], flat(*[12_345] * 40), marks=marks))
    archive = world.desk.accounting.ExportBundle(
        accounting_service_pb2.ExportBundleRequest(name=f"{mill}/inventories/2023")
    ).content

    found = opened(archive).bundle

    assert recompute(found).differing == ()
    assert [each.curve_month.missing_count for each in found.records if each.curve_month] == [0, 1]


@pytest.mark.parametrize("with_claim", [False, True], ids=["arithmetic", "from the records"])
def test_a_factor_that_comes_and_goes_leaves_a_curve_as_it_was(
    world: World, mill: str, main: str, *, with_claim: bool
) -> None:
    marks = np.full((31, curves.POINTS), MEASURED)
    marks[3, 5] = MISSING
    world.desk.curves.ReportCurveDays(sending([main], flat(*[100_000] * 31), marks=marks))
    if with_claim:
        # Claims are matched over a year: it is computed anew from its records.
        world.report(mill, claim(mill, "1 MWh", f"GEC-{mill}", "2023-01"))
    (before, *_) = lines_of(world, mill)

    with revise(world, before.binding, "0.7"):
        (between, *_) = lines_of(world, mill)
        assert between.emissions.co2_g == 31 * 700_000
        assert between.reported_day_count == 30
    (after, *_) = lines_of(world, mill)

    assert after.resource_version == before.resource_version + 2
    assert (after.emissions, after.reported_day_count) == (before.emissions, 30)
