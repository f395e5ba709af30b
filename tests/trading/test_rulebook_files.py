"""The shipped rulebooks and prices checked against themselves and against the printed tables."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from services.kernel.trust import Status, from_confidence

RULEBOOKS = Path(__file__).parents[2] / "services" / "trading" / "rulebooks"
YEARS = tuple(range(2019, 2027))
FIRST_YEARS = (2019, 2020)
SECONDARY_YEARS = (2021, 2022)
GROSS_YEARS = (2023, 2024, 2025, 2026)
"""With a peak-regulation factor and without the corrections of before."""
INDUSTRY = [
    f"{sector}-{year}" for sector in ("steel", "cement", "aluminium") for year in (2024, 2025, 2026)
]
TABLES = ["market", "offsets", "carry_over", "penalties"]
FINAL_YEARS = (2023, 2024)
DRAFT_YEARS = (2025, 2026)
PRODUCTS = {"CEA", "composite", "CEA19-20", "CEA21", "CEA22", "CEA23", "CEA24", "CEA25"}
COLLECTED = Path(__file__).parents[3] / "shared" / "data" / "ets"
"""Where the collected tables lie beside the project, if they do."""
COLLECTED_TABLES = [
    # The table, its rows, and how many of them stand in a file here.
    ("benchmarks.csv", 32, 32),
    # Formulas, factors, exemption, cap, pre-allocation, borrowing, industry.
    ("correction_factors.csv", 75, 69),
    # Dated duties: calendar.csv.
    ("calendar.csv", 56, 45),
    # The schemes, the use of vintages for arrears, borrowing.
    ("carry_over.csv", 17, 16),
    # The limit, the exclusion, who is eligible: offsets.toml.
    ("ccer.csv", 34, 7),
    # The codes of the products and the composite quote: market.toml; sizes, limits, hours, tick,
    # step and what was bought on a day: exchange.toml and checks.csv.
    ("trading_rules.csv", 34, 14),
    # The threshold of a key emitter: market.toml.
    ("mrv_defaults.csv", 232, 1),
    ("prices.csv", 85, 85),
    # The quotes of each day: quotes.csv; all but two closes stand in prices.csv too.
    ("prices_daily_sample.csv", 35, 34),
]
RULE_TABLES = (
    "formula",
    "unit_classes",
    "benchmarks",
    "peak_factor",
    "quota_rounding",
    "surrender",
    "not_in_this_release",
)


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((RULEBOOKS / name).read_text(encoding="utf-8"))


def power(year: int) -> dict[str, Any]:
    return load(f"power-{year}.toml")


def prices() -> list[dict[str, str]]:
    with (RULEBOOKS / "prices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def quotes() -> list[dict[str, str]]:
    with (RULEBOOKS / "quotes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tables(value: object) -> Iterator[dict[str, Any]]:
    """Every table in a value, the outer ones first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from tables(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from tables(inner)


def rules(book: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        table
        for table in tables({**book, "sources": []})
        if "source" in table or "article" in table
    ]


@pytest.mark.parametrize(
    "name",
    [f"{name}.toml" for name in (*(f"power-{year}" for year in YEARS), *INDUSTRY, *TABLES)],
)
def test_every_rule_names_a_known_source_an_article_and_a_status(name: str) -> None:
    book = load(name)
    sources = {source["id"]: source for source in book["sources"]}
    for source in sources.values():
        assert isinstance(source["date"], date), source["id"]
        assert from_confidence(source["confidence"]) is Status(source["status"]), source["id"]
    for rule in rules(book):
        source = sources[rule["source"]]
        assert rule["article"], rule
        assert Status(rule["status"]) <= Status(source["status"]), rule
        assert from_confidence(rule["confidence"]) is Status(rule["status"]), rule
    assert {rule["source"] for rule in rules(book)} <= set(sources)


@pytest.mark.parametrize("year", YEARS)
def test_every_rule_table_carries_its_source(year: int) -> None:
    book = power(year)
    assert book["rulebook"] == f"power-{year}"
    assert book["compliance_year"] == year
    assert book["plan"] in {source["id"] for source in book["sources"]}
    for name in RULE_TABLES:
        table = book[name]
        for rule in table if isinstance(table, list) else [table]:
            assert rule["source"], name


@pytest.mark.parametrize(
    ("year", "power_benchmarks", "heat_benchmarks"),
    [
        (2019, "0.877 0.979 1.146 0.392", "0.126 0.126 0.126 0.059"),
        (2020, "0.877 0.979 1.146 0.392", "0.126 0.126 0.126 0.059"),
        (2021, "0.8218 0.8773 0.9350 0.3920", "0.1111 0.1111 0.1111 0.0560"),
        (2022, "0.8177 0.8729 0.9303 0.3901", "0.1105 0.1105 0.1105 0.0557"),
        (2023, "0.7950 0.8090 0.8285 0.3305", "0.1038 0.1038 0.1038 0.0536"),
        (2024, "0.7910 0.8049 0.8244 0.3288", "0.1033 0.1033 0.1033 0.0533"),
        (2025, "0.7902 0.8017 0.8162 0.3288", "0.1027 0.1027 0.1027 0.0533"),
        (2026, "0.7894 0.7985 0.8080 0.3288", "0.1021 0.1021 0.1021 0.0533"),
    ],
)
def test_the_benchmarks_are_those_of_the_printed_table(
    year: int, power_benchmarks: str, heat_benchmarks: str
) -> None:
    book = power(year)
    classes = [unit_class["unit_class"] for unit_class in book["unit_classes"]]
    assert classes == ["I", "II", "III", "IV"]
    assert classes == [benchmark["unit_class"] for benchmark in book["benchmarks"]]
    printed = [benchmark["power_tco2_per_mwh"] for benchmark in book["benchmarks"]]
    assert power_benchmarks.split() == printed
    assert heat_benchmarks.split() == [b["heat_tco2_per_gj"] for b in book["benchmarks"]]


def test_benchmarks_of_2024_are_about_half_a_percent_below_those_of_2023() -> None:
    for before, after in zip(power(2023)["benchmarks"], power(2024)["benchmarks"], strict=True):
        for name in ("power_tco2_per_mwh", "heat_tco2_per_gj"):
            cut = Decimal(before[name]) * Decimal("0.995")
            assert abs(Decimal(after[name]) - cut) < Decimal("0.0001")


@pytest.mark.parametrize("year", FINAL_YEARS)
def test_a_final_year_is_official_but_for_its_roundings(year: int) -> None:
    book = power(year)
    assert Status(book["status"]) is Status.OFFICIAL
    lower = [rule for rule in rules(book) if Status(rule["status"]) is not Status.OFFICIAL]
    assert lower == [
        book["peak_factor"]["rounding"],
        book["quota_rounding"],
        book["gap_cap"]["rounding"],
        book["pre_allocation"]["rounding"],
    ]
    assert all(rule["house_rule"] for rule in lower)
    assert {Status(rule["status"]) for rule in lower} == {Status.DRAFT}


@pytest.mark.parametrize("year", DRAFT_YEARS)
def test_a_draft_year_is_draft_in_every_rule_of_allocation(year: int) -> None:
    book = power(year)
    assert Status(book["status"]) is Status.DRAFT
    assert Status(book["peak_factor"]["rounding"]["status"]) is Status.DRAFT
    for name in ("formula", "benchmarks", "peak_factor", "quota_rounding", "gap_cap"):
        table = book[name]
        for rule in table if isinstance(table, list) else [table]:
            assert Status(rule["status"]) is Status.DRAFT, name
    assert {Status(rule["status"]) for rule in book["unit_classes"]} == {Status.UNVERIFIED}


@pytest.mark.parametrize("year", GROSS_YEARS)
def test_the_peak_factor_has_the_parameters_of_its_form(year: int) -> None:
    peak_factor = power(year)["peak_factor"]
    assert peak_factor["applies_to"] == ["I", "II"]
    assert peak_factor["otherwise"] == "1"
    assert (peak_factor["rounding"]["decimals"], peak_factor["rounding"]["mode"]) == (6, "HALF_UP")
    wanted: tuple[str, str, str, dict[str, str]]
    if year in FINAL_YEARS:
        parameters = {"base": "1.015", "constant": "16", "slope": "20"}
        wanted = ("POWER", "FRACTION", "0.65", parameters)
    else:
        parameters = {
            "constant": "7.254",
            "amplitude_1": "0.633",
            "scale_1": "29.822",
            "amplitude_2": "5.643",
            "scale_2": "6.871",
        }
        wanted = ("DOUBLE_EXPONENTIAL", "PERCENT", "50", parameters)
    names = ("form", "load_factor_scale", "threshold", "parameters")
    assert wanted == tuple(peak_factor[name] for name in names)


def test_the_peak_factor_of_2024_gives_the_known_values() -> None:
    parameters = {k: Decimal(v) for k, v in power(2024)["peak_factor"]["parameters"].items()}
    for load_factor, expected in {
        "0.40": "1.126493",
        "0.60": "1.061364",
        "0.64": "1.048797",
    }.items():
        exponent = parameters["constant"] - parameters["slope"] * Decimal(load_factor)
        factor = parameters["base"] ** exponent
        assert Decimal(expected) == factor.quantize(Decimal("0.000001"), ROUND_HALF_UP)


@pytest.mark.parametrize("year", GROSS_YEARS)
def test_the_peak_factor_of_a_draft_year_jumps_at_its_threshold(year: int) -> None:
    peak_factor = power(year)["peak_factor"]
    parameters = {k: Decimal(v) for k, v in peak_factor["parameters"].items()}
    threshold = Decimal(peak_factor["threshold"])
    if peak_factor["form"] == "POWER":
        limit = parameters["base"] ** (parameters["constant"] - parameters["slope"] * threshold)
        known = "1.0457"
    else:
        limit = parameters["constant"] - sum(
            parameters[f"amplitude_{i}"] * (1 - (-threshold / parameters[f"scale_{i}"]).exp())
            for i in (1, 2)
        )
        known = "1.1003"
    assert Decimal(known) == limit.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@pytest.mark.parametrize("year", YEARS)
def test_quotas_are_rounded_down_to_whole_tonnes(year: int) -> None:
    rounding = power(year)["quota_rounding"]
    kinds = ("power_quota", "heat_quota", "approved_quota")
    assert {rounding[kind] for kind in kinds} == {"FLOOR"}
    assert rounding["decimals"] == 0


@pytest.mark.parametrize("year", YEARS)
def test_surrender_is_due_at_the_end_of_the_next_year_and_of_the_cycle_before_2023(
    year: int,
) -> None:
    ends = {2019: 2021, 2020: 2021, 2021: 2023, 2022: 2023}
    assert power(year)["surrender"]["deadline"] == date(ends.get(year, year + 1), 12, 31)


@pytest.mark.parametrize("year", FIRST_YEARS)
def test_the_first_cycle_is_official_but_for_what_its_plan_does_not_print(year: int) -> None:
    book = power(year)
    assert Status(book["status"]) is Status.OFFICIAL
    lower = [rule for rule in rules(book) if Status(rule["status"]) is not Status.OFFICIAL]
    assert lower == [
        book["cooling_factor"]["back_pressure"],
        book["quota_rounding"],
        book["pre_allocation"]["rounding"],
        book["surrender"],
    ]


@pytest.mark.parametrize("year", SECONDARY_YEARS)
def test_the_second_cycle_is_known_from_secondary_pages(year: int) -> None:
    book = power(year)
    assert Status(book["status"]) is Status.SECONDARY
    assert "draft" in {source["status"] for source in book["sources"]}, "told, and not taken"
    assert not [rule for rule in rules(book) if rule["source"] == "d2122"]


@pytest.mark.parametrize("name", INDUSTRY)
def test_industry_is_allocated_by_emissions_and_from_2025_by_intensity(name: str) -> None:
    book = load(f"{name}.toml")
    sector, year = name.split("-")
    assert (book["sector"], book["compliance_year"]) == (sector, int(year))
    assert Status(book["status"]) is (Status.DRAFT if year == "2026" else Status.SECONDARY)
    if year == "2024":
        assert book["formula"]["expression"] == "A = E"
        assert not {"intensity", "pre_allocation"} & set(book)
        return
    limits = ("slope", "deviation_limit", "adjustment_limit")
    assert [book["intensity"][limit] for limit in limits] == ["0.15", "0.20", "0.03"]
    assert book["intensity"]["balance_value_published"] is False
    ratios = {"2025": ("0.70", "FIXED"), "2026": ("0.50", "AT_MOST")}
    rule = book["pre_allocation"]
    assert (rule["ratio"], rule["limit"]) == ratios[year]


def test_units_of_400_mw_are_in_the_upper_class() -> None:
    upper, lower, *others = power(2024)["unit_classes"]
    assert upper["rated_power_min_mw"] == "400"
    assert lower["rated_power_below_mw"] == "400"
    assert not any("rated_power_min_mw" in other for other in others)


@pytest.mark.parametrize("year", YEARS)
def test_rules_left_out_are_named_with_their_effect(year: int) -> None:
    left_out = {rule["name"]: rule for rule in power(year)["not_in_this_release"]}
    assert set(left_out) <= {"units_outside", "mixed_fuel", "fuel_shares"}
    assert all(rule["effect"] and rule["text_zh"] for rule in left_out.values())


def test_the_market_covers_four_sectors_from_26000_t() -> None:
    market = load("market.toml")
    assert market["threshold"]["annual_emissions_t"] == "26000"
    assert market["threshold"]["article"] == "第八条"
    codes = {sector["sector"]: sector["gb_codes"] for sector in market["sectors"]}
    assert codes == {
        "power": ["4411", "4412"],
        "steel": ["3110", "3120"],
        "cement": ["3011"],
        "aluminium": ["3216"],
    }
    assert {product["product"] for product in market["products"]} == PRODUCTS


def test_price_ids_are_unique_and_every_price_has_a_source() -> None:
    ids = [price["id"] for price in prices()]
    assert len(ids) == len(set(ids))
    for price in prices():
        assert price["source"], price["id"]
        assert from_confidence(price["confidence"]) is Status(price["status"]), price["id"]
        assert price["product"] in PRODUCTS, price["id"]
        assert price["kind"] in {"close", "vwap"}, price["id"]


def test_a_price_is_positive_and_an_average_is_amount_over_volume() -> None:
    for price in prices():
        written = Decimal(price["price_cny_per_t"])
        assert written > 0, price["id"]
        if price["kind"] == "vwap":
            average = Decimal(price["amount_cny"]) / Decimal(price["volume_t"])
            assert written == average.quantize(Decimal("0.0001"), ROUND_HALF_UP), price["id"]


def test_the_period_of_a_price_is_half_open() -> None:
    days = {"day": {1}, "month": {28, 29, 30, 31}, "month-part": {14}, "year": {365, 366}}
    for price in prices():
        start = date.fromisoformat(price["start_date"])
        end = date.fromisoformat(price["end_date"])
        assert (end - start).days in days[price["period_type"]], price["id"]


def test_product_kind_period_and_end_name_one_price() -> None:
    names = ("product", "kind", "period_type", "end_date")
    keys = [tuple(price[name] for name in names) for price in prices()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("product", "day", "close"),
    [
        ("CEA23", "2025-12-31", "74.43"),
        ("CEA24", "2025-12-31", "76.39"),
        ("CEA25", "2026-07-31", "98.59"),
        ("composite", "2025-12-03", "59.90"),
    ],
)
def test_a_known_close_is_there_as_written(product: str, day: str, close: str) -> None:
    (price,) = (
        price
        for price in prices()
        if (price["product"], price["kind"], price["start_date"]) == (product, "close", day)
        and price["period_type"] == "day"
    )
    assert price["price_cny_per_t"] == close
    assert price["end_date"] == (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def left_out() -> list[dict[str, str]]:
    with (RULEBOOKS / "not_loaded.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def whole_rows(table: str) -> int:
    """How many rows of a collected table are left out as a whole."""
    return sum(
        int(each["count"]) for each in left_out() if each["file"] == table and not each["columns"]
    )


def test_every_line_on_what_is_left_out_counts_something_for_a_reason_of_its_own() -> None:
    reasons = [
        (each["file"], each["where"], each["columns"], each["reason"]) for each in left_out()
    ]

    assert all(int(each["count"]) > 0 and each["reason"] for each in left_out())
    assert len(reasons) == len(set(reasons))
    assert {each["file"] for each in left_out()} == {table for table, _, _ in COLLECTED_TABLES}


@pytest.mark.parametrize(("table", "row_count", "loaded_count"), COLLECTED_TABLES)
def test_every_collected_row_is_loaded_or_counted_with_its_reason(
    table: str, row_count: int, loaded_count: int
) -> None:
    assert row_count == loaded_count + whole_rows(table)


def test_the_loaded_benchmarks_and_prices_are_as_many_as_counted() -> None:
    loaded = {table: count for table, _, count in COLLECTED_TABLES}

    assert loaded["benchmarks.csv"] == sum(len(power(year)["benchmarks"]) for year in YEARS)
    # A collected row that prints a close and an average is two prices here.
    shipped = {(price["product"], price["period_type"], price["end_date"]) for price in prices()}
    closes_in_both = {("CEA25", "2026-06-30"), ("CEA25", "2026-07-31")}
    daily = loaded["prices_daily_sample.csv"]
    assert daily == len(quotes())
    assert loaded["prices.csv"] + daily - len(closes_in_both) == len(shipped)
    closes = {
        (price["product"], price["start_date"]): price["price_cny_per_t"]
        for price in prices()
        if (price["kind"], price["period_type"]) == ("close", "day")
    }
    for quote in quotes():
        close = closes[quote["product"], quote["date"]]
        assert Decimal(quote["close_cny_per_t"]) == Decimal(close), quote["date"]


@pytest.mark.parametrize("year", YEARS)
def test_what_needs_verified_emissions_is_in_every_rulebook_of_power(year: int) -> None:
    book = power(year)
    design = "OBLIGATION" if year in FIRST_YEARS else "TOP_UP"
    assert book["gas_exemption"]["design"] == book["gap_cap"]["design"] == design
    assert book["gap_cap"]["gap_ratio"] == "0.20"
    assert book["merged_units"]["rule"] == "LEAST_FAVOURABLE"
    assert ("borrowing" in book) is (year in SECONDARY_YEARS)
    assert ("cooling_factor" in book) is ("heat_factors" in book) is (year < 2023)
    ratio = "0.50" if year in DRAFT_YEARS else "0.70"
    assert book["pre_allocation"]["ratio"] == ratio


def matches(row: dict[str, str], where: str) -> bool:
    """Whether a collected row is one of those that `where` means."""
    for condition in filter(None, where.split("; ")):
        column, differs, values = re.split("(!?=)", condition, maxsplit=1)
        if (row[column] in values.split("|")) is (differs == "!="):
            return False
    return True


def test_the_counts_are_those_of_the_collected_tables_where_they_lie_beside_the_project() -> None:
    for table, row_count, _ in COLLECTED_TABLES if COLLECTED.is_dir() else []:
        with (COLLECTED / table).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == row_count, table
        seen: set[int] = set()
        for line in (each for each in left_out() if each["file"] == table):
            found = {number for number, row in enumerate(rows) if matches(row, line["where"])}
            cells = [
                rows[number][column]
                for number in found
                for column in filter(None, line["columns"].split(", "))
                if rows[number][column]
            ]
            assert int(line["count"]) == (len(cells) if line["columns"] else len(found)), line
            if not line["columns"]:
                assert not seen & found, line
                seen |= found
