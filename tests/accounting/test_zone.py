"""A zone added up, and what its members pass to each other taken out."""

from __future__ import annotations

from services.accounting.domain.activity import Kind
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import FindingKind, State
from services.accounting.domain.line import Line
from services.accounting.domain.transfer import Member
from tests.accounting import builders

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

    assert zone.direct_co2_g == 12 * 207_150_926
    assert zone.imported_co2_g == 12 * 20 * MWH_G
    assert zone.exported_co2_g == 12 * 5 * MWH_G
    assert zone.double_count_co2_g == zone.internal_sold_co2_g == 12 * 10 * MWH_G
    assert zone.net_co2_g == zone.direct_co2_g + 12 * 15 * MWH_G
    assert zone.naive_co2_g == zone.net_co2_g + zone.double_count_co2_g + zone.exported_co2_g
    assert zone.members_total_co2_g == zone.net_co2_g
    assert zone.residual_co2_g == 0
    assert zone.findings == ()
    assert zone.state is State.COMPLETE


def test_a_meter_that_reads_less_makes_a_residual_and_a_finding() -> None:
    zone = builders.zone(plant(), mill(bought="9.97 MWh"))
    (transfer,) = zone.transfers
    (finding,) = zone.findings

    assert transfer.residual_co2_g == zone.residual_co2_g == 12 * (6_431_647 - 6_451_000)
    assert zone.members_total_co2_g == zone.net_co2_g + zone.residual_co2_g
    assert finding.kind is FindingKind.TRANSFER_DIFFERS
    assert "the seller reports 120 MWh, the buyer 119.64 MWh" in finding.text.en
    assert "供方填报 120 MWh，需方填报 119.64 MWh" in finding.text.zh
    assert zone.state is State.COMPLETE


def test_the_same_energy_in_other_units_does_not_differ() -> None:
    assert builders.zone(plant(), mill(bought="10000 kWh")).findings == ()


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
    assert zone.imported_co2_g == 12 * 30 * MWH_G


def test_a_member_that_reports_nothing_is_incomplete_and_in_no_total() -> None:
    zone = builders.zone(mill(), builders.member("silent"))

    assert zone.state is State.INCOMPLETE
    assert [(each.kind, each.subject) for each in zone.findings] == [
        (FindingKind.NOTHING_REPORTED, "enterprises/silent")
    ]
    assert [member.total_co2_g for member in zone.members] == [12 * 30 * MWH_G, 0]


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
    assert (zone.net_co2_g, zone.status, zone.label) == (0, None, None)
