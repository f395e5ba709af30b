"""Fixtures of the tests of trading."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from contextlib import closing

import grpc
import pytest
from pydantic import SecretStr

from services.registry.__main__ import build as build_registry
from services.runtime.config import Settings
from services.runtime.database import Database
from services.runtime.metrics import Metrics
from services.runtime.server import Server
from services.trading.__main__ import build as build_trading
from tests.trading import requests
from tests.trading.stand import LOOPBACK, ROOT, ScriptedAccounting, Stand, furnish
from zonecarbon.client import Addresses, Client


@pytest.fixture
def accounting() -> Iterator[tuple[ScriptedAccounting, str]]:
    """The scripted accounting and where it listens."""
    scripted = ScriptedAccounting()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers(scripted.handlers())
    port = server.add_insecure_port(LOOPBACK)
    server.start()
    yield scripted, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def follow_seconds() -> float:
    """How often trading follows accounting and times transfers out; tests may say otherwise."""
    return 0.2


@pytest.fixture
def stand(
    accounting: tuple[ScriptedAccounting, str], storage: Settings, follow_seconds: float
) -> Iterator[Stand]:
    """Trading beside a registry with one zone of two members and a stranger."""
    scripted, address = accounting
    settings = storage.model_copy(
        update={
            "accounting_address": address,
            "bootstrap_key": SecretStr(ROOT),
            "service_key": SecretStr(ROOT),
            "follow_seconds": follow_seconds,
        }
    )
    metrics = Metrics()
    registry = Server(build_registry(settings, metrics), LOOPBACK, metrics)
    registry.start()
    settings = settings.model_copy(update={"registry_address": registry.address})
    trading = Server(build_trading(settings, metrics), LOOPBACK, metrics)
    trading.start()
    stand = Stand(
        accounting=scripted,
        addresses=Addresses(registry=registry.address, accounting=address, trading=trading.address),
        metrics=metrics,
    )
    furnish(stand.client(ROOT))
    yield stand
    stand.close()
    trading.stop()
    registry.stop()


@pytest.fixture
def desk(stand: Stand) -> Client:
    """The desk of the zone, with the power plant's account created."""
    desk = stand.principal("DESK", "zones/home")
    desk.trading.CreateAccount(requests.create_account())
    return desk


@pytest.fixture
def database(storage: Settings) -> Iterator[Database]:
    """Trading's own database, migrated and empty."""
    with closing(Database.of(storage, "trading")) as database:
        yield database
