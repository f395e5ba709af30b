"""Behaviours that others published as tests, of units, amounts and exact numbers.

The ids are those of the collection of behaviours; each test is named by what must happen.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.kernel import units
from services.kernel.errors import DomainError, FactorImplausible, QuantityInvalid, UnitDimension
from services.kernel.quantity import Quantity, product
from services.kernel.unit_table import compile_table
from services.registry.domain.basis import check_bases
from services.registry.wire.factor import to_factor
from tests import builders
from tests.accounting import requests
from tests.fixtures.house import Running
from tests.golden import cases
from tests.golden.cases import activity, case, co2e
from tests.refusals import refused
from zonecarbon.registry.v1 import factor_pb2, factor_service_pb2, unit_pb2

FUEL, VALUE_CHAIN = "FUEL_COMBUSTION", "OTHER_INDIRECT"
UNLIKE = {
    "volume of gas, factor per energy": activity(
        FUEL, "100 m3", "natural-gas", co2e("0.18231 kgCO2e/kWh")
    ),
    "litres, factor per mass": activity(FUEL, "100 L", "diesel", {"CO2_FACTOR": "3.1 kgCO2/kg"}),
    "distance, factor per freight": activity(
        VALUE_CHAIN, "100 km", "freight", co2e("0.1 kgCO2e/t.km"), value_chain_category=4
    ),
}


@pytest.mark.parametrize("asked", UNLIKE.values(), ids=UNLIKE.keys())
def test_an_activity_of_another_dimension_than_its_factor_is_refused(
    stocked_house: Running, asked: dict[str, Any]
) -> None:
    """BEH-01: a question of calorific value or density is no question of units."""
    refusal = cases.refusal(stocked_house.administrator, case("ghgp", asked))

    assert refusal.reason == "UNIT_DIMENSION"
    assert refusal.fields == ["activities[0].quantity.unit_code"]


@pytest.mark.parametrize(
    ("from_code", "to_code", "way_out"),
    [
        ("Nm3", "kWh(NCV)", "calorific value"),
        ("L", "kg", "density"),
        ("km", "t.km", "tonne-kilometres"),
    ],
)
def test_the_units_alone_answer_no_such_question(
    stocked_house: Running, from_code: str, to_code: str, way_out: str
) -> None:
    """BEH-01: the list of units converts nothing that depends on the thing measured."""
    request = unit_pb2.ConvertQuantityRequest(
        quantity=requests.amount(f"1 {from_code}"), unit_code=to_code
    )

    with pytest.raises(UnitDimension) as caught:
        units.conversion(from_code, to_code)
    refusal = refused(stocked_house.administrator.units.ConvertQuantity, request)

    assert refusal.reason == "UNIT_DIMENSION"
    assert refusal.message == caught.value.text("en")
    assert way_out in refusal.message


@pytest.mark.parametrize("amount", ["1000 kWh", "3.6 GJ", "1000 kWh(NCV)"])
def test_heat_of_gas_needs_the_basis_of_its_factor(stocked_house: Running, amount: str) -> None:
    """BEH-02: energy without a basis, or of the other one, meets no factor on gross heat."""
    gas = activity(FUEL, amount, "natural-gas", co2e("0.18231 kgCO2e/kWh(GCV)"))

    refusal = cases.refusal(stocked_house.administrator, case("ghgp", gas))

    assert refusal.reason == "UNIT_DIMENSION"
    assert "basis" in refusal.message


def test_the_factor_on_net_heat_must_be_the_larger(stocked_house: Running) -> None:
    """BEH-02: 0.20199 on net and 0.18231 on gross heat are one gas; exchanged they are none."""
    stub = stocked_house.administrator.factors

    def table(net: str, gross: str) -> list[factor_pb2.Factor]:
        name = f"factorSets/{builders.fresh('bases')}/factors"
        values: dict[str, Any] = {
            "role": factor_pb2.FACTOR_ROLE_CO2E_FACTOR,
            "subject": "natural-gas",
        }
        return [
            builders.factor(f"{name}/net", net, "kgCO2e/kWh(NCV)", **values),
            builders.factor(f"{name}/gross", gross, "kgCO2e/kWh(GCV)", **values),
        ]

    right, wrong = table("0.20199", "0.18231"), table("0.18231", "0.20199")

    check_bases([to_factor(each) for each in right])
    with pytest.raises(FactorImplausible):
        check_bases([to_factor(each) for each in wrong])
    request = factor_service_pb2.ImportFactorsRequest(factors=right)
    assert stub.ImportFactors(request).created_count == len(right)
    request = factor_service_pb2.ImportFactorsRequest(factors=wrong)
    assert refused(stub.ImportFactors, request).reason == "FACTOR_IMPLAUSIBLE"


@pytest.mark.parametrize("text", ["1,000", "True", "NaN", "inf", "-inf", "-5", ""])
def test_what_is_no_amount_is_refused(stocked_house: Running, text: str) -> None:
    """BEH-03: separators, truth values, what is not finite and what is negative are no activity."""
    request = requests.compute(requests.activity(what="1 MWh"))
    request.activities[0].quantity.value.value = text

    with pytest.raises(QuantityInvalid):
        Quantity.parse(text, "MWh").non_negative()
    refusal = refused(stocked_house.administrator.accounting.ComputeEmissions, request)

    assert refusal.reason == "QUANTITY_INVALID"
    assert refusal.fields == ["activities[0].quantity.value"]


@pytest.mark.parametrize("amount", ["12345 kWh", "12.345 MWh", "44.442 GJ", "1.2345 10^4 kWh"])
def test_one_amount_in_several_units_emits_the_same(stocked_house: Running, amount: str) -> None:
    """BEH-09: kWh and MWh of one amount are identical, not only to nine decimals."""
    asked = case(
        "gbt32150", activity("ELECTRICITY_PURCHASED", amount, "", {"GRID_AVERAGE": "0.5 tCO2/MWh"})
    )

    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        assert shown.figure("CO2", "") == (Fraction("6.1725"), "tCO2")


@pytest.mark.parametrize("code", ["kWh", "t", "GJ(NCV)", "10^4 Nm3", "t.km"])
def test_a_unit_converts_to_itself_exactly(stocked_house: Running, code: str) -> None:
    """BEH-09: and keeps every digit."""
    digits = "0.1234567890123456789"
    request = unit_pb2.ConvertQuantityRequest(
        quantity=requests.amount(f"{digits} {code}"), unit_code=code
    )

    assert units.conversion(code, code) == 1
    answer = stocked_house.administrator.units.ConvertQuantity(request)
    assert (answer.to.value.value, answer.exact) == (digits, True)


@pytest.mark.parametrize("digits", [28, 34, 40, 50, 60])
def test_no_precision_of_44_twelfths_changes_twelve_digits(
    stocked_house: Running, digits: int
) -> None:
    """BEH-23: the product is exact, and rounded half up where it is shown and nowhere else."""
    context = Context(prec=digits)
    ratio = context.divide(Decimal(44), Decimal(12))
    written = context.multiply(Decimal("26.7") * Decimal("27.4") * Decimal("0.94") / 1000, ratio)
    coal = activity(
        FUEL,
        "1 t",
        "anthracite",
        {
            "NET_CALORIFIC_VALUE": "26.7 GJ(NCV)/t",
            "CARBON_CONTENT_PER_HEAT": "27.4 tC/TJ(NCV)",
            "OXIDATION_RATE": "94 %",
        },
    )

    def to_twelve_digits(value: Fraction | Decimal) -> Decimal:
        shown = Context(prec=12, rounding=ROUND_HALF_UP)
        exact = Fraction(value)
        return shown.divide(Decimal(exact.numerator), Decimal(exact.denominator))

    asked = case("gbt32150", coal)
    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        tonnes, _ = shown.figure("CO2", "")
        assert to_twelve_digits(tonnes) == to_twelve_digits(written)


def test_a_factor_keeps_all_its_decimals(stocked_house: Running) -> None:
    """BEH-24: 2.0123456789 is stored and read, and multiplied, with all ten."""
    digits = "2.0123456789"
    name = f"factorSets/{builders.fresh('digits')}/factors/coal"
    factor = builders.factor(
        name,
        digits,
        "tCO2/t",
        role=factor_pb2.FACTOR_ROLE_CO2_FACTOR,
        subject="anthracite",
    )
    stub = stocked_house.administrator.factors
    stub.ImportFactors(factor_service_pb2.ImportFactorsRequest(factors=[factor]))

    stored = stub.GetFactor(factor_service_pb2.GetFactorRequest(name=name))
    asked = case("ghgp", activity(FUEL, "1 t", "anthracite", {"CO2_FACTOR": f"{digits} tCO2/t"}))

    assert stored.quantity.value.value == digits
    for shown in (cases.by_domain(asked), cases.by_wire(stocked_house.administrator, asked)):
        assert shown.figure("CO2", "") == (Fraction(digits), "tCO2")


@pytest.mark.parametrize(("worth", "problem"), [("0 * g", "not exact"), ("inf * g", "inf")])
def test_a_unit_worth_nothing_or_without_end_cannot_be_listed(worth: str, problem: str) -> None:
    """BEH-25: a conversion by 0 or by infinity must fail, not answer."""
    sheet = f"""
== dimensions
[mass] | mass | 质量
== units
g  | g = [mass] | gram | 克
kg | kg = {worth} | kilogram | 千克
== ratios
== ambiguous
== ways out
"""
    with pytest.raises((ValueError, AttributeError), match=problem):
        compile_table(sheet)


@pytest.mark.parametrize("text", ["Infinity", "0e99", "1/0"])
def test_a_factor_without_end_is_refused(stocked_house: Running, text: str) -> None:
    """BEH-25: nor does a figure that is not a finite decimal within bounds enter a product."""
    request = requests.compute(
        requests.activity(
            "ELECTRICITY_PURCHASED", "10 MWh", requests.given("GRID_AVERAGE", "1 tCO2/MWh")
        )
    )
    request.activities[0].given_factors[0].quantity.value.value = text

    with pytest.raises(DomainError):
        Quantity.parse(text, "tCO2/MWh")
    refusal = refused(stocked_house.administrator.accounting.ComputeEmissions, request)
    assert refusal.reason == "QUANTITY_INVALID"


def test_ten_times_two_times_one_times_one_times_three_is_sixty(stocked_house: Running) -> None:
    """BEH-25: "10" × 2 × 1 × 1 × 3 = "60"."""
    amount, *factors = (
        cases.quantity(text) for text in ("10 m3", "2 t/m3", "1 1", "1 1", "3 tCO2/t")
    )
    asked = case(
        "ghgp",
        activity(
            FUEL,
            "10 m3",
            "diesel",
            {"DENSITY": "2 t/m3", "COMPONENT_SHARE": "1 1", "CO2_FACTOR": "3 tCO2/t"},
        ),
    )
    request = cases.message(stocked_house.administrator, asked)

    assert product(amount, *factors, to="tCO2") == 60
    answer = stocked_house.administrator.accounting.ComputeEmissions(request)
    assert answer.results[0].unrounded_t.value == "60"
