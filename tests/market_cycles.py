"""What the desk of the sample zone does in a cycle of the national market, each deed in a word."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from google.protobuf import json_format
from google.type import date_pb2, decimal_pb2, money_pb2

from tests.accounting import verifying
from tests.test_journey import Journey
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    activity_pb2,
    period_service_pb2,
    verification_service_pb2,
)
from zonecarbon.client import Client
from zonecarbon.trading.v1 import (
    allocation_pb2,
    compliance_service_pb2,
    desk_service_pb2,
    instruction_pb2,
    ledger_service_pb2,
    position_pb2,
    surrender_plan_pb2,
    trade_pb2,
    trading_service_pb2,
    transfer_pb2,
)
from zonecarbon.type.v1 import quantity_pb2, source_pb2

GUIDES: Final = {
    "aluminium": "ets-aluminium",
    "chp": "ets-power",
    "cement": "ets-cement",
    "steel": "ets-steel",
}
"""The sector's guide of each of the four."""
ENTERPRISES: Final = tuple(sorted(GUIDES))
YEARS: Final = (2024, 2025)
PRODUCTS: Final = {"cement": ("clinker-portland", "45000"), "aluminium": ("aluminium", "3750")}
"""What makes process emissions, and tonnes of it a month; the sample leaves them out."""
FACILITIES: Final = {"steel": "site", "cement": "kiln", "aluminium": "potline"}
LAST_DAYS: Final = {2023: date(2024, 12, 31), 2024: date(2025, 12, 31), 2025: date(2026, 12, 31)}
"""The last day of surrender for a year: 国环规气候〔2024〕1号 and 环办气候函〔2026〕32号."""
_DAYS = timedelta(days=1)
_BALANCE = allocation_pb2.BalanceValue(
    value=decimal_pb2.Decimal(value="1.05"),
    source=source_pb2.Source(
        title="balance value, made up for this test", status=source_pb2.SOURCE_STATUS_UNVERIFIED
    ),
)


def day(of: date) -> date_pb2.Date:
    return date_pb2.Date(year=of.year, month=of.month, day=of.day)


def tonnes(count: int) -> quantity_pb2.Quantity:
    return quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=str(count)), unit_code="tCO2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Two persons of the desk, and whoever else has a part in a cycle."""

    journey: Journey
    maker: Client
    checker: Client
    _numbers: list[int] = field(default_factory=list)

    def report_products(self) -> None:
        """Report what the sample leaves out, both years, month by month."""
        for enterprise, (subject, amount) in PRODUCTS.items():
            parent = f"enterprises/{enterprise}"
            records = [
                _output(subject, amount, year, month) for year in YEARS for month in range(1, 13)
            ]
            self._report(parent, records)

    def report_again(self) -> None:
        """Report the sample's 2024 once more, a year later."""
        for request in self._sample_reports():
            for each in request.records:
                each.period.start_date.year += 1
                each.period.end_date.year += 1
            self._report(request.parent, request.records)

    def correct_coke(self) -> None:
        """Send a record of the steel works' coke again with a hundred tonnes more."""
        client = self.journey.loader.client_of("enterprises/steel")
        found = client.accounting.ListActivityRecords(
            accounting_service_pb2.ListActivityRecordsRequest(
                parent="enterprises/steel", page_size=1000
            )
        )
        first = next(
            each
            for each in found.activity_records
            if each.subject == "coke" and each.period.start_date.year == YEARS[0]
        )
        again = activity_pb2.ActivityRecord(
            source_id=first.source_id,
            kind=first.kind,
            subject=first.subject,
            quantity=first.quantity,
            period=first.period,
            facility=first.facility,
            evidence="weighed again",
            corrects=first.name,
        )
        again.quantity.value.value = str(Decimal(first.quantity.value.value) + 100)
        self._report("enterprises/steel", [again])

    def verify(self, enterprise: str, year: int, verified_t: int | None = None) -> None:
        """Hand a year in and have it verified, as it stands or to another figure of the guide."""
        name = f"enterprises/{enterprise}/periods/{year}"
        self.maker.periods.SubmitPeriod(period_service_pb2.SubmitPeriodRequest(name=name))
        verifier = self.journey.running.principal("VERIFIER", f"enterprises/{enterprise}")
        opened = verifier.verifications.OpenVerification(
            verification_service_pb2.OpenVerificationRequest(
                parent=name, verification_id="first", request_id=verifying.new_id()
            )
        )
        if verified_t is not None:
            inventory = f"enterprises/{enterprise}/inventories/{year}-{GUIDES[enterprise]}"
            verifier.verifications.RecordVerifiedFigures(
                verifying.figures(
                    opened.name,
                    verifying.figure(
                        enterprise, f"{verified_t} tCO2e", "reported.total_t", inventory=inventory
                    ),
                )
            )
        what = "CONFORMING" if verified_t is None else "CONFORMING_WITH_CORRECTIONS"
        verifier.verifications.ConcludeVerification(verifying.conclusion(opened.name, what))

    def position(self, account: str, year: int, on: date) -> position_pb2.Position:
        """Return where an account stands for a year on a day."""
        return self.maker.trading.GetPosition(
            trading_service_pb2.GetPositionRequest(
                name=f"accounts/{account}/positions/{year}", valuation_date=day(on)
            )
        )

    def plan(self, account: str, year: int, on: date) -> surrender_plan_pb2.SurrenderPlan:
        """Return what to surrender for a year, as things stand on a day."""
        return self.maker.compliance.PlanSurrender(
            compliance_service_pb2.PlanSurrenderRequest(
                account=f"accounts/{account}", compliance_year=year, date=day(on)
            )
        )

    def move(self, account: str, on: date, *moves: tuple[str, int, str]) -> None:
        """Have transfers posted together by two persons: kind, units, instrument."""
        number = len(self._numbers)
        self._numbers.append(number)
        transfers = [
            ledger_service_pb2.PostTransferRequest(
                parent=f"accounts/{account}",
                transfer_id=f"c-{number}-{at}",
                transfer=transfer_pb2.Transfer(
                    phase=transfer_pb2.TRANSFER_PHASE_POSTED,
                    kind=transfer_pb2.TransferKind.Value(f"TRANSFER_KIND_{kind}"),
                    instrument=f"instruments/{instrument}",
                    unit_count=count,
                    trade_date=day(on),
                    evidence=f"note {number} of {on}",
                ),
            )
            for at, (kind, count, instrument) in enumerate(moves)
        ]
        self.instruct(account, instruction_pb2.Instruction(transfers=transfers))

    def instruct(
        self, account: str, wanted: instruction_pb2.Instruction
    ) -> instruction_pb2.Instruction:
        """Write, submit and approve an instruction; return it executed."""
        wanted.purpose = wanted.purpose or "compliance"
        wanted.expire_time.FromDatetime(datetime.now(UTC) + _DAYS)
        made = self.maker.desk.CreateInstruction(
            desk_service_pb2.CreateInstructionRequest(
                parent=f"accounts/{account}",
                instruction_id=f"i-{uuid.uuid4().hex[:12]}",
                instruction=wanted,
            )
        )
        made = self.maker.desk.SubmitInstruction(
            desk_service_pb2.SubmitInstructionRequest(name=made.name, etag=made.etag)
        )
        return self.checker.desk.ApproveInstruction(
            desk_service_pb2.ApproveInstructionRequest(name=made.name, etag=made.etag)
        )

    def allocate(self, year: int) -> None:
        """Allocate to all four by the rulebook of a year, from verified emissions."""
        for each in self.journey.loader.sample["allocations"]:
            request = json_format.ParseDict(each, trading_service_pb2.AllocateAllowancesRequest())
            if request.compliance_year == YEARS[0]:
                request.compliance_year, request.request_id = year, str(uuid.uuid4())
                owed = self.position("chp", year, LAST_DAYS[year]).obligation_count
                for unit, count in zip(request.units, (owed - owed // 4, owed // 4), strict=True):
                    unit.verified_emissions.CopyFrom(tonnes(count))
                self.maker.trading.AllocateAllowances(request)
        for enterprise, facility in FACILITIES.items():
            owed = self.position(enterprise, year, LAST_DAYS[year]).obligation_count
            self.maker.trading.AllocateAllowances(
                trading_service_pb2.AllocateAllowancesRequest(
                    account=f"accounts/{enterprise}",
                    compliance_year=year,
                    processes=[_process(enterprise, facility, year, owed)],
                    balance_value=_BALANCE if year > YEARS[0] else None,
                    request_id=str(uuid.uuid4()),
                )
            )

    def issue(self, account: str, year: int, on: date) -> None:
        """Have what is still to be issued to an account issued."""
        count = self.position(account, year, on).to_be_issued_count
        if count:
            self.move(account, on, ("ALLOCATION", count, f"cea-{year}"))

    def buy_listed(self, account: str, count: int, price: str) -> instruction_pb2.Instruction:
        """Record a listed purchase of 2026-07-21, 10:00 of China, without charge."""
        trade = trade_pb2.Trade(
            mode=trade_pb2.TRADE_MODE_LISTED,
            side=trade_pb2.TRADE_SIDE_BUY,
            instrument="instruments/cea-2025",
            unit_count=count,
            price_cny_per_t=decimal_pb2.Decimal(value=price),
            cash_instrument="instruments/cny",
            charge=money_pb2.Money(currency_code="CNY"),
            evidence="exchange note of 2026-07-21",
        )
        trade.trade_time.FromJsonString("2026-07-21T10:00:00+08:00")
        return self.instruct(account, instruction_pb2.Instruction(trade=trade))

    def surrender(self, account: str, year: int, on: date) -> surrender_plan_pb2.SurrenderPlan:
        """Do what the plan of the day says; return the plan that is left."""
        for line in self.plan(account, year, on).lines:
            kind = "OFFSET_CANCELLATION" if line.offset else "SURRENDER"
            self.move(
                account, on, (kind, line.unit_count, line.instrument.removeprefix("instruments/"))
            )
        return self.plan(account, year, on)

    def _sample_reports(self) -> Iterator[accounting_service_pb2.ReportActivityRequest]:
        """Yield what the four reported of 2024."""
        for section in ("reports", "late_reports"):
            for each in self.journey.loader.sample[section]:
                request = json_format.ParseDict(
                    each["request"], accounting_service_pb2.ReportActivityRequest()
                )
                records = [of for of in request.records if of.period.start_date.year == YEARS[0]]
                if records and request.parent.removeprefix("enterprises/") in ENTERPRISES:
                    yield accounting_service_pb2.ReportActivityRequest(
                        parent=request.parent, records=records
                    )

    def _report(self, parent: str, records: Sequence[activity_pb2.ActivityRecord]) -> None:
        answer = self.journey.loader.client_of(parent).accounting.ReportActivity(
            accounting_service_pb2.ReportActivityRequest(
                parent=parent, records=records, request_id=str(uuid.uuid4())
            )
        )
        assert not answer.refused_count, answer.results


def _output(subject: str, amount: str, year: int, month: int) -> activity_pb2.ActivityRecord:
    following = date(year + month // 12, month % 12 + 1, 1)
    record = activity_pb2.ActivityRecord(
        source_id="product",
        kind=activity_pb2.ACTIVITY_KIND_PRODUCT_OUTPUT,
        subject=subject,
        quantity=quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=amount), unit_code="t"),
        evidence="production report",
    )
    record.period.start_date.CopyFrom(day(date(year, month, 1)))
    record.period.end_date.CopyFrom(day(following))
    return record


def _process(
    enterprise: str, facility: str, year: int, owed: int
) -> allocation_pb2.ProcessProduction:
    """Return what an industry is allocated by: from 2025 on with an intensity of 1 t/t."""
    process = allocation_pb2.ProcessProduction(
        facility=f"enterprises/{enterprise}/facilities/{facility}",
        verified_emissions=tonnes(owed),
        evidence="verified report",
    )
    if year > YEARS[0]:
        process.intensity_emissions.CopyFrom(tonnes(owed))
        process.product.CopyFrom(
            quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=str(owed)), unit_code="t")
        )
    return process
