"""The sample zone, from the meter to the position, through three real servers over loopback.

Enterprises report with their own keys, the desk looks with its own. The expected figures are
recomputed here from the sample's rows by the plainest arithmetic, or cited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import grpc
import pytest
import sqlalchemy as sa

from samples import zone
from samples.load import ZONE, Loaded, Loader
from services.runtime.database import Database
from tests.accounting.bundles import forged
from tests.fixtures import empty
from tests.fixtures.house import Running, on_loopback, start
from tests.fixtures.prometheus import Watch
from tools.demo.results import gather
from tools.demo.words import Result
from zonecarbon.accounting.v1 import accounting_service_pb2, inventory_pb2
from zonecarbon.cli.bundles import Fetched, fetched
from zonecarbon.client import Client, reason
from zonecarbon.registry.v1 import registry_service_pb2

TODAY = date(2025, 12, 31)
METER_KWH = "959636.71"
JIANGSU_2021 = Fraction("0.6451")
JIANGSU_2022 = Fraction("0.5978")
HEAT = Fraction("0.11")
G_PER_T = 1_000_000
CARBON = Fraction(44, 12)
NATIONAL_RESIDUAL_2022 = Fraction("0.5856")
FOSSIL_910 = Fraction("0.8325")
# Measured by the steel works itself, tC/t.
COKE = Fraction("0.8412")
# Tonnes of CO2 in a tonne: NDRC steel guideline of 2013; CETS-AG-03.01-V01-2024, table A.2, differs
# for dolomite alone.
MATERIALS = {
    "limestone": Fraction("0.44"),
    "dolomite": Fraction("0.471"),
    "electrode": Fraction("3.663"),
    "pig-iron": Fraction("0.172"),
    "scrap-steel": Fraction("0.037"),
    "ferrosilicon": Fraction("0.007"),
    "silicomanganese": Fraction("0.092"),
    "crude-steel": -Fraction("0.037"),
}
GUIDE_MATERIALS = MATERIALS | {"dolomite": Fraction("0.476")}


def burnt(heat: str, carbon: str, oxidised: str = "1") -> Fraction:
    """Tonnes of CO2 in a unit: GJ in it, tC in a GJ, and the part that burns."""
    return Fraction(heat) * Fraction(carbon) * Fraction(oxidised) * CARBON


def by_ipcc(heat: str, kg_co2_per_gj: str, g_ch4_per_gj: str, g_n2o_per_gj: str) -> Fraction:
    """Tonnes of CO2e in a unit, IPCC 2006 table 2.3 under AR5: fossil methane 30, N2O 265."""
    kg = Fraction(kg_co2_per_gj)
    kg += (30 * Fraction(g_ch4_per_gj) + 265 * Fraction(g_n2o_per_gj)) / 1000
    return Fraction(heat) * kg / 1000


# Tonnes of CO2e in a unit of what the steel works reports, by method and basis.
NDRC = {
    "anthracite": burnt("24.515", "0.02749", "0.94"),
    "natural-gas": burnt("389.31", "0.01530", "0.99"),
    "diesel": burnt("43.33", "0.02020", "0.98"),
}
PROTOCOL = MATERIALS | {
    "coke": by_ipcc("28.446", "107", "10", "1.5"),
    "anthracite": by_ipcc("24.515", "98.3", "10", "1.5"),
    "natural-gas": by_ipcc("389.31", "56.1", "1", "0.1"),
    "diesel": by_ipcc("43.33", "74.1", "3", "0.6"),
}
FACTORS = {
    ("gbt32150", "location-based"): MATERIALS
    | NDRC
    | {"coke": COKE * Fraction("0.93") * CARBON, "electricity": JIANGSU_2022},
    ("ets-steel", "none"): GUIDE_MATERIALS
    | {
        "coke": COKE * CARBON,
        "anthracite": burnt("25.024", "0.02749"),
        "natural-gas": burnt("389.31", "0.01532"),
        "diesel": burnt("42.652", "0.02020"),
        "electricity": Fraction(0),
    },
    ("ghgp", "location-based"): PROTOCOL | {"electricity": JIANGSU_2022},
    ("ghgp", "market-based"): PROTOCOL | {"electricity": NATIONAL_RESIDUAL_2022},
    ("park910", "market-based"): GUIDE_MATERIALS
    | NDRC
    | {"coke": burnt("28.446", "0.02940", "0.93"), "electricity": FOSSIL_910},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The loaded zone and what came of it."""

    running: Running
    desk: Client
    loader: Loader
    loaded: Loaded
    results: Result


def load(running: Running, keys: dict[str, Client], *, late: bool = True) -> Journey:
    """Load the sample zone into `running`; `keys` remembers the enterprises' clients."""

    def client_of(enterprise: str) -> Client:
        if enterprise not in keys:
            keys[enterprise] = running.principal("ENTERPRISE", enterprise)
        return keys[enterprise]

    if "desk" not in keys:
        keys["desk"] = running.principal("DESK", ZONE)
    desk = keys["desk"]
    if "checker" not in keys:
        keys["checker"] = running.principal("DESK", ZONE)
        keys["second"] = running.principal("ADMINISTRATOR")
    loader = Loader(
        administrator=running.administrator,
        second=keys["second"],
        desk=desk,
        checker=keys["checker"],
        client_of=client_of,
        loaded=Loaded(),
    )
    loader.zones()
    loader.enterprises()
    for _, step in [*loader.steps(), *(loader.late_steps() if late else [])]:
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
            each["naive_co2e_g"] - each["double_count_co2e_g"] - each["exported_co2e_g"]
            == (each["net_co2e_g"])
        )
        assert each["net_co2e_g"] == (
            each["direct_co2e_g"] + each["imported_co2e_g"] - each["exported_co2e_g"]
        )
        assert each["members_total_co2e_g"] == each["net_co2e_g"] + each["residual_co2e_g"]
        assert each["double_count_co2e_g"] > 0


def test_the_one_meter_that_reads_less_makes_the_residual(journey: Journey) -> None:
    for each in journey.results["zones"].values():
        differing = [row for row in each["transfers"] if row["residual_co2e_g"]]

        assert [(row["buyer"], row["subject"]) for row in differing] == [
            ("enterprises/textile-1", "electricity")
        ]
        assert differing[0]["residual_co2e_g"] == each["residual_co2e_g"] < 0


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
    booked = journey.results["zones"][str(year)]["double_count_co2e_g"]

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

    assert plant["obligation_basis"] == "reported by the ETS guide, not verified"
    assert plant["gap_count"] == (
        plant["held_count"] + plant["to_be_issued_count"] - plant["obligation_count"]
    )
    assert plant["gap_count"] < 0
    assert plant["price"]["product"] == "CEA24"
    assert plant["price"]["kind"] == "CLOSE"
    assert plant["price"]["date"] == "2025-12-31"
    assert plant["price"]["price_cny_per_t"] == "76.39"
    assert Decimal(plant["gap_value_cny"]) == plant["gap_count"] * Decimal("76.39")


def test_works_without_process_emissions_or_without_an_allocation_show_no_tonnes(
    journey: Journey,
) -> None:
    works = {
        each["sector"]: each
        for each in journey.results["positions"]
        if each["sector"] in {"STEEL", "CEMENT", "ALUMINIUM"}
    }

    assert works.keys() == {"STEEL", "CEMENT", "ALUMINIUM"}
    for each in works.values():
        assert each["state"] == "INCOMPLETE"
        assert "allocation missing" in each["missing"][-1]
        assert not [key for key in each if key.endswith("_count")]
    for sector in ("CEMENT", "ALUMINIUM"):
        assert "process emissions missing" in works[sector]["missing"][0]
    assert len(works["STEEL"]["missing"]) == 1, "its process is reported"


def test_the_steel_works_by_four_methods_is_what_the_tables_give(journey: Journey) -> None:
    figures = {
        (each["method"], each["scope2_basis"]): each
        for each in journey.results["steel_works"]["methods"]
    }
    rows = [row for row in _rows_of("enterprises/steel", 2024) if "PROCESS_" not in row["kind"]]

    assert figures.keys() == FACTORS.keys()
    for key, factors in FACTORS.items():
        expected = sum(
            Fraction(row["quantity"]["value"]["value"]) * factors[row["subject"]] for row in rows
        )
        # A line of a source's month is rounded by half a gram at the most, in each of its gases.
        rounding_g = len(rows)
        assert abs(figures[key]["total_co2e_g"] - expected * G_PER_T) <= rounding_g, key
        assert figures[key]["state"] == "COMPLETE"
        assert figures[key]["known"]
        assert figures[key]["gwp_set"] == "gwp100-ar5"


def test_the_steel_guides_figure_is_the_booked_one_rounded_in_its_stages(
    journey: Journey,
) -> None:
    (figure,) = (
        each for each in journey.results["steel_works"]["methods"] if each["method"] == "ets-steel"
    )
    reported = figure["reported"]

    assert reported["total_t"] == str(int(reported["total_t"]))
    assert int(reported["total_t"]) * G_PER_T - figure["total_co2e_g"] == reported["difference_g"]
    assert 0 < abs(reported["difference_g"]) < 5 * G_PER_T
    assert reported["rule_status"] == "official"


def test_each_statement_leads_from_one_total_to_the_other_to_the_gram(journey: Journey) -> None:
    works = journey.results["steel_works"]
    totals = {
        (each["method"], each["scope2_basis"]): each["total_co2e_g"] for each in works["methods"]
    }

    assert [each["to"]["method"] for each in works["statements"]] == [
        "ets-steel",
        "ghgp",
        "park910",
    ]
    for each in works["statements"]:
        sides = each["from"], each["to"]
        first, second = (side["total_co2e_g"] for side in sides)
        assert first + sum(row["difference_g"] for row in each["rows"]) == second
        for side in sides:
            assert side["total_co2e_g"] == totals[side["method"], side["scope2_basis"]]
        assert all(row["text"] and row["text_zh"] and row["cause"] for row in each["rows"])


@pytest.fixture(scope="module")
def steel_bundles(journey: Journey) -> dict[str, Fetched]:
    """The bundles of the steel works' year by every method, as it exports them itself."""
    own = journey.running.principal("ENTERPRISE", "enterprises/steel")
    ids = ("2024", "2024-ets-steel", "2024-ghgp", "2024-park910")
    return {
        id_: fetched(
            own,
            accounting_service_pb2.ExportBundleRequest(name=f"enterprises/steel/inventories/{id_}"),
        )
        for id_ in ids
    }


def test_the_bundles_of_the_steel_works_are_recomputed_in_an_empty_environment(
    steel_bundles: dict[str, Fetched], tmp_path: Path
) -> None:
    for id_, bundle in steel_bundles.items():
        (tmp_path / "bundle.zip").write_bytes(bundle.data)

        said = empty.services(tmp_path, "recompute", "bundle.zip", "--sha256", bundle.sha256)

        assert (said.returncode, said.stderr) == (0, ""), said.stdout
        assert said.stdout.startswith(f"enterprises/steel/inventories/{id_}, version ")
        assert "; all agree" in said.stdout


def test_one_changed_byte_of_the_steel_works_is_located(
    steel_bundles: dict[str, Fetched], tmp_path: Path
) -> None:
    data = bytearray(steel_bundles["2024"].data)
    data[data.index(b'"source_id": "coke"') + 15] ^= 1
    (tmp_path / "bundle.zip").write_bytes(data)

    said = empty.services(tmp_path, "recompute", "bundle.zip")

    assert (said.returncode, said.stderr) == (2, "")
    assert said.stdout.startswith("lines.json: ")


def test_one_changed_figure_of_the_steel_works_is_located(
    steel_bundles: dict[str, Fetched], tmp_path: Path
) -> None:
    def change(content: Any) -> None:
        burnt = next(each for each in content["records"] if each["source_id"] == "coke")
        burnt["value"] = f"1{burnt['value']}"

    data = forged(steel_bundles["2024"].data, "records.json", change)
    (tmp_path / "bundle.zip").write_bytes(data)

    said = empty.services(tmp_path, "recompute", "bundle.zip")

    differing = [
        line.split()[0] for line in said.stdout.splitlines() if line.startswith("  lines/")
    ]
    assert (said.returncode, said.stderr) == (1, "")
    assert set(differing) == {"lines/coke-2024-01"}


def test_the_boundary_of_the_blast_furnace_is_shown_apart(journey: Journey) -> None:
    (furnace,) = journey.results["steel_works"]["processes"]
    factors = FACTORS["ets-steel", "none"]
    expected = sum(
        Fraction(row["quantity"]["value"]["value"])
        * factors[row["subject"]]
        * (1 if row["kind"].endswith("_INPUT") else -1)
        for row in _rows_of("enterprises/steel", 2024)
        if "PROCESS_" in row["kind"]
    )

    assert furnace["facility"] == "enterprises/steel/facilities/blast-furnace"
    assert abs(furnace["net_co2_g"] - expected * G_PER_T) <= 48


def test_a_measured_value_counts_once_two_have_seen_it(journey: Journey) -> None:
    (factor,) = journey.results["steel_works"]["custom_factors"]
    answer = journey.desk.accounting.GetEnterpriseInventory(
        accounting_service_pb2.GetEnterpriseInventoryRequest(
            name="enterprises/steel/inventories/2024", view=inventory_pb2.INVENTORY_VIEW_FULL
        )
    )
    bound = {
        (line.binding.factors[0].factor, line.binding.factors[0].factor_version)
        for line in answer.lines
        if line.source_id == "coke"
    }

    assert (factor["state"], factor["resource_version"]) == ("ACTIVE", 2)
    assert factor["proposer"] != factor["decider"]
    assert bound == {(factor["name"], 2)}


def test_a_claim_of_green_power_lowers_what_market_bases_count(journey: Journey) -> None:
    green = journey.results["green_power"]
    figures = {(each["method"], each["scope2_basis"]): each for each in green["methods"]}
    rows = _rows_of("enterprises/electronics-1", 2024)
    claimed_mwh = sum(Fraction(row["quantity"]["value"]["value"]) for row in rows if _claims(row))
    bought_mwh = sum(
        Fraction(row["quantity"]["value"]["value"]) / 1000
        for row in rows
        if row["kind"].endswith("_ELECTRICITY_PURCHASED")
    )

    assert 0 < claimed_mwh < bought_mwh
    assert green["accounted"] is True
    for key, factor, taken in (
        (("gbt32150", "location-based"), JIANGSU_2022, 0),
        (("ghgp", "location-based"), JIANGSU_2022, 0),
        (("ghgp", "market-based"), NATIONAL_RESIDUAL_2022, claimed_mwh),
        (("park910", "market-based"), FOSSIL_910, claimed_mwh),
    ):
        scope2_g = figures[key]["indirect_co2e_g"]
        assert abs(scope2_g - (bought_mwh - taken) * factor * G_PER_T) <= 12, key
        assert abs(figures[key]["claimed_co2e_g"] - taken * factor * G_PER_T) <= 6, key


def test_the_zone_by_the_method_of_parks_credits_what_leaves_it(journey: Journey) -> None:
    zone, park = (journey.results[key]["2024"] for key in ("zones", "zones_park910"))

    assert (park["method"], park["scope2_basis"]) == ("park910", "market-based")
    assert park["net_co2e_g"] == (
        park["direct_co2e_g"] + park["imported_co2e_g"] - park["exported_co2e_g"]
    )
    # What is sold, by the factor of fossil power in place of the grid's.
    assert park["exported_co2e_g"] / zone["exported_co2e_g"] == pytest.approx(
        float(FOSSIL_910 / JIANGSU_2022)
    )
    assert [row["buyer"] for row in park["transfers"] if row["residual_co2e_g"]] == [
        "enterprises/textile-1"
    ]


def test_the_meter_shop_is_outside_the_market(journey: Journey) -> None:
    assert not [each for each in journey.results["positions"] if "steel-shop" in each["position"]]


def test_refused_rows_are_named_and_their_neighbours_are_stored(journey: Journey) -> None:
    refused = journey.results["reports"]["refused"]
    sample = zone.load()
    sent = sum(
        len(each["request"]["records"]) for each in sample["reports"] + sample["late_reports"]
    )

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

    assert ("enterprises/paper-1", 2024) in incomplete
    assert ("enterprises/metal-products-1", 2024) not in incomplete, "late, but there"
    assert ("enterprises/paper-1", 2023) not in incomplete
    assert ("enterprises/chp", 2023) not in incomplete
    assert not [year for name, year in incomplete if name == "enterprises/steel"]
    for works in ("enterprises/cement", "enterprises/aluminium"):
        assert {(works, 2023), (works, 2024)} <= incomplete, "no process is reported"


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
        before = load(running, keys, late=False).results
        after = load(running, keys).results
    finally:
        running.stop()

    changed = [each for each in after["enterprises"] if each not in before["enterprises"]]
    assert [(each["enterprise"], each["accounting_year"], each["state"]) for each in changed] == [
        ("enterprises/metal-products-1", 2024, "COMPLETE")
    ]
    assert after["positions"] == before["positions"]
    (late,) = after["late_reports"]
    assert late["after"]["total_co2e_g"] == changed[0]["total_co2e_g"]
    (missing,) = (
        each
        for each in before["enterprises"]
        if (each["enterprise"], each["accounting_year"]) == ("enterprises/metal-products-1", 2024)
    )
    assert late["before"] == {key: missing[key] for key in late["before"] if key in missing} | {
        "resource_version": late["after"]["resource_version"] - 1
    }


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
        assert unsigned(load(running, {}).results) == unsigned(journey.results)
    finally:
        running.stop()


def test_prometheus_sees_the_zone(journey: Journey, prometheus: Watch) -> None:
    watching = prometheus({"zonecarbon": journey.running.house.metrics.address})
    watching.wait_until_up(1)
    net_t = Decimal(journey.results["zones"]["2023"]["net_co2e_g"]) / G_PER_T

    (sample,) = watching.settled(
        'zonecarbon_zone_emissions_tonnes{zone="sample-zone",year="2023",method="gbt32150",'
        'basis="net"}'
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
    by_item: Counter[str] = Counter()
    for line in inventory.lines:
        by_item[line.item_id] += line.emissions.co2_g

    assert by_item == {each.item_id: each.emissions.co2_g for each in inventory.items}
    signed = {
        each.item_id: -each.emissions.co2_g if each.deducted else each.emissions.co2_g
        for each in inventory.items
    }
    assert signed.keys() >= {"combustion", "electricity_purchased", "heat_exported"}
    assert inventory.total_co2_g == sum(signed.values())


def test_every_enterprise_of_the_sample_says_that_it_is_synthetic(journey: Journey) -> None:
    members = journey.desk.registry.ListEnterprises(
        registry_service_pb2.ListEnterprisesRequest(zone=ZONE, page_size=1000)
    ).enterprises

    for member in members:
        replayed = member.name == "enterprises/steel-shop"
        assert ("回放" if replayed else "合成") in member.display_name


def unsigned(results: Result) -> Result:
    """The results without the names of who proposed and approved, which each journey makes anew."""
    works = results["steel_works"]
    signed = {"proposer", "decider"}
    factors = [
        {key: value for key, value in each.items() if key not in signed}
        for each in works["custom_factors"]
    ]
    return results | {"steel_works": works | {"custom_factors": factors}}


def _rows_of(enterprise: str, year: int) -> list[dict[str, Any]]:
    return [row for by, row in _accepted(year) if by == enterprise]


def _claims(row: dict[str, Any]) -> bool:
    return str(row["kind"]).endswith("_GREEN_POWER_CLAIMED")


def _accepted_rows(year: int) -> Iterator[dict[str, Any]]:
    for _, row in _accepted(year):
        yield row


def _accepted(year: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for report in zone.load()["reports"]:
        refused = {each["row"] for each in report["refused"]}
        for number, row in enumerate(report["request"]["records"]):
            if number not in refused and row["period"]["start_date"]["year"] == year:
                yield report["request"]["parent"], row


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
