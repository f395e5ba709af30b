"""Statistics over the wire: facts with two times, judged row by row, stored together."""

from __future__ import annotations

import uuid

import pytest
from google.protobuf import timestamp_pb2

from tests.accounting.evaluating import report, statistic
from tests.accounting.world import World
from tests.builders import period
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import statistic_pb2, statistic_service_pb2
from zonecarbon.type.v1 import period_pb2


def get(world: World, name: str, **fields: object) -> statistic_pb2.Statistic:
    request = statistic_service_pb2.GetStatisticRequest(name=name, **fields)  # type: ignore[arg-type]
    return world.desk.statistics.GetStatistic(request)


def test_a_fact_is_named_after_what_it_says(world: World, mill: str) -> None:
    answer = world.desk.statistics.ReportStatistics(
        report(
            mill,
            statistic("industrial_value_added", "1.50 10^8 CNY", price_base_year=2020),
            statistic("fresh_water", "12 10^4 m3", "2023-03"),
            statistic("product_output", "90000 t", subject="crude-steel"),
        )
    )

    assert (answer.stored_count, answer.refused_count) == (3, 0)
    value_added, water, steel = (each.statistic for each in answer.results)
    assert value_added.name == f"{mill}/statistics/industrial_value_added.2023"
    assert water.name == f"{mill}/statistics/fresh_water.2023-03"
    assert steel.name == f"{mill}/statistics/product_output.2023.crude-steel"
    assert value_added.quantity.value.value == "1.50", "the digits as they were written"
    assert value_added.price_base_year == 2020
    assert value_added.reporter.startswith("principals/")
    assert get(world, steel.name) == steel


def test_rows_are_judged_apart_and_stored_together_or_not_at_all(world: World, mill: str) -> None:
    answer = world.desk.statistics.ReportStatistics(
        report(
            mill,
            statistic("staff", "120 person"),
            statistic("staff_count", "120 person"),
            statistic("fresh_water", "12 t"),
            statistic("fresh_water", "-1 m3"),
            statistic("land_area", "1 km2"),
            statistic("product_output", "5 t"),
            statistic("reused_water", "5 m3", subject="steel"),
            statistic("reused_water", "5 m3", price_base_year=2020),
            statistic("emissions_co2", "5 tCO2"),
            statistic("reused_water", "5 m3", "2200"),
            statistic("staff", "121 person"),
            statistic("staff", "5 person", evidence=" "),
        )
    )

    errors = [
        Refused(status=each.error) if each.HasField("error") else None for each in answer.results
    ]
    assert errors[0] is None
    assert [(each.reason, each.metadata["field"]) for each in errors[1:] if each] == [
        ("FIELD_INVALID", "statistics[1].input_id"),
        ("UNIT_DIMENSION", "statistics[2].quantity.unit_code"),
        ("QUANTITY_INVALID", "statistics[3].quantity.value"),
        ("FIELD_INVALID", "statistics[4].input_id"),
        ("FIELD_REQUIRED", "statistics[5].subject"),
        ("FIELD_INVALID", "statistics[6].subject"),
        ("FIELD_INVALID", "statistics[7].price_base_year"),
        ("FIELD_INVALID", "statistics[8].input_id"),
        ("PERIOD_INVALID", "statistics[9].period"),
        ("DUPLICATE_ROW", "statistics[10].input_id"),
        ("FIELD_REQUIRED", "statistics[11].evidence"),
    ]
    assert (answer.stored_count, answer.refused_count, answer.revision) == (0, 11, 0)
    listed = world.desk.statistics.ListStatistics(
        statistic_service_pb2.ListStatisticsRequest(parent=mill)
    )
    assert list(listed.statistics) == []


@pytest.mark.parametrize(
    ("start", "end"), [("2023-01-01", "2023-04-01"), ("2023-01-15", "2024-01-15")]
)
def test_a_period_is_a_year_or_a_month(world: World, mill: str, start: str, end: str) -> None:
    row = statistic("fresh_water", "1 m3", period=period(start, end))

    answer = world.desk.statistics.ReportStatistics(report(mill, row))

    assert Refused(status=answer.results[0].error).metadata["field"] == "statistics[0].period"


def test_a_correction_is_a_version_more_and_what_was_known_stays(world: World, mill: str) -> None:
    def said(text: str) -> statistic_service_pb2.ReportStatisticsResponse:
        return world.desk.statistics.ReportStatistics(report(mill, statistic("staff", text)))

    first = said("120 person").results[0].statistic
    again = said("120 person")
    second = said("121 person").results[0].statistic

    assert (again.stored_count, again.revision) == (0, 0)
    assert again.results[0].statistic == first, "said before already"
    assert (first.resource_version, second.resource_version) == (1, 2)
    assert get(world, first.name).quantity.value.value == "121"
    assert get(world, first.name, resource_version=1) == first
    assert get(world, first.name, as_of_time=first.create_time) == first


def test_a_fact_is_not_known_before_it_was_reported(world: World, mill: str) -> None:
    world.desk.statistics.ReportStatistics(report(mill, statistic("staff", "120 person")))

    request = statistic_service_pb2.GetStatisticRequest(
        name=f"{mill}/statistics/staff.2023", as_of_time=timestamp_pb2.Timestamp(seconds=1)
    )
    assert refused(world.desk.statistics.GetStatistic, request).reason == "NOT_FOUND"


def test_a_report_sent_twice_has_one_effect_and_one_answer(world: World, mill: str) -> None:
    request = report(mill, statistic("staff", "120 person"), request_id=str(uuid.uuid4()))
    first = world.desk.statistics.ReportStatistics(request)
    world.desk.statistics.ReportStatistics(report(mill, statistic("staff", "121 person")))

    assert world.desk.statistics.ReportStatistics(request) == first
    request.statistics[0].quantity.value.value = "122"
    assert refused(world.desk.statistics.ReportStatistics, request).reason == "REQUEST_ID_REUSED"


def test_a_dry_run_judges_and_stores_nothing(world: World, mill: str) -> None:
    row = statistic("staff", "120 person")

    answer = world.desk.statistics.ReportStatistics(report(mill, row, validate_only=True))

    assert (answer.stored_count, answer.revision) == (0, 0)
    assert answer.results[0].statistic.quantity == row.quantity
    request = statistic_service_pb2.GetStatisticRequest(name=f"{mill}/statistics/staff.2023")
    assert refused(world.desk.statistics.GetStatistic, request).reason == "NOT_FOUND"


def test_of_a_zone_its_desk_reports_and_an_enterprise_does_not(world: World, mill: str) -> None:
    owner = world.running.principal("ENTERPRISE", mill)
    land = report(world.zone, statistic("land_area", "9 km2"))

    assert refused(owner.statistics.ReportStatistics, land).reason == "PERMISSION_DENIED"
    assert world.desk.statistics.ReportStatistics(land).stored_count == 1
    of_zone = statistic_service_pb2.GetStatisticRequest(
        name=f"{world.zone}/statistics/land_area.2023"
    )
    assert refused(owner.statistics.GetStatistic, of_zone).reason == "PERMISSION_DENIED"
    own = report(mill, statistic("staff", "120 person"))
    assert owner.statistics.ReportStatistics(own).stored_count == 1


def test_what_is_not_one_s_own_is_not_there(world: World, mill: str) -> None:
    world.desk.statistics.ReportStatistics(report(mill, statistic("staff", "120 person")))
    stranger = world.running.principal("ENTERPRISE", world.enterprise())

    asked = statistic_service_pb2.GetStatisticRequest(name=f"{mill}/statistics/staff.2023")
    assert refused(stranger.statistics.GetStatistic, asked).reason == "NOT_FOUND"
    told = report(mill, statistic("staff", "1 person"))
    assert refused(stranger.statistics.ReportStatistics, told).reason == "NOT_FOUND"
    listing = statistic_service_pb2.ListStatisticsRequest(parent=mill)
    assert refused(stranger.statistics.ListStatistics, listing).reason == "NOT_FOUND"


@pytest.mark.parametrize("name", ["x", "enterprises/a/statistics/Staff", "zones/z/statistics/a.1"])
def test_what_is_no_name_of_a_fact_is_refused(world: World, name: str) -> None:
    request = statistic_service_pb2.GetStatisticRequest(name=name)

    assert refused(world.desk.statistics.GetStatistic, request).reason == "NAME_INVALID"


def test_facts_are_listed_by_name_page_by_page(world: World, mill: str) -> None:
    rows = [statistic("fresh_water", "1 m3", f"2023-{month:02d}") for month in range(1, 6)]
    world.desk.statistics.ReportStatistics(report(mill, *rows))

    found, token = [], ""
    while True:
        page = world.desk.statistics.ListStatistics(
            statistic_service_pb2.ListStatisticsRequest(parent=mill, page_size=2, page_token=token)
        )
        found += [each.name.rpartition("/")[2] for each in page.statistics]
        token = page.next_page_token
        if not token:
            break
    assert found == [f"fresh_water.2023-{month:02d}" for month in range(1, 6)]


def test_everything_that_can_be_reported_is_listed_in_both_languages(world: World) -> None:
    answer = world.desk.statistics.ListStatisticInputs(
        statistic_service_pb2.ListStatisticInputsRequest()
    )

    inputs = {each.input_id: each for each in answer.inputs}
    assert inputs["industrial_value_added"].by_price
    assert inputs["land_area"].holder == statistic_pb2.INPUT_HOLDER_ZONE
    assert inputs["staff"].year_by == statistic_pb2.INPUT_YEAR_BY_LAST
    assert inputs["emissions_co2"].origin == statistic_pb2.INPUT_ORIGIN_INVENTORY
    assert all(each.display_name != each.display_name_zh for each in answer.inputs)


def test_a_row_without_its_period_is_told_so(world: World, mill: str) -> None:
    row = statistic("staff", "1 person", period=period_pb2.Period())

    answer = refused(world.desk.statistics.ReportStatistics, report(mill, row))

    assert answer.reason == "FIELD_REQUIRED"
    assert answer.fields == [
        "statistics[0].period.start_date",
        "statistics[0].period.end_date",
    ]
