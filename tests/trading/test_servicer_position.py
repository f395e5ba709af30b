"""Positions over the wire, beside a real registry, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

from tests.trading import requests
from tests.trading.stand import ROOT, Stand, refusal
from zonecarbon.client import Client
from zonecarbon.trading.v1 import position_pb2, transfer_pb2
from zonecarbon.type.v1 import source_pb2

ALLOCATED = 80_490


def test_the_position_of_a_year(stand: Stand, desk: Client) -> None:
    stand.mandate(desk)
    stand.accounting.report(90_000_400_000)
    stand.wait()
    stand.principal("ADMINISTRATOR").trading.ImportPrices(requests.import_prices())
    desk.trading.AllocateAllowances(requests.allocate())
    desk.ledger.CreateInstrument(requests.create_instrument())
    for id_, what, on in (
        ("a-1", "ALLOCATION 50000 cea-2024", "2025-04-25"),
        ("p-1", "PURCHASE 10 cea-2024", "2025-10-31"),
    ):
        desk.ledger.PostTransfer(requests.transfer(id_, what, on=on))

    found = desk.trading.GetPosition(requests.get_position())

    assert found.state == position_pb2.POSITION_STATE_ESTIMATE
    assert (found.allocated_count, found.issued_count, found.to_be_issued_count) == (
        ALLOCATED,
        50_000,
        30_490,
    )
    assert (found.held_count, found.obligation_count, found.gap_count) == (50_010, 90_000, -9_500)
    assert found.gap_value.currency_code == "CNY"
    assert (found.gap_value.units, found.gap_value.nanos) == (-725_705, 0)
    assert (found.price.product, found.price.price_cny_per_t.value) == ("CEA24", "76.39")
    assert found.status == source_pb2.SOURCE_STATUS_SECONDARY
    assert found.surrender_date == requests.day("2025-12-31")
    assert found.obligation.known
    assert found.obligation.basis == position_pb2.OBLIGATION_BASIS_ESTIMATE
    assert found.obligation.inventory == "enterprises/chp/inventories/2024"
    assert desk.trading.ListPositions(requests.list_positions()).positions == [found]


def test_a_position_without_price_has_no_value(stand: Stand, desk: Client) -> None:
    stand.accounting.report(90_000_000_000)
    stand.wait()
    desk.trading.AllocateAllowances(requests.allocate())

    found = desk.trading.GetPosition(requests.get_position())

    assert found.gap_count == ALLOCATED - 90_000
    assert not found.HasField("gap_value")
    assert not found.HasField("price")
    assert found.status == source_pb2.SOURCE_STATUS_OFFICIAL


def test_works_with_process_emissions_are_incomplete_without_tonnes(
    stand: Stand, desk: Client
) -> None:
    stand.accounting.report(5_000_000_000, enterprise="steel", missing="process emissions missing")
    desk.trading.CreateAccount(requests.create_account("steel", sector="STEEL", first_year=2024))
    stand.wait()

    works, plant = (
        desk.trading.GetPosition(requests.get_position(account=name)) for name in ("steel", "chp")
    )

    assert works.state == plant.state == position_pb2.POSITION_STATE_INCOMPLETE
    assert works.missing[0] == "process emissions missing"
    assert works.missing_zh[0] == "缺少 process emissions missing"
    assert "emissions missing" in plant.missing[0]
    assert (works.obligation_count, works.gap_count) == (0, 0)
    assert not works.obligation.known
    assert works.status == source_pb2.SOURCE_STATUS_UNSPECIFIED


def test_positions_of_a_zone_are_those_of_its_members(stand: Stand, desk: Client) -> None:
    stand.client(ROOT).trading.CreateAccount(requests.create_account("other"))

    def listed(client: Client, zone: str = "") -> list[str]:
        request = requests.list_positions(zone=zone)
        return [each.name for each in client.trading.ListPositions(request).positions]

    plant, other = (f"accounts/{id_}/positions/2024" for id_ in ("chp", "other"))
    everyone = stand.client(ROOT)
    assert listed(everyone) == [plant, other]
    assert listed(everyone, "zones/home") == [plant]
    assert listed(everyone, "zones/elsewhere") == [other]
    assert listed(desk, "zones/home") == listed(desk) == [plant]
    firm = stand.principal("ENTERPRISE", "enterprises/chp")
    for client, zone, reason in (
        (desk, "home", "NAME_INVALID"),
        (desk, "zones/elsewhere", "NOT_FOUND"),
        (desk, "zones/nowhere", "NOT_FOUND"),
        (firm, "zones/home", "PERMISSION_DENIED"),
    ):
        request = requests.list_positions(zone=zone)
        assert refusal(client.trading.ListPositions, request)[0] == reason


def test_a_position_before_the_first_year_is_not_there(desk: Client) -> None:
    assert refusal(desk.trading.GetPosition, requests.get_position(2020)) == (
        "NOT_FOUND",
        "accounts/chp/positions/2020",
    )
    assert not desk.trading.ListPositions(requests.list_positions(2020)).positions
    impossible = requests.get_position()
    impossible.valuation_date.month = 13
    assert refusal(desk.trading.GetPosition, impossible) == (
        "FIELD_INVALID",
        "valuation_date",
    )


def test_a_position_is_told_as_of_each_of_three_dates(stand: Stand, desk: Client) -> None:
    stand.mandate(desk)
    desk.ledger.CreateInstrument(requests.create_instrument())
    first = desk.ledger.PostTransfer(
        requests.transfer("a-1", "ALLOCATION 100 cea-2024", on="2025-08-25")
    )
    desk.ledger.PostTransfer(
        requests.transfer("s-1", "SALE 30 cea-2024", on="2025-10-30", settled="2025-11-03")
    )

    def held(on: str = "2025-12-31", **as_of: Any) -> int:
        request = requests.get_position(on=on)
        request.as_of.CopyFrom(transfer_pb2.LedgerAsOf(**as_of))
        return desk.trading.GetPosition(request).held_count

    assert held() == 70
    assert held("2025-11-02") == 100, "settled later"
    assert held("2025-11-02", trade_date=requests.day("2025-11-02")) == 70, "agreed before"
    assert held(settlement_date=requests.day("2025-11-02")) == 100
    assert held(record_time=first.record_time) == 100, "known later"
    assert held("2027-01-01", trade_date=requests.day("2027-01-01")) == 70
