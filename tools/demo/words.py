"""Enum values, days and masses as the words and figures of the demo's results."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from google.type import date_pb2

from zonecarbon.accounting.v1 import inventory_pb2
from zonecarbon.type.v1 import label_pb2, quantity_pb2, source_pb2

Result = dict[str, Any]
"""Plain values under stable keys."""

_G_PER_T = 1_000_000


def tonnes(grams: int) -> str:
    """Return grams as tonnes with all six decimals."""
    return f"{Decimal(grams) / _G_PER_T:.6f}"


def status(value: source_pb2.SourceStatus.ValueType) -> str:
    """Return the word of a status."""
    return source_pb2.SourceStatus.Name(value).removeprefix("SOURCE_STATUS_").lower()


def label(value: label_pb2.DataLabel.ValueType) -> str:
    """Return the word of a label."""
    return label_pb2.DataLabel.Name(value).removeprefix("DATA_LABEL_").lower()


def state(value: inventory_pb2.InventoryState.ValueType) -> str:
    """Return the word of an inventory's state."""
    return inventory_pb2.InventoryState.Name(value).removeprefix("INVENTORY_STATE_")


def day(message: date_pb2.Date) -> date | None:
    """Return the day, or None where it is not set."""
    return date(message.year, message.month, message.day) if message.year else None


def quantity(value: quantity_pb2.Quantity) -> str:
    """Return a quantity as it is written, with its unit."""
    return f"{value.value.value} {value.unit_code}".strip()
