"""The smallest valid value of each noun of trading; keywords override."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from services.kernel.errors import Words
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading import files
from services.trading.domain.account import Account
from services.trading.domain.allocation import Allocation, allocate
from services.trading.domain.duty import DutyRecord
from services.trading.domain.holding import Holding, Origin, Statement
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.market import Market, Sector
from services.trading.domain.obligation import Inventory, Obligation, Verified, estimate
from services.trading.domain.offset import OffsetFacts
from services.trading.domain.peak_factor import PeakFactor
from services.trading.domain.price import Price, PriceKind
from services.trading.domain.production import Production
from services.trading.domain.rulebook import Rulebook, Shelf
from services.trading.domain.versioned import Versioned

Value = TypeVar("Value")


@cache
def shelf() -> Shelf:
    return files.shelf()


@cache
def market() -> Market:
    return files.market()


def rulebook(year: int = 2024, sector: Sector = Sector.POWER) -> Rulebook:
    return shelf().get(sector, year)


def peak(year: int = 2024) -> PeakFactor:
    found = rulebook(year).peak_factor
    assert found is not None
    return found


def stored(value: Value, version: int = 1) -> Versioned[Value]:
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    return Versioned(value=value, version=version, revision=version, create_time=moment)


def account(
    id_: str = "chp",
    *,
    enterprise: str = "",
    sector: Sector = Sector.POWER,
    first_compliance_year: int = 2021,
) -> Account:
    return Account(
        account=id_,
        enterprise=enterprise or id_,
        sector=sector,
        first_compliance_year=max(first_compliance_year, market().first_compliance_years[sector]),
    )


def production(
    unit: str = "unit-1",
    *,
    unit_class: str = "II",
    electricity: str = "100000 MWh",
    heat: str = "50000 GJ",
    load_factor: str = "0.70",
    **others: Any,
) -> Production:
    return Production(
        facility=f"enterprises/chp/facilities/{unit}",
        unit_class=unit_class,
        electricity=Quantity.parse(*electricity.split(maxsplit=1)),
        heat=Quantity.parse(*heat.split(maxsplit=1)),
        load_factor_ratio=Decimal(load_factor),
        evidence="year report",
        **others,
    )


def allocation(*productions: Production, year: int = 2024) -> Allocation:
    return allocate(account(), rulebook(year), productions or (production(),))


def statement(
    day: str, count: int, *, origin: Origin = Origin.FREE, vintage: int = 2024, version: int = 1
) -> Statement:
    return stored(
        Holding(
            vintage_year=vintage,
            origin=origin,
            allowance_count=count,
            statement_date=date.fromisoformat(day),
            evidence=f"registry statement {day}",
        ),
        version,
    )


def inventory(
    direct_co2_g: int = 900_000_000_000,
    *,
    enterprise: str = "chp",
    year: int = 2024,
    version: int = 1,
    missing: str = "",
    **others: Any,
) -> Inventory:
    return Inventory(
        enterprise=enterprise,
        accounting_year=year,
        version=version,
        complete=not missing,
        findings=(Words(en=missing, zh=f"缺少 {missing}"),) if missing else (),
        direct_co2_g=direct_co2_g,
        status=Status.OFFICIAL,
        **others,
    )


def verified(
    id_: str = "v-1", *, version: int = 1, inventory_version: int = 1, **others: Any
) -> Verified:
    return Verified(
        enterprise="chp",
        accounting_year=2024,
        verification=id_,
        version=version,
        inventory_version=inventory_version,
        **{"conclusion": "CONFORMING", "corrected": False, "verified_t": None, **others},
    )


def offset_instrument(id_: str = "ccer-1-2023") -> Instrument:
    return Instrument(
        instrument=id_, kind=InstrumentKind.OFFSET, vintage_year=2023, project="CCER-1"
    )


def offset_facts(
    day: str = "2025-03-01", *, instrument: str = "ccer-1-2023", under: bool = False
) -> OffsetFacts:
    return OffsetFacts(
        instrument=instrument,
        registration_date=date.fromisoformat(day),
        under_allowance_management=under,
        evidence="registry of reductions",
    )


def duty_record(duty: str = "report-2024", done: str = "2025-03-30T12:00:00+08:00") -> DutyRecord:
    return DutyRecord(
        duty=duty,
        done_time=datetime.fromisoformat(done) if done else None,
        evidence="receipt of the platform",
    )


def obligation(
    direct_co2_g: int = 900_000_000_000, *, version: int = 1, missing: str = ""
) -> Obligation:
    return estimate(account(), inventory(direct_co2_g, version=version, missing=missing))


def price(
    text: str = "76.39",
    *,
    product: str = "CEA24",
    kind: PriceKind = PriceKind.CLOSE,
    period: tuple[str, str] = ("2025-12-31", "2026-01-01"),
    status: Status = Status.SECONDARY,
) -> Price:
    return Price(
        product=product,
        kind=kind,
        period=Period.parse(*period),
        price_cny_per_t=Decimal(text),
        volume_t=751201,
        price_basis="listed, per vintage",
        source=Source(title="daily quotes", status=status),
    )
