"""A message as people read it: proto JSON, with days, money and decimals as one text each."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

from google.protobuf import json_format
from google.protobuf.message import Message
from google.type import date_pb2, decimal_pb2, money_pb2

_NANOS = 1_000_000_000


def plain(message: Message) -> Any:
    """Return the fields that are set, under their names in the contract.

    >>> from zonecarbon.trading.v1 import position_pb2
    >>> plain(
    ...     position_pb2.Position(
    ...         gap_value=money_pb2.Money(currency_code="CNY", units=-13, nanos=-500_000_000),
    ...         surrender_date=date_pb2.Date(year=2025, month=12, day=31),
    ...     )
    ... )
    {'gap_value': '-13.50 CNY', 'surrender_date': '2025-12-31'}
    """
    content = json_format.MessageToDict(message, preserving_proto_field_name=True)
    for field, value in message.ListFields():
        if field.message_type is not None:
            content[field.name] = (
                [_text(each) for each in value] if field.is_repeated else _text(value)
            )
    return content


def _text(message: Message) -> Any:
    write = _WRITTEN.get(message.DESCRIPTOR.full_name, plain)
    return write(message)


def _date(message: Message) -> str:
    """Return 2025-12-31, or the part of it that is known: 2025-12, 2025."""
    date = cast("date_pb2.Date", message)
    parts = (f"{date.year:04}", f"{date.month:02}", f"{date.day:02}")
    return "-".join(parts[: 1 if not date.month else 2 if not date.day else 3])


def _decimal(message: Message) -> str:
    return cast("decimal_pb2.Decimal", message).value


def _money(message: Message) -> str:
    money = cast("money_pb2.Money", message)
    return f"{money.units + Decimal(money.nanos) / _NANOS:.2f} {money.currency_code}"


_WRITTEN: dict[str, Callable[[Message], Any]] = {
    date_pb2.Date.DESCRIPTOR.full_name: _date,
    decimal_pb2.Decimal.DESCRIPTOR.full_name: _decimal,
    money_pb2.Money.DESCRIPTOR.full_name: _money,
}
