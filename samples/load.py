"""Loads the sample zone through the public API, each message in the name of who would send it.

Everything it sends can be sent again: ids are fixed, so a second load changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from samples import zone
from samples.desk import allow, instruct
from zonecarbon.accounting.v1 import accounting_service_pb2, statistic_service_pb2
from zonecarbon.cli import library, prices, statistics
from zonecarbon.client import Client, reason
from zonecarbon.registry.v1 import (
    custom_factor_pb2,
    custom_factor_service_pb2,
    registry_service_pb2,
)
from zonecarbon.trading.v1 import ledger_service_pb2, trading_service_pb2

DATA = Path(__file__).parents[1] / "services"
LIBRARY = DATA / "registry" / "data"
PRICES = DATA / "trading" / "rulebooks" / "prices.csv"
STATISTICS = Path(__file__).with_name("statistics.csv")
ZONE = "zones/sample-zone"

Report = accounting_service_pb2.ReportActivityRequest
Request = TypeVar("Request", bound=Message)
ClientOf = Callable[[str], Client]
"""Returns the client of an enterprise's own principal, by the enterprise's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that the services refused, as its sender sees it."""

    enterprise: str
    row_number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A report of one month that came after everybody's, and the revision that holds it."""

    enterprise: str
    accounting_year: int
    month: int
    row_count: int
    revision: int


@dataclass(slots=True, kw_only=True)
class Loaded:
    """What became of the load."""

    row_count: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)


Step = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loader:
    """Sends the sample zone: the library and prices as administrator, the rest as desk or firm."""

    administrator: Client
    second: Client
    """Another administrator, who decides on what the first proposes."""
    desk: Client
    checker: Client
    """Another person of the desk, who approves what the desk writes."""
    client_of: ClientOf
    loaded: Loaded = field(default_factory=Loaded)
    sample: Mapping[str, Any] = field(default_factory=zone.load)

    def zones(self) -> None:
        """Create the zone; the desk's and the firms' keys need it."""
        for request in self._requests("zones", registry_service_pb2.CreateZoneRequest):
            self.administrator.registry.CreateZone(request)

    def enterprises(self) -> None:
        """Create the enterprises."""
        for request in self._requests("enterprises", registry_service_pb2.CreateEnterpriseRequest):
            self.desk.registry.CreateEnterprise(request)

    def steps(self) -> list[tuple[str, Step]]:
        """Return the steps that remain, each with what it does; to be taken in this order."""
        return [
            *(("factor library", step) for step in self._library()),
            ("prices", self._prices),
            ("facilities, meters, counterparties", self._sites),
            ("measured factors", self._custom_factors),
            *(
                (f"report of {request.parent}", partial(self._report, request))
                for request in self._reports("reports")
            ),
            ("statistics of the zone", self._statistics),
            ("accounts, holdings, ledger, allocations", self._market),
        ]

    def late_steps(self) -> list[tuple[str, Step]]:
        """Return the steps of those who report late; to be taken after all the others."""
        return [
            (f"late report of {request.parent}", partial(self._report_late, request))
            for request in self._reports("late_reports")
        ]

    def _library(self) -> Iterator[Step]:
        for request in library.requests(LIBRARY):
            yield partial(self.administrator.factors.ImportFactors, request)

    def _prices(self) -> None:
        self.administrator.trading.ImportPrices(prices.request(PRICES))

    def _sites(self) -> None:
        for facility in self._requests("facilities", registry_service_pb2.CreateFacilityRequest):
            self.client_of(facility.parent).registry.CreateFacility(facility)
        for meter in self._requests("meters", registry_service_pb2.CreateMeterRequest):
            self.client_of(meter.parent).registry.CreateMeter(meter)
        for each in self._requests(
            "counterparties", registry_service_pb2.CreateCounterpartyRequest
        ):
            self.client_of(each.parent).registry.CreateCounterparty(each)

    def _custom_factors(self) -> None:
        """Have each enterprise propose what it measured, and the desk approve what is proposed."""
        create = custom_factor_service_pb2.CreateCustomFactorRequest
        for request in self._requests("custom_factors", create):
            proposed = self.client_of(request.parent).custom_factors.CreateCustomFactor(request)
            if proposed.state == custom_factor_pb2.CUSTOM_FACTOR_STATE_PROPOSED:
                self.desk.custom_factors.ApproveCustomFactor(
                    custom_factor_service_pb2.ApproveCustomFactorRequest(
                        name=proposed.name, etag=proposed.etag
                    )
                )

    def _reports(self, section: str) -> Iterator[Report]:
        for each in self.sample[section]:
            yield json_format.ParseDict(each["request"], Report())

    def _report_late(self, request: Report) -> None:
        answer = self._report(request)
        day = request.records[0].period.start_date
        self.loaded.late.append(
            Late(
                enterprise=request.parent,
                accounting_year=day.year,
                month=day.month,
                row_count=answer.accepted_count,
                revision=answer.revision,
            )
        )

    def _report(self, request: Report) -> accounting_service_pb2.ReportActivityResponse:
        answer = self.client_of(request.parent).accounting.ReportActivity(request)
        self.loaded.row_count += answer.accepted_count
        for number, result in enumerate(answer.results):
            if result.HasField("error"):
                self.loaded.refusals.append(
                    Refusal(
                        enterprise=request.parent,
                        row_number=number,
                        reason=reason(result.error),
                        text=result.error.message,
                    )
                )
        return answer

    def _statistics(self) -> None:
        """Report what is told of the zone as a whole; the id is that of the file's content."""
        content = STATISTICS.read_text(encoding="utf-8")
        answer = self.desk.statistics.ReportStatistics(
            statistic_service_pb2.ReportStatisticsRequest(
                parent=ZONE,
                statistics=list(statistics.read(STATISTICS)),
                request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, content)),
            )
        )
        assert not answer.refused_count, answer

    def _market(self) -> None:
        for account in self._requests("accounts", trading_service_pb2.CreateAccountRequest):
            self.desk.trading.CreateAccount(account)
        for statement in self._requests("holdings", trading_service_pb2.RecordHoldingsRequest):
            self.desk.trading.RecordHoldings(statement)
        for instrument in self._requests("instruments", ledger_service_pb2.CreateInstrumentRequest):
            self.desk.ledger.CreateInstrument(instrument)
        allow(self.administrator, self.second)
        for together in self._requests("transfers", ledger_service_pb2.PostTransfersRequest):
            instruct(self.desk, self.checker, together)
        for wanted in self._requests("allocations", trading_service_pb2.AllocateAllowancesRequest):
            self.desk.trading.AllocateAllowances(wanted)

    def _requests(self, section: str, kind: type[Request]) -> Iterator[Request]:
        for each in self.sample[section]:
            yield json_format.ParseDict(each, kind())
