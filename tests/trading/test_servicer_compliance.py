"""Surrender, carry-over, exposure and duties over the wire, beside a real registry."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from google.type import date_pb2

from services.runtime import revision
from services.runtime.database import Database
from services.trading import files, store
from services.trading.jobs import Anew
from tests.trading import builders, requests
from tests.trading.stand import ROOT, Stand, refusal
from zonecarbon.cli.__main__ import main
from zonecarbon.client import Client
from zonecarbon.trading.v1 import (
    compliance_service_pb2 as pb,
)
from zonecarbon.trading.v1 import (
    duty_pb2,
    offset_pb2,
    position_pb2,
)
from zonecarbon.type.v1 import source_pb2


def holding(stand: Stand, desk: Client) -> None:
    """90,000 of 2024, bought and sold since, and reductions of a project."""
    stand.mandate(desk)
    for id_, vintage in (("cea-2024", 2024), ("cea-2025", 2025)):
        desk.ledger.CreateInstrument(requests.create_instrument(id_, vintage=vintage))
    desk.ledger.CreateInstrument(
        requests.create_instrument("ccer-1-2023", kind="OFFSET", vintage=2023, project="CCER-1")
    )
    for id_, what, on in (
        ("a-1", "ALLOCATION 90000 cea-2024", "2025-08-20"),
        ("p-1", "PURCHASE 20000 cea-2024", "2025-10-10"),
        ("s-1", "SALE 5000 cea-2024", "2025-10-11"),
        ("o-1", "PURCHASE 20000 ccer-1-2023", "2025-10-12"),
    ):
        desk.ledger.PostTransfer(requests.transfer(id_, what, on=on))


def owe(stand: Stand, tonnes: int = 100_000) -> None:
    stand.accounting.report(tonnes * 1_000_000, method="ets-power", reported_t=str(tonnes))
    stand.accounting.verify()
    stand.wait()


def plan(year: int = 2024, on: str = "2025-12-01") -> pb.PlanSurrenderRequest:
    return pb.PlanSurrenderRequest(
        account="accounts/chp", compliance_year=year, date=requests.day(on)
    )


def registration(day: str = "2025-03-01") -> pb.RecordOffsetRegistrationRequest:
    return pb.RecordOffsetRegistrationRequest(
        parent="accounts/chp",
        offset_registration=offset_pb2.OffsetRegistration(
            instrument="instruments/ccer-1-2023",
            registration_date=requests.day(day),
            evidence="registry of reductions",
        ),
    )


def test_the_plan_takes_offsets_that_are_registered_and_the_oldest_vintages(
    stand: Stand, desk: Client
) -> None:
    holding(stand, desk)
    owe(stand)

    bare = desk.compliance.PlanSurrender(plan())
    first = desk.compliance.RecordOffsetRegistration(registration())
    again = desk.compliance.RecordOffsetRegistration(registration())
    found = desk.compliance.PlanSurrender(plan())

    assert first == again
    assert bare.obligation.basis == position_pb2.OBLIGATION_BASIS_VERIFIED
    assert (bare.offset_count, bare.lacking_count) == (0, 0)
    assert "record the registration" in bare.unusable[0].reason
    assert [(each.instrument, each.unit_count) for each in found.lines] == [
        ("instruments/ccer-1-2023", 5_000),
        ("instruments/cea-2024", 95_000),
    ]
    assert (found.offset_limit_count, found.to_surrender_count) == (5_000, 100_000)
    (listed,) = desk.compliance.ListOffsetRegistrations(
        pb.ListOffsetRegistrationsRequest(parent="accounts/chp")
    ).offset_registrations
    assert listed == first


def test_g17_what_was_cancelled_for_the_market_is_there_for_nothing_else(
    stand: Stand, desk: Client
) -> None:
    holding(stand, desk)
    owe(stand)
    cancel = requests.transfer("c-1", "OFFSET_CANCELLATION 20000 ccer-1-2023", on="2025-12-01")
    desk.ledger.PostTransfer(cancel)
    event = requests.transfer("c-2", "OFFSET_CANCELLATION 5000 ccer-1-2023", on="2025-12-02")

    assert refusal(desk.ledger.PostTransfer, event)[0] == "BALANCE_INSUFFICIENT"


def test_who_surrendered_in_time_may_carry_over_and_has_done_its_duty(
    stand: Stand, desk: Client
) -> None:
    holding(stand, desk)
    owe(stand)
    request = pb.GetCarryOverRequest(
        account="accounts/chp", target_vintage_year=2025, date=requests.day("2026-03-01")
    )
    before = desk.compliance.GetCarryOver(request)
    desk.ledger.PostTransfer(requests.transfer("u-1", "SURRENDER 100000 cea-2024", on="2025-12-31"))
    found = desk.compliance.GetCarryOver(request)

    assert "2023, 2024" in before.refusal, "2023 has no obligation that is known"
    assert (found.sold_count, found.bought_count, found.net_sold_count) == (5_000, 20_000, -15_000)
    assert (found.cap_count, found.holding_count) == (10_000, 5_000)
    assert "2023" in found.refusal
    industry = pb.GetCarryOverRequest(
        account="accounts/chp", target_vintage_year=2026, date=requests.day("2026-03-01")
    )
    assert refusal(desk.compliance.GetCarryOver, industry)[0] == "CARRY_OVER_MISSING"
    duties = desk.compliance.ListDuties(
        pb.ListDutiesRequest(parent="accounts/-", compliance_year=2024)
    ).duties
    (surrender,) = (each for each in duties if each.duty_id == "surrender-2024")
    assert surrender.state == duty_pb2.DUTY_STATE_DONE
    assert "100000 t delivered" in surrender.evidence


def test_what_lacks_costs_by_the_rule_of_the_day_of_the_breach(stand: Stand, desk: Client) -> None:
    owe(stand)
    stand.principal("ADMINISTRATOR").trading.ImportPrices(
        requests.import_prices(
            requests.price(
                "85.20", product="CEA", kind="VWAP", start="2025-11-01", end="2025-12-01"
            )
        )
    )
    request = pb.GetExposureRequest(
        account="accounts/chp", compliance_year=2024, date=requests.day("2026-01-01")
    )
    whole = desk.compliance.GetExposure(request)
    request.missing_count = 10_000
    found = desk.compliance.GetExposure(request)

    assert (whole.missing_count, found.missing_count) == (100_000, 10_000)
    assert found.penalty_id == "regulations-24"
    assert (found.steps[0].least.units, found.steps[0].most.units) == (4_260_000, 8_520_000)
    assert found.price.product == "CEA"
    assert "month before" in found.price_reading
    later = pb.GetExposureRequest(
        account="accounts/chp",
        compliance_year=2025,
        date=requests.day("2027-01-01"),
        missing_count=10_000,
    )
    coming = desk.compliance.GetExposure(later)
    assert (coming.penalty_id, coming.cuts_allocation) == ("code-1226", False)
    assert [each.HasField("most") for each in coming.steps] == [True, False]
    assert coming.missing


def test_where_the_province_surrenders_the_rest_is_released_or_what_lacks_is_to_be_added(
    stand: Stand,
    desk: Client,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Draft, 附2 表2-5 注9: companies A and B, with an obligation of 1,000,000 t."""
    request = pb.GetDifferentiatedIssueRequest(account="accounts/chp", compliance_year=2024)
    bare = desk.compliance.GetDifferentiatedIssue(request)
    owe(stand, 1_000_000)
    request.issued_count = 1_200_000
    surplus = desk.compliance.GetDifferentiatedIssue(request)
    request.issued_count = 800_000
    short = desk.compliance.GetDifferentiatedIssue(request)

    assert [each.split(":")[0] for each in bare.missing] == ["issue missing", "obligation missing"]
    assert (surplus.surrendered_count, surplus.released_count) == (1_000_000, 200_000)
    assert (short.surrendered_count, short.lacking_count) == (800_000, 200_000)
    assert short.issued_assumed
    assert not short.obligation_assumed
    assert short.obligation_basis == position_pb2.OBLIGATION_BASIS_VERIFIED
    assert short.source.status == source_pb2.SOURCE_STATUS_OFFICIAL
    assert short.status == source_pb2.SOURCE_STATUS_DRAFT, "its steps are the draft's"

    unit = requests.unit(electricity="100000 MWh")
    unit.verified_emissions.CopyFrom(requests.quantity("1000000 tCO2"))
    issue = desk.trading.AllocateAllowances(requests.allocate(unit)).issue
    request.ClearField("issued_count")
    found = desk.compliance.GetDifferentiatedIssue(request)
    assert found.issued_count == issue.pre_issued_count + issue.final_issued_count == 800_000
    assert found.allocation == "accounts/chp/allocations/2024"
    assert (found.surrendered_count, found.lacking_count) == (800_000, 200_000)
    monkeypatch.setenv("ZONECARBON_CLI_KEY", ROOT)
    monkeypatch.setenv("ZONECARBON_CLI_TRADING", stand.addresses.trading)
    asked = ["compliance", "differentiated", "accounts/chp", "2024", "--issued", "1200000"]
    monkeypatch.setattr(sys, "argv", ["zonecarbon", *asked])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "200000" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["zonecarbon", *asked[:-1], "-5"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code
    assert "issued_count" in capsys.readouterr().err
    request.compliance_year = 2022
    assert refusal(desk.compliance.GetDifferentiatedIssue, request) == (
        "FIELD_INVALID",
        "compliance_year",
    )


def test_duties_are_late_from_the_second_after_the_deadline_until_they_are_recorded(
    desk: Client,
) -> None:
    def state(moment: str) -> tuple[int, int]:
        request = pb.ListDutiesRequest(parent="accounts/chp", compliance_year=2025)
        request.time.FromJsonString(moment)
        (found,) = (
            each
            for each in desk.compliance.ListDuties(request).duties
            if each.duty_id == "report-2025"
        )
        return found.state, found.left_day_count

    assert state("2026-03-30T12:00:00+08:00") == (duty_pb2.DUTY_STATE_OPEN, 1)
    assert state("2026-03-31T23:59:59+08:00") == (duty_pb2.DUTY_STATE_OPEN, 0)
    assert state("2026-04-01T00:00:00+08:00") == (duty_pb2.DUTY_STATE_LATE, -1)
    record = pb.RecordDutyRequest(
        parent="accounts/chp", duty_id="report-2025", evidence="receipt of the platform"
    )
    record.done_time.FromJsonString("2026-03-31T23:59:59+08:00")
    desk.compliance.RecordDuty(record)
    assert state("2026-04-01T00:00:00+08:00")[0] == duty_pb2.DUTY_STATE_DONE
    record.done_time.FromJsonString("2026-04-01T00:00:00+08:00")
    desk.compliance.RecordDuty(record)
    assert state("2026-05-01T00:00:00+08:00")[0] == duty_pb2.DUTY_STATE_DONE_LATE
    record.duty_id = "report-2031"
    assert refusal(desk.compliance.RecordDuty, record) == ("DUTY_UNKNOWN", "duty_id")


def test_trading_days_and_reductions_are_told_to_anybody(desk: Client) -> None:
    found = desk.compliance.ListTradingDays(
        pb.ListTradingDaysRequest(
            start_date=requests.day("2026-09-28"), end_date=requests.day("2026-10-10")
        )
    )
    assert [each.day for each in found.trading_days] == [28, 29, 30, 8, 9]
    assert len(found.closings) == 5
    unknown = pb.ListTradingDaysRequest(
        start_date=requests.day("2027-01-01"), end_date=requests.day("2027-02-01")
    )
    assert refusal(desk.compliance.ListTradingDays, unknown)[0] == "TRADING_DAYS_UNKNOWN"
    assessed = desk.compliance.AssessReductions(
        pb.AssessReductionsRequest(
            construction_date=requests.day("2013-05-01"),
            application_date=requests.day("2026-10-01"),
            start_date=requests.day("2020-06-01"),
            end_date=requests.day("2022-12-31"),
        )
    )
    assert assessed.start_date == date_pb2.Date(year=2021, month=10, day=1)


def test_a_verified_position_says_all_that_it_rests_on(stand: Stand, desk: Client) -> None:
    owe(stand, 80_600)
    unit = requests.unit()
    unit.verified_emissions.CopyFrom(requests.quantity("80600 tCO2"))
    desk.trading.AllocateAllowances(requests.allocate(unit))

    found = desk.trading.GetPosition(requests.get_position(on="2025-12-01"))

    assert found.state == position_pb2.POSITION_STATE_VERIFIED
    assert (found.initial_count, found.approved_count) == (80_490, 80_490)
    assert found.obligation.basis == position_pb2.OBLIGATION_BASIS_VERIFIED
    assert found.next_duty.duty_id == "surrender-2024"
    assert found.next_duty.left_day_count == 30
    assert any("verified by" in note for note in found.notes)
    stand.accounting.report(80_700_000_000, method="ets-power", reported_t="80700")
    stand.wait()
    restated = desk.trading.GetPosition(requests.get_position(on="2025-12-01"))
    assert restated.state == position_pb2.POSITION_STATE_ESTIMATE
    assert restated.obligation_count == 80_700
    assert any("80600 t (verified" in note for note in restated.notes)
    assert any("approved from verified emissions of 80600 t" in note for note in restated.notes)


@pytest.fixture
def final(tmp_path: Path) -> Path:
    """A folder with the final text of 2025, as it might come: another benchmark, no draft."""
    folder = tmp_path / "rulebooks"
    folder.mkdir()
    text = (files.FOLDER / "power-2025.toml").read_text(encoding="utf-8")
    text = text.replace("version = 1", "version = 2", 1).replace("0.8017", "0.8000")
    text = re.sub(r'status = "draft"', 'status = "official"', text)
    text = text.replace("official text read (draft text)", "official text read")
    (folder / "power-2025-v2.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_new_version_derives_allocations_anew_and_says_what_changed(
    database: Database, final: Path
) -> None:
    account = builders.account()
    with database.write() as connection:
        taken = revision.take(connection)
        store.accounts.add(connection, account, taken)
        draft = builders.allocation(builders.production(heat="0 GJ"), year=2025)
        store.allocations.add(connection, draft, None, taken)

    anew = Anew(database, files.shelf(final))
    anew.derive()
    anew.derive()

    with database.read() as connection:
        found = store.allocations.newest(connection, account, 2025)
    assert found is not None
    assert (found.version, found.value.rulebook_version) == (2, 2)
    assert (draft.allowance_count, found.value.allowance_count) == (80_170, 80_000)
    assert (draft.status.value, found.value.status.value) == ("draft", "official")


def test_a_version_that_is_not_there_is_refused_with_those_that_are(desk: Client) -> None:
    same = desk.compliance.CompareRulebookVersions(
        pb.CompareRulebookVersionsRequest(name="rulebooks/power-2025", before_version=1)
    )
    assert (len(same.changed_rules), len(same.comparisons)) == (0, 0)
    missing = pb.CompareRulebookVersionsRequest(name="rulebooks/power-2025", before_version=7)
    assert refusal(desk.compliance.CompareRulebookVersions, missing)[0] == (
        "RULEBOOK_VERSION_MISSING"
    )


def test_a_rulebook_twice_in_the_same_version_is_a_defect(tmp_path: Path) -> None:
    shutil.copy(files.FOLDER / "power-2025.toml", tmp_path / "power-2025.toml")

    with pytest.raises(AssertionError, match="version 1 is there already"):
        files.shelf(tmp_path)
