"""Accounting is killed while it restates, again and again: nothing is ever half done.

The databases keep their own promises here: every commit is on the disk before it is answered.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.__main__ import House
from services.accounting import files, store
from services.accounting.domain.emission import Booked
from services.accounting.domain.role import Role
from services.accounting.servicer.ledger import REGISTRY
from services.kernel.names import HOME_METHOD
from services.runtime import outbox, revision
from services.runtime.config import Settings
from services.runtime.database import Database
from services.trading.store.obligations import obligations
from tests.accounting import requests
from tests.accounting import world as worlds
from tests.accounting.world import DATA, World
from tests.fixtures.apart import accounting_apart, answers, wait, wait_for_kill
from tests.fixtures.house import Running
from tests.fixtures.killable import Killable
from tests.trading.requests import create_account
from zonecarbon.accounting.v1 import activity_pb2
from zonecarbon.cli import library
from zonecarbon.registry.v1 import factor_service_pb2, registry_service_pb2

YEAR = 2023
KILLS = 50
SEED = 20241124
MILLS = 3
POWER = "4411"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Registry and trading in this process, accounting in one that is killed."""

    world: World
    accounting: Killable
    database: Database
    """Accounting's, opened beside it."""
    trading: Database
    factor: str
    plant: str
    """Whose obligation trading follows."""

    def revise(self, value: Decimal) -> None:
        """Publish another heat value of coal."""
        factors = self.world.running.administrator.factors
        factor = factors.GetFactor(factor_service_pb2.GetFactorRequest(name=self.factor))
        factor.quantity.value.value = str(value)
        factors.ImportFactors(factor_service_pb2.ImportFactorsRequest(factors=[factor]))

    def wait_until_followed(self) -> None:
        """Return once the books follow the registry."""
        newest = self.world.running.administrator.registry.ListChanges(
            registry_service_pb2.ListChangesRequest(page_size=1)
        ).revision
        wait(lambda: self._followed() >= newest)

    def _followed(self) -> int:
        with self.database.read() as connection:
            return outbox.cursor(connection, REGISTRY)

    def value_in_the_books(self) -> Decimal:
        """Return the heat value that every line is made with; lines and inventories agree."""
        methods = files.methods()
        values = set()
        with self.database.read() as connection:
            enterprises = store.lines.lines.c.enterprise
            for enterprise in connection.scalars(sa.select(enterprises).distinct()).all():
                lines = store.lines.current(connection, [enterprise], YEAR)
                for method_id, found in store.inventories.of_year(
                    connection, enterprise, YEAR, methods
                ).items():
                    own = [line for line in lines if line.binding.method_id == method_id]
                    total = sum((line.booked for line in own), Booked())
                    assert sum((each.booked for each in found.items), Booked()) == total
                values |= {
                    factor.quantity.value
                    for line in lines
                    for factor in line.binding.factors
                    if factor.role is Role.NET_CALORIFIC_VALUE and factor.name == self.factor
                }
        (value,) = values
        return value

    def books(self, value: Decimal) -> bool:
        """Tell whether the lines are booked with a value of the factor."""
        return self.value_in_the_books() == value

    def versions(self) -> int:
        """Return how many versions the plant's inventory has."""
        c = store.inventories.inventories.c
        with self.database.read() as connection:
            return connection.execute(
                sa.select(sa.func.count()).where(
                    c.enterprise == self.plant.partition("/")[2], c.method_id == HOME_METHOD
                )
            ).scalar_one()

    def obliged(self) -> list[int]:
        """Return the versions that obligations were made from, once trading has followed all."""
        c = obligations.c
        query = sa.select(c.inventory_version).order_by(c.version)
        with self.database.read() as connection:
            newest = revision.newest(connection)

        def followed() -> bool:
            with self.trading.read() as connection:
                return outbox.cursor(connection, "accounting") >= newest

        wait(followed)
        with self.trading.read() as connection:
            return list(connection.scalars(query))


@pytest.fixture(params=["sqlite", "postgresql"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    with ExitStack() as stack:
        apart = stack.enter_context(accounting_apart(request.param, tmp_path))
        trading = House(apart.settings, ["trading"])
        stack.callback(trading.stop)
        addresses = replace(apart.running.addresses, trading=trading.servers["trading"].address)
        running = replace(apart.running, addresses=addresses)
        yield _filled(running, apart.accounting, apart.settings, stack)


def _filled(running: Running, accounting: Killable, settings: Settings, stack: ExitStack) -> Stand:
    """Load the library, and let enterprises report a year of coal."""
    for each in library.requests(DATA):
        running.administrator.factors.ImportFactors(each)
    world = worlds.in_zone(running)
    mills = [world.enterprise() for _ in range(MILLS)]
    plant = world.enterprise(industry_code=POWER)
    wait(lambda: answers(running))
    world.desk.trading.CreateAccount(
        create_account("plant", enterprise=plant.partition("/")[2], first_year=YEAR)
    )
    for name in (*mills, plant):
        months = [f"{YEAR}-{month:02d}" for month in range(1, 7)]
        world.report(name, *(requests.fuel(name, when=month) for month in months))
    # Claims are matched over a year: this one is computed anew from its records.
    world.report(mills[0], requests.record(mills[0]), _claim(mills[0]))
    (line,) = world.report(mills[1], requests.fuel(mills[1], source_id="boiler-2")).lines
    accounting_books, trading_books = (
        stack.enter_context(closing(Database.of(settings, name)))
        for name in ("accounting", "trading")
    )
    return Stand(
        world=world,
        accounting=accounting,
        database=accounting_books,
        trading=trading_books,
        factor=line.binding.factors[0].factor,
        plant=plant,
    )


def _claim(name: str) -> activity_pb2.ActivityRecord:
    return requests.record(
        name,
        "10 MWh",
        source_id="claim",
        kind=activity_pb2.ACTIVITY_KIND_GREEN_POWER_CLAIMED,
        subject="green-certificate",
        counterparty="",
        evidence="contract 7",
        certificate="GEC-1",
    )


def test_a_restatement_that_is_killed_leaves_the_old_or_the_new_version_whole(
    stand: Stand,
) -> None:
    chance = random.Random(SEED)  # noqa: S311 (when it is killed)
    stand.wait_until_followed()
    value = stand.value_in_the_books()
    began = time.monotonic()
    stand.revise(value + 1)
    stand.wait_until_followed()
    took_s = time.monotonic() - began
    found: Counter[str] = Counter()

    for number in range(KILLS):
        old, new = value + 1 + Decimal(number) / 100, value + 1 + Decimal(number + 1) / 100
        killed_at = time.monotonic() + chance.random() * 2 * took_s
        stand.revise(new)
        wait_for_kill(
            number,
            done=partial(stand.books, new),
            chance_s=killed_at - time.monotonic(),
        )
        stand.accounting.kill()
        in_the_books = stand.value_in_the_books()
        assert in_the_books in {old, new}
        found["new" if in_the_books == new else "old"] += 1
        stand.accounting.start()
        stand.wait_until_followed()

    assert stand.value_in_the_books() == new
    # It was killed before the commit, and after it: else the fifty say nothing.
    assert found.keys() == {"old", "new"}, found
    assert stand.obliged() == list(range(1, stand.versions() + 1))
    assert stand.versions() == KILLS + 2
