"""Statements of parks over the wire."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.accounting.parks import (
    Request,
    coefficient,
    emissions,
    energy,
    flow,
    fuel,
    reason,
    request,
    value,
)
from tests.builders import quantity
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import park_pb2 as pb
from zonecarbon.type.v1 import source_pb2


def answered(house: Running, **fields: Any) -> pb.ParkStatement:
    return house.administrator.park.EvaluatePark(request(**fields))


def test_any_principal_may_ask(shared_house: Running) -> None:
    for client in (
        shared_house.principal("ENTERPRISE", "enterprises/e"),
        shared_house.principal("DESK", "zones/z"),
        shared_house.principal("SERVICE"),
        shared_house.administrator,
    ):
        assert client.park.EvaluatePark(request()).core.verdict == pb.PARK_VERDICT_MET


def test_the_service_is_found_by_reflection(shared_house: Running) -> None:
    with grpc.insecure_channel(shared_house.addresses.accounting) as channel:
        stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
        (found,) = stub.ServerReflectionInfo(
            iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        )

    names = {service.name for service in found.list_services_response.service}
    assert "zonecarbon.accounting.v1.ParkService" in names


def test_what_was_declared_is_returned_as_it_was_written(shared_house: Running) -> None:
    declared = request(
        park="示例园区",
        emissions=emissions(
            "6.00000e4 tCO2", inventory="zones/g1/inventories/2025", inventory_version=3
        ),
        energies=[energy("1.0e3 GWh", coefficient=coefficient("0.300 kgce/kWh"))],
    )

    answer = shared_house.administrator.park.EvaluatePark(declared)
    assert (answer.park, answer.accounting_year) == ("示例园区", 2025)
    assert answer.emissions == declared.emissions
    assert answer.emissions.inventory_version == 3
    assert [line.energy for line in answer.energy.lines] == list(declared.energies)
    assert answer.energy.lines[0].coal_equivalent == quantity("300000", "tce")
    assert answer.energy.quantity == quantity("300000", "tce")


def test_a_figure_never_goes_without_method_version_status_and_clause(
    shared_house: Running,
) -> None:
    answer = answered(shared_house, electricity_flows=[flow("INTAKE_OTHER", "1000000 MWh")])

    assert (answer.indicator_set_id, answer.indicator_set_version) == ("park910", 1)
    assert answer.emissions.method_id == "park910"
    assert answer.status == source_pb2.SOURCE_STATUS_OFFICIAL
    sources = [
        answer.energy.source,
        answer.core.source,
        answer.direct_supply.source,
        answer.acceptance.source,
        *(each.source for each in answer.guiding_indicators),
        *(each.source for each in answer.parameters),
        *(each.source for each in answer.open_points),
    ]
    for source in sources:
        assert source.document_no.startswith("发改环资〔2025〕910号 附件")
        assert source.locator
        assert source.confidence == "official text read"


def test_what_the_text_leaves_open_comes_with_the_answer_in_both_languages(
    shared_house: Running,
) -> None:
    points = {each.open_point_id: each for each in answered(shared_house).open_points}

    assert all(
        each.version and each.text and each.text_zh and each.treatment and each.treatment_zh
        for each in points.values()
    )
    assert list(points["equal-value-coefficient"].quantities) == [quantity("0.30", "kgce/kWh")]
    assert list(points["fossil-power-factor"].quantities) == [quantity("0.8325", "kgCO2/kWh")]
    assert {"direct-supply-denominator", "below-200000-tce", "clean-energy"} <= points.keys()


def test_a_value_that_looks_like_its_limit_tells_that_it_is_rounded(shared_house: Running) -> None:
    just_met = answered(shared_house).core
    hair_above = answered(shared_house, emissions="60000.00000000000000000000000000001 tCO2").core

    assert (just_met.value.value.value, just_met.value_exact) == ("0.2", True)
    assert hair_above.value.value.value == "0.2000000000000000000000000000000000"
    assert not hair_above.value_exact
    assert (just_met.verdict, hair_above.verdict) == (
        pb.PARK_VERDICT_MET,
        pb.PARK_VERDICT_NOT_MET,
    )


def test_a_small_park_has_an_indicator_and_no_limit(shared_house: Running) -> None:
    answer = answered(shared_house, energy_tce="199999.99", emissions="1 tCO2")

    assert answer.core.verdict == pb.PARK_VERDICT_NO_THRESHOLD
    assert answer.core.HasField("value")
    for field in ("limit", "limit_emissions", "reduction", "matching"):
        assert not answer.core.HasField(field)
    assert answer.acceptance.state == pb.PARK_ACCEPTANCE_STATE_NO_THRESHOLD


def test_both_readings_of_direct_supply_stand_side_by_side(shared_house: Running) -> None:
    supply = answered(
        shared_house,
        electricity_flows=[
            flow("INTAKE_DIRECT_NON_FOSSIL", "400000 MWh"),
            flow("INTAKE_OTHER", "500000 MWh"),
            flow("ON_SITE_NON_FOSSIL", "100000 MWh"),
            flow("EXPORT_DIRECT_NON_FOSSIL", "9 MWh"),
        ],
    ).direct_supply

    assert supply.requirement == quantity("50", "%")
    assert (supply.intake, supply.on_site, supply.exported) == (
        quantity("900000", "MWh"),
        quantity("100000", "MWh"),
        quantity("9", "MWh"),
    )
    of_intake, of_consumption = supply.shares
    assert (of_intake.reading_id, of_intake.verdict) == ("of-intake", pb.PARK_VERDICT_NOT_MET)
    assert of_intake.share.value.value == "44.44444444444444444444444444444444"
    assert (of_consumption.reading_id, of_consumption.verdict) == (
        "of-consumption",
        pb.PARK_VERDICT_MET,
    )
    assert of_consumption.share == quantity("50", "%")
    assert of_consumption.direct == quantity("500000", "MWh")


def test_without_flows_direct_supply_is_absent_and_not_zero(shared_house: Running) -> None:
    assert not answered(shared_house).HasField("direct_supply")


def test_every_guiding_indicator_is_listed_with_its_verdict(shared_house: Running) -> None:
    answer = answered(
        shared_house,
        guiding_answers=[
            reason("waste-heat-use", "no waste heat"),
            value("clean-energy-share", "0.95 1"),
            value("product-energy", "3 1"),
        ],
    )

    found = answer.guiding_indicators
    assert [(each.indicator_id, each.verdict) for each in found] == [
        ("clean-energy-share", pb.PARK_VERDICT_MET),
        ("product-energy", pb.PARK_VERDICT_NOT_MET),
        ("solid-waste-use", pb.PARK_VERDICT_MISSING),
        ("waste-heat-use", pb.PARK_VERDICT_NOT_APPLICABLE_WITH_REASON),
        ("water-reuse", pb.PARK_VERDICT_MISSING),
    ]
    assert found[0].value == quantity("0.95", "1")
    assert [each.at_most for each in found] == [False, True, False, False, False]
    assert found[3].not_applicable_reason == "no waste heat"
    acceptance = answer.acceptance
    assert acceptance.state == pb.PARK_ACCEPTANCE_STATE_GUIDING_OPEN
    assert "waste-heat-use" not in acceptance.counted_indicator_ids
    assert (
        acceptance.met_count,
        acceptance.not_met_count,
        acceptance.missing_count,
        acceptance.not_applicable_count,
    ) == (1, 1, 2, 1)


def test_what_does_not_fit_together_is_told_and_the_figures_stand(shared_house: Running) -> None:
    answer = answered(
        shared_house,
        energies=[energy(coefficient=coefficient(year=2023))],
        electricity_flows=[flow("INTAKE_OTHER", "999999 MWh")],
    )

    assert [(each.kind, each.field) for each in answer.findings] == [
        (pb.PARK_FINDING_KIND_ELECTRICITY_DIFFERS, "electricity_flows"),
        (pb.PARK_FINDING_KIND_COEFFICIENT_YEAR, "energies[0].coefficient.year"),
    ]
    assert all(each.text and each.text_zh for each in answer.findings)
    assert answer.core.verdict == pb.PARK_VERDICT_MET


def declared_as(**fields: Any) -> Request:
    """A park that says a field of its electricity's coefficient otherwise, or not at all."""
    return request(energies=[energy(coefficient=coefficient(**fields))])


Fields = dict[str, tuple[dict[str, Any], str, str]]

EMISSIONS: Fields = {
    "missing": ({"method_id": "park910"}, "FIELD_REQUIRED", "quantity"),
    "negative": (emissions("-1 tCO2"), "QUANTITY_INVALID", "quantity.value"),
    "no number": (emissions("NaN tCO2"), "QUANTITY_INVALID", "quantity.value"),
    "of other gases too": (emissions("1 tCO2e"), "UNIT_DIMENSION", "quantity.unit_code"),
    "by another method": (emissions(method_id="gbt32150"), "FIELD_INVALID", "method_id"),
    "by no method": (emissions(method_id=None), "FIELD_REQUIRED", "method_id"),
    "by no factor": (
        emissions(electricity_factor=None),
        "PARAMETER_UNDECLARED",
        "electricity_factor",
    ),
    "by another factor": (
        emissions(electricity_factor="0.8273 kgCO2/kWh"),
        "FIELD_INVALID",
        "electricity_factor.value",
    ),
    "by a factor of other gases too": (
        emissions(electricity_factor="0.8325 kgCO2e/kWh"),
        "UNIT_DIMENSION",
        "electricity_factor.unit_code",
    ),
}
ENERGIES: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "none": ([], "FIELD_REQUIRED", ""),
    "nothing in all": ([energy("0 MWh")], "FIELD_INVALID", ""),
    "negative": ([energy("-1 MWh")], "QUANTITY_INVALID", "[0].quantity.value"),
    "unknown unit": ([energy("1 kwh")], "UNIT_UNKNOWN", "[0].quantity.unit_code"),
    "ambiguous unit": ([energy("1 ton")], "UNIT_AMBIGUOUS", "[0].quantity.unit_code"),
    "electricity by mass": ([energy("1 t")], "UNIT_DIMENSION", "[0].quantity.unit_code"),
    "fuel as electricity": (
        [energy(), fuel("1 MWh")],
        "UNIT_DIMENSION",
        "[1].quantity.unit_code",
    ),
    "heat by volume": (
        [energy("1 m3", kind="HEAT")],
        "UNIT_DIMENSION",
        "[0].quantity.unit_code",
    ),
    "no kind": ([energy(kind=None)], "FIELD_INVALID", "[0].kind"),
    "blank carrier": ([energy(carrier=" ")], "FIELD_REQUIRED", "[0].carrier"),
    "one carrier twice": ([energy(), energy()], "DUPLICATE_ROW", "[1]"),
    "undeclared electricity": (
        [energy(coefficient=None)],
        "PARAMETER_UNDECLARED",
        "[0].coefficient",
    ),
    "undeclared fuel": ([fuel(coefficient=None)], "PARAMETER_UNDECLARED", "[0].coefficient"),
}
COEFFICIENTS: Fields = {
    "no figure": ({"quantity": None}, "PARAMETER_UNDECLARED", ""),
    "no base": ({"base": None}, "PARAMETER_UNDECLARED", ".base"),
    "another base": ({"base": "EQUIVALENT"}, "FIELD_INVALID", ".base"),
    "no year": ({"year": None}, "PARAMETER_UNDECLARED", ".year"),
    "no source": ({"source": None}, "PARAMETER_UNDECLARED", ".source"),
    "a source of no status": ({"source": {"title": "yearbook"}}, "FIELD_INVALID", ".source.status"),
    "blank source": ({"source": " "}, "FIELD_REQUIRED", ".source"),
    "zero": ({"quantity": "0 kgce/kWh"}, "QUANTITY_INVALID", ".quantity.value"),
    "of gas": ({"quantity": "13.3 tce/10^4 Nm3"}, "UNIT_DIMENSION", ".quantity.unit_code"),
    "the equivalent value": (
        {"quantity": "0.1229 kgce/kWh"},
        "FACTOR_IMPLAUSIBLE",
        ".quantity.value",
    ),
}
FLOWS: Fields = {
    "negative": (flow("INTAKE_OTHER", "-1 MWh"), "QUANTITY_INVALID", "quantity.value"),
    "by mass": (flow("INTAKE_OTHER", "1 t"), "UNIT_DIMENSION", "quantity.unit_code"),
    "no kind": ({"quantity": "1 MWh"}, "FIELD_INVALID", "kind"),
}
ANSWERS: Fields = {
    "unknown": (value("luck", "1 %"), "FIELD_INVALID", "indicator_id"),
    "empty": ({"indicator_id": "water-reuse"}, "FIELD_REQUIRED", "answer"),
    "no reason": (reason("water-reuse", ""), "FIELD_REQUIRED", "not_applicable_reason"),
    "blank reason": (reason("water-reuse", " "), "FIELD_REQUIRED", "not_applicable_reason"),
    "above 100 %": (value("water-reuse", "80 1"), "FIELD_INVALID", "value.value"),
    "below 0 %": (value("water-reuse", "-1 %"), "FIELD_INVALID", "value.value"),
    "half a level": (value("product-energy", "1.5 1"), "FIELD_INVALID", "value.value"),
    "in tonnes": (value("water-reuse", "80 t"), "UNIT_DIMENSION", "value.unit_code"),
}
TWICE = request(guiding_answers=[value("water-reuse", "80 %"), reason("water-reuse")])
REFUSED: dict[str, tuple[Request, str, str]] = {
    **{
        f"emissions {what}": (request(emissions=given), why, f"emissions.{at}")
        for what, (given, why, at) in EMISSIONS.items()
    },
    **{
        f"energy {what}": (request(energies=rows), why, f"energies{at}")
        for what, (rows, why, at) in ENERGIES.items()
    },
    **{
        f"coefficient {what}": (declared_as(**given), why, f"energies[0].coefficient{at}")
        for what, (given, why, at) in COEFFICIENTS.items()
    },
    **{
        f"flow {what}": (request(electricity_flows=[given]), why, f"electricity_flows[0].{at}")
        for what, (given, why, at) in FLOWS.items()
    },
    **{
        f"answer {what}": (request(guiding_answers=[given]), why, f"guiding_answers[0].{at}")
        for what, (given, why, at) in ANSWERS.items()
    },
    "answer twice": (TWICE, "DUPLICATE_ROW", "guiding_answers[1]"),
    "no year": (request(accounting_year=None), "FIELD_INVALID", "accounting_year"),
}


@pytest.mark.parametrize(("request_", "reason_", "field"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_refused_by_field(
    shared_house: Running, request_: Request, reason_: str, field: str
) -> None:
    told = refused(shared_house.administrator.park.EvaluatePark, request_)

    assert (told.code, told.reason, told.fields[0]) == ("INVALID_ARGUMENT", reason_, field)


def test_without_emissions_nothing_is_said(shared_house: Running) -> None:
    declared = request()
    declared.ClearField("emissions")

    told = refused(shared_house.administrator.park.EvaluatePark, declared)
    assert (told.reason, told.fields) == ("FIELD_REQUIRED", ["emissions"])


def test_the_undeclared_coefficient_is_named(shared_house: Running) -> None:
    def named(declared: Request) -> str:
        told = refused(shared_house.administrator.park.EvaluatePark, declared)
        return told.metadata["parameter"]

    assert named(request(energies=[energy(coefficient=None)])) == "electricity_equal_value"
    assert named(request(energies=[fuel(coefficient=None)])) == "coal_equivalent of natural gas"
    assert named(request(emissions=emissions(electricity_factor=None))) == "fossil_power_factor"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["EQUIVALENT", "等价值", "annex 3", "must not be called 910号"]),
        ("zh", ["EQUIVALENT", "等价值", "附件3", "不得称为910号文指标"]),
    ],
)
def test_another_base_is_refused_with_the_reason_why(
    shared_house: Running, language: str, words: list[str]
) -> None:
    stub = shared_house.principal("ENTERPRISE", "enterprises/e", language=language).park

    told = refused(stub.EvaluatePark, declared_as(base="EQUIVALENT"))
    assert all(word in told.message for word in words)


def test_a_coefficient_that_does_not_fit_names_those_that_do(shared_house: Running) -> None:
    told = refused(shared_house.administrator.park.EvaluatePark, declared_as(quantity="1 tce/t"))

    assert "kgce/kWh" in told.metadata["choices"].split(", ")
