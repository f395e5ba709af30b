"""Which formula and which factors an activity takes, and why there may be none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import (
    Binding,
    Given,
    Lacking,
    Need,
    Origin,
    Query,
    Unresolved,
    activity_unit,
    bind,
    check_share,
    misfit,
)
from services.accounting.domain.role import MEASURABLE, Role
from services.kernel.errors import (
    AtField,
    FactorConflict,
    FactorMissing,
    FactorNotApplicable,
    FactorPeriodSplit,
    UnitDimension,
)
from services.kernel.mass import Gas
from services.kernel.trust import Status
from tests.accounting import builders, library
from tests.accounting.library import COAL, CONFLICT, MISSING, Figures, Own

BOILER = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")
STEAM = builders.source(Kind.HEAT_PURCHASED, "steam-in", steam="0.5 MPa 400 °C")
LIME = builders.source(Kind.MATERIAL_CONSUMED, "kiln", subject="limestone")

HALF_JANUARY = builders.period("2023-01-01 2023-01-16")
CARBON = Own(
    role=Role.CARBON_CONTENT, subject=COAL, text="0.58 tC/t", period=builders.period("2023-01")
)


def with_given(wanted: Need, **given: str) -> Need:
    """Return a need with factors that the caller brings, as NET_CALORIFIC_VALUE="23 GJ(NCV)/t"."""
    brought = (
        Given(
            path=f"given_factors[{at}]",
            role=Role(role),
            subject="",
            quantity=builders.quantity(text),
        )
        for at, (role, text) in enumerate(given.items())
    )
    return replace(wanted, given=tuple(brought))


def lacking(wanted: Need, figures: Figures | None = None, *own: Own) -> tuple[AtField, ...]:
    found = bind(wanted, library.found([wanted], figures, own), year_field="period")
    assert isinstance(found, Lacking), found
    return found.errors


def roles(binding: Binding) -> list[Role]:
    return [factor.role for factor in binding.factors]


def coal(by: str = "gbt32150", what: str = "10 t", when: str = "2023-01") -> Need:
    return builders.need(BOILER, what, when, by=by)


def test_the_registry_is_asked_for_every_factor_that_a_formula_could_take() -> None:
    asked = {(query.role, query.subject) for query in coal().queries}

    assert asked == {
        (Role.DENSITY, COAL),
        (Role.CARBON_CONTENT, COAL),
        (Role.NET_CALORIFIC_VALUE, COAL),
        (Role.CARBON_CONTENT_PER_HEAT, COAL),
        (Role.OXIDATION_RATE, COAL),
    }


def test_the_registry_is_not_asked_for_what_is_given() -> None:
    wanted = with_given(coal(), NET_CALORIFIC_VALUE="23 GJ(NCV)/t")

    assert Role.NET_CALORIFIC_VALUE not in {query.role for query in wanted.queries}


def test_the_defaults_are_taken_in_the_order_of_the_formula() -> None:
    binding = builders.bound(coal())

    assert binding.formula_id == "default"
    assert roles(binding) == [
        Role.NET_CALORIFIC_VALUE,
        Role.CARBON_CONTENT_PER_HEAT,
        Role.OXIDATION_RATE,
    ]
    assert {factor.origin for factor in binding.factors} == {Origin.PUBLISHED}
    assert binding.status is Status.SECONDARY


def test_a_given_factor_goes_before_the_librarys_and_is_unverified() -> None:
    binding = builders.bound(with_given(coal(), NET_CALORIFIC_VALUE="23 GJ(NCV)/t"))

    first, *others = binding.factors
    assert (str(first.quantity), first.origin) == ("23 GJ(NCV)/t", Origin.GIVEN)
    assert (first.name, first.source, first.rule_source) == ("", None, None)
    assert first.status is binding.status is Status.UNVERIFIED
    assert {factor.origin for factor in others} == {Origin.PUBLISHED}


def test_measured_carbon_goes_before_heat_value_and_carbon_per_heat() -> None:
    measured = builders.bound(with_given(coal(), CARBON_CONTENT="0.6 tC/t"))
    own = builders.bound(coal(), own=[CARBON])

    assert measured.formula_id == own.formula_id == "measured_carbon"
    assert roles(measured) == roles(own) == [Role.CARBON_CONTENT, Role.OXIDATION_RATE]
    assert own.factors[0].origin is Origin.CUSTOM
    assert own.factors[0].name == "enterprises/mill/customFactors/own"
    assert own.factors[1].origin is Origin.PUBLISHED


def test_a_published_carbon_content_is_no_measurement() -> None:
    printed: Figures = {(Role.CARBON_CONTENT, COAL): "0.6 tC/t"}

    assert builders.bound(coal(), printed).formula_id == "default"


def test_a_measured_heat_value_takes_the_place_of_the_default_alone() -> None:
    heat = Own(
        role=Role.NET_CALORIFIC_VALUE,
        subject=COAL,
        text="21.5 GJ(NCV)/t",
        period=builders.period("2023-01"),
    )

    binding = builders.bound(coal(), own=[heat])

    assert binding.formula_id == "default"
    assert [factor.origin for factor in binding.factors] == [
        Origin.CUSTOM,
        Origin.PUBLISHED,
        Origin.PUBLISHED,
    ]


@pytest.mark.parametrize(
    ("given", "formula_id", "subjects"),
    [
        ({"CARBON_CONTENT": "0.58 tC/t"}, "measured_carbon", [COAL, "coal"]),
        (
            {"NET_CALORIFIC_VALUE": "21 GJ(NCV)/t"},
            "measured_heat",
            [COAL, "coal-unmeasured", "coal"],
        ),
        ({}, "default", ["coal-unmeasured", "coal-unmeasured", "coal"]),
    ],
)
def test_a_power_plant_counts_its_coal_as_far_as_it_is_measured(
    given: dict[str, str], formula_id: str, subjects: list[str]
) -> None:
    binding = builders.bound(with_given(coal("ets-power"), **given))

    assert binding.formula_id == formula_id
    assert [factor.subject for factor in binding.factors] == subjects
    assert binding.subject == COAL


def test_a_fuel_that_is_reported_by_its_net_heat_needs_no_heat_value() -> None:
    binding = builders.bound(coal(what="200 GJ(NCV)"))

    assert binding.formula_id == "heat"
    assert roles(binding) == [Role.CARBON_CONTENT_PER_HEAT, Role.OXIDATION_RATE]


def test_gross_heat_is_not_taken_for_net_heat() -> None:
    wanted = coal(what="200 GJ(GCV)")

    binding = builders.bound(wanted)

    assert binding.formula_id == "default"
    formula = wanted.term.formula(binding.formula_id)
    (error,) = misfit(builders.quantity("200 GJ(GCV)"), activity_unit(formula, binding))
    assert error.reason == "UNIT_DIMENSION"


@pytest.mark.parametrize(
    ("when", "formula_id", "with_constant"),
    [("2024-12", "steam_ndrc", [Role.HEAT_CONSTANT]), ("2025-01", "steam_gbt", [])],
)
def test_the_year_decides_whether_feed_water_is_subtracted_from_steam(
    when: str, formula_id: str, with_constant: list[Role]
) -> None:
    binding = builders.bound(builders.need(STEAM, "10 t", when))

    assert binding.formula_id == formula_id
    assert roles(binding) == [Role.STEAM_ENTHALPY, *with_constant, Role.HEAT_DEFAULT]


def test_the_enthalpy_of_steam_comes_from_the_tables_and_says_how() -> None:
    wanted = builders.need(builders.source(Kind.HEAT_PURCHASED, steam="0.55 MPa 400 °C"), "10 t")

    enthalpy = builders.bound(wanted).factors[0]

    assert Role.STEAM_ENTHALPY not in {query.role for query in wanted.queries}
    assert enthalpy.quantity.unit == "kJ/kg"
    assert enthalpy.data_period == "0.55 MPa 400 °C"
    assert enthalpy.source is not None
    assert "×" in enthalpy.source.note


@pytest.mark.parametrize(("answer", "kind"), [(MISSING, FactorMissing), (CONFLICT, FactorConflict)])
def test_a_factor_that_is_not_there_is_told_by_role_and_subject(
    answer: Unresolved, kind: type[AtField]
) -> None:
    (error,) = lacking(coal(), {(Role.OXIDATION_RATE, COAL): answer})

    assert type(error) is kind
    assert error.field == "subject"
    assert "oxidation_rate of bituminous-coal" in error.text("en")


def test_no_rule_for_the_year_names_the_years_that_have_one() -> None:
    answer = Unresolved(reason="FACTOR_NOT_APPLICABLE", candidates=("2024", "2025"))

    (error,) = lacking(builders.need(), {(Role.GRID_AVERAGE, "electricity"): answer})

    assert isinstance(error, FactorNotApplicable)
    assert (error.field, error.year, error.applicable) == ("period", 2023, (2024, 2025))


def test_all_that_lacks_is_told_at_once() -> None:
    heat, rate = (Role.NET_CALORIFIC_VALUE, COAL), (Role.OXIDATION_RATE, COAL)

    errors = lacking(coal(), {heat: MISSING, rate: MISSING})

    assert [error.text("en").split(" of ")[0] for error in errors] == [
        "subject: no factor is applicable for net_calorific_value",
        "subject: no factor is applicable for oxidation_rate",
    ]


def test_zero_is_a_factor_and_a_missing_one_is_not() -> None:
    sun = builders.source(subject="electricity-non-fossil")
    wanted = builders.need(sun, by="park910")

    (factor,) = builders.bound(wanted).factors

    assert factor.quantity.value == 0
    missing: Figures = {(Role.ELECTRICITY_NONFOSSIL, "electricity-non-fossil"): MISSING}
    assert [error.reason for error in lacking(wanted, missing)] == ["FACTOR_MISSING"]


def test_an_own_figure_for_part_of_the_days_blocks_the_default() -> None:
    (error,) = lacking(coal(), None, replace(CARBON, period=HALF_JANUARY))

    assert isinstance(error, FactorPeriodSplit)
    assert (error.field, error.days) == ("period", ("2023-01-16",))
    assert "carbon_content of bituminous-coal" in error.text("en")


def test_two_own_figures_for_the_same_days_block_the_default() -> None:
    twin = replace(CARBON, text="0.6 tC/t", name="enterprises/mill/customFactors/twin")

    (error,) = lacking(coal(), None, CARBON, twin)

    assert isinstance(error, FactorConflict)
    assert error.candidates == (CARBON.name, twin.name)


@pytest.mark.parametrize("role", [Role.COMPONENT_SHARE, Role.CONVERSION_RATE])
def test_an_own_figure_that_may_be_left_out_is_not_left_out_for_being_unclear(role: Role) -> None:
    half = Own(role=role, subject="limestone", text="90 %", period=HALF_JANUARY)

    (error,) = lacking(builders.need(LIME, "10 t"), None, half)

    assert error.reason == "FACTOR_PERIOD_SPLIT"
    assert roles(builders.bound(builders.need(LIME, "10 t"))) == [Role.CO2_FACTOR]


def test_own_figures_are_asked_for_the_month_and_where_that_is_not_enough_for_the_days() -> None:
    first, later = (coal(when=when) for when in ("2023-01-01 2023-01-16", "2023-01-16 2023-02-01"))
    half = replace(CARBON, period=HALF_JANUARY)

    found = library.found([first, later], None, [half])

    assert {query.period for query in first.queries} == {builders.period("2023-01"), None}
    (again,) = first.queries_of_days(found)
    assert (again.role, again.period) == (Role.CARBON_CONTENT, HALF_JANUARY)
    assert builders.bound(first, own=[half]).formula_id == "measured_carbon"
    assert builders.bound(later, own=[half]).formula_id == "default"


def test_a_record_of_the_whole_month_is_asked_once() -> None:
    half = replace(CARBON, period=HALF_JANUARY)
    found = library.found([coal()], None, [half])

    assert coal().queries_of_days(found) == ()


def test_a_method_that_divides_by_days_cuts_a_record_where_a_factor_changes() -> None:
    wanted, own = coal("ghgp"), replace(CARBON, role=Role.CO2_FACTOR, text="2 tCO2/t")
    half = replace(own, period=HALF_JANUARY)
    found = library.found([wanted], None, [half])

    parts = wanted.parts(found)

    assert parts == (HALF_JANUARY, builders.period("2023-01-16 2023-02-01"))
    bindings = [bind(replace(wanted, period=part), found, year_field="period") for part in parts]
    assert [each.formula_id for each in bindings if isinstance(each, Binding)] == [
        "whole_factor",
        "default",
    ]
    assert coal().parts(library.found([coal()], None, [CARBON])) == (builders.period("2023-01"),)


def test_own_figures_are_asked_in_the_name_of_the_enterprise_and_for_what_can_be_measured() -> None:
    asked = coal().queries
    nobody = replace(coal(), enterprise="").queries

    assert {query.enterprise for query in asked if query.role in MEASURABLE} == {"enterprises/mill"}
    assert {query.enterprise for query in asked if query.role not in MEASURABLE} == {""}
    assert {(query.enterprise, query.period) for query in nobody} == {("", None)}


def test_every_gas_takes_its_potential_under_every_set_of_the_method() -> None:
    binding = builders.bound(coal("ghgp"))

    assert [(each.gwp_set, each.gas, str(each.factor.quantity)) for each in binding.potentials] == [
        ("gwp100-ar5", Gas.CH4, "30 kgCO2e/kg"),
        ("gwp100-ar4", Gas.CH4, "25 kgCO2e/kg"),
        ("gwp100-ar6", Gas.CH4, "29.8 kgCO2e/kg"),
        ("gwp100-ar5", Gas.N2O, "265 kgCO2e/kg"),
        ("gwp100-ar4", Gas.N2O, "298 kgCO2e/kg"),
        ("gwp100-ar6", Gas.N2O, "273 kgCO2e/kg"),
    ]
    assert binding.gwp_sets == ("gwp100-ar5", "gwp100-ar4", "gwp100-ar6")


def test_methane_of_biomass_takes_the_potential_of_biomass() -> None:
    wood = builders.source(Kind.BIOMASS_COMBUSTION, "kiln", subject="wood")
    figures: Figures = {
        Role.NET_CALORIFIC_VALUE: "15 GJ(NCV)/t",
        Role.CH4_PER_HEAT: "30 kgCH4/TJ(NCV)",
        Role.N2O_PER_HEAT: "4 kgN2O/TJ(NCV)",
        Role.CO2_PER_HEAT: "100000 kgCO2/TJ(NCV)",
    }

    gases = builders.bound(builders.need(wood, "1 t", by="ghgp/biomass_gases"), figures)
    co2 = builders.bound(builders.need(wood, "1 t", by="ghgp/biomass_co2"), figures)

    assert [each.factor.subject for each in gases.potentials if each.gas is Gas.CH4] == [
        "ch4-nonfossil"
    ] * 3
    assert co2.potentials == ()


def test_a_gas_that_a_set_does_not_have_is_missing_and_never_zero() -> None:
    released = builders.source(Kind.GAS_RELEASED, "switchgear", subject="sf6")

    errors = lacking(builders.need(released, "1 kgSF6", by="ghgp"))

    assert {error.reason for error in errors} == {"FACTOR_MISSING"}
    told = " ".join(error.text("en") for error in errors)
    assert "SF6 in gwp100-ar4" in told
    assert "SF6 in gwp100-ar6" in told
    assert "gwp100-ar5" not in told


def test_a_factor_of_co2e_alone_takes_no_potential() -> None:
    freight = builders.source(
        Kind.OTHER_INDIRECT, "haulier", subject="freight", value_chain_category=4
    )

    binding = builders.bound(
        with_given(builders.need(freight, "10 t", by="ghgp"), CO2E_FACTOR="0.1 tCO2e/t")
    )

    assert (binding.formula_id, binding.potentials) == ("co2e_factor", ())


def test_a_factor_of_the_plant_may_be_given_by_the_activitys_or_the_formulas_subject() -> None:
    agent = builders.source(Kind.MATERIAL_CONSUMED, "scrubber", subject="desulphurisation-agent")
    figures: Figures = {Role.COMPONENT_SHARE: "90 %", Role.CONVERSION_RATE: "100 %"}
    given = Given(
        path="given_factors[0]",
        role=Role.CO2_FACTOR,
        subject="calcium-carbonate",
        quantity=builders.quantity("0.4397 tCO2/t"),
    )
    wanted = builders.need(agent, "1 t")

    for subject in ("", "calcium-carbonate"):
        binding = builders.bound(replace(wanted, given=(replace(given, subject=subject),)), figures)
        assert [(each.subject, each.origin) for each in binding.factors] == [
            ("desulphurisation-agent", Origin.PUBLISHED),
            ("calcium-carbonate", Origin.GIVEN),
            ("desulphurisation-agent", Origin.PUBLISHED),
        ]
    other = bind(
        replace(wanted, given=(replace(given, subject="dolomite"),)),
        library.found([wanted], figures),
        year_field="period",
    )
    assert isinstance(other, Lacking)


def test_two_equal_bindings_are_one_and_another_factor_makes_another() -> None:
    one, again = builders.bound(coal()), builders.bound(coal(when="2023-05"))
    other = builders.bound(coal(), {(Role.OXIDATION_RATE, COAL): "98 %"})

    assert one == again
    assert one != other
    assert len({one, again, other}) == 2


def test_a_binding_is_trusted_as_far_as_its_least_factor() -> None:
    binding = builders.bound(coal("ghgp"))
    potential = binding.potentials[0]
    doubtful = replace(potential, factor=replace(potential.factor, status=Status.UNVERIFIED))

    assert binding.status is Status.SECONDARY
    assert replace(binding, potentials=(doubtful,)).status is Status.UNVERIFIED
    assert replace(binding, factors=(), potentials=()).status is Status.OFFICIAL


def test_a_unit_that_does_not_fit_the_factor_names_those_that_do() -> None:
    (error,) = misfit(builders.quantity("5 MWh"), "t")

    assert isinstance(error, UnitDimension)
    assert error.field == "quantity.unit_code"
    assert "t" in error.choices


def test_a_gas_factor_takes_the_gas_at_its_own_state_only() -> None:
    assert list(misfit(builders.quantity("5 Nm3"), "10^4 Nm3")) == []
    assert [error.reason for error in misfit(builders.quantity("5 Sm3"), "10^4 Nm3")] == [
        "UNIT_DIMENSION"
    ]


@pytest.mark.parametrize(
    ("role", "text", "fits"),
    [
        (Role.OXIDATION_RATE, "100 %", True),
        (Role.OXIDATION_RATE, "1.0 1", True),
        (Role.OXIDATION_RATE, "100.1 %", False),
        (Role.COMPONENT_SHARE, "1.001 1", False),
        (Role.CO2_FACTOR, "5 tCO2/t", True),
    ],
)
def test_a_share_is_at_most_the_whole(role: Role, text: str, *, fits: bool) -> None:
    assert check_share(role, builders.quantity(text)) is fits


def test_a_need_is_asked_for_its_own_year_place_and_method() -> None:
    (query,) = builders.need().queries

    assert query == Query(
        method_id="gbt32150",
        accounting_year=2023,
        role=Role.GRID_AVERAGE,
        subject="electricity",
        region_code="CN-JS",
    )
