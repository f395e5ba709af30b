"""Puts trading together; `python -m services trading` runs it alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import grpc

from services.runtime.config import Settings
from services.runtime.database import Database
from services.runtime.identity import registry_authenticator
from services.runtime.metrics import Metrics
from services.runtime.repeat import Repeated
from services.runtime.service import Service
from services.trading import files, store
from services.trading.collector import Collector
from services.trading.jobs import Anew, DeskClock, Follower, TimeOuts
from services.trading.neighbours import Accounting, Registry
from services.trading.servicer import (
    ACCESS,
    Compliance,
    Desk,
    House,
    Ledger,
    Portfolios,
    Quotes,
    Reconciliation,
    Trading,
)
from services.trading.store.ledger.posting import writer
from zonecarbon.accounting.v1 import accounting_service_pb2_grpc, verification_service_pb2_grpc
from zonecarbon.client import channel
from zonecarbon.registry.v1 import principal_service_pb2_grpc, registry_service_pb2_grpc
from zonecarbon.trading.v1 import (
    compliance_service_pb2_grpc,
    desk_service_pb2_grpc,
    ledger_service_pb2_grpc,
    portfolio_service_pb2_grpc,
    quote_service_pb2_grpc,
    reconciliation_service_pb2_grpc,
    trading_service_pb2_grpc,
)

_CHECKPOINT_SECONDS: Final = 2.0
"""Of posts without a pause, they leave a third of the log that makes who commits do it himself."""


def build(settings: Settings, metrics: Metrics) -> Service:
    """Return trading on its database, migrated."""
    database = Database.of(
        settings, "trading", metrics.storage("trading"), kept=store.KEPT, scattered=True
    )
    database.migrate(store.MIGRATIONS)
    to_registry = channel(settings.registry_address or settings.registry_listen)
    to_accounting = channel(settings.accounting_address or settings.accounting_listen)
    post = writer(database, store.desk.mandates.Mandates())
    shelf = files.shelf(*(Path(each) for each in [settings.rulebooks_folder] if each))
    house = House(
        database=database,
        registry=Registry(registry_service_pb2_grpc.RegistryServiceStub(to_registry)),
        shelf=shelf,
        market=files.market(),
        desk=files.desk(rulebooks=shelf),
        compliance=files.compliance(),
        scheme=files.scheme(),
        post=post,
    )
    metrics.gauges(Collector(database, house.rules))

    def close() -> None:
        post.stop()
        for each in (to_registry, to_accounting):
            each.close()
        database.close()

    return Service(
        name="trading",
        looped=True,
        register=_registered(house),
        protos=_PROTOS,
        access=ACCESS,
        authenticate=registry_authenticator(
            principal_service_pb2_grpc.PrincipalServiceStub(to_registry)
        ),
        close=close,
        jobs=_jobs(house, settings, to_accounting),
    )


def _jobs(
    house: House, settings: Settings, to_accounting: grpc.Channel
) -> list[Callable[[], Repeated]]:
    """Return what trading does by itself; it follows accounting if it has a key to."""
    database, key = house.database, settings.service_key.get_secret_value()
    follower = Follower(
        database,
        Accounting(
            accounting_service_pb2_grpc.AccountingServiceStub(to_accounting),
            verification_service_pb2_grpc.VerificationServiceStub(to_accounting),
            key,
        ),
    )
    often: dict[str, Callable[[], None]] = {
        "time transfers out": TimeOuts(database, house.post).time_out,
        "execute instructions": DeskClock(database, house.desk).tick,
        "derive allocations anew": Anew(database, house.shelf).derive,
    }
    if key:
        often["follow accounting"] = follower.follow
    jobs = [partial(Repeated, name, work, settings.follow_seconds) for name, work in often.items()]
    if database.is_sqlite:
        jobs.append(partial(Repeated, "checkpoint", database.checkpoint, _CHECKPOINT_SECONDS))
    return [*jobs]


_PROTOS = [
    f"zonecarbon.trading.v1.{service}"
    for service in (
        "TradingService",
        "LedgerService",
        "ComplianceService",
        "DeskService",
        "QuoteService",
        "ReconciliationService",
        "PortfolioService",
    )
]


def _registered(house: House) -> list[Callable[[grpc.Server], None]]:
    """Return what puts each service onto a server."""
    return [
        partial(trading_service_pb2_grpc.add_TradingServiceServicer_to_server, Trading(house)),
        partial(ledger_service_pb2_grpc.add_LedgerServiceServicer_to_server, Ledger(house)),
        partial(desk_service_pb2_grpc.add_DeskServiceServicer_to_server, Desk(house)),
        partial(quote_service_pb2_grpc.add_QuoteServiceServicer_to_server, Quotes(house)),
        partial(
            portfolio_service_pb2_grpc.add_PortfolioServiceServicer_to_server, Portfolios(house)
        ),
        partial(
            reconciliation_service_pb2_grpc.add_ReconciliationServiceServicer_to_server,
            Reconciliation(house),
        ),
        partial(
            compliance_service_pb2_grpc.add_ComplianceServiceServicer_to_server,
            Compliance(house),
        ),
    ]
