from __future__ import annotations

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given

from services.runtime import bulk
from services.runtime.database import Database
from tests.runtime.everything import EVERYTHING, ROWS


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


@given(values=ROWS)
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
