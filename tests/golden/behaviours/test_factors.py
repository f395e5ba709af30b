"""Behaviours that others published as tests, of factors: which set, which year, whose, none at all.

The ids are those of the collection of behaviours; each test is named by what must happen.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from services.accounting.domain.binding import Origin, Unresolved
from services.accounting.domain.emission import Booked
from services.accounting.domain.role import Role
from services.kernel.errors import DomainError, FactorConflict, FieldRequired, GwpSetMismatch
from services.registry.domain import custom_factor
from services.registry.domain.custom_factor import CustomFactor
from services.registry.wire.custom_factor import to_custom_factor
from tests import builders
from tests.accounting import requests, world
from tests.accounting.world import World
from tests.fixtures.house import Running
from tests.golden import cases
from tests.golden.cases import activity, case, co2e
from tests.refusals import refused
from zonecarbon.accounting.v1 import line_pb2
from zonecarbon.registry.v1 import custom_factor_pb2, custom_factor_service_pb2, factor_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as pb

FUEL, POWER, VALUE_CHAIN = "FUEL_COMBUSTION", "ELECTRICITY_PURCHASED", "OTHER_INDIRECT"
AR5, AR6 = "gwp100-ar5", "gwp100-ar6"


def test_a_blank_factor_is_refused_and_a_printed_0_is_one(stocked_house: Running) -> None:
    """BEH-04: a row that is there but blank is refused; a printed 0 is a factor, none is not 0."""
    client, name = stocked_house.administrator, "factorSets/printed-0/factors/heat"
    fields: dict[str, Any] = {"role": factor_pb2.FACTOR_ROLE_HEAT_DEFAULT, "subject": "heat"}
    blank = pb.ImportFactorsRequest(factors=[builders.factor(name, "", "tCO2/GJ", **fields)])
    rule = builders.rule("gbt32150", "factorSets/printed-0", accounting_year=2022, **fields)
    asked = case("gbt32150", activity("HEAT_PURCHASED", "1 GJ"), accounting_year=2022)

    assert refused(client.factors.ImportFactors, blank).fields == ["factors[0].quantity.value"]
    assert cases.refusal(client, asked).reason == "FACTOR_NOT_APPLICABLE"
    printed = builders.factor(name, "0", "tCO2/GJ", **fields)
    client.factors.ImportFactors(pb.ImportFactorsRequest(factors=[printed], rules=[rule]))
    answer = client.accounting.ComputeEmissions(cases.message(client, asked))

    (factor,) = answer.results[0].binding.factors
    assert (factor.factor, factor.quantity.value.value) == (name, "0")
    assert (answer.total.co2_g, len(answer.results)) == (0, 1)


def test_a_gas_without_a_potential_is_refused_and_never_nothing(stocked_house: Running) -> None:
    """BEH-05: a gas that the GWP set does not cover raises; it does not count 0."""
    released = activity("GAS_RELEASED", "5 kgSF6", "sf6")

    refusal = cases.refusal(
        stocked_house.administrator, case("ghgp", released, accounting_year=1999)
    )

    assert refusal.reason == "FACTOR_MISSING"
    assert refusal.metadata["wanted"] == "the global warming potential of SF6 in gwp100-ar5"


def test_figures_under_two_sets_are_never_added(stocked_house: Running) -> None:
    """BEH-06: AR5 and AR6 in one inventory are refused."""
    old, new = Booked(co2e_g=((AR5, 30),)), Booked(co2e_g=((AR6, 30),))
    mixed = case(
        "ghgp",
        activity(FUEL, "1 L", "diesel", co2e("2.5 kgCO2e/L", AR5)),
        activity(FUEL, "1 L", "kerosene", co2e("2.5 kgCO2e/L", AR6)),
    )

    with pytest.raises(GwpSetMismatch):
        _ = old + new
    refusal = cases.refusal(stocked_house.administrator, mixed)

    assert refusal.reason == "GWP_SET_MISMATCH"
    assert refusal.fields == ["activities[1].given_factors[0].gwp_set"]


def test_a_method_is_shown_under_its_own_sets_alone(stocked_house: Running) -> None:
    """BEH-06: what is asked under a set that the method does not have is refused, not converted."""
    asked = case("gbt32150", activity(POWER, "1 MWh"), gwp_set=AR6)

    refusal = cases.refusal(stocked_house.administrator, asked)

    assert (refusal.reason, refusal.fields) == ("FIELD_INVALID", ["gwp_set"])


@pytest.mark.parametrize(
    "asked",
    [
        activity(FUEL, "1 L", "diesel", co2e("2.58354 kgCO2e/L")),
        activity(POWER, "1 MWh", "", co2e("0.4 kgCO2e/kWh")),
        activity(VALUE_CHAIN, "1 t", "steel", co2e("2 tCO2e/t"), value_chain_category=1),
    ],
    ids=["fuel", "electricity", "value chain"],
)
def test_a_factor_that_is_not_split_stands_under_its_own_set(
    stocked_house: Running, asked: dict[str, Any]
) -> None:
    """BEH-07: a CO2e-only factor cannot be restated, and one of no said set proves nothing."""
    unsaid = {**asked, "factors": {"CO2E_FACTOR": asked["factors"]["CO2E_FACTOR"]["quantity"]}}
    client = stocked_house.administrator

    assert cases.by_wire(client, case("ghgp", asked)).results
    assert cases.refusal(client, case("ghgp", asked, gwp_set=AR6)).reason == "GWP_SET_MISMATCH"
    refusal = cases.refusal(client, case("ghgp", unsaid))
    assert refusal.fields == ["activities[0].given_factors[0].gwp_set"]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (case("gbt32150", activity(POWER, "1 MWh"), accounting_year=2019), "FACTOR_NOT_APPLICABLE"),
        (case("ghgp", activity(POWER, "1 MWh"), accounting_year=2026), "FACTOR_NOT_APPLICABLE"),
        (case("gbt32150", activity(FUEL, "1 t", "moonshine")), "FACTOR_MISSING"),
        (
            case(
                "ets-power",
                activity(FUEL, "1 t", "bituminous-coal", {"CARBON_CONTENT": "0.55 tC/t"}),
                accounting_year=2026,
            ),
            "FACTOR_MISSING",
        ),
    ],
    ids=["a year before", "a year after", "another fuel", "the oxidation rate of the year before"],
)
def test_no_factor_of_another_year_or_thing_is_substituted(
    stocked_house: Running, asked: cases.Case, reason: str
) -> None:
    """BEH-10: where there is none, the answer is none."""
    assert cases.refusal(stocked_house.administrator, asked).reason == reason


@pytest.mark.parametrize("region", ["CN-HK", "CN-TW", "CN-ZZ"])
def test_no_factor_of_another_place_is_substituted(stocked_house: Running, region: str) -> None:
    """BEH-10: a place of which nothing is published does not take the mainland's."""
    request = requests.compute(requests.activity(), accounting_year=2024, region_code=region)
    asked = case("gbt32150", activity(POWER, "1 MWh"), region_code=region)

    with pytest.raises(DomainError) as caught:
        cases.computed(asked)
    refusal = refused(stocked_house.administrator.accounting.ComputeEmissions, request)

    assert refusal.reason == caught.value.reason == "FACTOR_MISSING"


DEFAULTS = {
    "carbonate content": (
        activity("MATERIAL_CONSUMED", "10 t", "desulphurisation-agent"),
        {"COMPONENT_SHARE": "90 %", "CONVERSION_RATE": "100 %"},
    ),
    "volatile coefficient": (
        activity(
            "MATERIAL_CONSUMED",
            "10 t",
            "green-coke",
            {"CARBON_CONTENT": "0.8 tC/t", "VOLATILE_SHARE": "10 %"},
        ),
        {"VOLATILE_COEFFICIENT": "0.35 1"},
    ),
    "heat": (activity("HEAT_PURCHASED", "10 GJ"), {"HEAT_DEFAULT": "0.11 tCO2/GJ"}),
}


@pytest.mark.parametrize(("asked", "defaults"), DEFAULTS.values(), ids=DEFAULTS.keys())
def test_a_default_is_shown_as_one_and_kept_with_the_figure(
    stocked_house: Running, asked: dict[str, Any], defaults: dict[str, str]
) -> None:
    """BEH-15: K, I, TR and the heat factor may be defaults, flagged and in the snapshot."""
    client, whole = stocked_house.administrator, case("gbt32150", asked)

    (answer,) = client.accounting.ComputeEmissions(cases.message(client, whole)).results
    (computed,) = cases.computed(whole)

    by_wire = {
        factor_pb2.FactorRole.Name(each.role).removeprefix("FACTOR_ROLE_"): each
        for each in answer.binding.factors
    }
    by_domain = {each.role.value: each for each in computed.binding.factors}
    for role, text in defaults.items():
        assert by_wire[role].origin == line_pb2.FACTOR_ORIGIN_PUBLISHED
        assert by_domain[role].origin is Origin.PUBLISHED
        assert requests.amount(text) == by_wire[role].quantity
        assert str(by_domain[role].quantity) == text
        assert (by_wire[role].factor, by_wire[role].factor_version) == (by_domain[role].name, 1)
        assert by_wire[role].source.title
    given = asked["factors"].keys()
    assert {role for role, each in by_domain.items() if each.origin is Origin.GIVEN} == set(given)


def test_a_default_is_kept_with_the_line_of_the_books(stocked_house: Running) -> None:
    """BEH-15: the snapshot of a stored figure names the factor, its version and its status."""
    zone = world.in_zone(stocked_house)
    mill = zone.enterprise()

    answer = zone.report(
        mill,
        requests.record(
            mill, "10 GJ", "2024-01", source_id="heat", kind="ACTIVITY_KIND_HEAT_PURCHASED"
        ),
    )

    (line,) = [each for each in answer.lines if each.binding.method_id == "gbt32150"]
    (factor,) = line.binding.factors
    assert factor.origin == line_pb2.FACTOR_ORIGIN_PUBLISHED
    assert factor.factor.endswith("/cn-heat-ndrc-guidelines")
    assert (factor.quantity.value.value, factor.factor_version) == ("0.11", 1)
    assert line.binding.registry_revision > 0


AIR_DRIED: dict[str, Any] = {
    "role": factor_pb2.FACTOR_ROLE_CARBON_CONTENT,
    "subject": "bituminous-coal",
    "quantity": builders.quantity("0.600", "tC/t"),
    "period": builders.period("2024-01-01", "2025-01-01"),
    "origin": custom_factor_pb2.CUSTOM_FACTOR_ORIGIN_MEASURED,
    "evidence": "report LAB-2024-017",
    "basis": custom_factor_pb2.SAMPLE_BASIS_AIR_DRIED,
    "moisture_as_received": builders.quantity("10.0", "%"),
    "moisture_air_dried": builders.quantity("4", "%"),
}


def approved(zone: World, enterprise: str, **fields: Any) -> None:
    """Have a factor of an enterprise proposed by its laboratory and approved by the desk."""
    laboratory = zone.running.principal("ENTERPRISE", enterprise)
    request = builders.custom_factor(enterprise, **AIR_DRIED | fields)
    proposed = laboratory.custom_factors.CreateCustomFactor(request)
    zone.desk.custom_factors.ApproveCustomFactor(
        custom_factor_service_pb2.ApproveCustomFactorRequest(name=proposed.name, etag=proposed.etag)
    )


def test_a_content_that_was_measured_dry_is_applied_as_received(stocked_house: Running) -> None:
    """BEH-16: converted by the moistures of its report; the figure as measured enters nothing."""
    zone = world.in_zone(stocked_house)
    mill = zone.enterprise()
    approved(zone, mill)
    proposed = to_custom_factor("mill", builders.custom_factor("enterprises/mill", **AIR_DRIED))

    answer = zone.report(mill, requests.fuel(mill, "100 t", "2024-01"))

    (line,) = [each for each in answer.lines if each.binding.method_id == "gbt32150"]
    factor = line.binding.factors[0]
    assert factor.origin == line_pb2.FACTOR_ORIGIN_CUSTOM
    assert factor.quantity == builders.quantity("0.5625", "tC/t")
    assert str(proposed.applied) == "0.5625 tC/t"
    exact = 100 * Fraction("0.5625") * Fraction("0.93") * Fraction(44, 12)
    assert line.emissions.co2_g == round(exact * 1_000_000)
    assert "0.600" in factor.source.note


def test_a_content_without_its_moistures_is_blocked(stocked_house: Running) -> None:
    """BEH-16: what cannot be converted with evidence is refused."""
    zone = world.in_zone(stocked_house)
    request = builders.custom_factor(zone.enterprise(), **AIR_DRIED)
    request.custom_factor.ClearField("moisture_as_received")

    with pytest.raises(FieldRequired):
        custom_factor.checked(_read(request))
    stub = zone.running.administrator.custom_factors
    assert refused(stub.CreateCustomFactor, request).reason == "FIELD_REQUIRED"


def _read(request: custom_factor_service_pb2.CreateCustomFactorRequest) -> CustomFactor:
    return to_custom_factor("mill", request)


def test_a_conflict_of_rules_blocks_the_figure(stocked_house: Running) -> None:
    """BEH-17: of two factors that apply alike none is taken."""
    stub = stocked_house.administrator.factors
    name = "factorSets/cn-grid-2022/factors/another-of-xinjiang"
    rival = builders.factor(name, "0.6", region_code="CN-XJ")
    stub.ImportFactors(pb.ImportFactorsRequest(factors=[rival]))
    request = requests.compute(requests.activity(), accounting_year=2024, region_code="CN-XJ")

    refusal = refused(stocked_house.administrator.accounting.ComputeEmissions, request)

    assert (refusal.code, refusal.reason) == ("FAILED_PRECONDITION", "FACTOR_CONFLICT")
    assert name in refusal.metadata["candidates"]


def test_the_domain_computes_nothing_from_a_conflict() -> None:
    """BEH-17: nor does the domain, told that there are two."""
    asked = case("gbt32150", activity(POWER, "1 MWh"))
    two = Unresolved(reason="FACTOR_CONFLICT", candidates=("a", "b"))

    with pytest.raises(FactorConflict) as caught:
        cases.computed(asked, answers={Role.GRID_AVERAGE: two})

    assert caught.value.candidates == ("a", "b")


@pytest.mark.parametrize(
    ("accounting_year", "data_year", "value"),
    [(2023, "2021", "0.6451"), (2024, "2022", "0.5978"), (2025, "2023", "0.5827")],
)
def test_an_accounting_year_takes_the_data_year_that_was_out_then(
    stocked_house: Running, accounting_year: int, data_year: str, value: str
) -> None:
    """BEH-18: the year of the data and the year it applies to are two attributes."""
    client = stocked_house.administrator
    asked = case("gbt32150", activity(POWER, "1 MWh"), accounting_year=accounting_year)

    (answer,) = client.accounting.ComputeEmissions(cases.message(client, asked)).results
    (computed,) = cases.computed(asked)

    assert answer.binding.accounting_year == computed.binding.accounting_year == accounting_year
    (by_wire,), (by_domain,) = answer.binding.factors, computed.binding.factors
    assert by_wire.data_period == data_year
    assert by_domain.name.startswith(f"factorSets/cn-grid-{data_year}/")
    assert by_wire.quantity.value.value == by_domain.quantity.text == value


@pytest.mark.parametrize("category", [4, 9])
def test_a_freight_factor_has_no_category_of_its_own(stocked_house: Running, category: int) -> None:
    """BEH-26: category 4 or 9 depends on the reporter, so the reporter says it."""
    freight = activity(VALUE_CHAIN, "1000 t.km", "road-freight", co2e("0.1 kgCO2e/t.km"))
    asked = case("ghgp", {**freight, "value_chain_category": category})
    client = stocked_house.administrator

    for shown in (cases.by_domain(asked), cases.by_wire(client, asked)):
        assert shown.figure("co2e", "value_chain") == (Fraction("0.1"), "tCO2e")
    refusal = cases.refusal(client, case("ghgp", freight))
    assert refusal.reason == "FIELD_REQUIRED"
    assert refusal.fields == ["activities[0].value_chain_category_number"]
    fields = {
        *factor_pb2.Factor.DESCRIPTOR.fields_by_name,
        *line_pb2.GivenFactor.DESCRIPTOR.fields_by_name,
    }
    assert not {name for name in fields if "category" in name}
