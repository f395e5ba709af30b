"""Many rows at once read back as those that SQLAlchemy inserts one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given

from services.runtime import bulk
from services.runtime.columns import DecimalText, Instant
from services.runtime.database import Database
from tests.runtime.everything import EVERYTHING
from tests.runtime.everything import ROWS as ANY_ROWS

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {
        "key": number,
        "text": text,
        "day": date(2024, 2, 29) + timedelta(days=number),
        "moment": NOW + timedelta(microseconds=number),
        "decimal": Decimal("1.50") + number,
        "listed": [["1.50", "t"], {"é": number}],
        "maybe": None if number % 2 else {"CH4": 2**53 + number},
        "content": bytes(range(256)),
        "large": 2**62 + number,
        "small": -number,
    }
    for number, text in enumerate(["", "\\N", 'a\tb\nc\\d"e', "表底数 ½", "'; --"])
]


@pytest.fixture
def table(database: Database) -> sa.Table:
    """A table with a column of each type that the services have."""
    made = sa.Table(
        "many",
        sa.MetaData(),
        sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("text", sa.Text),
        sa.Column("day", sa.Date),
        sa.Column("moment", Instant),
        sa.Column("decimal", DecimalText),
        sa.Column("listed", sa.JSON),
        sa.Column("maybe", sa.JSON(none_as_null=True)),
        sa.Column("content", sa.LargeBinary),
        sa.Column("large", sa.BigInteger),
        sa.Column("small", sa.SmallInteger),
    )
    with database.write() as connection:
        made.create(connection)
    return made


def test_rows_are_what_single_inserts_would_make_them(database: Database, table: sa.Table) -> None:
    with database.write() as connection:
        bulk.insert(connection, table, ROWS)
        connection.execute(sa.insert(table), [{**row, "key": row["key"] + 100} for row in ROWS])

    with database.read() as connection:
        found = connection.execute(sa.select(table).order_by(table.c.key)).mappings().all()
        nulls = sa.select(sa.func.count()).where(table.c.maybe.is_(sa.null()))
        assert connection.execute(nulls).scalar_one() == 4
    at_once, one_by_one = found[: len(ROWS)], found[len(ROWS) :]
    assert [dict(row) for row in at_once] == ROWS
    assert [{**row, "key": row["key"] - 100} for row in one_by_one] == ROWS


def test_rows_are_gone_with_their_transaction(database: Database, table: sa.Table) -> None:
    def broken_off() -> None:
        with database.write() as connection:
            bulk.insert(connection, table, ROWS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_off()

    with database.read() as connection:
        assert connection.execute(sa.select(table)).all() == []


def test_nothing_is_inserted_for_no_rows(database: Database, table: sa.Table) -> None:
    with database.write() as connection:
        bulk.insert(connection, table, [])

    with database.read() as connection:
        assert connection.execute(sa.select(table)).all() == []


def test_a_row_without_a_value_for_a_column_is_a_defect(
    database: Database, table: sa.Table
) -> None:
    row = {name: value for name, value in ROWS[0].items() if name != "large"}

    with pytest.raises(KeyError, match="large"), database.write() as connection:
        bulk.insert(connection, table, [row])


def _whole(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows that name a value of every column."""
    return [
        {column.name: value.get(column.name) for column in EVERYTHING.columns} | {"id": number}
        for number, value in enumerate(values)
    ]


def _held(database: Database) -> list[Any]:
    with database.engine.begin() as connection:
        held = connection.execute(sa.select(EVERYTHING).order_by(EVERYTHING.c.id)).all()
        connection.execute(sa.delete(EVERYTHING))
    return list(held)


@given(values=ANY_ROWS)
def test_rows_in_bulk_become_what_they_would_become_one_by_one(
    everywhere: dict[str, Database], values: list[dict[str, Any]]
) -> None:
    rows = _whole(values)
    for database in everywhere.values():
        with database.engine.begin() as connection:
            for row in rows:
                connection.execute(sa.insert(EVERYTHING).values(row))
        one_by_one = _held(database)
        with database.engine.begin() as connection:
            bulk.insert(connection, EVERYTHING, rows)

        assert _held(database) == one_by_one


def test_where_one_row_is_refused_none_is_there(everywhere: dict[str, Database]) -> None:
    twice = [*_whole([{}, {}]), *_whole([{}])]
    for database in everywhere.values():
        refused = pytest.raises((sa.exc.IntegrityError, psycopg.errors.UniqueViolation))
        with refused, database.migrating() as connection:
            bulk.insert(connection, EVERYTHING, twice)

        assert _held(database) == []
