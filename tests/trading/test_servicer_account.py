"""Accounts and rulebooks over the wire: who may see and do what."""

from __future__ import annotations

import grpc
import pytest

from tests.trading import requests
from tests.trading.stand import Stand, refusal
from zonecarbon.client import Client, reason, status
from zonecarbon.trading.v1 import trading_service_pb2
from zonecarbon.type.v1 import source_pb2


def test_an_account_is_created_once(stand: Stand, desk: Client) -> None:
    again = desk.trading.CreateAccount(requests.create_account())
    read = desk.trading.GetAccount(trading_service_pb2.GetAccountRequest(name="accounts/chp"))

    assert again == read
    assert (read.enterprise, read.first_compliance_year) == ("enterprises/chp", 2021)
    assert read.revision == 1
    assert stand.wait().accounting_revision == 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (requests.create_account(first_year=2022), ("ALREADY_EXISTS", "accounts/chp")),
        (requests.create_account("second", enterprise="chp"), ("ALREADY_EXISTS", "accounts/chp")),
        (
            requests.create_account("chp", enterprise="steel"),
            ("ALREADY_EXISTS", "accounts/chp"),
        ),
        (requests.create_account("nobody"), ("NOT_FOUND", "enterprises/nobody")),
        (requests.create_account("other"), ("NOT_FOUND", "enterprises/other")),
        (requests.create_account("Steel", enterprise="steel"), ("NAME_INVALID", "account_id")),
        (
            requests.create_account("steel", sector="STEEL", first_year=2023),
            ("FIELD_INVALID", "account.first_compliance_year"),
        ),
        (
            requests.create_account("steel", sector="UNSPECIFIED"),
            ("FIELD_INVALID", "account.sector"),
        ),
    ],
)
def test_what_cannot_be_an_account_is_refused(
    desk: Client,
    wanted: trading_service_pb2.CreateAccountRequest,
    expected: tuple[str, str],
) -> None:
    assert refusal(desk.trading.CreateAccount, wanted) == expected


def test_each_sees_the_accounts_of_his_enterprises(stand: Stand, desk: Client) -> None:
    desk.trading.CreateAccount(requests.create_account("steel", sector="STEEL", first_year=2024))
    administrator = stand.principal("ADMINISTRATOR")
    administrator.trading.CreateAccount(requests.create_account("other"))
    request = trading_service_pb2.ListAccountsRequest()

    def seen(client: Client) -> list[str]:
        return [each.name for each in client.trading.ListAccounts(request).accounts]

    assert seen(administrator) == ["accounts/chp", "accounts/other", "accounts/steel"]
    assert seen(stand.principal("SERVICE")) == seen(administrator)
    assert seen(desk) == ["accounts/chp", "accounts/steel"]
    assert seen(stand.principal("DESK", "zones/elsewhere")) == ["accounts/other"]
    for role in ("ENTERPRISE", "VERIFIER"):
        assert seen(stand.principal(role, "enterprises/steel")) == ["accounts/steel"]


def test_accounts_come_page_by_page(desk: Client) -> None:
    desk.trading.CreateAccount(requests.create_account("steel", sector="STEEL", first_year=2024))

    first = desk.trading.ListAccounts(trading_service_pb2.ListAccountsRequest(page_size=1))
    second = desk.trading.ListAccounts(
        trading_service_pb2.ListAccountsRequest(page_size=1, page_token=first.next_page_token)
    )

    names = [each.name for page in (first, second) for each in page.accounts]
    assert names == ["accounts/chp", "accounts/steel"]
    assert second.next_page_token == ""
    broken = trading_service_pb2.ListAccountsRequest(page_token="?")  # noqa: S106 (no secret)
    assert refusal(desk.trading.ListAccounts, broken)[0] == "PAGE_TOKEN_INVALID"


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("role", ["ENTERPRISE", "VERIFIER"])
def test_a_foreign_and_a_missing_account_look_alike(stand: Stand, role: str) -> None:
    stranger = stand.principal(role, "enterprises/steel").trading
    other_desk = stand.principal("DESK", "zones/elsewhere").trading

    def told(id_: str) -> list[tuple[str, str]]:
        name = f"accounts/{id_}"
        allocation = trading_service_pb2.GetAllocationRequest(account=name, compliance_year=2024)
        return [
            refusal(stranger.GetAccount, trading_service_pb2.GetAccountRequest(name=name)),
            refusal(stranger.ListHoldings, trading_service_pb2.ListHoldingsRequest(parent=name)),
            refusal(stranger.GetAllocation, allocation),
            refusal(stranger.GetPosition, requests.get_position(account=id_)),
            refusal(other_desk.RecordHoldings, requests.record_holdings(account=id_)),
            refusal(other_desk.AllocateAllowances, requests.allocate(account=id_)),
        ]

    assert told("chp") == [("NOT_FOUND", "accounts/chp")] * 6
    assert told("nil") == [("NOT_FOUND", "accounts/nil")] * 6


@pytest.mark.parametrize("role", ["ENTERPRISE", "VERIFIER"])
def test_an_enterprise_and_its_verifier_may_look_and_not_write(
    stand: Stand, desk: Client, role: str
) -> None:
    own = stand.principal(role, "enterprises/chp").trading

    assert own.GetPosition(requests.get_position()).enterprise == "enterprises/chp"
    told = [
        refusal(own.RecordHoldings, requests.record_holdings()),
        refusal(own.AllocateAllowances, requests.allocate()),
        refusal(own.CreateAccount, requests.create_account()),
        refusal(desk.trading.ImportPrices, requests.import_prices()),
    ]
    assert [reason for reason, _ in told] == ["PERMISSION_DENIED"] * 4


def test_rulebooks_are_listed_with_their_status_and_their_drafts(desk: Client) -> None:
    found = desk.trading.ListRulebooks(trading_service_pb2.ListRulebooksRequest()).rulebooks

    books = {each.name: each for each in found}
    statuses = {
        name: source_pb2.SourceStatus.Name(each.source.status) for name, each in books.items()
    }
    assert len(books) == len(found) == 17
    assert statuses["rulebooks/power-2020"] == "SOURCE_STATUS_OFFICIAL"
    assert statuses["rulebooks/power-2022"] == "SOURCE_STATUS_SECONDARY"
    assert statuses["rulebooks/power-2025"] == "SOURCE_STATUS_DRAFT"
    assert statuses["rulebooks/cement-2025"] == "SOURCE_STATUS_SECONDARY"
    of_2024 = books["rulebooks/power-2024"]
    rules = {each.rule_id: each for each in of_2024.rules}
    assert rules["gap_cap"].source.locator == "五（三）2"
    assert (of_2024.first_vintage_year, of_2024.last_vintage_year) == (2019, 2024)
    assert of_2024.benchmarks[1].power_t_per_mwh.value == "0.8049"
    assert of_2024.benchmarks[1].basis == "GROSS_GENERATION"
    assert of_2024.surrender_date == requests.day("2025-12-31")
    assert "1.015^(16 − 20·F) for classes I, II where F < 0.65, else 1" in of_2024.peak_factor
    assert "house rule" in of_2024.rounding
    assert of_2024.omitted_rules


def test_rulebooks_speak_the_language_of_their_reader(stand: Stand) -> None:
    chinese = stand.principal("DESK", "zones/home", language="zh").trading
    found = chinese.ListRulebooks(trading_service_pb2.ListRulebooksRequest()).rulebooks

    (of_2024,) = (each for each in found if each.name == "rulebooks/power-2024")
    assert of_2024.display_name == "2024年度发电行业配额分配"
    assert any("补发至80%" in each.text for each in of_2024.rules)


@pytest.mark.usefixtures("desk")
def test_an_error_speaks_chinese_to_who_reads_chinese(stand: Stand) -> None:
    chinese = stand.principal("DESK", "zones/home", language="zh").trading

    with pytest.raises(grpc.RpcError) as caught:
        chinese.AllocateAllowances(requests.allocate(requests.unit(unit_class="I")))

    assert reason(caught.value) == "FIELD_INVALID"
    found = status(caught.value)
    assert found is not None
    assert "额定功率为 135 MW 的机组可选 II" in found.message
