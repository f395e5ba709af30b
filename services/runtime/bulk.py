"""Many rows at once: what the database's own driver takes them by.

An insert of SQLAlchemy's looks at each value of each row, which takes longer than the database
does. Here each column's values are prepared together, by the same processors, and the rows go by
COPY in its binary format to PostgreSQL and by one prepared statement to SQLite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

Prepare = Callable[[Any], Any]


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, each with a value for every column, in the transaction of `connection`.

    Raises:
        KeyError: a row has no value for some column.
        sqlalchemy.exc.DBAPIError, psycopg.Error: the database refuses a row, and so all of them.
    """
    if not rows:
        return
    dialect = connection.dialect
    columns = [
        [prepare(row[name]) for row in rows] if prepare else [row[name] for row in rows]
        for name, prepare in _columns(table, dialect)
    ]
    values = list(zip(*columns, strict=True))
    names = ", ".join(column.name for column in table.columns)
    if dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        statement = f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([column.type.compile(dialect).lower() for column in table.columns])
            for each in values:
                copy.write_row(each)
    else:
        marks = ", ".join("?" * len(table.columns))
        # The names are our own.
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
        connection.exec_driver_sql(statement, values)


def _columns(table: sa.Table, dialect: sa.Dialect) -> tuple[tuple[str, Prepare | None], ...]:
    """Return the columns of a table, each with what turns a value into one of the driver's."""
    return tuple(
        (column.name, column.type.dialect_impl(dialect).bind_processor(dialect))
        for column in table.columns
    )
