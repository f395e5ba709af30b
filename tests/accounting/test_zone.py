"""A zone added up, and what its members pass to each other taken out."""

from __future__ import annotations

from services.accounting.domain.activity import Kind
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import FindingKind, State
from services.accounting.domain.line import Line
from services.accounting.domain.transfer import Member, member_of
from services.accounting.domain.zone import ZoneInventory
from tests.accounting import builders, ledgers
from tests.accounting.ledgers import MONTHS, Ledger, ledger, row, year_of

MWH_G = 645_100
"""Grams of CO2 of a megawatt-hour."""


def flow(owner: str, kind: Kind, partner: str, text: str) -> list[Line]:
    whose = builders.source(
        kind, f"{kind.lower().replace('_', '-')}-{partner}", partner=partner, enterprise=owner
    )
    return builders.year_of_lines(whose, text, enterprise=owner)


def plant(*, sold: str = "10 MWh", exported: str = "5 MWh") -> Member:
    """Return a power plant that burns coal and sells to the mill and to the grid."""
    coal = builders.source(Kind.FUEL_COMBUSTION, "boiler", enterprise="plant")
    return builders.member(
        "plant",
        [
            *builders.year_of_lines(coal, "100 t", enterprise="plant"),
            *(flow("plant", Kind.ELECTRICITY_EXPORTED, "mill", sold) if sold else []),
            *flow("plant", Kind.ELECTRICITY_EXPORTED, "grid", exported),
        ],
        {"mill": "mill", "grid": ""},
    )


def mill(*, bought: str = "10 MWh", imported: str = "20 MWh") -> Member:
    """Return a mill that buys from the plant and from the grid."""
    return builders.member(
        "mill",
        [
            *(flow("mill", Kind.ELECTRICITY_PURCHASED, "plant", bought) if bought else []),
            *flow("mill", Kind.ELECTRICITY_PURCHASED, "grid", imported),
        ],
        {"plant": "plant"},
    )


def test_what_members_pass_to_each_other_is_counted_once() -> None:
    zone = builders.zone(plant(), mill())

    assert zone.direct_co2e_g == 12 * 207_150_926
    assert zone.imported_co2e_g == 12 * 20 * MWH_G
    assert zone.exported_co2e_g == 12 * 5 * MWH_G
    assert zone.double_count_co2e_g == zone.internal_sold_co2e_g == 12 * 10 * MWH_G
    assert zone.net_co2e_g == zone.direct_co2e_g + 12 * 15 * MWH_G
    assert zone.naive_co2e_g == zone.net_co2e_g + zone.double_count_co2e_g + zone.exported_co2e_g
    assert zone.members_total_co2e_g == zone.net_co2e_g
    assert zone.residual_co2e_g == 0
    assert zone.findings == ()
    assert zone.state is State.COMPLETE


def test_a_meter_that_reads_less_makes_a_residual_and_a_finding() -> None:
    zone = builders.zone(plant(), mill(bought="9.97 MWh"))
    (transfer,) = zone.transfers
    (finding,) = zone.findings

    assert transfer.residual_co2e_g == zone.residual_co2e_g == 12 * (6_431_647 - 6_451_000)
    assert zone.members_total_co2e_g == zone.net_co2e_g + zone.residual_co2e_g
    assert finding.kind is FindingKind.TRANSFER_DIFFERS
    assert "the seller reports 120 MWh, the buyer 119.64 MWh" in finding.text.en
    assert "供方填报 120 MWh，需方填报 119.64 MWh" in finding.text.zh
    assert zone.state is State.COMPLETE


def test_the_same_energy_in_other_units_does_not_differ() -> None:
    assert builders.zone(plant(), mill(bought="10000 kWh")).findings == ()


def test_the_same_number_in_another_unit_is_a_slip_of_the_unit() -> None:
    zone = builders.zone(plant(), mill(bought="10 kWh"))

    (finding,) = zone.findings
    assert finding.kind is FindingKind.TRANSFER_UNIT_DIFFERS
    assert "the seller reports 120 MWh, the buyer 120 kWh" in finding.text.en
    assert "供方填报 120 MWh，需方填报 120 kWh" in finding.text.zh
    assert zone.residual_co2e_g == 12 * (6_451 - 6_451_000)


def test_the_same_year_by_other_months_is_a_shifted_reading() -> None:
    seller, buyer = plant(), mill()
    early, late = ("8 MWh", "2023-01"), ("12 MWh", "2023-02")
    whose = builders.source(
        Kind.ELECTRICITY_PURCHASED, "electricity-purchased-plant", partner="plant"
    )
    shifted = [
        builders.line([builders.entry(*each)], whose, enterprise="mill") for each in (early, late)
    ]
    kept = [
        line for line in buyer.lines if line.source != whose or line.month.start.month not in {1, 2}
    ]
    moved = builders.member("mill", [*kept, *shifted], {"plant": "plant"})

    zone = builders.zone(seller, moved)

    (finding,) = zone.findings
    assert finding.kind is FindingKind.TRANSFER_PERIOD_SHIFTED
    assert "seller reports 120 MWh (1: 10, 2: 10, 3: 10" in finding.text.en
    assert "buyer 120 MWh (1: 8, 2: 12, 3: 10" in finding.text.en
    assert "抄表日期" in finding.text.zh
    assert zone.residual_co2e_g == 0
    assert zone.net_co2e_g == builders.zone(seller, buyer).net_co2e_g


def counted_from(member: Member, first: int) -> Member:
    """Return a member that is counted from a month on."""
    return member_of(
        member.enterprise,
        member.inventory,
        member.lines,
        partners=member.partners,
        months=frozenset(range(first, 13)),
    )


def test_who_joins_in_october_is_counted_from_october_on() -> None:
    zone = builders.zone(plant(), counted_from(mill(), 10))

    # Until then the plant's electricity for the mill leaves the zone.
    assert zone.exported_co2e_g == (12 * 5 + 9 * 10) * MWH_G
    assert zone.imported_co2e_g == 3 * 20 * MWH_G
    assert zone.internal_purchased_co2e_g == 3 * 10 * MWH_G
    assert {member.name: member.total_co2e_g for member in zone.members}[
        "enterprises/mill"
    ] == 3 * 30 * MWH_G
    assert zone.members_total_co2e_g == zone.net_co2e_g + zone.residual_co2e_g
    assert zone.findings == ()


def test_who_moves_from_one_zone_to_another_is_counted_in_one_of_them_each_month() -> None:
    whole = mill()
    until = member_of(
        whole.enterprise,
        whole.inventory,
        whole.lines,
        partners=whole.partners,
        months=frozenset(range(1, 10)),
    )

    before, after = builders.zone(until), builders.zone(counted_from(whole, 10))

    assert before.net_co2e_g + after.net_co2e_g == builders.zone(whole).net_co2e_g


def test_a_side_that_reports_nothing_is_named() -> None:
    silent_seller = builders.zone(plant(sold=""), mill())
    silent_buyer = builders.zone(plant(), mill(bought=""))

    assert [(each.kind, each.subject) for each in silent_seller.findings] == [
        (FindingKind.TRANSFER_UNMATCHED, "enterprises/plant")
    ]
    assert [(each.kind, each.subject) for each in silent_buyer.findings] == [
        (FindingKind.TRANSFER_UNMATCHED, "enterprises/mill")
    ]
    assert silent_seller.transfers[0].sold is None
    assert silent_buyer.transfers[0].bought is None


def test_energy_from_a_registered_enterprise_outside_the_zone_is_imported() -> None:
    zone = builders.zone(mill())

    assert zone.transfers == ()
    assert zone.imported_co2e_g == 12 * 30 * MWH_G


def test_a_member_that_reports_nothing_is_incomplete_and_in_no_total() -> None:
    zone = builders.zone(mill(), builders.member("silent"))

    assert zone.state is State.INCOMPLETE
    assert [(each.kind, each.subject) for each in zone.findings] == [
        (FindingKind.NOTHING_REPORTED, "enterprises/silent")
    ]
    assert [member.total_co2e_g for member in zone.members] == [12 * 30 * MWH_G, 0]


def test_a_member_that_lacks_days_makes_the_zone_incomplete() -> None:
    late = builders.member("late", builders.year_of_lines(enterprise="late")[:11])

    zone = builders.zone(mill(), late)

    (finding,) = zone.findings
    assert (finding.kind, finding.subject) == (FindingKind.MEMBER_INCOMPLETE, "enterprises/late")
    assert "lacks days" in finding.text.en
    assert zone.coverage.ratio == (730 + 334) / 1095


def test_members_stand_by_size_and_the_least_real_label_holds() -> None:
    invented = builders.member(
        "invented",
        builders.year_of_lines(text="1 MWh", enterprise="invented"),
        label=Label.SYNTHETIC,
    )

    zone = builders.zone(invented, mill())

    assert [member.enterprise.display_name for member in zone.members] == ["Mill", "Invented"]
    assert zone.label is Label.SYNTHETIC


def test_a_zone_without_members_is_not_complete() -> None:
    zone = builders.zone()

    assert zone.state is State.INCOMPLETE
    assert (zone.net_co2e_g, zone.status, zone.label) == (0, None, None)


BOUGHT_INSIDE = year_of(Kind.ELECTRICITY_PURCHASED, "10 MWh", partner="plant")
CLAIM = row(Kind.GREEN_POWER_CLAIMED, "100 MWh", subject="green-certificate")
FOSSIL_G = 832_500
"""Grams of CO2 of a megawatt-hour by the factor of the park's method."""


def supplier() -> Ledger:
    """Return the books of a power plant that sells the mill 120 MWh in the year."""
    return ledger(
        "plant",
        "4411",
        *year_of(Kind.FUEL_COMBUSTION, "100 t", "anthracite"),
        *year_of(Kind.ELECTRICITY_EXPORTED, "10 MWh", enterprise="plant", partner="mill"),
    )


def claimant(inside: str, outside: str) -> Ledger:
    """Return the books of a mill that claims 100 MWh of green power for what it buys."""
    return ledger(
        "mill",
        "1713",
        *year_of(Kind.ELECTRICITY_PURCHASED, inside, partner="plant"),
        *year_of(Kind.ELECTRICITY_PURCHASED, outside),
        CLAIM,
    )


def together(by: str, buyer: Ledger) -> ZoneInventory:
    """Return the zone of the plant and a mill by a method."""
    seller = supplier().member(by, {"mill": "mill"})
    return ledgers.zone(seller, buyer.member(by, {"plant": "plant"}), by=by)


def test_green_power_that_is_claimed_for_what_comes_from_outside_is_deducted() -> None:
    zone = together("park910", claimant(inside="10 MWh", outside="20 MWh"))

    assert zone.scope2_basis == "market-based"
    assert zone.imported_co2e_g == (240 - 100) * FOSSIL_G
    assert zone.claimed_inside_co2e_g == 0
    assert zone.internal_purchased_co2e_g == 120 * FOSSIL_G
    assert FindingKind.CLAIM_BEYOND_CONSUMPTION not in {each.kind for each in zone.findings}


def test_green_power_that_is_claimed_for_what_was_bought_inside_deducts_nothing() -> None:
    zone = together("park910", claimant(inside="10 MWh", outside="5 MWh"))

    # 60 of the 100 MWh stand against electricity from outside, 40 against the plant's.
    assert zone.imported_co2e_g == 0
    assert zone.claimed_inside_co2e_g == 40 * FOSSIL_G
    assert zone.residual_co2e_g == (120 - 40) * FOSSIL_G
    assert zone.members_total_co2e_g == zone.net_co2e_g + zone.residual_co2e_g
    (finding,) = [
        each for each in zone.findings if each.kind is FindingKind.CLAIM_BEYOND_CONSUMPTION
    ]
    assert finding.subject == "enterprises/mill"
    assert "bought inside the zone" in finding.text.en
    assert "自园区内购入的电力" in finding.text.zh


def test_what_a_claimant_gives_back_itself_is_not_given_back_twice() -> None:
    zone = together("park910", claimant(inside="1 MWh", outside="5 MWh"))

    # It claims 100 MWh for 72 MWh: 28 are beyond all it buys, 12 beyond what comes from outside.
    assert zone.imported_co2e_g == 0
    assert zone.claimed_inside_co2e_g == 12 * FOSSIL_G
    assert zone.members_total_co2e_g == zone.net_co2e_g + zone.residual_co2e_g


def test_by_the_place_of_the_grid_no_claim_moves_anything() -> None:
    buyer = claimant(inside="10 MWh", outside="20 MWh")
    rows = [kept.accepted.row for kept in buyer.records.values()]
    plain = ledger("mill", "1713", *(each for each in rows if each is not CLAIM))

    zones = [together(by, whose) for by in ("gbt32150", "ghgp") for whose in (buyer, plain)]

    assert zones[0].net_co2e_g == zones[1].net_co2e_g
    assert zones[2].net_co2e_g == zones[3].net_co2e_g


def test_nobody_is_called_silent_of_what_a_method_does_not_count() -> None:
    # The protocol deducts nothing for what is sold: the plant has no line to show.
    zone = together("ghgp", ledger("mill", "1713", *BOUGHT_INSIDE))

    assert zone.transfers[0].sold is None
    assert zone.findings == ()
    assert zone.residual_co2e_g == zone.internal_purchased_co2e_g == 120 * 597_800


def test_nobody_is_called_silent_of_what_lacks_a_factor() -> None:
    # By the park's method sold electricity of unknown origin needs the plant's own factor.
    zone = together("park910", ledger("mill", "1713", *BOUGHT_INSIDE))

    assert zone.transfers[0].sold is None
    assert [each.kind for each in zone.findings] == [FindingKind.MEMBER_INCOMPLETE]
    assert "factors" in zone.findings[0].text.en


def test_the_same_electricity_of_another_origin_is_one_transfer() -> None:
    green, unknown = "electricity-non-fossil", "electricity"
    kinds = Kind.ELECTRICITY_EXPORTED, Kind.ELECTRICITY_PURCHASED
    to_mill = {"enterprise": "plant", "partner": "mill"}
    seller = ledger("plant", "1713", row(kinds[0], "10 MWh", MONTHS[0], green, **to_mill))
    buyer = ledger("mill", "1713", row(kinds[1], "10 MWh", MONTHS[0], unknown, partner="plant"))

    zone = ledgers.zone(
        seller.member("park910", {"mill": "mill"}),
        buyer.member("park910", {"plant": "plant"}),
        by="park910",
    )

    # What it sells as non-fossil it sells at 0; what is bought as unknown is bought as fossil.
    (transfer,) = zone.transfers
    assert (transfer.sold_co2e_g, transfer.bought_co2e_g) == (0, 10 * FOSSIL_G)
    assert transfer.residual_co2e_g == zone.residual_co2e_g


def test_the_gases_of_a_member_are_in_the_zone_by_their_potential() -> None:
    plant = supplier()

    zone = ledgers.zone(plant.member("ghgp"), by="ghgp")

    total = plant.inventory("ghgp").total
    assert zone.gwp_set == "gwp100-ar5"
    assert zone.net_co2e_g == total.under("gwp100-ar5") > total.co2_g


def test_the_name_of_a_zones_inventory_says_the_method() -> None:
    names = [builders.zone(by=by).name for by in ("gbt32150", "park910")]

    assert names == ["zones/home/inventories/2023", "zones/home/inventories/2023-park910"]
