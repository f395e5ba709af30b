"""Computations that store nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import Found, Given, Unresolved
from services.accounting.domain.computation import Activity, Computed, Question, answer, needs
from services.accounting.domain.method import Role
from services.kernel.errors import AtField
from tests.accounting import builders

QUESTION = Question(method=builders.method(), accounting_year=2023, region_code="CN-JS")


def activity(number: int = 0, **overrides: Any) -> Activity:
    fields: dict[str, Any] = {
        "path": f"activities[{number}]",
        "kind": Kind.ELECTRICITY_PURCHASED,
        "subject": "",
        "quantity": builders.quantity("1000 kWh"),
        "given": (),
        "errors": (),
    }
    return Activity(**(fields | overrides))


def computed(*activities: Activity, found: Found | None = None) -> tuple[Computed, ...]:
    wanted = needs(activities, QUESTION)
    return answer(activities, wanted, builders.found() if found is None else found)


def test_the_steps_begin_with_the_conversion_of_the_unit() -> None:
    (result,) = computed(activity())

    assert [(step.formula.en, step.value, step.unit) for step in result.emission.steps] == [
        ("1 kWh = 0.001 MWh", Fraction(1), "MWh"),
        ("emissions = electricity × grid factor", Fraction("0.6451"), "tCO2"),
    ]
    assert result.emission.booked.co2_g == 645_100
    assert result.sign == 1


def test_a_unit_that_already_fits_is_not_converted() -> None:
    (result,) = computed(activity(quantity=builders.quantity("1 MWh")))

    assert len(result.emission.steps) == 1


def test_a_given_factor_needs_no_library() -> None:
    given = Given(
        path="given_factors[0]",
        role=Role.GRID_AVERAGE,
        quantity=builders.quantity("0.5 tCO2/MWh"),
    )

    (result,) = computed(activity(given=(given,)), found={})

    assert result.emission.value_t == Fraction("0.5")
    assert result.need.queries() == ()


@pytest.mark.parametrize(
    ("overrides", "found", "told"),
    [
        ({"subject": "heat"}, None, ("activities[0].subject", "FIELD_INVALID")),
        (
            {"quantity": builders.quantity("-1 MWh")},
            None,
            ("activities[0].quantity.value", "QUANTITY_INVALID"),
        ),
        (
            {"quantity": builders.quantity("1 t")},
            None,
            ("activities[0].quantity.unit_code", "UNIT_DIMENSION"),
        ),
        (
            {"quantity": builders.quantity("1e20 MWh")},
            None,
            ("activities[0].quantity.value", "FIELD_INVALID"),
        ),
        (
            {},
            Unresolved(reason="FACTOR_NOT_APPLICABLE", candidates=("2024",)),
            ("accounting_year", "FACTOR_NOT_APPLICABLE"),
        ),
        (
            {},
            Unresolved(reason="FACTOR_MISSING", candidates=()),
            ("activities[0].subject", "FACTOR_MISSING"),
        ),
    ],
)
def test_what_is_wrong_is_raised_with_its_field(
    overrides: dict[str, Any], found: Unresolved | None, told: tuple[str, str]
) -> None:
    library = builders.found(factors={Role.GRID_AVERAGE: found}) if found else None
    with pytest.raises(AtField) as caught:
        computed(activity(**overrides), found=library)

    assert (caught.value.field, caught.value.reason) == told


def test_of_several_errors_the_contracts_first_is_raised() -> None:
    activities = [
        activity(0, quantity=builders.quantity("-1 MWh")),
        activity(1, kind=Kind.FUEL_COMBUSTION),
    ]

    with pytest.raises(AtField) as caught:
        needs(activities, QUESTION)

    assert (caught.value.field, caught.value.reason) == ("activities[1].subject", "FIELD_REQUIRED")
