"""Many rows into a table, by what its database takes fastest.

SQLAlchemy would look at each value of each row on its way. Here a column's type is asked once what
it makes of a value, and the driver takes the rest: PostgreSQL by COPY in its binary format, SQLite
by one prepared statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any, cast

import psycopg
import sqlalchemy as sa


def insert(connection: sa.Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert `rows` into `table`: each names a value of every column, as SQLAlchemy takes it.

    Raises:
        sqlalchemy.exc.DBAPIError, psycopg.Error: the database refuses them; all of them then.
    """
    dialect = connection.dialect
    quote = dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(column.name) for column in table.columns)})"
    values = _values(table, dialect, rows)
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 (names are quoted)
        if some := list(values):
            connection.exec_driver_sql(statement, some)
        return
    cursor = cast("psycopg.Cursor", connection.connection.cursor())
    with cursor, cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)".encode()) as copy:
        copy.set_types([column.type.compile(dialect).lower() for column in table.columns])
        for each in values:
            copy.write_row(each)


def _values(
    table: sa.Table, dialect: sa.Dialect, rows: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    """Yield rows as the driver takes them, in the order of the table's columns."""
    ordered = itemgetter(*(column.name for column in table.columns))
    processors = [
        column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns
    ]
    made = [(at, process) for at, process in enumerate(processors) if process is not None]
    for row in rows:
        values = list(ordered(row))
        for at, process in made:
            values[at] = process(values[at])
        yield tuple(values)
