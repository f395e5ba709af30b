"""The smallest valid request of each method of trading; keywords override."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

from google.protobuf import timestamp_pb2
from google.type import date_pb2, decimal_pb2

from zonecarbon.registry.v1 import principal_pb2
from zonecarbon.trading.v1 import (
    account_pb2,
    allocation_pb2,
    desk_limit_pb2,
    desk_service_pb2,
    instruction_pb2,
    instrument_pb2,
    ledger_service_pb2,
    price_pb2,
    trade_pb2,
    trading_service_pb2,
    transfer_pb2,
    trusted_counterparty_pb2,
)
from zonecarbon.type.v1 import quantity_pb2, source_pb2


def day(text: str) -> date_pb2.Date:
    moment = date.fromisoformat(text)
    return date_pb2.Date(year=moment.year, month=moment.month, day=moment.day)


def quantity(text: str) -> quantity_pb2.Quantity:
    value, unit = text.split(maxsplit=1)
    return quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=value), unit_code=unit)


def create_account(
    id_: str = "chp", *, enterprise: str = "", sector: str = "POWER", first_year: int = 2021
) -> trading_service_pb2.CreateAccountRequest:
    return trading_service_pb2.CreateAccountRequest(
        account_id=id_,
        account=account_pb2.Account(
            enterprise=f"enterprises/{enterprise or id_}",
            sector=account_pb2.MarketSector.Value(f"MARKET_SECTOR_{sector}"),
            first_compliance_year=first_year,
        ),
    )


def record_holdings(
    *statements: str, account: str = "chp", request_id: str = ""
) -> trading_service_pb2.RecordHoldingsRequest:
    """Each statement is written as "2025-08-25 FREE 2024 80490"."""
    request = trading_service_pb2.RecordHoldingsRequest(
        parent=f"accounts/{account}", request_id=request_id or str(uuid.uuid4())
    )
    for each in statements or ("2025-08-25 FREE 2024 80490",):
        stated, origin, vintage, count = each.split()
        request.holdings.append(
            account_pb2.Holding(
                vintage_year=int(vintage),
                origin=account_pb2.HoldingOrigin.Value(f"HOLDING_ORIGIN_{origin}"),
                allowance_count=int(count),
                statement_date=day(stated),
                evidence=f"registry statement {stated}",
            )
        )
    return request


def unit(
    id_: str = "unit-1",
    *,
    unit_class: str = "II",
    electricity: str = "100000 MWh",
    load_factor: str = "0.70",
    enterprise: str = "chp",
) -> allocation_pb2.UnitProduction:
    return allocation_pb2.UnitProduction(
        facility=f"enterprises/{enterprise}/facilities/{id_}",
        unit_class=unit_class,
        electricity=quantity(electricity),
        heat=quantity("0 GJ"),
        load_factor_ratio=decimal_pb2.Decimal(value=load_factor),
        evidence="year report",
    )


def allocate(
    *units: allocation_pb2.UnitProduction,
    account: str = "chp",
    year: int = 2024,
    request_id: str = "",
) -> trading_service_pb2.AllocateAllowancesRequest:
    return trading_service_pb2.AllocateAllowancesRequest(
        account=f"accounts/{account}",
        compliance_year=year,
        units=units or [unit()],
        request_id=request_id or str(uuid.uuid4()),
    )


def price(
    text: str = "76.39",
    *,
    product: str = "CEA24",
    kind: str = "CLOSE",
    start: str = "2025-12-31",
    end: str = "2026-01-01",
) -> price_pb2.Price:
    return price_pb2.Price(
        product=product,
        kind=price_pb2.PriceKind.Value(f"PRICE_KIND_{kind}"),
        start_date=day(start),
        end_date=day(end),
        price_cny_per_t=decimal_pb2.Decimal(value=text),
        volume_t=751201,
        price_basis="listed, per vintage",
        source=source_pb2.Source(title="daily quotes", status=source_pb2.SOURCE_STATUS_SECONDARY),
    )


def import_prices(*prices: price_pb2.Price) -> trading_service_pb2.ImportPricesRequest:
    return trading_service_pb2.ImportPricesRequest(prices=prices or [price()])


def get_position(
    year: int = 2024, *, account: str = "chp", on: str = "2025-12-31"
) -> trading_service_pb2.GetPositionRequest:
    return trading_service_pb2.GetPositionRequest(
        name=f"accounts/{account}/positions/{year}", valuation_date=day(on)
    )


def list_positions(
    year: int = 2024, *, on: str = "2025-12-31", zone: str = ""
) -> trading_service_pb2.ListPositionsRequest:
    return trading_service_pb2.ListPositionsRequest(
        compliance_year=year, valuation_date=day(on), zone=zone
    )


def create_instrument(
    id_: str = "cea-2024", *, kind: str = "ALLOWANCE", vintage: int = 2024, project: str = ""
) -> ledger_service_pb2.CreateInstrumentRequest:
    return ledger_service_pb2.CreateInstrumentRequest(
        instrument_id=id_,
        instrument=instrument_pb2.Instrument(
            kind=instrument_pb2.InstrumentKind.Value(f"INSTRUMENT_KIND_{kind}"),
            vintage_year=vintage,
            project=project,
        ),
    )


def transfer(  # noqa: PLR0913 (a field each)
    id_: str,
    what: str = "ALLOCATION 100 cea-2024",
    *,
    on: str = "2025-08-25",
    settled: str = "",
    account: str = "chp",
    evidence: str = "registry notice",
) -> ledger_service_pb2.PostTransferRequest:
    """Written as "ALLOCATION 100 cea-2024", "PENDING SALE 100 cea-2024" or "VOID_PENDING p-1"."""
    request = ledger_service_pb2.PostTransferRequest(
        parent=f"accounts/{account}",
        transfer_id=id_,
        transfer=transfer_pb2.Transfer(trade_date=day(on), evidence=evidence),
    )
    wanted = request.transfer
    words = what.split()
    phases = transfer_pb2.TransferPhase
    phase = f"TRANSFER_PHASE_{words[0]}"
    if phase in phases.keys() and words[0] != "PENDING":  # noqa: SIM118 (no mapping)
        wanted.phase = phases.Value(phase)
        wanted.target = f"accounts/{account}/transfers/{words[1]}"
        wanted.unit_count = int(words[2]) if len(words) > 2 else 0
    else:
        pending = words[0] == "PENDING"
        kind, count, instrument = words[pending:]
        wanted.phase = phases.Value(f"TRANSFER_PHASE_{'PENDING' if pending else 'POSTED'}")
        wanted.kind = transfer_pb2.TransferKind.Value(f"TRANSFER_KIND_{kind}")
        wanted.unit_count = int(count)
        wanted.instrument = f"instruments/{instrument}"
    if settled:
        wanted.settlement_date.CopyFrom(day(settled))
    return request


def transfers(
    *requests: ledger_service_pb2.PostTransferRequest, request_id: str = ""
) -> ledger_service_pb2.PostTransfersRequest:
    return ledger_service_pb2.PostTransfersRequest(
        requests=requests, request_id=request_id or str(uuid.uuid4())
    )


def at(days: float) -> timestamp_pb2.Timestamp:
    """So many days from now."""
    moment = timestamp_pb2.Timestamp()
    moment.FromDatetime(datetime.now(UTC) + timedelta(days=days))
    return moment


def limit(
    act: str, whose: str, kind: str, largest_count: int, *, days: float = 30
) -> desk_service_pb2.CreateLimitRequest:
    mandate = act == "POST"
    return desk_service_pb2.CreateLimitRequest(
        limit_id=f"l-{uuid.uuid4().hex[:12]}",
        limit=desk_limit_pb2.DeskLimit(
            act=desk_limit_pb2.DeskAct.Value(f"DESK_ACT_{act}"),
            role=principal_pb2.ROLE_UNSPECIFIED
            if mandate
            else principal_pb2.Role.Value(f"ROLE_{whose}"),
            principal=whose if mandate else "",
            instrument_kind=instrument_pb2.InstrumentKind.Value(f"INSTRUMENT_KIND_{kind}"),
            largest_count=largest_count,
            expire_time=at(days) if mandate else None,
            purpose="tests",
        ),
    )


def content(
    *wanted: ledger_service_pb2.PostTransferRequest,
    trade: trade_pb2.Trade | None = None,
    purpose: str = "compliance of 2024",
    execute: float | None = None,
    expire: float = 1,
) -> instruction_pb2.Instruction:
    """What an instruction wants, to be executed and to expire so many days from now."""
    return instruction_pb2.Instruction(
        purpose=purpose,
        transfers=wanted,
        trade=trade,
        execute_time=None if execute is None else at(execute),
        expire_time=at(expire),
    )


def create_instruction(
    id_: str,
    wanted: instruction_pb2.Instruction,
    *,
    account: str = "chp",
) -> desk_service_pb2.CreateInstructionRequest:
    return desk_service_pb2.CreateInstructionRequest(
        parent=f"accounts/{account}", instruction_id=id_, instruction=wanted
    )


def counterparty(
    id_: str, counter_account: str = "", *, account: str = "chp"
) -> desk_service_pb2.CreateTrustedCounterpartyRequest:
    return desk_service_pb2.CreateTrustedCounterpartyRequest(
        parent=f"accounts/{account}",
        trusted_counterparty_id=id_,
        trusted_counterparty=trusted_counterparty_pb2.TrustedCounterparty(
            display_name=id_,
            credit_code="91320500MA1MA0K41R",
            counterparty_account=f"accounts/{counter_account}" if counter_account else "",
            evidence="frame contract 2026-01",
        ),
    )
