"""The sample zone, from the meter to the position, through three real servers over loopback.

Enterprises report with their own keys, the desk looks with its own. The expected figures are
recomputed here from the sample's rows by the plainest arithmetic, or cited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import grpc
import pytest
import sqlalchemy as sa

from samples import zone
from samples.load import ZONE, Loaded, Loader
from services.runtime.database import Database
from tests.fixtures.house import Running, on_loopback, start
from tests.fixtures.prometheus import Watch
from tools.demo.results import Result, gather
from zonecarbon.accounting.v1 import accounting_service_pb2, inventory_pb2
from zonecarbon.client import Client, reason
from zonecarbon.registry.v1 import registry_service_pb2

TODAY = date(2025, 12, 31)
METER_KWH = "959636.71"
JIANGSU_2021 = Fraction("0.6451")
JIANGSU_2022 = Fraction("0.5978")
HEAT = Fraction("0.11")
G_PER_T = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The loaded zone and what came of it."""

    running: Running
    desk: Client
    loader: Loader
    loaded: Loaded
    results: Result


def load(running: Running, keys: dict[str, Client]) -> Journey:
    """Load the sample zone into `running`; `keys` remembers the enterprises' clients."""

    def client_of(enterprise: str) -> Client:
        if enterprise not in keys:
            keys[enterprise] = running.principal("ENTERPRISE", enterprise)
        return keys[enterprise]

    if "desk" not in keys:
        keys["desk"] = running.principal("DESK", ZONE)
    desk = keys["desk"]
    loader = Loader(
        administrator=running.administrator, desk=desk, client_of=client_of, loaded=Loaded()
    )
    loader.zones()
    loader.enterprises()
    for _, step in loader.steps():
        step()
    running.wait_for_followers()
    return Journey(
        running=running,
        desk=desk,
        loader=loader,
        loaded=loader.loaded,
        results=gather(desk, loader.loaded, TODAY),
    )


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    running = start(on_loopback(tmp_path_factory.mktemp("journey")))
    yield load(running, {})
    running.stop()


def test_the_year_of_the_real_meter_arrives_to_the_last_hundredth(journey: Journey) -> None:
    meter = journey.results["meter"]

    assert meter["energy_kwh"] == METER_KWH
    assert meter["label"] == "replayed"


def test_the_meter_takes_the_factor_of_data_year_2021_for_accounting_year_2023(
    journey: Journey,
) -> None:
    meter = journey.results["meter"]
    by_month = Fraction(METER_KWH) / 1000 * JIANGSU_2021

    assert meter["factor"]["name"] == "factorSets/cn-grid-2021/factors/cn-grid-js-2021"
    assert meter["factor"]["value"] == "0.6451"
    assert "2021" in meter["factor"]["data_period"]
    assert meter["factor"]["status"] == "secondary"
    # Twelve months are rounded apart, each by half a gram at the most.
    assert abs(meter["emissions_co2_g"] - by_month * G_PER_T) <= 6


def test_the_zone_is_net_of_what_its_members_sell_each_other(journey: Journey) -> None:
    for each in journey.results["zones"].values():
        assert (
            each["naive_co2_g"] - each["double_count_co2_g"] - each["exported_co2_g"]
            == (each["net_co2_g"])
        )
        assert each["net_co2_g"] == (
            each["direct_co2_g"] + each["imported_co2_g"] - each["exported_co2_g"]
        )
        assert each["members_total_co2_g"] == each["net_co2_g"] + each["residual_co2_g"]
        assert each["double_count_co2_g"] > 0


def test_the_one_meter_that_reads_less_makes_the_residual(journey: Journey) -> None:
    for each in journey.results["zones"].values():
        differing = [row for row in each["transfers"] if row["residual_co2_g"]]

        assert [(row["buyer"], row["subject"]) for row in differing] == [
            ("enterprises/textile-1", "electricity")
        ]
        assert differing[0]["residual_co2_g"] == each["residual_co2_g"] < 0


@pytest.mark.parametrize(("year", "grid"), [(2023, JIANGSU_2021), (2024, JIANGSU_2022)])
def test_what_is_counted_twice_is_what_the_members_report_to_have_bought(
    journey: Journey, year: int, grid: Fraction
) -> None:
    expected = sum(
        Fraction(row["quantity"]["value"]["value"])
        * {"MWh": grid, "10^4 kWh": 10 * grid, "kWh": grid / 1000, "GJ": HEAT, "TJ": 1000 * HEAT}[
            row["quantity"]["unit_code"]
        ]
        for row in _accepted_rows(year)
        if row["kind"].endswith("_PURCHASED") and not row["counterparty"].endswith("/grid")
    )
    booked = journey.results["zones"][str(year)]["double_count_co2_g"]

    # Each line of source and month is rounded apart, by half a gram at the most.
    assert abs(booked - expected * G_PER_T) < 1000


def test_the_power_plant_lacks_allowances_and_the_page_says_at_what_price(
    journey: Journey,
) -> None:
    (plant,) = (
        each
        for each in journey.results["positions"]
        if each["position"] == "accounts/chp/positions/2024"
    )

    assert plant["obligation_basis"] == "estimate, not yet by the ETS guide"
    assert plant["gap_count"] == (
        plant["held_count"] + plant["to_be_issued_count"] - plant["obligation_count"]
    )
    assert plant["gap_count"] < 0
    assert plant["price"]["product"] == "CEA24"
    assert plant["price"]["kind"] == "CLOSE"
    assert plant["price"]["date"] == "2025-12-31"
    assert plant["price"]["price_cny_per_t"] == "76.39"
    assert Decimal(plant["gap_value_cny"]) == plant["gap_count"] * Decimal("76.39")


def test_works_with_process_emissions_show_no_tonnes(journey: Journey) -> None:
    works = [
        each
        for each in journey.results["positions"]
        if each["sector"] in {"STEEL", "CEMENT", "ALUMINIUM"}
    ]

    assert {each["sector"] for each in works} == {"STEEL", "CEMENT", "ALUMINIUM"}
    for each in works:
        assert each["state"] == "INCOMPLETE"
        assert any("process emissions" in text for text in each["missing"])
        assert not [key for key in each if key.endswith("_count")]


def test_the_meter_shop_is_outside_the_market(journey: Journey) -> None:
    assert not [each for each in journey.results["positions"] if "steel-shop" in each["position"]]


def test_refused_rows_are_named_and_their_neighbours_are_stored(journey: Journey) -> None:
    refused = journey.results["reports"]["refused"]
    sent = sum(len(each["request"]["records"]) for each in zone.load()["reports"])

    assert [(each["enterprise"], each["reason"]) for each in refused] == [
        ("enterprises/paper-1", "UNIT_DIMENSION"),
        ("enterprises/paper-1", "UNIT_AMBIGUOUS"),
    ]
    assert all("way out" not in each["text"] and each["text"] for each in refused)
    assert journey.loaded.row_count == sent - len(refused)


def test_who_has_not_reported_everything_is_incomplete(journey: Journey) -> None:
    incomplete = {
        (each["enterprise"], each["accounting_year"])
        for each in journey.results["enterprises"]
        if each["state"] == "INCOMPLETE"
    }

    assert ("enterprises/metal-products-1", 2024) in incomplete
    assert ("enterprises/paper-1", 2024) in incomplete
    assert ("enterprises/paper-1", 2023) not in incomplete
    assert ("enterprises/chp", 2023) not in incomplete


def test_a_foreign_and_a_missing_inventory_look_alike(journey: Journey) -> None:
    stranger = journey.running.principal("ENTERPRISE", "enterprises/textile-2")
    told = []
    for name in ("enterprises/chp/inventories/2023", "enterprises/nobody/inventories/2023"):
        with pytest.raises(grpc.RpcError) as caught:
            stranger.accounting.GetEnterpriseInventory(
                accounting_service_pb2.GetEnterpriseInventoryRequest(name=name)
            )
        told.append((reason(caught.value), str(caught.value.code())))

    assert told[0] == told[1] == ("NOT_FOUND", "StatusCode.NOT_FOUND")


def test_every_figure_can_be_explained_to_the_record_and_the_published_factor(
    journey: Journey,
) -> None:
    answer = journey.desk.accounting.ExplainFigure(
        accounting_service_pb2.ExplainFigureRequest(name="enterprises/steel-shop/inventories/2023")
    )

    assert "cn-grid-js-2021" in answer.text
    assert "0.6451" in answer.text
    assert "enterprises/steel-shop/activityRecords/" in answer.text


def test_a_late_report_completes_the_inventory_and_reaches_nobody_else(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    running = start(on_loopback(tmp_path_factory.mktemp("late")))
    try:
        keys: dict[str, Client] = {}
        before = load(running, keys).results
        (late,) = zone.load()["late_reports"]
        keys[late["request"]["parent"]].accounting.ReportActivity(
            accounting_service_pb2.ReportActivityRequest(**late["request"])
        )
        after = load(running, keys).results
    finally:
        running.stop()

    changed = [each for each in after["enterprises"] if each not in before["enterprises"]]
    assert [(each["enterprise"], each["accounting_year"], each["state"]) for each in changed] == [
        ("enterprises/metal-products-1", 2024, "COMPLETE")
    ]
    assert after["positions"] == before["positions"]


def test_loading_twice_changes_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = on_loopback(tmp_path_factory.mktemp("twice"))
    running = start(settings)
    try:
        keys: dict[str, Client] = {}
        first = load(running, keys)
        counts = _row_counts(settings.data_folder)
        second = load(running, keys)
        counts_again = _row_counts(settings.data_folder)
    finally:
        running.stop()

    assert second.results == first.results
    assert counts_again == counts


def test_the_zone_is_the_same_on_postgresql(journey: Journey, postgresql_url: str) -> None:
    running = start(on_loopback(journey.running.folder, postgresql_url))
    try:
        assert load(running, {}).results == journey.results
    finally:
        running.stop()


def test_prometheus_sees_the_zone(journey: Journey, prometheus: Watch) -> None:
    watching = prometheus({"zonecarbon": journey.running.house.metrics.address})
    watching.wait_until_up(1)
    net_t = Decimal(journey.results["zones"]["2023"]["net_co2_g"]) / G_PER_T

    (sample,) = watching.settled(
        'zonecarbon_zone_emissions_tonnes{zone="sample-zone",year="2023",basis="net"}'
    )
    assert sample[1] == pytest.approx(float(net_t))
    assert watching.settled("zonecarbon_completeness_ratio > 0.9")
    assert watching.settled('zonecarbon_position_gap_tonnes{sector="POWER"} < 0')
    assert watching.settled('sum(grpc_server_handled_total{grpc_code="OK"}) > 100')


def test_the_inventory_in_full_adds_up_from_its_lines(journey: Journey) -> None:
    inventory = journey.desk.accounting.GetEnterpriseInventory(
        accounting_service_pb2.GetEnterpriseInventoryRequest(
            name="enterprises/chp/inventories/2023", view=inventory_pb2.INVENTORY_VIEW_FULL
        )
    )
    by_kind: dict[int, int] = {}
    for line in inventory.lines:
        by_kind[line.kind] = by_kind.get(line.kind, 0) + line.emissions.co2_g

    assert by_kind == {
        1: inventory.combustion_co2_g,
        2: inventory.electricity_purchased_co2_g,
        3: inventory.electricity_exported_co2_g,
        5: inventory.heat_exported_co2_g,
    }
    assert inventory.total_co2_g == by_kind[1] + by_kind[2] - by_kind[3] - by_kind[5]


def test_every_enterprise_of_the_sample_says_that_it_is_synthetic(journey: Journey) -> None:
    members = journey.desk.registry.ListEnterprises(
        registry_service_pb2.ListEnterprisesRequest(zone=ZONE, page_size=1000)
    ).enterprises

    for member in members:
        replayed = member.name == "enterprises/steel-shop"
        assert ("回放" if replayed else "合成") in member.display_name


def _accepted_rows(year: int) -> Iterator[dict[str, Any]]:
    for report in zone.load()["reports"]:
        refused = {each["row"] for each in report["refused"]}
        for number, row in enumerate(report["request"]["records"]):
            if number not in refused and row["period"]["start_date"]["year"] == year:
                yield row


def _row_counts(folder: str) -> dict[str, int]:
    counts = {}
    for service in ("registry", "accounting", "trading"):
        database = Database(f"sqlite:///{folder}/{service}.db", service)
        with database.read() as connection:
            for table in sa.inspect(connection).get_table_names():
                if table not in {"principals", "keys"}:
                    found = connection.exec_driver_sql(f"SELECT count(*) FROM {table}")  # noqa: S608
                    counts[f"{service}.{table}"] = found.scalar_one()
            head = connection.exec_driver_sql("SELECT revision FROM revision_head")
            counts[f"{service} revision"] = head.scalar_one()
        database.close()
    return counts
