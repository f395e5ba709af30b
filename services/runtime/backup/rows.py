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
from typing import Any

import sqlalchemy as sa

from services.runtime import columns

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


class _JsonText(sa.types.TypeDecorator[str]):
    """JSON as its text: read by nobody on its way, so that no digit of it changes."""

    impl = sa.Text
    cache_ok = True

    def bind_expression(self, bindparam: sa.BindParameter[str]) -> sa.ColumnElement[Any]:
        """Tell PostgreSQL that the text is JSON."""
        return sa.cast(sa.type_coerce(bindparam, sa.Text), sa.JSON)


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
_TYPES: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    Kind.INTEGER: sa.BigInteger(),
    Kind.TEXT: sa.Text(),
    Kind.JSON: _JsonText(),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.DATE: sa.Date(),
    Kind.INSTANT: columns.Instant(),
    Kind.BYTES: sa.LargeBinary(),
    Kind.FLOAT: sa.Double(),
}
_WRITTEN: Mapping[Kind, Callable[[Any], Value]] = {
    Kind.DATE: lambda day: day.isoformat(),
    Kind.INSTANT: lambda moment: (moment - _EPOCH) // _MICROSECOND,
    Kind.BYTES: lambda data: base64.b64encode(data).decode(),
    Kind.FLOAT: float.hex,
}
_READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.DATE: date.fromisoformat,
    Kind.INSTANT: lambda count: _EPOCH + count * _MICROSECOND,
    Kind.BYTES: base64.b64decode,
    Kind.FLOAT: float.fromhex,
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
    is_sqlite = connection.dialect.name == "sqlite"
    types = {**_TYPES, Kind.JSON: sa.Text()} if is_sqlite else _TYPES
    into = sa.insert(sa.table(table, *(sa.column(name, types[kind]) for name, kind in of.items())))
    readers: list[Callable[[Any], Any]] = [_READ.get(kind, _same) for kind in of.values()]
    left = iter(rows)
    while some := list(islice(left, _AT_A_TIME)):
        values = [
            {
                name: None if value is None else reader(value)
                for name, reader, value in zip(of, readers, row, strict=True)
            }
            for row in some
        ]
        connection.execute(into, values)


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
