"""The tables of trading, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.kernel.errors import NotFound
from services.runtime import revision, tables
from services.runtime.auth import EVERYONE, Tenant
from services.runtime.database import Database
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.account import Account
from services.trading.domain.market import Sector
from services.trading.domain.price import Price, PriceKind
from tests.trading import builders, reconciled

OURS = Tenant(frozenset({"chp"}))
THEIRS = Tenant(frozenset({"other"}))


@contextmanager
def writing(database: Database) -> Iterator[tuple[sa.Connection, Revision]]:
    with database.write() as connection:
        yield connection, revision.take(connection)


def with_account(database: Database, account: Account | None = None) -> Account:
    account = account or builders.account()
    with writing(database) as (connection, taken):
        store.accounts.add(connection, account, taken)
    return account


def test_the_migrations_make_the_tables_that_the_code_describes(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        expected = [store.metadata, tables.metadata]

        assert compare_metadata(context, expected) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "table",
    # The ledger's and the desk's have tests of their own.
    [
        each.name
        for each in store.metadata.sorted_tables
        if not each.name.startswith(("ledger_", "desk_")) and each.name not in reconciled.TABLES
    ],
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET account = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_forget(
    database: Database, table: str, statement: str
) -> None:
    account = with_account(database)
    with writing(database) as (connection, taken):
        store.allocations.add(connection, builders.allocation(), None, taken)
        store.obligations.add(connection, builders.obligation(), None, taken)
        store.holdings.add(
            connection, account, builders.statement("2025-01-01", 1).value, None, taken
        )
        store.prices.add(connection, [(builders.price(), None)], taken)
        store.evidence.add_inventory(connection, account, builders.inventory(), taken)
        store.evidence.add_verification(connection, account, builders.verified(), taken)
        store.ledger.instruments.add(connection, builders.offset_instrument(), taken)
        store.offsets.add(connection, account, builders.offset_facts(), None, taken)
        store.duties.add(connection, account, builders.duty_record(), None, taken)
    if table == "prices":
        statement = statement.replace("account", "product")

    with (
        pytest.raises(sa.exc.DBAPIError, match=f"{table} is insert-only"),
        database.write() as connection,
    ):
        connection.exec_driver_sql(statement.format(table))


def test_an_account_is_seen_by_its_tenant_alone(database: Database) -> None:
    account = with_account(database)
    with_account(database, builders.account("other", sector=Sector.STEEL))

    with database.read() as connection:
        assert store.accounts.get(connection, OURS, "chp").value == account
        assert [each.value.account for each in store.accounts.page(connection, EVERYONE)] == [
            "chp",
            "other",
        ]
        assert [each.value.account for each in store.accounts.page(connection, THEIRS)] == ["other"]
        assert store.accounts.of_enterprise(connection, THEIRS, "chp") is None
        for name in ("chp", "missing"):
            with pytest.raises(NotFound) as caught:
                store.accounts.get(connection, THEIRS, name)
            assert caught.value == NotFound(name=f"accounts/{name}")


def test_an_allocation_comes_back_as_it_was_stored(database: Database) -> None:
    account = with_account(database)
    first = builders.allocation(
        builders.production(electricity="1e5 MWh", heat="50000.00 GJ", load_factor="0.60"),
        builders.production("unit-2", unit_class="III"),
    )
    second = replace(first, rulebook_version=2)
    with writing(database) as (connection, taken):
        before = store.allocations.add(connection, first, None, taken)
        store.allocations.add(connection, second, before, taken)

    with database.read() as connection:
        found = store.allocations.newest(connection, account, 2024)
        assert store.allocations.newest(connection, account, 2023) is None

    assert found is not None
    assert (found.value, found.version, found.revision) == (second, 2, taken.number)
    assert found.value.units[0].steps == first.units[0].steps
    assert found.value.units[0].production.heat.text == "50000.00"
    assert found.create_time == taken.commit_time


def test_statements_of_one_vintage_and_origin_follow_each_other(database: Database) -> None:
    account = with_account(database)
    first = builders.statement("2025-04-25", 700).value
    second = builders.statement("2025-08-25", 1000).value
    with writing(database) as (connection, taken):
        before = store.holdings.add(connection, account, first, None, taken)
        store.holdings.add(connection, account, second, before, taken)

    with database.read() as connection:
        found = store.holdings.statements(connection, account)

    assert [(each.value, each.version) for each in found] == [(first, 1), (second, 2)]


def test_obligations_known_and_unknown_come_back(database: Database) -> None:
    account = with_account(database)
    known = builders.obligation(version=3)
    unknown = builders.obligation(version=4, missing="December")
    for obligation in (known, unknown):
        with writing(database) as (connection, taken):
            before = store.obligations.newest(connection, account, 2024)
            store.obligations.add(connection, obligation, before, taken)
            found = store.obligations.newest(connection, account, 2024)

        assert found is not None
        assert found.value == obligation
        assert found.value.inventory_version == obligation.inventory_version
    with database.read() as connection:
        assert store.positions.years(connection) == [2024]


def test_a_version_of_an_inventory_or_of_a_verification_is_followed_once(
    database: Database,
) -> None:
    account = with_account(database)
    with writing(database) as (connection, taken):
        store.evidence.add_inventory(connection, account, builders.inventory(), taken)
        store.evidence.add_verification(connection, account, builders.verified(), taken)

    with (
        pytest.raises(sa.exc.IntegrityError),
        writing(database) as (connection, taken),
    ):
        store.evidence.add_inventory(connection, account, builders.inventory(1), taken)
    with (
        pytest.raises(sa.exc.IntegrityError),
        writing(database) as (connection, taken),
    ):
        store.evidence.add_verification(connection, account, builders.verified(), taken)


def test_the_cursor_can_go_back(database: Database) -> None:
    for number in (0, 7, 0, 9):
        with database.write() as connection:
            store.obligations.follow_from(connection, number)
        with database.read() as connection:
            assert store.obligations.followed(connection) == number


def save(database: Database, *prices: Price) -> None:
    with writing(database) as (connection, taken):
        known = store.prices.current(connection, frozenset(each.product for each in prices))
        store.prices.add(connection, [(each, known.get(each.key)) for each in prices], taken)


def test_a_corrected_price_is_a_new_version_and_the_one_that_counts(database: Database) -> None:
    save(database, builders.price("76.39"))
    save(database, builders.price("76.40"))

    with database.read() as connection:
        found = store.positions.price(connection, "CEA24", by=date(2026, 1, 1))
        (listed,) = store.prices.page(connection, "CEA24", after=None, size=10)

    assert found == listed
    assert (str(listed.value.price_cny_per_t), listed.version) == ("76.40", 2)
    assert listed.value.source == builders.price().source


def test_a_vintage_is_valued_by_its_own_price_else_by_that_of_all(database: Database) -> None:
    own = builders.price(product="CEA24")
    of_all = builders.price("97.49", product="CEA", period=("2024-12-01", "2025-01-01"))
    save(database, own, of_all)

    def price_on(day: date) -> Price | None:
        with database.read() as connection:
            found = store.positions.price_of_vintage(connection, 2024, builders.market(), by=day)
        return None if found is None else found.value

    assert price_on(date.max) == price_on(date(2025, 12, 31)) == own
    assert price_on(date(2025, 12, 30)) == price_on(date(2024, 12, 31)) == of_all
    assert price_on(date(2024, 12, 30)) is None


def test_the_prices_of_a_product_come_page_by_page_oldest_first(database: Database) -> None:
    periods = [("2025-01-01", "2026-01-01"), ("2025-12-01", "2026-01-01"), ("2025-12-30",) * 2]
    prices = [
        builders.price(kind=kind, period=(start, end if start != end else "2025-12-31"))
        for start, end in periods
        for kind in PriceKind
    ]
    save(database, *prices, builders.price(product="CEA23"))

    seen: list[Price] = []
    with database.read() as connection:
        while page := store.prices.page(
            connection,
            "CEA24",
            after=store.prices.page_key(seen[-1]) if seen else None,
            size=2,
        ):
            seen += [each.value for each in page]

    expected = sorted(prices, key=lambda each: (each.period.end, each.period.start, each.kind))
    assert seen == expected
