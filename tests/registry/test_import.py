from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import Refused, refused
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as pb
from zonecarbon.type.v1 import source_pb2

Counts = tuple[int, int, int]
CUSTOM = "factorSets/custom"


def load(registry: RunningRegistry, *factors: factor_pb2.Factor, **more: Any) -> Counts:
    """Import; return how many were created, changed and unchanged."""
    request = pb.ImportFactorsRequest(factors=factors, **more)
    done = registry.administrator.factors.ImportFactors(request)
    return done.created_count, done.changed_count, done.unchanged_count


def told(registry: RunningRegistry, *factors: factor_pb2.Factor, **more: Any) -> Refused:
    request = pb.ImportFactorsRequest(factors=factors, **more)
    return refused(registry.administrator.factors.ImportFactors, request)


def get(registry: RunningRegistry, name: str, version: int = 0) -> factor_pb2.Factor:
    request = pb.GetFactorRequest(name=name, resource_version=version)
    return registry.administrator.factors.GetFactor(request)


@pytest.fixture
def parent() -> str:
    """The name of a set that nobody else loads."""
    return f"factorSets/{builders.fresh('set')}"


def test_a_factor_is_loaded_as_its_source_wrote_it(registry: RunningRegistry, parent: str) -> None:
    wanted = builders.factor(
        f"{parent}/factors/grid_2021.js",
        "0.6450",
        display_name="Grid of Jiangsu",
        display_name_zh="江苏电网",
        region_code="CN-JS",
        data_start_date=builders.day("2021-01-01"),
        data_end_date=builders.day("2022-01-01"),
        lower_value={"value": "0.60"},
        upper_value={"value": "0.70"},
        source=builders.source(
            document_no="公告2024年第12号", source_year=2024, locator="表3", note="n"
        ),
    )
    assert load(registry, wanted) == (1, 0, 0)

    found = get(registry, wanted.name)
    assert found.resource_version == 1
    assert found.revision > 0
    for field in ("resource_version", "revision", "create_time"):
        found.ClearField(field)
    assert found == wanted


@pytest.mark.parametrize("digits", ["0.5", "0.50", "5e-1", "0.0000001", "0", "0.0000"])
def test_the_digits_of_a_factor_stay_as_written(
    registry: RunningRegistry, parent: str, digits: str
) -> None:
    name = f"{parent}/factors/f"
    load(registry, builders.factor(name, digits))

    assert get(registry, name).quantity.value.value == digits


def test_all_ten_decimals_of_a_factor_are_stored_and_read(
    registry: RunningRegistry, parent: str
) -> None:
    # BEH-24: the decimal precision test of undp/carbon-footprint-program.
    name, digits = f"{parent}/factors/f", "2.0123456789"
    wanted = builders.factor(name, digits, "tCO2/t", role=ROLE["CO2_FACTOR"], subject="limestone")
    load(registry, wanted)
    method = builders.fresh("method")
    about = {"role": ROLE["CO2_FACTOR"], "subject": "limestone"}
    of_nation = [builders.region("CN-JS", "CN-region-east")]
    load(registry, rules=[builders.rule(method, parent, **about)], regions=of_nation)

    stub = registry.administrator.factors
    query = builders.query(method, **about)
    resolved = stub.ResolveFactors(pb.ResolveFactorsRequest(queries=[query])).resolutions[0]
    listed = stub.ListFactors(pb.ListFactorsRequest(parent=parent)).factors
    for found in (get(registry, name), *listed, resolved.resolved.factor):
        assert found.quantity.value.value == digits


def test_loading_the_same_again_changes_nothing(registry: RunningRegistry, parent: str) -> None:
    factor = builders.factor(f"{parent}/factors/f")
    rule = builders.rule(builders.fresh("method"), parent)
    load(registry, factor, rules=[rule])
    before = get(registry, factor.name)

    request = pb.ImportFactorsRequest(factors=[factor], rules=[rule])
    again = registry.administrator.factors.ImportFactors(request)
    assert (again.created_count, again.changed_count, again.unchanged_count) == (0, 0, 2)
    assert again.revision == registry.administrator.factors.ImportFactors(request).revision
    assert get(registry, factor.name) == before


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "0.55"},
        {"value": "0.50"},
        {"source": builders.source(note="corrected by the notice of June")},
        {"region_code": "CN-JS"},
        {"data_end_date": builders.day("2024-01-01")},
        {"lower_value": {"value": "0.4"}},
    ],
)
def test_a_correction_is_a_new_version_and_the_old_one_stays(
    registry: RunningRegistry, parent: str, fields: dict[str, Any]
) -> None:
    name = f"{parent}/factors/f"
    load(registry, builders.factor(name), builders.factor(f"{parent}/factors/g"))
    first = get(registry, name)

    changed = load(
        registry, builders.factor(name, **fields), builders.factor(f"{parent}/factors/g")
    )
    assert changed == (0, 1, 1)
    second = get(registry, name)
    assert second.resource_version == 2
    assert second.revision > first.revision
    assert second != first
    assert get(registry, name, version=1) == first
    assert get(registry, name, version=2) == second
    listed = registry.administrator.factors.ListFactors(pb.ListFactorsRequest(parent=parent))
    assert [each.resource_version for each in listed.factors] == [2, 1]


def test_the_digits_of_a_bound_are_said_too(registry: RunningRegistry, parent: str) -> None:
    name = f"{parent}/factors/f"

    def loaded(digits: str) -> Counts:
        return load(registry, builders.factor(name, lower_value={"value": digits}))

    assert [loaded(digits) for digits in ("0.4", "0.4", "0.40")] == [
        (1, 0, 0),
        (0, 0, 1),
        (0, 1, 0),
    ]
    assert get(registry, name).lower_value.value == "0.40"


def test_what_was_corrected_back_is_a_third_version(registry: RunningRegistry, parent: str) -> None:
    name = f"{parent}/factors/f"
    for digits in ("0.5", "0.6", "0.5"):
        load(registry, builders.factor(name, digits))

    assert get(registry, name).resource_version == 3


def test_a_set_counts_its_factors_and_shows_their_lowest_status(
    registry: RunningRegistry, parent: str
) -> None:
    draft = builders.source(status=source_pb2.SOURCE_STATUS_DRAFT)
    load(
        registry,
        builders.factor(f"{parent}/factors/a"),
        builders.factor(f"{parent}/factors/b", source=draft),
    )
    load(registry, builders.factor(f"{parent}/factors/a", "0.6"))

    listed = registry.administrator.factors.ListFactorSets(pb.ListFactorSetsRequest()).factor_sets
    (found,) = (each for each in listed if each.name == parent)
    assert (found.factor_count, found.status) == (2, source_pb2.SOURCE_STATUS_DRAFT)
    assert [each.name for each in listed] == sorted(each.name for each in listed)


# A figure of each role with its point in the wrong place, or in the wrong unit.
SLIPS = [
    ("GRID_AVERAGE", "5.568", "tCO2/MWh"),
    ("GRID_AVERAGE", "556.8", "tCO2/MWh"),
    ("GRID_AVERAGE", "556.8", "kgCO2/kWh"),
    ("NET_CALORIFIC_VALUE", "232.04", "GJ(NCV)/t"),
    ("NET_CALORIFIC_VALUE", "2.3204", "GJ(NCV)/t"),
    ("NET_CALORIFIC_VALUE", "23204", "GJ(NCV)/t"),
    ("CARBON_CONTENT_PER_HEAT", "261.8", "tC/TJ(NCV)"),
    ("CARBON_CONTENT_PER_HEAT", "0.02618", "tC/TJ(NCV)"),
    ("CARBON_CONTENT", "6", "tC/t"),
    ("OXIDATION_RATE", "0.99", "%"),
    ("OXIDATION_RATE", "9.9", "%"),
    ("OXIDATION_RATE", "101", "%"),
    ("HEAT_DEFAULT", "1.1", "tCO2/GJ"),
    ("HEAT_DEFAULT", "110", "tCO2/GJ"),
    ("GWP100", "279000", "kgCO2e/kg"),
    ("GRID_RESIDUAL", "6.096", "tCO2/MWh"),
    ("GRID_FOSSIL", "8.325", "kgCO2/kWh"),
    ("GRID_ETS_REPORTING", "0.05703", "tCO2/MWh"),
    ("ELECTRICITY_LIFE_CYCLE", "6.205", "kgCO2e/kWh"),
    ("ELECTRICITY_NONFOSSIL", "0.5366", "tCO2/MWh"),
    ("HEAT_CONSTANT", "83740", "kJ/kg"),
    ("CO2_PER_HEAT", "946000", "kgCO2/TJ(NCV)"),
    ("CO2_PER_HEAT", "5610", "kgCO2/TJ(NCV)"),
    ("CH4_PER_HEAT", "2000", "kgCH4/TJ(NCV)"),
    ("N2O_PER_HEAT", "610", "kgN2O/TJ(NCV)"),
    ("CO2_FACTOR", "36.63", "tCO2/t"),
    ("CO2_FACTOR", "216.22", "tCO2/10^4 Nm3"),
    ("CH4_FACTOR", "2.5", "tCH4/t"),
    ("N2O_FACTOR", "3", "tN2O/t"),
    ("CF4_FACTOR", "16", "kgCF4/t"),
    ("CF4_FACTOR", "34", "kgCF4/t"),
    ("C2F6_FACTOR", "3.4", "kgC2F6/t"),
    ("CO2E_FACTOR", "182", "tCO2e/MWh"),
    ("DENSITY", "19.7", "kg/Nm3"),
    ("DENSITY", "8.4", "t/m3"),
    ("COMPONENT_SHARE", "900", "%"),
    ("COMPONENT_SHARE", "9", "1"),
    ("CONVERSION_RATE", "1000", "%"),
    ("VOLATILE_SHARE", "105", "%"),
    ("VOLATILE_COEFFICIENT", "3.5", "1"),
    ("ANODE_CARBON", "4.11", "tC/t"),
    ("ANODE_CARBON", "0.0411", "tC/t"),
    ("SULPHUR_SHARE", "20", "%"),
    ("ASH_SHARE", "250", "%"),
    ("CF4_SLOPE", "1.43", "kgCF4/t"),
    ("CF4_SLOPE", "0.0143", "kgCF4/t"),
    ("ANODE_EFFECT_MINUTES", "65", "1"),
    ("STEAM_ENTHALPY", "27769", "kJ/kg"),
    ("COAL_EQUIVALENT", "7.143", "kgce/kg"),
    ("COAL_EQUIVALENT", "13.3", "kgce/Nm3"),
    ("COAL_EQUIVALENT", "1.229", "kgce/kWh"),
    ("COAL_EQUIVALENT", "0.01229", "kgce/kWh"),
    ("COAL_EQUIVALENT", "341.2", "kgce/GJ"),
    ("COAL_EQUAL_VALUE", "3", "kgce/kWh"),
    ("COAL_EQUAL_VALUE", "0.1229", "kgce/kWh"),
    ("METHANE_CAPACITY", "2.5", "kgCH4/kg"),
    ("METHANE_CAPACITY", "0.025", "kgCH4/kg"),
    ("METHANE_CORRECTION", "8", "1"),
]
ROLE = {role.removeprefix("FACTOR_ROLE_"): number for role, number in factor_pb2.FactorRole.items()}


@pytest.mark.parametrize(
    ("role", "value", "unit"),
    [
        ("GRID_AVERAGE", "0.5568", "tCO2/MWh"),
        ("GRID_AVERAGE", "0.5568", "kgCO2/kWh"),
        ("NET_CALORIFIC_VALUE", "23.204", "GJ(NCV)/t"),
        ("NET_CALORIFIC_VALUE", "389.31", "GJ(NCV)/10^4 Nm3"),
        ("CARBON_CONTENT_PER_HEAT", "26.18", "tC/TJ(NCV)"),
        ("CARBON_CONTENT_PER_HEAT", "0.02618", "tC/GJ(NCV)"),
        ("CARBON_CONTENT", "0.6", "tC/t"),
        ("OXIDATION_RATE", "99", "%"),
        ("OXIDATION_RATE", "0.99", "1"),
        ("HEAT_DEFAULT", "0.11", "tCO2/GJ"),
        ("HEAT_CONSTANT", "83.74", "kJ/kg"),
        ("GWP100", "27.9", "kgCO2e/kg"),
        ("ELECTRICITY_NONFOSSIL", "0", "tCO2/MWh"),
        ("CO2_PER_HEAT", "94600", "kgCO2/TJ(NCV)"),
        ("CO2_PER_HEAT", "94.6", "tCO2/TJ(NCV)"),
        ("CH4_PER_HEAT", "200", "kgCH4/TJ(NCV)"),
        ("N2O_PER_HEAT", "61", "kgN2O/TJ(NCV)"),
        ("CO2_FACTOR", "3.663", "tCO2/t"),
        ("CO2_FACTOR", "21.622", "tCO2/10^4 Nm3"),
        ("CO2_FACTOR", "0.18", "kgCO2/kWh(GCV)"),
        ("CO2E_FACTOR", "0.2", "kgCO2e/kWh(NCV)"),
        ("N2O_FACTOR", "0.3", "tN2O/t"),
        ("CF4_FACTOR", "0.034", "kgCF4/t"),
        ("C2F6_FACTOR", "0.0034", "kgC2F6/t"),
        ("DENSITY", "19.7", "t/10^4 Nm3"),
        ("COMPONENT_SHARE", "0.9", "1"),
        ("ANODE_CARBON", "0.411", "tC/t"),
        ("SULPHUR_SHARE", "7.5", "%"),
        ("CF4_SLOPE", "0.272", "kgCF4/t"),
        ("STEAM_ENTHALPY", "2776.9", "kJ/kg"),
        ("COAL_EQUIVALENT", "0.2571", "kgce/t"),
        ("COAL_EQUIVALENT", "8.3143", "kgce/m3"),
        ("COAL_EQUIVALENT", "0.03412", "kgce/MJ"),
        ("METHANE_CAPACITY", "0.25", "kgCH4/kg"),
        ("METHANE_CORRECTION", "0", "1"),
    ],
)
def test_a_plausible_factor_is_taken_in_every_unit_of_its_role(
    registry: RunningRegistry, parent: str, role: str, value: str, unit: str
) -> None:
    factor = builders.factor(f"{parent}/factors/f", value, unit, role=ROLE[role])

    assert load(registry, factor) == (1, 0, 0)


@pytest.mark.parametrize(
    ("role", "value", "unit"),
    SLIPS,
)
def test_a_factor_wrong_by_ten_or_a_thousand_is_refused(
    registry: RunningRegistry, parent: str, role: str, value: str, unit: str
) -> None:
    factor = builders.factor(f"{parent}/factors/f", value, unit, role=ROLE[role])

    found = told(registry, factor)
    assert (found.code, found.reason) == ("INVALID_ARGUMENT", "FACTOR_IMPLAUSIBLE")
    assert found.fields == ["factors[0].quantity.value"]
    assert found.metadata["given"] == f"{value} {unit}"
    assert "…" in found.metadata["band"]


def test_a_slip_in_every_role_is_among_those_that_are_refused() -> None:
    assert {role for role, _, _ in SLIPS} == set(ROLE) - {"UNSPECIFIED"}


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        ("GRID_AVERAGE", "tCO2/t"),
        ("GRID_AVERAGE", "kgCO2e/kWh"),
        ("GRID_AVERAGE", "MWh"),
        ("NET_CALORIFIC_VALUE", "kJ/kg"),
        ("CARBON_CONTENT_PER_HEAT", "tC/t"),
        ("OXIDATION_RATE", "t"),
        ("GWP100", "1"),
    ],
)
def test_a_unit_that_does_not_fit_the_role_is_refused_with_those_that_do(
    registry: RunningRegistry, parent: str, role: str, unit: str
) -> None:
    factor = builders.factor(f"{parent}/factors/f", "0.5", unit, role=ROLE[role])

    found = told(registry, factor)
    assert (found.reason, found.fields) == ("UNIT_DIMENSION", ["factors[0].quantity.unit_code"])
    assert found.metadata["choices"]


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"name": "factors/f"}, "NAME_INVALID", "name"),
        ({"name": ""}, "FIELD_REQUIRED", "name"),
        ({"role": 0}, "FIELD_INVALID", "role"),
        ({"role": 99}, "FIELD_INVALID", "role"),
        ({"subject": ""}, "FIELD_REQUIRED", "subject"),
        ({"quantity": None}, "FIELD_REQUIRED", "quantity"),
        ({"unit_code": "tco2/mwh"}, "UNIT_UNKNOWN", "quantity.unit_code"),
        ({"unit_code": ""}, "FIELD_REQUIRED", "quantity.unit_code"),
        ({"value": "NaN"}, "QUANTITY_INVALID", "quantity.value"),
        ({"value": "-0.5"}, "QUANTITY_INVALID", "quantity.value"),
        ({"value": "0,5"}, "QUANTITY_INVALID", "quantity.value"),
        ({"value": "0." + "5" * 1000}, "QUANTITY_INVALID", "quantity.value"),
        ({"value": ""}, "QUANTITY_INVALID", "quantity.value"),
        ({"lower_value": {"value": "x"}}, "QUANTITY_INVALID", "lower_value.value"),
        ({"lower_value": {"value": "0.6"}}, "FIELD_INVALID", "lower_value"),
        ({"upper_value": {"value": "0.4"}}, "FIELD_INVALID", "lower_value"),
        ({"upper_value": {"value": "0"}}, "FIELD_INVALID", "lower_value"),
        ({"region_code": ""}, "FIELD_REQUIRED", "region_code"),
        ({"data_start_date": {"year": 2021, "month": 13, "day": 1}}, "FIELD_INVALID", None),
        ({"source": None}, "FIELD_REQUIRED", "source"),
        ({"source": builders.source(status=0)}, "FIELD_INVALID", "source.status"),
        ({"source": builders.source(status=42)}, "FIELD_INVALID", "source.status"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_the_batch_is_written(
    registry: RunningRegistry,
    parent: str,
    fields: dict[str, Any],
    reason: str,
    field: str | None,
) -> None:
    good = builders.factor(f"{parent}/factors/good")
    bad = builders.factor(**{"name": f"{parent}/factors/bad"} | fields)

    found = told(registry, good, bad)
    assert (found.code, found.reason) == ("INVALID_ARGUMENT", reason)
    assert found.fields == [f"factors[1].{field or 'data_start_date'}"]
    listed = refused(
        registry.administrator.factors.ListFactors, pb.ListFactorsRequest(parent=parent)
    )
    assert (listed.reason, listed.metadata) == ("NOT_FOUND", {"name": parent})


def test_a_period_that_ends_before_it_starts_is_refused(
    registry: RunningRegistry, parent: str
) -> None:
    factor = builders.factor(
        f"{parent}/factors/f",
        data_start_date=builders.day("2021-01-01"),
        data_end_date=builders.day("2021-01-01"),
    )

    found = told(registry, factor)
    assert (found.reason, found.fields) == ("FIELD_INVALID", ["factors[0].data_end_date"])


def test_a_row_that_stands_twice_is_refused_with_the_first(
    registry: RunningRegistry, parent: str
) -> None:
    factor, other = (builders.factor(f"{parent}/factors/{each}") for each in "fg")
    rule = builders.rule("m", parent)
    region = builders.region("CN-XJ", "CN-region-northwest")

    batches: dict[str, Any] = {
        "factors": [factor, other, factor],
        "rules": [rule, builders.rule("n", parent), rule],
        "regions": [region, builders.region("CN-QH", "CN-region-northwest"), region],
    }
    for field, rows in batches.items():
        request = pb.ImportFactorsRequest(**{field: rows})
        found = refused(registry.administrator.factors.ImportFactors, request)
        assert (found.reason, found.fields) == ("DUPLICATE_ROW", [f"{field}[2]"])
        assert found.metadata["first"] == f"{field}[0]"


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"method_id": ""}, "FIELD_REQUIRED", "method_id"),
        ({"method_id": "GB/T 32150"}, "NAME_INVALID", "method_id"),
        ({"accounting_year": 1989}, "FIELD_INVALID", "accounting_year"),
        ({"accounting_year": 2101}, "FIELD_INVALID", "accounting_year"),
        ({"role": 0}, "FIELD_INVALID", "role"),
        ({"subject": ""}, "FIELD_REQUIRED", "subject"),
        ({"factor_set": "set"}, "NAME_INVALID", "factor_set"),
        ({"region_levels": []}, "FIELD_REQUIRED", "region_levels"),
        ({"region_levels": [1, 1]}, "FIELD_INVALID", "region_levels"),
        ({"region_levels": [1, 0]}, "FIELD_INVALID", "region_levels[1]"),
        ({"region_levels": [9]}, "FIELD_INVALID", "region_levels[0]"),
        ({"source": builders.source(status=0)}, "FIELD_INVALID", "source.status"),
    ],
)
def test_a_bad_rule_is_refused_by_field(
    registry: RunningRegistry, parent: str, fields: dict[str, Any], reason: str, field: str
) -> None:
    rule = builders.rule(**{"method_id": "m", "factor_set": parent} | fields)

    found = told(registry, builders.factor(f"{parent}/factors/f"), rules=[rule])
    assert (found.code, found.reason, found.fields) == (
        "INVALID_ARGUMENT",
        reason,
        [f"rules[0].{field}"],
    )


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"region_code": "JS"}, "FIELD_INVALID", "region_code"),
        ({"grid_region_code": ""}, "FIELD_REQUIRED", "grid_region_code"),
        ({"source": None}, "FIELD_INVALID", "source.status"),
    ],
)
def test_a_bad_region_is_refused_by_field(
    registry: RunningRegistry, fields: dict[str, Any], reason: str, field: str
) -> None:
    values = {"region_code": "CN-JS", "grid_region_code": "CN-region-east"}

    found = told(registry, regions=[builders.region(**values | fields)])
    assert (found.reason, found.fields) == (reason, [f"regions[0].{field}"])


def test_a_rule_leads_to_a_set_that_is_there(registry: RunningRegistry, parent: str) -> None:
    found = told(registry, rules=[builders.rule("m", parent)])
    assert (found.reason, found.metadata) == ("NOT_FOUND", {"name": parent})

    load(registry, builders.factor(f"{parent}/factors/f"))
    assert load(registry, rules=[builders.rule(builders.fresh("method"), parent)]) == (1, 0, 0)


def test_a_rule_may_lead_to_custom_factors_alone(registry: RunningRegistry, parent: str) -> None:
    only = [factor_pb2.REGION_LEVEL_ENTERPRISE]
    rule = builders.rule(builders.fresh("method"), CUSTOM, region_levels=only)
    assert load(registry, rules=[rule]) == (1, 0, 0)

    for levels in ([*only, factor_pb2.REGION_LEVEL_NATION], [factor_pb2.REGION_LEVEL_NATION]):
        found = told(registry, rules=[builders.rule("m", CUSTOM, region_levels=levels)])
        assert (found.reason, found.fields) == ("FIELD_INVALID", ["rules[0].region_levels"])
    elsewhere = told(registry, rules=[builders.rule("m", parent, region_levels=only)])
    assert (elsewhere.reason, elsewhere.metadata) == ("NOT_FOUND", {"name": parent})


def test_nothing_is_published_in_the_set_of_custom_factors(registry: RunningRegistry) -> None:
    found = told(registry, builders.factor(f"{CUSTOM}/factors/f"))
    assert (found.reason, found.fields) == ("FIELD_INVALID", ["factors[0].name"])


def per_heat(parent: str, factor: str, value: str, unit: str, **fields: Any) -> factor_pb2.Factor:
    """A CO2e factor of natural gas by its heat."""
    values = {"role": ROLE["CO2E_FACTOR"], "subject": "natural-gas"}
    return builders.factor(f"{parent}/factors/{factor}", value, unit, **values | fields)


# BEH-02: a fuel has less net heat than gross heat, so a unit of net heat carries more.
@pytest.mark.parametrize(
    ("net", "gross"),
    [
        ("0.18 kgCO2e/kWh(NCV)", "0.20 kgCO2e/kWh(GCV)"),
        ("0.20 kgCO2e/kWh(NCV)", "0.20 kgCO2e/kWh(GCV)"),
        ("0 kgCO2e/kWh(NCV)", "0.20 kgCO2e/kWh(GCV)"),
        ("50 tCO2e/TJ(NCV)", "0.20 kgCO2e/kWh(GCV)"),
    ],
)
def test_a_figure_per_net_heat_that_is_not_the_larger_is_refused(
    registry: RunningRegistry, parent: str, net: str, gross: str
) -> None:
    factors = [
        builders.factor(f"{parent}/factors/grid"),
        per_heat(parent, "gross", *gross.split()),
        per_heat(parent, "net", *net.split()),
    ]

    found = told(registry, *factors)
    assert (found.code, found.reason) == ("INVALID_ARGUMENT", "FACTOR_IMPLAUSIBLE")
    assert found.fields == ["factors[2].quantity.value"]
    assert found.metadata["given"] == net
    assert gross in found.metadata["band"]


@pytest.mark.parametrize(
    ("net", "gross", "fields"),
    [
        ("0.20 kgCO2e/kWh(NCV)", "0.18 kgCO2e/kWh(GCV)", {}),
        ("56.1 tCO2e/TJ(NCV)", "0.18 kgCO2e/kWh(GCV)", {}),
        ("0 kgCO2e/kWh(NCV)", "0 kgCO2e/kWh(GCV)", {}),
        ("0.18 kgCO2e/kWh(NCV)", "0.20 kgCO2e/kWh(GCV)", {"subject": "lpg"}),
        ("0.18 kgCO2e/kWh(NCV)", "0.20 kgCO2e/kWh(GCV)", {"region_code": "GLOBAL"}),
        (
            "0.18 kgCO2e/kWh(NCV)",
            "0.20 kgCO2e/kWh(GCV)",
            {"data_start_date": builders.day("2024-01-01")},
        ),
    ],
)
def test_figures_per_net_and_gross_heat_that_agree_or_differ_in_their_thing_are_taken(
    registry: RunningRegistry, parent: str, net: str, gross: str, fields: dict[str, Any]
) -> None:
    factors = [
        per_heat(parent, "net", *net.split()),
        per_heat(parent, "gross", *gross.split(), **fields),
    ]

    assert load(registry, *factors) == (2, 0, 0)


def test_two_sets_may_disagree_on_net_and_gross_heat(
    registry: RunningRegistry, parent: str
) -> None:
    other = f"factorSets/{builders.fresh('set')}"
    factors = [
        per_heat(parent, "net", "0.18", "kgCO2e/kWh(NCV)"),
        per_heat(other, "gross", "0.20", "kgCO2e/kWh(GCV)"),
    ]

    assert load(registry, *factors) == (2, 0, 0)


@pytest.mark.parametrize(
    ("method", "request_", "reason", "field"),
    [
        ("GetFactor", pb.GetFactorRequest(name="factors/f"), "NAME_INVALID", ["name"]),
        ("GetFactor", pb.GetFactorRequest(name="factorSets/s/factors/none"), "NOT_FOUND", []),
        (
            "GetFactor",
            pb.GetFactorRequest(name="factorSets/s/factors/f", resource_version=-1),
            "FIELD_INVALID",
            ["resource_version"],
        ),
        ("ListFactors", pb.ListFactorsRequest(parent="sets/s"), "NAME_INVALID", ["parent"]),
        ("ListFactors", pb.ListFactorsRequest(parent="factorSets/none"), "NOT_FOUND", []),
        ("ResolveFactors", pb.ResolveFactorsRequest(), "FIELD_REQUIRED", ["queries"]),
        (
            "ResolveFactors",
            pb.ResolveFactorsRequest(queries=[builders.query(), builders.query(region_code="CN")]),
            "FIELD_INVALID",
            ["queries[1].region_code"],
        ),
    ],
)
def test_a_question_that_breaks_the_contract_is_refused(
    registry: RunningRegistry, method: str, request_: Any, reason: str, field: list[str]
) -> None:
    found = refused(getattr(registry.administrator.factors, method), request_)

    assert (found.reason, found.fields) == (reason, field)


@pytest.mark.parametrize("role", ["DESK", "ENTERPRISE", "SERVICE"])
def test_only_an_administrator_loads_factors_and_all_may_read_them(
    registry: RunningRegistry, parent: str, role: str
) -> None:
    scopes = {"DESK": ["zones/z"], "ENTERPRISE": ["enterprises/e"], "SERVICE": []}[role]
    stub = registry.principal(role, *scopes).factors
    factor = builders.factor(f"{parent}/factors/f")
    load(registry, factor)

    denied = refused(stub.ImportFactors, pb.ImportFactorsRequest(factors=[factor]))
    assert denied.reason == "PERMISSION_DENIED"
    assert stub.GetFactor(pb.GetFactorRequest(name=factor.name)).name == factor.name
