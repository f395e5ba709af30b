"""A year added up."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from services.accounting.domain.activity import Kind
from services.accounting.domain.emission import Booked
from services.accounting.domain.inventory import (
    ActivityTotal,
    FindingKind,
    Gap,
    Inventory,
    ItemTotal,
    State,
)
from services.accounting.domain.line import Grain, Line
from services.accounting.domain.method import Basis, Category
from services.kernel.errors import FieldInvalid, Words
from services.kernel.trust import Status
from tests.accounting import builders

SOLD = builders.source(Kind.HEAT_EXPORTED, "steam-out", partner="neighbour")
COAL = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")
IRON = builders.source(Kind.MATERIAL_CONSUMED, "charge", subject="pig-iron")
STEEL = builders.source(Kind.PRODUCT_OUTPUT, "caster", subject="crude-steel")


def on_both_bases(text: str = "100 MWh") -> list[Line]:
    """Return a year of bought electricity, in both items of the GHG Protocol."""
    return [
        line
        for item in ("electricity_location", "electricity_market")
        for line in builders.year_of_lines(text=text, by=f"ghgp/{item}")
    ]


def by_item(inventory: Inventory) -> dict[str, int]:
    return {each.item_id: each.booked.co2_g for each in inventory.items}


def gap(item_id: str, source_id: str = "boiler-1", month: str = "2023-03") -> Gap:
    return Gap(
        grain=Grain(source_id=source_id, month=builders.period(month)),
        item_id=item_id,
        reason="FACTOR_MISSING",
        text=Words(en="no factor.", zh="没有因子。"),
    )


def test_bought_adds_and_sold_is_deducted() -> None:
    inventory = builders.inventory(
        [
            *builders.year_of_lines(COAL, "10 t"),
            *builders.year_of_lines(text="100 MWh"),
            *builders.year_of_lines(SOLD, "1000 GJ"),
        ]
    )

    assert by_item(inventory) == {
        "combustion": 12 * 20_715_093,
        "electricity_purchased": 12 * 64_510_000,
        "heat_exported": 12 * 110_000_000,
    }
    assert inventory.direct.co2_g == 12 * 20_715_093
    assert inventory.indirect_by(Basis.LOCATION).co2_g == 12 * (64_510_000 - 110_000_000)
    assert inventory.total.co2_g == 12 * (20_715_093 + 64_510_000 - 110_000_000)


def test_items_stand_in_the_order_of_the_statement_each_once() -> None:
    lines = [*builders.year_of_lines(SOLD, "1 GJ"), *builders.year_of_lines(COAL, "1 t")]

    inventory = builders.inventory(lines)

    assert [each.item_id for each in inventory.items] == ["combustion", "heat_exported"]


def test_totals_on_two_bases_stand_side_by_side_and_the_first_is_the_methods_own() -> None:
    lines = [*on_both_bases(), *builders.year_of_lines(COAL, "10 t", by="ghgp")]

    inventory = builders.inventory(lines, by="ghgp")

    bought = inventory.total_by(Basis.MARKET) - inventory.total_by(Basis.LOCATION)
    assert inventory.total == inventory.total_by(Basis.LOCATION)
    assert bought.co2_g == 12 * (70_000_000 - 64_510_000)
    assert inventory.total_by(Basis.NONE) == inventory.direct
    assert inventory.indirect_by(Basis.NONE) == Booked()


def test_a_total_is_shown_under_every_set_and_adds_up_under_each() -> None:
    lines = builders.year_of_lines(COAL, "10 t", by="ghgp")

    inventory = builders.inventory(lines, by="ghgp")

    for name in ("gwp100-ar4", "gwp100-ar5", "gwp100-ar6"):
        assert inventory.total.under(name) == sum(line.booked.under(name) for line in lines)
    assert len({inventory.total.under(name) for name in inventory.method.gwp_sets}) == 3


def test_what_is_no_part_of_a_total_is_an_item_all_the_same() -> None:
    feed = builders.source(Kind.FEEDSTOCK_USED, "cracker")
    lines = builders.year_of_lines(feed, "10 t", by="park910")

    inventory = builders.inventory(lines, by="park910")

    assert by_item(inventory).keys() == {"feedstock"}
    assert inventory.of_category(Category.MEMO).co2_g > 0
    assert inventory.total == Booked()


def test_a_year_of_every_source_every_day_is_complete() -> None:
    inventory = builders.inventory(builders.year_of_lines())

    assert inventory.state is State.COMPLETE
    assert inventory.coverage.ratio == 1.0
    assert inventory.status is Status.SECONDARY
    assert inventory.registry_revision == 3
    assert inventory.name == "enterprises/mill/inventories/2023"


def test_an_inventory_of_another_method_carries_its_name() -> None:
    inventory = builders.inventory(on_both_bases(), by="ghgp")

    assert inventory.name == "enterprises/mill/inventories/2023-ghgp"


def test_a_day_is_reported_once_however_many_lines_a_record_makes() -> None:
    inventory = builders.inventory(on_both_bases(), by="ghgp")

    assert inventory.coverage.ratio == 1.0
    assert inventory.coverage.source_day_count == 365


def test_days_in_two_bindings_of_a_month_add_up() -> None:
    first, *rest = builders.year_of_lines()
    halves = [replace(first, reported_day_count=15), replace(first, reported_day_count=16)]

    inventory = builders.inventory([*halves, *rest])

    assert inventory.coverage.ratio == 1.0
    assert inventory.state is State.COMPLETE


def test_a_missing_month_is_found_by_source_and_month() -> None:
    lines = [*builders.year_of_lines(), *builders.year_of_lines(COAL, "10 t")[:11]]

    inventory = builders.inventory(lines)

    assert inventory.state is State.INCOMPLETE
    (finding,) = inventory.findings
    assert (finding.kind, finding.subject) == (FindingKind.DAYS_MISSING, "boiler-1")
    assert "31 days without a whole report, in 2023-12" in finding.text.en
    assert "有 31 天未完整填报，涉及 2023-12" in finding.text.zh
    assert inventory.coverage.ratio == (365 + 334) / 730


def test_what_does_not_flow_all_year_is_no_gap_on_other_days() -> None:
    leak = builders.source(Kind.GAS_RELEASED, "cylinder", subject="ch4")
    lines = [*builders.year_of_lines(), builders.line([builders.entry("1 kgCH4")], leak)]

    assert builders.inventory(lines).state is State.COMPLETE


def test_a_leap_year_has_366_days() -> None:
    lines = [
        builders.line([builders.entry("1 MWh", f"2024-{month:02d}")]) for month in range(1, 13)
    ]

    assert builders.inventory(lines).coverage.source_day_count == 366


def test_a_steel_works_lacks_its_process_emissions_until_it_reports_them() -> None:
    works = builders.enterprise("steel", industry="3120")

    silent = builders.inventory(builders.year_of_lines(), works)
    told = builders.inventory(
        [*builders.year_of_lines(), *builders.year_of_lines(IRON, "10 t")], works
    )

    (finding,) = silent.findings
    assert silent.state is State.INCOMPLETE
    assert (finding.kind, finding.subject) == (
        FindingKind.PROCESS_EMISSIONS_MISSING,
        "enterprises/steel",
    )
    assert "fluxes, electrodes" in finding.text.en
    assert "report them" in finding.text.en
    assert "熔剂、电极" in finding.text.zh
    assert told.state is State.COMPLETE


def test_a_gap_makes_the_totals_of_its_basis_unknown_and_no_other() -> None:
    market = builders.inventory(on_both_bases(), by="ghgp", gaps=[gap("electricity_market")])
    direct = builders.inventory(on_both_bases(), by="ghgp", gaps=[gap("combustion")])
    apart = builders.inventory(on_both_bases(), by="ghgp", gaps=[gap("biomass_co2")])

    def knows(inventory: Inventory) -> tuple[bool, bool]:
        return inventory.knows(Basis.LOCATION), inventory.knows(Basis.MARKET)

    assert knows(market) == (True, False)
    assert knows(direct) == (False, False)
    assert knows(apart) == (True, True)
    assert [each.state for each in (market, direct, apart)] == [
        State.INCOMPLETE,
        State.INCOMPLETE,
        State.COMPLETE,
    ]


def test_gaps_are_told_once_for_a_source_with_all_their_months_and_the_way_out() -> None:
    gaps = [gap("combustion", month="2023-05"), gap("combustion", month="2023-03")]

    inventory = builders.inventory(gaps=gaps)

    (finding,) = inventory.findings
    assert (finding.kind, finding.subject) == (FindingKind.FACTOR_MISSING, "boiler-1")
    assert finding.text.en.startswith("boiler-1, 2023-03, 2023-05: no factor.")
    assert "the month is computed anew by itself" in finding.text.en
    assert finding.text.zh.startswith("boiler-1，2023-03、2023-05：没有因子。")
    assert inventory.gaps == tuple(gaps)


def test_a_gap_of_what_is_shown_apart_is_told_apart() -> None:
    inventory = builders.inventory(on_both_bases(), by="ghgp", gaps=[gap("biomass_co2")])

    (finding,) = inventory.findings
    assert finding.kind is FindingKind.MEMO_FACTOR_MISSING


def test_gaps_alone_make_an_inventory_of_nothing_that_nobody_can_trust() -> None:
    inventory = builders.inventory([], gaps=[gap("combustion")], by="ets-steel")

    assert (inventory.items, inventory.total, inventory.reported) == ((), Booked(), None)
    assert (inventory.state, inventory.status) == (State.INCOMPLETE, Status.UNVERIFIED)
    assert inventory.coverage.ratio == 0.0
    assert not inventory.knows(Basis.NONE)


def test_a_balance_that_comes_out_negative_is_found_and_never_cut_to_zero() -> None:
    lines = [*builders.year_of_lines(IRON, "1 t"), *builders.year_of_lines(STEEL, "100 t")]

    inventory = builders.inventory(lines)

    (finding,) = inventory.findings
    assert (finding.kind, finding.subject) == (FindingKind.BALANCE_NEGATIVE, "carbon-balance")
    assert "is -16.416 tCO2: more carbon leaves than came in" in finding.text.en
    assert inventory.total.co2_g == 12 * (172_000 - 1_540_000)
    assert inventory.state is State.INCOMPLETE


def test_a_process_is_told_by_facility_and_balanced_by_facility() -> None:
    def process(kind: Kind, subject: str, text: str, facility: str) -> list[Line]:
        source = builders.source(
            kind, f"{kind.lower()}-{facility}".replace("_", "-"), subject=subject
        )
        entries = [
            builders.entry(
                text, f"2024-{month:02d}", facility=f"enterprises/mill/facilities/{facility}"
            )
            for month in range(1, 13)
        ]
        return [builders.line([entry], source, by="ets-steel") for entry in entries]

    lines = [
        *process(Kind.PROCESS_INPUT, "pig-iron", "10 t", "converter"),
        *process(Kind.PROCESS_OUTPUT, "crude-steel", "10 t", "converter"),
        *process(Kind.PROCESS_OUTPUT, "crude-steel", "10 t", "caster"),
    ]

    inventory = builders.inventory(lines, builders.enterprise(industry="3120"), by="ets-steel")

    assert [
        (each.item_id, each.facility.rpartition("/")[2], each.booked.co2_g)
        for each in inventory.items
    ] == [
        ("process_in", "converter", 12 * 1_720_000),
        ("process_out", "caster", 12 * 154_000),
        ("process_out", "converter", 12 * 154_000),
    ]
    negative = [each for each in inventory.findings if each.kind is FindingKind.BALANCE_NEGATIVE]
    assert [each.subject for each in negative] == ["process enterprises/mill/facilities/caster"]
    assert inventory.total == Booked()


def test_activity_is_shown_by_kind_and_subject_in_the_unit_of_its_factor() -> None:
    lines = [
        builders.line([builders.entry("500 kWh", "2023-01")]),
        builders.line([builders.entry("2 MWh", "2023-02")]),
        builders.line([builders.entry("1 t", "2023-01")], COAL),
    ]

    assert builders.inventory(lines).activity_totals == (
        ActivityTotal(
            kind=Kind.FUEL_COMBUSTION, subject="bituminous-coal", value=Fraction(1), unit="t"
        ),
        ActivityTotal(
            kind=Kind.ELECTRICITY_PURCHASED,
            subject="electricity",
            value=Fraction("2.5"),
            unit="MWh",
        ),
    )


def test_activity_that_is_shown_on_two_bases_is_counted_once() -> None:
    (total,) = builders.inventory(on_both_bases(), by="ghgp").activity_totals

    assert (total.value, total.unit) == (Fraction(1200), "MWh")


def test_activity_in_two_bindings_of_a_month_is_counted_in_both() -> None:
    first, *rest = builders.year_of_lines()
    half = replace(first, activity=first.activity / 2)

    (total,) = builders.inventory([half, half, *rest]).activity_totals

    assert total.value == 1200


def test_a_year_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(FieldInvalid, match=r"10\^15 g"):
        builders.inventory(builders.year_of_lines(text="1e9 MWh"))


def test_an_item_is_what_it_is_and_its_sign_is_the_methods() -> None:
    inventory = builders.inventory(builders.year_of_lines(SOLD, "1000 GJ"))

    assert inventory.items == (
        ItemTotal(
            item_id="heat_exported",
            facility="",
            booked=Booked(co2_g=12 * 110_000_000, co2e_g=(("gwp100-ar5", 12 * 110_000_000),)),
        ),
    )
    assert inventory.total.co2_g == -12 * 110_000_000
