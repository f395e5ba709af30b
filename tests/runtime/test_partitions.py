"""Tables that PostgreSQL keeps by the month, seen by who writes, who reads and who would change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest
import sqlalchemy as sa

from services.runtime import bulk, partitions, tables
from services.runtime.database import Database

readings = sa.Table(
    "readings",
    sa.MetaData(),
    sa.Column("day_date", sa.Date, primary_key=True),
    sa.Column("count", sa.BigInteger),
    postgresql_partition_by="RANGE (day_date)",
)
JANUARY, LAST_OF_JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with a table of days."""
    with closing(Database(database_url, "meters")) as database:
        with database.migrating() as connection:
            readings.create(connection)
            tables.insert_only(connection, readings.name)
        yield database


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Database]:
    """The same on PostgreSQL, with what was read in January."""
    with closing(Database(postgresql_url, "meters")) as database:
        with database.migrating() as connection:
            readings.create(connection)
            tables.insert_only(connection, readings.name)
            _write(connection, JANUARY)
        yield database


def _write(connection: sa.Connection, *days: date) -> None:
    partitions.make(connection, readings.name, days)
    bulk.insert(connection, readings, [{"day_date": day, "count": day.day} for day in days])


def _days(connection: sa.Connection) -> list[date]:
    return list(connection.scalars(sa.select(readings.c.day_date).order_by(readings.c.day_date)))


def test_what_is_written_by_the_month_is_read_as_one_table(database: Database) -> None:
    with database.engine.begin() as connection:
        _write(connection, FEBRUARY, JANUARY)
    with database.engine.begin() as connection:
        _write(connection, LAST_OF_JANUARY)

    with database.engine.connect() as connection:
        assert _days(connection) == [JANUARY, LAST_OF_JANUARY, FEBRUARY]


def test_postgresql_keeps_each_month_in_a_table_of_its_own(postgresql: Database) -> None:
    with postgresql.engine.begin() as connection:
        _write(connection, FEBRUARY, LAST_OF_JANUARY)

        assert partitions.by_name(connection) == {
            "readings_2024_01": "readings",
            "readings_2024_02": "readings",
        }
        count = sa.text("SELECT count(*) FROM readings_2024_01")
        assert connection.execute(count).scalar_one() == 2
        assert partitions.column_of(connection, "readings") == "day_date"
        assert partitions.column_of(connection, "readings_2024_01") is None


def test_sqlite_keeps_the_table_whole(database: Database) -> None:
    with database.engine.begin() as connection:
        _write(connection, JANUARY)
        if connection.dialect.name == "sqlite":
            assert partitions.by_name(connection) == {}
            assert partitions.column_of(connection, "readings") is None


def test_a_look_at_a_month_leaves_the_others_alone(postgresql: Database) -> None:
    with postgresql.engine.begin() as connection:
        _write(connection, FEBRUARY)
        plan = connection.exec_driver_sql(
            "EXPLAIN SELECT * FROM readings WHERE day_date >= '2024-02-01'"
        )
        looked_at = " ".join(line for (line,) in plan)

    assert "readings_2024_02" in looked_at
    assert "readings_2024_01" not in looked_at


def test_a_reader_in_the_middle_of_its_look_does_not_hold_a_new_month_up(
    postgresql: Database,
) -> None:
    with postgresql.read() as reader:
        assert _days(reader) == [JANUARY]
        with postgresql.engine.begin() as writer:
            writer.exec_driver_sql("SET LOCAL lock_timeout = 1")
            _write(writer, FEBRUARY)

        assert _days(reader) == [JANUARY]
    with postgresql.read() as later:
        assert _days(later) == [JANUARY, FEBRUARY]


def test_a_month_that_was_rolled_back_is_made_by_who_comes_next(postgresql: Database) -> None:
    with postgresql.engine.connect() as connection:
        _write(connection, FEBRUARY)
        connection.rollback()

    with postgresql.engine.begin() as connection:
        assert "readings_2024_02" not in partitions.by_name(connection)
        _write(connection, FEBRUARY)
        assert _days(connection) == [JANUARY, FEBRUARY]


@pytest.mark.parametrize("statement", ["UPDATE {} SET count = 0", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["readings", "readings_2024_01"])
def test_a_month_refuses_to_forget_by_either_name(
    postgresql: Database, table: str, statement: str
) -> None:
    refusal = pytest.raises(sa.exc.DBAPIError, match=f"{table} is insert-only")
    with refusal, postgresql.engine.begin() as connection:
        connection.exec_driver_sql(statement.format(table))
