"""A factor of one enterprise: what may be proposed, how it is converted, who decides on it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import AtField, FactorConflict, FieldRequired, FourEyes, StateWrong
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from services.registry.domain.custom_factor import (
    Basis,
    CustomFactor,
    Origin,
    Standing,
    State,
    Version,
    as_received,
    check_days,
    checked,
    decided,
)
from services.registry.domain.factor import FactorRole

LAB, DESK = "principals/lab", "principals/desk"
COAL = CustomFactor(
    enterprise="chp",
    custom_factor="coal-2024-01",
    role=FactorRole.CARBON_CONTENT,
    subject="bituminous-coal",
    quantity=Quantity.parse("0.600", "tC/t"),
    period=Period.month(2024, 1),
    origin=Origin.MEASURED,
    evidence="report LAB-2024-017",
    basis=Basis.AS_RECEIVED,
)


def percent(text: str) -> Quantity:
    return Quantity.parse(text, "%")


def carbon(text: str) -> Quantity:
    return Quantity.parse(text, "tC/t")


def coal(**fields: Any) -> CustomFactor:
    return replace(COAL, **fields)


def air_dried(value: str, received: str, dried: str, **fields: Any) -> CustomFactor:
    return coal(
        quantity=Quantity.parse(value, "tC/t"),
        basis=Basis.AIR_DRIED,
        moisture_as_received=percent(received),
        moisture_air_dried=percent(dried),
        **fields,
    )


def dry(value: str, received: str) -> CustomFactor:
    return coal(
        quantity=Quantity.parse(value, "tC/t"),
        basis=Basis.DRY,
        moisture_as_received=percent(received),
    )


# Goldens: worked by hand from C_ar = C_ad (100 − M_ar) / (100 − M_ad) and C_ar = C_d (100 − M_ar) /
# 100, the conversion between the bases of a coal analysis.
GOLDENS = [
    (air_dried("0.600", "10", "4"), Fraction("0.600") * Fraction(90, 96), "0.5625"),
    (air_dried("0.5840", "12.5", "2.00"), Fraction("0.5840") * Fraction(875, 980), None),
    (air_dried("0.61", "8.3", "2.9"), Fraction(55937, 97100), None),
    (air_dried("0.61", "2.9", "8.3"), Fraction("0.61") * Fraction(971, 917), None),
    (air_dried("0.600", "0", "0"), Fraction(3, 5), "0.6"),
    (dry("0.600", "10"), Fraction(27, 50), "0.54"),
    (dry("0.7123", "9.87"), Fraction(7123 * 9013, 10**8), "0.64199599"),
]


@pytest.mark.parametrize(("factor", "exact", "digits"), GOLDENS)
def test_a_content_of_another_basis_is_applied_as_received(
    factor: CustomFactor, exact: Fraction, digits: str | None
) -> None:
    applied = checked(factor).applied

    assert applied.unit == "tC/t"
    if digits is not None:
        assert (applied.text, applied.fraction) == (digits, exact)
    else:
        # 34 significant digits of a number between 0.1 and 1, half to even: no decimal is nearer.
        assert applied.fraction == Fraction(round(exact * 10**34), 10**34)
        assert applied.fraction != exact


def test_its_range_is_converted_as_the_figure_is() -> None:
    range_ = {"lower": carbon("0.576"), "upper": carbon("0.640")}
    dried = checked(air_dried("0.600", "10", "4", **range_))
    received = checked(coal(**range_))

    assert [each and each.text for each in (dried.applied_lower, dried.applied_upper)] == [
        "0.54",
        "0.6",
    ]
    assert (received.applied_lower, received.applied_upper) == (range_["lower"], range_["upper"])
    assert (COAL.applied_lower, COAL.applied_upper) == (None, None)


@pytest.mark.parametrize("bound", ["0.600", "0.6"])
def test_a_range_may_end_at_the_figure(bound: str) -> None:
    assert checked(coal(lower=carbon(bound), upper=carbon("0.61"))).upper == carbon("0.61")
    assert checked(coal(lower=carbon("0.59"), upper=carbon(bound))).upper == carbon(bound)


def test_the_order_of_magnitude_of_a_real_report_is_right() -> None:
    # A usual bituminous coal: wetter as received than on the balance, so less carbon in a tonne.
    applied = float(checked(air_dried("0.5840", "12.5", "2.00")).applied.value)

    assert applied == pytest.approx(0.52142857, abs=1e-8)


def test_what_is_as_received_keeps_its_digits() -> None:
    assert checked(COAL).applied.text == "0.600"
    heat = coal(
        role=FactorRole.HEAT_DEFAULT,
        subject="heat",
        quantity=Quantity.parse("0.090", "tCO2/GJ"),
        origin=Origin.SUPPLIER,
        basis=None,
    )
    assert checked(heat).applied.text == "0.090"


contents = st.fractions(0, 1, max_denominator=10**6)
moistures = st.fractions(0, 99, max_denominator=1000)


@given(content=contents, received=moistures, sample=moistures)
def test_the_way_over_the_dry_sample_gives_the_same(
    content: Fraction, received: Fraction, sample: Fraction
) -> None:
    direct = as_received(content, moisture_as_received=received, moisture_of_sample=sample)
    bone_dry = as_received(content, moisture_as_received=Fraction(0), moisture_of_sample=sample)
    again = as_received(bone_dry, moisture_as_received=received, moisture_of_sample=Fraction(0))

    assert direct == again
    assert (direct < content) == (received > sample and content > 0)
    back = as_received(direct, moisture_as_received=sample, moisture_of_sample=received)
    assert back == content


@pytest.mark.parametrize(
    ("role", "unit", "value"),
    [
        (FactorRole.CARBON_CONTENT, "kgC/kg", "0.6"),
        (FactorRole.VOLATILE_SHARE, "%", "30"),
        (FactorRole.SULPHUR_SHARE, "%", "2"),
        (FactorRole.ASH_SHARE, "%", "12"),
    ],
)
def test_each_content_of_a_sample_says_its_basis_and_is_converted(
    role: FactorRole, unit: str, value: str
) -> None:
    proposed = replace(air_dried("0.6", "10", "4"), role=role, quantity=Quantity.parse(value, unit))

    assert checked(proposed).applied.fraction == Fraction(value) * Fraction(15, 16)
    unsaid = replace(proposed, basis=None, moisture_as_received=None, moisture_air_dried=None)
    assert wrong(unsaid) == ("FIELD_REQUIRED", "custom_factor.basis")


NCV = FactorRole.NET_CALORIFIC_VALUE
NCV_OF_COAL = Quantity.parse("23.2", "GJ(NCV)/t")


def wrong(factor: CustomFactor) -> tuple[str, str]:
    """The reason and the field of the refusal."""
    with pytest.raises(AtField) as caught:
        checked(factor)
    return caught.value.reason, caught.value.field


MOISTURES = {"moisture_as_received": percent("10"), "moisture_air_dried": percent("4")}
REFUSED = [
    ({"evidence": " \n"}, "FIELD_REQUIRED", "evidence"),
    ({"quantity": Quantity.parse("0.6", "tCO2/t")}, "UNIT_DIMENSION", "quantity.unit_code"),
    ({"quantity": Quantity.parse("-0.6", "tC/t")}, "QUANTITY_INVALID", "quantity.value"),
    ({"quantity": Quantity.parse("60", "tC/t")}, "FACTOR_IMPLAUSIBLE", "quantity.value"),
    ({"basis": None}, "FIELD_REQUIRED", "basis"),
    ({"basis": Basis.AIR_DRIED}, "FIELD_REQUIRED", "moisture_as_received"),
    ({"basis": Basis.DRY}, "FIELD_REQUIRED", "moisture_as_received"),
    (
        {"basis": Basis.AIR_DRIED, "moisture_as_received": percent("10")},
        "FIELD_REQUIRED",
        "moisture_air_dried",
    ),
    # Moistures beside a basis that needs none: a slip in one of the two, and nobody knows which.
    ({**MOISTURES}, "FIELD_INVALID", "moisture_as_received"),
    ({**MOISTURES, "basis": Basis.DRY}, "FIELD_INVALID", "moisture_air_dried"),
    (
        {"basis": Basis.DRY, "moisture_as_received": percent("100")},
        "FIELD_INVALID",
        "moisture_as_received.value",
    ),
    (
        {"basis": Basis.DRY, "moisture_as_received": percent("-0.1")},
        "FIELD_INVALID",
        "moisture_as_received.value",
    ),
    (
        {"basis": Basis.DRY, "moisture_as_received": Quantity.parse("10", "kg")},
        "UNIT_DIMENSION",
        "moisture_as_received.unit_code",
    ),
    # A net calorific value does not follow the moistures alone, so it is not converted at all.
    ({"role": NCV, "quantity": NCV_OF_COAL, "basis": None}, "FIELD_REQUIRED", "basis"),
    ({"role": NCV, "quantity": NCV_OF_COAL, "basis": Basis.DRY}, "FIELD_INVALID", "basis"),
    (
        {"role": NCV, "quantity": NCV_OF_COAL, "basis": Basis.AIR_DRIED, **MOISTURES},
        "FIELD_INVALID",
        "basis",
    ),
    # No property of a sample.
    (
        {"role": NCV, "quantity": Quantity.parse("389.31", "GJ(NCV)/10^4 Nm3")},
        "FIELD_INVALID",
        "basis",
    ),
    (
        {"role": FactorRole.OXIDATION_RATE, "quantity": percent("98")},
        "FIELD_INVALID",
        "basis",
    ),
    (
        {"role": FactorRole.CONVERSION_RATE, "quantity": percent("98"), "basis": None}
        | {"moisture_as_received": percent("10")},
        "FIELD_INVALID",
        "moisture_as_received",
    ),
    (
        {"role": FactorRole.VOLATILE_SHARE, "quantity": percent("100.1")},
        "FACTOR_IMPLAUSIBLE",
        "quantity.value",
    ),
    (
        {"role": FactorRole.OXIDATION_RATE, "quantity": percent("100.5"), "basis": None},
        "FACTOR_IMPLAUSIBLE",
        "quantity.value",
    ),
    # A range with one end, or one that the figure does not lie in.
    ({"lower": carbon("0.58")}, "FIELD_REQUIRED", "upper_value"),
    ({"upper": carbon("0.62")}, "FIELD_REQUIRED", "lower_value"),
    ({"lower": carbon("0.601"), "upper": carbon("0.62")}, "FIELD_INVALID", "lower_value"),
    ({"lower": carbon("0.58"), "upper": carbon("0.599")}, "FIELD_INVALID", "lower_value"),
]


@pytest.mark.parametrize(("fields", "reason", "field"), REFUSED)
def test_what_cannot_be_a_factor_is_refused_where_it_is_wrong(
    fields: dict[str, Any], reason: str, field: str
) -> None:
    assert wrong(coal(**fields)) == (reason, f"custom_factor.{field}")


def test_a_share_that_conversion_brings_above_the_whole_is_refused() -> None:
    # 80 % of a sample half of which is water would be 160 % of the material without it.
    proposed = replace(
        air_dried("0.6", "0", "50"), role=FactorRole.VOLATILE_SHARE, quantity=percent("80")
    )

    assert wrong(proposed) == ("FACTOR_IMPLAUSIBLE", "custom_factor.quantity.value")


def test_a_moisture_that_leaves_no_carbon_is_a_slip_and_refused() -> None:
    assert wrong(dry("0.6", "99.5"))[0] == "FACTOR_IMPLAUSIBLE"


def test_a_figure_that_as_received_has_more_digits_than_can_be_written_is_refused() -> None:
    tiny = Quantity.parse("0." + "0" * 30 + "1e-20", "%")
    proposed = replace(air_dried("0.6", "8.3", "2.9"), role=FactorRole.SULPHUR_SHARE, quantity=tiny)
    bounded = replace(proposed, quantity=percent("2"), lower=tiny, upper=percent("3"))

    assert wrong(proposed) == ("QUANTITY_INVALID", "custom_factor.quantity.value")
    assert wrong(bounded) == ("QUANTITY_INVALID", "custom_factor.lower_value.value")


def test_a_net_calorific_value_as_received_and_of_a_gas_are_taken() -> None:
    assert checked(coal(role=NCV, quantity=NCV_OF_COAL)).applied == NCV_OF_COAL
    gas = Quantity.parse("389.31", "GJ(NCV)/10^4 Nm3")
    assert checked(coal(role=NCV, quantity=gas, basis=None)).applied == gas


def test_the_source_tells_the_evidence_the_origin_and_the_conversion() -> None:
    source = air_dried("0.600", "10.0", "4").source

    assert (source.title, source.status) == ("report LAB-2024-017", Status.SECONDARY)
    assert source.confidence == "measured for the enterprise; approved by a second principal"
    assert source.note == (
        "0.600 tC/t air dried, converted to as received; moisture 10.0 % as received, 4 % air dried"
    )
    assert COAL.source.note == ""
    by_origin = {coal(origin=origin).source.confidence.partition(";")[0] for origin in Origin}
    assert by_origin == {
        "measured for the enterprise",
        "stated by the supplier",
        "read from a register",
    }


def version(state: State = State.PROPOSED, number: int = 1) -> Version:
    return Version(
        factor=COAL,
        standing=Standing(state=state, proposer=LAB),
        version=number,
        create_time=datetime(2024, 2, 1, tzinfo=UTC),
        revision=7,
    )


WAYS = {
    (State.PROPOSED, State.ACTIVE),
    (State.PROPOSED, State.REJECTED),
    (State.ACTIVE, State.RETIRED),
}
DECISIONS = (State.ACTIVE, State.REJECTED, State.RETIRED)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(State, DECISIONS)))
def test_a_decision_has_one_state_to_start_from(before: State, after: State) -> None:
    if (before, after) in WAYS:
        standing = decided(version(before), after, decider=DESK, reason="why")
        assert standing == Standing(state=after, proposer=LAB, decider=DESK, reason="why")
    else:
        with pytest.raises(StateWrong) as caught:
            decided(version(before), after, decider=DESK, reason="why")
        assert (caught.value.name, caught.value.state) == (COAL.name, before)
        assert (State(f"{caught.value.allowed}"), after) in WAYS


@pytest.mark.parametrize(("before", "after"), sorted(WAYS))
def test_who_proposed_decides_on_nothing(before: State, after: State) -> None:
    with pytest.raises(FourEyes) as caught:
        decided(version(before), after, decider=LAB, reason="why")

    assert (caught.value.name, caught.value.proposer) == (COAL.name, LAB)


def test_that_the_state_is_wrong_is_said_before_who_may_decide() -> None:
    with pytest.raises(StateWrong):
        decided(version(State.RETIRED), State.ACTIVE, decider=LAB)


def test_a_blank_reason_is_none() -> None:
    with pytest.raises(FieldRequired, match="reason"):
        decided(version(), State.REJECTED, decider=DESK, reason="  ")


def test_only_the_very_same_decision_counts_as_repeated() -> None:
    before = version()
    standing = decided(before, State.REJECTED, decider=DESK, reason="why")
    after = replace(version(number=2), standing=standing)

    def repeated(etag: str, state: State, decider: str = DESK, reason: str = "why") -> bool:
        return after.was_decided(etag, state, decider=decider, reason=reason)

    assert repeated(before.etag, State.REJECTED)
    assert not repeated(after.etag, State.REJECTED)
    assert not repeated(before.etag, State.ACTIVE)
    assert not repeated(before.etag, State.REJECTED, decider=LAB)
    assert not repeated(before.etag, State.REJECTED, reason="why else")


def test_two_of_one_thing_share_no_day() -> None:
    first = coal(custom_factor="first", period=Period.parse("2024-01-01", "2024-02-01"))
    second = coal(custom_factor="second", period=Period.parse("2024-02-01", "2024-03-01"))
    check_days(COAL, [second])
    across = coal(custom_factor="across", period=Period.parse("2024-01-31", "2024-02-02"))

    with pytest.raises(FactorConflict) as caught:
        check_days(across, [first, second])
    assert caught.value.candidates == (first.name, second.name, across.name)
    assert "retired" in str(caught.value)
    assert "carbon_content of bituminous-coal" in str(caught.value)
