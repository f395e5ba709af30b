"""Rows of a table in one written form, so that an archive of SQLite fits PostgreSQL and back.

    integer    a number
    text       a string; decimals are text, with their digits as written
    json       a string: the JSON text as it is stored
    boolean    true or false
    date       "2024-03-31"
    instant    microseconds since 1970, in UTC
    bytes      base64
    float      hexadecimal digits, since decimal ones would be another number

None is null in each.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, cast

import psycopg
import sqlalchemy as sa

from services.runtime import columns, partitions

Value = int | str | bool | None
Row = Sequence[Value]

_AT_A_TIME = 1000
"""Rows in memory."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Kind(StrEnum):
    """What the values of a column are, in whichever database."""

    INTEGER = "integer"
    TEXT = "text"
    JSON = "json"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    BYTES = "bytes"
    FLOAT = "float"


# In this order: a Boolean is an Integer to some, and our own types stand on others.
_KINDS: Sequence[tuple[type[sa.types.TypeEngine[Any]], Kind]] = (
    (columns.Instant, Kind.INSTANT),
    (columns.DecimalText, Kind.TEXT),
    (sa.Boolean, Kind.BOOLEAN),
    (sa.Integer, Kind.INTEGER),
    (sa.String, Kind.TEXT),
    (sa.JSON, Kind.JSON),
    (sa.Date, Kind.DATE),
    (sa.LargeBinary, Kind.BYTES),
    (sa.Float, Kind.FLOAT),
)
_WRITTEN: Mapping[Kind, Callable[[Any], Value]] = {
    Kind.DATE: lambda day: day.isoformat(),
    Kind.INSTANT: lambda moment: (moment - _EPOCH) // _MICROSECOND,
    Kind.BYTES: lambda data: base64.b64encode(data).decode(),
    Kind.FLOAT: float.hex,
}
# What the drivers take beyond what is written: they get it without SQLAlchemy, ten times as fast.
_SQLITE: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.BYTES: base64.b64decode,
    Kind.FLOAT: float.fromhex,
}
_POSTGRESQL: Mapping[Kind, Callable[[Any], Any]] = {
    **_SQLITE,
    Kind.INSTANT: lambda count: _EPOCH + count * _MICROSECOND,
}


def kinds(table: sa.Table) -> dict[str, Kind]:
    """Return what each column of `table` holds, by its name, in the table's order."""
    return {column.name: _kind(column) for column in table.columns}


def read(
    connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool] | None = None
) -> Iterator[list[Value]]:
    """Yield the rows of `table`, in the order of its key."""
    of = kinds(table)
    query = sa.select(*(_plain(column, of[column.name]) for column in table.columns)).order_by(
        *table.primary_key
    )
    if where is not None:
        query = query.where(where)
    writers: list[Callable[[Any], Value]] = [_WRITTEN.get(kind, _same) for kind in of.values()]
    for row in connection.execution_options(yield_per=_AT_A_TIME).execute(query):
        yield [
            None if value is None else written(value)
            for written, value in zip(writers, row, strict=True)
        ]


def write(
    connection: sa.Connection, table: str, of: Mapping[str, Kind], rows: Iterable[Row]
) -> None:
    """Insert `rows`, whose columns are `of` these kinds, into the table of that name."""
    quote = connection.dialect.identifier_preparer.quote
    into = f"{quote(table)} ({', '.join(map(quote, of))})"
    day = partitions.column_of(connection, table)
    left = iter(rows)
    while some := list(islice(left, _AT_A_TIME)):
        if day is not None:
            place = list(of).index(day)
            partitions.make(connection, table, (_day(row[place]) for row in some))
        _put(connection, into, of, some)


def _put(connection: sa.Connection, into: str, of: Mapping[str, Kind], rows: Sequence[Row]) -> None:
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(of))
        statement = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 (names are quoted)
        connection.exec_driver_sql(statement, list(_taken(rows, of, _SQLITE)))
        return
    cursor = cast("psycopg.Cursor", connection.connection.cursor())
    with cursor, cursor.copy(f"COPY {into} FROM STDIN".encode()) as copy:
        for row in _taken(rows, of, _POSTGRESQL):
            copy.write_row(row)


def _day(written: Value) -> date:
    return date.fromisoformat(str(written))


def _taken(
    rows: Iterable[Row], of: Mapping[str, Kind], takes: Mapping[Kind, Callable[[Any], Any]]
) -> Iterator[tuple[Any, ...]]:
    """Yield `rows` as a driver takes them."""
    readers: list[Callable[[Any], Any]] = [takes.get(kind, _same) for kind in of.values()]
    for row in rows:
        yield tuple(
            None if value is None else reader(value)
            for reader, value in zip(readers, row, strict=True)
        )


def _kind(column: sa.Column[Any]) -> Kind:
    for type_, kind in _KINDS:
        if isinstance(column.type, type_):
            return kind
    raise TypeError(f"{column} is of a type that no backup knows yet: {column.type!r}")


def _plain(column: sa.Column[Any], kind: Kind) -> sa.ColumnElement[Any]:
    """Return what is asked for to get the value of `column` without what Python makes of it."""
    if kind is Kind.TEXT:
        return sa.type_coerce(column, sa.Text)
    if kind is Kind.JSON:
        return sa.cast(column, sa.Text)
    return column


def _same(value: Any) -> Any:
    return value
