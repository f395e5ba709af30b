"""Which factors an activity takes, and why there may be none."""

from __future__ import annotations

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import (
    Given,
    Need,
    Unresolved,
    bind,
    check_given,
    misfit,
    unresolved,
)
from services.accounting.domain.method import Role
from services.kernel.errors import (
    FactorConflict,
    FactorMissing,
    FactorNotApplicable,
    UnitDimension,
)
from services.kernel.trust import Status
from tests.accounting import builders


def need(kind: Kind = Kind.FUEL_COMBUSTION, subject: str = "bituminous-coal", **given: str) -> Need:
    """Return the need of an activity with factors given as NET_CALORIFIC_VALUE="23 GJ(NCV)/t"."""
    return Need(
        method=builders.method(),
        kind=kind,
        subject=kind.carrier or subject,
        accounting_year=2023,
        region_code="CN-JS",
        given=tuple(
            Given(path=f"given_factors[{at}]", role=Role(role), quantity=builders.quantity(text))
            for at, (role, text) in enumerate(given.items())
        ),
    )


def wrong(kind: Kind = Kind.FUEL_COMBUSTION, **given: str) -> list[tuple[str, str]]:
    wanted = need(kind, **given)
    return [(error.field, error.reason) for error in check_given(wanted.term, wanted.given)]


def test_the_registry_is_asked_for_each_role_that_is_not_given() -> None:
    wanted = need(NET_CALORIFIC_VALUE="23 GJ(NCV)/t")

    assert [query.role for query in wanted.queries()] == [
        Role.CARBON_CONTENT_PER_HEAT,
        Role.OXIDATION_RATE,
    ]


def test_a_given_factor_goes_before_the_librarys_and_is_unverified() -> None:
    wanted = need(NET_CALORIFIC_VALUE="23 GJ(NCV)/t")

    bound = bind(wanted, builders.found("bituminous-coal", builders.COAL))

    assert [str(factor.quantity) for factor in bound.factors] == [
        "23 GJ(NCV)/t",
        "26.18 tC/TJ(NCV)",
        "93 %",
    ]
    assert bound.factors[0].status is bound.status is Status.UNVERIFIED
    assert bound.factors[0].source is None


def test_measured_carbon_leaves_nothing_to_ask_but_the_oxidation_rate() -> None:
    wanted = need(CARBON_CONTENT="0.6 tC/t")

    assert wanted.roles == (Role.CARBON_CONTENT, Role.OXIDATION_RATE)
    assert [query.role for query in wanted.queries()] == [Role.OXIDATION_RATE]


def test_a_binding_is_trusted_as_far_as_its_least_factor() -> None:
    bound = bind(need(), builders.found("bituminous-coal", builders.COAL))

    assert bound.status is Status.SECONDARY
    assert bound.activity_unit == "t"


def test_no_rule_for_the_year_names_the_years_that_have_one() -> None:
    answer = Unresolved(reason="FACTOR_NOT_APPLICABLE", candidates=("2024", "2025"))
    wanted = need(Kind.ELECTRICITY_PURCHASED)
    found = builders.found("electricity", {Role.GRID_AVERAGE: answer})

    (error,) = unresolved(wanted, found, year_field="period")

    assert isinstance(error, FactorNotApplicable)
    assert (error.field, error.applicable) == ("period", (2024, 2025))


@pytest.mark.parametrize(
    ("reason", "kind"), [("FACTOR_MISSING", FactorMissing), ("FACTOR_CONFLICT", FactorConflict)]
)
def test_a_factor_that_is_not_there_is_told_by_role_and_subject(reason: str, kind: type) -> None:
    answer = Unresolved(reason=reason, candidates=("factorSets/a",))
    found = builders.found("bituminous-coal", {**builders.COAL, Role.OXIDATION_RATE: answer})

    (error,) = unresolved(need(), found, year_field="period")

    assert type(error) is kind
    assert error.field == "subject"
    assert "oxidation_rate of bituminous-coal" in error.text("en")


def test_a_unit_that_does_not_fit_the_factor_names_those_that_do() -> None:
    (error,) = misfit(builders.quantity("5 MWh"), builders.binding(builders.COAL))

    assert isinstance(error, UnitDimension)
    assert error.field == "quantity.unit_code"
    assert "t" in error.choices


def test_a_gas_factor_takes_the_gas_at_its_own_state_only() -> None:
    gas = builders.binding({Role.NET_CALORIFIC_VALUE: "389.31 GJ(NCV)/10^4 Nm3"})

    assert list(misfit(builders.quantity("5 Nm3"), gas)) == []
    assert [error.reason for error in misfit(builders.quantity("5 Sm3"), gas)] == ["UNIT_DIMENSION"]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Kind.FUEL_COMBUSTION, {"NET_CALORIFIC_VALUE": "41.87 GJ(NCV)/t"}),
        (Kind.FUEL_COMBUSTION, {"NET_CALORIFIC_VALUE": "9.3 kcal(IT,NCV)/kg"}),
        (Kind.FUEL_COMBUSTION, {"CARBON_CONTENT": "0.015 tC/10^4 Nm3", "OXIDATION_RATE": "0.98 1"}),
        (Kind.ELECTRICITY_EXPORTED, {"GRID_AVERAGE": "0.5568 kgCO2/kWh"}),
        (Kind.HEAT_PURCHASED, {"HEAT_DEFAULT": "0 tCO2/GJ"}),
    ],
)
def test_a_factor_of_the_formula_in_a_unit_of_its_role_is_taken(
    kind: Kind, given: dict[str, str]
) -> None:
    assert wrong(kind, **given) == []


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        (
            Kind.ELECTRICITY_PURCHASED,
            {"HEAT_DEFAULT": "0.11 tCO2/GJ"},
            [("given_factors[0].role", "FIELD_INVALID")],
        ),
        (
            Kind.ELECTRICITY_PURCHASED,
            {"GRID_AVERAGE": "0.5 kgCO2e/kWh"},
            [("given_factors[0].quantity.unit_code", "UNIT_DIMENSION")],
        ),
        (
            Kind.FUEL_COMBUSTION,
            {"CARBON_CONTENT": "0.6 tC/t", "NET_CALORIFIC_VALUE": "20 GJ(NCV)/t"},
            [
                ("given_factors[0].role", "FIELD_INVALID"),
                ("given_factors[1].role", "FIELD_INVALID"),
            ],
        ),
        (
            Kind.FUEL_COMBUSTION,
            {"OXIDATION_RATE": "100.1 %"},
            [("given_factors[0].quantity.value", "FIELD_INVALID")],
        ),
        (
            Kind.FUEL_COMBUSTION,
            {"NET_CALORIFIC_VALUE": "-1 GJ(NCV)/t"},
            [("given_factors[0].quantity.value", "QUANTITY_INVALID")],
        ),
        (
            Kind.FUEL_COMBUSTION,
            {"NET_CALORIFIC_VALUE": "20 GJ(GCV)/t"},
            [("given_factors[0].quantity.unit_code", "UNIT_DIMENSION")],
        ),
    ],
)
def test_a_factor_that_does_not_belong_is_refused(
    kind: Kind, given: dict[str, str], told: list[tuple[str, str]]
) -> None:
    assert wrong(kind, **given) == told


def test_a_role_is_given_once() -> None:
    twice = [
        Given(path=f"given_factors[{at}]", role=Role.GRID_AVERAGE, quantity=builders.quantity(text))
        for at, text in enumerate(["0.5 tCO2/MWh", "0.6 tCO2/MWh"])
    ]
    term = builders.method().terms[Kind.ELECTRICITY_PURCHASED]

    assert [error.field for error in check_given(term, twice)] == ["given_factors[1].role"]
