"""The tables of accounting, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.accounting import store
from services.accounting.domain.activity import Kind
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Entry, Grain
from services.accounting.domain.report import Accepted
from services.accounting.store.records import Place
from services.runtime import revision, tables
from services.runtime.database import Database
from services.runtime.revision import Revision
from tests.accounting import builders

JANUARY = Grain(source_id="intake", month=builders.period("2023-01"))
REPORTER = "principals/p"


@contextmanager
def writing(database: Database) -> Iterator[tuple[sa.Connection, Revision]]:
    with database.write() as connection:
        yield connection, revision.take(connection)


def accepted(what: str = "100 MWh", when: str = "2023-01", **row: Any) -> Accepted:
    whole = builders.row(quantity=builders.quantity(what), period=builders.period(when), **row)
    assert whole.source is not None
    assert whole.period is not None
    assert whole.quantity is not None
    return Accepted(
        row=whole,
        source=whole.source,
        period=whole.period,
        quantity=whole.quantity,
        binding=builders.binding(),
    )


def report(database: Database, *rows: Accepted, enterprise: str = "mill") -> list[str]:
    with writing(database) as (connection, taken):
        return store.records.add(connection, enterprise, rows, REPORTER, taken)


def test_the_migrations_make_the_tables_that_the_code_describes(database: Database) -> None:
    declared = sa.MetaData()
    for table in (*store.metadata.tables.values(), *tables.metadata.tables.values()):
        table.to_metadata(declared)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, declared) == []


@pytest.mark.parametrize("table", sorted(store.metadata.tables))
@pytest.mark.parametrize("statement", ["UPDATE {} SET revision = 0", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_forget(
    database: Database, table: str, statement: str
) -> None:
    report(database, accepted())
    with writing(database) as (connection, taken):
        store.lines.add(connection, [builders.line()], taken)
        store.inventories.add(connection, [builders.inventory([builders.line()])], taken)

    with pytest.raises(sa.exc.DBAPIError, match="insert-only"), database.write() as connection:
        connection.exec_driver_sql(statement.format(table))


def test_a_record_comes_back_as_it_was_written(database: Database) -> None:
    evidence = "结算单 2023-01"
    (name,) = report(database, accepted("+1.50e2 10^4 kWh", evidence=evidence))

    with database.read() as connection:
        found = store.records.find(connection, "mill", name.rpartition("/")[2])
        foreign = store.records.find(connection, "other", name.rpartition("/")[2])

    assert found is not None
    assert (found.name, found.quantity.text, found.quantity.unit) == (name, "+1.50e2", "10^4 kWh")
    assert (found.evidence, found.reporter, found.revision) == (evidence, REPORTER, 1)
    assert found.source == builders.source()
    assert foreign is None


def test_the_books_hold_what_counts_and_who_replaced_what(database: Database) -> None:
    first, second = report(
        database,
        accepted("1 MWh", "2023-01-01 2023-01-11"),
        accepted("2 MWh", "2023-01-11 2023-01-21"),
    )
    (third,) = report(database, accepted("3 MWh", "2023-01-01 2023-01-05", corrects=first))

    with database.read() as connection:
        books = store.records.books(connection, "mill", {"intake"}, {JANUARY}, {first, second, ""})

    assert books.sources == {"intake": builders.source()}
    assert {entry.name: str(entry.quantity) for entry in books.current[JANUARY]} == {
        second: "2 MWh",
        third: "3 MWh",
    }
    assert {name: each.corrected_by for name, each in books.stored.items()} == {
        first: third,
        second: "",
    }
    assert {each.grain for each in books.stored.values()} == {JANUARY}


def test_the_books_of_another_enterprise_are_its_own(database: Database) -> None:
    (name,) = report(database, accepted(), enterprise="other")

    with database.read() as connection:
        books = store.records.books(connection, "mill", {"intake"}, {JANUARY}, {name})

    assert (books.sources, dict(books.current), books.stored) == ({}, {}, {})


def test_a_record_is_replaced_once_the_database_keeps_watch(database: Database) -> None:
    (first,) = report(database, accepted())
    report(database, accepted(corrects=first))

    with pytest.raises(sa.exc.IntegrityError):
        report(database, accepted(corrects=first))


def test_what_counted_at_a_revision_can_still_be_read(database: Database) -> None:
    (first,) = report(database, accepted("1 MWh"))
    (second,) = report(database, accepted("2 MWh", corrects=first))

    with database.read() as connection:
        then, now = (store.records.current(connection, "mill", 2023, at) for at in (1, 2))

    assert [each.name for each in then] == [first]
    assert [each.name for each in now] == [second]


def test_records_are_paged_in_the_order_of_storing(database: Database) -> None:
    names = [
        *report(database, accepted(when="2023-02"), accepted(when="2023-01")),
        *report(database, accepted(when="2023-03")),
    ]

    with database.read() as connection:
        beginning = Place(revision=0, order_index=0)
        first = store.records.page(connection, "mill", after=beginning, size=2)
        rest = store.records.page(connection, "mill", after=first[-1][0], size=2)
        count = store.records.count(connection)

    assert [record.name for _, record in (*first, *rest)] == names
    assert count == 3


def test_a_line_comes_back_whole_in_its_newest_version(database: Database) -> None:
    coal = builders.source(Kind.FUEL_COMBUSTION, "boiler-1")
    entries = [builders.entry("1.50 t", "2023-01-01 2023-01-02"), builders.entry("1e3 kg")]
    first = builders.line([replace(each, period=entries[0].period) for each in entries], coal)
    second = replace(first, version=2, revision=2)
    report(
        database,
        accepted(
            kind=Kind.FUEL_COMBUSTION, subject=coal.subject, counterparty="", source_id="boiler-1"
        ),
    )

    with writing(database) as (connection, taken):
        store.lines.add(connection, [first], taken)
    with writing(database) as (connection, taken):
        store.lines.add(connection, [second], taken)
    with database.read() as connection:
        found = store.lines.find(connection, "mill", "boiler-1-2023-01")
        current = store.lines.current(connection, ["mill", "other"], 2023)
        others = store.lines.current(connection, ["other"], 2023)
        bindings = connection.execute(sa.select(store.bindings.bindings.c.binding)).all()

    assert found == second
    assert current == [second]
    assert others == []
    assert len(bindings) == 1


def test_an_inventory_comes_back_in_each_of_its_versions(database: Database) -> None:
    first = builders.inventory(builders.year_of_lines()[:3])
    second = replace(builders.inventory(), version=2, revision=2)

    for inventory in (first, second):
        with writing(database) as (connection, taken):
            store.inventories.add(connection, [inventory], taken)

    def find(version: int) -> Inventory | None:
        with database.read() as connection:
            found = store.inventories.find(connection, "mill", 2023, version)
            return found[0] if found else None

    assert [find(version) for version in (1, 2, 0, 3)] == [first, second, second, None]
    with database.read() as connection:
        assert store.inventories.current(connection, ["mill"], 2023) == {"mill": second}
        assert store.inventories.current(connection, ["other"], 2023) == {}
        assert store.inventories.years(connection) == [2023]


def test_entries_of_other_months_stay_out_of_a_grain(database: Database) -> None:
    report(database, accepted(when="2023-01"), accepted(when="2023-02"), accepted(when="2023-03"))
    march = Grain(source_id="intake", month=builders.period("2023-03"))

    with database.read() as connection:
        books = store.records.books(connection, "mill", {"intake"}, {JANUARY, march}, set())

    assert set(books.current) == {JANUARY, march}
    assert all(isinstance(each, Entry) for entries in books.current.values() for each in entries)
