from __future__ import annotations

import copy
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from stdnum.cn import uscc

from samples import generate, members, meter, population, zone
from samples.flows import Flow
from samples.members import Member
from samples.population import PUBLISHED_COUNT

SPECIAL = {"chp", "steel", "cement", "aluminium", "wastewater", "steel-shop"}
BASE = {
    "MWh": ("energy", Decimal(1)),
    "kWh": ("energy", Decimal("0.001")),
    "10^4 kWh": ("energy", Decimal(10)),
    "GJ": ("heat", Decimal(1)),
    "t": ("mass", Decimal(1)),
    "kg": ("mass", Decimal("0.001")),
    "10^4 Nm3": ("gas", Decimal(1)),
    "Nm3": ("gas", Decimal("0.0001")),
}
# Tonnes of CO2 in a tonne, or in 10^4 Nm3, by the default tables that apply to 2023 and 2024.
FACTOR = {
    "bituminous-coal": "23.204 0.02618 0.93",
    "anthracite": "24.515 0.02749 0.94",
    "coke": "28.446 0.02940 0.93",
    "diesel": "43.33 0.02020 0.98",
    "natural-gas": "389.31 0.01530 0.99",
}
# Tonnes of CO2 in a tonne of material, by the steel guideline of 2013.
MATERIAL = {
    "limestone": "0.44",
    "dolomite": "0.471",
    "electrode": "3.663",
    "pig-iron": "0.172",
    "scrap-steel": "0.037",
    "ferrosilicon": "0.007",
    "silicomanganese": "0.092",
    "crude-steel": "0.037",
}
BURNT, CLAIMED = "FUEL_COMBUSTION", "GREEN_POWER_CLAIMED"
BOUGHT = "ELECTRICITY_PURCHASED"

Record = dict[str, Any]


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return zone.load()


def stored(content: dict[str, Any]) -> Iterator[tuple[str, int, Record]]:
    """Enterprise, year and row of every row that will not be refused."""
    for report in content["reports"]:
        refused = {row["row"] for row in report["refused"]}
        enterprise = report["request"]["parent"].removeprefix("enterprises/")
        for index, record in enumerate(report["request"]["records"]):
            if index not in refused:
                yield enterprise, record["period"]["start_date"]["year"], record


def amount(record: Record) -> Decimal:
    """The quantity in MWh, GJ, t or 10^4 Nm3."""
    _, factor = BASE[record["quantity"]["unit_code"]]
    return Decimal(record["quantity"]["value"]["value"]) * factor


def kind(record: Record) -> str:
    return str(record["kind"]).removeprefix("ACTIVITY_KIND_")


def carrier(record: Record) -> str:
    """Electricity or heat, whatever it was made from."""
    return str(record["subject"]).partition("-")[0]


def month(record: Record) -> tuple[int, int]:
    day = record["period"]["start_date"]
    return day["year"], day["month"]


def partner(record: Record) -> str:
    return str(record.get("counterparty", "")).rpartition("/")[2]


def direct_t(content: dict[str, Any], enterprise: str, year: int) -> Decimal:
    """Emissions of burnt fuel in tonnes of CO2."""
    total = Decimal()
    for reporter, reported_year, record in stored(content):
        if (reporter, reported_year, kind(record)) == (enterprise, year, BURNT):
            heat, carbon, oxidised = map(Decimal, FACTOR[record["subject"]].split())
            total += amount(record) * heat * carbon * oxidised * 44 / 12
    return total


def owed_t(content: dict[str, Any], year: int) -> Decimal:
    """What the plant must answer for: coal by the carbon that was measured, tonnes of CO2.

    Oxidised to 99 % (燃煤的碳氧化率取99%, quoted by CETS-AG-01.01-V04-2026); ignition oil is less
    than a thousandth.
    """
    (carbon,) = (
        Decimal(each["custom_factor"]["quantity"]["value"]["value"])
        for each in content["custom_factors"]
        if each["parent"] == "enterprises/chp"
        and each["custom_factor"]["period"]["start_date"]["year"] == year
    )
    coal = sum(
        amount(record)
        for reporter, reported_year, record in stored(content)
        if (reporter, reported_year, kind(record)) == ("chp", year, BURNT)
        and record["subject"] == "bituminous-coal"
    )
    return coal * carbon * Decimal("0.99") * 44 / 12


def transfers(content: dict[str, Any], side: str) -> dict[tuple[str, str, int, int], Decimal]:
    """What the plant and its neighbours state, by neighbour, subject and month."""
    result: dict[tuple[str, str, int, int], Decimal] = defaultdict(Decimal)
    for enterprise, _, record in stored(content):
        sold = enterprise == "chp" and record["kind"].endswith("EXPORTED")
        if partner(record) in {"", "grid"} or (side == "sold") != sold:
            continue
        neighbour = partner(record) if sold else enterprise
        result[neighbour, carrier(record), *month(record)] += amount(record)
    return result


def test_the_committed_file_is_what_the_generator_makes() -> None:
    assert zone.FILE.read_bytes() == generate.text().encode()


def test_twelve_to_twenty_enterprises_surround_the_meter(content: dict[str, Any]) -> None:
    ids = [message["enterprise_id"] for message in content["enterprises"]]

    assert len(ids) == len(set(ids))
    assert set(ids) >= SPECIAL
    assert 12 <= len(content["about"]["drawn"]) <= 20
    assert 12 <= len(ids) - 1 <= 20


def test_the_drawn_enterprises_are_firms_of_the_population(content: dict[str, Any]) -> None:
    firms = {
        firm.number: firm
        for firm in population.population(count=PUBLISHED_COUNT, seed=content["about"]["seed"])
    }
    drawn = content["about"]["drawn"]

    assert len({entry["firm"] for entry in drawn}) == len(drawn)
    for entry in drawn:
        firm = firms[entry["firm"]]
        assert (firm.sector, firm.size) == (entry["sector"], entry["size"])
        assert firm.energy_tce == entry["energy_tce"]
    assert {entry["size"] for entry in drawn} == {"large", "medium", "small"}
    assert len({entry["sector"] for entry in drawn}) >= 9


def test_a_drawn_enterprise_uses_the_energy_of_its_firm(content: dict[str, Any]) -> None:
    coefficient = {"electricity": "0.1229", "heat": "0.03412", "natural-gas": "13.300"}
    coefficient |= {"bituminous-coal": "0.7143", "diesel": "1.4571"}
    used_tce: dict[str, Decimal] = defaultdict(Decimal)
    for enterprise, year, record in stored(content):
        if year == 2023 and enterprise not in SPECIAL and kind(record) != CLAIMED:
            used_tce[enterprise] += amount(record) * Decimal(coefficient[record["subject"]])

    for entry in content["about"]["drawn"]:
        used = float(used_tce[entry["enterprise"]])
        assert used == pytest.approx(entry["energy_tce"], rel=0.01), entry["enterprise"]


def test_every_name_says_what_stands_behind_it(content: dict[str, Any]) -> None:
    for message in content["enterprises"]:
        enterprise = message["enterprise"]
        real = message["enterprise_id"] == "steel-shop"
        word = "replayed" if real else "synthetic"
        assert enterprise["label"] == f"DATA_LABEL_{word.upper()}"
        assert enterprise["display_name"].endswith(f"({word})")


def test_credit_codes_are_valid_and_plainly_invented(content: dict[str, Any]) -> None:
    codes = [message["enterprise"]["credit_code"] for message in content["enterprises"]]

    assert len(codes) == len(set(codes))
    assert all(uscc.is_valid(code) for code in codes)
    assert all(code.startswith("91320000000000") for code in codes)


def test_every_source_reports_every_month_but_the_late_and_the_wrong(
    content: dict[str, Any],
) -> None:
    months: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
    process = set()
    for enterprise, _, record in stored(content):
        months[enterprise, record["source_id"]].add(month(record))
        if kind(record).startswith("PROCESS_"):
            process.add((enterprise, record["source_id"]))
    every = {(year, number) for year in (2023, 2024) for number in range(1, 13)}

    missing = {source: every - reported for source, reported in months.items()}
    assert missing.pop(("steel-shop", "grid-power")) == {(2024, number) for number in range(1, 13)}
    for source in process:
        assert missing.pop(source) == {(2023, number) for number in range(1, 13)}, "no guide yet"
    assert missing.pop(("paper-1", "coal")) == {(2024, 3)}
    late = {source for source, gone in missing.items() if gone}
    assert {enterprise for enterprise, _ in late} == {"metal-products-1"}
    assert all(missing[source] == {(2024, 12)} for source in late)
    (late_report,) = content["late_reports"]
    assert {row["source_id"] for row in late_report["request"]["records"]} == {
        source for _, source in late
    }


def test_the_wrong_units_are_the_only_rows_to_be_refused(content: dict[str, Any]) -> None:
    refused = [
        (
            report["request"]["parent"],
            report["request"]["records"][row["row"]]["subject"],
            report["request"]["records"][row["row"]]["quantity"]["unit_code"],
            row["reason"],
        )
        for report in content["reports"]
        for row in report["refused"]
    ]

    assert refused == [
        ("enterprises/paper-1", "bituminous-coal", "MWh", "UNIT_DIMENSION"),
        ("enterprises/paper-1", "bituminous-coal", "ton", "UNIT_AMBIGUOUS"),
    ]


def test_no_source_reports_a_period_twice(content: dict[str, Any]) -> None:
    periods = Counter(
        (enterprise, record["source_id"], *map(str, record["period"]["start_date"].values()))
        for enterprise, _, record in stored(content)
    )

    assert set(periods.values()) == {1}


def test_what_neighbours_buy_is_what_the_plant_sells_but_for_one_cable(
    content: dict[str, Any],
) -> None:
    sold, bought = transfers(content, "sold"), transfers(content, "bought")

    assert sold.keys() == bought.keys()
    differing = {key[:2] for key in sold if sold[key] != bought[key]}
    assert differing == {("textile-1", "electricity")}
    for key in sold:
        if key[:2] in differing:
            assert float(bought[key] / sold[key]) == pytest.approx(0.997, abs=0.00001)


def test_the_plants_units_supply_what_it_sells_and_uses(content: dict[str, Any]) -> None:
    for allocation in content["allocations"]:
        year = allocation["compliance_year"]
        heat_gj, gross_mwh = (
            sum(Decimal(unit[what]["value"]["value"]) for unit in allocation["units"])
            for what in ("heat", "electricity")
        )
        sold: dict[str, Decimal] = defaultdict(Decimal)
        for enterprise, reported_year, record in stored(content):
            if (enterprise, reported_year) == ("chp", year) and "EXPORTED" in record["kind"]:
                sold[carrier(record)] += amount(record)

        assert sold["heat"] == heat_gj
        assert float(sold["electricity"] / gross_mwh) == pytest.approx(1 - 0.083, abs=0.0001)


def test_the_plant_burns_what_its_power_and_heat_take(content: dict[str, Any]) -> None:
    for allocation in content["allocations"]:
        for unit in allocation["units"]:
            coal_t = sum(
                amount(record)
                for _, year, record in stored(content)
                if record.get("facility") == unit["facility"]
                and kind(record) == BURNT
                and year == allocation["compliance_year"]
            )
            out_gj = Decimal("3.6") * Decimal(unit["electricity"]["value"]["value"])
            out_gj += Decimal(unit["heat"]["value"]["value"])
            assert Decimal("0.44") < out_gj / (coal_t * Decimal("23.204")) < Decimal("0.60")


def allocated(allocation: dict[str, Any]) -> tuple[int, list[Decimal]]:
    """What the plan of 国环规气候〔2024〕1号 gives class II units: A = Qe × Be × Ff + Qh × Bh."""
    power, heat = {2023: ("0.8090", "0.1038"), 2024: ("0.8049", "0.1033")}[
        allocation["compliance_year"]
    ]
    total, peak_factors = 0, []
    for unit in allocation["units"]:
        load = Decimal(unit["load_factor_ratio"]["value"])
        peak = Decimal("1.015") ** (16 - 20 * load) if load < Decimal("0.65") else Decimal(1)
        peak_factors.append(peak.quantize(Decimal("0.000001")))
        quantity_mwh = Decimal(unit["electricity"]["value"]["value"])
        total += int(quantity_mwh * Decimal(power) * peak_factors[-1])
        total += int(Decimal(unit["heat"]["value"]["value"]) * Decimal(heat))
    return total, peak_factors


def test_the_plant_lacks_a_few_percent_and_one_unit_ran_for_the_peaks(
    content: dict[str, Any],
) -> None:
    for allocation in content["allocations"]:
        allowances, peak_factors = allocated(allocation)
        obligation_t = owed_t(content, allocation["compliance_year"])

        assert peak_factors[0] == 1
        assert peak_factors[1] > 1
        assert Decimal("0.02") < (obligation_t - allowances) / obligation_t < Decimal("0.06")


def test_the_last_statements_of_free_allowances_are_the_rulebooks(content: dict[str, Any]) -> None:
    free = defaultdict(list)
    for request in content["holdings"]:
        for holding in request["holdings"]:
            if holding["origin"] == "HOLDING_ORIGIN_FREE":
                free[holding["vintage_year"]].append(holding["allowance_count"])

    by_year = {a["compliance_year"]: allocated(a)[0] for a in content["allocations"]}
    assert free == {2023: [by_year[2023], 0], 2024: [free[2024][0], by_year[2024]]}


def test_the_transfers_lead_to_what_the_registration_system_states(content: dict[str, Any]) -> None:
    stated: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for request in content["holdings"]:
        for holding in request["holdings"]:
            stated[holding["vintage_year"]][holding["origin"]] = holding["allowance_count"]
    held: defaultdict[str, int] = defaultdict(int)
    for request in content["transfers"]:
        for each in (one["transfer"] for one in request["requests"]):
            comes = each["kind"] in {"TRANSFER_KIND_ALLOCATION", "TRANSFER_KIND_PURCHASE"}
            goes = each["kind"] == "TRANSFER_KIND_SURRENDER"
            held[each["instrument"]] += each["unit_count"] * (comes - goes)

    for vintage, by_origin in stated.items():
        assert held[f"instruments/cea-{vintage}"] == sum(by_origin.values())


def test_statements_come_in_order_of_their_day(content: dict[str, Any]) -> None:
    days = [tuple(r["holdings"][0]["statement_date"].values()) for r in content["holdings"]]

    assert all(before < after for before, after in pairwise(days))


def test_the_members_of_the_market_are_above_its_threshold(content: dict[str, Any]) -> None:
    accounts = {message["account_id"] for message in content["accounts"]}

    assert accounts == {"chp", "steel", "cement", "aluminium"}
    for enterprise in accounts:
        for year in (2023, 2024):
            assert direct_t(content, enterprise, year) >= 26_000


def test_the_shop_reports_its_real_year_by_the_day_and_leaves(content: dict[str, Any]) -> None:
    rows = [record for enterprise, _, record in stored(content) if enterprise == "steel-shop"]
    (message,) = [m for m in content["enterprises"] if m["enterprise_id"] == "steel-shop"]

    assert [Decimal(row["quantity"]["value"]["value"]) for row in rows] == [
        day.energy_kwh for day in meter.replayed(2023)
    ]
    assert sum(amount(row) for row in rows) == Decimal("959.63671")
    assert message["enterprise"]["memberships"][0]["leave_date"] == {
        "year": 2024,
        "month": 1,
        "day": 1,
    }


def test_claimed_green_power_is_settled_by_its_contract_and_less_than_was_bought(
    content: dict[str, Any],
) -> None:
    claimed: dict[tuple[int, int], Decimal] = {}
    bought: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for enterprise, _, record in stored(content):
        if kind(record) == CLAIMED:
            assert enterprise == "electronics-1"
            assert record["subject"] == "green-power-trade"
            assert record["certificate"] == "GP-SAMPLE-01-{}-{:02}".format(*month(record))
            assert "green-power contract GP-SAMPLE-01" in record["evidence"]
            claimed[month(record)] = amount(record)
        elif enterprise == "electronics-1" and kind(record) == BOUGHT:
            bought[month(record)] += amount(record)

    assert len(claimed) == 24
    assert all(0 < claimed[each] < bought[each] for each in bought)
    for year in (2023, 2024):
        settled = sum(mwh for (of_year, _), mwh in claimed.items() if of_year == year)
        assert float(settled) == pytest.approx(18_000, rel=0.01)


def test_no_certificate_is_claimed_twice(content: dict[str, Any]) -> None:
    numbers = [row["certificate"] for _, _, row in stored(content) if "certificate" in row]

    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_steel_works_takes_in_more_carbon_than_its_steel_keeps(
    content: dict[str, Any], year: int
) -> None:
    rows = [row for by, of_year, row in stored(content) if (by, of_year) == ("steel", year)]
    sums_t: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if kind(row) in {"MATERIAL_CONSUMED", "PRODUCT_OUTPUT"}:
            sums_t[kind(row)] += amount(row) * Decimal(MATERIAL[row["subject"]])

    assert 0 < sums_t["PRODUCT_OUTPUT"] < sums_t["MATERIAL_CONSUMED"]
    assert {row["subject"] for row in rows} >= MATERIAL.keys()


def test_the_steel_works_needs_what_such_a_works_needs_for_a_tonne(
    content: dict[str, Any],
) -> None:
    sums_t: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for enterprise, year, row in stored(content):
        if (enterprise, year) == ("steel", 2024):
            sums_t[kind(row), row["subject"]] += amount(row)
    steel_t = sums_t["PRODUCT_OUTPUT", "crude-steel"]
    hot_metal_t = sums_t["PROCESS_OUTPUT", "pig-iron"]
    bought_t = sums_t["MATERIAL_CONSUMED", "pig-iron"] + sums_t["MATERIAL_CONSUMED", "scrap-steel"]

    assert float(steel_t) == pytest.approx(600_000, rel=0.02)
    assert Decimal("1.05") < (hot_metal_t + bought_t) / steel_t < Decimal("1.12")
    assert Decimal("0.40") < sums_t[BURNT, "coke"] / hot_metal_t < Decimal("0.46")
    assert Decimal("0.12") < sums_t[BURNT, "anthracite"] / hot_metal_t < Decimal("0.18")


def test_what_enters_the_blast_furnace_is_what_its_sources_report(content: dict[str, Any]) -> None:
    furnace = "enterprises/steel/facilities/blast-furnace"
    inputs: dict[tuple[str, tuple[int, int]], Decimal] = {}
    sources: dict[tuple[str, tuple[int, int]], Decimal] = {}
    for _, year, row in stored(content):
        if year == 2024 and row.get("facility") == furnace and kind(row) != "PROCESS_OUTPUT":
            told = inputs if kind(row) == "PROCESS_INPUT" else sources
            told[row["subject"], month(row)] = amount(row)

    assert inputs == sources
    assert {subject for subject, _ in inputs} == {"coke", "anthracite", "limestone"}


def test_cement_and_aluminium_report_no_process(content: dict[str, Any]) -> None:
    kinds = {kind(row) for by, _, row in stored(content) if by in {"cement", "aluminium"}}

    assert kinds == {BURNT, BOUGHT}


def test_what_the_plant_sells_says_that_it_is_fossil(content: dict[str, Any]) -> None:
    sold = {
        row["subject"]
        for enterprise, _, row in stored(content)
        if enterprise == "chp" and kind(row) == "ELECTRICITY_EXPORTED"
    }

    assert sold == {"electricity-fossil"}


def test_what_was_measured_lies_beside_its_default_and_says_that_it_is_invented(
    content: dict[str, Any],
) -> None:
    proposed = [(each["parent"], each["custom_factor"]) for each in content["custom_factors"]]

    assert [(parent, factor["subject"]) for parent, factor in proposed] == [
        ("enterprises/steel", "coke"),
        ("enterprises/chp", "bituminous-coal"),
        ("enterprises/chp", "bituminous-coal"),
    ]
    for _, factor in proposed:
        heat, carbon, _ = map(Decimal, FACTOR[factor["subject"]].split())
        assert float(factor["quantity"]["value"]["value"]) == pytest.approx(
            float(heat * carbon), rel=0.06
        )
        assert "synthetic" in factor["evidence"]


def test_what_is_told_of_processes_and_claims_moves_no_other_quantity() -> None:
    spec = tomllib.loads((generate.FOLDER / "zone.toml").read_text(encoding="utf-8"))
    silent = copy.deepcopy(spec)
    for entry in (*silent["fixed"], *silent["drawn"]):
        entry.pop("process", None)
        entry.pop("green_power", None)

    told, untold = flows(spec), flows(silent)
    assert {key: told[key] for key in untold} == untold
    assert {by for by, _ in told.keys() - untold.keys()} == {"steel", "electronics-1"}


def flows(spec: dict[str, Any]) -> dict[tuple[str, str], Flow]:
    firms = population.population(count=PUBLISHED_COUNT, seed=spec["seed"])
    everyone: list[Member] = [*members.drawn(spec, firms), *members.fixed(spec)]
    return {(each.id, flow.source): flow for each in everyone for flow in each.flows}
