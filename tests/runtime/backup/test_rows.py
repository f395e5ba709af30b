from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given

from services.admin import HOUSE
from services.runtime.backup import rows
from services.runtime.backup.contents import Contents
from services.runtime.backup.rows import Kind
from services.runtime.database import Database
from tests.runtime.everything import EVERYTHING, ROWS

KINDS = [
    Kind.INTEGER,
    Kind.INTEGER,
    Kind.TEXT,
    Kind.TEXT,
    Kind.JSON,
    Kind.BOOLEAN,
    Kind.DATE,
    Kind.INSTANT,
    Kind.BYTES,
    Kind.FLOAT,
]


def _filled(database: Database, values: list[dict[str, Any]]) -> list[Any]:
    """Put the values into the table in place of its rows; return how rows write them."""
    with database.engine.begin() as connection:
        connection.execute(sa.delete(EVERYTHING))
        for number, value in enumerate(values):
            connection.execute(sa.insert(EVERYTHING).values(id=number, **value))
        return list(rows.read(connection, EVERYTHING))


def _refilled(database: Database, written: list[Any]) -> list[Any]:
    """Put written rows into the table in place of its rows; return how they are written now."""
    lines = [orjson.loads(orjson.dumps(row)) for row in written]
    with database.engine.begin() as connection:
        connection.execute(sa.delete(EVERYTHING))
        rows.write(connection, EVERYTHING.name, rows.kinds(EVERYTHING), lines)
        return list(rows.read(connection, EVERYTHING))


@given(values=ROWS)
def test_rows_go_from_any_database_into_any_other_and_stay_what_they_are(
    everywhere: dict[str, Database], values: list[dict[str, Any]]
) -> None:
    for source in everywhere.values():
        written = _filled(source, values)
        with source.engine.connect() as connection:
            held = connection.execute(sa.select(EVERYTHING)).all()
        for target in everywhere.values():
            assert _refilled(target, written) == written
            with target.engine.connect() as connection:
                assert connection.execute(sa.select(EVERYTHING)).all() == held


def test_every_kind_of_column_is_told_from_the_others() -> None:
    assert list(rows.kinds(EVERYTHING).values()) == KINDS
    assert set(KINDS) == set(Kind)


@pytest.mark.parametrize("contents", HOUSE.values(), ids=HOUSE)
def test_every_column_of_every_service_can_be_written(contents: Contents) -> None:
    for table in contents.tables:
        assert rows.kinds(table)
        assert table.primary_key.columns, f"{table.name} has no order"


def test_a_type_that_nobody_thought_of_is_refused_and_not_guessed() -> None:
    table = sa.Table("odd", sa.MetaData(), sa.Column("odd", sa.Interval))

    with pytest.raises(TypeError, match=r"odd\.odd is of a type that no backup knows yet"):
        rows.kinds(table)


def test_json_keeps_the_digits_that_it_was_stored_with(tmp_path: Path) -> None:
    exact = '{"a": 1.50, "b": 12345678901234567890123}'
    with closing(Database(f"sqlite:///{tmp_path / 'x.db'}", "x")) as database:
        with database.migrating() as connection:
            EVERYTHING.create(connection)
            connection.exec_driver_sql(
                "INSERT INTO everything (id, document) VALUES (1, ?)", (exact,)
            )
        with database.read() as connection:
            (row,) = rows.read(connection, EVERYTHING)

    assert row[KINDS.index(Kind.JSON)] == exact
