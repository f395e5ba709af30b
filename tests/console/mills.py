"""Real services with one enterprise, for what the door does before them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import builders
from tests.accounting import requests as accounting
from tests.accounting.world import DATA, TEXTILES
from tests.fixtures.house import Running, on_loopback, start
from tests.fixtures.http import Http
from tests.trading.requests import create_account
from zonecarbon.cli import library

ZONE, MILL = "zones/east", "enterprises/mill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mill:
    """The services; and a spinning mill that is a member of a zone and in the market."""

    running: Running
    key: str

    def http(self, language: str = "") -> Http:
        """Return a client of the door in the mill's own name."""
        return self.running.http(self.key, language)


@contextmanager
def serving(folder: Path) -> Iterator[Mill]:
    """Serve, with the factor library."""
    running = start(on_loopback(folder))
    try:
        administrator = running.administrator
        for each in library.requests(DATA):
            administrator.factors.ImportFactors(each)
        administrator.registry.CreateZone(builders.zone("east"))
        administrator.registry.CreateEnterprise(
            builders.enterprise(
                "mill", zone=ZONE, display_name="Spinning mill 棉纺厂", industry_code=TEXTILES
            )
        )
        administrator.registry.CreateCounterparty(builders.counterparty(MILL, accounting.GRID))
        yield Mill(running=running, key=running.key("ENTERPRISE", MILL, id_="mill"))
    finally:
        running.stop()


def in_the_market(mill: Mill) -> None:
    """Report a year and open an account, so that every kind of answer has something in it."""
    administrator = mill.running.administrator
    administrator.accounting.ReportActivity(
        accounting.report(MILL, *accounting.year_of(MILL), accounting.fuel(MILL))
    )
    administrator.trading.CreateAccount(create_account("mill", first_year=2021))
    mill.running.wait_for_followers()
