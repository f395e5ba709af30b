"""The client: channels, key, deadline, retries. The services themselves use it too.

    with Client.connect(Addresses(), key="zc-…") as client:
        client.accounting.GetEnterpriseInventory(...)

A failed call raises `grpc.RpcError`; `reason(error)` is its `ErrorReason`, `status(error)` the
whole `google.rpc.Status`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self, cast

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from zonecarbon.accounting.v1 import (
    accounting_service_pb2_grpc,
    base_year_service_pb2_grpc,
    curve_service_pb2_grpc,
    evaluation_service_pb2_grpc,
    indicator_system_service_pb2_grpc,
    metering_service_pb2_grpc,
    park_service_pb2_grpc,
    period_service_pb2_grpc,
    quality_service_pb2_grpc,
    report_file_service_pb2_grpc,
    rollup_service_pb2_grpc,
    statistic_service_pb2_grpc,
    verification_service_pb2_grpc,
    zone_analysis_service_pb2_grpc,
)
from zonecarbon.registry.v1 import (
    custom_factor_service_pb2_grpc,
    factor_service_pb2_grpc,
    principal_service_pb2_grpc,
    registry_service_pb2_grpc,
    unit_service_pb2_grpc,
)
from zonecarbon.trading.v1 import (
    compliance_service_pb2_grpc,
    desk_service_pb2_grpc,
    ledger_service_pb2_grpc,
    portfolio_service_pb2_grpc,
    quote_service_pb2_grpc,
    reconciliation_service_pb2_grpc,
    trading_service_pb2_grpc,
)

DEADLINE_SECONDS = 30.0

_STREAMED = [
    {"service": "zonecarbon.accounting.v1.AccountingService", "method": "StreamActivity"},
    {"service": "zonecarbon.accounting.v1.CurveService", "method": "StreamCurveDays"},
    {"service": "zonecarbon.accounting.v1.ReportFileService", "method": "UploadReportFile"},
]
"""Methods that gRPC must not repeat by itself: it would keep what was sent, and send it to a server
that may have stored it. Their callers send again, see `streaming` and `report_files`."""

# UNAVAILABLE alone: the server has not begun the call, or says itself that it may be sent again.
# gRPC waits a random part of each backoff, so that callers do not come back all at once.
_RETRIES = json.dumps(
    {
        "methodConfig": [
            {"name": _STREAMED},
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "2s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            },
        ]
    }
)


_FIRST_RECONNECT_MS: Final = 100
_LONGEST_RECONNECT_MS: Final = 2_000


def channel(address: str) -> grpc.Channel:
    """Return a channel to `address` that retries what may be retried."""
    return grpc.insecure_channel(
        address,
        options=[
            ("grpc.service_config", _RETRIES),
            # gRPC's own are 1 s and 120 s: whoever restarts a service is waited for, not a minute
            # after it is back. No two come at the same moment: each wait is drawn about its length.
            ("grpc.initial_reconnect_backoff_ms", _FIRST_RECONNECT_MS),
            ("grpc.max_reconnect_backoff_ms", _LONGEST_RECONNECT_MS),
            ("grpc.max_receive_message_length", 16 * 1024 * 1024),
            # An explanation has hundreds of kilobytes: it need not wait for room a part at a time.
            ("grpc.http2.lookahead_bytes", 4 * 1024 * 1024),
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the services listen."""

    registry: str = "127.0.0.1:50051"
    accounting: str = "127.0.0.1:50052"
    trading: str = "127.0.0.1:50053"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Typed stubs of every service, each call with key, language and deadline."""

    registry: registry_service_pb2_grpc.RegistryServiceStub
    factors: factor_service_pb2_grpc.FactorServiceStub
    custom_factors: custom_factor_service_pb2_grpc.CustomFactorServiceStub
    units: unit_service_pb2_grpc.UnitServiceStub
    principals: principal_service_pb2_grpc.PrincipalServiceStub
    accounting: accounting_service_pb2_grpc.AccountingServiceStub
    metering: metering_service_pb2_grpc.MeteringServiceStub
    park: park_service_pb2_grpc.ParkServiceStub
    periods: period_service_pb2_grpc.PeriodServiceStub
    quality: quality_service_pb2_grpc.QualityServiceStub
    report_files: report_file_service_pb2_grpc.ReportFileServiceStub
    rollups: rollup_service_pb2_grpc.RollupServiceStub
    verifications: verification_service_pb2_grpc.VerificationServiceStub
    zones: zone_analysis_service_pb2_grpc.ZoneAnalysisServiceStub
    base_years: base_year_service_pb2_grpc.BaseYearServiceStub
    curves: curve_service_pb2_grpc.CurveServiceStub
    statistics: statistic_service_pb2_grpc.StatisticServiceStub
    indicator_systems: indicator_system_service_pb2_grpc.IndicatorSystemServiceStub
    evaluations: evaluation_service_pb2_grpc.EvaluationServiceStub
    trading: trading_service_pb2_grpc.TradingServiceStub
    ledger: ledger_service_pb2_grpc.LedgerServiceStub
    portfolio: portfolio_service_pb2_grpc.PortfolioServiceStub
    quotes: quote_service_pb2_grpc.QuoteServiceStub
    reconciliation: reconciliation_service_pb2_grpc.ReconciliationServiceStub
    desk: desk_service_pb2_grpc.DeskServiceStub
    compliance: compliance_service_pb2_grpc.ComplianceServiceStub
    _channels: Sequence[grpc.Channel] = field(repr=False)

    @classmethod
    def connect(
        cls,
        addresses: Addresses,
        *,
        key: str,
        language: str = "en",
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> Self:
        """Return a client of the services at `addresses`, in the name of `key`."""
        names = (addresses.registry, addresses.accounting, addresses.trading)
        opened = [channel(address) for address in names]
        ours = _Ours(key=key, language=language, deadline_seconds=deadline_seconds)
        to_registry, to_accounting, to_trading = (
            grpc.intercept_channel(each, ours) for each in opened
        )
        return cls(
            registry=registry_service_pb2_grpc.RegistryServiceStub(to_registry),
            factors=factor_service_pb2_grpc.FactorServiceStub(to_registry),
            custom_factors=custom_factor_service_pb2_grpc.CustomFactorServiceStub(to_registry),
            units=unit_service_pb2_grpc.UnitServiceStub(to_registry),
            principals=principal_service_pb2_grpc.PrincipalServiceStub(to_registry),
            accounting=accounting_service_pb2_grpc.AccountingServiceStub(to_accounting),
            metering=metering_service_pb2_grpc.MeteringServiceStub(to_accounting),
            park=park_service_pb2_grpc.ParkServiceStub(to_accounting),
            periods=period_service_pb2_grpc.PeriodServiceStub(to_accounting),
            quality=quality_service_pb2_grpc.QualityServiceStub(to_accounting),
            report_files=report_file_service_pb2_grpc.ReportFileServiceStub(to_accounting),
            rollups=rollup_service_pb2_grpc.RollupServiceStub(to_accounting),
            verifications=verification_service_pb2_grpc.VerificationServiceStub(to_accounting),
            zones=zone_analysis_service_pb2_grpc.ZoneAnalysisServiceStub(to_accounting),
            base_years=base_year_service_pb2_grpc.BaseYearServiceStub(to_accounting),
            curves=curve_service_pb2_grpc.CurveServiceStub(to_accounting),
            statistics=statistic_service_pb2_grpc.StatisticServiceStub(to_accounting),
            indicator_systems=indicator_system_service_pb2_grpc.IndicatorSystemServiceStub(
                to_accounting
            ),
            evaluations=evaluation_service_pb2_grpc.EvaluationServiceStub(to_accounting),
            trading=trading_service_pb2_grpc.TradingServiceStub(to_trading),
            ledger=ledger_service_pb2_grpc.LedgerServiceStub(to_trading),
            portfolio=portfolio_service_pb2_grpc.PortfolioServiceStub(to_trading),
            quotes=quote_service_pb2_grpc.QuoteServiceStub(to_trading),
            reconciliation=reconciliation_service_pb2_grpc.ReconciliationServiceStub(to_trading),
            desk=desk_service_pb2_grpc.DeskServiceStub(to_trading),
            compliance=compliance_service_pb2_grpc.ComplianceServiceStub(to_trading),
            _channels=opened,
        )

    def close(self) -> None:
        """Close the channels."""
        for each in self._channels:
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def status(error: grpc.RpcError) -> status_pb2.Status | None:
    """Return the whole status of a failed call; None where no server of ours answered."""
    try:
        found: status_pb2.Status | None = rpc_status.from_call(cast("grpc.Call", error))
    except ValueError:
        # gRPC itself put its own code in the place of ours.
        return None
    return found


def reason(error: grpc.RpcError | status_pb2.Status) -> str:
    """Return the `ErrorReason` of a failed call or of a refused row; "" where there is none."""
    found = error if isinstance(error, status_pb2.Status) else status(error)
    info = error_details_pb2.ErrorInfo()
    for detail in found.details if found is not None else ():
        if detail.Unpack(info):
            return info.reason
    return ""


@dataclass(frozen=True, slots=True)
class _Details(grpc.ClientCallDetails):
    """What gRPC reads of a call."""

    method: str
    timeout: float | None
    metadata: tuple[tuple[str, str | bytes], ...] | None
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: Any


class _Ours(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Adds key and language to each call, and a deadline to one that has none and is no stream."""

    def __init__(self, *, key: str, language: str, deadline_seconds: float) -> None:
        self._metadata = (("authorization", f"Bearer {key}"), ("accept-language", language))
        self._deadline_seconds = deadline_seconds

    def intercept_unary_unary(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Any], Any],
        client_call_details: grpc.ClientCallDetails,
        request: Any,
    ) -> Any:
        """Send the call with what it lacked."""
        asked = client_call_details.timeout
        seconds = self._deadline_seconds if asked is None else asked
        return continuation(self._completed(client_call_details, seconds), request)

    def intercept_unary_stream(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Any], Any],
        client_call_details: grpc.ClientCallDetails,
        request: Any,
    ) -> Any:
        """Send the call with what it lacked; how long it goes on the caller alone knows."""
        return continuation(self._unhurried(client_call_details), request)

    def intercept_stream_unary(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Any], Any],
        client_call_details: grpc.ClientCallDetails,
        request_iterator: Iterator[Any],
    ) -> Any:
        """As `intercept_unary_stream`."""
        return continuation(self._unhurried(client_call_details), request_iterator)

    def intercept_stream_stream(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Any], Any],
        client_call_details: grpc.ClientCallDetails,
        request_iterator: Iterator[Any],
    ) -> Any:
        """As `intercept_unary_stream`."""
        return continuation(self._unhurried(client_call_details), request_iterator)

    def _unhurried(self, details: grpc.ClientCallDetails) -> _Details:
        return self._completed(details, details.timeout)

    def _completed(self, details: grpc.ClientCallDetails, seconds: float | None) -> _Details:
        return _Details(
            details.method,
            seconds,
            (*(details.metadata or ()), *self._metadata),
            details.credentials,
            details.wait_for_ready,
            details.compression,
        )
